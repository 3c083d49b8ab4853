"""One web map as one HTML file that opens from a USB stick with the network off."""

from __future__ import annotations

import base64
import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from gis.rules import effective_rules
from gis.webmap.assets import STATIC
from gis.webmap.config import make_config, zone_facts
from gis.webmap.data import layer_geojson, rule_as_dict
from gis.webmap.definitions import find_map, read_ground, read_maps
from gis.webmap.escape import put_nonce, script_json
from gis.webmap.offline import OfflineMap, PageFigure
from gis.webmap.page import page_words
from gis.webmap.tiles import ensure_tiles
from gis.webmap.typeface import embed_face
from gis.webmap.words import choose_language
from gis.webmap.zones import PREFIX, today, zone_geojson

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gis.model import Rule
    from gis.workspace import Workspace

TILES_BYTES = 4_000_000
"""What the tiles of big layers may add to the file."""

PAINTER = "vendor/protomaps-leaflet/protomaps-leaflet.js"
NONCE = "single-file"
POLICY = (
    f"default-src 'none'; script-src 'nonce-{NONCE}' 'strict-dynamic'; style-src 'nonce-{NONCE}'; "
    "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
)
"""The file fetches nothing at all: neither from the network nor from beside it."""


class EmbeddedMap(OfflineMap):
    """A folium map whose Leaflet stands in the page itself."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - as folium has it
    default_css: list[tuple[str, str]] = []  # noqa: RUF012 - as folium has it


def render_single_file(
    workspace: Workspace,
    map_id: str,
    *,
    language: str = "zh",
    public: bool = False,
    progress: Callable[[float], None] | None = None,
) -> str:
    """Return one web map with scripts, styles, features and rules inside.

    Layers over 5 MB come as vector tiles, with as much detail as :data:`TILES_BYTES` holds; the page says so.

    Parameters
    ----------
    workspace : Workspace
    map_id : str
        Name of a file in ``maps/`` without ``.toml``.
    language : str
        ``zh`` or ``en``; the file holds both and can switch.
    public : bool
        Leave out sensitive layers and the zones made of them.
    progress : callable, optional
        Called with the share that is done, 0–1, while tiles are made that are not there yet.

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
    if public:
        config |= leave_out_sensitive(config)
    tiles = embed_tiles(workspace, config["layers"], progress)
    facts = script_json(
        config
        | {"online": [], "check": False, "embedded_tiles": tiles}
        | embed_data(workspace, [key for key, table in config["layers"].items() if not table["tiles"]])
        | {"rules": embed_rules(workspace, list(config["layers"]))}
    )
    figure = PageFigure(
        "map.html",
        **page_words(workspace, maps, chosen, current=map_id)
        | {"asset": data_url, "stylesheet": embed_stylesheet, "policy": POLICY},
        title=definition.title,
        land=ground.land,
        check=False,
        leaflet=embed_leaflet() + (embed_script(PAINTER) if tiles else Markup()),
        config=facts,
        face=embed_face(facts + workspace.settings.office),
        modules=script_json({"imports": embed_modules()}),
    )
    EmbeddedMap(map_id, view=definition.view, frame=ground.frame).add_to(figure)
    return put_nonce(figure.render(), NONCE)


