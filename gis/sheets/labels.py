"""Names on the map: greedy placement among candidates, none on another, none over a point symbol.

Points take one of sixteen places round their symbol, nearest and best first, the farther ones with a leader
line; surfaces take their widest place; rivers and corridors carry their name along their course, character by
character. What finds no place is counted, never squeezed in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.ops import substring

from gis.sheets.canvas import Pose
from gis.sheets.content import NUMBERS, SITES
from gis.sheets.draw import line_parts, point_coordinates, polygon_parts
from gis.sheets.measure import MM_PER_PT, text_width
from gis.sheets.positions import Box, Label, candidates, is_unit, label_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from gis.sheets.canvas import Canvas
    from gis.sheets.content import MapFeature
    from gis.sheets.frame import PaperFrame

HALO_MM = 0.32
CLEARANCE_MM = 0.35
NEAT_LINE_GAP_MM = 1.2
NUMBERED_MM2 = 150.0
"""Further parts of a control zone this large carry its number too."""

SMALL_UNIT = 6.0
"""An administrative unit that is not this many times as large as its name is not named."""

COURSE_REPEAT_MM = 230.0


@dataclass(frozen=True, slots=True)
class Placement:
    """The names of a sheet: placed, and those that found no room."""

    labels: tuple[Label, ...]
    unplaced: tuple[str, ...]


@dataclass
class Occupied:
    """Boxes that are taken, the area names must stay in, and project sites."""

    inside: shapely.Polygon
    sites: BaseGeometry
    boxes: list[Box] = field(default_factory=list)

    def takes(self, label: Label, feature: MapFeature) -> bool:
        """Return whether a name has room; that of an administrative unit keeps off the project sites."""
        if not self.is_free(label.boxes):
            return False
        return not is_unit(feature) or not any(self.sites.intersects(shapely.box(*b)) for b in label.boxes)

    def is_free(self, boxes: Sequence[Box]) -> bool:
        """Return whether boxes lie inside the neat line and on none that is taken."""
        taken = np.array(self.boxes) if self.boxes else np.empty((0, 4))
        for left, bottom, right, top in boxes:
            hit = (
                (taken[:, 0] < right + CLEARANCE_MM)
                & (taken[:, 2] > left - CLEARANCE_MM)
                & (taken[:, 1] < top + CLEARANCE_MM)
                & (taken[:, 3] > bottom - CLEARANCE_MM)
            )
            if hit.any() or not shapely.contains(self.inside, shapely.box(left, bottom, right, top)):
                return False
        return True


def place_labels(features: Sequence[MapFeature], paper: PaperFrame, *, scale: float) -> Placement:
    """Place the names of all features inside the frame.

    Parameters
    ----------
    features : sequence of MapFeature
        On paper.
    scale : float
        Size of type and symbols relative to the style file.
    """
    inner = shapely.buffer(paper.polygon, -NEAT_LINE_GAP_MM)
    shapely.prepare(inner)
    sites = shapely.union_all([feature.geometry for feature in features if feature.entry.id == SITES])
    occupied = Occupied(inner, sites, [box for feature in features for box in symbol_boxes(feature, scale)])
    placed: list[Label] = []
    unplaced: list[str] = []
    for feature in sorted(wanted(features), key=priority):
        size = feature.style.text_pt * scale
        found = 0
        for place in label_places(feature, paper):
            choices = candidates(feature, place, size, scale)
            label = next((label for label in choices if occupied.takes(label, feature)), None)
            if label is not None:
                placed.append(label)
                occupied.boxes += label.boxes
                found += 1
        if not found:
            unplaced.append(label_text(feature))
    return Placement(tuple(placed), tuple(unplaced))


def wanted(features: Sequence[MapFeature]) -> list[MapFeature]:
    """Return the features that carry a name on this sheet.

    Points each carry theirs; of surfaces and lines with the same name in one theme (a river's water and its
    axis) one does, a line before a surface, the longer before the shorter.
    """
    chosen: dict[tuple[str, str, str], MapFeature] = {}
    for feature in features:
        if not (feature.inside and feature.name and feature.style.text_pt > 0) or is_small(feature):
            continue
        own = feature.feature_id if point_coordinates([feature.geometry]) else ""
        key = (feature.entry.theme, label_text(feature), own)
        if key not in chosen or weight(feature) > weight(chosen[key]):
            chosen[key] = feature
    return list(chosen.values())


def is_small(feature: MapFeature) -> bool:
    """Return whether a feature is an administrative unit too small on paper to be named in its middle."""
    if not is_unit(feature) or not polygon_parts(feature.geometry):
        return False
    size = feature.style.text_pt
    return bool(feature.geometry.area < SMALL_UNIT * text_width(feature.name, size) * size * MM_PER_PT)


def weight(feature: MapFeature) -> tuple[bool, float]:
    """Return how well a feature carries a name that several share."""
    return bool(line_parts(feature.geometry)), float(feature.geometry.length)


def label_places(feature: MapFeature, paper: PaperFrame) -> list[BaseGeometry]:
    """Return the parts that carry a feature's name: its point, its largest surface, or stretches of line."""
    points = point_coordinates([feature.geometry])
    if points:
        return [shapely.Point(points[0])]
    cut = shapely.intersection(shapely.make_valid(feature.geometry), paper.polygon)
    polygons = polygon_parts(cut)
    if polygons:
        polygons.sort(key=lambda part: -part.area)
        numbered = feature.entry.title is NUMBERS
        return [*polygons[:1], *(part for part in polygons[1:4] if numbered and part.area > NUMBERED_MM2)]
    lines = sorted(line_parts(shapely.line_merge(cut)), key=lambda part: -part.length)
    if not lines:
        return []
    count = max(1, round(lines[0].length / COURSE_REPEAT_MM))
    step = 1 / count
    return [substring(lines[0], index * step, (index + 1) * step, normalized=True) for index in range(count)]


