"""How near a site lies to a piece of a zone: segment against segment, and whether a place is inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis.engine.compiled import kernel
from gis.engine.pieces import EDGE, MOVE, Pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.engine.shapes import Shapes

    Side = tuple[float, float, float, float]

SURE_M = 1e-7
"""A segment whose ends lie farther than this to both sides of another one's line crosses it."""


@kernel
def load_sides(shapes: Shapes, site: int, west: float, south: float, sides: NDArray[np.float64]) -> int:
    """Write all segments of a site (x0, y0, x1, y1) from (`west`, `south`); a point is one of no length."""
    number = 0
    for path in range(shapes.shape_start[site], shapes.shape_start[site + 1]):
        begin, end = shapes.path_start[path], shapes.path_start[path + 1]
        for k in range(begin if end == begin + 1 else begin + 1, end):
            before = max(k - 1, begin)
            sides[number, 0], sides[number, 1] = shapes.x[before] - west, shapes.y[before] - south
            sides[number, 2], sides[number, 3] = shapes.x[k] - west, shapes.y[k] - south
            number += 1
    return number


@kernel
def gap(a_0: float, a_1: float, b_0: float, b_1: float) -> float:
    """Return how far two intervals with unordered ends lie apart; 0 when they meet."""
    return max(min(a_0, a_1) - max(b_0, b_1), min(b_0, b_1) - max(a_0, a_1), 0.0)


@kernel
def reach(x: float, y: float, x0: float, y0: float, x1: float, y1: float) -> float:
    """Return the square of the distance of a point from a segment."""
    dx, dy = x1 - x0, y1 - y0
    px, py = x - x0, y - y0
    square = dx * dx + dy * dy
    if square > 0:
        share = min(max((px * dx + py * dy) / square, 0.0), 1.0)
        px -= share * dx
        py -= share * dy
    return px * px + py * py


@kernel
def crosses(a: Side, b: Side) -> bool:
    """Return whether a side and a segment cross or touch; collinear ones are left to :func:`reach`."""
    x0, y0, x1, y1 = b
    dx, dy = a[2] - a[0], a[3] - a[1]
    ex, ey = x1 - x0, y1 - y0
    side_0, side_1 = dx * (y0 - a[1]) - dy * (x0 - a[0]), dx * (y1 - a[1]) - dy * (x1 - a[0])
    side_2, side_3 = ex * (a[1] - y0) - ey * (a[0] - x0), ex * (a[3] - y0) - ey * (a[2] - x0)
    return bool(side_0 * side_1 < 0 and side_2 * side_3 < 0)


@kernel
def approach(a: Side, b: Side, best: float) -> float:
    """Return the lesser of `best` and the square of the distance between a side and a segment."""
    x0, y0, x1, y1 = b
    x_gap, y_gap = gap(a[0], a[2], x0, x1), gap(a[1], a[3], y0, y1)
    if x_gap * x_gap + y_gap * y_gap >= best:
        return best
    if x_gap == 0 and y_gap == 0 and crosses(a, b):
        return 0.0
    best = min(best, reach(a[0], a[1], x0, y0, x1, y1), reach(a[2], a[3], x0, y0, x1, y1))
    return min(best, reach(x0, y0, a[0], a[1], a[2], a[3]), reach(x1, y1, a[0], a[1], a[2], a[3]))


@kernel
def measure_piece(
    pieces: Pieces,
    piece: int,
    sides: NDArray[np.float64],
    number: int,
    frame: tuple[float, float, float, float],
    best: float,
) -> float:
    """Return the lesser of `best` and the square of the distance from the site's sides to a piece's outline.

    `frame` is the west, the south, the width and the height of the site.
    """
    west, south, width, height = frame
    for k in range(pieces.start[piece] + 1, pieces.start[piece + 1]):
        if pieces.step[k] != EDGE:
            continue
        x0, y0, x1, y1 = (
            pieces.x[k - 1] - west,
            pieces.y[k - 1] - south,
            pieces.x[k] - west,
            pieces.y[k] - south,
        )
        x_gap, y_gap = gap(x0, x1, 0.0, width), gap(y0, y1, 0.0, height)
        if x_gap * x_gap + y_gap * y_gap >= best:
            continue
        for j in range(number):
            side = (sides[j, 0], sides[j, 1], sides[j, 2], sides[j, 3])
            best = approach(side, (x0, y0, x1, y1), best)
        if best == 0:
            return 0.0
    return best


@kernel
def covers(pieces: Pieces, piece: int, x: float, y: float) -> bool:
    """Return whether a place lies in a piece; of its rectangle the west and south edges count."""
    box = pieces.box
    if not (box[piece, 0] <= x < box[piece, 2] and box[piece, 1] <= y < box[piece, 3]):
        return False
    over = 0
    for k in range(pieces.start[piece] + 1, pieces.start[piece + 1]):
        if pieces.step[k] == MOVE:
            continue
        x0, x1 = pieces.x[k - 1], pieces.x[k]
        if (x0 <= x) == (x1 <= x):
            continue
        y0, y1 = pieces.y[k - 1], pieces.y[k]
        if y0 + (x - x0) / (x1 - x0) * (y1 - y0) > y:
            over += 1 if x1 < x0 else -1
    return over != 0


@kernel
def surely_crosses(a: Side, b: Side) -> bool:
    """Return whether two segments, found to cross, do so beyond rounding."""
    dx, dy, ex, ey = a[2] - a[0], a[3] - a[1], b[2] - b[0], b[3] - b[1]
    first, second = SURE_M * np.hypot(dx, dy), SURE_M * np.hypot(ex, ey)
    return bool(
        abs(dx * (b[1] - a[1]) - dy * (b[0] - a[0])) > first
        and abs(dx * (b[3] - a[1]) - dy * (b[2] - a[0])) > first
        and abs(ex * (a[1] - b[1]) - ey * (a[0] - b[0])) > second
        and abs(ex * (a[3] - b[1]) - ey * (a[2] - b[0])) > second
    )


@kernel
def gap_square(boxes: NDArray[np.float64], row: int, box: Side) -> float:
    """Return the square of the distance of two boxes."""
    b_0, b_1, b_2, b_3 = boxes[row, 0], boxes[row, 1], boxes[row, 2], boxes[row, 3]
    x_gap, y_gap = max(b_0 - box[2], box[0] - b_2, 0.0), max(b_1 - box[3], box[1] - b_3, 0.0)
    return float(x_gap * x_gap + y_gap * y_gap)


@kernel
def find_foot(x: float, y: float, b: Side) -> tuple[float, float]:
    """Return the point of a segment nearest to a place."""
    dx, dy = b[2] - b[0], b[3] - b[1]
    square = dx * dx + dy * dy
    share = 0.0 if square == 0 else min(max(((x - b[0]) * dx + (y - b[1]) * dy) / square, 0.0), 1.0)
    return b[0] + share * dx, b[1] + share * dy