def leave_out_sensitive(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the layers and groups of a page without sensitive layers and the zones made of them."""
    layers = {key: table for key, table in config["layers"].items() if not table.get("sensitive", False)}
    groups = [
        group | {"layers": [key for key in group["layers"] if key in layers]} for group in config["groups"]
    ]
    return {"layers": layers, "groups": [group for group in groups if group["layers"]]}


def embed_data(workspace: Workspace, layer_ids: list[str]) -> dict[str, Any]:
    """Return the features of the layers and zones that have data, for the page's JSON."""
    day = today()
    usable, zoned = find_embedded(workspace, layer_ids)
    embedded = {layer_id: layer_geojson(workspace.layers[layer_id]) for layer_id in usable} | {
        PREFIX + rule.id: zone_geojson(workspace, rule.id, day)
        for rule in zoned
        if workspace.zones.zone(rule) is not None
    }
    return {"embedded": {key: json.loads(text) for key, text in embedded.items()}}


def embed_rules(workspace: Workspace, layer_ids: list[str]) -> list[dict[str, Any]]:
    """Return the rules that read the layers of a page, for the page's JSON."""
    usable, zoned = find_embedded(workspace, layer_ids)
    shown = {rule.id for rule in zoned if zone_facts(workspace, rule, shown=False)["usable"]}
    return [
        rule_as_dict(rule) for rule in workspace.rules.rules if rule.layer_id in usable or rule.id in shown
    ]


def find_embedded(workspace: Workspace, layer_ids: list[str]) -> tuple[list[str], list[Rule]]:
    """Return the layers among ids of a page that have data, and the rules whose zones are among them."""
    usable = [
        layer_id
        for layer_id in layer_ids
        if layer_id in workspace.layers and workspace.layers[layer_id].frame is not None
    ]
    zoned = {layer_id.removeprefix(PREFIX) for layer_id in layer_ids if layer_id.startswith(PREFIX)}
    return usable, [rule for rule in effective_rules(workspace.rules, today()) if rule.id in zoned]


def embed_tiles(
    workspace: Workspace, tables: Mapping[str, dict[str, Any]], progress: Callable[[float], None] | None
) -> dict[str, Any]:
    """Return the tiles of big layers by their address, each to the zoom that its share of the file allows.

    Returns
    -------
    dict
        Address → ``{"last_zoom": int, "tiles": {"z/x/y": gzipped vector tile as base64}}``.
    """
    urls = dict.fromkeys(str(table["tiles"]["url"]) for table in tables.values() if table["tiles"])
    found = {}
    for number, url in enumerate(urls):
        tiles_id = url.removeprefix("/tiles/").partition(".pmtiles")[0]
        tell = partial(_tell_part, progress, number, len(urls))
        path = ensure_tiles(workspace, tiles_id, today(), progress=tell)
        found[url] = take_tiles(path, TILES_BYTES // len(urls))
    return found


def _tell_part(progress: Callable[[float], None] | None, number: int, count: int, share: float) -> None:
    """Tell how far all tiles are when those of one layer are so far."""
    if progress is not None:
        progress((number + share) / count)


def take_tiles(path: Path, most_bytes: int) -> dict[str, Any]:
    """Return the tiles of the zooms that fit, at least those of the first, from a PMTiles file."""
    from pmtiles.reader import MmapSource, all_tiles

    zooms: dict[int, dict[str, str]] = {}
    with path.open("rb") as file:
        read: Any = all_tiles(MmapSource(file))  # type: ignore[no-untyped-call]
        for (z, x, y), data in read:
            zooms.setdefault(z, {})[f"{z}/{x}/{y}"] = base64.b64encode(data).decode("ascii")
    taken: dict[str, str] = {}
    last_zoom = min(zooms)
    size = 0
    for zoom in sorted(zooms):
        size += sum(map(len, zooms[zoom].values()))
        if size > most_bytes and taken:
            break
        taken |= zooms[zoom]
        last_zoom = zoom
    return {"last_zoom": last_zoom, "whole": last_zoom == max(zooms), "tiles": taken}


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
    """Return Leaflet and its styles as tags."""
    return embed_stylesheet("vendor/leaflet/leaflet.css") + embed_script("vendor/leaflet/leaflet.js")


def embed_script(path: str) -> Markup:
    """Return one of our own copies of a library as a script tag.

    Raises
    ------
    ValueError
        If the script could end its tag.
    """
    script = re.sub(r"//# sourceMappingURL=\S+", "", (STATIC / path).read_text(encoding="utf-8"))
    if "</script" in script.lower():
        raise ValueError(f"{path} holds a closing tag")
    return Markup(f"<script>{script}</script>")  # noqa: S704 - our file
