"""One web map as one HTML file that opens from a USB stick with the network off."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from gis.rules import effective_rules
from gis.webmap.config import make_config
from gis.webmap.data import layer_geojson, rule_as_dict
from gis.webmap.definitions import find_map, read_ground, read_maps
from gis.webmap.escape import put_nonce, script_json
from gis.webmap.offline import STATIC, OfflineMap, PageFigure
from gis.webmap.page import page_words
from gis.webmap.words import choose_language
from gis.webmap.zones import PREFIX, today, zone_geojson

if TYPE_CHECKING:
    from gis.workspace import Workspace

NONCE = "single-file"
POLICY = (
    f"default-src 'none'; script-src 'nonce-{NONCE}' 'strict-dynamic'; style-src 'nonce-{NONCE}'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
"""The file fetches nothing at all: neither from the network nor from beside it."""


class EmbeddedMap(OfflineMap):
    """A folium map whose Leaflet stands in the page itself."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - as folium has it
    default_css: list[tuple[str, str]] = []  # noqa: RUF012 - as folium has it


def render_single_file(workspace: Workspace, map_id: str, *, language: str = "zh") -> str:
    """Return one web map with scripts, styles, features and rules inside.

    Parameters
    ----------
    workspace : Workspace
    map_id : str
        Name of a file in ``maps/`` without ``.toml``.
    language : str
        ``zh`` or ``en``; the file holds both and can switch.

    Raises
    ------
    NotFoundError
        If there is no such map.
    CatalogueError
        If a definition is broken.
    """
    folder = workspace.settings.workspace / "maps"
    maps = read_maps(folder)
    definition = find_map(maps, map_id)
    ground = read_ground(folder / "basemaps.toml")
    chosen = choose_language(language)
    config = make_config(workspace, definition, ground, language=chosen)
    config["layers"] = {key: table | {"tiles": None} for key, table in config["layers"].items()}
    figure = PageFigure(
        "map.html",
        **page_words(workspace, maps, chosen, current=map_id)
        | {"asset": data_url, "stylesheet": embed_stylesheet, "policy": POLICY},
        title=definition.title,
        land=ground.land,
        check=False,
        leaflet=embed_leaflet(),
        config=script_json(
            config | {"online": [], "check": False} | embed_data(workspace, list(config["layers"]))
        ),
        modules=script_json({"imports": embed_modules()}),
    )
    EmbeddedMap(map_id, view=definition.view, frame=ground.frame).add_to(figure)
    return put_nonce(figure.render(), NONCE)


def embed_data(workspace: Workspace, layer_ids: list[str]) -> dict[str, Any]:
    """Return the features of the layers that have data, and the rules that read them, for the page's JSON."""
    usable = [
        layer_id
        for layer_id in layer_ids
        if layer_id in workspace.layers and workspace.layers[layer_id].frame is not None
    ]
    zoned = [layer_id.removeprefix(PREFIX) for layer_id in layer_ids if layer_id.startswith(PREFIX)]
    day = today()
    met = [
        rule
        for rule in effective_rules(workspace.rules, day)
        if rule.id in zoned and workspace.zones.zone(rule) is not None
    ]
    embedded = {layer_id: layer_geojson(workspace.layers[layer_id]) for layer_id in usable} | {
        PREFIX + rule.id: zone_geojson(workspace, rule.id, day) for rule in met
    }
    shown = {rule.id for rule in met}
    return {
        "embedded": {key: json.loads(text) for key, text in embedded.items()},
        "rules": [
            rule_as_dict(rule)
            for rule in workspace.rules.rules
            if rule.layer_id in usable or rule.id in shown
        ],
    }


def embed_modules() -> dict[str, str]:
    """Return the import map of our scripts, each as a data address."""
    return {
        f"gis/{path.name}": data_url(f"app/{path.name}") for path in sorted((STATIC / "app").glob("*.js"))
    }


def data_url(path: str) -> str:
    """Return a static file as a data address."""
    kinds = {"js": "text/javascript", "svg": "image/svg+xml"}
    content = base64.b64encode((STATIC / path).read_bytes()).decode("ascii")
    return f"data:{kinds[path.rpartition('.')[2]]};base64,{content}"


def embed_stylesheet(path: str) -> Markup:
    """Return one of our own style sheets as a style tag; pictures it refers to are left out.

    Raises
    ------
    ValueError
        If the sheet could end the tag.
    """
    text = (STATIC / path).read_text(encoding="utf-8")
    if "</" in text:
        raise ValueError(f"{path} holds a closing tag")
    return Markup(f"<style>{re.sub(r'url[(]images/[^)]*[)]', 'none', text)}</style>")  # noqa: S704 - our file


def embed_leaflet() -> Markup:
    """Return Leaflet and its styles as tags.

    Raises
    ------
    ValueError
        If the script could end its tag.
    """
    script = (STATIC / "vendor/leaflet/leaflet.js").read_text(encoding="utf-8")
    script = script.replace("//# sourceMappingURL=leaflet.js.map", "")
    if "</script" in script.lower():
        raise ValueError("leaflet.js holds a closing tag")
    style = embed_stylesheet("vendor/leaflet/leaflet.css")
    return style + Markup(f"<script>{script}</script>")  # noqa: S704 - our file
