"""All pairs of a batch of sites with the zones they meet or come near: area of the overlap and distance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gis.engine.area import integrate_piece, integrate_west, load_edges
from gis.engine.compiled import kernel
from gis.engine.distance import covers, load_sides, measure_piece
from gis.engine.shapes import LINE, Shapes, count_shapes
from gis.engine.tree import FAN, Tree, place_boxes, search

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.engine.pieces import Pieces

    Box = tuple[float, float, float, float]
    Group = tuple[int, int]

OVERLAP_M2, OVERLAP_SHARE = 1e-6, 1e-14
"""An area under 1e-6 m² or 1e-14 of the site's box is rounding: whether they meet is asked of the edges."""

TOUCH_M = 1e-8
"""Nearer than this is touching: coordinates of a plane are not known to more digits."""

SURE, DOUBTFUL = 0, 1


class Pairs(NamedTuple):
    """One row a pair, ordered by site, then by zone.

    Parameters
    ----------
    site, zone : int64, int32
        Rows of the two.
    area_m2 : float64
        Overlap in the plane of the coordinates; 0 for points, lines, touching and near pairs.
    distance_m : float64
        0 when they meet.
    doubt : uint8
        ``DOUBTFUL`` where the area is impossible: one of the two is not a valid polygon.
    """

    site: NDArray[np.int64]
    zone: NDArray[np.int32]
    area_m2: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    doubt: NDArray[np.uint8]


class Room(NamedTuple):
    """Arrays a site's work is done in, used again for the next one, and the pairs of all."""

    edges: NDArray[np.float64]
    low: NDArray[np.float64]
    sides: NDArray[np.float64]
    found: NDArray[np.int64]
    stack: NDArray[np.int64]
    pairs: Pairs


def bound_shapes(shapes: Shapes) -> NDArray[np.float64]:
    """Return west, south, east, north of each shape; inf, inf, −inf, −inf of an empty one."""
    box = np.empty((count_shapes(shapes), 4))
    write_bounds(shapes, box)
    return box


@kernel
def write_bounds(shapes: Shapes, box: NDArray[np.float64]) -> None:
    """Write west, south, east, north of each shape; inf, inf, −inf, −inf of an empty one."""
    for shape in range(len(box)):
        west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
        begin, end = shapes.shape_start[shape], shapes.shape_start[shape + 1]
        for k in range(shapes.path_start[begin], shapes.path_start[end]):
            west, south = min(west, shapes.x[k]), min(south, shapes.y[k])
            east, north = max(east, shapes.x[k]), max(north, shapes.y[k])
        box[shape, 0], box[shape, 1], box[shape, 2], box[shape, 3] = west, south, east, north


def make_pairs(count: int) -> Pairs:
    """Return room for `count` pairs."""
    return Pairs(
        np.empty(count, np.int64),
        np.empty(count, np.int32),
        np.empty(count),
        np.empty(count),
        np.empty(count, np.uint8),
    )


def pick_pairs(pairs: Pairs, rows: NDArray[np.int64]) -> Pairs:
    """Return some pairs, copied."""
    return Pairs(
        pairs.site[rows], pairs.zone[rows], pairs.area_m2[rows], pairs.distance_m[rows], pairs.doubt[rows]
    )


def widen_pairs(pairs: Pairs, count: int) -> Pairs:
    """Return room for `count` pairs, the old ones copied."""
    wider, have = make_pairs(count), len(pairs.site)
    wider.site[:have], wider.zone[:have], wider.area_m2[:have] = pairs.site, pairs.zone, pairs.area_m2
    wider.distance_m[:have], wider.doubt[:have] = pairs.distance_m, pairs.doubt
    return wider


@kernel
def read_box(boxes: NDArray[np.float64], row: int) -> Box:
    """Return west, south, east, north of a row."""
    return boxes[row, 0], boxes[row, 1], boxes[row, 2], boxes[row, 3]


@kernel
def hold_plain(shapes: Shapes, site: int) -> bool:
    """Return whether a site has a point or a line."""
    for path in range(shapes.shape_start[site], shapes.shape_start[site + 1]):
        if shapes.path_kind[path] <= LINE:
            return True
    return False


@kernel
def enters(shapes: Shapes, site: int, pieces: Pieces, found: NDArray[np.int64], group: Group) -> bool:
    """Return whether a point or the first vertex of a line of the site lies in one of the pieces."""
    for path in range(shapes.shape_start[site], shapes.shape_start[site + 1]):
        if shapes.path_kind[path] > LINE:
            continue
        vertex = shapes.path_start[path]
        for k in range(group[0], group[1]):
            if covers(pieces, found[k], shapes.x[vertex], shapes.y[vertex]):
                return True
    return False


@kernel
def sum_overlap(
    shapes: Shapes,
    site: int,
    box: Box,
    pieces: Pieces,
    group: Group,
    room: Room,
    known: tuple[int, float],
) -> float:
    """Return the area of a site in the pieces of one zone; `known`: number of its edges, its area."""
    west, south, east, north = box
    number, whole = known
    total = 0.0
    for k in range(group[0], group[1]):
        piece = room.found[k]
        b_0, b_1, b_2, b_3 = read_box(pieces.box, piece)
        if b_0 >= east or b_2 <= west or b_1 >= north or b_3 <= south:
            continue
        if pieces.full[piece] and b_0 <= west and b_1 <= south and b_2 >= east and b_3 >= north:
            return whole
        edges, count, above = room.edges, number, whole
        floor = max(pieces.floor[piece], south)
        if floor > south:
            edges = room.low
            count = load_edges(shapes, site, west, floor, edges)
            above = integrate_west(edges, count, np.inf)
        total += integrate_piece(
            pieces, piece, edges, count, (west, floor, east - west, north - floor, above)
        )
    return total


