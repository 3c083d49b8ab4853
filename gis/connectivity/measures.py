"""The smaller measures of a study: which cells are sources, which links there are, where barriers stand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gis import crs
from gis.corridors.barriers import find_barriers
from gis.corridors.connectivity import measure_network
from gis.corridors.network import Dispersal, Network
from gis.corridors.ranking import BarrierPlan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.connectivity.ground import Ground
    from gis.corridors.circuit import Average, Neighbours
    from gis.corridors.connectivity import NetworkStudy
    from gis.corridors.grid import Grid, Report
    from gis.corridors.linking import Linking, Route
    from gis.corridors.ranking import BarrierStudy

MOST_BARRIERS = 12


def look_for_barriers(
    ground: Ground,
    routes: tuple[Route, ...],
    *,
    neighbours: Neighbours,
    average: Average,
    report: Report,
    resistance: Grid | None = None,
) -> BarrierStudy | None:
    """Return where restoring a window to the resistance of the base class would shorten the links most.

    None where there is no link, or the resistances were handed in: nobody says what restored land costs then.

    Parameters
    ----------
    resistance : Grid, optional
        Looked through in place of the ground's own surface.
    """
    table = ground.surface.table
    if not routes or ground.surface.own is not None:
        return None
    plan = BarrierPlan(
        radii_m=(max(table.study.barrier_radius_m, ground.cells.cell),),
        restored=table.classes[0].resistance,
        neighbours=neighbours,
        average=average,
        pairs=frozenset(
            (ground.sources[route.first].number, ground.sources[route.second].number) for route in routes
        ),
        count=MOST_BARRIERS,
    )
    return find_barriers(
        ground.surface.resistance() if resistance is None else resistance,
        number_sources(ground),
        plan,
        report=report,
    )


def dearest_cost(ground: Ground) -> float:
    """Return the cost (resistance × cells) above which a path is no link: too few would cross it."""
    study = ground.surface.table.study
    alpha = -math.log(study.probability) / (study.distance_km * 1000.0)
    return -math.log(study.least_probability) / alpha / ground.cells.cell


def number_sources(ground: Ground) -> Grid:
    """Return a grid with the number of the source in its cells, NaN elsewhere."""
    values = np.full(ground.cells.shape, np.nan)
    for source in ground.sources:
        values[source.cells] = source.number
    return ground.cells.with_values(values)


def source_cells(ground: Ground) -> NDArray[np.bool_]:
    """Return the cells of all sources."""
    covered = np.zeros(ground.cells.shape, dtype=bool)
    for source in ground.sources:
        covered |= source.cells
    return covered


def measure_links(ground: Ground, linking: Linking) -> NetworkStudy:
    """Return PC, IIC and their parts of the sources and their links; costs in resistance × metres."""
    return measure_network(make_network(ground, linking), study_dispersal(ground))


def study_dispersal(ground: Ground) -> Dispersal:
    """Return how far the study's table says is crossed how often, resistance × metres."""
    study = ground.surface.table.study
    return Dispersal(study.distance_km * 1000.0, study.probability)


def make_network(ground: Ground, linking: Linking) -> Network:
    """Return the sources with their areas (m²) and the links with their costs (resistance × metres)."""
    cell = ground.cells.cell
    return Network(
        ids=tuple(source.id for source in ground.sources),
        areas_m2=np.array([source.area_m2 for source in ground.sources]),
        starts=np.array([route.first for route in linking.routes], dtype=np.intp),
        ends=np.array([route.second for route in linking.routes], dtype=np.intp),
        costs=np.array([route.cost * cell for route in linking.routes], dtype=np.float64),
    )


def is_placed(ground: Ground) -> bool:
    """Return whether a ground lies in the working plane: only then has it degrees, a map and a sheet."""
    return ground.cells.crs == crs.PLANE


def mean_between(ground: Ground, route: Route, values: NDArray[np.float64]) -> float:
    """Return the mean of values along a route outside its sources; of the whole where nothing is outside."""
    rows, columns = route.cells[:, 0], route.cells[:, 1]
    outside = ~(ground.sources[route.first].cells | ground.sources[route.second].cells)[rows, columns]
    along = values[rows, columns]
    return float(along[outside].mean() if outside.any() else along.mean())
