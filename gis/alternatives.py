"""What if: the nearest place to which a site could be moved, and the largest part of it that could stay.

A place is free where the site meets no zone grown by the combined accuracy (or by the rule's attention
distance, where that is wider). The places a shape cannot take are the Minkowski sum of what blocks it and its
own mirror image; the nearest free place is the point nearest to where it stands that lies outside that sum.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.affinity import translate

from gis.certainty import combine_accuracy
from gis.model import Alternative, Level, Verdict
from gis.overlay import clip, keep_dimension, subtract, unite, window_round
from gis.vicinity import read_height
from gis.zones import allowed_height_m, grow, plane_distance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shapely.geometry.base import BaseGeometry

    from gis.vicinity import Measured
    from gis.workspace import ControlZone

    Evaluate = Callable[[BaseGeometry], tuple[Verdict, float]]

REACH_M = 2000.0
"""How far a site may be moved."""

STEP_ASIDE_M = 0.5
"""How much farther than the edge of the free places a site is moved, so that it does not touch."""

COARSE_M = 1.0
"""What is blocked is drawn with fewer corners, and a metre wider, so that nothing blocked is left out."""

MAX_PIECES = 60
"""A site of more convex pieces is replaced by its hull: the place found is free, perhaps not the nearest."""

VERDICTS = tuple(Verdict)


def propose(
    measured: Measured, zones: Sequence[ControlZone], *, verdict: Verdict, evaluate: Evaluate
) -> tuple[Alternative, ...]:
    """Return the nearest shift and the largest part of a site that a better verdict would fall on.

    Parameters
    ----------
    measured : Measured
    zones : sequence of ControlZone
        Of the rules in force.
    verdict : Verdict
        Of the site where it stands.
    evaluate : callable
        Geometry in EPSG:4549 → its verdict and area (m²), by the same check.

    Returns
    -------
    tuple of Alternative
        One ``shift`` and one ``clear_part``; with geometry None where there is none. Empty for a clear site.
    """
    if verdict is Verdict.CLEAR:
        return ()
    blocking = [zone for zone in zones if zone.rule.level is not Level.NOTICE]
    notices = [zone for zone in zones if zone.rule.level is Level.NOTICE]
    area = block(measured, blocking)
    with_notices = unite([area, block(measured, notices)])
    attempts = (with_notices, area, block(measured, blocking, certain=True))
    return (
        _first_better(
            "shift", verdict, (partial(_shift, measured, blocked, evaluate) for blocked in attempts)
        ),
        _first_better(
            "clear_part", verdict, (partial(_keep, measured, blocked, evaluate) for blocked in attempts)
        ),
    )


def _first_better(
    kind: str, verdict: Verdict, attempts: Iterable[Callable[[], Alternative | None]]
) -> Alternative:
    """Return the first attempt whose verdict is milder than the present one; else that none was found."""
    for attempt in attempts:
        found = attempt()
        if found is None or found.verdict is None:
            continue
        if VERDICTS.index(found.verdict) > VERDICTS.index(verdict):
            return found
    return Alternative(kind=kind, geometry=None, verdict=None)


def block(measured: Measured, zones: Sequence[ControlZone], *, certain: bool = False) -> BaseGeometry:
    """Return the area near a site that it must keep clear of, for some zones (EPSG:4549).

    Parameters
    ----------
    certain : bool
        Only what could be met with certainty, as drawn: for the nearest place where findings are merely
        possible, where there is none without any.
    """
    plane = measured.site.geometry_plane
    window = window_round(plane, plane_distance(plane, REACH_M) + STEP_ASIDE_M)
    pieces: list[BaseGeometry] = []
    for zone in zones:
        pieces.extend(
            _block_certain(measured, zone, window) if certain else _block_zone(measured, zone, window)
        )
    united = unite([piece for piece in pieces if not piece.is_empty])
    return united.simplify(COARSE_M).buffer(COARSE_M) if not united.is_empty else united


def _block_zone(measured: Measured, zone: ControlZone, window: BaseGeometry) -> list[BaseGeometry]:
    """Return what one zone blocks inside a window: its parts grown, or their complement for ``outside``."""
    plane = measured.site.geometry_plane
    if zone.rule.recipe.type == "outside":
        if zone.coverage is None:
            return []
        inside = [clip(part.geometry, window) for part in zone.near(window, 0.0)]
        return [subtract(clip(zone.coverage, window), unite(inside))]
    pieces = []
    widest = max(_margin(measured, zone, part.feature.accuracy_m) for part in zone.parts)
    for part in zone.near(window, plane_distance(plane, widest)):
        margin = _margin(measured, zone, part.feature.accuracy_m)
        wide = window_round(window, plane_distance(plane, margin))
        if zone.rule.recipe.type == "obstacle_surface" and _fits_below(measured, part.feature.geometry, zone):
            continue
        pieces.append(clip(grow(clip(part.geometry, wide), margin), window))
    return pieces


def _block_certain(measured: Measured, zone: ControlZone, window: BaseGeometry) -> list[BaseGeometry]:
    """Return the parts of a zone, as drawn, that are wide enough for a certain finding."""
    if zone.rule.recipe.type == "outside":
        return _block_zone(measured, zone, window)
    pieces = []
    for part in zone.near(window, 0.0):
        epsilon = combine_accuracy(measured.accuracy_m, part.feature.accuracy_m)
        if part.settled and not part.geometry.buffer(-plane_distance(window, epsilon)).is_empty:
            pieces.append(clip(part.geometry, window))
    return pieces


def _fits_below(measured: Measured, runway: BaseGeometry, zone: ControlZone) -> bool:
    """Return whether the project is lower than the lowest surface anywhere within reach."""
    height = read_height(measured.site.properties.get("height_m"))
    limit = allowed_height_m(runway, measured.site.geometry_plane, zone.rule.recipe)
    return height is not None and limit is not None and height <= limit


def _margin(measured: Measured, zone: ControlZone, accuracy_m: float) -> float:
    """Return how far a site must keep from a part of a zone, metres on the ground."""
    return max(combine_accuracy(measured.accuracy_m, accuracy_m), zone.rule.attention_m)


def _shift(measured: Measured, blocked: BaseGeometry, evaluate: Evaluate) -> Alternative | None:
    """Return the site moved to the nearest place where it meets nothing blocked; None within reach."""
    plane = measured.site.geometry_plane
    if blocked.is_empty:
        return None
    reach = plane_distance(plane, REACH_M)
    free = subtract(shapely.Point(0, 0).buffer(reach, quad_segs=64), forbidden_shifts(plane, blocked))
    free = keep_dimension(free, 2).buffer(-STEP_ASIDE_M)
    if free.is_empty:
        return None
    x, y = shapely.get_coordinates(shapely.shortest_line(shapely.Point(0, 0), free))[-1]
    moved = translate(plane, float(x), float(y))
    verdict, area = evaluate(moved)
    scale = plane_distance(plane, 1.0)
    return Alternative(
        kind="shift",
        geometry=moved,
        verdict=verdict,
        dx_m=float(x) / scale,
        dy_m=float(y) / scale,
        area_m2=area,
    )


def _keep(measured: Measured, blocked: BaseGeometry, evaluate: Evaluate) -> Alternative | None:
    """Return the largest connected part of a polygon or line site that meets nothing blocked."""
    plane = measured.site.geometry_plane
    dimension = int(shapely.get_dimensions(plane))
    if dimension == 0:
        return None
    rest = keep_dimension(subtract(plane, blocked), dimension)
    if dimension == 2:
        rest = keep_dimension(rest.buffer(-STEP_ASIDE_M).buffer(STEP_ASIDE_M * 0.9), 2)
    if rest.is_empty:
        return None
    size = shapely.area if dimension == 2 else shapely.length
    part = max(shapely.get_parts(rest).tolist(), key=lambda piece: (float(size(piece)), piece.wkb))
    verdict, area = evaluate(part)
    return Alternative(kind="clear_part", geometry=part, verdict=verdict, area_m2=area)


def forbidden_shifts(shape: BaseGeometry, blocked: BaseGeometry) -> BaseGeometry:
    """Return the translations (dx, dy) at which `shape` would meet `blocked`: a Minkowski sum.

    Notes
    -----
    For convex pieces C of the shape: blocked ⊕ (−C) is the union of blocked moved by one corner of −C and of
    the convex hulls of −C swept along each edge of blocked.
    """
    sums: list[BaseGeometry] = []
    for piece in convex_pieces(shape):
        mirrored = -shapely.get_coordinates(piece)
        corner = mirrored[0]
        sums.append(translate(blocked, float(corner[0]), float(corner[1])))
        for polygon in shapely.get_parts(keep_dimension(blocked, 2)).tolist():
            rings = shapely.get_rings(polygon)
            sums.extend(sweep(shapely.get_coordinates(ring), mirrored) for ring in rings)
    return shapely.union_all(sums)


def sweep(ring: np.ndarray[Any, Any], mirrored: np.ndarray[Any, Any]) -> BaseGeometry:
    """Return the union of the hulls of a point set swept along each edge of a ring."""
    ends = np.concatenate([ring[:-1, None, :] + mirrored, ring[1:, None, :] + mirrored], axis=1)
    return shapely.union_all(shapely.convex_hull(shapely.multipoints(ends)))


def convex_pieces(shape: BaseGeometry) -> list[BaseGeometry]:
    """Return convex pieces whose union is the shape, or holds it where it would have too many."""
    coarse = shapely.simplify(shape, 0.01)
    hull = coarse.convex_hull
    if shapely.get_dimensions(hull) < 2 or shapely.area(coarse) >= shapely.area(hull) * (1 - 1e-9):
        return [hull]
    if shapely.get_dimensions(coarse) == 2:
        pieces = shapely.get_parts(shapely.constrained_delaunay_triangles(coarse)).tolist()
    else:
        lines = shapely.get_parts(coarse).tolist()
        pieces = [
            shapely.LineString(pair) for line in lines for pair in pairwise(shapely.get_coordinates(line))
        ]
    return pieces if len(pieces) <= MAX_PIECES else [hull]
