"""The connectivity study: ground → links → network, current, ensemble → one frozen :class:`Study`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis import crs
from gis.connectivity.measures import (
    dearest_cost,
    is_placed,
    look_for_barriers,
    mean_between,
    measure_links,
    number_sources,
    source_cells,
)
from gis.corridors.contours import draw_path
from gis.corridors.current import Plan, measure_current
from gis.corridors.ensemble import draw_resistances, find_used
from gis.corridors.linking import link_sources
from gis.errors import CorridorError
from gis.model import Text
from gis.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.connectivity.ground import Ground, Source
    from gis.corridors.circuit import Average, Neighbours
    from gis.corridors.connectivity import NetworkStudy
    from gis.corridors.ensemble import Draw
    from gis.corridors.grid import Grid
    from gis.corridors.linking import Linking, Route
    from gis.corridors.ranking import BarrierStudy

    Tell = Callable[[Text, float], None]
    Mask = NDArray[np.bool_]
    Spread = Callable[[tuple[Draw, ...], Callable[[Draw], Mask]], Iterator[Mask]]

PINCH_SHARE = 0.05
"""Pinch points: the cells of a corridor that carry the most current, this share of them."""

STAGES = {
    "links": Text("最小阻力路径", "least-cost paths"),
    "current": Text("电流", "current"),
    "barriers": Text("障碍点", "barriers"),
    "ensemble": Text("多次抽样", "ensemble"),
}


@dataclass(frozen=True, slots=True)
class StudyOptions:
    """What the one who asks can choose; all of it enters the study's id.

    Parameters
    ----------
    cell_m : float
        Of the grid, EPSG:4549.
    runs : int
        Of the ensemble; 0 for none.
    """

    cell_m: float
    neighbours: Neighbours
    average: Average
    runs: int
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """A link between two sources.

    Parameters
    ----------
    cost_km : float
        Of the least-cost path: resistance × kilometres.
    length_m : float
        Of the path as drawn, on the ellipsoid.
    resistance_ohm : float
        Effective resistance between the two sources; NaN where not connected.
    pc_share : float
        Share (0-1) of the network's connectivity that is lost without the link.
    agreement : float or None
        Mean share of runs that use the cells of the path outside the sources; None without an ensemble.
    line : shapely geometry
        The path, EPSG:4549.
    """

    id: str
    title: Text
    first: Source
    second: Source
    cost_km: float
    length_m: float
    resistance_ohm: float
    pc_share: float
    agreement: float | None
    line: BaseGeometry
    route: Route


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """What a study found.

    Parameters
    ----------
    excess : float array, (rows, columns)
        What a route through each cell costs more than the least-cost path of the best link through it, as a
        share; infinite where no link leads.
    current_a : Grid
        Ampere, summed over all pairs of sources.
    agreement : float array, (rows, columns), or None
        Share of runs whose corridors use the cell.
    barriers : BarrierStudy or None
        Where restoring land would shorten the links most; None where it was not asked for.
    """

    ground: Ground
    options: StudyOptions
    links: tuple[Link, ...]
    linking: Linking
    excess: NDArray[np.float64]
    current_a: Grid
    network: NetworkStudy
    agreement: NDArray[np.float64] | None
    barriers: BarrierStudy | None = None

    @property
    def resistance(self) -> Grid:
        """The surface of the table."""
        return self.ground.surface.resistance()

    @property
    def band(self) -> NDArray[np.bool_]:
        """The cells of the corridors: on routes at most ``band_share`` dearer than a least-cost path."""
        return self.excess <= self.ground.surface.table.study.band_share

    def band_of(self, link: Link) -> NDArray[np.bool_]:
        """Return the cells of one link's corridor outside all sources."""
        excess = self.linking.excess(link.route.first, link.route.second)
        return (excess <= self.ground.surface.table.study.band_share) & ~source_cells(self.ground)

    def pinch_points(self, link: Link) -> NDArray[np.bool_]:
        """Return the cells of one link's corridor outside all sources that carry the most current."""
        chosen = self.band_of(link)
        if not chosen.any():
            return chosen
        limit = float(np.quantile(self.current_a.values[chosen], 1.0 - PINCH_SHARE))
        return chosen & (self.current_a.values >= limit)

    @property
    def study_id(self) -> str:
        """SHA-256 over what the figures hang on: table, layers, parameters, program version."""
        return identify_study(self.ground, self.options)


def choose_options(
    ground: Ground,
    *,
    neighbours: Neighbours = 8,
    average: Average = "resistance",
    runs: int | None = None,
    seed: int | None = None,
) -> StudyOptions:
    """Return options, those left out as the table of the ground has them."""
    study = ground.surface.table.study
    return StudyOptions(
        cell_m=ground.cells.cell,
        neighbours=neighbours,
        average=average,
        runs=study.runs if runs is None else runs,
        seed=study.seed if seed is None else seed,
    )


