"""What a cut zone is: pieces of directed segments in flat arrays, and how the arrays grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gis.engine.compiled import kernel
from gis.engine.memory import give_back

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOVE, EDGE, CAP = 0, 1, 2
"""Kinds of the step to a vertex of a piece: none, along the zone's outline, along a cap."""


GIVE_BACK = 2_000_000
"""Vertices joined before the memory they were in is given back."""


class Pieces(NamedTuple):
    """The pieces of many zones, ordered by zone.

    Parameters
    ----------
    x, y : float64, shape (vertices,)
        Metres of the plane.
    step : uint8, shape (vertices,)
        ``MOVE``, ``EDGE`` or ``CAP``: how the vertex is reached from the one before.
    start : int64, shape (pieces + 1,)
        First vertex of each piece.
    zone : int32, shape (pieces,)
        Row of the zone.
    box : float64, shape (pieces, 4)
        West, south, east, north.
    floor : float64, shape (pieces,)
        Below it the piece says nothing: the south of its rectangle; −inf for a whole zone.
    full : bool, shape (pieces,)
        The zone fills the rectangle.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    step: NDArray[np.uint8]
    start: NDArray[np.int64]
    zone: NDArray[np.int32]
    box: NDArray[np.float64]
    floor: NDArray[np.float64]
    full: NDArray[np.bool_]


class Room(NamedTuple):
    """Arrays a run of cutting writes to.

    Parameters
    ----------
    pieces : Pieces
        With room to spare.
    rows : float64, shape (n, 5)
        Segments (x0, y0, x1, y1, step) of the rectangles waiting, one after another.
    first, second : float64, shape (n, 5)
        Segments of the two halves of a rectangle.
    ends : float64, shape (n, 2)
        Ends of caps and the change of cover there.
    stack, boxes : int64, shape (depth, 3); float64, shape (depth, 4)
        First and last row, halvings so far, and box of each rectangle waiting.
    """

    pieces: Pieces
    rows: NDArray[np.float64]
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    ends: NDArray[np.float64]
    stack: NDArray[np.int64]
    boxes: NDArray[np.float64]


def make_pieces(vertices: int, count: int) -> Pieces:
    """Return the arrays of `count` pieces of some vertices in all, to be written to."""
    return Pieces(
        np.empty(vertices),
        np.empty(vertices),
        np.empty(vertices, np.uint8),
        np.zeros(count + 1, np.int64),
        np.empty(count, np.int32),
        np.empty((count, 4)),
        np.empty(count),
        np.empty(count, np.bool_),
    )


def make_room(vertices: int, zones: int, largest: int, depth: int) -> Room:
    """Return room for zones with `vertices` in all, the largest with `largest`."""
    many, some = vertices + vertices // 4 + 4096, zones + vertices // 16 + 64
    pieces = make_pieces(many, some)
    rows = 4 * largest + 4096
    return Room(
        pieces,
        np.empty((rows, 5)),
        np.empty((rows, 5)),
        np.empty((rows, 5)),
        np.empty((rows, 2)),
        np.empty((2 * depth + 4, 3), np.int64),
        np.empty((2 * depth + 4, 4)),
    )


def trim_pieces(pieces: Pieces, vertices: int, count: int) -> Pieces:
    """Return a copy of the first `count` pieces with their `vertices`."""
    return Pieces(
        pieces.x[:vertices].copy(),
        pieces.y[:vertices].copy(),
        pieces.step[:vertices].copy(),
        pieces.start[: count + 1].copy(),
        pieces.zone[:count].copy(),
        pieces.box[:count].copy(),
        pieces.floor[:count].copy(),
        pieces.full[:count].copy(),
    )


def join_pieces(parts: list[Pieces]) -> Pieces:
    """Return the pieces of several runs of zones, in that order, as one.

    The list is emptied, and its memory given back meanwhile: both together would be twice the zones.
    """
    if len(parts) == 1:
        return parts[0]
    vertices, count = sum(len(part.x) for part in parts), sum(len(part.zone) for part in parts)
    whole = make_pieces(vertices, count)
    vertex = piece = given = 0
    parts.reverse()
    while parts:
        part = parts.pop()
        here, own = slice(vertex, vertex + len(part.x)), slice(piece, piece + len(part.zone))
        whole.x[here], whole.y[here], whole.step[here] = part.x, part.y, part.step
        whole.start[own] = part.start[:-1] + vertex
        whole.zone[own], whole.box[own] = part.zone, part.box
        whole.floor[own], whole.full[own] = part.floor, part.full
        vertex, piece = here.stop, own.stop
        del part
        if vertex - given >= GIVE_BACK or not parts:
            give_back()
            given = vertex
    whole.start[piece] = vertex
    return whole


@kernel
def copy_rows(
    source: NDArray[np.float64], begin: int, end: int, target: NDArray[np.float64], at: int
) -> None:
    """Copy rows `begin` to `end` of a table to another one from row `at` on."""
    for k in range(begin, end):
        for j in range(source.shape[1]):
            target[at + k - begin, j] = source[k, j]
