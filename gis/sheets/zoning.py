"""Control zones on a sheet: rules over the same ground together, numbered, drawn by their strictest level."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import shapely

from gis import crs
from gis.model import Level, Text
from gis.rules import effective_rules
from gis.sheets.content import CLIP_MARGIN_MM, NUMBERS, SIMPLIFY_MM, MapFeature, text_of
from gis.sheets.draw import draw_lines, draw_polygons, line_parts, point_coordinates, polygon_parts
from gis.sheets.symbols import draw_marker

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from shapely.geometry.base import BaseGeometry

    from gis.model import Layer, LayerEntry, Rule
    from gis.sheets.canvas import Canvas
    from gis.sheets.frame import PaperFrame
    from gis.styles import Style, Styles
    from gis.workspace import ControlZone, Workspace
    from gis.zones import ZonePart

LEVEL_STYLE = "zone_"
"""Styles of control zones: ``zone_prohibited`` …, the same as on the web map."""

LEVELS = tuple(Level)
"""Strictest first."""

UNSETTLED_DASH_MM = (1.2, 0.9)
HATCH_OPACITY = 0.55
"""Hatches of control zones cover much of a sheet and must let the names be read."""

MAX_EDGE_M = 2000.0
WHOLE_SHARE = 0.9995
"""A zone that takes this share of the sheet has no limit on it: it is listed and not drawn."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What one or several rules make of the same features.

    Parameters
    ----------
    number : int
        On the map and in the list beside it.
    level : Level
        The strictest of the rules.
    rules : tuple of Rule
        As they apply on the day, strictest first.
    entry : LayerEntry
        The layer of the features.
    names : tuple of str
        Names of the features on the sheet.
    geometry : shapely geometry
        On paper, millimetres, cut a little outside the neat line.
    settled : bool
        False where the regulated zone lies somewhere inside with limits that are not public.
    whole : bool
        Whether it takes the whole sheet.
    """

    number: int
    level: Level
    rules: tuple[Rule, ...]
    entry: LayerEntry
    names: tuple[str, ...]
    accuracy_m: float
    geometry: BaseGeometry
    settled: bool
    whole: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """A rule and the parts of its zone on a sheet."""

    rule: Rule
    parts: tuple[ZonePart, ...]


def collect_grounds(
    workspace: Workspace,
    paper: PaperFrame,
    *,
    on: date,
    public: bool,
    only: Mapping[str, Collection[str]] | None = None,
) -> tuple[Ground, ...]:
    """Return the control zones on a sheet, strictest first, smaller before larger.

    Parameters
    ----------
    on : date
        The law as of this day.
    public : bool
        Leave out the zones round sensitive layers.
    only : mapping, optional
        Rule id → ids of the features whose zones are wanted; by default all.
    """
    outline = shapely.buffer(paper.polygon, CLIP_MARGIN_MM, join_style="mitre")
    window = place_window(paper, outline)
    together: dict[tuple[object, ...], list[_Found]] = {}
    for rule in effective_rules(workspace.rules, on):
        layer = workspace.layers.get(rule.layer_id)
        if layer is None or (public and layer.entry.sensitive) or rule.recipe.type == "outside":
            continue
        zone = workspace.zones.zone(rule)
        found = None if zone is None else _find(zone, window, only)
        if found is not None:
            together.setdefault(_ground_key(found), []).append(found)
    made = [_make_ground(found, workspace.layers, paper, window) for found in together.values()]
    shown = [ground for ground in made if ground.geometry.intersects(paper.polygon)]
    shown.sort(key=lambda ground: (LEVELS.index(ground.level), ground.whole, ground.geometry.area))
    return tuple(replace(ground, number=index) for index, ground in enumerate(shown, start=1))


def place_window(paper: PaperFrame, outline: shapely.Polygon) -> BaseGeometry:
    """Return the box of the working plane (EPSG:4549) that holds an outline on paper."""
    back = crs.transformer(paper.area.plane, crs.PLANE)
    low = paper.area.outline_plane.min(axis=0)
    metres = (shapely.get_coordinates(outline) - paper.origin_mm) * (paper.area.scale / 1000) + low
    xs, ys = back.transform(metres[:, 0], metres[:, 1])
    box: BaseGeometry = shapely.box(min(xs), min(ys), max(xs), max(ys))
    return box


def _find(
    zone: ControlZone, window: BaseGeometry, only: Mapping[str, Collection[str]] | None
) -> _Found | None:
    """Return the parts of a zone in the window, of the features wanted."""
    if only is not None and zone.rule.id not in only:
        return None
    parts = zone.near(window, 0.0)
    if only is not None:
        parts = tuple(part for part in parts if part.feature.feature_id in only[zone.rule.id])
    return _Found(zone.rule, parts) if parts else None


def _ground_key(found: _Found) -> tuple[object, ...]:
    """Return what makes two rules speak of the same ground."""
    recipe = found.rule.recipe
    same = "inside" if recipe.type == "inside" else (recipe.type, str(sorted(recipe.parameters.items())))
    members = tuple((part.feature.feature_id, part.settled) for part in found.parts)
    return found.rule.layer_id, same, members


def _make_ground(
    found: Sequence[_Found], layers: Mapping[str, Layer], paper: PaperFrame, window: BaseGeometry
) -> Ground:
    """Return the ground of rules that share it."""
    rules = sorted((one.rule for one in found), key=lambda rule: LEVELS.index(rule.level))
    parts = found[0].parts
    layer = layers[rules[0].layer_id]
    cut = [shapely.clip_by_rect(part.geometry, *window.bounds) for part in parts]
    joined = shapely.union_all([piece for piece in cut if not piece.is_empty])
    placed = paper.place_geometry(crs.to_lonlat(shapely.segmentize(joined, MAX_EDGE_M)))
    placed = shapely.make_valid(shapely.simplify(placed, SIMPLIFY_MM, preserve_topology=True))
    inside = shapely.intersection(placed, paper.polygon)
    return Ground(
        number=0,
        level=rules[0].level,
        rules=tuple(rules),
        entry=layer.entry,
        names=_names(layer, [part.feature.feature_id for part in parts]),
        accuracy_m=max(part.feature.accuracy_m for part in parts),
        geometry=placed,
        settled=any(part.settled for part in parts),
        whole=bool(inside.area >= WHOLE_SHARE * paper.polygon.area),
    )


def _names(layer: Layer, feature_ids: Sequence[str]) -> tuple[str, ...]:
    """Return the Chinese names of features, each once."""
    known = dict(zip(layer.column("id"), layer.column("name_zh"), strict=True))
    names = (text_of(known.get(feature_id)) for feature_id in feature_ids)
    return tuple(dict.fromkeys(name for name in names if name))


def circled(number: int) -> str:
    """Return a number in a circle (1–50), else in brackets."""
    for last, first in ((20, 0x2460), (35, 0x3251 - 20), (50, 0x32B1 - 35)):
        if number <= last:
            return chr(first + number - 1)
    return f"({number})"


def zone_style(styles: Styles, level: Level) -> Style:
    """Return the style of a level's control zones, its label saying that it is one."""
    style = styles.find(f"{LEVEL_STYLE}{level.value}")
    return replace(style, label=Text(f"管控区：{style.label.zh}", f"Control zone: {style.label.en.lower()}"))