def identify_study(ground: Ground, options: StudyOptions) -> str:
    """Return the SHA-256 over everything the figures of a study hang on."""
    text = json.dumps({"program": __version__, **inputs_of(ground, options)}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def inputs_of(ground: Ground, options: StudyOptions) -> dict[str, object]:
    """Return table, layers and parameters of a study as a plain table."""
    return {
        "table": ground.surface.table.sha256,
        "layers": [list(pair) for pair in ground.layer_hashes],
        "cells": [*ground.cells.bounds, options.cell_m],
        "neighbours": options.neighbours,
        "average": options.average,
        "runs": options.runs,
        "seed": options.seed,
    }


def run_study(
    ground: Ground,
    options: StudyOptions,
    *,
    tell: Tell,
    spread_out: Spread,
    with_barriers: bool = True,
) -> Study:
    """Return the whole study of a ground.

    Parameters
    ----------
    tell : callable
        Told what is being done, and the share of it that is done.
    spread_out : callable
        Does one thing to many items, results in their order; the built-in ``map`` will do.
    with_barriers : bool
        Whether to look for barriers too.

    Raises
    ------
    CorridorError
        If a resistance is not positive.
    """
    resistance = ground.surface.resistance()
    masks = [source.cells for source in ground.sources]
    linking = link_sources(
        resistance.values,
        masks,
        neighbours=options.neighbours,
        average=options.average,
        dearest=dearest_cost(ground),
        report=lambda share: tell(STAGES["links"], share),
    )
    points = number_sources(ground)
    flow = measure_current(
        resistance,
        points,
        short_circuit=points,
        plan=Plan(neighbours=options.neighbours, average=options.average),
        report=lambda share: tell(STAGES["current"], share),
    )
    network = measure_links(ground, linking)
    agreement = (
        None
        if options.runs == 0
        else find_agreement(ground, options, linking.routes, tell=tell, spread_out=spread_out)
    )
    links = tuple(
        make_link(ground, route, flow.resistance_ohm, float(share), agreement)
        for route, share in zip(linking.routes, network.pc.links, strict=True)
    )
    current_a = flow.current_a or resistance.with_values(np.zeros(resistance.shape))
    barriers = (
        look_for_barriers(
            ground,
            linking.routes,
            neighbours=options.neighbours,
            average=options.average,
            report=lambda share: tell(STAGES["barriers"], share),
        )
        if with_barriers
        else None
    )
    excess = linking.least_excess()
    return Study(ground, options, links, linking, excess, current_a, network, agreement, barriers)


@dataclass(frozen=True, slots=True, eq=False)
class Ensemble:
    """How far the corridors of a ground hang on its resistances.

    Parameters
    ----------
    routes : tuple of Route
        The links of the table's own resistances, which every run draws anew.
    agreement : float array, (rows, columns)
        Share of runs whose corridors use the cell.
    """

    ground: Ground
    options: StudyOptions
    routes: tuple[Route, ...]
    agreement: NDArray[np.float64]


def run_ensemble(
    ground: Ground,
    options: StudyOptions,
    *,
    tell: Tell,
    spread_out: Spread,
) -> Ensemble:
    """Return the ensemble alone; see :func:`run_study`.

    Raises
    ------
    CorridorError
        If there is not a run.
    """
    if options.runs < 1:
        raise CorridorError(
            "抽样次数至少为 1", "the ensemble needs at least one run", where="--runs", code="corridors.runs"
        )
    linking = link_sources(
        ground.surface.resistance().values,
        [source.cells for source in ground.sources],
        neighbours=options.neighbours,
        average=options.average,
        dearest=dearest_cost(ground),
        report=lambda share: tell(STAGES["links"], share),
    )
    agreement = find_agreement(ground, options, linking.routes, tell=tell, spread_out=spread_out)
    return Ensemble(ground, options, linking.routes, agreement)


def find_agreement(
    ground: Ground,
    options: StudyOptions,
    routes: tuple[Route, ...],
    *,
    tell: Tell,
    spread_out: Spread,
) -> NDArray[np.float64]:
    """Return the share of runs whose corridors use each cell, resistances drawn from the table's ranges."""
    table = ground.surface.table
    draws = draw_resistances(table, runs=options.runs, seed=options.seed)
    masks = [source.cells for source in ground.sources]

    def work(draw: Draw) -> NDArray[np.bool_]:
        return find_used(
            ground.surface,
            masks,
            routes,
            draw,
            band_share=table.study.band_share,
            neighbours=options.neighbours,
            average=options.average,
        )

    counts = np.zeros(ground.cells.shape)
    tell(STAGES["ensemble"], 0.0)
    for done, used in enumerate(spread_out(draws, work), start=1):
        counts += used
        tell(STAGES["ensemble"], done / len(draws))
    return counts / len(draws)


def make_link(
    ground: Ground,
    route: Route,
    ohm: NDArray[np.float64],
    pc_share: float,
    agreement: NDArray[np.float64] | None,
) -> Link:
    """Return a route with its names and figures."""
    first, second = ground.sources[route.first], ground.sources[route.second]
    line = draw_path(ground.cells, route.cells)
    return Link(
        id=f"{first.id}--{second.id}",
        title=Text(f"{first.title.zh}—{second.title.zh}", f"{first.title.en} – {second.title.en}"),
        first=first,
        second=second,
        cost_km=route.cost * ground.cells.cell / 1000.0,
        length_m=crs.length_m(line) if is_placed(ground) else float(line.length),
        resistance_ohm=float(ohm[route.first, route.second]),
        pc_share=pc_share,
        agreement=None if agreement is None else mean_between(ground, route, agreement),
        line=line,
        route=route,
    )
