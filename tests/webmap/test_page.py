"""The pages: nothing from outside, every script with the nonce, both languages whole."""

from __future__ import annotations

import inspect
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import folium.plugins
import pytest
from folium.elements import JSCSSMixin

from gis.errors import NotFoundError
from gis.webmap.assets import STATIC
from gis.webmap.offline import OfflineMap
from gis.webmap.page import render_docs, render_map, render_start
from gis.webmap.words import LANGUAGES, read_words

if TYPE_CHECKING:
    from gis.workspace import Workspace

WEBMAP = STATIC.parent
SOURCES = [*sorted((STATIC / "app").glob("*.js")), *sorted((WEBMAP / "templates").glob("*.html"))]
PREFIXES = (
    "level_",
    "provenance_",
    "confidence_",
    "recipe_",
    "draw_",
    "drawn_",
    "option_",
    "datum_",
    "verdict_",
    "certainty_",
    "relation_",
    "alternative_",
    "gap_",
    "face_",
    "direction_",
)


class Links(HTMLParser):
    """Collects addresses, handlers, and scripts and styles without a nonce."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.bare: list[str] = []
        self.lang: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag refers to."""
        values = dict(attrs)
        self.addresses += [values[name] or "" for name in ("src", "href") if name in values]
        self.handlers += [name for name in values if name.startswith("on")]
        if tag in {"script", "style"} and values.get("nonce") != "n0nce":
            self.bare.append(tag)
        if tag == "html":
            self.lang = values.get("lang")


@pytest.fixture(params=["map", "start", "docs"])
def page(request: pytest.FixtureRequest, workspace: Workspace) -> str:
    """Return each kind of page."""
    if request.param == "map":
        return render_map(workspace, "framework", nonce="n0nce", language="en")
    render = render_start if request.param == "start" else render_docs
    return render(workspace, nonce="n0nce", language="en")


def test_a_page_refers_to_our_own_server_only(page: str) -> None:
    links = Links()
    links.feed(page)
    assert links.addresses
    assert [address for address in links.addresses if not address.startswith(("/", "?", "#"))] == []
    assert [address for address in links.addresses if address.startswith("//")] == []


def test_every_script_and_style_has_the_nonce_and_no_tag_a_handler(page: str) -> None:
    links = Links()
    links.feed(page)
    assert (links.bare, links.handlers) == ([], [])


def test_a_page_says_its_language(page: str) -> None:
    links = Links()
    links.feed(page)
    assert links.lang == "en"


def test_the_leaflet_map_is_a_global_variable(workspace: Workspace) -> None:
    assert "var map_hubs = L.map(" in render_map(workspace, "hubs", nonce="n0nce")


def test_a_page_is_the_same_for_the_same_nonce(workspace: Workspace) -> None:
    first = render_map(workspace, "framework", nonce="n0nce")
    assert render_map(workspace, "framework", nonce="n0nce") == first


def test_an_unknown_map_is_not_found(workspace: Workspace) -> None:
    with pytest.raises(NotFoundError):
        render_map(workspace, "styles", nonce="n0nce")


def test_no_folium_class_we_use_loads_from_outside() -> None:
    plugins = {name for name, _ in inspect.getmembers(folium.plugins, inspect.isclass)}
    source = "\n".join(path.read_text(encoding="utf-8") for path in WEBMAP.rglob("*.py"))
    assert {name for name in plugins if re.search(rf"\b{name}\(", source)} == set()
    assert issubclass(OfflineMap, JSCSSMixin)
    loaded = [url for _, url in [*OfflineMap.default_js, *OfflineMap.default_css]]
    assert all(url.startswith("/static/vendor/") for url in loaded)
    assert all((STATIC / url.removeprefix("/static/")).is_file() for url in loaded)


def test_popups_tooltips_and_html_strings_are_not_used() -> None:
    sinks = (
        r"folium\.(Popup|Tooltip|GeoJsonPopup|GeoJsonTooltip|DivIcon)\("
        r"|innerHTML|outerHTML|insertAdjacentHTML|bindPopup|bindTooltip|document\.write"
    )
    found = [
        path.name for path in [*SOURCES, *WEBMAP.glob("*.py")] if re.search(sinks, path.read_text("utf-8"))
    ]
    assert found == []


def test_templates_pass_only_what_was_rendered_or_escaped_as_safe() -> None:
    marked = {
        name
        for path in SOURCES
        for name in re.findall(r"\{\{ *(\w+)\|safe", path.read_text(encoding="utf-8"))
    }
    assert marked == {"header", "html", "script", "modules", "config"}


def test_every_wording_has_both_languages_and_is_used() -> None:
    words = read_words()
    assert all(getattr(text, language).strip() for text in words.values() for language in LANGUAGES)
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    unused = {key for key in words if not key.startswith(PREFIXES) and not re.search(rf"\b{key}\b", source)}
    assert unused == set()


def test_every_wording_asked_for_exists() -> None:
    asked = {
        key
        for path in SOURCES
        for key in re.findall(
            r"""\b(?:say|line)\(["'](\w+)["']|data-word(?:-\w+)?="(\w+)\"""", path.read_text("utf-8")
        )
        for key in key
        if key
    }
    assert asked <= set(read_words())


def test_a_script_is_at_most_three_hundred_lines() -> None:
    for path in Path(STATIC / "app").glob("*.js"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path.name
