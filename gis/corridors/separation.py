"""How far patches lie from each other: between edges or centroids, on the ellipsoid or in the plane."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely

from gis.crs import GEOGRAPHIC, PLANE, geod, transformer
from gis.errors import CorridorError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.corridors.grid import Report

Ends = Literal["edge", "centroid"]
Surface = Literal["ellipsoid", "plane"]

MOST_PATCHES = 3_000
"""More patches need a limit: every pair of them would not fit into memory."""

OVERLAP_M2 = 1.0
"""Smaller overlaps come from digitising and are not told."""

PLANE_MARGIN = 1.002
"""Distances in EPSG:4549 and on the ellipsoid differ by less than this factor in the region."""


@dataclass(frozen=True, slots=True, eq=False)
class Separations:
    """The pairs of patches and the distance of each.

    Parameters
    ----------
    starts, ends : int array, (pairs,)
        Positions of the patches, the smaller first.
    distances_m : float array, (pairs,)
    lines : float array, (pairs, 4)
        x and y of both ends of each distance, EPSG:4549.
    """

    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    distances_m: NDArray[np.float64]
    lines: NDArray[np.float64]


def measure_separations(
    planes: NDArray[np.object_],
    *,
    ends: Ends = "edge",
    surface: Surface = "ellipsoid",
    limit_m: float | None = None,
    report: Report | None = None,
) -> Separations:
    """Return the distances between patches, each pair once.

    Parameters
    ----------
    planes : object array, (patches,)
        Shapes in EPSG:4549.
    ends : {"edge", "centroid"}
        Between the nearest points of two patches, or between their centroids.
    surface : {"ellipsoid", "plane"}
        Geodesic between the two ends, or straight in EPSG:4549.
    limit_m : float, optional
        Pairs farther apart are left out.

    Raises
    ------
    CorridorError
        If there are too many patches to take every pair.
    """
    count = len(planes)
    if limit_m is None and count > MOST_PATCHES:
        raise CorridorError(
            f"{count} 个斑块两两连接太多，上限 {MOST_PATCHES} 个",
            f"{count} patches are too many to link each with each, the limit is {MOST_PATCHES}",
            hint_zh="请用 --threshold 给出最大连接距离",
            hint_en="give the longest link with --threshold",
            code="corridors.too_large",
        )
    shapes = np.asarray(planes) if ends == "edge" else shapely.centroid(planes)
    starts, others = _list_pairs(shapes, None if limit_m is None else limit_m * PLANE_MARGIN)
    lines = _join_nearest(shapes, starts, others, report or (lambda _: None))
    distances = measure_lines(lines, surface)
    use = np.ones(len(starts), dtype=bool) if limit_m is None else distances <= limit_m
    return Separations(starts[use], others[use], distances[use], lines[use])


def find_overlaps(planes: NDArray[np.object_]) -> tuple[tuple[int, int, float], ...]:
    """Return the pairs of patches that cover the same ground, with the area in m² of the plane.

    What two patches share counts twice in every index.
    """
    found = shapely.STRtree(planes).query(planes, predicate="intersects")
    found = found[:, found[0] < found[1]]
    areas = shapely.area(shapely.intersection(planes[found[0]], planes[found[1]]))
    shared = [
        (int(one), int(other), float(area))
        for one, other, area in zip(*found, areas, strict=True)
        if area >= OVERLAP_M2
    ]
    return tuple(sorted(shared))


def measure_lines(lines: NDArray[np.float64], surface: Surface) -> NDArray[np.float64]:
    """Return the lengths of straight lines given by the x and y of both their ends in EPSG:4549."""
    if surface == "plane":
        return np.asarray(np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]))
    move = transformer(PLANE, GEOGRAPHIC)
    lon_0, lat_0 = move.transform(lines[:, 0], lines[:, 1])
    lon_1, lat_1 = move.transform(lines[:, 2], lines[:, 3])
    _, _, distances = geod().inv(lon_0, lat_0, lon_1, lat_1)
    return np.asarray(distances, dtype=np.float64)


def _list_pairs(
    shapes: NDArray[np.object_], limit_m: float | None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return every pair of shapes, or those within a distance, in order."""
    if limit_m is None:
        starts, others = np.triu_indices(len(shapes), 1)
        return starts, others
    found = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=limit_m)
    found = found[:, found[0] < found[1]]
    order = np.lexsort((found[1], found[0]))
    return found[0][order], found[1][order]


def _join_nearest(
    shapes: NDArray[np.object_], starts: NDArray[np.intp], others: NDArray[np.intp], report: Report
) -> NDArray[np.float64]:
    """Return the ends of the shortest line between the shapes of each pair, (pairs, 4); threads share it.

    The shape of more vertices is prepared and the other measured to it: a pair costs what the smaller does.
    """
    sizes = shapely.get_num_coordinates(shapes)
    turned = sizes[others] > sizes[starts]
    large, small = np.where(turned, others, starts), np.where(turned, starts, others)
    order = np.argsort(large, kind="stable")
    first = np.searchsorted(large[order], np.arange(len(shapes) + 1))
    lines = np.empty((len(starts), 4))
    shapely.prepare(shapes)

    def join(position: int) -> None:
        mine = order[first[position] : first[position + 1]]
        joined = shapely.shortest_line(shapes[position], shapes[small[mine]])
        lines[mine] = shapely.get_coordinates(joined).reshape(-1, 4)

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        for done, _ in enumerate(pool.map(join, range(len(shapes))), start=1):
            report(done / len(shapes))
    lines[turned] = lines[turned][:, [2, 3, 0, 1]]
    return lines
