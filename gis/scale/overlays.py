"""Overlays of many geometries at once, as :mod:`gis.overlay` and :mod:`gis.certainty` make them for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.certainty import NOTHING_M, QUAD_SEGS, SEAM_M
from gis.model import Relation
from gis.overlay import TOUCH_M, keep_dimension
from gis.scale.rows import RELATIONS
from gis.vicinity import NOWHERE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.scale.grounds import Flags, Metres, Numbers, Shapes

INSIDE, OVERLAP, CROSS, SLIVER, TOUCH, NEAR = (
    RELATIONS.index(relation)
    for relation in (
        Relation.INSIDE,
        Relation.OVERLAP,
        Relation.CROSS,
        Relation.SLIVER,
        Relation.TOUCH,
        Relation.NEAR,
    )
)

PLAIN = np.array([0, 1, 3])
"""Type ids of points, lines and polygons."""


def order_rows(shapes: Shapes, row: Numbers) -> Numbers:
    """Return the order of geometries by row, then bounds, then WKB, as they are united singly."""
    low_x, low_y, high_x, high_y = shapely.bounds(shapes).reshape(-1, 4).T
    order = np.lexsort((high_y, high_x, low_y, low_x, row))
    keys = np.column_stack((row, low_x, low_y, high_x, high_y))[order]
    twin = np.flatnonzero((keys[1:] == keys[:-1]).all(axis=1))
    if not len(twin):
        return order
    alike = np.unique(np.concatenate([twin, twin + 1]))
    rank = np.zeros(len(order), dtype=np.intp)
    rank[order[alike]] = np.unique(shapely.to_wkb(shapes[order[alike]]), return_inverse=True)[1]
    return np.lexsort((rank, high_y, high_x, low_y, low_x, row))


def unite_rows(shapes: Shapes, row: Numbers, count: int) -> Shapes:
    """Return the union of the geometries of each of `count` rows; nowhere for a row without any.

    Parameters
    ----------
    shapes : array of geometry
    row : array of int
        The row each belongs to, any order.
    """
    united = np.full(count, NOWHERE, dtype=object)
    order = order_rows(shapes, row)
    number = np.bincount(row, minlength=count)
    first = np.cumsum(number) - number
    for size in np.unique(number[number > 0]):
        rows = np.flatnonzero(number == size)
        matrix = shapes[order[first[rows][:, None] + np.arange(size)]]
        united[rows] = matrix[:, 0] if size == 1 else shapely.union_all(matrix, axis=1)
    return united


def grow_each(shapes: Shapes, distance_m: Metres) -> Shapes:
    """Return each geometry grown by its own distance, plane metres; negative ones shrink."""
    grown = shapes.copy()
    some = np.abs(distance_m) > NOTHING_M
    grown[some] = shapely.buffer(shapely.normalize(shapes[some]), distance_m[some], quad_segs=QUAD_SEGS)
    return grown


def close_seams(united: Shapes, gap_m: Metres) -> Shapes:
    """Return unions with the hairline gaps along shared borders closed, `gap_m` half their width."""
    united = np.asarray(shapely.normalize(united), dtype=object)
    closed = united.copy()
    some = np.flatnonzero(gap_m > NOTHING_M)
    wider = shapely.buffer(united[some], gap_m[some], join_style="mitre")
    back = shapely.buffer(wider, -gap_m[some], join_style="mitre")
    seamy = np.abs(shapely.length(united[some]) - shapely.length(back)) > NOTHING_M
    rows = some[seamy]
    closed[rows] = shapely.union_all(np.column_stack((united[rows], back[seamy])), axis=1)
    return closed


def shrink_rows(clips: Shapes, row: Numbers, epsilon: Metres, count: int) -> Shapes:
    """Return what certainly lies in the union of the areas of each row, as :func:`gis.certainty.shrink`.

    Parameters
    ----------
    clips : array of geometry
        Areas, EPSG:4549.
    row : array of int
    epsilon : array
        ε of each, plane metres.
    """
    shrunk = np.full(count, NOWHERE, dtype=object)
    levels: Metres = np.unique(np.column_stack((row, epsilon)).astype(np.float64), axis=0)
    if not len(levels):
        return shrunk
    owner, level = levels[:, 0].astype(np.intp), levels[:, 1]
    good, of_level = pair_levels(row, epsilon, owner, level)
    united = unite_rows(clips[good], of_level, len(levels))
    several = np.bincount(of_level, minlength=len(levels)) > 1
    united[several] = close_seams(united[several], np.minimum(SEAM_M, level[several] / 10))
    return unite_rows(grow_each(united, -level), owner, count)


def pair_levels(row: Numbers, epsilon: Metres, owner: Numbers, level: Metres) -> tuple[Numbers, Numbers]:
    """Return (clip, level) for every clip of a row that is at least as accurate as a level of the row."""
    first, last = np.searchsorted(owner, row), np.searchsorted(owner, row, side="right")
    number = last - first
    clip = np.repeat(np.arange(len(row)), number)
    at = np.repeat(first, number) + np.arange(len(clip)) - np.repeat(np.cumsum(number) - number, number)
    fit = epsilon[clip] <= level[at]
    return clip[fit], at[fit]


def overlap_rows(sites: Shapes, zones: Shapes) -> tuple[Shapes, Flags]:
    """Return what of each site lies in its zone, in the site's own dimension, and where that is all of it."""
    whole = np.asarray(shapely.covers(zones, sites))
    common = sites.copy()
    rest = np.flatnonzero(~whole)
    cut = shapely.intersection(sites[rest], zones[rest])
    dimension = np.minimum(shapely.get_dimensions(sites[rest]), shapely.get_dimensions(zones[rest]))
    common[rest] = keep_dimensions(np.asarray(cut, dtype=object), dimension)
    return common, whole


