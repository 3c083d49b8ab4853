"""How near each site of a batch lies to the outline of every zone in reach, where, and whether inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gis.engine.compiled import kernel
from gis.engine.distance import approach, covers, find_foot, gap, gap_square, load_sides, surely_crosses
from gis.engine.matching import bound_shapes, read_box, sort_numbers
from gis.engine.pieces import EDGE
from gis.engine.shapes import SHELL, Shapes
from gis.engine.tree import FAN, place_boxes, search

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.engine.index import ZoneIndex
    from gis.engine.pieces import Pieces
    from gis.engine.tree import Tree

    Box = tuple[float, float, float, float]
    Group = tuple[int, int]
    Sides = tuple[NDArray[np.float64], int]


IN_DOUBT_M = 1e-9
"""Distance given to what may touch or cross."""


class Nearness(NamedTuple):
    """One row a pair of a site and a zone, ordered by site, then by zone.

    Parameters
    ----------
    site : int64
    zone : int32
    border_m : float64
        Distance of the site to the outline of the zone in the plane; 0 where the outline certainly crosses a
        side or lies within the site; ``IN_DOUBT_M`` where they touch as far as rounding lets tell; infinite
        where it is out of reach and the site inside.
    inside : bool
        Whether the first vertex of a path of the site lies in the zone.
    ends : float64, shape (n, 4)
        x, y of the site and x, y of the outline where they come nearest; NaN where `border_m` is 0 or
        infinite.
    """

    site: NDArray[np.int64]
    zone: NDArray[np.int32]
    border_m: NDArray[np.float64]
    inside: NDArray[np.bool_]
    ends: NDArray[np.float64]


class Desk(NamedTuple):
    """Arrays the work on a site is done in, used again for the next one, and the rows of all."""

    sides: NDArray[np.float64]
    found: NDArray[np.int64]
    stack: NDArray[np.int64]
    rows: Nearness


def make_rows(count: int) -> Nearness:
    """Return room for `count` rows."""
    return Nearness(
        np.empty(count, np.int64),
        np.empty(count, np.int32),
        np.empty(count),
        np.empty(count, np.bool_),
        np.empty((count, 4)),
    )


def pick_rows(rows: Nearness, chosen: NDArray[np.int64]) -> Nearness:
    """Return some rows, copied."""
    return Nearness(
        rows.site[chosen], rows.zone[chosen], rows.border_m[chosen], rows.inside[chosen], rows.ends[chosen]
    )


def widen_rows(rows: Nearness, count: int) -> Nearness:
    """Return room for `count` rows, the old ones copied."""
    wider, have = make_rows(count), len(rows.site)
    columns: tuple[NDArray[Any], ...] = wider
    for new, old in zip(columns, rows, strict=True):
        new[:have] = old
    return wider


def measure_nearness(
    index: ZoneIndex, sites: Shapes, reach_m: NDArray[np.float64], scale: NDArray[np.float64]
) -> Nearness:
    """Return every pair of a site and a zone that is in reach or round it.

    Parameters
    ----------
    index : ZoneIndex
    sites : Shapes
        In the plane of the zones.
    reach_m : array, shape (zones,)
        How far each zone is looked for, metres on the ground.
    scale : array, shape (sites,)
        Plane metres a metre on the ground at each site.

    Notes
    -----
    Two segments are nearest at an end of one of them unless they cross. A zone whose outline crosses no side
    of a polygon but has a vertex in it lies within it as far as that outline goes.
    """
    boxes = bound_shapes(sites)
    order = np.argsort(place_boxes(boxes))
    most = int(np.diff(sites.path_start[sites.shape_start]).max(initial=0)) + 1
    desk = Desk(
        np.empty((most, 4)),
        np.empty(len(index.pieces.zone), np.int64),
        np.empty(FAN * 32, np.int64),
        make_rows(2 * len(order) + 1024),
    )
    widest, start, count = float(reach_m.max(initial=0.0)), 0, 0
    while True:
        reach = (reach_m, scale, widest)
        start, count = _measure_run(
            sites, boxes, order, index.pieces, index.tree, reach, desk, (start, count)
        )
        if start == len(order):
            return pick_rows(desk.rows, np.argsort(desk.rows.site[:count], kind="stable"))
        wider = 2 * len(desk.rows.site) + len(index.pieces.zone)
        desk = desk._replace(rows=widen_rows(desk.rows, wider))


@kernel
def _measure_run(
    sites: Shapes,
    boxes: NDArray[np.float64],
    order: NDArray[np.int64],
    pieces: Pieces,
    tree: Tree,
    reach: tuple[NDArray[np.float64], NDArray[np.float64], float],
    desk: Desk,
    begun: tuple[int, int],
) -> tuple[int, int]:
    """Measure sites in `order` while there is room for rows; return the place in it and the count."""
    start, count = begun
    reach_m, scale, widest = reach
    for k in range(start, len(order)):
        site = order[k]
        box = read_box(boxes, site)
        if not box[0] <= box[2]:
            continue
        far = widest * scale[site]
        number = search(tree, box[0] - far, box[1] - far, box[2] + far, box[3] + far, desk.stack, desk.found)
        if number == 0:
            continue
        if count + number > len(desk.rows.site):
            return k, count
        sort_numbers(desk.found, number)
        count = _measure_site(sites, site, box, number, pieces, (reach_m, scale[site]), desk, count)
    return len(order), count


@kernel
def _measure_site(
    sites: Shapes,
    site: int,
    box: Box,
    number: int,
    pieces: Pieces,
    reach: tuple[NDArray[np.float64], float],
    desk: Desk,
    count: int,
) -> int:
    """Measure a site against the `number` pieces found, zone by zone; return the rows so far."""
    reach_m, scale = reach
    sides = load_sides(sites, site, box[0], box[1], desk.sides)
    first = sites.shape_start[site]
    solid = sites.path_kind[first] >= SHELL
    begin, rows = 0, desk.rows
    while begin < number:
        zone, end = pieces.zone[desk.found[begin]], begin + 1
        while end < number and pieces.zone[desk.found[end]] == zone:
            end += 1
        group = (begin, end)
        begin = end
        limit = reach_m[zone] * scale
        square, spot = _near_outline(pieces, desk.found, group, box, (desk.sides, sides), limit * limit)
        if square > 0 and solid and _swallows(pieces, desk.found, group, box, (desk.sides, sides)):
            square = 0.0
        inside = _enters(sites, site, pieces, desk.found, group)
        if square > limit * limit and not inside:
            continue
        rows.site[count], rows.zone[count], rows.inside[count] = site, zone, inside
        rows.border_m[count] = np.sqrt(square)
        for k in range(4):
            rows.ends[count, k] = np.nan
        if square > limit * limit:
            rows.border_m[count] = np.inf
        elif rows.border_m[count] > 0:
            _write_ends(pieces, spot, desk.sides, box, rows.ends, count)
        count += 1
    return count


@kernel
def _near_outline(
    pieces: Pieces, found: NDArray[np.int64], group: Group, box: Box, sides: Sides, limit: float
) -> tuple[float, Group]:
    """Return the least square of the distance of sides to an outline, and the vertex and side it is between.

    Anything above `limit` stands for a distance beyond it.
    """
    best, spot = np.nextafter(limit, np.inf), (-1, -1)
    west, south, width, height = box[0], box[1], box[2] - box[0], box[3] - box[1]
    for g in range(group[0], group[1]):
        piece = found[g]
        if pieces.full[piece] or gap_square(pieces.box, piece, box) >= best:
            continue
        for k in range(pieces.start[piece] + 1, pieces.start[piece + 1]):
            if pieces.step[k] != EDGE:
                continue
            x0, y0 = pieces.x[k - 1] - west, pieces.y[k - 1] - south
            x1, y1 = pieces.x[k] - west, pieces.y[k] - south
            x_gap, y_gap = gap(x0, x1, 0.0, width), gap(y0, y1, 0.0, height)
            if x_gap * x_gap + y_gap * y_gap >= best:
                continue
            for j in range(sides[1]):
                side = (sides[0][j, 0], sides[0][j, 1], sides[0][j, 2], sides[0][j, 3])
                square = approach(side, (x0, y0, x1, y1), best)
                if square >= best:
                    continue
                if square == 0 and surely_crosses(side, (x0, y0, x1, y1)):
                    return 0.0, (k, j)
                best, spot = max(square, IN_DOUBT_M * IN_DOUBT_M), (k, j)
    return best, spot


@kernel
def _swallows(pieces: Pieces, found: NDArray[np.int64], group: Group, box: Box, sides: Sides) -> bool:
    """Return whether a polygon that crosses no outline has a vertex of it inside."""
    for g in range(group[0], group[1]):
        piece = found[g]
        if pieces.full[piece] or gap_square(pieces.box, piece, box) > 0:
            continue
        for k in range(pieces.start[piece], pieces.start[piece + 1] - 1):
            if pieces.step[k] == EDGE or pieces.step[k + 1] != EDGE:
                continue
            if _holds(sides, pieces.x[k] - box[0], pieces.y[k] - box[1]):
                return True
    return False


@kernel
def _holds(sides: Sides, x: float, y: float) -> bool:
    """Return whether a place lies within the rings that sides make (even-odd)."""
    odd = False
    for j in range(sides[1]):
        x0, y0, x1, y1 = sides[0][j, 0], sides[0][j, 1], sides[0][j, 2], sides[0][j, 3]
        if (y0 <= y) != (y1 <= y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            odd = not odd
    return odd


@kernel
def _enters(sites: Shapes, site: int, pieces: Pieces, found: NDArray[np.int64], group: Group) -> bool:
    """Return whether the first vertex of a path of the site lies in one of the pieces."""
    for path in range(sites.shape_start[site], sites.shape_start[site + 1]):
        vertex = sites.path_start[path]
        for g in range(group[0], group[1]):
            if covers(pieces, found[g], sites.x[vertex], sites.y[vertex]):
                return True
    return False


@kernel
def _write_ends(
    pieces: Pieces,
    spot: Group,
    sides: NDArray[np.float64],
    box: Box,
    ends: NDArray[np.float64],
    row: int,
) -> None:
    """Write where a side and a segment come nearest: at an end of one of them."""
    k, j = spot
    a = (sides[j, 0], sides[j, 1], sides[j, 2], sides[j, 3])
    b = (
        pieces.x[k - 1] - box[0],
        pieces.y[k - 1] - box[1],
        pieces.x[k] - box[0],
        pieces.y[k] - box[1],
    )
    best = np.inf
    for end in range(4):
        x, y = (a[0], a[1]) if end == 0 else (a[2], a[3]) if end == 1 else (b[0], b[1])
        if end == 3:
            x, y = b[2], b[3]
        foot_x, foot_y = find_foot(x, y, b) if end < 2 else find_foot(x, y, a)
        square = (foot_x - x) ** 2 + (foot_y - y) ** 2
        if square < best:
            best = square
            of_site, of_zone = ((x, y), (foot_x, foot_y)) if end < 2 else ((foot_x, foot_y), (x, y))
            ends[row, 0], ends[row, 1] = of_site[0] + box[0], of_site[1] + box[1]
            ends[row, 2], ends[row, 3] = of_zone[0] + box[0], of_zone[1] + box[1]
