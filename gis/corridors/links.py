"""Least-cost links from one source to others: their cost, their way, and the surface they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.corridors.cost import accumulate_cost, average_pair

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gis.corridors.circuit import Average, Neighbours


@dataclass(frozen=True, slots=True, eq=False)
class CostLink:
    """The cheapest way between two sources.

    Parameters
    ----------
    first, second : int
        Numbers of the sources, the smaller one first.
    cost : float
        Accumulated cost between their edges, resistance × metres: the least-cost distance (LCD).
    length_m : float
        Length of the way through the cells' centres, metres of the grid.
    straight_m : float
        Straight distance between the nearest cells of the two sources, centre to centre.
    cells : int array, (cells, 2)
        Rows and columns of the way, from a cell of the first source to one of the second.
    through : tuple of int
        Other sources the way leads through, ascending.
    """

    first: int
    second: int
    cost: float
    length_m: float
    straight_m: float
    cells: NDArray[np.intp]
    through: tuple[int, ...]

    @property
    def mean_resistance(self) -> float:
        """Cost over length: what a metre of the way costs on average."""
        return self.cost / self.length_m

    @property
    def cost_per_straight_m(self) -> float:
        """Cost over straight distance: how far dearer than a straight way over cells of resistance 1."""
        return self.cost / self.straight_m


@dataclass(frozen=True, slots=True)
class LinkTask:
    """What a worker is to do: spread the cost from one source, keep the surface, find links to others.

    Parameters
    ----------
    resistance_file, sources_file : Path
        Arrays (``.npy``): resistances, NaN where nothing passes; number of the source in its cells, else 0.
    surface_file : Path or None
        Where to keep the cost (float32, resistance × metres); None to keep nothing.
    source : int
    targets : tuple of int
        Sources to find links to.
    cell_m : float
    neighbours : 4 or 8
    average : {"resistance", "conductance"}
    """

    resistance_file: Path
    sources_file: Path
    surface_file: Path | None
    source: int
    targets: tuple[int, ...]
    cell_m: float
    neighbours: Neighbours
    average: Average = "resistance"


def link_source(task: LinkTask) -> list[CostLink]:
    """Return the links from one source to others it can reach; keep its cost surface if a file is named."""
    resistance = np.load(task.resistance_file)
    sources = np.load(task.sources_file, mmap_mode="r")
    surface = accumulate_cost(
        resistance, sources == task.source, neighbours=task.neighbours, average=task.average
    )
    if task.surface_file is not None:
        np.save(task.surface_file, (surface.cost * task.cell_m).astype(np.float32))
    links = []
    for target in task.targets:
        cells = np.flatnonzero(sources == target)
        reached = surface.cost.ravel()[cells]
        if not len(cells) or not np.isfinite(reached).any():
            continue
        row, column = np.unravel_index(cells[int(np.argmin(reached))], resistance.shape)
        way = surface.trace(int(row), int(column))
        links.append(make_link(sources, way, (task.source, target), float(reached.min()), task.cell_m))
    return links


def make_link(
    sources: NDArray[np.int32],
    way: NDArray[np.intp],
    ends: tuple[int, int],
    cost: float,
    cell_m: float,
) -> CostLink:
    """Return a link from its way, turned so that it begins at the source of the smaller number."""
    if ends[0] > ends[1]:
        way, ends = way[::-1], (ends[1], ends[0])
    crossed = np.unique(sources[way[:, 0], way[:, 1]])
    return CostLink(
        first=ends[0],
        second=ends[1],
        cost=cost * cell_m,
        length_m=measure_way(way) * cell_m,
        straight_m=measure_gap(sources, *ends) * cell_m,
        cells=way,
        through=tuple(int(number) for number in crossed if number > 0 and number not in ends),
    )


def measure_way(way: NDArray[np.intp]) -> float:
    """Return the length of a way through cells' centres, in cells."""
    return float(np.hypot(*np.diff(way, axis=0).T).sum())


def measure_gap(sources: NDArray[np.int32], first: int, second: int) -> float:
    """Return the distance between the nearest cells of two sources, centre to centre, in cells."""
    from scipy.spatial import cKDTree

    one, other = (np.argwhere(sources == number) for number in (first, second))
    distance, _ = cKDTree(one).query(other)
    return float(distance.min())


def cost_of_way(
    resistance: NDArray[np.float64], way: NDArray[np.intp], cell_m: float, average: Average = "resistance"
) -> float:
    """Return the cost of a way from its cells: the resistance of each step's two cells × its length."""
    values = resistance[way[:, 0], way[:, 1]]
    lengths = np.hypot(*np.diff(way, axis=0).T)
    return float((average_pair(values[1:], values[:-1], average) * lengths).sum() * cell_m)
