"""WKB that needs no mending to be read: told from the rest by its bytes, and written again in another place.

Sound is little-endian WKB of two dimensions without a system, whole to the last byte, of a point, a line, a
polygon, or of a multi-part geometry with one of them; rings closed, coordinates finite. GEOS writes the same
bytes for what it reads of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis.engine.compiled import kernel
from gis.engine.wkb import WKB_LINE, WKB_POINT, WKB_POLYGON, read_u32

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINT_LEAST, LINE_LEAST, RING_LEAST = 1, 2, 4
"""Vertices of the shortest path of each kind."""


@kernel
def sift_head(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, int, int]:
    """Return the type numbers of a value and of its only part, and where that begins; 0 where not sound."""
    if at + 9 > end or data[at] != 1:
        return 0, 0, at
    kind = read_u32(data, at + 1)
    base = kind
    if WKB_POLYGON < kind <= 2 * WKB_POLYGON and read_u32(data, at + 5) == 1:
        at, base = at + 9, kind - WKB_POLYGON
        if at + 9 > end or data[at] != 1 or read_u32(data, at + 1) != base:
            return 0, 0, at
    return (kind, base, at + 5) if WKB_POINT <= base <= WKB_POLYGON else (0, 0, at)


@kernel
def sift_path(data: NDArray[np.uint8], at: int, end: int, number: int, least: int, largest: float) -> int:
    """Return where a path of `number` vertices ends; −1: short, cut off, absurd, or a ring that is open."""
    last = at + 16 * number
    if number < least or last > end:
        return -1
    values = data[at:last].view(np.float64)
    for value in values:
        if not abs(value) <= largest:
            return -1
    if least == RING_LEAST and not (values[0] == values[-2] and values[1] == values[-1]):
        return -1
    return last


@kernel
def sift_row(data: NDArray[np.uint8], at: int, end: int, largest: float) -> tuple[int, int]:
    """Return the type number of one value and its vertices; 0 and 0 where it is not sound."""
    kind, base, at = sift_head(data, at, end)
    paths, least, vertices = 1, LINE_LEAST, 0
    if kind == 0:
        return 0, 0
    if base == WKB_POINT:
        vertices, paths = 1, 0
        at = sift_path(data, at, end, 1, POINT_LEAST, largest)
    elif base == WKB_POLYGON:
        paths, least = read_u32(data, at), RING_LEAST
        at += 4
    for _ in range(paths):
        if at < 0 or at + 4 > end:
            return 0, 0
        number = read_u32(data, at)
        vertices += number
        at = sift_path(data, at + 4, end, number, least, largest)
    return (kind, vertices) if at == end and vertices > 0 else (0, 0)


def sift_wkb(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], largest: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the type number of each value, 0 where it is not sound, and its vertices.

    Parameters
    ----------
    data, offsets : array
        As from :func:`gis.engine.wkb.view_binary`.
    largest : float
        Coordinates beyond it are absurd.
    """
    kinds, vertices = np.zeros(len(offsets) - 1, np.int64), np.zeros(len(offsets) - 1, np.int64)
    sift_rows(data, offsets, largest, kinds, vertices)
    return kinds, vertices


@kernel
def sift_rows(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    largest: float,
    kinds: NDArray[np.int64],
    vertices: NDArray[np.int64],
) -> None:
    """Write the type number and the vertices of each value."""
    for row in range(len(kinds)):
        kinds[row], vertices[row] = sift_row(data, offsets[row], offsets[row + 1], largest)


@kernel
def move_wkb(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], x: NDArray[np.float64], y: NDArray[np.float64]
) -> None:
    """Write other coordinates, vertex by vertex, into sound WKB, in place."""
    vertex = 0
    for row in range(len(offsets) - 1):
        at, end = offsets[row], offsets[row + 1]
        kind = read_u32(data, at + 1)
        if kind > WKB_POLYGON:
            at, kind = at + 9, kind - WKB_POLYGON
        at += 9 if kind == WKB_POLYGON else 5
        while at < end:
            number = 1
            if kind >= WKB_LINE:
                number = read_u32(data, at)
                at += 4
            values = data[at : at + 16 * number].view(np.float64)
            for k in range(number):
                values[2 * k], values[2 * k + 1] = x[vertex + k], y[vertex + k]
            vertex, at = vertex + number, at + 16 * number
