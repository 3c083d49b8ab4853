"""Round windows on a grid: which cells they hold, the least value in them, and their sum."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


def list_rows(radius: float) -> list[tuple[int, int]]:
    """Return each row of a disc as its offset from the centre and how far it reaches to either side.

    Parameters
    ----------
    radius : float
        In cells. A cell belongs to the disc when its centre is no farther from that of the middle cell.
    """
    reach = math.floor(radius + 1e-9)
    return [
        (offset, math.floor(math.sqrt(radius**2 - offset**2 + 1e-9))) for offset in range(-reach, reach + 1)
    ]


def find_minima(values: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """Return the least value within a radius of each cell, given in cells; infinite beyond the edge."""
    out = np.full(values.shape, np.inf)
    for half, offsets in _group_rows(radius):
        row = ndimage.minimum_filter1d(values, 2 * half + 1, axis=1, mode="constant", cval=np.inf)
        for offset in offsets:
            target, source = _shift(values.shape[0], offset)
            np.minimum(out[target], row[source], out=out[target])
    return out


def sum_windows(values: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """Return the sum within a radius of each cell, given in cells; nothing lies beyond the edge."""
    out = np.zeros(values.shape)
    for half, offsets in _group_rows(radius):
        row = ndimage.convolve1d(values, np.ones(2 * half + 1), axis=1, mode="constant", cval=0.0)
        for offset in offsets:
            target, source = _shift(values.shape[0], offset)
            out[target] += row[source]
    return out


def cover_disc(shape: tuple[int, int], row: int, column: int, radius: float) -> NDArray[np.bool_]:
    """Return the cells of a grid within a radius of a cell, given in cells."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.asarray((rows - row) ** 2 + (columns - column) ** 2 <= radius**2 + 1e-9)


def _group_rows(radius: float) -> Iterator[tuple[int, list[int]]]:
    """Yield how far rows of a disc reach, and the offsets of the rows that reach so far."""
    rows = list_rows(radius)
    for half in sorted({half for _, half in rows}):
        yield half, [offset for offset, other in rows if other == half]


def _shift(rows: int, offset: int) -> tuple[slice, slice]:
    """Return the rows that have a row `offset` below them in the grid, and those rows."""
    if abs(offset) >= rows:
        return slice(0), slice(0)
    return slice(max(0, -offset), min(rows, rows - offset)), slice(max(0, offset), min(rows, rows + offset))
