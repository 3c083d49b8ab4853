"""Constructs: what a geometry table of a source file says → a shapely geometry in degrees.

A ring or line is given in *stretches*: runs of vertices read from one thing, with ``read_from`` naming it
and, where the run is known better than the rest (a boundary, a bank, a road), ``fixed = true``. Fitting to
an official area moves only the free stretches.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.crs import GEOGRAPHIC, PLANE, area_lonlat_m2, to_plane, transform
from gis.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

SCALE_RANGE = (0.85, 1.18)
"""How far fitting to the official area may stretch free vertices; beyond, the outline must be redrawn."""

AXIS_STEP_M = 150.0
BELT_TOLERANCE_M = 15.0
"""A belt's axis is interpolated every 150 m and its outline then thinned to 15 m."""

SMALLEST_M2 = 10_000.0
"""Holes and splinters of a belt below 1 ha come from its construction and are dropped."""


@dataclass(frozen=True, slots=True)
class ShapeContext:
    """What a construct may look up: the features of built layers, by layer id and feature ids."""

    read_features: Callable[[str, Sequence[str]], tuple[BaseGeometry, ...]]


def source_error(zh: str, en: str) -> LayerError:
    """Return the error for a geometry table that cannot be drawn."""
    return LayerError(zh, en, code="layers.source")


def require(table: Mapping[str, Any], name: str) -> Any:
    """Return a field of a geometry table.

    Raises
    ------
    LayerError
        If it is missing.
    """
    if name not in table:
        raise source_error(f"几何定义缺少 {name}", f"the geometry table lacks {name}")
    return table[name]


