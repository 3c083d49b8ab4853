"""What a network loses when one patch or one link is taken away: every one of them, exactly, in one pass.

From each patch the shortest paths form a tree. Taking a patch or a link away changes only the distances of
what hangs below it there, so only that is found again: its first labels come from the neighbours that stay,
the rest from a search among what was cut off. Everything else keeps its distance, whatever ties there are.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from gis.corridors.kernels import compile_kernel

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Numbers: TypeAlias = NDArray[np.int32]
    Graph: TypeAlias = tuple[NDArray[np.int64], Numbers, Numbers, Floats]
    """Where each patch's neighbours begin; the neighbours, nearest first; their links; the links' lengths."""

compiled = partial(compile_kernel, nogil=True)

SAME = 1e-12
"""Two lengths of path that differ by less than this share are the same."""


def list_neighbours(
    count: int, starts: NDArray[np.intp], ends: NDArray[np.intp], lengths: NDArray[np.float64]
) -> Graph:
    """Return the neighbours of each patch, nearest first.

    Parameters
    ----------
    count : int
        How many patches there are.
    starts, ends, lengths : array, (links,)
        Links, each once; they lead both ways.

    Returns
    -------
    first : int array, (count + 1,)
        Where the neighbours of each patch begin.
    neighbours, links : int array, (2 × links,)
        The neighbour, and the link that leads there.
    lengths : float array, (2 × links,)
    """
    number = np.arange(len(starts), dtype=np.int32)
    one = np.concatenate([starts, ends])
    both = np.concatenate([lengths, lengths]).astype(np.float64)
    order = np.lexsort((both, one))
    first = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(one, minlength=count), out=first[1:])
    other = np.concatenate([ends, starts]).astype(np.int32)
    return first, other[order], np.concatenate([number, number])[order], both[order]


@compiled
def worth_of(distance: float, binary: bool) -> float:  # noqa: FBT001 - compiled
    """Return what a pair at a distance is worth: 1/(1 + d) for numbers of links, e^-d otherwise; 0 for ∞."""
    if binary:
        return 1.0 / (1.0 + distance)
    return math.exp(-distance)


@compiled
def raise_node(heap: Numbers, place: Numbers, keys: Floats, node: int, size: int) -> int:
    """Put a node whose key became smaller into its place in the heap, adding it if it is new."""
    at = place[node]
    if at < 0:
        at = size
        size += 1
    key = keys[node]
    while at > 0:
        above = (at - 1) >> 1
        if keys[heap[above]] <= key:
            break
        heap[at] = heap[above]
        place[heap[at]] = at
        at = above
    heap[at] = node
    place[node] = at
    return size


@compiled
def take_least(heap: Numbers, place: Numbers, keys: Floats, size: int) -> tuple[int, int]:
    """Take the node of the least key out of a heap; return it and the size left."""
    least = heap[0]
    place[least] = -1
    size -= 1
    if size > 0:
        node = heap[size]
        key = keys[node]
        at = 0
        while True:
            below = 2 * at + 1
            if below >= size:
                break
            if below + 1 < size and keys[heap[below + 1]] < keys[heap[below]]:
                below += 1
            if keys[heap[below]] >= key:
                break
            heap[at] = heap[below]
            place[heap[at]] = at
            at = below
        heap[at] = node
        place[node] = at
    return least, size


@compiled
def grow_tree(
    graph: Graph, source: int, distance: Floats, parent: Numbers, way: Numbers, queue: tuple[Numbers, Numbers]
) -> None:
    """Find the shortest paths from a patch by Dijkstra's algorithm: distances, parents and links."""
    first, neighbours, links, lengths = graph
    heap, place = queue
    distance[:] = np.inf
    parent[:] = -1
    way[:] = -1
    place[:] = -1
    distance[source] = 0.0
    size = raise_node(heap, place, distance, source, 0)
    while size > 0:
        node, size = take_least(heap, place, distance, size)
        for index in range(first[node], first[node + 1]):
            other = neighbours[index]
            new = distance[node] + lengths[index]
            if new < distance[other]:
                distance[other] = new
                parent[other] = node
                way[other] = links[index]
                size = raise_node(heap, place, distance, other, size)


