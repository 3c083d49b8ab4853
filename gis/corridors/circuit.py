"""A resistance surface as an electric circuit: nodes, conductances and the sparse Laplacian.

Conductances are those Circuitscape defines (McRae et al. 2008, Ecology 89: 2712-2724): two neighbours of
resistance r₁ and r₂ are joined by the conductance of their average resistance, 2/(r₁ + r₂), or by their
average conductance, (1/r₁ + 1/r₂)/2; a diagonal step is √2 longer, so both are divided by √2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

Average = Literal["resistance", "conductance"]
Neighbours = Literal[4, 8]

NO_NODE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Circuit:
    """Nodes joined by conductances.

    Parameters
    ----------
    nodes : int array, (rows, columns)
        Node of each cell; -1 where nothing passes. Cells of one short-circuit region share a node.
    conductances : sparse array, (nodes, nodes)
        Symmetric, in siemens; nothing on the diagonal.
    """

    nodes: NDArray[np.intp]
    conductances: sparse.csr_array

    @property
    def count(self) -> int:
        """How many nodes there are."""
        return int(self.conductances.shape[0])

    def laplacian(self) -> sparse.csc_array:
        """Return the Laplacian: conductance sums on the diagonal, minus conductances beside it."""
        sums = self.conductances.sum(axis=1)
        return sparse.csc_array(sparse.diags_array(sums) - self.conductances)

    def components(self) -> NDArray[np.intp]:
        """Return the number of each node's connected part."""
        _, labels = csgraph.connected_components(self.conductances, directed=False)
        return np.asarray(labels, dtype=np.intp)


def build_circuit(
    resistance: NDArray[np.float64],
    *,
    neighbours: Neighbours = 8,
    average: Average = "resistance",
    regions: Sequence[NDArray[np.bool_]] = (),
) -> Circuit:
    """Return the circuit of a resistance surface.

    Parameters
    ----------
    resistance : float array, (rows, columns)
        Positive; NaN where nothing passes.
    neighbours : 4 or 8
        Whether cells that touch at a corner are joined too.
    average : {"resistance", "conductance"}
        What of two neighbours is averaged.
    regions : sequence of bool array
        Cells of no resistance between each other, even apart; regions with a cell in common are one. Cells of
        a region without data belong to its node as long as another of its cells has data.
    """
    conductance = np.where(np.isnan(resistance), 0.0, 1.0 / np.where(np.isnan(resistance), 1.0, resistance))
    cells = _join_cells(conductance > 0, regions)
    count = int(cells.max(initial=NO_NODE)) + 1
    half = sparse.csr_array((count, count))
    for start, end, weight in _edges(conductance, cells, neighbours=neighbours, average=average):
        half = half + sparse.coo_array((weight, (start, end)), shape=(count, count)).tocsr()
    return Circuit(nodes=cells, conductances=sparse.csr_array(half + half.T))


def _join_cells(passable: NDArray[np.bool_], regions: Sequence[NDArray[np.bool_]]) -> NDArray[np.intp]:
    """Return the node of each cell: its own, or its region's; -1 where nothing passes."""
    used = passable.copy()
    alive = [region for region in regions if (region & passable).any()]
    for region in alive:
        used |= region
    nodes = np.full(passable.shape, NO_NODE, dtype=np.intp)
    nodes[used] = np.arange(np.count_nonzero(used))
    if not alive:
        return nodes
    members = [nodes[region] for region in alive]
    first = np.concatenate([np.full(len(one), one[0]) for one in members])
    other = np.concatenate(members)
    size = np.count_nonzero(used)
    joins = sparse.coo_array((np.ones(len(first)), (first, other)), shape=(size, size))
    _, labels = csgraph.connected_components(joins, directed=False)
    nodes[used] = labels
    return nodes


def _edges(
    conductance: NDArray[np.float64],
    nodes: NDArray[np.intp],
    *,
    neighbours: Neighbours,
    average: Average,
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]]:
    """Yield nodes and conductances of neighbouring cells, one direction at a time."""
    whole, head, tail = slice(None), slice(None, -1), slice(1, None)
    straight = [((whole, head), (whole, tail)), ((head, whole), (tail, whole))]
    diagonal = [((head, head), (tail, tail)), ((tail, head), (head, tail))]
    for one, other in straight + (diagonal if neighbours == 8 else []):
        length = 1.0 if (one, other) in straight else np.sqrt(2.0)
        weight = _join_conductance(conductance[one], conductance[other], average) / length
        start, end = nodes[one], nodes[other]
        use = (start >= 0) & (end >= 0) & (start != end) & (weight > 0)
        yield start[use].astype(np.int32), end[use].astype(np.int32), weight[use]


def _join_conductance(
    one: NDArray[np.float64], other: NDArray[np.float64], average: Average
) -> NDArray[np.float64]:
    """Return the conductance between cells from their own conductances."""
    if average == "conductance":
        return (one + other) / 2
    total = one + other
    return np.divide(2 * one * other, total, out=np.zeros_like(total), where=total > 0)
