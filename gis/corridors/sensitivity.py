"""Barriers by current (障碍点): where restoring a round window would lower effective resistances most.

A way of resistance R' put between two cells lowers the effective resistance by V²/(S + R') exactly, V being
the voltage between them and S their own effective resistance. For a window V is the widest voltage in it. S
is not known without solving, but is V at least, and not much less than the resistance r of the land the
current spreads through on either side: V²/(V + r + R') is the estimate, r the least resistance in the window.

The estimate is never taken below what is certain. By Thomson's principle (Doyle and Snell 1984, *Random Walks
and Electric Networks*, 1.3.5) the effective resistance falls by what the current that flows now would save,
Σ i² (R - R') over the branches, at least. With averaged resistances that falls apart into a share of each
cell, (r - r')/2 · Σ d i² over its branches of length d.

The best windows are solved anew, and ranked by that.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gis.corridors.current import Plan, measure_current
from gis.corridors.grid import ignore, require_resistance, require_same_cells, scale_report
from gis.corridors.ranking import BarrierStudy, describe_barrier, make_scores, read_restored
from gis.corridors.windows import find_minima, sum_windows
from gis.errors import CorridorError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.corridors.circuit import Neighbours
    from gis.corridors.current import PairCurrent
    from gis.corridors.grid import Grid, Report
    from gis.corridors.ranking import Barrier, BarrierPlan, Window
    from gis.corridors.solver import Solver


def find_current_barriers(
    resistance: Grid,
    points: Grid,
    plan: BarrierPlan,
    *,
    solver: Solver = "auto",
    report: Report = ignore,
) -> BarrierStudy:
    """Return where restoring land would lower the effective resistances between sources most.

    Parameters
    ----------
    resistance : Grid
        Ohm, larger than 0; NaN where nothing passes. Such cells can be restored too.
    points : Grid
        Number of the source in its cells (1 and up), NaN or 0 elsewhere.
    plan : BarrierPlan
        Resistances are averaged.
    solver : {"auto", "direct", "multigrid"}
    report : callable, optional
        Told the share that is done.

    Returns
    -------
    BarrierStudy
        Distances are effective resistances in ohm. The grids and ``restored_distance`` are estimates;
        ``recomputed_distance`` is solved anew with the window restored, and ranks the barriers.

    Raises
    ------
    CorridorError
        If the grids do not lie on the same cells, a resistance, a radius or the restored resistance is not
        positive, conductances are to be averaged, or no two sources are connected.
    """
    if plan.average != "resistance":
        raise CorridorError(
            "按电流找障碍点只能取电阻的平均",
            "barriers by current need averaged resistances",
            where="--average",
            hint_zh="请用 --average resistance，或 --method cost",
            hint_en="use --average resistance, or --method cost",
            code="corridors.average",
        )
    require_resistance(resistance, name="resistance")
    require_same_cells(resistance, points, name="resistance", other_name="points")
    restored = read_restored(resistance, plan)
    scores = make_scores(resistance.shape, plan, resistance.cell_m)
    distances: dict[tuple[int, int], float] = {}

    def offer(pair: PairCurrent) -> None:
        index = len(distances)
        distances[pair.first, pair.second] = pair.resistance_ohm
        certain = measure_gain(resistance.values, pair.volt_v, restored=restored, neighbours=plan.neighbours)
        for size, radius_m in enumerate(plan.radii_m):
            radius = radius_m / resistance.cell_m
            gain = estimate_gain(resistance.values, pair.volt_v, radius, restored=restored)
            np.maximum(gain, sum_windows(certain, radius), out=gain)
            scores.offer(gain, pair.resistance_ohm or 1.0, pair=index, radius=size)

    way = Plan(
        neighbours=plan.neighbours, solver=solver, pairs=plan.pairs, with_map=False, with_potential=True
    )
    study = measure_current(
        resistance, points, plan=way, on_pair=offer, report=scale_report(report, 0.0, 0.5)
    )
    windows = scores.rank(list(distances.values())) if distances else []
    found = []
    for done, window in enumerate(windows, start=1):
        pair = study.pairs[window.pair]
        found.append(_describe_window(resistance, points, window, pair, distances[pair], restored, way))
        report(0.5 + 0.5 * done / len(windows))
    report(1.0)
    apart = tuple(
        (first, second)
        for place, first in enumerate(study.points)
        for second in study.points[place + 1 :]
        if way.wants(first, second) and (first, second) not in distances
    )
    return BarrierStudy(
        percent=resistance.with_values(100 * scores.share),
        per_m=resistance.with_values(scores.per_m),
        barriers=_order(found, plan.least_share),
        distances=distances,
        unconnected=apart,
        restored=restored,
    )


def measure_gain(
    resistance: NDArray[np.float64],
    volt: NDArray[np.float64],
    *,
    restored: float,
    neighbours: Neighbours = 8,
) -> NDArray[np.float64]:
    """Return by how many ohm restoring each cell lowers an effective resistance at least.

    Parameters
    ----------
    resistance : float array, (rows, columns)
        NaN where nothing passes.
    volt : float array, (rows, columns)
        Potentials while one ampere flows.
    restored : float
        Resistance of restored land; cells that have less gain nothing.
    """
    whole, head, tail = slice(None), slice(None, -1), slice(1, None)
    steps = [((whole, head), (whole, tail), 1.0), ((head, whole), (tail, whole), 1.0)]
    if neighbours == 8:
        root = float(np.sqrt(2.0))
        steps += [((head, head), (tail, tail), root), ((tail, head), (head, tail), root)]
    spent = np.zeros(resistance.shape)
    for one, other, length in steps:
        current = (volt[one] - volt[other]) / (length * (resistance[one] + resistance[other]) / 2)
        square = np.nan_to_num(length * current**2)
        spent[one] += square
        spent[other] += square
    fall = np.nan_to_num(np.maximum(resistance - restored, 0.0))
    return np.asarray(spent * fall / 2)


def estimate_gain(
    resistance: NDArray[np.float64], volt: NDArray[np.float64], radius: float, *, restored: float
) -> NDArray[np.float64]:
    """Return by how many ohm restoring the window about each cell lowers an effective resistance, roughly.

    Parameters
    ----------
    resistance : float array, (rows, columns)
        NaN where nothing passes.
    volt : float array, (rows, columns)
        Potentials while one ampere flows; NaN where they are not known.
    radius : float
        Of the window, in cells.
    restored : float
        Resistance of restored land.
    """
    low = find_minima(np.where(np.isnan(volt), np.inf, volt), radius)
    high = -find_minima(np.where(np.isnan(volt), np.inf, -volt), radius)
    across = np.where(np.isfinite(low), high - low, 0.0)
    land = find_minima(np.where(np.isnan(resistance), np.inf, resistance), radius)
    worth = -find_minima(-np.where(np.isnan(resistance), np.inf, resistance), radius) > restored
    gain = across**2 / (across + np.where(np.isfinite(land), land, 0.0) + restored)
    return np.where(worth, gain, 0.0)


def _order(found: Sequence[Barrier], least_share: float) -> tuple[Barrier, ...]:
    """Return barriers that are worth it by their recomputed improvement a metre, ranked anew."""
    worth = [one for one in found if one.recomputed_percent >= 100 * least_share]
    worth.sort(key=lambda one: (one.recomputed_distance - one.distance) / one.diameter_m)
    return tuple(replace(one, rank=rank) for rank, one in enumerate(worth, start=1))


def _describe_window(
    resistance: Grid,
    points: Grid,
    window: Window,
    pair: tuple[int, int],
    distance: float,
    restored: float,
    way: Plan,
) -> Barrier:
    """Return a ranked window with its figures, the pair's resistance solved anew with it restored."""
    values = resistance.values.copy()
    disc = window.disc(resistance.shape)
    values[disc] = np.fmin(values[disc], restored)
    again = measure_current(
        resistance.with_values(values),
        points,
        plan=replace(way, pairs=frozenset({pair}), with_potential=False),
    )
    first, second = (again.points.index(number) for number in pair)
    return describe_barrier(window, pair, distance, float(again.resistance_ohm[first, second]))