@kernel
def nearest(
    pieces: Pieces,
    found: NDArray[np.int64],
    group: Group,
    box: Box,
    sides: NDArray[np.float64],
    number: int,
    limit: float,
) -> float:
    """Return the square of the distance from a site's sides to the outline of one zone, `limit` at most."""
    best = limit
    frame = (box[0], box[1], box[2] - box[0], box[3] - box[1])
    for k in range(group[0], group[1]):
        piece = found[k]
        if pieces.full[piece]:
            continue
        b_0, b_1, b_2, b_3 = read_box(pieces.box, piece)
        x_gap, y_gap = max(b_0 - box[2], box[0] - b_2, 0.0), max(b_1 - box[3], box[1] - b_3, 0.0)
        if x_gap * x_gap + y_gap * y_gap < best:
            best = measure_piece(pieces, piece, sides, number, frame, best)
    return best


@kernel
def sort_numbers(numbers: NDArray[np.int64], count: int) -> None:
    """Order the first `count` numbers, in place (Shell sort)."""
    step = count // 2
    while step > 0:
        for k in range(step, count):
            value, j = numbers[k], k
            while j >= step and numbers[j - step] > value:
                numbers[j] = numbers[j - step]
                j -= step
            numbers[j] = value
        step = 1 if step == 2 else int(step / 2.2)


def match_sites(shapes: Shapes, pieces: Pieces, tree: Tree, near_m: float) -> Pairs:
    """Return every pair of a site and a zone that meet or lie no more than `near_m` apart, in order."""
    boxes = bound_shapes(shapes)
    order = np.argsort(place_boxes(boxes))
    limit = max(float(np.nextafter(near_m * near_m, np.inf)), TOUCH_M * TOUCH_M)
    most = int(np.diff(shapes.path_start[shapes.shape_start]).max(initial=0)) + 1
    room = Room(
        np.empty((most, 5)),
        np.empty((most, 5)),
        np.empty((most, 4)),
        np.empty(len(pieces.zone), np.int64),
        np.empty(FAN * 32, np.int64),
        make_pairs(2 * len(order) + 1024),
    )
    start, count = 0, 0
    while True:
        start, count = match_run(shapes, boxes, order, pieces, tree, (near_m, limit), room, (start, count))
        if start == len(order):
            return pick_pairs(room.pairs, np.argsort(room.pairs.site[:count], kind="stable"))
        room = room._replace(pairs=widen_pairs(room.pairs, 2 * len(room.pairs.site) + len(pieces.zone)))


@kernel
def match_run(
    shapes: Shapes,
    boxes: NDArray[np.float64],
    order: NDArray[np.int64],
    pieces: Pieces,
    tree: Tree,
    near: tuple[float, float],
    room: Room,
    begun: tuple[int, int],
) -> tuple[int, int]:
    """Match sites in `order` while there is room for pairs; take and return the place in it and the count.

    `near` is the greatest distance and the least square of one that is too far.
    """
    start, count = begun
    near_m, limit = near
    for k in range(start, len(order)):
        box = read_box(boxes, order[k])
        if not box[0] <= box[2]:
            continue
        number = search(
            tree, box[0] - near_m, box[1] - near_m, box[2] + near_m, box[3] + near_m, room.stack, room.found
        )
        if number == 0:
            continue
        if count + number > len(room.pairs.site):
            return k, count
        sort_numbers(room.found, number)
        count = match_site(shapes, order[k], box, number, pieces, limit, room, count)
    return len(order), count


@kernel
def match_site(
    shapes: Shapes,
    site: int,
    box: Box,
    number: int,
    pieces: Pieces,
    limit: float,
    room: Room,
    count: int,
) -> int:
    """Measure a site against the `number` pieces found, zone by zone; return the pairs so far."""
    sides = load_sides(shapes, site, box[0], box[1], room.sides)
    edges = load_edges(shapes, site, box[0], box[1], room.edges)
    whole = integrate_west(room.edges, edges, np.inf)
    slack = OVERLAP_M2 + OVERLAP_SHARE * (box[2] - box[0]) * (box[3] - box[1])
    plain = hold_plain(shapes, site)
    begin, pairs = 0, room.pairs
    while begin < number:
        zone, end = pieces.zone[room.found[begin]], begin + 1
        while end < number and pieces.zone[room.found[end]] == zone:
            end += 1
        group = (begin, end)
        begin = end
        area, square = 0.0, 0.0
        if edges > 0:
            area = sum_overlap(shapes, site, box, pieces, group, room, (edges, whole))
        doubt = area < -slack or area > whole * (1 + 1e-9) + slack
        if area <= slack and not (plain and enters(shapes, site, pieces, room.found, group)):
            square = nearest(pieces, room.found, group, box, room.sides, sides, limit)
            if square >= limit:
                continue
            square = 0.0 if square < TOUCH_M * TOUCH_M else square
            area = max(area, 0.0) if square == 0 else 0.0
        pairs.site[count], pairs.zone[count], pairs.area_m2[count] = site, zone, area
        pairs.distance_m[count], pairs.doubt[count] = np.sqrt(square), np.uint8(doubt)
        count += 1
    return count
