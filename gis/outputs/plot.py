"""Drawing one scene: ground, zones with their accuracy bands, overlaps, sites; clipped to the map's frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis import crs
from gis.certainty import combine_accuracy, grow, shrink
from gis.model import Certainty, Finding, Layer, LayerStatus, Level
from gis.outputs.figure import Mark, disc, hatch_paths, shape_paths
from gis.outputs.wording import LEVEL_COLOURS, VERDICT_COLOURS
from gis.outputs.zones import find_rule
from gis.overlay import clip, unite

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shapely.geometry.base import BaseGeometry

    from gis.model import CheckResult, SiteResult
    from gis.outputs.framing import Box
    from gis.styles import Style
    from gis.workspace import Workspace

MAP_WIDTH_MM, MAP_HEIGHT_MM = 118.0, 99.0
SCALES = tuple(round(m * 10**e) for e in range(2, 7) for m in (1, 1.5, 2, 2.5, 3, 4, 5, 7.5))[2:]
SIMPLIFY_MM, GROUND_SIMPLIFY_MM = 0.03, 0.1
GROUND_LAYERS = ("coast", "lakes", "river_water", "boundaries_county", "boundaries_prefecture")
"""Layers drawn pale underneath, for orientation, in this order."""

SMALLEST_MM = 1.6
"""A site smaller than this on paper is marked with a disc, so that it is seen."""

BAND_DASH = (1.2, 0.8)
ALTERNATIVE_COLOUR = "#1f7a45"


@dataclass(frozen=True, slots=True)
class MapFrame:
    """A piece of the working plane at a scale, put at the lower left corner of a figure.

    Parameters
    ----------
    min_x, min_y : float
        Its lower left corner, EPSG:4549.
    scale : int
        Denominator.
    """

    min_x: float
    min_y: float
    scale: int
    width_mm: float = MAP_WIDTH_MM
    height_mm: float = MAP_HEIGHT_MM

    @property
    def window(self) -> BaseGeometry:
        """The piece of the plane, EPSG:4549."""
        metres = self.scale / 1000
        return shapely.box(
            self.min_x,
            self.min_y,
            self.min_x + self.width_mm * metres,
            self.min_y + self.height_mm * metres,
        )

    def place(self, geometry: BaseGeometry) -> BaseGeometry:
        """Return a geometry of the plane on paper: clipped, in millimetres, idle vertices left out."""
        shown = clip(geometry, self.window)
        origin, factor = np.array([self.min_x, self.min_y]), 1000 / self.scale
        paper = shapely.transform(shown, lambda xy: (xy - origin) * factor)
        return shapely.simplify(paper, SIMPLIFY_MM)


@dataclass(frozen=True, slots=True)
class DrawnZone:
    """A control zone in a figure; rules that make the same zone share it.

    Parameters
    ----------
    geometry, shrunk, grown : shapely geometry
        As drawn, and by its accuracy, within the figure's window (EPSG:4549).
    """

    geometry: BaseGeometry
    shrunk: BaseGeometry
    grown: BaseGeometry
    findings: tuple[Finding, ...]
    style: Style
    epsilon_m: float
    settled: bool
    names: tuple[tuple[str, BaseGeometry], ...] = field(default=())


def frame_box(box: Box) -> MapFrame:
    """Return the frame at the largest round scale that shows a box, the box in its middle."""
    width, height = box[2] - box[0], box[3] - box[1]
    needed = max(width / MAP_WIDTH_MM, height / MAP_HEIGHT_MM) * 1000
    scale = next((value for value in SCALES if value >= needed), SCALES[-1])
    metres = scale / 1000
    middle_x, middle_y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return MapFrame(middle_x - MAP_WIDTH_MM * metres / 2, middle_y - MAP_HEIGHT_MM * metres / 2, scale)


def collect_zones(
    findings: Sequence[Finding], workspace: Workspace, frame: MapFrame, *, site_accuracy_m: float
) -> tuple[DrawnZone, ...]:
    """Return the zones of findings within a frame, each geometry once, the strictest on top (last)."""
    by_rule: dict[str, Finding] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule_id, finding)
    drawn: dict[bytes, DrawnZone] = {}
    for finding in by_rule.values():
        zone = make_zone(finding, workspace, frame, site_accuracy_m=site_accuracy_m)
        if zone is None:
            continue
        key = zone.geometry.wkb
        same = drawn.get(key)
        drawn[key] = zone if same is None else join_zones(same, zone)
    order = list(Level)
    return tuple(sorted(drawn.values(), key=lambda zone: order.index(zone.findings[0].level), reverse=True))


def join_zones(first: DrawnZone, second: DrawnZone) -> DrawnZone:
    """Return one zone for two rules that make the same geometry, the strictest rule first."""
    order = list(Level)
    findings = sorted((*first.findings, *second.findings), key=lambda finding: order.index(finding.level))
    return DrawnZone(
        geometry=first.geometry,
        shrunk=first.shrunk,
        grown=first.grown,
        findings=tuple(findings),
        style=first.style,
        epsilon_m=first.epsilon_m,
        settled=first.settled or second.settled,
        names=first.names,
    )


def make_zone(
    finding: Finding, workspace: Workspace, frame: MapFrame, *, site_accuracy_m: float
) -> DrawnZone | None:
    """Return one rule's zone within a frame; None where nothing of it shows."""
    rule = find_rule(finding, workspace)
    zone = None if rule is None else workspace.zones.zone(rule)
    if rule is None or zone is None:
        return None
    window = frame.window
    reach = max(combine_accuracy(site_accuracy_m, part.feature.accuracy_m) for part in zone.parts)
    wider = window.buffer(reach * 1.05 + 10, join_style="mitre")
    parts = zone.near(window, reach * 1.01)
    cuts = [clip(part.geometry, wider) for part in parts]
    epsilons = [combine_accuracy(site_accuracy_m, part.feature.accuracy_m) for part in parts]
    if not cuts:
        return None
    layer = workspace.layers[rule.layer_id]
    united = unite(cuts)
    shrunk, grown = shrink(cuts, epsilons), grow(cuts, epsilons)
    if rule.recipe.type == "outside":
        united, shrunk, grown = (shapely.difference(wider, shape) for shape in (united, grown, shrunk))
    return DrawnZone(
        geometry=clip(united, window),
        shrunk=clip(shrunk, window),
        grown=clip(grown, window),
        findings=(finding,),
        style=workspace.styles.find(parts[0].feature.kind, layer.entry.style),
        epsilon_m=max(epsilons),
        settled=all(part.settled for part in parts),
        names=name_parts(layer, {part.feature.feature_id: part.feature.geometry for part in parts}),
    )


