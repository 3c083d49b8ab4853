"""Names on the map: greedy placement among candidates, none on another, none over a point symbol.

Points take one of sixteen places round their symbol, nearest and best first, the farther ones with a leader
line; surfaces take their widest place; rivers and corridors carry their name along their course, character by
character. What finds no place is counted, never squeezed in.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.ops import substring

from gis.sheets.canvas import Pose
from gis.sheets.content import NUMBERS, SITES
from gis.sheets.draw import line_parts, point_coordinates, polygon_parts
from gis.sheets.measure import CAP_HEIGHT, MM_PER_PT, text_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.sheets.canvas import Canvas
    from gis.sheets.content import MapFeature
    from gis.sheets.frame import PaperFrame

Box = tuple[float, float, float, float]

AROUND = (
    (1.0, 0.0), (-1.0, 0.0), (0.7, 0.8), (0.7, -0.8), (-0.7, 0.8), (-0.7, -0.8), (0.0, 1.0), (0.0, -1.0),
)  # fmt: skip
"""Directions of the places round a point, best first (east: the reader's eye comes from the symbol)."""

HALO_MM = 0.32
REACH_NOTE = re.compile(r"（[^（）]*[—～][^（）]*）$")
"""A note of from where to where after a name: told in the data, too long for the map."""

CLEARANCE_MM = 0.35
NEAT_LINE_GAP_MM = 1.2
NUMBERED_MM2 = 150.0
"""Further parts of a control zone this large carry its number too."""

COURSE_STEP_MM = 4.0
COURSE_REPEAT_MM = 230.0
LEADER_MM = 6.0


@dataclass(frozen=True, slots=True)
class Label:
    """One placed name.

    Parameters
    ----------
    at : tuple of float
        Left end of the baseline, millimetres; for a name along a course unused.
    glyphs : tuple
        (character, x, y, angle) of a name along a course; empty for a straight one.
    leader : tuple or None
        Two points of a leader line.
    """

    text: str
    layer: str
    size_pt: float
    colour: str
    face: str
    at: tuple[float, float]
    boxes: tuple[Box, ...]
    glyphs: tuple[tuple[str, float, float, float], ...] = ()
    leader: tuple[tuple[float, float], tuple[float, float]] | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """The names of a sheet: placed, and those that found no room."""

    labels: tuple[Label, ...]
    unplaced: tuple[str, ...]


@dataclass
class Occupied:
    """Boxes that are taken, and the area names must stay in."""

    inside: shapely.Polygon
    boxes: list[Box] = field(default_factory=list)

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
    occupied = Occupied(inner, [box for feature in features for box in symbol_boxes(feature, scale)])
    placed: list[Label] = []
    unplaced: list[str] = []
    for feature in sorted(wanted(features), key=priority):
        size = feature.style.text_pt * scale
        found = 0
        for place in label_places(feature, paper):
            choices = candidates(feature, place, size, scale)
            label = next((label for label in choices if occupied.is_free(label.boxes)), None)
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
        if not (feature.inside and feature.name and feature.style.text_pt > 0):
            continue
        own = feature.feature_id if point_coordinates([feature.geometry]) else ""
        key = (feature.entry.theme, label_text(feature), own)
        if key not in chosen or weight(feature) > weight(chosen[key]):
            chosen[key] = feature
    return list(chosen.values())


def label_text(feature: MapFeature) -> str:
    """Return the name as written on the map: without a note of from where to where."""
    return REACH_NOTE.sub("", feature.name)


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
        return 3.0, -feature.rank, feature.feature_id
    is_point = bool(point_coordinates([feature.geometry]))
    return (0.0 if is_point else 1.0), -feature.style.text_pt, feature.feature_id


def symbol_boxes(feature: MapFeature, scale: float) -> list[Box]:
    """Return the boxes of a feature's point symbols."""
    half = feature.style.size_mm * scale * 0.6
    return [(x - half, y - half, x + half, y + half) for x, y in point_coordinates([feature.geometry])]


def candidates(feature: MapFeature, place: BaseGeometry, size_pt: float, scale: float) -> Iterator[Label]:
    """Yield the positions a name may take at one place, best first."""
    if isinstance(place, shapely.Point):
        yield from _around(feature, (place.x, place.y), size_pt, feature.style.size_mm * scale / 2)
    elif isinstance(place, shapely.Polygon):
        yield from _within(feature, place, size_pt)
    elif isinstance(place, shapely.LineString):
        yield from along_course(feature, place, size_pt)


def face_of(feature: MapFeature) -> str:
    """Return the weight of a name: sites and the numbers of control zones are bold."""
    return "bold" if feature.entry.id == SITES or feature.entry.title is NUMBERS else "regular"


def straight(
    feature: MapFeature,
    centre: tuple[float, float],
    size_pt: float,
    *,
    leader_from: tuple[float, float] | None = None,
) -> Label:
    """Return a straight horizontal label centred at a point."""
    width = text_width(label_text(feature), size_pt)
    height = size_pt * MM_PER_PT
    left, bottom = centre[0] - width / 2, centre[1] - height / 2
    leader = None
    if leader_from is not None:
        x = min(max(leader_from[0], left), left + width)
        y = bottom if leader_from[1] < bottom else bottom + height
        leader = (leader_from, (x, y))
    return Label(
        text=label_text(feature),
        layer=feature.entry.title.zh,
        size_pt=size_pt,
        colour=feature.style.text_colour,
        face=face_of(feature),
        at=(left, centre[1] - CAP_HEIGHT * height * 0.5),
        boxes=((left, bottom, left + width, bottom + height),),
        leader=leader,
    )


def _around(
    feature: MapFeature, point: tuple[float, float], size_pt: float, radius: float
) -> Iterator[Label]:
    """Yield the places round a point: eight close, then eight farther with a leader line."""
    width, height = text_width(label_text(feature), size_pt), size_pt * MM_PER_PT
    for reach in (radius + 0.9, radius + LEADER_MM):
        for dx, dy in AROUND:
            centre = (
                point[0] + dx * reach + math.copysign(width / 2, dx) * (dx != 0),
                point[1] + dy * (reach + height / 2),
            )
            yield straight(feature, centre, size_pt, leader_from=point if reach > LEADER_MM else None)


def _within(feature: MapFeature, polygon: shapely.Polygon, size_pt: float) -> Iterator[Label]:
    """Yield places in a surface: its widest spot, spots round it, then beside the surface."""
    circle = shapely.maximum_inscribed_circle(polygon, tolerance=max(0.3, polygon.length / 400))
    centre = shapely.get_coordinates(circle)[0]
    radius = circle.length
    width = text_width(label_text(feature), size_pt)
    spots = [(0.0, 0.0), (0.0, 0.5), (0.0, -0.5), (0.5, 0.0), (-0.5, 0.0), (0.5, 0.5), (-0.5, -0.5)]
    if width <= 3.2 * radius or width * size_pt * MM_PER_PT * 4 < polygon.area:
        for dx, dy in spots:
            yield straight(feature, (centre[0] + dx * radius, centre[1] + dy * radius), size_pt)
    for x, y in spread_spots(polygon, size_pt * MM_PER_PT):
        yield straight(feature, (x, y), size_pt)
    left, bottom, right, top = polygon.bounds
    middle = ((left + right) / 2, (bottom + top) / 2)
    gap = size_pt * MM_PER_PT * 0.8
    for x, y in (
        (right + width / 2 + 0.8, middle[1]),
        (left - width / 2 - 0.8, middle[1]),
        (middle[0], top + gap),
        (middle[0], bottom - gap),
    ):
        if min(right - left, top - bottom) < 40:
            yield straight(feature, (x, y), size_pt)


def spread_spots(polygon: shapely.Polygon, line_mm: float) -> list[tuple[float, float]]:
    """Return points spread over a surface, the farthest from its edge first: for much indented ones."""
    left, bottom, right, top = polygon.bounds
    step = max(3 * line_mm, (right - left) / 24, (top - bottom) / 24)
    xs, ys = np.meshgrid(np.arange(left + step / 2, right, step), np.arange(bottom + step / 2, top, step))
    points = shapely.points(xs.ravel(), ys.ravel())
    points = points[shapely.contains(polygon, points)]
    depth = shapely.distance(shapely.boundary(polygon), points)
    order = np.argsort(-depth, kind="stable")[:60]
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(points[order])]