def priority(feature: MapFeature) -> tuple[float, float, str]:
    """Return the order of placement: sites, thematic points, courses and surfaces, places by size."""
    if feature.entry.id == SITES:
        return -2.0, 0.0, feature.feature_id
    if feature.entry.title is NUMBERS:
        return -1.0, 0.0, feature.feature_id
    if feature.entry.theme == "context":
        return (4.0 if is_unit(feature) else 3.0), -feature.rank, feature.feature_id
    is_point = bool(point_coordinates([feature.geometry]))
    return (0.0 if is_point else 1.0), -feature.style.text_pt, feature.feature_id


def symbol_boxes(feature: MapFeature, scale: float) -> list[Box]:
    """Return the boxes of a feature's point symbols."""
    half = feature.style.size_mm * scale * 0.6
    return [(x - half, y - half, x + half, y + half) for x, y in point_coordinates([feature.geometry])]


def draw_labels(canvas: Canvas, labels: Sequence[Label]) -> None:
    """Draw placed names, each in the switchable layer of its feature: halos first, then the text."""
    for label in labels:
        with canvas.layer(label.layer):
            if label.glyphs:
                _draw_curved(canvas, label)
                continue
            if label.leader is not None:
                canvas.line(*label.leader, label.colour, 0.12)
            canvas.text(
                *label.at,
                label.text,
                label.size_pt,
                face=label.face,
                colour=label.colour,
                lean_deg=label.lean_deg,
                halo_mm=HALO_MM,
            )


def _draw_curved(canvas: Canvas, label: Label) -> None:
    """Draw a name along a course: halo, outlines, and one invisible text to be found by a search."""
    for halo in (HALO_MM, 0.0):
        for char, x, y, angle in label.glyphs:
            pose = Pose(x, y, label.size_pt * MM_PER_PT, angle, label.lean_deg)
            canvas.glyph(pose, char, face=label.face, colour=label.colour, halo_mm=halo)
    canvas.hidden_text(*label.at, label.text, label.size_pt, face=label.face)
