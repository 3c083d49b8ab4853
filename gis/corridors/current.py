"""Current between sources: effective resistances and where the current flows (pinch points 夹点).

One ampere enters one source and leaves another; the voltage between them is their effective resistance in
ohm. The current of a cell is what flows through it; the ampere that enters or leaves at a source counts.
Each connected part of the circuit is solved once, with one of its sources grounded: the potentials of a
pair are the difference of two solutions. Only sources of several cells, which are joined for the pairs they
take part in and no others, need a circuit of their own for each pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from gis.corridors.circuit import Average, Circuit, Neighbours, build_circuit
from gis.corridors.grid import ignore, require_resistance, require_same_cells, scale_report
from gis.corridors.solver import Solver, solve_potentials
from gis.errors import CorridorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from gis.corridors.grid import Grid, Report

ROWS_AT_ONCE = 500_000
"""Nodes whose branches are measured at once, which bounds the memory."""


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
        Current of each cell; 0 where none flows. Empty where it was not asked for.
    volt_v : float array, (rows, columns)
        Potential of each cell; NaN outside the sources' part. Empty where it was not asked for.
    """

    first: int
    second: int
    resistance_ohm: float
    current_a: NDArray[np.float64]
    volt_v: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plan:
    """How current is measured.

    Parameters
    ----------
    neighbours : 4 or 8
        Whether cells that touch at a corner are joined too.
    average : {"resistance", "conductance"}
        What of two neighbours is averaged.
    solver : {"auto", "direct", "multigrid"}
        ``auto`` factorises small circuits and solves large ones by multigrid.
    pairs : frozenset of pair of int, or None
        The pairs of sources wanted, the smaller number first; None for all.
    with_map : bool
        Whether to measure the cells' currents; without, each pair costs one number.
    with_potential : bool
        Whether each pair comes with the cells' potentials.
    """

    neighbours: Neighbours = 8
    average: Average = "resistance"
    solver: Solver = "auto"
    pairs: frozenset[tuple[int, int]] | None = None
    with_map: bool = True
    with_potential: bool = False

    def wants(self, first: int, second: int) -> bool:
        """Return whether a pair is wanted."""
        return self.pairs is None or (min(first, second), max(first, second)) in self.pairs


@dataclass(frozen=True, slots=True, eq=False)
class CurrentStudy:
    """Effective resistances between all sources, and the sum of their currents.

    Parameters
    ----------
    points : tuple of int
        Numbers of the sources, ascending.
    resistance_ohm : float array, (points, points)
        NaN where two are not connected or were not asked for; 0 on the diagonal.
    current_a : Grid or None
        Sum over all connected pairs; NaN where nothing passes. None where it was not asked for.
    largest_a : Grid or None
        The largest current any one pair sends through a cell: the share of a pair's ampere, 0-1.
    largest_pair : int array, (rows, columns), or None
        Index in `pairs` of the pair that sends it; -1 where no current flows.
    pairs : tuple of pair of int
        The connected pairs, in the order they were measured.
    twins : tuple of pair of int
        Sources without cells of their own, each with the one whose cells it has.
    """

    points: tuple[int, ...]
    resistance_ohm: NDArray[np.float64]
    current_a: Grid | None
    largest_a: Grid | None
    largest_pair: NDArray[np.int32] | None
    pairs: tuple[tuple[int, int], ...]
    twins: tuple[tuple[int, int], ...] = ()