def name_parts(layer: Layer, shapes: dict[str, BaseGeometry]) -> tuple[tuple[str, BaseGeometry], ...]:
    """Return the names of features with their geometry (EPSG:4549)."""
    if layer.frame is None:
        return ()
    rows = zip(layer.frame["id"], layer.frame["name_zh"], strict=True)
    return tuple((str(name), shapes[key]) for key, name in rows if key in shapes and name)


def draw_ground(workspace: Workspace, frame: MapFrame) -> list[Mark]:
    """Return land, sea, water and county borders, pale."""
    marks: list[Mark] = list(shape_paths(frame.place(frame.window), fill="#fbfaf6"))
    for layer_id in GROUND_LAYERS:
        layer = workspace.layers.get(layer_id)
        if layer is None or layer.status is not LayerStatus.OK or layer.frame is None:
            continue
        marks += _draw_ground_layer(layer, workspace, frame)
    return marks


def _draw_ground_layer(layer: Layer, workspace: Workspace, frame: MapFrame) -> list[Mark]:
    """Return one orientation layer."""
    lonlat = crs.to_lonlat(frame.window)
    table = layer.frame
    if table is None:
        return []
    marks: list[Mark] = []
    for index in sorted(table.sindex.query(lonlat, predicate="intersects").tolist()):
        row = table.iloc[index]
        style = workspace.styles.find(row["kind"], layer.entry.style)
        nearby = shapely.clip_by_rect(row.geometry, *_roomy(lonlat.bounds))
        shape = shapely.simplify(frame.place(crs.to_plane(nearby)), GROUND_SIMPLIFY_MM)
        fill = "" if layer.entry.id.startswith("boundaries") else style.fill
        marks += shape_paths(shape, fill=fill, opacity=0.55)
        if not fill:
            edge = shapely.intersection(shapely.boundary(shape), _inner(frame))
            marks += shape_paths(edge, stroke="#a79fae", width_mm=0.18, dash_mm=(1.6, 0.7))
    return marks


def _roomy(bounds: Iterable[float]) -> tuple[float, float, float, float]:
    """Return bounds with a little room, degrees: cut edges stay outside the frame."""
    west, south, east, north = bounds
    return west - 0.01, south - 0.01, east + 0.01, north + 0.01


