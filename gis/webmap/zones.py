"""Control zones on the web maps: each rule in force is a layer of its own, coloured by its level."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import shapely

from gis import crs
from gis.errors import NotFoundError
from gis.model import Text
from gis.rules import effective_rules
from gis.webmap.data import COORDINATE_DIGITS, text_as_dict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely.geometry.base import BaseGeometry

    from gis.model import Layer, Rule
    from gis.workspace import ControlZone, Workspace
    from gis.zones import ZonePart

PREFIX = "zone-"
"""Layer ids of zones on a page: ``zone-<rule id>``."""

WIDE_M = 10_000.0
REACHES = frozenset({"distance_m", "outer_m"})


def today() -> date:
    """Return the office's calendar day, on which the maps show the law."""
    return date.today()  # noqa: DTZ011 - a calendar day, read once at the edge


def list_zone_rules(workspace: Workspace, level: str, on: date) -> tuple[Rule, ...]:
    """Return the rules of a level in force on a day, as they apply, in the order of the rule set."""
    return tuple(rule for rule in effective_rules(workspace.rules, on) if rule.level.value == level)


def zone_table(workspace: Workspace, rule: Rule, *, shown: bool) -> dict[str, Any]:
    """Return one rule's zone as a layer of a page; without address where no feature feeds it.

    Parameters
    ----------
    rule : Rule
        As it applies, with the office's settings.
    shown : bool
        Whether it is on at first.
    """
    layer = workspace.layers.get(rule.layer_id)
    zone = workspace.zones.zone(rule)
    if zone is None or layer is None:
        return describe_zone(workspace, rule, None, shown=shown)
    extent = ZoneExtent(
        shapes=tuple(part.geometry.geom_type.removeprefix("Multi") for part in zone.parts),
        bounds=zone_bounds(zone),
    )
    return describe_zone(workspace, rule, extent, shown=shown)


@dataclass(frozen=True, slots=True)
class ZoneExtent:
    """What a page is told of a zone's parts: their geometry types, and [west, south, east, north] degrees."""

    shapes: tuple[str, ...]
    bounds: list[float]


def describe_zone(
    workspace: Workspace, rule: Rule, extent: ZoneExtent | None, *, shown: bool
) -> dict[str, Any]:
    """Return one rule's zone as a layer of a page; without address where no feature feeds it."""
    layer = workspace.layers.get(rule.layer_id)
    facts = {
        "id": PREFIX + rule.id,
        "rule_id": rule.id,
        "title": text_as_dict(rule.title),
        "theme": "zones",
        "required": False,
        "usable": extent is not None,
        "shown": shown and extent is not None and not is_wide(rule),
    }
    if extent is None or layer is None:
        return facts | {"status": "no_data", "kinds": zone_kinds(rule), "url": None}
    shapes = set(extent.shapes)
    digest = f"{workspace.rules.sha256[:12]}-{(layer.sha256 or '')[:12]}"
    return facts | {
        "status": "ok",
        "geometry_type": shapes.pop() if len(shapes) == 1 else "Mixed",
        "kinds": zone_kinds(rule, list(extent.shapes)),
        "url": f"/api/zones/{rule.id}.geojson?v={digest}",
        "rows": len(extent.shapes),
        "provenance": layer.entry.provenance,
        "accuracy_m": layer.entry.accuracy_m,
        "data_date": layer.entry.data_date,
        "source": source_of(rule),
        "licence": layer.entry.licence,
        "attribution": layer.entry.attribution,
        "sensitive": layer.entry.sensitive,
        "note": text_as_dict(rule.requirement),
        "problem": None,
        "bounds": extent.bounds,
    }


def is_wide(rule: Rule) -> bool:
    """Return whether a zone reaches so far from its features that it would cover the map at first sight."""
    reaches = [value for name, value in rule.recipe.parameters.items() if name in REACHES]
    return rule.recipe.type == "outside" or max(map(float, reaches), default=0.0) > WIDE_M


def zone_kinds(rule: Rule, shapes: list[str] | None = None) -> list[dict[str, str]]:
    """Return the one kind of a zone, its level, with the geometry type it is mostly drawn as."""
    shape = max(set(shapes), key=shapes.count) if shapes else "Polygon"
    return [{"kind": rule.level.value, "style": f"zone_{rule.level.value}", "geometry": shape}]


def source_of(rule: Rule) -> str:
    """Return the articles of a rule, the same in both languages."""
    return "；".join(f"{item.instrument} {item.article}".strip() for item in rule.provisions)


def zone_bounds(zone: ControlZone) -> list[float]:
    """Return [west, south, east, north] degrees round a zone's parts."""
    box = shapely.box(*shapely.total_bounds([part.geometry for part in zone.parts]))
    moved = crs.transform(box, crs.PLANE, crs.GEOGRAPHIC)
    return [round(float(value), COORDINATE_DIGITS) for value in moved.bounds]


