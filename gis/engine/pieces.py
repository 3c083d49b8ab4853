"""What a cut zone is: pieces of directed segments in flat arrays, and how the arrays grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gis.engine.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOVE, EDGE, CAP = 0, 1, 2
"""Kinds of the step to a vertex of a piece: none, along the zone's outline, along a cap."""


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


class Heads(NamedTuple):
    """What a piece has beside its vertices, as it grows."""

    start: NDArray[np.int64]
    zone: NDArray[np.int32]
    box: NDArray[np.float64]
    floor: NDArray[np.float64]
    full: NDArray[np.bool_]


class Line(NamedTuple):
    """Vertices of pieces, as they grow."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    step: NDArray[np.uint8]


class Made(NamedTuple):
    """Pieces as they grow: room, boxes and spans of rectangles waiting, vertices and pieces so far."""

    line: Line
    heads: Heads
    boxes: NDArray[np.float64]
    stack: NDArray[np.int64]
    vertex: int
    piece: int


def join_pieces(parts: list[Pieces]) -> Pieces:
    """Return the pieces of several runs of zones, in that order, as one."""
    base = np.cumsum([0] + [len(part.x) for part in parts])
    starts = [part.start[:-1] + shift for part, shift in zip(parts, base[:-1], strict=True)]
    return Pieces(
        np.concatenate([part.x for part in parts]),
        np.concatenate([part.y for part in parts]),
        np.concatenate([part.step for part in parts]),
        np.concatenate([*starts, base[-1:]]),
        np.concatenate([part.zone for part in parts]),
        np.concatenate([part.box for part in parts]),
        np.concatenate([part.floor for part in parts]),
        np.concatenate([part.full for part in parts]),
    )


@kernel
def copy_rows(
    source: NDArray[np.float64], begin: int, end: int, target: NDArray[np.float64], at: int
) -> None:
    """Copy rows `begin` to `end` of a table to another one from row `at` on."""
    for k in range(begin, end):
        for j in range(source.shape[1]):
            target[at + k - begin, j] = source[k, j]


@kernel
def widen_rows(rows: NDArray[np.float64], need: int) -> NDArray[np.float64]:
    """Return rows with room for `need`, the old ones copied."""
    if need <= len(rows):
        return rows
    wider = np.empty((max(need, 2 * len(rows)), rows.shape[1]))
    copy_rows(rows, 0, len(rows), wider, 0)
    return wider


@kernel
def widen_line(line: Line, need: int) -> Line:
    """Return vertices with room for `need`, the old ones copied."""
    have = len(line.x)
    if need <= have:
        return line
    size = max(need, have + have // 2)
    wider = Line(np.empty(size), np.empty(size), np.empty(size, np.uint8))
    for k in range(have):
        wider.x[k], wider.y[k], wider.step[k] = line.x[k], line.y[k], line.step[k]
    return wider


@kernel
def widen_heads(heads: Heads, need: int) -> Heads:
    """Return heads with room for `need`, the old ones copied."""
    have = len(heads.zone)
    if need <= have:
        return heads
    size = max(need, have + have // 2)
    wider = Heads(
        np.zeros(size + 1, np.int64),
        np.empty(size, np.int32),
        np.empty((size, 4)),
        np.empty(size),
        np.empty(size, np.bool_),
    )
    copy_rows(heads.box, 0, have, wider.box, 0)
    for k in range(have):
        wider.start[k + 1], wider.zone[k] = heads.start[k + 1], heads.zone[k]
        wider.floor[k], wider.full[k] = heads.floor[k], heads.full[k]
    return wider