def ground_features(grounds: Iterable[Ground], styles: Styles) -> tuple[MapFeature, ...]:
    """Return grounds as features for legend, accuracies and sources, named by their numbers.

    One that takes the whole sheet is not drawn: it is in the list and the sources only.
    """
    return tuple(
        MapFeature(
            feature_id=f"zone-{ground.number:03d}",
            entry=ground.entry,
            kind=f"{LEVEL_STYLE}{ground.level.value}",
            name="" if ground.whole else circled(ground.number),
            style=zone_style(styles, ground.level),
            geometry=ground.geometry,
            inside=not ground.whole,
            accuracy_m=ground.accuracy_m,
            rank=0.0,
        )
        for ground in grounds
    )


def number_features(features: Iterable[MapFeature]) -> tuple[MapFeature, ...]:
    """Return the same features for the placing of their numbers, in a switchable layer of their own."""
    return tuple(replace(feature, entry=replace(feature.entry, title=NUMBERS)) for feature in features)


def draw_grounds(canvas: Canvas, grounds: Sequence[Ground], styles: Styles, paper: PaperFrame) -> None:
    """Draw control zones, a switchable layer a level; where levels overlap the strictest is tinted.

    The limits of every zone are drawn; a zone whose limits are not public is broken-lined and not tinted.
    """
    drawn = [ground for ground in grounds if not ground.whole]
    stricter: BaseGeometry = shapely.MultiPolygon()
    tints: dict[Level, BaseGeometry] = {}
    for level in LEVELS:
        settled = [ground.geometry for ground in drawn if ground.level is level and ground.settled]
        own = shapely.union_all([part for geometry in settled for part in polygon_parts(geometry)])
        own = shapely.MultiPolygon(polygon_parts(own))
        tints[level] = shapely.difference(own, stricter)
        stricter = shapely.union(stricter, own)
    with canvas.clipped([paper.outline]):
        for level in reversed(LEVELS):
            members = [ground for ground in drawn if ground.level is level]
            if members:
                style = zone_style(styles, level)
                with canvas.layer(style.label.zh):
                    plain = replace(style, stroke_mm=0.0)
                    draw_polygons(canvas, polygon_parts(tints[level]), plain, hatch_opacity=HATCH_OPACITY)
                    for ground in members:
                        _draw_limits(canvas, ground, style)


def _draw_limits(canvas: Canvas, ground: Ground, style: Style) -> None:
    """Draw the limits of one zone, and the lines or points that are a zone themselves."""
    dash = style.dash_mm if ground.settled else UNSETTLED_DASH_MM
    limits = [shapely.boundary(part) for part in polygon_parts(ground.geometry)]
    lines = [line for limit in limits for line in line_parts(limit)]
    draw_lines(canvas, lines, replace(style, dash_mm=dash))
    draw_lines(canvas, line_parts(ground.geometry), replace(style, stroke_mm=style.stroke_mm * 2))
    for x, y in point_coordinates([ground.geometry]):
        draw_marker(canvas, x, y, style)
