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
from scipy import ndimage, sparse
from scipy.sparse import csgraph

from gis.corridors.circuit import build_circuit
from gis.corridors.cost import accumulate_cost
from gis.corridors.current import read_regions
from gis.corridors.grid import ignore, require_resistance, require_same_cells, scale_report
from gis.corridors.windows import cover_disc, find_minima
from gis.errors import CorridorError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gis.corridors.circuit import Average, Neighbours
    from gis.corridors.grid import Grid, Report


@dataclass(frozen=True, slots=True)
class BarrierPlan:
    """How barriers are looked for.

    Parameters
    ----------
    radii_m : tuple of float
        Radii of the windows.
    restored : float or None
        Resistance of restored land; None for the least resistance of the grid.
    neighbours : 4 or 8
    average : {"resistance", "conductance"}
        What of two neighbours is averaged.
    pairs : frozenset of pair of int, or None
        The pairs of sources looked at, the smaller number first; None for all.
    count : int
        How many barriers are ranked at most.
    least_share : float
        Windows that shorten a way by a smaller share are not ranked.
    """

    radii_m: tuple[float, ...]
    restored: float | None = None
    neighbours: Neighbours = 8
    average: Average = "resistance"
    pairs: frozenset[tuple[int, int]] | None = None
    count: int = 20
    least_share: float = 0.01


@dataclass(frozen=True, slots=True)
class Barrier:
    """A window worth restoring.

    Parameters
    ----------
    rank : int
        1 for the largest improvement per metre.
    row, column : int
        Its middle cell.
    radius_m : float
    pair : pair of int
        The sources whose way is shortened most.
    distance : float
        The pair's least-cost distance as it is, resistance × metres.
    restored_distance : float
        The same by the window's formula.
    recomputed_distance : float
        The same recomputed with the window's cells restored.
    diameter_m : float
        Metres restored.
    """

    rank: int
    row: int
    column: int
    radius_m: float
    pair: tuple[int, int]
    distance: float
    restored_distance: float
    recomputed_distance: float
    diameter_m: float

    @property
    def improvement_percent(self) -> float:
        """By how many percent the way is shortened."""
        return 100 * (1 - self.restored_distance / self.distance)

    @property
    def improvement_per_m(self) -> float:
        """By how much the way is shortened a metre restored, resistance."""
        return (self.distance - self.restored_distance) / self.diameter_m

    @property
    def recomputed_percent(self) -> float:
        """By how many percent the way is shortened, recomputed."""
        return 100 * (1 - self.recomputed_distance / self.distance)


@dataclass(frozen=True, slots=True, eq=False)
class BarrierStudy:
    """Improvements on every cell, and the best windows ranked.

    Parameters
    ----------
    percent : Grid
        The largest improvement any window about the cell makes to any pair, percent of the pair's distance.
    per_m : Grid
        The largest improvement a metre restored, resistance.
    barriers : tuple of Barrier
        By improvement per metre; no two windows overlap.
    distances : mapping of pair to float
        Least-cost distances of connected pairs, resistance × metres.
    unconnected : tuple of pair of int
        Pairs no way leads between: nothing can be said of them.
    restored : float
        The resistance of restored land that was used.
    """

    percent: Grid
    per_m: Grid
    barriers: tuple[Barrier, ...]
    distances: Mapping[tuple[int, int], float]
    unconnected: tuple[tuple[int, int], ...]
    restored: float


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

    def diameter_m(self, radius: int) -> float:
        """Return the metres restored by a window of the radius of that index; at least one cell."""
        return max(2 * self.plan.radii_m[radius], self.cell_m)


