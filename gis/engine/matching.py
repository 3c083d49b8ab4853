"""All pairs of a batch of sites with the zones they meet or come near: area of the overlap and distance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gis.engine.area import integrate_piece, integrate_west, load_edges
from gis.engine.compiled import kernel
from gis.engine.distance import covers, load_sides, measure_piece
from gis.engine.shapes import LINE, SHELL, Shapes
from gis.engine.tree import FAN, Tree, place_boxes, search

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.engine.pieces import Pieces

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
    """Arrays a site's work is done in, used again for the next one."""

    edges: NDArray[np.float64]
    low: NDArray[np.float64]
    sides: NDArray[np.float64]


@kernel
def bound_shapes(shapes: Shapes) -> NDArray[np.float64]:
    """Return west, south, east, north of each shape; inf, inf, −inf, −inf of an empty one."""
    number = len(shapes.shape_start) - 1
    box = np.empty((number, 4))
    for shape in range(number):
        west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
        begin, end = shapes.shape_start[shape], shapes.shape_start[shape + 1]
        for k in range(shapes.path_start[begin], shapes.path_start[end]):
            west, south = min(west, shapes.x[k]), min(south, shapes.y[k])
            east, north = max(east, shapes.x[k]), max(north, shapes.y[k])
        box[shape, 0], box[shape, 1], box[shape, 2], box[shape, 3] = west, south, east, north
    return box


@kernel
def copy_pair(source: Pairs, row: int, target: Pairs, at: int) -> None:
    """Copy one pair."""
    target.site[at], target.zone[at], target.area_m2[at] = (
        source.site[row],
        source.zone[row],
        source.area_m2[row],
    )
    target.distance_m[at], target.doubt[at] = source.distance_m[row], source.doubt[row]


@kernel
def widen_pairs(pairs: Pairs, need: int) -> Pairs:
    """Return pairs with room for `need`, the old ones copied."""
    have = len(pairs.site)
    if need <= have:
        return pairs
    size = max(need, 2 * have)
    wider = Pairs(
        np.empty(size, np.int64),
        np.empty(size, np.int32),
        np.empty(size),
        np.empty(size),
        np.empty(size, np.uint8),
    )
    for k in range(have):
        copy_pair(pairs, k, wider, k)
    return wider


@kernel
def hold_ring(shapes: Shapes, site: int) -> bool:
    """Return whether a site has a polygon."""
    for path in range(shapes.shape_start[site], shapes.shape_start[site + 1]):
        if shapes.path_kind[path] >= SHELL:
            return True
    return False


@kernel
def enters(shapes: Shapes, site: int, pieces: Pieces, found: NDArray[np.int64]) -> bool:
    """Return whether a point or the first vertex of a line of the site lies in one of the pieces."""
    for path in range(shapes.shape_start[site], shapes.shape_start[site + 1]):
        if shapes.path_kind[path] > LINE:
            continue
        vertex = shapes.path_start[path]
        for piece in found:
            if covers(pieces, piece, shapes.x[vertex], shapes.y[vertex]):
                return True
    return False


@kernel
def sum_overlap(
    shapes: Shapes,
    site: int,
    box: NDArray[np.float64],
    pieces: Pieces,
    found: NDArray[np.int64],
    room: Room,
    known: int,
) -> tuple[float, Room]:
    """Return the area of a site in the pieces of one zone; `room.edges` holds the site's `known` edges."""
    west, south, east, north = box
    whole = integrate_west(room.edges, known, np.inf)
    total = 0.0
    for piece in found:
        b = pieces.box[piece]
        if b[0] >= east or b[2] <= west or b[1] >= north or b[3] <= south:
            continue
        if pieces.full[piece] and b[0] <= west and b[1] <= south and b[2] >= east and b[3] >= north:
            return whole, room
        floor = pieces.floor[piece]
        if floor <= south:
            total += integrate_piece(
                pieces, piece, room.edges, known, (west, south, east - west, north - south, whole)
            )
            continue
        low, number = load_edges(shapes, site, west, floor, room.low)
        room = Room(room.edges, low, room.sides)
        above = integrate_west(low, number, np.inf)
        total += integrate_piece(pieces, piece, low, number, (west, floor, east - west, north - floor, above))
    return total, room


