"""Current between sources: effective resistances and where the current flows (pinch points 夹点).

One ampere enters one source and leaves another; the voltage between them is their effective resistance in
ohm. The current of a cell is what flows through it; the ampere that enters or leaves at a source counts.
Each connected part of the circuit is factorised once, with one of its sources grounded: the potentials of a
pair are the difference of two solutions. Only sources of several cells, which are joined for the pairs they
take part in and no others, need a circuit of their own for each pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from gis.corridors.circuit import Average, Circuit, Neighbours, build_circuit
from gis.corridors.grid import require_resistance, require_same_cells
from gis.errors import CorridorError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gis.corridors.grid import Grid


@dataclass(frozen=True, slots=True, eq=False)
class PairCurrent:
    """What flows between two sources when one ampere is sent from one to the other.

    Parameters
    ----------
    first, second : int
        Numbers of the sources.
    resistance_ohm : float
        Effective resistance.
    current_a : float array, (rows, columns)
        Current of each cell; 0 where none flows.
    """

    first: int
    second: int
    resistance_ohm: float
    current_a: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CurrentStudy:
    """Effective resistances between all sources, and the sum of their currents.

    Parameters
    ----------
    points : tuple of int
        Numbers of the sources, ascending.
    resistance_ohm : float array, (points, points)
        NaN where two are not connected; 0 on the diagonal.
    current_a : Grid or None
        Sum over all connected pairs; NaN where nothing passes. None where it was not asked for.
    """

    points: tuple[int, ...]
    resistance_ohm: NDArray[np.float64]
    current_a: Grid | None


def measure_current(
    resistance: Grid,
    points: Grid,
    *,
    neighbours: Neighbours = 8,
    average: Average = "resistance",
    short_circuit: Grid | None = None,
    with_map: bool = True,
) -> CurrentStudy:
    """Return the effective resistances between sources, and the cells' summed current.

    Parameters
    ----------
    resistance : Grid
        Ohm; NaN where nothing passes.
    points : Grid
        Number of the source in its cells (1 and up), NaN or 0 elsewhere. A source of several cells is one
        node in its own pairs, and ordinary cells in the others'.
    neighbours : 4 or 8
    average : {"resistance", "conductance"}
    short_circuit : Grid, optional
        Number of the region in its cells: cells of one number have no resistance between each other.
    with_map : bool
        Whether to sum the currents; without, each pair costs one number.

    Raises
    ------
    CorridorError
        If the grids do not lie on the same cells, a resistance is not positive, or there are not two sources.
    """
    require_resistance(resistance, name="resistance")
    require_same_cells(resistance, points, name="resistance", other_name="points")
    if short_circuit is not None:
        require_same_cells(resistance, short_circuit, name="resistance", other_name="short-circuit")
    sources = read_regions(points)
    if len(sources) < 2:
        raise CorridorError(
            f"至少需要两个源，只有 {len(sources)} 个",
            f"at least two sources are needed, there are {len(sources)}",
            where="points",
            hint_zh="源在栅格外或像元值不大于 0？",
            hint_en="do the sources lie outside the grid, or are their cells not larger than 0?",
            code="corridors.sources",
        )
    numbers = tuple(sources)
    ohm = np.full((len(numbers), len(numbers)), np.nan)
    np.fill_diagonal(ohm, 0.0)
    total = np.zeros(resistance.shape)
    regions = [] if short_circuit is None else list(read_regions(short_circuit).values())
    place = {number: index for index, number in enumerate(numbers)}
    for pair in solve_pairs(
        resistance.values, sources, neighbours=neighbours, average=average, regions=regions, with_map=with_map
    ):
        one, other = place[pair.first], place[pair.second]
        ohm[one, other] = ohm[other, one] = pair.resistance_ohm
        if with_map:
            total += pair.current_a
    total[np.isnan(resistance.values) & (total == 0)] = np.nan  # cells of a region without data carry current
    return CurrentStudy(numbers, ohm, resistance.with_values(total) if with_map else None)


def read_regions(grid: Grid) -> dict[int, NDArray[np.bool_]]:
    """Return the cells of each positive whole number of a grid, numbers ascending.

    Raises
    ------
    CorridorError
        If a number larger than 0 is not whole.
    """
    values = np.where(np.isnan(grid.values), 0.0, grid.values)
    found = np.unique(values[values > 0])
    if not np.array_equal(found, np.round(found)):
        raise CorridorError(
            "源与短路区的编号必须是整数",
            "the numbers of sources and regions must be whole",
            where=f"{found[found != np.round(found)][0]:g}",
            code="corridors.sources",
        )
    return {int(number): values == number for number in found}


def solve_pairs(
    resistance: NDArray[np.float64],
    sources: dict[int, NDArray[np.bool_]],
    *,
    neighbours: Neighbours,
    average: Average,
    regions: Sequence[NDArray[np.bool_]] = (),
    with_map: bool = True,
) -> Iterator[PairCurrent]:
    """Yield the current of every connected pair of sources; see `measure_current`."""
    circuit = build_circuit(resistance, neighbours=neighbours, average=average, regions=regions)
    node = {number: _single_node(circuit, cells) for number, cells in sources.items()}
    if all(one is not None for one in node.values()):
        yield from _solve_nodes(
            circuit, {number: one for number, one in node.items() if one is not None}, with_map
        )
        return
    for first, second in combinations(sources, 2):
        joined = build_circuit(
            resistance,
            neighbours=neighbours,
            average=average,
            regions=[*regions, sources[first], sources[second]],
        )
        ends = {number: int(joined.nodes[sources[number]].max()) for number in (first, second)}
        yield from _solve_nodes(joined, ends, with_map)


def _single_node(circuit: Circuit, cells: NDArray[np.bool_]) -> int | None:
    """Return the one node of a source (-1 where nothing passes); None where it has several."""
    nodes = np.unique(circuit.nodes[cells])
    return int(nodes[0]) if len(nodes) == 1 else None


def _solve_nodes(circuit: Circuit, ends: dict[int, int], with_map: bool) -> Iterator[PairCurrent]:  # noqa: FBT001
    """Yield the current between nodes, part by connected part, each factorised once."""
    parts = circuit.components()
    laplacian = circuit.laplacian().tocsr()
    inside = {number: node for number, node in ends.items() if node >= 0}
    for part in sorted({int(parts[node]) for node in inside.values()}):
        members = [number for number, node in inside.items() if parts[node] == part]
        if len(members) < 2:
            continue
        potentials = _solve_part(laplacian, np.flatnonzero(parts == part), [inside[one] for one in members])
        for (i, first), (j, second) in combinations(enumerate(members), 2):
            volt = potentials[i] - potentials[j]
            ohm = float(volt[inside[first]] - volt[inside[second]])
            current = _node_current(circuit, volt, inside[first], inside[second]) if with_map else volt
            yield PairCurrent(first, second, ohm, _spread(circuit, current) if with_map else np.empty(0))


def _solve_part(
    laplacian: sparse.csr_array, part: NDArray[np.intp], nodes: Sequence[int]
) -> list[NDArray[np.float64]]:
    """Return the potentials when one ampere enters at each of `nodes` and leaves at the first of them."""
    free = part[part != nodes[0]]
    answers = [np.zeros(laplacian.shape[0]) for _ in nodes]
    if not len(free) or len(set(nodes)) == 1:
        return answers
    matrix = sparse.csc_array(laplacian[free][:, free])
    factor = linalg.splu(
        matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
    )
    for answer, node in zip(answers, nodes, strict=True):
        if node != nodes[0]:
            entering = np.zeros(len(free))
            entering[np.searchsorted(free, node)] = 1.0
            answer[free] = factor.solve(entering)
    return answers


def _node_current(
    circuit: Circuit, volt: NDArray[np.float64], first: int, second: int
) -> NDArray[np.float64]:
    """Return the current through each node: half the sum of its branches' and of what enters or leaves."""
    branches = circuit.conductances.tocoo()
    start, end = branches.coords
    flow = np.abs(branches.data * (volt[start] - volt[end]))
    total = np.bincount(start, weights=flow, minlength=circuit.count).astype(np.float64)
    if first != second:
        total[[first, second]] += 1.0
    return total / 2


def _spread(circuit: Circuit, by_node: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values of nodes on their cells; 0 where nothing passes."""
    return np.where(circuit.nodes >= 0, by_node[np.maximum(circuit.nodes, 0)], 0.0)
