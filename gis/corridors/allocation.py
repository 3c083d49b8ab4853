"""Which source each cell is nearest to by cost, and which sources are neighbours by that.

The cost-allocation zones of the sources are what a Voronoi diagram is on a uniform surface. Sources whose
zones touch are neighbours: the pairs among which the minimum planar graph of Fall, Fortin, Manseau and
O'Brien 2007, Ecosystems 10: 448-461, looks for its links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis.corridors.cost import average_pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gis.corridors.circuit import Average, Neighbours

_ALL, _HEAD, _TAIL = slice(None), slice(None, -1), slice(1, None)
_STRAIGHT = ((_ALL, _HEAD, _ALL, _TAIL), (_HEAD, _ALL, _TAIL, _ALL))
_DIAGONAL = ((_HEAD, _HEAD, _TAIL, _TAIL), (_TAIL, _HEAD, _HEAD, _TAIL))

Window = tuple[slice, slice]


def list_steps(neighbours: Neighbours) -> Iterator[tuple[Window, Window, float]]:
    """Yield the two halves of each direction a step can take, and its length in cells.

    The n-th cell of the first window and the n-th of the second are neighbours.
    """
    for rows, columns, other_rows, other_columns in _STRAIGHT:
        yield (rows, columns), (other_rows, other_columns), 1.0
    if neighbours == 8:
        for rows, columns, other_rows, other_columns in _DIAGONAL:
            yield (rows, columns), (other_rows, other_columns), float(np.sqrt(2.0))


def allocate_cells(
    cost: NDArray[np.float64],
    resistance: NDArray[np.float64],
    sources: NDArray[np.int32],
    *,
    neighbours: Neighbours = 8,
    average: Average = "resistance",
) -> NDArray[np.int32]:
    """Return the number of the source each cell is reached from.

    Parameters
    ----------
    cost : float array, (rows, columns)
        Accumulated from all sources at once, in resistance × cells; 0 on them, infinite where no way leads.
    resistance : float array, (rows, columns)
        NaN where nothing passes.
    sources : int array, (rows, columns)
        Number of the source in its cells, 0 elsewhere.

    Returns
    -------
    int array, (rows, columns)
        0 where no source reaches. Between two sources of equal cost the first direction of
        :func:`list_steps` decides.

    Notes
    -----
    Each cell points to the neighbour its cheapest way comes from, the one with the least cost + step. What a
    cell points to is doubled until all point to a source.
    """
    cells = np.arange(cost.size, dtype=np.int64 if cost.size > np.iinfo(np.int32).max else np.int32)
    target = cells.reshape(cost.shape).copy()
    best = np.full(cost.shape, np.inf)
    for one, other, length in list_steps(neighbours):
        step = average_pair(resistance[one], resistance[other], average) * length
        for here, there in ((one, other), (other, one)):
            way = cost[there] + step
            better = way < best[here]
            best[here][better] = way[better]
            target[here][better] = cells.reshape(cost.shape)[there][better]
    root = ((sources > 0) & ~np.isnan(resistance)) | ~np.isfinite(cost)
    target[root] = cells.reshape(cost.shape)[root]
    flat = target.ravel()
    while True:
        further = flat[flat]
        if np.array_equal(further, flat):
            break
        flat = further
    return np.where(np.isfinite(cost), sources.ravel()[flat].reshape(cost.shape), 0).astype(np.int32)


def find_neighbours(zones: NDArray[np.int32], *, neighbours: Neighbours = 8) -> tuple[tuple[int, int], ...]:
    """Return the pairs of sources whose zones touch, smaller number first, ascending."""
    found: set[tuple[int, int]] = set()
    for one, other, _ in list_steps(neighbours):
        first, second = zones[one], zones[other]
        differ = (first != second) & (first > 0) & (second > 0)
        if differ.any():
            pairs = np.column_stack((first[differ], second[differ]))
            pairs.sort(axis=1)
            found.update((int(low), int(high)) for low, high in np.unique(pairs, axis=0))
    return tuple(sorted(found))
