"""Round windows of land ranked by what restoring them would bring: the words, the score board, the order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from gis.corridors.windows import cover_disc, find_minima
from gis.errors import CorridorError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gis.corridors.circuit import Average, Neighbours
    from gis.corridors.grid import Grid


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


@dataclass(frozen=True, slots=True)
class Window:
    """A ranked window: its middle cell, radius in metres and in cells, the pair's index and the gain."""

    rank: int
    row: int
    column: int
    radius_m: float
    radius_cells: float
    diameter_m: float
    pair: int
    gain: float

    def disc(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Return the window's cells."""
        return cover_disc(shape, self.row, self.column, self.radius_cells)


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The best window about each cell so far.

    Parameters
    ----------
    plan : BarrierPlan
    cell_m : float
    per_m : float array, (rows, columns)
        Largest gain a metre restored.
    share : float array
        Largest gain as a share of the pair's distance.
    pair, radius : int array
        Indices of the pair and the radius of the largest gain a metre; -1 where there is none.
    """

    plan: BarrierPlan
    cell_m: float
    per_m: NDArray[np.float64]
    share: NDArray[np.float64]
    pair: NDArray[np.int32]
    radius: NDArray[np.int32]

    def diameter_m(self, radius: int) -> float:
        """Return the metres restored by a window of the radius of that index; at least one cell."""
        return max(2 * self.plan.radii_m[radius], self.cell_m)

    def offer(self, gain: NDArray[np.float64], distance: float, *, pair: int, radius: int) -> None:
        """Keep, cell by cell, what windows of a radius gain for a pair where it is the best so far."""
        np.maximum(gain, 0.0, out=gain)
        np.maximum(self.share, gain / distance, out=self.share)
        gain /= self.diameter_m(radius)
        better = gain > self.per_m
        self.per_m[better] = gain[better]
        self.pair[better], self.radius[better] = pair, radius

    def rank(self, distances: Sequence[float]) -> list[Window]:
        """Return the best windows, best first: each better than all within two radii of it.

        Parameters
        ----------
        distances : sequence of float
            Of each pair.
        """
        diameters = np.array([self.diameter_m(size) for size in range(len(self.plan.radii_m))])
        share = self.per_m * diameters[self.radius] / np.array(distances)[self.pair]
        peaks = np.zeros(share.shape, dtype=bool)
        for size, radius_m in enumerate(self.plan.radii_m):
            highest = -find_minima(-self.per_m, 2 * radius_m / self.cell_m)
            peaks |= (self.radius == size) & (self.per_m >= highest * (1 - 1e-9))
        left = np.where(peaks & (self.radius >= 0) & (share >= self.plan.least_share), self.per_m, 0.0)
        found: list[Window] = []
        while len(found) < self.plan.count and left.max() > 0:
            window = self._window(len(found) + 1, *_middle_of_best(left))
            found.append(window)
            left[cover_disc(left.shape, window.row, window.column, 2 * window.radius_cells)] = 0.0
        return found

    def _window(self, rank: int, row: int, column: int) -> Window:
        """Return the best window about a cell."""
        size = int(self.radius[row, column])
        radius_m, diameter_m = self.plan.radii_m[size], self.diameter_m(size)
        return Window(
            rank=rank,
            row=row,
            column=column,
            radius_m=radius_m,
            radius_cells=radius_m / self.cell_m,
            diameter_m=diameter_m,
            pair=int(self.pair[row, column]),
            gain=float(self.per_m[row, column]) * diameter_m,
        )


def make_scores(shape: tuple[int, int], plan: BarrierPlan, cell_m: float) -> Scores:
    """Return an empty score board."""
    pair, radius = (np.full(shape, -1, dtype=np.int32) for _ in range(2))
    return Scores(plan, cell_m, np.zeros(shape), np.zeros(shape), pair, radius)


def describe_barrier(window: Window, pair: tuple[int, int], distance: float, recomputed: float) -> Barrier:
    """Return a ranked window with the figures of its pair."""
    return Barrier(
        rank=window.rank,
        row=window.row,
        column=window.column,
        radius_m=window.radius_m,
        pair=pair,
        distance=distance,
        restored_distance=distance - window.gain,
        recomputed_distance=recomputed,
        diameter_m=window.diameter_m,
    )


def read_restored(resistance: Grid, plan: BarrierPlan) -> float:
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


def _middle_of_best(scores: NDArray[np.float64]) -> tuple[int, int]:
    """Return the cell of the highest score; of equals that touch, the one nearest to their middle."""
    best = int(scores.argmax())
    equal, _ = ndimage.label(scores >= scores.flat[best] * (1 - 1e-9), structure=np.ones((3, 3)))
    cells = np.argwhere(equal == equal.flat[best])
    row, column = cells[np.square(cells - cells.mean(axis=0)).sum(axis=1).argmin()]
    return int(row), int(column)
