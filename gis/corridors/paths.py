"""Least-cost paths and corridors between sources (最小累积阻力 MCR).

What others use: :func:`trace_paths` → :class:`PathStudy`:

- ``links``: one :class:`~gis.corridors.links.CostLink` a joined pair (cost, length, way, sources crossed);
  ``apart``: pairs asked for that nothing joins;
- ``mcr``: cost of reaching each cell from the nearest source (resistance × metres; Knaapen, Scheffer and
  Harms 1992, Landscape and Urban Planning 23: 1-16); ``zones``: the number of that source;
- ``corridor``: the least of all pairs' costA + costB - LCD; ``bands``: polygons within a slack of each LCD.

:func:`path_line` turns a link into a LineString of the grid's system. Everything is in that system; lon/lat
are made where files are written.
"""

from __future__ import annotations

import os
import signal
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.corridors.allocation import allocate_cells
from gis.corridors.bands import Band, draw_band, normalise_corridor
from gis.corridors.cost import accumulate_cost
from gis.corridors.grid import require_resistance, require_same_cells
from gis.corridors.links import CostLink, LinkTask, link_source
from gis.corridors.pairs import choose_pairs, drop_detours, read_sources, require_slack
from gis.errors import CorridorError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gis.corridors.circuit import Average, Neighbours
    from gis.corridors.grid import Grid, Report
    from gis.corridors.pairs import Pairs

SLACK_SHARES = (0.01, 0.05, 0.10)
"""Bands drawn by default: ways up to 1 %, 5 % and 10 % dearer than the cheapest."""

FEW_CELLS = 4_000_000
"""Cells times sources up to which starting other processes takes longer than the work."""


BYTES_A_CELL = 110
"""Memory a process takes for each cell: 932 MB were measured for 3 000 × 3 000."""


@dataclass(frozen=True, slots=True, eq=False)
class PathStudy:
    """Least-cost links between sources, and the surfaces they come from.

    Parameters
    ----------
    points : tuple of int
        Numbers of the sources, ascending.
    links : tuple of CostLink
        By first, then second source.
    apart : tuple of (int, int)
        Pairs that were asked for and that nothing joins.
    mcr : Grid
        Cost of reaching each cell from its nearest source, resistance × metres; NaN where no way leads.
    zones : int array, (rows, columns)
        Number of that source, 0 where no way leads.
    corridor : Grid or None
        Least of all links' normalised corridors, resistance × metres; NaN where none leads. None unless
        bands were asked for.
    bands : tuple of Band
        For each link and slack.
    """

    points: tuple[int, ...]
    links: tuple[CostLink, ...]
    apart: tuple[tuple[int, int], ...]
    mcr: Grid
    zones: NDArray[np.int32]
    corridor: Grid | None
    bands: tuple[Band, ...]

    @property
    def isolated(self) -> tuple[int, ...]:
        """Sources that no link reaches, ascending."""
        linked = {number for link in self.links for number in (link.first, link.second)}
        return tuple(number for number in self.points if number not in linked)


def trace_paths(
    resistance: Grid,
    points: Grid,
    *,
    pairs: Pairs = "neighbours",
    neighbours: Neighbours = 8,
    average: Average = "resistance",
    slack_shares: Sequence[float] | None = None,
    workers: int | None = None,
    report: Report | None = None,
) -> PathStudy:
    """Return the least-cost links between sources and the corridors around them.

    Parameters
    ----------
    resistance : Grid
        Positive; NaN where nothing passes.
    points : Grid
        Number of the source in its cells (1 and up), NaN or 0 elsewhere. A way starts and ends at the edges
        of sources; crossing another source costs what its cells cost.
    pairs : {"neighbours", "planar", "all"} or tuple of pairs of numbers
        Which sources to link: those whose cost-allocation zones touch; of those the ones no two other links
        join cheaper (:func:`~gis.corridors.pairs.drop_detours`); all; or those listed.
    neighbours : 4 or 8
        Whether a step may lead to a cell that touches at a corner only.
    average : {"resistance", "conductance"}
        What of two neighbouring cells is averaged.
    slack_shares : sequence of float, optional
        Slacks to draw bands for, as shares of each link's cost; None for links only, which also leaves out
        the corridor surface.
    workers : int, optional
        Processes; by default one a core, and none where the work is small.
    report : callable, optional
        Told the share of the work that is done.

    Raises
    ------
    CorridorError
        If the grids do not lie on the same cells, a resistance is not positive, there are not two sources on
        passable cells, a pair names an unknown source, or a slack is not positive.
    """
    require_resistance(resistance, name="resistance")
    require_same_cells(resistance, points, name="resistance", other_name="points")
    sources = read_sources(points, resistance)
    numbers = tuple(int(number) for number in np.unique(sources) if number > 0)
    shares = None if slack_shares is None else require_slack(slack_shares)
    tell = report or (lambda _: None)
    values = resistance.values
    nearest = accumulate_cost(values, sources > 0, neighbours=neighbours, average=average).cost
    zones = allocate_cells(nearest, values, sources, neighbours=neighbours, average=average)
    chosen = choose_pairs(pairs, numbers, zones, neighbours)
    mcr = resistance.with_values(np.where(np.isfinite(nearest), nearest * resistance.cell_m, np.nan))
    del nearest
    builder = _Builder(resistance, sources, chosen, shares, planar=pairs == "planar")
    with tempfile.TemporaryDirectory(prefix="gis-paths-") as folder:
        tasks = builder.make_tasks(Path(folder), neighbours, average)
        processes = _count_workers(workers, sources.size, len(tasks))
        for done, (task, found) in enumerate(_work_through(tasks, processes), start=1):
            builder.take(task, found)
            tell(done / len(tasks))
        builder.draw_held()
    tell(1.0)
    return builder.finish(numbers, mcr, zones)