def read_stretches(table: Mapping[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the vertices of all stretches in order, and which of them are fixed.

    Raises
    ------
    LayerError
        If a stretch does not say what it was read from or has no vertices.
    """
    vertices: list[Sequence[float]] = []
    fixed: list[bool] = []
    for stretch in require(table, "stretch"):
        if not stretch.get("read_from") or not stretch.get("vertices"):
            raise source_error(
                "每段折点都要有 vertices 并用 read_from 说明读自何处",
                "every stretch needs vertices and must say in read_from what they were read from",
            )
        vertices.extend(stretch["vertices"])
        fixed.extend([bool(stretch.get("fixed", False))] * len(stretch["vertices"]))
    return np.asarray(vertices, dtype=np.float64), np.asarray(fixed, dtype=np.bool_)


def fit_area(
    vertices: NDArray[np.float64], fixed: NDArray[np.bool_], area_ha: float, anchor: Sequence[float] | None
) -> NDArray[np.float64]:
    """Return the ring with its free vertices moved from `anchor` so that it covers `area_ha`.

    Parameters
    ----------
    vertices : array, shape (n, 2)
        Ring in degrees, not closed.
    fixed : array of bool, shape (n,)
        Vertices that stay.
    area_ha : float
        Area on the ellipsoid, hectares.
    anchor : sequence of float, optional
        [lon, lat] the free vertices move from; the centroid when left out.

    Raises
    ------
    LayerError
        If the factor needed lies outside :data:`SCALE_RANGE`.
    """
    centre = np.asarray(anchor or shapely.get_coordinates(shapely.Polygon(vertices).centroid)[0])

    def move(factor: float) -> NDArray[np.float64]:
        return np.where(fixed[:, None], vertices, centre + factor * (vertices - centre))

    def excess_ha(factor: float) -> float:
        return area_lonlat_m2(shapely.Polygon(move(factor))) / 1e4 - area_ha

    low, high = SCALE_RANGE
    if excess_ha(low) > 0 or excess_ha(high) < 0:
        drawn = area_lonlat_m2(shapely.Polygon(vertices)) / 1e4
        raise source_error(
            f"轮廓面积 {drawn:.0f} 公顷与公布面积 {area_ha:.0f} 公顷相差过大，请重新勾绘",
            f"the outline covers {drawn:.0f} ha, too far from the official {area_ha:.0f} ha: draw it anew",
        )
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if excess_ha(middle) < 0 else (low, middle)
    return move((low + high) / 2)


def draw_point(table: Mapping[str, Any], context: ShapeContext) -> BaseGeometry:
    """Return the point ``at`` = [lon, lat]."""
    del context
    return shapely.Point(require(table, "at"))


def draw_line(table: Mapping[str, Any], context: ShapeContext) -> BaseGeometry:
    """Return the line through the stretches."""
    del context
    vertices, _ = read_stretches(table)
    return shapely.LineString(vertices)


def draw_polygon(table: Mapping[str, Any], context: ShapeContext) -> BaseGeometry:
    """Return the polygon inside the stretches, fitted to ``scale_to_area_ha`` when that is given."""
    del context
    return draw_ring(table)


def draw_ring(table: Mapping[str, Any]) -> shapely.Polygon:
    """Return the polygon inside the stretches of one ring."""
    vertices, fixed = read_stretches(table)
    if "scale_to_area_ha" in table:
        vertices = fit_area(vertices, fixed, float(table["scale_to_area_ha"]), table.get("anchor"))
    return shapely.Polygon(vertices)


def draw_multipolygon(table: Mapping[str, Any], context: ShapeContext) -> BaseGeometry:
    """Return the parts, each a polygon table of its own, as one multipolygon."""
    del context
    return shapely.MultiPolygon([draw_ring(part) for part in require(table, "part")])


def draw_local_polygon(table: Mapping[str, Any], context: ShapeContext) -> BaseGeometry:
    """Return a polygon in metres [along, across] from ``origin``: along ``bearing_deg``, across to the left.

    For things laid out on an axis of their own, such as the land of an airport. The bearing is clockwise from
    grid north of the working plane.
    """
    del context
    vertices, _ = read_stretches(table)
    x_0, y_0 = shapely.get_coordinates(transform(shapely.Point(require(table, "origin")), GEOGRAPHIC, PLANE))[
        0
    ]
    angle = np.radians(90.0 - float(require(table, "bearing_deg")))
    along, across = vertices[:, 0], vertices[:, 1]
    x = x_0 + along * np.cos(angle) - across * np.sin(angle)
    y = y_0 + along * np.sin(angle) + across * np.cos(angle)
    return transform(shapely.Polygon(np.column_stack((x, y))), PLANE, GEOGRAPHIC)


def smooth_axis(vertices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows (x, y, left, right) interpolated along a centripetal Catmull-Rom spline through them.

    Notes
    -----
    Barry and Goldman (1988), with knots of alpha = 0.5: passes through every vertex, no loops. Widths vary
    linearly along the axis.
    """
    ends = np.vstack((2 * vertices[0] - vertices[1], vertices, 2 * vertices[-1] - vertices[-2]))
    rows: list[NDArray[np.float64]] = []
    for p_0, p_1, p_2, p_3 in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        xy = [p[:2] for p in (p_0, p_1, p_2, p_3)]
        steps = [np.sqrt(np.hypot(*(b - a))) for a, b in pairwise(xy)]
        knots = np.concatenate(([0.0], np.cumsum(steps)))
        count = max(2, int(np.hypot(*(xy[2] - xy[1])) // AXIS_STEP_M) + 1)
        for t in np.linspace(knots[1], knots[2], count, endpoint=False):
            level = list(xy)
            for order in (1, 2, 3):
                level = [_blend(level[i], level[i + 1], knots, i, order, t) for i in range(len(level) - 1)]
            share = (t - knots[1]) / (knots[2] - knots[1])
            rows.append(np.concatenate((level[0], (1 - share) * p_1[2:] + share * p_2[2:])))
    return np.vstack([*rows, vertices[-1]])


def _blend(
    a: NDArray[np.float64], b: NDArray[np.float64], knots: NDArray[np.float64], i: int, order: int, t: float
) -> NDArray[np.float64]:
    """Return one step of the Barry-Goldman pyramid; the knots used are (i, i+1), (i, i+2), then (1, 2)."""
    start, stop = {1: (i, i + 1), 2: (i, i + 2), 3: (1, 2)}[order]
    result: NDArray[np.float64] = ((knots[stop] - t) * a + (t - knots[start]) * b) / (
        knots[stop] - knots[start]
    )
    return result


def draw_belt(table: Mapping[str, Any], context: ShapeContext) -> BaseGeometry:
    """Return the union of belts along the branches: vertices [lon, lat, left_m, right_m] from end to end.

    The outline follows each axis smoothly, widths vary linearly between vertices, ends are round.
    """
    del context
    shapes: list[BaseGeometry] = []
    for branch in require(table, "branch"):
        vertices, _ = read_stretches(branch)
        xy = shapely.get_coordinates(transform(shapely.LineString(vertices[:, :2]), GEOGRAPHIC, PLANE))
        shapes.extend(_belt_pieces(smooth_axis(np.column_stack((xy, vertices[:, 2:])))))
    return transform(clean_outline(shapes, BELT_TOLERANCE_M), PLANE, GEOGRAPHIC)


def clean_outline(shapes: Sequence[BaseGeometry], tolerance_m: float) -> BaseGeometry:
    """Return the union of plane shapes on a 1 m grid, holes below 1 ha filled, thinned to `tolerance_m`."""
    union = shapely.simplify(shapely.union_all(shapes, grid_size=1.0), tolerance_m)
    polygons = [part for part in shapely.get_parts(union).tolist() if part.area > SMALLEST_M2]
    filled = [
        shapely.Polygon(
            part.exterior, [hole for hole in part.interiors if shapely.Polygon(hole).area > SMALLEST_M2]
        )
        for part in polygons
    ]
    return filled[0] if len(filled) == 1 else shapely.MultiPolygon(filled)


def _belt_pieces(rows: NDArray[np.float64]) -> list[BaseGeometry]:
    """Return the quads between successive cross-sections and a disc at each, in the plane."""
    xy, left, right = rows[:, :2], rows[:, 2:3], rows[:, 3:4]
    direction = np.gradient(xy, axis=0)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    normal = np.column_stack((-direction[:, 1], direction[:, 0]))
    a, b = xy + normal * left, xy - normal * right
    quads = [
        shapely.convex_hull(shapely.MultiPoint([a[i], a[i + 1], b[i + 1], b[i]]))
        for i in range(len(rows) - 1)
    ]
    discs = shapely.buffer(shapely.points(xy), np.minimum(left, right)[:, 0], quad_segs=12)
    return [*quads, *discs.tolist()]


def draw_around(table: Mapping[str, Any], context: ShapeContext) -> BaseGeometry:
    """Return the union of belts round features of another layer, the features included.

    Fields: ``layer``; ``belt``, a list of tables with ``features`` (ids) and ``distance_m``; ``clip`` (ring
    [[lon, lat], …]) and ``simplify_m``, both optional.
    """
    layer_id = require(table, "layer")
    belts: list[BaseGeometry] = []
    for belt in require(table, "belt"):
        parts = context.read_features(layer_id, require(belt, "features"))
        plane = to_plane(shapely.union_all(parts))
        belts.append(shapely.buffer(plane, float(require(belt, "distance_m")), quad_segs=12))
    if "clip" in table:
        clip = to_plane(shapely.Polygon(table["clip"]))
        belts = [shapely.intersection(belt, clip) for belt in belts]
    outline = clean_outline(belts, float(table.get("simplify_m", BELT_TOLERANCE_M)))
    return transform(outline, PLANE, GEOGRAPHIC)


CONSTRUCTS: Mapping[str, Callable[[Mapping[str, Any], ShapeContext], BaseGeometry]] = {
    "point": draw_point,
    "line": draw_line,
    "runway": draw_line,
    "polygon": draw_polygon,
    "multipolygon": draw_multipolygon,
    "local_polygon": draw_local_polygon,
    "belt": draw_belt,
    "around": draw_around,
}


def draw_geometry(table: Mapping[str, Any], context: ShapeContext) -> BaseGeometry:
    """Return the geometry a source's geometry table describes, in degrees.

    Raises
    ------
    LayerError
        If the construct is unknown or its table is incomplete.
    """
    construct = require(table, "construct")
    if construct not in CONSTRUCTS:
        raise source_error(
            f"未知的构图方式 {construct}；可用：{'、'.join(CONSTRUCTS)}",
            f"unknown construct {construct}; there are: {', '.join(CONSTRUCTS)}",
        )
    return CONSTRUCTS[construct](table, context)
