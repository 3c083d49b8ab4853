"""Loose rings to one area: a ring inside another is a hole, one inside a hole is another part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ring = NDArray[np.float64]


def nest_rings(rings: Sequence[Ring]) -> list[list[list[list[float]]]]:
    """Return rings as polygon parts, GeoJSON MultiPolygon coordinates: shell first, then its holes.

    Parameters
    ----------
    rings : sequence of (n, 2) arrays
        Closed or not, at least three different vertices each, any order and direction.

    Notes
    -----
    The depth of a ring is the number of rings it lies within. Even depth is a shell, odd depth a hole of the
    smallest ring around it. The number a file gives its rings does not matter.
    """
    if len(rings) == 1:
        return [[rings[0].tolist()]]
    within = _find_containers(rings)
    depths = [len(containers) for containers in within]
    parts: dict[int, list[list[list[float]]]] = {}
    areas = [_area(ring) for ring in rings]
    for number, ring in enumerate(rings):
        if depths[number] % 2 == 0:
            parts[number] = [ring.tolist()]
    for number, ring in enumerate(rings):
        if depths[number] % 2:
            around = [owner for owner in within[number] if owner in parts]
            parts[min(around, key=lambda owner: areas[owner])].append(ring.tolist())
    return list(parts.values())


def group_rings(rings: Sequence[Ring]) -> list[list[int]]:
    """Return the numbers of the rings of each part, outermost rings apart, in the order of the shells."""
    within = _find_containers(rings)
    roots = [number for number, containers in enumerate(within) if not containers]
    groups = {root: [root] for root in roots}
    for number, containers in enumerate(within):
        for owner in containers:
            if owner in groups:
                groups[owner].append(number)
                break
    return list(groups.values())


def _find_containers(rings: Sequence[Ring]) -> list[list[int]]:
    """Return for each ring the numbers of the rings it lies within (touching counts as within)."""
    if len(rings) == 1:
        return [[]]
    polygons = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    areas = [_area(ring) for ring in rings]
    boxes = np.asarray(shapely.box(*shapely.bounds(polygons).T), dtype=object)
    inner, outer = shapely.STRtree(boxes).query(boxes, predicate="covered_by")
    within: list[list[int]] = [[] for _ in rings]
    for one, other in zip(inner.tolist(), outer.tolist(), strict=True):
        if one == other or (areas[one], -one) >= (areas[other], -other):
            continue
        samples = _sample(rings[one])
        if shapely.intersects_xy(polygons[other], samples[:, 0], samples[:, 1]).all():
            within[one].append(other)
    return within


def _sample(ring: Ring) -> Ring:
    """Return the vertices of a ring and the middles of its edges."""
    following = np.roll(ring, -1, axis=0)
    return np.vstack((ring, (ring + following) / 2))


def _area(ring: Ring) -> float:
    x, y = (ring - ring[0]).T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
