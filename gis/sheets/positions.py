"""The places a name may take on the map, best first: round a point, in a surface, along a course.

Chinese maps lean the names of waters to the left and space out those of administrative units: so here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.sheets.content import NUMBERS, SITES
from gis.sheets.courses import middle_line
from gis.sheets.measure import CAP_HEIGHT, MM_PER_PT, char_width, text_width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.sheets.content import MapFeature

Box = tuple[float, float, float, float]

AROUND = (
    (1.0, 0.0), (-1.0, 0.0), (0.7, 0.8), (0.7, -0.8), (-0.7, 0.8), (-0.7, -0.8), (0.0, 1.0), (0.0, -1.0),
)  # fmt: skip
"""Directions of the places round a point, best first (east: the reader's eye comes from the symbol)."""

REACH_NOTE = re.compile(r"（[^（）]*[—～][^（）]*）$")
"""A note of from where to where after a name: told in the data, too long for the map."""


COURSE_STEP_MM = 4.0
LEADER_MM = 6.0

LEAN_DEG = 12.0
"""Names of waters lean so far to the left."""

ASIDE_EM = 0.75
"""Names of lines that are no waters stand so far beside them."""

TRACKINGS = (2.4, 1.7, 1.2)
"""Distances between the letters along a course, in their widths; a long name takes the narrow ones only."""

LONG_NAME = 9
UNIT_TRACKINGS = (2.6, 1.8, 1.2)
ELONGATED = 2.2
"""A surface this much longer than wide near its middle is named along its length."""


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
    lean_deg : float
        How far the letters lean to the left.
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
    lean_deg: float = 0.0


def label_text(feature: MapFeature) -> str:
    """Return the name as written on the map: without a note of from where to where."""
    return REACH_NOTE.sub("", feature.name)


def candidates(feature: MapFeature, place: BaseGeometry, size_pt: float, scale: float) -> Iterator[Label]:
    """Yield the positions a name may take at one place, best first."""
    if isinstance(place, shapely.Point):
        yield from _around(feature, (place.x, place.y), size_pt, feature.style.size_mm * scale / 2)
    elif isinstance(place, shapely.Polygon):
        yield from (_spaced if is_unit(feature) else _within)(feature, place, size_pt)
    elif isinstance(place, shapely.LineString):
        yield from along_course(feature, place, size_pt)


def is_unit(feature: MapFeature) -> bool:
    """Return whether a surface is an administrative unit: of the context, and not filled."""
    return feature.entry.theme == "context" and not feature.style.fill


def lean_of(feature: MapFeature) -> float:
    """Return how far a name leans: those of waters do."""
    return LEAN_DEG if feature.entry.theme == "water" and feature.geometry.geom_type != "Point" else 0.0


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
        lean_deg=lean_of(feature),
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
    """Yield places in a surface: along its course if it has one, its widest spot, all over it, beside it."""
    upright = feature.entry.title is NUMBERS
    course = None if upright else middle_line(polygon)
    if course is not None:
        yield from along_course(feature, course, size_pt, aside=0.0)
    circle = shapely.maximum_inscribed_circle(polygon, tolerance=max(0.3, polygon.length / 400))
    centre = shapely.get_coordinates(circle)[0]
    radius = circle.length
    width = text_width(label_text(feature), size_pt)
    spots = [(0.0, 0.0), (0.0, 0.5), (0.0, -0.5), (0.5, 0.0), (-0.5, 0.0), (0.5, 0.5), (-0.5, -0.5)]
    around = [
        straight(feature, (centre[0] + dx * radius, centre[1] + dy * radius), size_pt) for dx, dy in spots
    ]
    shapely.prepare(polygon)
    yield from (label for label in around if polygon.contains(shapely.box(*label.boxes[0])))
    if not upright:
        yield from _lengthwise(feature, polygon, centre, radius, size_pt)
    if width <= 3.2 * radius or width * size_pt * MM_PER_PT * 4 < polygon.area:
        yield from around
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


def _lengthwise(
    feature: MapFeature, polygon: shapely.Polygon, centre: NDArray[np.float64], radius: float, size_pt: float
) -> Iterator[Label]:
    """Yield a place along the length of a surface through its widest spot, if it is long and narrow there."""
    em = size_pt * MM_PER_PT
    reach = max(text_width(label_text(feature), size_pt) * 0.75, 2.5 * radius)
    near = shapely.intersection(polygon, shapely.buffer(shapely.Point(centre), reach))
    frame = shapely.get_coordinates(shapely.minimum_rotated_rectangle(near))
    if len(frame) < 4 or 2 * radius < 1.15 * em:
        return
    sides = np.diff(frame[:3], axis=0)
    lengths = np.hypot(*sides.T)
    if lengths.max() < ELONGATED * max(lengths.min(), 1e-9):
        return
    way = sides[int(np.argmax(lengths))] / lengths.max()
    axis = shapely.LineString([centre - way * reach, centre + way * reach])
    for tracking in (1.5, 1.15, 1.0):
        at, need = letter_places(feature, em, tracking)
        spots, _ = _follow(axis, axis.length / 2 - need / 2, at, em)
        label = _curved(feature, spots, size_pt)
        if all(polygon.contains(shapely.box(*box)) for box in label.boxes):
            yield label


def _spaced(feature: MapFeature, polygon: shapely.Polygon, size_pt: float) -> Iterator[Label]:
    """Yield places of a unit's name, its letters spaced out on a level line, the widest spacing first."""
    em = size_pt * MM_PER_PT
    spots = spread_spots(polygon, em, most=600)
    spots = spots[:: max(1, len(spots) // 60)]
    shapely.prepare(polygon)
    for tracking in UNIT_TRACKINGS:
        at, need = letter_places(feature, em, tracking)
        for x, y in spots:
            along = shapely.LineString([(x - need / 2, y), (x + need / 2, y)])
            label = _curved(feature, _follow(along, 0.0, at, em)[0], size_pt)
            if all(polygon.contains(shapely.box(*box)) for box in label.boxes):
                yield label


def spread_spots(polygon: shapely.Polygon, line_mm: float, *, most: int = 60) -> list[tuple[float, float]]:
    """Return points spread over a surface, the farthest from its edge first: for much indented ones."""
    left, bottom, right, top = polygon.bounds
    step = max(3 * line_mm, (right - left) / 24, (top - bottom) / 24)
    xs, ys = np.meshgrid(np.arange(left + step / 2, right, step), np.arange(bottom + step / 2, top, step))
    points = shapely.points(xs.ravel(), ys.ravel())
    points = points[shapely.contains(polygon, points)]
    depth = shapely.distance(shapely.boundary(polygon), points)
    order = np.argsort(-depth, kind="stable")[:most]
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(points[order])]


def letter_places(feature: MapFeature, em: float, tracking: float) -> tuple[NDArray[np.float64], float]:
    """Return where the middles of a name's letters stand from its beginning, and its length, millimetres."""
    widths = np.array([char_width("regular", char) for char in label_text(feature)])
    gaps = np.arange(len(widths)) * (tracking - 1)
    at: NDArray[np.float64] = em * (np.cumsum(widths) - widths / 2 + gaps)
    return at, float(em * (widths.sum() + gaps[-1]))


def along_course(
    feature: MapFeature, line: shapely.LineString, size_pt: float, *, aside: float | None = None
) -> Iterator[Label]:
    """Yield places along a line, straightest and most central first, letter by letter.

    The names of waters stand in them, those of other lines beside them, unless `aside` says how far.
    """
    em = size_pt * MM_PER_PT
    smooth = shapely.simplify(line, em * 0.5)
    if aside is None:
        in_it = feature.entry.theme == "water"
        aside = 0.0 if in_it else ASIDE_EM * em + feature.style.stroke_mm / 2
    for tracking in TRACKINGS if len(label_text(feature)) <= LONG_NAME else (*TRACKINGS[2:], 1.0):
        at, need = letter_places(feature, em, tracking)
        spare = smooth.length - need
        if spare < 0:
            continue
        starts = np.linspace(0.0, spare, max(2, int(spare / COURSE_STEP_MM)))
        places = [_follow(smooth, start, at, em) for start in starts]
        costs = [
            bend + 0.25 * abs(start - spare / 2) / (spare + 1)
            for start, (_, bend) in zip(starts, places, strict=True)
        ]
        order = np.argsort(costs, kind="stable")
        for index in order[:40]:
            spots, bend = places[index]
            if bend < 0.9:
                yield _curved(feature, spots, size_pt, aside=aside)
                if aside:
                    yield _curved(feature, spots, size_pt, aside=-aside)


def _follow(
    line: shapely.LineString, start: float, at: NDArray[np.float64], em: float
) -> tuple[NDArray[np.float64], float]:
    """Return (x, y, direction) of letters that stand `at` from `start`, and how much their course bends."""
    at = start + at
    reach = max(em, float(np.diff(at).mean()) if len(at) > 1 else em) * 0.9
    before = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(at - reach, 0)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(line, np.minimum(at + reach, line.length)))
    middle = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    way = after - before
    angles = np.unwrap(np.arctan2(way[:, 1], way[:, 0]))
    bend = float(np.abs(np.diff(angles)).max()) if len(at) > 1 else 0.0
    return np.column_stack((middle, angles)), bend


def _curved(feature: MapFeature, spots: NDArray[np.float64], size_pt: float, *, aside: float = 0.0) -> Label:
    """Return a label whose letters stand at `spots`, or `aside` above them, turned so that it reads."""
    way = spots[-1, :2] - spots[0, :2]
    steep = abs(way[1]) > 1.7 * abs(way[0])
    if (steep and way[1] > 0) or (not steep and way[0] < 0):
        spots = spots[::-1] + np.array([0.0, 0.0, math.pi])
    turn = math.pi / 2 if steep else 0.0
    em = size_pt * MM_PER_PT
    spots = spots + aside * np.column_stack((-np.sin(spots[:, 2]), np.cos(spots[:, 2]), 0 * spots[:, 2]))
    lean = 0.0 if steep else lean_of(feature)
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
        lean_deg=lean,
    )