@dataclass(frozen=True, slots=True, eq=False)
class _Scores:
    """The best window about each cell: improvement per metre, by which pair and radius; the best share."""

    per_m: NDArray[np.float64]
    share: NDArray[np.float64]
    pair: NDArray[np.int32]
    radius: NDArray[np.int32]


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
    restored = _read_restored(resistance, plan)
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
    scores = _score_windows(search, scale_report(report, 0.4, 0.9))
    ranked = tuple(
        _describe_window(search, scores, rank, place)
        for rank, place in enumerate(_rank_windows(search, scores), start=1)
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


def _read_restored(resistance: Grid, plan: BarrierPlan) -> float:
    """Return the resistance of restored land; refuse radii and resistances that are not positive."""
    wrong = [radius for radius in plan.radii_m if not (radius > 0 and np.isfinite(radius))]
    if wrong or not plan.radii_m:
        raise CorridorError(
            f"搜索半径应大于 0：{wrong[0] if wrong else '未给'}",
            f"search radii must be larger than 0: {wrong[0] if wrong else 'none given'}",
            where="--radius",
            code="corridors.radius",
        )
    restored = float(np.nanmin(resistance.values)) if plan.restored is None else plan.restored
    if not (restored > 0 and np.isfinite(restored)):
        raise CorridorError(
            f"修复后的阻力应大于 0，不是 {restored:g}",
            f"the resistance of restored land must be larger than 0, not {restored:g}",
            where="--restored",
            code="corridors.restored",
        )
    return restored


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


def _score_windows(search: _Search, report: Report) -> _Scores:
    """Return the best window about each cell, over all radii and pairs."""
    shape = search.surface.shape
    per_m, share = np.zeros(shape), np.zeros(shape)
    pair, radius = np.full(shape, -1, dtype=np.int32), np.full(shape, -1, dtype=np.int32)
    for size, radius_m in enumerate(search.plan.radii_m):
        diameter_m = search.diameter_m(size)
        used = {number for one in search.pairs for number in one}
        least = {number: find_minima(search.costs[number], radius_m / search.cell_m) for number in used}
        for index, (one, other) in enumerate(search.pairs):
            distance = search.distances[one, other]
            gain = distance - (least[one] + least[other] + diameter_m * search.restored)
            np.maximum(gain, 0.0, out=gain)
            np.maximum(share, gain / distance, out=share)
            better = gain / diameter_m > per_m
            per_m[better] = gain[better] / diameter_m
            pair[better], radius[better] = index, size
        report((size + 1) / len(search.plan.radii_m))
    return _Scores(per_m, share, pair, radius)


def _rank_windows(search: _Search, scores: _Scores) -> list[tuple[int, int]]:
    """Return the middles of the best windows, best first: each better than all within two radii of it."""
    diameters = np.array([search.diameter_m(size) for size in range(len(search.plan.radii_m))])
    distances = np.array([search.distances[pair] for pair in search.pairs])
    share = scores.per_m * diameters[scores.radius] / distances[scores.pair]
    peaks = np.zeros(share.shape, dtype=bool)
    for size, radius_m in enumerate(search.plan.radii_m):
        highest = -find_minima(-scores.per_m, 2 * radius_m / search.cell_m)
        peaks |= (scores.radius == size) & (scores.per_m >= highest * (1 - 1e-9))
    left = np.where(peaks & (scores.radius >= 0) & (share >= search.plan.least_share), scores.per_m, 0.0)
    found: list[tuple[int, int]] = []
    while len(found) < search.plan.count and left.max() > 0:
        place = _middle_of_best(left)
        found.append(place)
        reach = 2 * search.plan.radii_m[scores.radius[place]] / search.cell_m
        left[cover_disc(left.shape, *place, reach)] = 0.0
    return found


def _middle_of_best(scores: NDArray[np.float64]) -> tuple[int, int]:
    """Return the cell of the highest score; of equals that touch, the one nearest to their middle."""
    best = int(scores.argmax())
    equal, _ = ndimage.label(scores >= scores.flat[best] * (1 - 1e-9), structure=np.ones((3, 3)))
    cells = np.argwhere(equal == equal.flat[best])
    row, column = cells[np.square(cells - cells.mean(axis=0)).sum(axis=1).argmin()]
    return int(row), int(column)


def _describe_window(search: _Search, scores: _Scores, rank: int, place: tuple[int, int]) -> Barrier:
    """Return a ranked window with its figures."""
    size = int(scores.radius[place])
    pair = search.pairs[int(scores.pair[place])]
    radius_m, diameter_m = search.plan.radii_m[size], search.diameter_m(size)
    distance = search.distances[pair]
    again = recompute_distance(
        search.surface,
        (search.costs[pair[0]], search.costs[pair[1]]),
        cover_disc(scores.per_m.shape, *place, radius_m / search.cell_m),
        restored=search.restored,
        cell_m=search.cell_m,
        neighbours=search.plan.neighbours,
        average=search.plan.average,
    )
    return Barrier(
        rank=rank,
        row=place[0],
        column=place[1],
        radius_m=radius_m,
        pair=pair,
        distance=distance,
        restored_distance=distance - float(scores.per_m[place]) * diameter_m,
        recomputed_distance=min(distance, again),
        diameter_m=diameter_m,
    )