def along_course(feature: MapFeature, line: shapely.LineString, size_pt: float) -> Iterator[Label]:
    """Yield places along a line, straightest and most central first, character by character."""
    em = size_pt * MM_PER_PT
    smooth = shapely.simplify(line, em * 0.5)
    for tracking in (2.4, 1.7, 1.2):
        need = em * tracking * (len(label_text(feature)) - 1) + em
        spare = smooth.length - need
        if spare < 0:
            continue
        starts = np.linspace(0.0, spare, max(2, int(spare / COURSE_STEP_MM)))
        places = [_follow(smooth, start, em * tracking, em, len(label_text(feature))) for start in starts]
        costs = [
            bend + 0.25 * abs(start - spare / 2) / (spare + 1)
            for start, (_, bend) in zip(starts, places, strict=True)
        ]
        order = np.argsort(costs, kind="stable")
        for index in order[:40]:
            spots, bend = places[index]
            if bend < 0.9:
                yield _curved(feature, spots, size_pt)


def _follow(
    line: shapely.LineString, start: float, step: float, em: float, count: int
) -> tuple[NDArray[np.float64], float]:
    """Return (x, y, direction) of `count` characters from `start`, and how much their course bends."""
    at = start + em / 2 + step * np.arange(count)
    reach = step * 0.9
    before = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(at - reach, 0)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(line, np.minimum(at + reach, line.length)))
    middle = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    way = after - before
    angles = np.unwrap(np.arctan2(way[:, 1], way[:, 0]))
    bend = float(np.abs(np.diff(angles)).max()) if count > 1 else 0.0
    return np.column_stack((middle, angles)), bend


