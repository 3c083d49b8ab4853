"""Corridors as areas: what a detour costs at each cell, and the bands within a slack of the cheapest way.

The normalised least-cost corridor of two sources is costA + costB - LCD: at each cell what the cheapest way
through it costs more than the cheapest way of all, and 0 along that way. The mosaic of all pairs takes the
least of them, as Linkage Mapper (McRae and Kavanagh 2011) does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.corridors.grid import Grid
    from gis.corridors.links import CostLink


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """The cells through which a way costs at most a given share more than the cheapest.

    Parameters
    ----------
    first, second : int
        Numbers of the sources.
    slack_share : float
        Slack as a share of the least-cost distance.
    area_m2 : float
        In the plane of the grid, without the cells of the two sources.
    mean_width_m : float
        Area over the length of the cheapest way.
    narrowest_m : float
        Width of the widest disc that can be pushed through from one source to the other, to a cell below.
    geometry : Polygon or MultiPolygon
        Along the cells' edges, in the grid's system.
    """

    first: int
    second: int
    slack_share: float
    area_m2: float
    mean_width_m: float
    narrowest_m: float
    geometry: BaseGeometry


def normalise_corridor(
    one: NDArray[np.float32], other: NDArray[np.float32], cost: float
) -> NDArray[np.float32]:
    """Return costA + costB - LCD, at least 0, infinite where one of them is.

    Parameters
    ----------
    one, other : float array, (rows, columns)
        Accumulated cost from each source.
    cost : float
        The least-cost distance between them.
    """
    corridor: NDArray[np.float32] = np.maximum(one + other - np.float32(cost), np.float32(0.0))
    return corridor


def draw_band(
    corridor: NDArray[np.float32], sources: NDArray[np.int32], link: CostLink, slack_share: float, grid: Grid
) -> Band:
    """Return the band of a link from its normalised corridor."""
    one, other = sources == link.first, sources == link.second
    inside = (corridor <= slack_share * link.cost) & ~one & ~other
    area = float(np.count_nonzero(inside)) * grid.cell_m**2
    return Band(
        first=link.first,
        second=link.second,
        slack_share=slack_share,
        area_m2=area,
        mean_width_m=area / link.length_m,
        narrowest_m=measure_narrowest(inside, one, other) * grid.cell_m,
        geometry=outline_band(inside, grid),
    )


def measure_narrowest(inside: NDArray[np.bool_], one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Return the width of the widest disc that passes from source to source, in cells; 0 without a way.

    Parameters
    ----------
    inside, one, other : bool array, (rows, columns)
        Cells between the sources, and the cells of each. What lies beyond the grid is outside.

    Notes
    -----
    Where the distance t to the nearest cell outside (Euclidean, between centres) is the largest that still
    joins the two sources, a disc 2t - 1 cells wide passes; it may be one cell wider.
    """
    from scipy import ndimage

    used = inside | one | other
    rows, columns = np.flatnonzero(used.any(axis=1)), np.flatnonzero(used.any(axis=0))
    window = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    free = ndimage.distance_transform_edt(np.pad(used[window], 1))[1:-1, 1:-1]
    ends = one[window] | other[window]
    widths = np.unique(free[inside[window]])

    def is_joined(radius: float) -> bool:
        labels, _ = ndimage.label((free >= radius) | ends, structure=np.ones((3, 3)))
        return bool(np.isin(labels[one[window]], labels[other[window]]).any())

    low, high = 0, len(widths)
    while low < high:
        middle = (low + high) // 2
        if is_joined(widths[middle]):
            low = middle + 1
        else:
            high = middle
    return float(2 * widths[low - 1] - 1) if low else 0.0


def outline_band(inside: NDArray[np.bool_], grid: Grid) -> BaseGeometry:
    """Return the outline of cells as polygons; cells that touch at a corner only stay apart.

    Parameters
    ----------
    inside : bool array, (rows, columns)
    grid : Grid
        Where the cells lie.
    """
    from affine import Affine
    from rasterio.features import shapes

    if not inside.any():
        return shapely.MultiPolygon()
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    window = inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    west, north = grid.west + columns[0] * grid.cell, grid.north - rows[0] * grid.cell
    moved = Affine(grid.cell, 0.0, west, 0.0, -grid.cell, north)
    parts = shapes(window.astype(np.uint8), mask=window, connectivity=4, transform=moved)
    polygons = [shapely.Polygon(shape["coordinates"][0], shape["coordinates"][1:]) for shape, _ in parts]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
