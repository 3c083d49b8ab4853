"""A Chinese face cut down to the characters of one page, for files that have nothing beside them."""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

FACE = Path(__file__).resolve().parents[1] / "fonts" / "NotoSansSC-Regular.ttf"
FAMILY = "Noto Sans SC Variable"
"""The name under which the pages' style sheets ask for the face that is our own."""


def embed_face(text: str) -> Markup:
    """Return the style tag that brings the characters of a text; a machine with a Chinese face leaves it."""
    content = base64.b64encode(cut_face("".join(sorted(set(text))))).decode("ascii")
    source = f'url("data:font/woff;base64,{content}") format("woff")'
    return Markup(  # noqa: S704 - base64
        f'<style>@font-face {{ font-family: "{FAMILY}"; font-weight: 400; src: {source}; }}</style>'
    )


@lru_cache(maxsize=8)
def cut_face(characters: str) -> bytes:
    """Return the face with these characters alone, as WOFF; the same bytes for the same characters."""
    from fontTools.subset import Options, Subsetter, load_font

    options = Options(flavor="woff", layout_features=[], hinting=False, name_IDs=[], notdef_outline=True)
    subsetter = Subsetter(options)
    subsetter.populate(text=characters)
    written = io.BytesIO()
    with load_font(str(FACE), options, lazy=True) as font:
        subsetter.subset(font)
        font.flavor = "woff"
        font.save(written)
    return written.getvalue()
