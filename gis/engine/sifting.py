"""WKB that needs no mending to be read: told from the rest by its bytes, and written again in another place.

Sound is little-endian WKB of two dimensions without a system, whole to the last byte, of a point, a line, a
polygon, or of several of one kind; rings closed, coordinates finite. GEOS writes the same bytes for what it
reads of them.
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
def sift_part(data: NDArray[np.uint8], at: int, end: int, kind: int, largest: float) -> tuple[int, int]:
    """Return the vertices of a point, line or polygon and where it ends; 0 and −1 where it is not sound."""
    if at + 9 > end or data[at] != 1 or read_u32(data, at + 1) != kind:
        return 0, -1
    paths, least, vertices = 1, LINE_LEAST, 0
    at += 5
    if kind == WKB_POINT:
        return 1, sift_path(data, at, end, 1, POINT_LEAST, largest)
    if kind == WKB_POLYGON:
        paths, least = read_u32(data, at), RING_LEAST
        at += 4
    for _ in range(paths):
        if at < 0 or at + 4 > end:
            return 0, -1
        number = read_u32(data, at)
        vertices += number
        at = sift_path(data, at + 4, end, number, least, largest)
    return vertices, at if vertices > 0 else -1


@kernel
def sift_row(data: NDArray[np.uint8], at: int, end: int, largest: float) -> tuple[int, int]:
    """Return the type number of one value and its vertices; 0 and 0 where it is not sound."""
    if at + 9 > end or data[at] != 1:
        return 0, 0
    kind, parts = read_u32(data, at + 1), 1
    base = kind
    if WKB_POLYGON < kind <= 2 * WKB_POLYGON:
        base, parts = kind - WKB_POLYGON, read_u32(data, at + 5)
        at += 9
    if base < WKB_POINT or base > WKB_POLYGON:
        return 0, 0
    vertices = 0
    for _ in range(parts):
        number, at = sift_part(data, at, end, base, largest)
        if at < 0:
            return 0, 0
        vertices += number
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
        at, parts = offsets[row], 1
        kind = read_u32(data, at + 1)
        if kind > WKB_POLYGON:
            kind, parts = kind - WKB_POLYGON, read_u32(data, at + 5)
            at += 9
        for _ in range(parts):
            paths = read_u32(data, at + 5) if kind == WKB_POLYGON else 1
            at += 9 if kind == WKB_POLYGON else 5
            for _ in range(paths):
                number = 1
                if kind >= WKB_LINE:
                    number = read_u32(data, at)
                    at += 4
                values = data[at : at + 16 * number].view(np.float64)
                for k in range(number):
                    values[2 * k], values[2 * k + 1] = x[vertex + k], y[vertex + k]
                vertex, at = vertex + number, at + 16 * number
