"""What a map page is told about its layers: one plain table, put into the page as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gis.model import LayerStatus, Level
from gis.webmap.data import layer_as_dict, text_as_dict
from gis.webmap.tiles import big_zone_extent, layer_tiles, shares_tiles, zone_tiles
from gis.webmap.words import word_table
from gis.webmap.zones import describe_zone, list_zone_rules, today, zone_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.model import Layer, Rule
    from gis.styles import Style
    from gis.webmap.definitions import Ground, Group, MapDefinition
    from gis.workspace import Workspace

PX_PER_MM = 4.0
"""Dash patterns of paper on the screen, as ``gis.styles`` says."""

PX_PER_PT = 1.5
"""Label sizes of paper on the screen."""

ZOOMS = (6, 18)


RESULT_STYLES = frozenset({"project_site", *(f"zone_{level.value}" for level in Level)})
"""Styles of a check's result, drawn on any map."""


def map_variable(map_id: str) -> str:
    """Return the name of the global variable that holds the Leaflet map, as folium makes it."""
    return f"map_{map_id}"


def group_layers(group: Group, layers: Mapping[str, Layer], taken: frozenset[str]) -> tuple[str, ...]:
    """Return the ids of a group's layers in the order of the tree.

    Parameters
    ----------
    layers : mapping
        Opened layers by id, in the order of the catalogue.
    taken : frozenset of str
        Layers that some group of the map names; ``rest`` leaves them where they are named. The outcome of a
        study is never among the rest.
    """
    named = [layer_id for layer_id in group.layers if layer_id in layers]
    if not group.rest:
        return tuple(named)
    rest = [
        layer_id
        for layer_id, layer in layers.items()
        if layer.entry.theme == group.theme and layer_id not in taken and layer.entry.assessed
    ]
    return tuple(named + rest)


def make_config(
    workspace: Workspace, definition: MapDefinition, ground: Ground, *, language: str
) -> dict[str, Any]:
    """Return everything the scripts of a map page need besides the features.

    Parameters
    ----------
    language : str
        ``zh`` or ``en``.
    """
    groups, layers = collect_groups(workspace, definition)
    every = {**workspace.styles.by_id, "fallback": workspace.styles.fallback}
    used = {kind["style"] for table in layers.values() for kind in table["kinds"]} | RESULT_STYLES
    return {
        "map": definition.id,
        "variable": map_variable(definition.id),
        "language": language,
        "title": text_as_dict(definition.title),
        "view": definition.view,
        "zooms": ZOOMS,
        "land": ground.land,
        "extent": ground.extent,
        "place_zoom": ground.place_zoom,
        "min_zoom": ground.min_zoom,
        "soft_edge_from_m": ground.soft_edge_from_m,
        "online": [
            {
                "id": base.id,
                "title": text_as_dict(base.title),
                "url": base.url,
                "attribution": base.attribution,
                "max_zoom": base.max_zoom,
            }
            for base in ground.online
        ],
        "groups": [
            {
                "theme": group.theme,
                "title": text_as_dict(group.title),
                "layers": ids,
                "collapsed": group.collapsed,
            }
            for group, ids in groups
            if ids
        ],
        "check": definition.check,
        "notice": text_as_dict(definition.notice),
        "required": [layer.entry.id for layer in workspace.layers.values() if layer.entry.required],
        "layers": layers,
        "styles": {name: style_table(every.get(name, workspace.styles.fallback)) for name in sorted(used)},
        "rules_url": "/api/rules",
        "words": word_table(workspace.settings.title),
    }


def collect_groups(
    workspace: Workspace, definition: MapDefinition
) -> tuple[list[tuple[Group, list[str]]], dict[str, dict[str, Any]]]:
    """Return the groups of a map with the ids they list, and every layer listed by its id.

    A group with ``zones`` lists a layer for each rule of that level after its own layers.
    """
    taken = frozenset(layer_id for group in definition.groups for layer_id in group.layers)
    day = today()
    groups: list[tuple[Group, list[str]]] = []
    tables: dict[str, dict[str, Any]] = {}
    for group in definition.groups:
        found = {
            layer_id: layer_table(
                workspace,
                workspace.layers[layer_id],
                shown=group.shown and layer_id not in group.hidden,
            )
            for layer_id in group_layers(group, workspace.layers, taken)
        }
        if group.zones:
            rules = list_zone_rules(workspace, group.zones, day)
            made = [zone_facts(workspace, rule, shown=group.shown) for rule in rules]
            found |= {str(table["id"]): table for table in made}
        groups.append((group, list(found)))
        tables |= found
    return groups, tables


def zone_facts(workspace: Workspace, rule: Rule, *, shown: bool) -> dict[str, Any]:
    """Return one rule's zone for the page; one as its big layer is drawn is not made for that."""
    if shares_tiles(workspace, rule):
        extent = big_zone_extent(workspace, rule)
        table = describe_zone(workspace, rule, extent, shown=shown)
    else:
        table = zone_table(workspace, rule, shown=shown)
    return table | {"tiles": zone_tiles(workspace, rule) if table["usable"] else None}


def layer_table(workspace: Workspace, layer: Layer, *, shown: bool) -> dict[str, Any]:
    """Return one layer for the page: its catalogue facts, its kinds with their styles, its address."""
    usable = layer.status is LayerStatus.OK and layer.frame is not None and len(layer.frame) > 0
    return {
        **layer_as_dict(layer),
        "shown": shown and usable,
        "usable": usable,
        "url": f"/api/layers/{layer.entry.id}.geojson?v={(layer.sha256 or '')[:12]}" if usable else None,
        "tiles": layer_tiles(workspace, layer) if usable else None,
        "kinds": layer_kinds(workspace, layer),
    }


def layer_kinds(workspace: Workspace, layer: Layer) -> list[dict[str, str]]:
    """Return the kinds of feature a layer holds, each with its style, in drawing order."""
    found = [
        (workspace.styles.find(name, layer.entry.style), name, shape)
        for name, shape in kind_shapes(layer).items()
    ]
    ordered = sorted(found, key=lambda item: (-item[0].order, item[1]))
    return [
        {"kind": name, "style": style_name(workspace, style), "geometry": shape}
        for style, name, shape in ordered
    ]


def kind_shapes(layer: Layer) -> dict[str, str]:
    """Return the kinds of a layer with the geometry type each is mostly drawn as, parts not counted."""
    default = {"": layer.entry.geometry_type}
    if layer.frame is None or not len(layer.frame):
        return default
    located = layer.frame[layer.frame.geometry.notna() & layer.frame["kind"].notna()]
    shapes = located.geometry.geom_type.str.removeprefix("Multi").groupby(located["kind"].astype(str))
    return {str(kind): str(types.mode().iloc[0]) for kind, types in shapes} or default


def style_name(workspace: Workspace, style: Style) -> str:
    """Return the key of a style in the page's table."""
    return style.id if style.id in workspace.styles.by_id else "fallback"


def style_table(style: Style) -> dict[str, Any]:
    """Return a style for the screen: pixels instead of millimetres and points."""
    return {
        "label": text_as_dict(style.label),
        "fill": style.fill,
        "fill_opacity": style.fill_opacity,
        "stroke": style.stroke,
        "stroke_px": style.stroke_px,
        "dash_px": [round(length * PX_PER_MM, 1) for length in style.dash_mm],
        "hatch": style.hatch,
        "marker": style.marker,
        "size_px": round(style.size_mm * PX_PER_MM, 1),
        "order": style.order,
        "text_px": round(style.text_pt * PX_PER_PT, 1),
        "text_colour": style.text_colour,
    }
