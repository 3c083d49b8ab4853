"""Accumulated cost over a resistance surface (最小累积阻力), and the cheapest way back.

A step between neighbours of resistance r₁ and r₂ costs their mean times its length, (r₁ + r₂)/2 · d, with d
one cell or, at a corner, √2 cells: the cost distance of Adriaensen et al. 2003, Landscape and Urban Planning
64: 233-247, and of scikit-image's ``MCP_Geometric``, which finds it by Dijkstra's algorithm. Where
conductances are averaged the step costs 2r₁r₂/(r₁ + r₂) · d.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.errors import CorridorError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.corridors.circuit import Average, Neighbours


TINY = 2.0**-900
"""``MCP_Flexible`` counts the cell a way starts on; resistances made this small, exactly, add nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class CostSurface:
    """The cost of reaching each cell from the nearest cell of a source.

    Parameters
    ----------
    cost : float array, (rows, columns)
        Resistance × cells; times the cell's side for resistance × metres. 0 on the source, infinite where no
        way leads.
    """

    cost: NDArray[np.float64]
    _search: Any

    def trace(self, row: int, column: int) -> NDArray[np.intp]:
        """Return rows and columns of the cheapest way from the source to a cell, shape (cells, 2).

        Raises
        ------
        CorridorError
            If no way leads there.
        """
        if not np.isfinite(self.cost[row, column]):
            raise CorridorError(
                f"第 {row + 1} 行第 {column + 1} 列不可到达",
                f"no way leads to row {row + 1}, column {column + 1}",
                where=f"{row + 1}:{column + 1}",
                code="corridors.unreached",
            )
        return np.asarray(self._search.traceback((row, column)), dtype=np.intp)


def accumulate_cost(
    resistance: NDArray[np.float64],
    source: NDArray[np.bool_],
    *,
    neighbours: Neighbours = 8,
    average: Average = "resistance",
) -> CostSurface:
    """Return the cost of reaching each cell from a source.

    Parameters
    ----------
    resistance : float array, (rows, columns)
        Positive; NaN where nothing passes.
    source : bool array, (rows, columns)
        Its cells. Those without resistance are left out.
    neighbours : 4 or 8
        Whether a step may lead to a cell that touches at a corner only.
    average : {"resistance", "conductance"}
        What of two neighbours is averaged; conductance takes about three times as long.
    """
    passable = ~np.isnan(resistance)
    starts = np.argwhere(source & passable)
    scale = 1.0 if average == "resistance" else TINY
    search = _make_search(np.where(passable, resistance * scale, -1.0), neighbours, average)
    if len(starts) == 0:
        return CostSurface(np.full(resistance.shape, np.inf), search)
    cost = np.array(search.find_costs(starts)[0], dtype=np.float64)
    cost[source & passable] = 0.0
    return CostSurface(cost, search)


def average_pair(
    one: NDArray[np.float64], other: NDArray[np.float64], average: Average
) -> NDArray[np.float64]:
    """Return the resistance between cells from their own: the mean, or the one of the mean conductance."""
    if average == "conductance":
        return 2 * one * other / (one + other)
    return (one + other) / 2


def _make_search(costs: NDArray[np.float64], neighbours: Neighbours, average: Average) -> Any:
    """Return scikit-image's search over cells; negative costs are impassable."""
    from skimage.graph import MCP_Geometric

    search = MCP_Geometric if average == "resistance" else _harmonic_search()
    return search(costs, fully_connected=neighbours == 8)


@cache
def _harmonic_search() -> Any:
    """Return a search whose steps cost the resistance of the cells' mean conductance."""
    from skimage.graph import MCP_Flexible

    class HarmonicSearch(MCP_Flexible):  # type: ignore[misc]
        """Dijkstra's algorithm with steps of 2r₁r₂/(r₁ + r₂) · d."""

        def travel_cost(self, old_cost: float, new_cost: float, offset_length: float) -> float:
            """Return the cost of a step between two cells."""
            one, other = old_cost / TINY, new_cost / TINY
            return 2 * one * other / (one + other) * offset_length

    return HarmonicSearch