def measure_current(
    resistance: Grid,
    points: Grid,
    *,
    short_circuit: Grid | None = None,
    twins: tuple[tuple[int, int], ...] = (),
    plan: Plan = Plan(),
    on_pair: Callable[[PairCurrent], None] | None = None,
    report: Report = ignore,
) -> CurrentStudy:
    """Return the effective resistances between sources, and the cells' summed and largest current.

    Parameters
    ----------
    resistance : Grid
        Ohm; NaN where nothing passes.
    points : Grid
        Number of the source in its cells (1 and up), NaN or 0 elsewhere. A source of several cells is one
        node in its own pairs, and ordinary cells in the others'.
    short_circuit : Grid, optional
        Number of the region in its cells: cells of one number have no resistance between each other.
    twins : tuple of pair of int
        Further sources, each with the number of the source whose cells it has too.
    plan : Plan
    on_pair : callable, optional
        Handed each pair as soon as it is measured, for its own map.
    report : callable, optional
        Told the share that is done.

    Raises
    ------
    CorridorError
        If the grids do not lie on the same cells, a resistance is not positive, there are not two sources, or
        a pair names no source.
    """
    require_resistance(resistance, name="resistance")
    require_same_cells(resistance, points, name="resistance", other_name="points")
    if short_circuit is not None:
        require_same_cells(resistance, short_circuit, name="resistance", other_name="short-circuit")
    sources = read_regions(points)
    sources |= {number: sources[other] for number, other in twins}
    sources = dict(sorted(sources.items()))
    _require_sources(sources, plan)
    numbers = tuple(sources)
    ohm = np.full((len(numbers), len(numbers)), np.nan)
    np.fill_diagonal(ohm, 0.0)
    total, largest = np.zeros(resistance.shape), np.zeros(resistance.shape)
    strongest = np.full(resistance.shape, -1, dtype=np.int32)
    regions = [] if short_circuit is None else list(read_regions(short_circuit).values())
    pairs: list[tuple[int, int]] = []
    for pair in solve_pairs(resistance.values, sources, plan=plan, regions=regions, report=report):
        one, other = numbers.index(pair.first), numbers.index(pair.second)
        ohm[one, other] = ohm[other, one] = pair.resistance_ohm
        if plan.with_map:
            total += pair.current_a
            higher = pair.current_a > largest
            largest[higher], strongest[higher] = pair.current_a[higher], len(pairs)
        if on_pair is not None:
            on_pair(pair)
        pairs.append((pair.first, pair.second))
    report(1.0)
    if not plan.with_map:
        return CurrentStudy(numbers, ohm, None, None, None, tuple(pairs), twins)
    nothing = np.isnan(resistance.values) & (total == 0)  # cells of a region without data carry current
    total[nothing] = largest[nothing] = np.nan
    maps = (resistance.with_values(total), resistance.with_values(largest), strongest)
    return CurrentStudy(numbers, ohm, *maps, tuple(pairs), twins)


def _require_sources(sources: dict[int, NDArray[np.bool_]], plan: Plan) -> None:
    """Refuse fewer than two sources, and pairs of sources that are not there."""
    if len(sources) < 2:
        raise CorridorError(
            f"至少需要两个源，只有 {len(sources)} 个",
            f"at least two sources are needed, there are {len(sources)}",
            where="points",
            hint_zh="源在栅格外或像元值不大于 0？",
            hint_en="do the sources lie outside the grid, or are their cells not larger than 0?",
            code="corridors.sources",
        )
    unknown = sorted({number for pair in plan.pairs or () for number in pair} - set(sources))
    if unknown:
        raise CorridorError(
            f"配对中的源 {unknown[0]} 不在源栅格中",
            f"the pairs name source {unknown[0]}, which is not among the sources",
            where="pairs",
            hint_zh=f"现有源：{'、'.join(map(str, sources))}",
            hint_en=f"the sources are {', '.join(map(str, sources))}",
            code="corridors.pairs",
        )


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
    plan: Plan,
    regions: Sequence[NDArray[np.bool_]] = (),
    report: Report = ignore,
) -> Iterator[PairCurrent]:
    """Yield the current of every connected pair of sources; see `measure_current`."""
    circuit = build_circuit(resistance, neighbours=plan.neighbours, average=plan.average, regions=regions)
    node = {number: _single_node(circuit, cells) for number, cells in sources.items()}
    if all(one is not None for one in node.values()):
        ends = {number: one for number, one in node.items() if one is not None}
        yield from _solve_nodes(circuit, ends, plan, report)
        return
    del circuit
    pairs = [pair for pair in combinations(sources, 2) if plan.wants(*pair)]
    for index, (first, second) in enumerate(pairs):
        joined = build_circuit(
            resistance,
            neighbours=plan.neighbours,
            average=plan.average,
            regions=[*regions, sources[first], sources[second]],
        )
        ends = {number: int(joined.nodes[sources[number]].max()) for number in (first, second)}
        part = scale_report(report, index / len(pairs), (index + 1) / len(pairs))
        yield from _solve_nodes(joined, ends, plan, part)