def _inner(frame: MapFrame) -> BaseGeometry:
    """Return the frame on paper without its very edge, where clipping draws false lines."""
    return shapely.box(0.05, 0.05, frame.width_mm - 0.05, frame.height_mm - 0.05)


def draw_zone(zone: DrawnZone, frame: MapFrame) -> list[Mark]:
    """Return a zone's fill and hatch in the style of its features, its edge in the colour of its level."""
    shape = frame.place(zone.geometry)
    colour = LEVEL_COLOURS[zone.findings[0].level]
    style = zone.style
    marks: list[Mark] = list(shape_paths(shape, fill=style.fill or colour, opacity=0.28))
    if shapely.get_dimensions(shape) == 2:
        marks += hatch_paths(shape, style.hatch, style.stroke or colour, spacing_mm=2.4, width_mm=0.1)
        edge = shapely.intersection(shapely.boundary(shape), _inner(frame))
    else:
        edge = shape
    marks += shape_paths(edge, stroke=colour, width_mm=0.35)
    return marks


def draw_band(zone: DrawnZone, frame: MapFrame) -> list[Mark]:
    """Return where the zone's edge may lie: between the shrunk and the grown zone, dashed on both sides."""
    colour = LEVEL_COLOURS[zone.findings[0].level]
    band = frame.place(shapely.difference(zone.grown, zone.shrunk))
    marks: list[Mark] = list(shape_paths(band, fill=colour, opacity=0.07))
    for limit in (zone.shrunk, zone.grown):
        edge = shapely.intersection(shapely.boundary(frame.place(limit)), _inner(frame))
        marks += shape_paths(edge, stroke=colour, width_mm=0.18, dash_mm=BAND_DASH, opacity=0.8)
    return marks


def draw_overlaps(findings: Sequence[Finding], frame: MapFrame) -> list[Mark]:
    """Return what of the sites lies in the zones, in the colour of the strictest level."""
    order = list(Level)
    marks: list[Mark] = []
    for level in reversed(order):
        shapes = [f.geometry for f in findings if f.level is level and f.geometry is not None]
        certain = any(f.certainty is Certainty.CERTAIN for f in findings if f.level is level)
        if not shapes:
            continue
        shape = frame.place(unite([crs.to_plane(geometry) for geometry in shapes]))
        if shapely.get_dimensions(shape) == 2:
            marks += shape_paths(shape, fill=LEVEL_COLOURS[level], opacity=0.55 if certain else 0.35)
        else:
            marks += shape_paths(shape, stroke=LEVEL_COLOURS[level], width_mm=2.6, opacity=0.6)
    return marks


def draw_site(site: SiteResult, frame: MapFrame, *, fill: bool = False) -> list[Mark]:
    """Return a site's outline with a white casing; a very small one and a point as a disc."""
    shape = frame.place(site.site.geometry_plane)
    if shape.is_empty:
        return []
    colour = VERDICT_COLOURS[site.verdict] if fill else "#111417"
    min_x, min_y, max_x, max_y = shape.bounds
    if max(max_x - min_x, max_y - min_y) < SMALLEST_MM:
        x, y = (min_x + max_x) / 2, (min_y + max_y) / 2
        return [disc(x, y, 1.0, fill=colour, stroke="#ffffff", width_mm=0.25)]
    edge = shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape
    marks: list[Mark] = []
    if fill and edge is not shape:
        marks += shape_paths(shape, fill=colour, opacity=0.5)
    marks += shape_paths(edge, stroke="#ffffff", width_mm=1.1, opacity=0.85)
    marks += shape_paths(edge, stroke=colour, width_mm=0.5)
    return marks


def sites_within(result: CheckResult, frame: MapFrame) -> list[int]:
    """Return the positions of the sites that show in a frame."""
    window = frame.window
    return [index for index, site in enumerate(result.sites) if window.intersects(site.site.geometry_plane)]


def draw_alternatives(site: SiteResult, frame: MapFrame) -> list[Mark]:
    """Return where a site could be moved, and what of it could stay: outlined green and dashed."""
    marks: list[Mark] = []
    for alternative in site.alternatives or ():
        if alternative.geometry is None:
            continue
        shape = frame.place(alternative.geometry)
        edge = shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape
        if alternative.kind == "clear_part":
            marks += shape_paths(shape, fill=ALTERNATIVE_COLOUR, opacity=0.3)
        marks += shape_paths(edge, stroke=ALTERNATIVE_COLOUR, width_mm=0.45, dash_mm=(1.0, 0.5))
    return marks
