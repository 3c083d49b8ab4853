"""Which geometries may be no valid polygon: asked of every one; GEOS decides the few in doubt.

Areas are integrated edge by edge, which is right for valid polygons alone: the lobes of a bow-tie would
cancel and overlapping parts count twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gis.engine.compiled import kernel
from gis.engine.shapes import HOLE, LINE, SHELL, Shapes, count_shapes, replace_shapes

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    from numpy.typing import NDArray

CHAIN = 12
"""Edges of a run of a ring whose boxes are compared before the edges are."""


class Room(NamedTuple):
    """Arrays the chains of a shape are written to: ends, boxes, order from west to east."""

    chains: NDArray[np.int64]
    boxes: NDArray[np.float64]
    order: NDArray[np.int64]


@kernel
def side(shapes: Shapes, a: int, b: int, c: int) -> int:
    """Return 1 where vertex c lies left of the line from a to b, −1 right of it, 0 where rounding may decide.

    Shewchuk (1997): the rounding of the difference is below 3.4e-16 of the sum of both products.
    """
    x, y = shapes.x, shapes.y
    one, other = (x[b] - x[a]) * (y[c] - y[a]), (x[c] - x[a]) * (y[b] - y[a])
    slack = 1e-15 * (abs(one) + abs(other))
    if one - other > slack:
        return 1
    return -1 if one - other < -slack else 0


@kernel
def edges_meet(shapes: Shapes, i: int, j: int) -> bool:
    """Return whether the edges from vertices i and j to the next ones cross or touch, or may."""
    x, y = shapes.x, shapes.y
    if max(x[i], x[i + 1]) < min(x[j], x[j + 1]) or max(x[j], x[j + 1]) < min(x[i], x[i + 1]):
        return False
    if max(y[i], y[i + 1]) < min(y[j], y[j + 1]) or max(y[j], y[j + 1]) < min(y[i], y[i + 1]):
        return False
    if side(shapes, i, i + 1, j) * side(shapes, i, i + 1, j + 1) > 0:
        return False
    return side(shapes, j, j + 1, i) * side(shapes, j, j + 1, i + 1) <= 0


@kernel
def ring_folds(shapes: Shapes, begin: int, end: int) -> bool:
    """Return whether a ring stands still at a vertex or turns back on itself, or may."""
    x, y = shapes.x, shapes.y
    before = end - 2
    for k in range(begin, end - 1):
        if x[k] == x[k + 1] and y[k] == y[k + 1]:
            return True
        along = (x[k] - x[before]) * (x[k + 1] - x[k]) + (y[k] - y[before]) * (y[k + 1] - y[k])
        if along <= 0 and side(shapes, before, k, k + 1) == 0:
            return True
        before = k
    return False


@kernel
def chains_meet(shapes: Shapes, one: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    """Return whether two chains meet but at the corner of neighbours.

    A row of chains: begin and end of the ring, first edge, end of the edges.
    """
    begin, end = one[0], one[1]
    alike = other[0] == begin
    for i in range(one[2], one[3]):
        for j in range(max(other[2], i + 1) if alike else other[2], other[3]):
            if alike and (j == i + 1 or (i == begin and j == end - 2)):
                continue
            if edges_meet(shapes, i, j):
                return True
    return False


@kernel
def cut_chains(shapes: Shapes, shape: int, room: Room) -> int:
    """Write the chains of the rings of a shape, in their order, and their boxes; return their number."""
    chains, boxes, row = room.chains, room.boxes, 0
    for path in range(shapes.shape_start[shape], shapes.shape_start[shape + 1]):
        begin, end = shapes.path_start[path], shapes.path_start[path + 1]
        if shapes.path_kind[path] < SHELL:
            continue
        for first in range(begin, end - 1, CHAIN):
            last = min(first + CHAIN, end - 1)
            chains[row, 0], chains[row, 1], chains[row, 2], chains[row, 3] = begin, end, first, last
            boxes[row, 0] = boxes[row, 2] = shapes.x[first]
            boxes[row, 1] = boxes[row, 3] = shapes.y[first]
            for k in range(first + 1, last + 1):
                boxes[row, 0], boxes[row, 2] = (
                    min(boxes[row, 0], shapes.x[k]),
                    max(boxes[row, 2], shapes.x[k]),
                )
                boxes[row, 1], boxes[row, 3] = (
                    min(boxes[row, 1], shapes.y[k]),
                    max(boxes[row, 3], shapes.y[k]),
                )
            row += 1
    return row


@kernel
def sort_west(boxes: NDArray[np.float64], number: int, order: NDArray[np.int64]) -> None:
    """Write the order of boxes from west to east (Shell sort)."""
    for k in range(number):
        order[k] = k
    step = number // 2
    while step > 0:
        for k in range(step, number):
            value, j = order[k], k
            while j >= step and boxes[order[j - step], 0] > boxes[value, 0]:
                order[j] = order[j - step]
                j -= step
            order[j] = value
        step = 1 if step == 2 else int(step / 2.2)


@kernel
def rings_meet(shapes: Shapes, shape: int, room: Room) -> bool:
    """Return whether rings of a shape cross or touch themselves or each other; swept from west to east."""
    chains, boxes, order = room.chains, room.boxes, room.order
    number = cut_chains(shapes, shape, room)
    sort_west(boxes, number, order)
    for place in range(number):
        one = order[place]
        if chains_meet(shapes, chains[one], chains[one]):
            return True
        for next_place in range(place + 1, number):
            other = order[next_place]
            if boxes[other, 0] > boxes[one, 2]:
                break
            if boxes[other, 1] > boxes[one, 3] or boxes[other, 3] < boxes[one, 1]:
                continue
            low, high = min(one, other), max(one, other)
            if chains_meet(shapes, chains[low], chains[high]):
                return True
    return False


@kernel
def goes_round_once(shapes: Shapes, path: int) -> bool:
    """Return whether a ring goes one way, once round the mean of its vertices: then it is simple."""
    begin, end = shapes.path_start[path], shapes.path_start[path + 1]
    x, y = shapes.x, shapes.y
    mid_x, mid_y = 0.0, 0.0
    for k in range(begin, end - 1):
        mid_x, mid_y = mid_x + (x[k] - x[begin]), mid_y + (y[k] - y[begin])
    mid_x, mid_y = x[begin] + mid_x / (end - 1 - begin), y[begin] + mid_y / (end - 1 - begin)
    rounds, left, right = 0, True, True
    for k in range(begin, end - 1):
        x_0, y_0, x_1, y_1 = x[k] - mid_x, y[k] - mid_y, x[k + 1] - mid_x, y[k + 1] - mid_y
        area, slack = x_0 * y_1 - x_1 * y_0, 1e-12 * (abs(x_0 * y_1) + abs(x_1 * y_0))
        left &= area > slack
        right &= area < -slack
        if not (left or right):
            return False
        rounds += y_0 < 0 and y_1 >= 0
    return rounds == 1


@kernel
def ring_holds(shapes: Shapes, path: int, vertex: int) -> int:
    """Return 1 where a ring goes round a vertex, 0 where it does not, −1 where rounding may decide."""
    y = shapes.y[vertex]
    inside = 0
    for k in range(shapes.path_start[path], shapes.path_start[path + 1] - 1):
        rises = shapes.y[k + 1] > y
        if (shapes.y[k] > y) != rises:
            left = side(shapes, k, k + 1, vertex)
            if left == 0:
                return -1
            inside ^= (left > 0) == rises
    return inside


@kernel
def rings_misplaced(shapes: Shapes, shape: int) -> bool:
    """Return whether rings are too many to ask, or lie otherwise than holes in the shells before them."""
    begin, end = shapes.shape_start[shape], shapes.shape_start[shape + 1]
    if end - begin > 16:
        return True
    shell = begin
    for path in range(begin, end):
        kind = shapes.path_kind[path]
        if kind < SHELL:
            continue
        if kind == SHELL:
            shell = path
        for other in range(begin, end):
            if other == path or shapes.path_kind[other] < SHELL:
                continue
            expected = 1 if kind == HOLE and other == shell else 0
            if ring_holds(shapes, other, shapes.path_start[path]) != expected:
                return True
    return False


@kernel
def is_suspect(shapes: Shapes, shape: int, room: Room) -> bool:
    """Return whether the rings of a shape may make no valid polygon."""
    first, last, rings, ring = shapes.shape_start[shape], shapes.shape_start[shape + 1], 0, 0
    for path in range(first, last):
        if shapes.path_kind[path] >= SHELL:
            rings, ring = rings + 1, path
            if shapes.path_start[path + 1] - shapes.path_start[path] < 4:
                return True
    if rings == 0 or (rings == 1 and goes_round_once(shapes, ring)):
        return False
    for path in range(first, last):
        if shapes.path_kind[path] >= SHELL and ring_folds(
            shapes, shapes.path_start[path], shapes.path_start[path + 1]
        ):
            return True
    return rings_meet(shapes, shape, room) or (rings > 1 and rings_misplaced(shapes, shape))


@kernel
def mark_suspects(shapes: Shapes, room: Room, suspect: NDArray[np.bool_]) -> None:
    """Write which shapes may not be valid polygons."""
    for shape in range(len(suspect)):
        suspect[shape] = is_suspect(shapes, shape, room)


def find_suspects(shapes: Shapes) -> NDArray[np.bool_]:
    """Return which shapes may not be valid polygons; those it leaves out are."""
    suspect = np.zeros(count_shapes(shapes), np.bool_)
    chains = -(-np.diff(shapes.path_start) // CHAIN)
    before = np.concatenate(([0], np.cumsum(chains)))[shapes.shape_start]
    most = int(np.diff(before).max(initial=0))
    room = Room(np.empty((most, 4), np.int64), np.empty((most, 4)), np.empty(most, np.int64))
    mark_suspects(shapes, room, suspect)
    return suspect


def drop_repeats(shapes: Shapes) -> Shapes:
    """Return shapes without the vertices that repeat the one before them."""
    same = np.zeros(len(shapes.x), dtype=bool)
    same[1:] = (shapes.x[1:] == shapes.x[:-1]) & (shapes.y[1:] == shapes.y[:-1])
    same[shapes.path_start[:-1]] = False
    if not same.any():
        return shapes
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(same)])
    path_start = shapes.path_start - before[shapes.path_start]
    return shapes._replace(x=shapes.x[~same], y=shapes.y[~same], path_start=path_start)


def find_repeats(shapes: Shapes) -> NDArray[np.bool_]:
    """Return which shapes have a vertex twice in a row, or a line of one vertex."""
    repeats = np.zeros(count_shapes(shapes), np.bool_)
    mark_repeats(shapes, repeats)
    return repeats


@kernel
def mark_repeats(shapes: Shapes, repeats: NDArray[np.bool_]) -> None:
    """Write which shapes have a vertex twice in a row, or a line of one vertex."""
    for shape in range(len(repeats)):
        for path in range(shapes.shape_start[shape], shapes.shape_start[shape + 1]):
            begin, end = shapes.path_start[path], shapes.path_start[path + 1]
            if shapes.path_kind[path] == LINE and end - begin < 2:
                repeats[shape] = True
            for k in range(begin + 1, end):
                if shapes.x[k] == shapes.x[k - 1] and shapes.y[k] == shapes.y[k - 1]:
                    repeats[shape] = True


def mend_shapes(
    shapes: Shapes, column: pa.Array, repair: Callable[[NDArray[np.int64]], NDArray[np.object_]]
) -> Shapes:
    """Return the shapes with invalid ones repaired; those of which nothing would be left stay as drawn.

    Parameters
    ----------
    shapes : Shapes
        In the plane.
    column : pyarrow.Array
        The same as WKB.
    repair : callable
        Return the repaired geometries, in the plane, of the rows given.
    """
    import pyarrow as pa
    import shapely

    from gis.engine.wkb import read_geometries

    rows = np.flatnonzero(find_suspects(shapes))
    if not len(rows):
        return shapes
    drawn = shapely.from_wkb(column.take(pa.array(rows)).to_numpy(zero_copy_only=False))
    rows = rows[~shapely.is_valid(drawn)]
    repaired = repair(rows)
    left = ~shapely.is_empty(repaired)
    return replace_shapes(shapes, rows[left], read_geometries(repaired[left])) if left.any() else shapes
