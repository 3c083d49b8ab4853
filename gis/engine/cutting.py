"""Zones cut into small pieces that know what lies inside them, without building one polygon.

A piece is the part of a zone in a rectangle, kept as directed segments. A place (x, y) of the rectangle is in
the zone where the signed number of segments over it is 1: a segment running west counts +1 over its x-range,
one running east −1. So a piece needs no closed ring: what lies above the rectangle is a *cap* along its upper
edge, what lies below or beside it is left out. Rectangles of one zone do not overlap, so areas add up; caps
are not part of the zone's outline, so distances are measured to the true outline alone. A rectangle filled by
the zone is one cap from side to side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis.engine.compiled import kernel
from gis.engine.pieces import CAP, EDGE, MOVE, Pieces, Room, copy_rows, join_pieces, make_room, trim_pieces
from gis.engine.shapes import SHELL, Shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray

CUT_ABOVE = 256
"""A zone with no more vertices is one piece."""

PIECE_MAX = 64
"""Segments a piece of a cut zone has at most."""

DEPTH_MAX = 48
"""Halvings after which a rectangle is left as it is: 100 km become less than a micrometre."""


@kernel
def count_segments(shapes: Shapes, zone: int) -> int:
    """Return the segments of a zone's rings."""
    total = 0
    for path in range(shapes.shape_start[zone], shapes.shape_start[zone + 1]):
        if shapes.path_kind[path] >= SHELL:
            total += max(shapes.path_start[path + 1] - shapes.path_start[path] - 1, 0)
    return total


@kernel
def load_segments(shapes: Shapes, zone: int, rows: NDArray[np.float64], box: NDArray[np.float64]) -> int:
    """Write a zone's segments (x0, y0, x1, y1, EDGE) to `rows`, its bounds to `box`; return their number."""
    number = 0
    box[0], box[1], box[2], box[3] = np.inf, np.inf, -np.inf, -np.inf
    for path in range(shapes.shape_start[zone], shapes.shape_start[zone + 1]):
        if shapes.path_kind[path] < SHELL:
            continue
        for k in range(shapes.path_start[path] + 1, shapes.path_start[path + 1]):
            x, y = shapes.x[k], shapes.y[k]
            rows[number, 0], rows[number, 1] = shapes.x[k - 1], shapes.y[k - 1]
            rows[number, 2], rows[number, 3], rows[number, 4] = x, y, EDGE
            number += 1
            box[0], box[1] = min(box[0], x), min(box[1], y)
            box[2], box[3] = max(box[2], x), max(box[3], y)
    return number


@kernel
def put(rows: NDArray[np.float64], at: int, x0: float, y0: float, x1: float, y1: float, step: float) -> int:
    """Write one segment unless it has no length; return the next free row."""
    if x0 == x1 and (y0 == y1 or step == CAP):
        return at
    rows[at, 0], rows[at, 1], rows[at, 2], rows[at, 3], rows[at, 4] = x0, y0, x1, y1, step
    return at + 1


@kernel
def cross(along_0: float, up_0: float, along_1: float, up_1: float, cut: float) -> float:
    """Return where the segment crosses ``up == cut``, never outside its ends."""
    at = along_0 + (cut - up_0) / (up_1 - up_0) * (along_1 - along_0)
    return min(max(at, min(along_0, along_1)), max(along_0, along_1))


@kernel
def split_x(
    rows: NDArray[np.float64],
    begin: int,
    end: int,
    cut: float,
    west: NDArray[np.float64],
    east: NDArray[np.float64],
) -> tuple[int, int]:
    """Divide segments at ``x == cut``; return how many lie west and east."""
    n_west, n_east = 0, 0
    for k in range(begin, end):
        x0, y0, x1, y1, step = rows[k, 0], rows[k, 1], rows[k, 2], rows[k, 3], rows[k, 4]
        if x0 <= cut and x1 <= cut:
            n_west = put(west, n_west, x0, y0, x1, y1, step)
        elif x0 >= cut and x1 >= cut:
            n_east = put(east, n_east, x0, y0, x1, y1, step)
        else:
            y = cross(y0, x0, y1, x1, cut)
            if x0 < cut:
                n_west = put(west, n_west, x0, y0, cut, y, step)
                n_east = put(east, n_east, cut, y, x1, y1, step)
            else:
                n_east = put(east, n_east, x0, y0, cut, y, step)
                n_west = put(west, n_west, cut, y, x1, y1, step)
    return n_west, n_east


