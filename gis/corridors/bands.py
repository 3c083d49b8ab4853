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
    geometry : Polygon or MultiPolygon
        Along the cells' edges, in the grid's system.
    """

    first: int
    second: int
    slack_share: float
    area_m2: float
    mean_width_m: float
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
