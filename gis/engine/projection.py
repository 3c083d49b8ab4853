"""A projection as polynomials of small tiles: what PROJ answers, ten times sooner.

PROJ is asked at Chebyshev nodes of each tile of the region; between them a polynomial of degree 4 in
longitude and latitude differs from it by less than the last digits of a coordinate. What was fitted is
checked against PROJ at other points before it is used; where it does not hold, and outside the region, PROJ
itself answers.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gis import crs
from gis.engine.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

TILE_DEG = 0.25
DEGREE = 4
NODES = 8
TERMS = (DEGREE + 1) * (DEGREE + 2) // 2
"""Side of a tile, degree of its polynomials, Chebyshev nodes a side, coefficients of a polynomial."""

TOLERANCE_M = 1e-7
"""A fit that differs more than this from PROJ is not used."""


class Tiles(NamedTuple):
    """Polynomials of a grid of tiles from (`west`, `south`), `columns` × `rows` of `side` degrees."""

    west: float
    south: float
    side: float
    columns: int
    rows: int
    terms: NDArray[np.float64]


def list_terms(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return uᵃvᵇ, a + b ≤ 4, ordered by b and then by a: shape (points, 15)."""
    return np.stack([u**a * v**b for b in range(DEGREE + 1) for a in range(DEGREE + 1 - b)], axis=-1)


@cache
def fit_tiles(source: str, target: str) -> Tiles | None:
    """Return the tiles of the transformation over the region served; None when they do not hold there."""
    west, south, east, north = crs.REGION
    columns, rows = int((east - west) / TILE_DEG), int((north - south) / TILE_DEG)
    ticks = np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    u, v = (grid.ravel() for grid in np.meshgrid(ticks, ticks))
    solve = np.linalg.pinv(list_terms(u, v))
    centre_x = west + TILE_DEG * (np.arange(columns) + 0.5)
    centre_y = south + TILE_DEG * (np.arange(rows) + 0.5)
    lon = np.broadcast_to(centre_x[None, :, None] + u * TILE_DEG / 2, (rows, columns, len(u)))
    lat = np.broadcast_to(centre_y[:, None, None] + v * TILE_DEG / 2, (rows, columns, len(u)))
    plane = np.stack(crs.transformer(source, target).transform(lon, lat), axis=-2)
    if not np.isfinite(plane).all():
        return None
    anchor = plane[..., :1]
    terms = (plane - anchor) @ solve.T
    terms[..., 0] += anchor[..., 0]
    tiles = Tiles(west, south, TILE_DEG, columns, rows, np.ascontiguousarray(terms.reshape(-1, 2, TERMS)))
    return tiles if measure_fit(tiles, source, target) < TOLERANCE_M else None


def measure_fit(tiles: Tiles, source: str, target: str) -> float:
    """Return the greatest difference from PROJ, m, at four scattered points of each tile."""
    step = (np.sqrt(5) - 1) / 2
    number = np.arange(4 * tiles.columns * tiles.rows)
    lon = tiles.west + tiles.side * (number // 4 % tiles.columns + (number * step) % 1)
    lat = tiles.south + tiles.side * (number // (4 * tiles.columns) + (number * step * step) % 1)
    exact_x, exact_y = crs.transformer(source, target).transform(lon, lat)
    x, y = lon.copy(), lat.copy()
    outside = project_tiles(tiles, x, y)
    return np.inf if outside else float(max(np.abs(x - exact_x).max(), np.abs(y - exact_y).max()))


def project(x: NDArray[np.float64], y: NDArray[np.float64], source: str, target: str) -> None:
    """Move coordinates from `source` (degrees when it is geographic) to `target`, in place.

    Raises
    ------
    CrsError
        If PROJ does not know one of them.
    """
    if source == target or not len(x):
        return
    tiles = fit_tiles(source, target) if is_geographic(source) else None
    if tiles is not None and not count_outside(tiles, x, y):
        project_tiles(tiles, x, y)
        return
    x[:], y[:] = crs.transformer(source, target).transform(x, y)


@cache
def is_geographic(name: str) -> bool:
    """Return whether a coordinate system counts in degrees."""
    from pyproj import CRS

    return bool(CRS.from_user_input(name).is_geographic)


@kernel
def count_outside(tiles: Tiles, x: NDArray[np.float64], y: NDArray[np.float64]) -> int:
    """Return how many points lie outside the tiles or are not finite."""
    east, north = tiles.west + tiles.side * tiles.columns, tiles.south + tiles.side * tiles.rows
    outside = 0
    for k in range(len(x)):
        if not (tiles.west <= x[k] <= east and tiles.south <= y[k] <= north):
            outside += 1
    return outside


@kernel
def evaluate(terms: NDArray[np.float64], tile: int, axis: int, u: float, v: float) -> float:
    """Return the polynomial of degree 4 with the coefficients of :func:`list_terms`, by Horner's rule."""
    row_0 = terms[tile, axis, 0] + u * (
        terms[tile, axis, 1]
        + u * (terms[tile, axis, 2] + u * (terms[tile, axis, 3] + u * terms[tile, axis, 4]))
    )
    row_1 = terms[tile, axis, 5] + u * (
        terms[tile, axis, 6] + u * (terms[tile, axis, 7] + u * terms[tile, axis, 8])
    )
    row_2 = terms[tile, axis, 9] + u * (terms[tile, axis, 10] + u * terms[tile, axis, 11])
    row_3 = terms[tile, axis, 12] + u * terms[tile, axis, 13]
    return float(row_0 + v * (row_1 + v * (row_2 + v * (row_3 + v * terms[tile, axis, 14]))))


@kernel
def project_tiles(tiles: Tiles, x: NDArray[np.float64], y: NDArray[np.float64]) -> int:
    """Move points inside the tiles in place; return how many lay outside and were left."""
    scale = 2 / tiles.side
    outside = 0
    for k in range(len(x)):
        along, up = (x[k] - tiles.west) / tiles.side, (y[k] - tiles.south) / tiles.side
        if not (0 <= along <= tiles.columns and 0 <= up <= tiles.rows):
            outside += 1
            continue
        column, row = min(int(along), tiles.columns - 1), min(int(up), tiles.rows - 1)
        u = (x[k] - (tiles.west + tiles.side * (column + 0.5))) * scale
        v = (y[k] - (tiles.south + tiles.side * (row + 0.5))) * scale
        tile = row * tiles.columns + column
        x[k], y[k] = evaluate(tiles.terms, tile, 0, u, v), evaluate(tiles.terms, tile, 1, u, v)
    return outside