def keep_dimensions(shapes: Shapes, dimension: Numbers) -> Shapes:
    """Return the parts of one dimension of each geometry."""
    kept = shapes.copy()
    plain = np.isin(shapely.get_type_id(shapes), PLAIN) & ~shapely.is_empty(shapes)
    plain &= shapely.get_dimensions(shapes) == dimension
    for row in np.flatnonzero(~plain):
        kept[row] = keep_dimension(shapes[row], int(dimension[row]))
    return kept


def relate_rows(
    sites: Shapes, zones: Shapes, common: Shapes, whole: Flags, *, site_accuracy_m: float
) -> NDArray[np.intp]:
    """Return how each site lies to its zone, as :func:`gis.overlay.relate` says it."""
    gap = np.asarray(shapely.distance(sites, zones))
    relation = np.where(gap > TOUCH_M, NEAR, TOUCH)
    relation[np.isnan(gap)] = NEAR
    relation[gap == 0] = CROSS
    relation[(gap == 0) & whole] = INSIDE
    partly = (gap == 0) & ~whole & (shapely.get_dimensions(zones) == 2)
    dimension = shapely.get_dimensions(sites)
    areas, lines = np.flatnonzero(partly & (dimension == 2)), np.flatnonzero(partly & (dimension == 1))
    relation[areas] = _relate_areas(sites[areas], common[areas], site_accuracy_m=site_accuracy_m)
    inside = shapely.length(common[lines])
    left = shapely.length(sites[lines]) - inside
    relation[lines] = np.select([inside <= TOUCH_M, left <= TOUCH_M], [TOUCH, INSIDE], CROSS)
    return relation.astype(np.intp)


def _relate_areas(sites: Shapes, common: Shapes, *, site_accuracy_m: float) -> NDArray[np.intp]:
    """Return the relation of polygons that lie partly in their zones."""
    area, perimeter = shapely.area(common), shapely.length(common)
    left_m2 = shapely.area(sites) - area
    nearly = left_m2 <= (shapely.length(sites) + perimeter) * TOUCH_M
    left = np.full(len(sites), np.inf), np.zeros(len(sites))
    rows = np.flatnonzero(nearly)
    rest = shapely.difference(sites[rows], common[rows])
    left[0][rows], left[1][rows] = shapely.area(rest), shapely.length(rest)
    return np.select(
        [
            area <= perimeter * TOUCH_M / 2,
            left[0] <= left[1] * TOUCH_M / 2,
            area < np.maximum(1.0, perimeter * site_accuracy_m / 2),
        ],
        [TOUCH, INSIDE, SLIVER],
        OVERLAP,
    )