@kernel
def split_y(rows: NDArray[np.float64], begin: int, end: int, cut: float, room: Room) -> tuple[int, int]:
    """Divide segments at ``y == cut``; what lies north becomes caps of the south. Return how many of each."""
    south, north, ends = room.first, room.second, room.ends
    n_south, n_north, n_ends = 0, 0, 0
    run_from, run_to = np.nan, np.nan
    for k in range(begin, end):
        x0, y0, x1, y1, step = rows[k, 0], rows[k, 1], rows[k, 2], rows[k, 3], rows[k, 4]
        if y0 <= cut and y1 <= cut:
            n_south = put(south, n_south, x0, y0, x1, y1, step)
            continue
        over_from, over_to = x0, x1
        if y0 >= cut and y1 >= cut:
            n_north = put(north, n_north, x0, y0, x1, y1, step)
        else:
            x = cross(x0, y0, x1, y1, cut)
            if y0 < cut:
                n_south = put(south, n_south, x0, y0, x, cut, step)
                n_north = put(north, n_north, x, cut, x1, y1, step)
                over_from = x
            else:
                n_north = put(north, n_north, x0, y0, x, cut, step)
                n_south = put(south, n_south, x, cut, x1, y1, step)
                over_to = x
        if over_from == run_to:
            run_to = over_to
            continue
        n_ends = add_run(ends, n_ends, run_from, run_to)
        run_from, run_to = over_from, over_to
    n_ends = add_run(ends, n_ends, run_from, run_to)
    return write_caps(ends, n_ends, cut, south, n_south), n_north


@kernel
def add_run(ends: NDArray[np.float64], at: int, begin: float, end: float) -> int:
    """Write the two ends of a directed cap with the change of cover at each; return the next free row."""
    if begin != end and not np.isnan(begin):
        ends[at, 0], ends[at, 1] = begin, -1.0
        ends[at + 1, 0], ends[at + 1, 1] = end, 1.0
        return at + 2
    return at


@kernel
def sort_rows(rows: NDArray[np.float64], number: int) -> None:
    """Order the first rows of a table of two columns by the first, in place (Shell sort)."""
    step = number // 2
    while step > 0:
        for k in range(step, number):
            key, value, j = rows[k, 0], rows[k, 1], k
            while j >= step and rows[j - step, 0] > key:
                rows[j, 0], rows[j, 1] = rows[j - step, 0], rows[j - step, 1]
                j -= step
            rows[j, 0], rows[j, 1] = key, value
        step = 1 if step == 2 else int(step / 2.2)


@kernel
def write_caps(ends: NDArray[np.float64], number: int, cut: float, rows: NDArray[np.float64], at: int) -> int:
    """Write the fewest caps with the same cover; return the next free row."""
    sort_rows(ends, number)
    cover, since, k = 0, 0.0, 0
    while k < number:
        x, after = ends[k, 0], cover
        while k < number and ends[k, 0] == x:
            after += int(ends[k, 1])
            k += 1
        if after != cover:
            for _ in range(abs(cover)):
                first, last = (x, since) if cover > 0 else (since, x)
                at = put(rows, at, first, cut, last, cut, CAP)
            since, cover = x, after
    return at


@kernel
def emit(rows: NDArray[np.float64], begin: int, end: int, pieces: Pieces, at: int) -> int:
    """Write segments as a chain of steps; return the next free vertex."""
    for k in range(begin, end):
        x0, y0 = rows[k, 0], rows[k, 1]
        if k == begin or pieces.x[at - 1] != x0 or pieces.y[at - 1] != y0:
            pieces.x[at], pieces.y[at], pieces.step[at] = x0, y0, MOVE
            at += 1
        pieces.x[at], pieces.y[at], pieces.step[at] = rows[k, 2], rows[k, 3], np.uint8(rows[k, 4])
        at += 1
    return at


@kernel
def judge(rows: NDArray[np.float64], begin: int, end: int, box: NDArray[np.float64], most: int) -> int:
    """Return −1 for an empty rectangle, 1 for a full one, 2 for a piece small enough, 0 for one to be cut."""
    edges, cover = 0, 0.0
    for k in range(begin, end):
        if rows[k, 4] == EDGE:
            edges += 1
        else:
            cover += rows[k, 0] - rows[k, 2]
    if edges == 0:
        return 1 if cover > (box[2] - box[0]) / 2 else -1
    return 2 if end - begin <= most else 0


