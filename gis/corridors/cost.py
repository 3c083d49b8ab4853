"""Accumulated cost over a resistance surface (最小累积阻力), and the cheapest way back.

A step between neighbours of resistance r₁ and r₂ costs their mean times its length, (r₁ + r₂)/2 · d, with d
one cell or, at a corner, √2 cells: the cost distance of Adriaensen et al. 2003, Landscape and Urban Planning
64: 233-247, and of scikit-image's ``MCP_Geometric``, which finds it by Dijkstra's algorithm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.errors import CorridorError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.corridors.circuit import Neighbours


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
    resistance: NDArray[np.float64], source: NDArray[np.bool_], *, neighbours: Neighbours = 8
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
    """
    from skimage.graph import MCP_Geometric

    passable = ~np.isnan(resistance)
    starts = np.argwhere(source & passable)
    search = MCP_Geometric(np.where(passable, resistance, -1.0), fully_connected=neighbours == 8)
    if len(starts) == 0:
        return CostSurface(np.full(resistance.shape, np.inf), search)
    cost, _ = search.find_costs(starts)
    return CostSurface(np.asarray(cost, dtype=np.float64), search)
