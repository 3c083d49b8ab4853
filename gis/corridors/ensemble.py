"""How sure a corridor is: the study run many times with resistances drawn from their ranges.

Resistances are relative (陈春娣 2015): what one table says is one opinion. Each run draws every class and
slope anew; the share of runs whose corridors use a cell says how far the answer hangs on the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.corridors.linking import widen_routes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.corridors.circuit import Average, Neighbours
    from gis.corridors.linking import Route
    from gis.corridors.resistance import ResistanceTable
    from gis.corridors.surface import Surface


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """What one run draws.

    Parameters
    ----------
    resistances, factors : float array
        Of the classes and slopes, in the order of the table.
    seed : tuple of int
        Of the variation within the classes.
    """

    resistances: NDArray[np.float64]
    factors: NDArray[np.float64]
    seed: tuple[int, int] = (0, 0)


def draw_resistances(table: ResistanceTable, *, runs: int, seed: int) -> tuple[Draw, ...]:
    """Return the draws of an ensemble, the same for the same table, runs and seed.

    Latin hypercube: every range is cut into as many parts as there are runs, even on a logarithmic scale
    (only ratios of resistances matter), and each part is drawn from once. Classes keep no order: where ranges
    overlap, two may change places.
    """
    spans = [(item.low, item.high) for item in table.classes]
    spans += [(item.low, item.high) for item in table.slopes]
    low, high = np.array(spans).T
    generator = np.random.Generator(np.random.PCG64(seed))
    strata = np.array([generator.permutation(runs) for _ in low]).reshape(len(low), runs)
    shares = (strata + generator.random(strata.shape)) / runs
    values = low[:, None] * (high / low)[:, None] ** shares
    count = len(table.classes)
    return tuple(Draw(values[:count, run], values[count:, run], (seed, run)) for run in range(runs))


def vary_land(surface: Surface, seed: tuple[int, int]) -> NDArray[np.float64]:
    """Return the factor by which each cell differs from its class in one run: e^(variation · z).

    z is normal noise smoothed over the table's length and brought back to mean 0 and standard deviation 1.
    """
    from scipy.ndimage import gaussian_filter

    study = surface.table.study
    if study.variation == 0.0:
        return np.ones(surface.cells.shape)
    noise = np.random.Generator(np.random.PCG64(seed)).standard_normal(surface.cells.shape)
    smooth = gaussian_filter(noise, study.variation_m / surface.cells.cell / 2.0, mode="reflect")
    spread = float(smooth.std())
    scaled = (smooth - smooth.mean()) / (spread if spread > 0 else 1.0)
    factors: NDArray[np.float64] = np.exp(study.variation * scaled)
    return factors


def find_used(
    surface: Surface,
    sources: Sequence[NDArray[np.bool_]],
    routes: Sequence[Route],
    draw: Draw,
    *,
    band_share: float,
    neighbours: Neighbours = 8,
    average: Average = "resistance",
) -> NDArray[np.bool_]:
    """Return the cells that the links use under one draw: those of routes at most `band_share` dearer."""
    resistance = surface.draw(draw.resistances, draw.factors).values * vary_land(surface, draw.seed)
    excess = widen_routes(
        resistance, sources, routes, share=band_share, neighbours=neighbours, average=average
    )
    return np.isfinite(excess)
