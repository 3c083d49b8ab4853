"""A packed R-tree: boxes in Hilbert order, eight to a node, flat arrays, searched without the GIL."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gis.engine.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

FAN = 8
"""Boxes of a node."""

ORDER = 16
"""Bits of a Hilbert coordinate: 7 m of a region of 450 km."""


class Tree(NamedTuple):
    """Boxes of all levels, the items' own first.

    Parameters
    ----------
    box : float64, shape (nodes, 4)
        West, south, east, north; children of node j of a level are ``FAN*j`` … of the level below.
    level : int64, shape (levels + 1,)
        First node of each level.
    item : int64, shape (items,)
        Number of the item behind each box of the lowest level.
    """

    box: NDArray[np.float64]
    level: NDArray[np.int64]
    item: NDArray[np.int64]


@kernel
def hilbert(x: int, y: int) -> int:
    """Return the place of a cell along the Hilbert curve of order 16.

    Notes
    -----
    C. Hamilton, "Compact Hilbert Indices", Dalhousie University CS-2006-07, in two dimensions.
    """
    place = 0
    side = 1 << (ORDER - 1)
    while side > 0:
        right, up = (1 if x & side else 0), (1 if y & side else 0)
        place += side * side * ((3 * right) ^ up)
        if up == 0:
            if right == 1:
                x, y = side - 1 - (x & (side - 1)), side - 1 - (y & (side - 1))
            x, y = y & (side - 1), x & (side - 1)
        else:
            x, y = x & (side - 1), y & (side - 1)
        side >>= 1
    return place


def place_boxes(box: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the Hilbert places of the middles of boxes; empty boxes (inf) come last."""
    places = np.empty(len(box), np.int64)
    write_places(box, places)
    return places


@kernel
def write_places(box: NDArray[np.float64], places: NDArray[np.int64]) -> None:
    """Write the Hilbert places of the middles of boxes."""
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    for k in range(len(box)):
        if box[k, 0] <= box[k, 2]:
            west, south = min(west, box[k, 0]), min(south, box[k, 1])
            east, north = max(east, box[k, 2]), max(north, box[k, 3])
    scale = ((1 << ORDER) - 1) / max(east - west, north - south, 1e-9)
    for k in range(len(box)):
        if box[k, 0] <= box[k, 2]:
            x = int(((box[k, 0] + box[k, 2]) / 2 - west) * scale)
            y = int(((box[k, 1] + box[k, 3]) / 2 - south) * scale)
            places[k] = hilbert(x, y)
        else:
            places[k] = 1 << 40


def build_tree(box: NDArray[np.float64]) -> Tree:
    """Return the tree of boxes (west, south, east, north), shape (items, 4)."""
    order = np.argsort(place_boxes(box), kind="stable")
    sizes = [len(box)]
    while sizes[-1] > 1:
        sizes.append(-(-sizes[-1] // FAN))
    level = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    nodes = np.empty((level[-1], 4))
    nodes[: len(box)] = box[order]
    fill_levels(nodes, level)
    return Tree(nodes, level, order)


@kernel
def fill_levels(box: NDArray[np.float64], level: NDArray[np.int64]) -> None:
    """Write the boxes of the upper levels."""
    for step in range(1, len(level) - 1):
        for node in range(level[step], level[step + 1]):
            begin = level[step - 1] + FAN * (node - level[step])
            for k in range(4):
                box[node, k] = box[begin, k]
            for child in range(begin + 1, min(begin + FAN, level[step])):
                box[node, 0], box[node, 1] = (
                    min(box[node, 0], box[child, 0]),
                    min(box[node, 1], box[child, 1]),
                )
                box[node, 2], box[node, 3] = (
                    max(box[node, 2], box[child, 2]),
                    max(box[node, 3], box[child, 3]),
                )


@kernel
def search(
    tree: Tree,
    west: float,
    south: float,
    east: float,
    north: float,
    stack: NDArray[np.int64],
    found: NDArray[np.int64],
) -> int:
    """Write the items whose boxes meet a box to `found` (room for all items); return their number.

    `stack` is room for ``FAN * 16`` pairs of (level, node).
    """
    number, top = 0, 2
    if len(tree.item) == 0:
        return 0
    stack[0], stack[1] = len(tree.level) - 2, tree.level[len(tree.level) - 2]
    while top > 0:
        top -= 2
        step, node = stack[top], stack[top + 1]
        if tree.box[node, 0] > east or tree.box[node, 2] < west:
            continue
        if tree.box[node, 1] > north or tree.box[node, 3] < south:
            continue
        if step == 0:
            found[number] = tree.item[node]
            number += 1
            continue
        begin = tree.level[step - 1] + FAN * (node - tree.level[step])
        for child in range(begin, min(begin + FAN, tree.level[step])):
            stack[top], stack[top + 1] = step - 1, child
            top += 2
    return number
