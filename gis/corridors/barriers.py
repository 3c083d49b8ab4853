"""Barriers (障碍点): where restoring a round window of land would shorten the least-cost way most.

For each window of diameter D, the way between two sources A and B becomes at best as long as

    LCD' = min costA + min costB + D · R',

the least costs in the window and its crossing at the resistance R' of restored land. The improvement is
LCD - LCD', per metre restored (LCD - LCD')/D: McRae, Hall, Beier and Theobald 2012, *Where to restore
ecological connectivity?*, PLoS ONE 7(12): e52604. Costs are resistance × metres. The windows ranked are
recomputed cell by cell besides (:func:`recompute_distance`), as the crossing need not be a diameter long.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from gis.corridors.circuit import build_circuit
from gis.corridors.cost import accumulate_cost
from gis.corridors.current import read_regions
from gis.corridors.grid import ignore, require_resistance, require_same_cells, scale_report
from gis.corridors.ranking import BarrierStudy, describe_barrier, make_scores, read_restored
from gis.corridors.windows import find_minima
from gis.errors import CorridorError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gis.corridors.circuit import Average, Neighbours
    from gis.corridors.grid import Grid, Report
    from gis.corridors.ranking import Barrier, BarrierPlan, Scores, Window


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """What windows are scored with: accumulated costs and distances, resistance × metres."""

    surface: NDArray[np.float64]
    costs: Mapping[int, NDArray[np.float64]]
    distances: Mapping[tuple[int, int], float]
    pairs: tuple[tuple[int, int], ...]
    plan: BarrierPlan
    restored: float
    cell_m: float


def find_barriers(
    resistance: Grid, points: Grid, plan: BarrierPlan, *, report: Report = ignore
) -> BarrierStudy:
    """Return where restoring land would shorten the ways between sources most.

    Parameters
    ----------
    resistance : Grid
        Larger than 0; NaN where nothing passes. Such cells can be restored too.
    points : Grid
        Number of the source in its cells (1 and up), NaN or 0 elsewhere.
    plan : BarrierPlan
    report : callable, optional
        Told the share that is done.

    Raises
    ------
    CorridorError
        If the grids do not lie on the same cells, a resistance, a radius or the restored resistance is not
        positive, or no way leads between any two sources.
    """
    require_resistance(resistance, name="resistance")
    require_same_cells(resistance, points, name="resistance", other_name="points")
    restored = read_restored(resistance, plan)
    costs = _measure_costs(resistance, points, plan, scale_report(report, 0.0, 0.4))
    wanted = [pair for pair in combinations(costs, 2) if plan.pairs is None or pair in plan.pairs]
    distances = {(one, other): _least(costs[one], points.values == other) for one, other in wanted}
    joined = tuple(pair for pair in wanted if np.isfinite(distances[pair]))
    if not joined:
        raise CorridorError(
            "没有两个源之间有通路",
            "no way leads between any two sources",
            where="points",
            hint_zh="至少要有两个源；不可通行处请给很高的阻力值，而不是无数据",
            hint_en="there must be two sources; give impassable land a very high resistance, not no data",
            code="corridors.unconnected",
        )
    surface = np.where(np.isnan(resistance.values), np.inf, resistance.values)
    search = _Search(surface, costs, distances, joined, plan, restored, resistance.cell_m)
    scores = _score_windows(search, resistance.cell_m, scale_report(report, 0.4, 0.9))
    ranked = tuple(
        _describe_window(search, window) for window in scores.rank([distances[pair] for pair in joined])
    )
    report(1.0)
    return BarrierStudy(
        percent=resistance.with_values(100 * scores.share),
        per_m=resistance.with_values(scores.per_m),
        barriers=ranked,
        distances={pair: distances[pair] for pair in joined},
        unconnected=tuple(pair for pair in wanted if pair not in joined),
        restored=restored,
    )


def recompute_distance(
    surface: NDArray[np.float64],
    costs: tuple[NDArray[np.float64], NDArray[np.float64]],
    disc: NDArray[np.bool_],
    *,
    restored: float,
    cell_m: float,
    neighbours: Neighbours = 8,
    average: Average = "resistance",
) -> float:
    """Return the length of the shortest way between two sources that enters a restored window once.

    Parameters
    ----------
    surface : float array, (rows, columns)
        Resistances; infinite where nothing passes.
    costs : pair of float array
        Accumulated cost from each of the two sources before restoring, resistance × metres.
    disc : bool array
        The cells restored: those dearer than `restored` become so.
    """
    rows, columns = np.nonzero(disc)
    window = (
        slice(max(0, rows.min() - 1), rows.max() + 2),
        slice(max(0, columns.min() - 1), columns.max() + 2),
    )
    inside = disc[window]
    local = np.where(inside, np.minimum(surface[window], restored), surface[window])
    known = np.where(np.isinf(local), np.nan, local)
    circuit = build_circuit(known, neighbours=neighbours, average=average)
    steps = circuit.conductances.tocoo()
    nodes = circuit.nodes >= 0
    starts, ends = [steps.coords[0]], [steps.coords[1]]
    lengths = [cell_m / steps.data]
    for virtual, cost in enumerate(costs, start=circuit.count):
        reached = nodes & np.isfinite(cost[window])
        starts.append(np.full(np.count_nonzero(reached), virtual))
        ends.append(circuit.nodes[reached])
        lengths.append(cost[window][reached] + 1)  # more than 0, or it would be no step
    size = circuit.count + 2
    graph = sparse.coo_array(
        (np.concatenate(lengths), (np.concatenate(starts), np.concatenate(ends))), shape=(size, size)
    ).tocsr()
    found = csgraph.dijkstra(graph, directed=False, indices=circuit.count)[circuit.count + 1]
    return float(found) - 2


def _measure_costs(
    resistance: Grid, points: Grid, plan: BarrierPlan, report: Report
) -> dict[int, NDArray[np.float64]]:
    """Return the accumulated cost from each source, resistance × metres."""
    sources = read_regions(points)
    used = [number for number in sources if plan.pairs is None or any(number in pair for pair in plan.pairs)]
    costs = {}
    for index, number in enumerate(used, start=1):
        surface = accumulate_cost(
            resistance.values, sources[number], neighbours=plan.neighbours, average=plan.average
        )
        costs[number] = surface.cost * resistance.cell_m
        report(index / len(used))
    return costs


def _least(cost: NDArray[np.float64], cells: NDArray[np.bool_]) -> float:
    """Return the least cost on some cells; infinite where there are none."""
    return float(cost[cells].min(initial=np.inf))


def _score_windows(search: _Search, cell_m: float, report: Report) -> Scores:
    """Return the best window about each cell, over all radii and pairs."""
    scores = make_scores(search.surface.shape, search.plan, cell_m)
    used = {number for one in search.pairs for number in one}
    for size, radius_m in enumerate(search.plan.radii_m):
        least = {number: find_minima(search.costs[number], radius_m / cell_m) for number in used}
        for index, (one, other) in enumerate(search.pairs):
            distance = search.distances[one, other]
            crossing = scores.diameter_m(size) * search.restored
            scores.offer(distance - (least[one] + least[other] + crossing), distance, pair=index, radius=size)
        report((size + 1) / len(search.plan.radii_m))
    return scores


def _describe_window(search: _Search, window: Window) -> Barrier:
    """Return a ranked window with its figures."""
    pair = search.pairs[window.pair]
    distance = search.distances[pair]
    again = recompute_distance(
        search.surface,
        (search.costs[pair[0]], search.costs[pair[1]]),
        window.disc(search.surface.shape),
        restored=search.restored,
        cell_m=search.cell_m,
        neighbours=search.plan.neighbours,
        average=search.plan.average,
    )
    return describe_barrier(window, pair, distance, min(distance, again))