@kernel
def halve(room: Room, top: int) -> None:
    """Cut the waiting rectangle `top` across its longer side: the halves wait in its place."""
    rows, boxes, stack = room.rows, room.boxes, room.stack
    begin, end = stack[top, 0], stack[top, 1]
    for k in range(4):
        boxes[top + 1, k] = boxes[top, k]
    if boxes[top, 2] - boxes[top, 0] >= boxes[top, 3] - boxes[top, 1]:
        cut = (boxes[top, 0] + boxes[top, 2]) / 2
        n_first, n_second = split_x(rows, begin, end, cut, room.first, room.second)
        boxes[top, 2], boxes[top + 1, 0] = cut, cut
    else:
        cut = (boxes[top, 1] + boxes[top, 3]) / 2
        n_first, n_second = split_y(rows, begin, end, cut, room)
        boxes[top, 3], boxes[top + 1, 1] = cut, cut
    copy_rows(room.first, 0, n_first, rows, begin)
    copy_rows(room.second, 0, n_second, rows, begin + n_first)
    stack[top, 1], stack[top, 2] = begin + n_first, stack[top, 2] + 1
    stack[top + 1, 0], stack[top + 1, 1] = begin + n_first, begin + n_first + n_second
    stack[top + 1, 2] = stack[top, 2]


@kernel
def cut_zone(room: Room, number: int, zone: int, most: int, vertex: int, piece: int) -> tuple[int, int]:
    """Cut the zone of the first `number` rows and the first box; leave it whole for `most` < 0.

    Returns the next free vertex and piece; −1 for the piece when there is not enough room.
    """
    pieces, stack = room.pieces, room.stack
    stack[0, 0], stack[0, 1], stack[0, 2], top = 0, number, 0, 0
    while top >= 0:
        begin, end = stack[top, 0], stack[top, 1]
        kind = 2 if most < 0 else judge(room.rows, begin, end, room.boxes[top], most)
        if kind == 0 and stack[top, 2] < DEPTH_MAX:
            if end + 3 * (end - begin) + 8 > len(room.rows):
                return vertex, -1
            halve(room, top)
            top += 1
            continue
        if kind >= 0:
            if vertex + 2 * (end - begin) > len(pieces.x) or piece >= len(pieces.zone):
                return vertex, -1
            vertex = emit(room.rows, begin, end, pieces, vertex)
            for k in range(4):
                pieces.box[piece, k] = room.boxes[top, k]
            pieces.zone[piece], pieces.start[piece + 1], pieces.full[piece] = zone, vertex, kind == 1
            pieces.floor[piece] = -np.inf if most < 0 else room.boxes[top, 1]
            piece += 1
        top -= 1
    return vertex, piece


@kernel
def cut_run(
    shapes: Shapes, first: int, last: int, cut_above: int, most: int, room: Room
) -> tuple[int, int, int]:
    """Cut zones from `first` on while there is room; return the next zone, vertices and pieces made."""
    vertex, piece = 0, 0
    for zone in range(first, last):
        number = count_segments(shapes, zone)
        if number == 0:
            continue
        if number > len(room.rows):
            return zone, vertex, piece
        load_segments(shapes, zone, room.rows, room.boxes[0])
        after, made = cut_zone(room, number, zone, -1 if number <= cut_above else most, vertex, piece)
        if made < 0:
            return zone, vertex, piece
        vertex, piece = after, made
    return last, vertex, piece


def cut_zones(
    shapes: Shapes, first: int, last: int, cut_above: int = CUT_ABOVE, most: int = PIECE_MAX
) -> Pieces:
    """Return the pieces of zones `first` to `last` (not included) of the plane; rings must be oriented.

    A zone of more than `cut_above` vertices is cut into pieces of at most `most` segments.
    """
    edges = shapes.path_start[shapes.shape_start[first : last + 1]]
    largest, generous = int(np.diff(edges).max(initial=0)), 1
    parts: list[Pieces] = []
    while True:
        room = make_room(generous * int(edges[-1] - edges[0]), last - first, generous * largest, DEPTH_MAX)
        reached, vertices, pieces = cut_run(shapes, first, last, cut_above, most, room)
        parts.append(trim_pieces(room.pieces, vertices, pieces))
        if reached == last:
            return join_pieces(parts)
        first, generous = reached, 2 * generous
