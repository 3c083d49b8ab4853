"""Links between sources: least-cost paths, and the corridors round them.

Cost is accumulated from each source once; everything between two sources comes from the two surfaces.
The normalised corridor of a link is costA + costB - LCD (McRae and Kavanagh 2011, Linkage Mapper): 0 on the
least-cost path, elsewhere what a route through the cell costs more. Here it is divided by LCD, the cost of
the least-cost path, so that links of unlike length can be laid over each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from gis.corridors.cost import accumulate_cost, average_pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.corridors.circuit import Average, Neighbours
    from gis.corridors.cost import CostSurface
    from gis.corridors.grid import Report


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """The least-cost path between two sources.

    Parameters
    ----------
    first, second : int
        Positions of the sources, `first` < `second`.
    cost : float
        Resistance × cells.
    cells : int array, (cells, 2)
        Rows and columns from the first source to the second, ends included.
    """

    first: int
    second: int
    cost: float
    cells: NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Linking:
    """Costs from every source, and the links between them.

    Parameters
    ----------
    surfaces : tuple of CostSurface
        One a source.
    costs : float array, (sources, sources)
        Cost of the least-cost path, infinite where there is none.
    routes : tuple of Route
        Links: pairs whose path passes through no third source.
    """

    surfaces: tuple[CostSurface, ...]
    costs: NDArray[np.float64]
    routes: tuple[Route, ...]

    def trace(self, first: int, cells: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return the least-cost path from one source to the `cells` of another, rows and columns.

        Raises
        ------
        CorridorError
            If no way leads there.
        """
        reached = np.where(cells, self.surfaces[first].cost, np.inf)
        row, column = np.unravel_index(int(np.argmin(reached)), reached.shape)
        return self.surfaces[first].trace(int(row), int(column))

    def excess(self, first: int, second: int) -> NDArray[np.float64]:
        """Return what a route through each cell costs more than the least-cost path, as a share of it."""
        least = self.costs[first, second]
        total = self.surfaces[first].cost + self.surfaces[second].cost
        if not least > 0:
            return np.where(total > 0, np.inf, 0.0)
        excess: NDArray[np.float64] = np.maximum(total / least - 1.0, 0.0)
        return excess

    def least_excess(self) -> NDArray[np.float64]:
        """Return the least share over all links: 0 on any path, infinite where no link leads."""
        least = np.full(self.surfaces[0].cost.shape, np.inf)
        for route in self.routes:
            if route.cost > 0:
                np.minimum(least, self.excess(route.first, route.second), out=least)
        return least


def skip_report(share: float) -> None:
    """Take a progress that nobody asked for."""


def cost_along(
    resistance: NDArray[np.float64], cells: NDArray[np.intp], average: Average = "resistance"
) -> float:
    """Return the cost (resistance × cells) of a path over a surface; NaN where it leads through no data."""
    values = resistance[cells[:, 0], cells[:, 1]]
    steps = np.hypot(*np.diff(cells, axis=0).T)
    return float(np.sum(average_pair(values[1:], values[:-1], average) * steps))


def widen_routes(
    resistance: NDArray[np.float64],
    sources: Sequence[NDArray[np.bool_]],
    routes: Sequence[Route],
    *,
    share: float,
    neighbours: Neighbours = 8,
    average: Average = "resistance",
) -> NDArray[np.float64]:
    """Return the least excess over given links on another surface, up to `share`; infinite beyond it.

    A route known on one surface costs on another at least as much as that one's least-cost path: no cell
    dearer than that can lie in a band, and none is visited.
    """
    limits = np.zeros(len(sources))
    for route in routes:
        bound = cost_along(resistance, route.cells, average) * (1.0 + share) * (1.0 + 1e-9)
        limits[[route.first, route.second]] = np.fmax(limits[[route.first, route.second]], bound)
    costs = [
        _accumulate_near(resistance, cells, limit, neighbours, average)
        for cells, limit in zip(sources, limits.tolist(), strict=True)
    ]
    least = np.full(resistance.shape, np.inf)
    for route in routes:
        total = costs[route.first] + costs[route.second]
        cheapest = float(total.min())
        if 0 < cheapest < np.inf:
            np.minimum(least, total / cheapest - 1.0, out=least)
    return np.where(least <= share, least, np.inf)


def _accumulate_near(
    resistance: NDArray[np.float64],
    source: NDArray[np.bool_],
    limit: float,
    neighbours: Neighbours,
    average: Average,
) -> NDArray[np.float64]:
    """Return the cost of reaching each cell, right up to `limit`; what lies too far for it is not visited.

    No cell is cheaper than the cheapest, so `limit` leads at most `limit` / cheapest cells away.
    """
    cost = np.full(resistance.shape, np.inf)
    if limit == 0:
        return cost
    reach = math.ceil(limit / float(np.nanmin(resistance))) + 1
    rows, columns = np.nonzero(source)
    window = (
        slice(max(int(rows.min()) - reach, 0), int(rows.max()) + reach + 1),
        slice(max(int(columns.min()) - reach, 0), int(columns.max()) + reach + 1),
    )
    cost[window] = accumulate_cost(
        resistance[window], source[window], neighbours=neighbours, average=average
    ).cost
    return cost


def link_sources(
    resistance: NDArray[np.float64],
    sources: Sequence[NDArray[np.bool_]],
    *,
    neighbours: Neighbours = 8,
    average: Average = "resistance",
    dearest: float = np.inf,
    report: Report = skip_report,
) -> Linking:
    """Return the links between sources.

    Parameters
    ----------
    resistance : float array, (rows, columns)
        Positive; NaN where nothing passes.
    sources : sequence of bool arrays
        The cells of each; no cell in two.
    dearest : float
        Paths that cost more (resistance × cells) are no links.
    report : callable
        Told the share of the work that is done.
    """
    found = []
    for index, cells in enumerate(sources, start=1):
        found.append(accumulate_cost(resistance, cells, neighbours=neighbours, average=average))
        report(index / len(sources))
    surfaces = tuple(found)
    owner = np.full(resistance.shape, -1)
    for index, cells in enumerate(sources):
        owner[cells] = index
    costs = np.zeros((len(sources), len(sources)))
    routes = []
    for first, second in combinations(range(len(sources)), 2):
        reached = np.where(sources[second], surfaces[first].cost, np.inf)
        row, column = np.unravel_index(int(np.argmin(reached)), reached.shape)
        least = float(reached[row, column])
        costs[first, second] = costs[second, first] = least
        if np.isfinite(least) and least <= dearest:
            way = surfaces[first].trace(int(row), int(column))
            met = set(owner[way[:, 0], way[:, 1]].tolist()) - {-1}
            if met == {first, second}:
                routes.append(Route(first, second, least, way))
    return Linking(surfaces, costs, tuple(routes))