def _single_node(circuit: Circuit, cells: NDArray[np.bool_]) -> int | None:
    """Return the one node of a source (-1 where nothing passes); None where it has several."""
    nodes = np.unique(circuit.nodes[cells])
    return int(nodes[0]) if len(nodes) == 1 else None


def _solve_nodes(circuit: Circuit, ends: dict[int, int], plan: Plan, report: Report) -> Iterator[PairCurrent]:
    """Yield the current between nodes, part by connected part, each solved once."""
    parts = circuit.components()
    inside = {number: node for number, node in ends.items() if node >= 0}
    groups = [
        members
        for part in sorted({int(parts[node]) for node in inside.values()})
        if len(members := [number for number, node in inside.items() if parts[node] == part]) > 1
    ]
    for done, members in enumerate(groups):
        pairs = [pair for pair in combinations(members, 2) if plan.wants(*pair)]
        used = sorted({number for pair in pairs for number in pair}, key=members.index)
        if not pairs:
            continue
        potentials = dict(
            zip(
                used,
                solve_potentials(
                    circuit,
                    np.flatnonzero(parts == parts[inside[used[0]]]),
                    [inside[number] for number in used],
                    solver=plan.solver,
                    report=scale_report(report, done / len(groups), (done + 0.7) / len(groups)),
                ),
                strict=True,
            )
        )
        for index, (first, second) in enumerate(pairs, start=1):
            volt = potentials[first] - potentials[second]
            ohm = float(volt[inside[first]] - volt[inside[second]])
            current, cells_volt = np.empty(0), np.empty(0)
            if plan.with_map:
                current = _spread(circuit, measure_nodes(circuit, volt, inside[first], inside[second]))
            if plan.with_potential:
                cells_volt = _spread(circuit, np.where(parts == parts[inside[first]], volt, np.nan))
                cells_volt[circuit.nodes < 0] = np.nan
            report((done + 0.7 + 0.3 * index / len(pairs)) / len(groups))
            yield PairCurrent(first, second, ohm, current, cells_volt)


def measure_nodes(
    circuit: Circuit, volt: NDArray[np.float64], first: int, second: int
) -> NDArray[np.float64]:
    """Return the current through each node: half the sum of its branches' and of what enters or leaves.

    Parameters
    ----------
    volt : float array, (nodes,)
        Potentials when one ampere enters at node `first` and leaves at node `second`.
    """
    branches = circuit.conductances
    total = np.zeros(circuit.count)
    for start in range(0, circuit.count, ROWS_AT_ONCE):
        bounds = branches.indptr[start : start + ROWS_AT_ONCE + 1]
        part = slice(bounds[0], bounds[-1])
        row = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
        flow = np.abs(branches.data[part] * (volt[start + row] - volt[branches.indices[part]]))
        total[start : start + len(bounds) - 1] = np.bincount(row, weights=flow, minlength=len(bounds) - 1)
    if first != second:
        total[[first, second]] += 1.0
    return total / 2


def _spread(circuit: Circuit, by_node: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values of nodes on their cells; 0 where nothing passes."""
    return np.where(circuit.nodes >= 0, by_node[np.maximum(circuit.nodes, 0)], 0.0)