def _curved(feature: MapFeature, spots: NDArray[np.float64], size_pt: float) -> Label:
    """Return a label whose characters stand at `spots`, turned so that it reads."""
    way = spots[-1, :2] - spots[0, :2]
    steep = abs(way[1]) > 1.7 * abs(way[0])
    if (steep and way[1] > 0) or (not steep and way[0] < 0):
        spots = spots[::-1] + np.array([0.0, 0.0, math.pi])
    turn = math.pi / 2 if steep else 0.0
    em = size_pt * MM_PER_PT
    glyphs, boxes = [], []
    for char, (x, y, direction) in zip(label_text(feature), spots.tolist(), strict=True):
        angle = math.remainder(direction + turn, math.tau)
        half_width = text_width(char, size_pt) / 2
        drop = 0.38 * em
        px = x - half_width * math.cos(angle) + drop * math.sin(angle)
        py = y - half_width * math.sin(angle) - drop * math.cos(angle)
        glyphs.append((char, px, py, math.degrees(angle)))
        boxes.append((x - em * 0.55, y - em * 0.55, x + em * 0.55, y + em * 0.55))
    middle = spots[len(spots) // 2]
    return Label(
        text=label_text(feature),
        layer=feature.entry.title.zh,
        size_pt=size_pt,
        colour=feature.style.text_colour,
        face="regular",
        at=(float(middle[0]), float(middle[1])),
        boxes=tuple(boxes),
        glyphs=tuple(glyphs),
    )


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
                *label.at, label.text, label.size_pt, face=label.face, colour=label.colour, halo_mm=HALO_MM
            )


def _draw_curved(canvas: Canvas, label: Label) -> None:
    """Draw a name along a course: halo, outlines, and one invisible text to be found by a search."""
    for halo in (HALO_MM, 0.0):
        for char, x, y, angle in label.glyphs:
            pose = Pose(x, y, label.size_pt * MM_PER_PT, angle)
            canvas.glyph(pose, char, face=label.face, colour=label.colour, halo_mm=halo)
    canvas.hidden_text(*label.at, label.text, label.size_pt, face=label.face)
