"""The public profile of the shipped data: nothing of a sensitive layer anywhere in the file."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pikepdf
import pypdf
import pytest

from gis.settings import read_settings
from gis.sheets.numbering import frame_at
from gis.sheets.options import SheetOptions
from gis.sheets.series import print_series
from gis.workspace import open_workspace

if TYPE_CHECKING:
    from gis.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
PLAIN = {"id", "kind", "status", "confidence", "method", "source", "name_en"}
"""Cells that are words of the catalogue rather than of the thing, or never on a sheet."""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    home = str(tmp_path_factory.mktemp("home"))
    return open_workspace(settings=read_settings({"GIS_HOME": home}, workspace=ROOT))


def sensitive_words(workspace: Workspace) -> set[str]:
    """Names, titles, legend labels and further text of sensitive layers that no other layer uses."""
    words: set[str] = set()
    for layer in workspace.layers.values():
        if not layer.entry.sensitive:
            continue
        words |= {layer.entry.title.zh, layer.entry.title.en}
        if layer.frame is None:
            continue
        styles = {workspace.styles.find(kind, layer.entry.style).label.zh for kind in layer.frame["kind"]}
        words |= styles | set(texts(layer.frame.drop(columns="geometry").to_dict("records")))
    return {word for word in words if len(word) > 2}


def texts(rows: list[dict[str, Any]]) -> list[str]:
    return [
        value for row in rows for key, value in row.items() if isinstance(value, str) and key not in PLAIN
    ]


def public_words(workspace: Workspace) -> str:
    """Text of the layers that are not sensitive, which may share a word."""
    parts: list[str] = []
    for layer in workspace.layers.values():
        if not layer.entry.sensitive:
            parts += [layer.entry.title.zh, layer.entry.title.en]
            if layer.frame is not None:
                parts += texts(layer.frame.drop(columns="geometry").to_dict("records"))
    return "\n".join(parts)


def everything_in(path: Path) -> str:
    """All text, metadata, layer names and streams of a file."""
    text = "".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    with pikepdf.open(path) as document:
        text += " ".join(str(value) for value in document.docinfo.values())
        text += " ".join(str(group.Name) for group in document.Root.OCProperties.OCGs)
        for item in document.objects:
            if isinstance(item, pikepdf.Stream):
                text += item.read_bytes().decode("utf-8", "ignore")
    return text


def sheets_of_sensitive(workspace: Workspace) -> list[str]:
    """Numbers of the 1:250 000 sheets on which something sensitive lies."""
    found: set[str] = set()
    for layer in workspace.layers.values():
        if layer.entry.sensitive and layer.frame is not None:
            points = layer.frame.geometry.representative_point()
            found |= {
                frame_at(x, y, 250_000).number
                for x, y in zip(points.x, points.y, strict=True)
                if not math.isnan(x)
            }
    return sorted(found)


@pytest.mark.parametrize("theme", ["framework", "hubs", "control"])
def test_no_word_of_a_sensitive_layer_is_in_a_public_file(
    shipped: Workspace, tmp_path: Path, theme: str
) -> None:
    numbers = sheets_of_sensitive(shipped)
    assert numbers
    (path,) = print_series(
        shipped,
        numbers,
        tmp_path,
        options=SheetOptions(on=date(2026, 3, 15), theme=theme, profile="public"),
        single_pdf="all",
    )
    content, shared = everything_in(path), public_words(shipped)
    found = {word for word in sensitive_words(shipped) if word in content and word not in shared}
    assert found == set()


def test_the_internal_file_does_carry_them(shipped: Workspace, tmp_path: Path) -> None:
    numbers = sheets_of_sensitive(shipped)
    options = SheetOptions(on=date(2026, 3, 15), theme="hubs")
    (path,) = print_series(shipped, numbers, tmp_path, options=options, single_pdf="all")
    assert any(word in everything_in(path) for word in sensitive_words(shipped))