@kernel
def nearest(
    pieces: Pieces,
    found: NDArray[np.int64],
    box: NDArray[np.float64],
    sides: NDArray[np.float64],
    number: int,
    limit: float,
) -> float:
    """Return the square of the distance from a site's sides to the outline of one zone, `limit` at most."""
    best = limit
    frame = (box[0], box[1], box[2] - box[0], box[3] - box[1])
    for piece in found:
        b = pieces.box[piece]
        if pieces.full[piece]:
            continue
        x_gap = max(b[0] - box[2], box[0] - b[2], 0.0)
        y_gap = max(b[1] - box[3], box[1] - b[3], 0.0)
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
    return match_run(shapes, boxes, order, pieces, tree, near_m)


@kernel
def match_run(
    shapes: Shapes,
    boxes: NDArray[np.float64],
    order: NDArray[np.int64],
    pieces: Pieces,
    tree: Tree,
    near_m: float,
) -> Pairs:
    """Match sites in `order`, neighbours after each other; return the pairs by site."""
    pairs = Pairs(
        np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0), np.empty(0), np.empty(0, np.uint8)
    )
    pairs = widen_pairs(pairs, 4 * len(order) + 16)
    found, stack, count = np.empty(256, np.int64), np.empty(FAN * 32, np.int64), 0
    room = Room(np.empty((256, 5)), np.empty((256, 5)), np.empty((256, 4)))
    limit = max(np.nextafter(near_m * near_m, np.inf), TOUCH_M * TOUCH_M)
    for site in order:
        box = boxes[site]
        if not box[0] <= box[2]:
            continue
        found, number = search(
            tree, box[0] - near_m, box[1] - near_m, box[2] + near_m, box[3] + near_m, stack, found
        )
        if number == 0:
            continue
        sort_numbers(found, number)
        ringed = hold_ring(shapes, site)
        sides, n_sides = load_sides(shapes, site, box[0], box[1], room.sides)
        edges, n_edges = load_edges(shapes, site, box[0], box[1], room.edges)
        room = Room(edges, room.low, sides)
        whole = integrate_west(edges, n_edges, np.inf)
        slack = OVERLAP_M2 + OVERLAP_SHARE * (box[2] - box[0]) * (box[3] - box[1])
        begin = 0
        while begin < number:
            zone, end = pieces.zone[found[begin]], begin + 1
            while end < number and pieces.zone[found[end]] == zone:
                end += 1
            group = found[begin:end]
            begin = end
            area, square, doubt = 0.0, limit, SURE
            if ringed:
                area, room = sum_overlap(shapes, site, box, pieces, group, room, n_edges)
                doubt = DOUBTFUL if area < -slack or area > whole * (1 + 1e-9) + slack else SURE
            if area > slack or enters(shapes, site, pieces, group):
                square = 0.0
            else:
                square = nearest(pieces, group, box, sides, n_sides, limit)
                if square >= limit:
                    continue
                if square < TOUCH_M * TOUCH_M:
                    square = 0.0
                area = max(area, 0.0) if square == 0 else 0.0
            pairs = widen_pairs(pairs, count + 1)
            pairs.site[count], pairs.zone[count], pairs.area_m2[count] = site, zone, area
            pairs.distance_m[count], pairs.doubt[count] = np.sqrt(square), doubt
            count += 1
    return order_pairs(pairs, count, len(order))


@kernel
def order_pairs(pairs: Pairs, count: int, sites: int) -> Pairs:
    """Return the first `count` pairs ordered by site; those of one site stay in their order."""
    place = np.zeros(sites + 1, np.int64)
    for k in range(count):
        place[pairs.site[k] + 1] += 1
    for site in range(sites):
        place[site + 1] += place[site]
    ordered = Pairs(
        np.empty(count, np.int64),
        np.empty(count, np.int32),
        np.empty(count),
        np.empty(count),
        np.empty(count, np.uint8),
    )
    for k in range(count):
        at = place[pairs.site[k]]
        place[pairs.site[k]] += 1
        copy_pair(pairs, k, ordered, at)
    return ordered