def path_line(link: CostLink, grid: Grid) -> shapely.LineString:
    """Return a link as a line through the centres of its cells, in the grid's system."""
    x, y = grid.centres(link.cells[:, 0], link.cells[:, 1])
    return shapely.LineString(np.column_stack((x, y)))


class _Builder:
    """Gathers links as sources are done; draws the corridor of a pair once both its surfaces are there."""

    def __init__(
        self,
        resistance: Grid,
        sources: NDArray[np.int32],
        pairs: tuple[tuple[int, int], ...],
        shares: tuple[float, ...] | None,
        *,
        planar: bool,
    ) -> None:
        self._grid, self._sources, self._pairs, self._shares = resistance, sources, pairs, shares
        self._planar = planar
        self._links: dict[tuple[int, int], CostLink] = {}
        self._bands: list[Band] = []
        self._surfaces: dict[int, Path] = {}
        self._waiting = set(pairs)
        self._least = np.full(resistance.shape, np.inf, dtype=np.float32) if shares is not None else None

    def make_tasks(self, folder: Path, neighbours: Neighbours, average: Average) -> list[LinkTask]:
        """Return one task a source that is needed, its grids kept as files for the workers."""
        resistance, sources = folder / "resistance.npy", folder / "sources.npy"
        np.save(resistance, self._grid.values)
        np.save(sources, self._sources)
        tasks = []
        for number in sorted({number for pair in self._pairs for number in pair}):
            targets = tuple(second for first, second in self._pairs if first == number)
            if targets or self._shares is not None:
                surface = folder / f"{number}.npy" if self._shares is not None else None
                tasks.append(
                    LinkTask(
                        resistance, sources, surface, number, targets, self._grid.cell_m, neighbours, average
                    )
                )
        return tasks

    def take(self, task: LinkTask, found: list[CostLink]) -> None:
        """Take what a worker found, and draw the corridors that have become possible."""
        self._links.update({(link.first, link.second): link for link in found})
        if task.surface_file is None:
            return
        self._surfaces[task.source] = task.surface_file
        if self._planar:
            return
        for pair in sorted(self._waiting):
            if task.source in pair and set(pair) <= set(self._surfaces):
                self._waiting.discard(pair)
                if pair in self._links:
                    self._draw(self._links[pair])
        for number in list(self._surfaces):
            if not any(number in pair for pair in self._waiting):
                self._surfaces.pop(number).unlink()

    def draw_held(self) -> None:
        """Leave out what the minimum planar graph does not hold, and draw the corridors that waited."""
        if not self._planar:
            return
        kept = drop_detours(list(self._links.values()))
        self._links = {(link.first, link.second): link for link in kept}
        self._pairs = tuple(pair for pair in self._pairs if pair in self._links)
        if self._shares is not None:
            for pair in self._pairs:
                self._draw(self._links[pair])

    def _draw(self, link: CostLink) -> None:
        """Add the corridor of a link to the surface, and draw its bands."""
        one, other = (np.load(self._surfaces[number]) for number in (link.first, link.second))
        corridor = normalise_corridor(one, other, link.cost)
        if self._least is not None:
            np.minimum(self._least, corridor, out=self._least)
        self._bands += [
            draw_band(corridor, self._sources, link, share, self._grid) for share in self._shares or ()
        ]

    def finish(self, numbers: tuple[int, ...], mcr: Grid, zones: NDArray[np.int32]) -> PathStudy:
        """Return the study."""
        corridor = None
        if self._least is not None:
            known = np.where(np.isfinite(self._least), self._least, np.nan).astype(np.float64)
            corridor = self._grid.with_values(known)
        return PathStudy(
            points=numbers,
            links=tuple(self._links[pair] for pair in self._pairs if pair in self._links),
            apart=tuple(pair for pair in self._pairs if pair not in self._links),
            mcr=mcr,
            zones=zones,
            corridor=corridor,
            bands=tuple(sorted(self._bands, key=lambda band: (band.first, band.second, band.slack_share))),
        )


def _count_workers(workers: int | None, cells: int, sources: int) -> int:
    """Return how many processes to use: one a core that half the memory has room for, one for little work."""
    if workers is not None:
        return workers
    if cells * sources <= FEW_CELLS:
        return 1
    names = getattr(os, "sysconf_names", {})
    known = {"SC_PAGE_SIZE", "SC_PHYS_PAGES"} <= set(names)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if known else 0
    room = memory // 2 // (BYTES_A_CELL * cells) - 1 if known else 4
    return max(1, min(4, os.cpu_count() or 1, room))


def _leave_interrupts() -> None:
    """Let an interrupt be the first process's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _work_through(tasks: list[LinkTask], workers: int) -> Iterator[tuple[LinkTask, list[CostLink]]]:
    """Yield each task with what it found, as they are done.

    Raises
    ------
    CorridorError
        If a process ends before its work is done.
    """
    if workers < 2 or len(tasks) < 2:
        for task in tasks:
            yield task, link_source(task)
        return
    from concurrent.futures.process import BrokenProcessPool

    count, context = min(workers, len(tasks)), get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context, initializer=_leave_interrupts) as pool:
        running = {pool.submit(link_source, task): task for task in tasks}
        try:
            for future in as_completed(running):
                yield running.pop(future), future.result()
        except BrokenProcessPool as error:
            raise CorridorError(
                "计算进程意外结束，可能是内存不足",
                "a process ended unexpectedly; memory may have run out",
                hint_zh="请用更大的像元（--cell）重试",
                hint_en="try larger cells (--cell)",
                code="corridors.memory",
            ) from error
        finally:
            for future in running:
                future.cancel()