def find_rule(workspace: Workspace, rule_id: str, on: date) -> Rule:
    """Return a rule in force on a day.

    Raises
    ------
    NotFoundError
        If there is none of that id in force.
    """
    rule = next((rule for rule in effective_rules(workspace.rules, on) if rule.id == rule_id), None)
    if rule is None:
        raise NotFoundError(
            "没有这条规则，或今天无效",
            "there is no such rule, or it is not in force today",
            where=rule_id[:80],
            hint_zh="规则列表见 /api/rules",
            hint_en="the rules are listed at /api/rules",
            code="rules.unknown",
        )
    return rule


def find_zone(workspace: Workspace, rule_id: str, on: date) -> tuple[Rule, ControlZone]:
    """Return a rule in force on a day with its zone.

    Raises
    ------
    NotFoundError
        If there is no such rule in force, or no feature feeds it: an empty answer would look like "none".
    """
    rule = find_rule(workspace, rule_id, on)
    zone = workspace.zones.zone(rule)
    if zone is None:
        raise NotFoundError(
            f"规则 {rule_id} 没有管控区：图层 {rule.layer_id} 中尚无适用的要素",
            f"rule {rule_id} has no zone: layer {rule.layer_id} holds no feature it applies to",
            where=rule_id,
            hint_zh="用 gis layers replace 导入正式数据",
            hint_en="take official data in with gis layers replace",
            code="zones.no_data",
        )
    return rule, zone


def zone_geojson(workspace: Workspace, rule_id: str, on: date) -> str:
    """Return the zone of a rule as RFC 7946 GeoJSON, one feature for each feature of the layer.

    A rule about what lies *outside* its features is one feature: the layer's coverage without them.

    Raises
    ------
    NotFoundError
        As :func:`find_zone`.
    """
    rule, zone = find_zone(workspace, rule_id, on)
    names = name_features(workspace.layers[rule.layer_id])
    lines = [_feature(part_properties(rule, part, names), shape) for part, shape in zone_shapes(rule, zone)]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def zone_shapes(rule: Rule, zone: ControlZone) -> list[tuple[ZonePart, BaseGeometry]]:
    """Return what is drawn of a zone (EPSG:4549), each with the part it is of.

    A rule about what lies *outside* its features has one shape: the layer's coverage without them.
    """
    if rule.recipe.type == "outside" and zone.coverage is not None:
        inside = shapely.union_all([part.geometry for part in zone.parts])
        return [(zone.parts[0], shapely.difference(zone.coverage, inside))]
    return [(part, part.geometry) for part in zone.parts]


def name_features(layer: Layer) -> dict[str, Text]:
    """Return the names of a layer's features by their ids."""
    if layer.frame is None:
        return {}
    frame = layer.frame
    rows = zip(frame["id"], frame["name_zh"], frame["name_en"], strict=True)
    return {str(key): Text(str(zh or en or key), str(en or zh or key)) for key, zh, en in rows}


def part_properties(rule: Rule, part: ZonePart, names: Mapping[str, Text]) -> dict[str, Any]:
    """Return what is said of one part of a zone."""
    name = None if rule.recipe.type == "outside" else names.get(part.feature.feature_id)
    return zone_properties(
        rule, part.feature.feature_id, name, settled=part.settled, accuracy_m=part.feature.accuracy_m
    )


def zone_properties(
    rule: Rule, feature_id: str, name: Text | None, *, settled: bool, accuracy_m: float | None
) -> dict[str, Any]:
    """Return what is said of what a rule makes of one feature."""
    return {
        "id": f"{rule.id}/{feature_id}",
        "name_zh": f"{rule.title.zh}（{name.zh}）" if name else rule.title.zh,
        "name_en": f"{rule.title.en} ({name.en})" if name else rule.title.en,
        "kind": rule.level.value,
        "rule_id": rule.id,
        "layer_id": rule.layer_id,
        "feature_id": feature_id,
        "settled": settled,
        "accuracy_m": accuracy_m,
    }


def _feature(properties: Mapping[str, Any], geometry_plane: BaseGeometry) -> str:
    """Return one part as a line of GeoJSON."""
    lonlat = crs.transform(geometry_plane, crs.PLANE, crs.GEOGRAPHIC)
    rounded = shapely.transform(lonlat, lambda xy: xy.round(COORDINATE_DIGITS))
    text = json.dumps(properties, ensure_ascii=False, allow_nan=False)
    return f'{{"type":"Feature","properties":{text},"geometry":{shapely.to_geojson(rounded)}}}'