@compiled
def order_tree(parent: Numbers, source: int, walk: Numbers, below: Numbers) -> int:
    """Put a tree in an order in which what hangs below a node follows it; return how many nodes it has."""
    count = len(parent)
    child = np.full(count, -1, dtype=np.int32)
    sibling = np.full(count, -1, dtype=np.int32)
    for node in range(count):
        if parent[node] >= 0:
            sibling[node] = child[parent[node]]
            child[parent[node]] = node
    stack = np.empty(count, dtype=np.int32)
    stack[0] = source
    size, reached = 1, 0
    while size > 0:
        size -= 1
        node = stack[size]
        walk[reached] = node
        reached += 1
        below[node] = 1
        next_node = child[node]
        while next_node >= 0:
            stack[size] = next_node
            size += 1
            next_node = sibling[next_node]
    for index in range(reached - 1, 0, -1):
        node = walk[index]
        below[parent[node]] += below[node]
    return reached


@compiled
def find_way(
    graph: Graph, node: int, gone: tuple[int, int], distance: Floats, mark: NDArray[np.bool_]
) -> float:
    """Return the shortest distance of a patch by a neighbour that was not cut off."""
    first, neighbours, links, lengths = graph
    best = np.inf
    for index in range(first[node], first[node + 1]):
        if lengths[index] >= best:
            break
        other = neighbours[index]
        if not mark[other] and other != gone[0] and links[index] != gone[1]:
            best = min(best, distance[other] + lengths[index])
    return best


@compiled
def join_again(
    graph: Graph,
    cut: Numbers,
    gone: tuple[int, int],
    distance: Floats,
    new: Floats,
    mark: NDArray[np.bool_],
    queue: tuple[Numbers, Numbers],
) -> None:
    """Find the distances of what was cut off from a tree when a patch or a link (-1: none) is gone."""
    first, neighbours, links, lengths = graph
    heap, place = queue
    for node in cut:
        mark[node] = True
    size = 0
    for node in cut:
        new[node] = find_way(graph, node, gone, distance, mark)
        if len(cut) > 1 and new[node] < np.inf:
            size = raise_node(heap, place, new, node, size)
    while size > 0:
        node, size = take_least(heap, place, new, size)
        for index in range(first[node], first[node + 1]):
            other = neighbours[index]
            if mark[other] and links[index] != gone[1] and new[node] + lengths[index] < new[other]:
                new[other] = new[node] + lengths[index]
                size = raise_node(heap, place, new, other, size)
    for node in cut:
        mark[node] = False


@compiled
def value_lost(cut: Numbers, distance: Floats, new: Floats, areas: Floats, binary: bool) -> float:  # noqa: FBT001 - compiled
    """Return the sum of area × worth that patches lose by their new distances."""
    lost = 0.0
    for node in cut:
        if new[node] - distance[node] > SAME * (1.0 + distance[node]):
            lost += areas[node] * (worth_of(distance[node], binary) - worth_of(new[node], binary))
    return lost


@compiled
def remove_each(
    graph: Graph,
    areas: Floats,
    sources: NDArray[np.intp],
    binary: bool,  # noqa: FBT001 - compiled
    sums: Floats,
    patch_lost: Floats,
    link_lost: Floats,
) -> None:
    """Add what is lost from some sources when each patch and each link is gone in its turn.

    Parameters
    ----------
    graph : tuple of arrays
        As :func:`list_neighbours` returns it.
    areas : float array, (patches,)
    sources : int array
        The patches the paths start from in this call.
    binary : bool
        Whether lengths are numbers of links (IIC) or -ln p (PC).
    sums : float array, (patches,)
        Receives Σⱼ aᵢaⱼ·worth(i, j) for each source i, itself included.
    patch_lost, link_lost : float array, (patches,) and (links,)
        Receive what is lost between others by the absence of each.
    """
    count = len(areas)
    distance, new = np.empty(count), np.empty(count)
    parent, way = np.empty(count, np.int32), np.empty(count, np.int32)
    queue = (np.empty(count, np.int32), np.full(count, -1, np.int32))
    walk, below = np.empty(count, np.int32), np.empty(count, np.int32)
    mark = np.zeros(count, np.bool_)
    for source in sources:
        grow_tree(graph, source, distance, parent, way, queue)
        reached = order_tree(parent, source, walk, below)
        total = 0.0
        for index in range(reached):
            total += areas[walk[index]] * worth_of(distance[walk[index]], binary)
        sums[source] = areas[source] * total
        for index in range(1, reached):
            node = walk[index]
            cut = walk[index : index + below[node]]
            join_again(graph, cut, (-1, way[node]), distance, new, mark, queue)
            link_lost[way[node]] += areas[source] * value_lost(cut, distance, new, areas, binary)
            if below[node] > 1:
                join_again(graph, cut[1:], (node, -1), distance, new, mark, queue)
                patch_lost[node] += areas[source] * value_lost(cut[1:], distance, new, areas, binary)
