"""Where the scripts, styles and templates of the pages lie; no map library is loaded for them."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

STATIC = Path(__file__).with_name("static")
TEMPLATES = Path(__file__).with_name("templates")
STATIC_URL = "/static"


def static_url(path: str) -> str:
    """Return the address of a file below ``gis/webmap/static``."""
    return f"{STATIC_URL}/{path}"


def make_environment() -> Environment:
    """Return the Jinja environment of all pages: everything escaped, a missing name an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
