"""Sites in the ground of a study: what they do to resistances and sources."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis import crs
from gis.corridors.surface import cover_cells, group_own

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.connectivity.ground import Ground, Source
    from gis.connectivity.study import Study


@dataclass(frozen=True, slots=True, eq=False)
class BurntGround:
    """A ground with sites in it.

    Parameters
    ----------
    shares : float array, (rows, columns)
        Share (0-1) of each cell the sites cover.
    cells : int
        Cells whose resistance changes.
    source_loss_m2 : float
        Area the sources lose, on the ellipsoid.
    """

    ground: Ground
    shares: NDArray[np.float64]
    cells: int
    source_loss_m2: float

    @property
    def changes(self) -> bool:
        """Whether the sites change anything of the ground."""
        return self.cells > 0 or self.source_loss_m2 > 0


def burn_ground(before: Study, taken: Sequence[BaseGeometry], site_resistance: float | None) -> BurntGround:
    """Return the ground of a study with geometries (EPSG:4549) in it."""
    old = before.resistance.values
    shares = share_cells(before.ground, taken)
    new = burn_sites(old, shares, site_resistance)
    changed = ~((old == new) | (np.isnan(old) & np.isnan(new)))
    sources, loss_m2 = take_from_sources(before.ground.sources, shares, taken)
    surface = group_own(before.resistance.with_values(new), before.ground.surface.table, spread=1.0)
    ground = replace(before.ground, surface=surface, sources=sources)
    return BurntGround(ground, shares, int(changed.sum()), loss_m2)


def share_cells(ground: Ground, taken: Sequence[BaseGeometry]) -> NDArray[np.float64]:
    """Return the share (0-1) of each cell that geometries cover; a line or point takes all it touches."""
    shares = np.zeros(ground.cells.shape)
    touched = cover_cells(ground.cells, list(taken), touched=True)
    rows, columns = np.nonzero(touched)
    if not len(rows):
        return shares
    x, y = ground.cells.centres(rows, columns)
    half = ground.cells.cell / 2
    boxes = shapely.box(x - half, y - half, x + half, y + half)
    areas = [shape for shape in taken if shapely.get_dimensions(shape) == 2]
    whole = shapely.union_all(areas)
    shares[rows, columns] = shapely.area(shapely.intersection(boxes, whole)) / ground.cells.cell**2
    thin = [shape for shape in taken if shapely.get_dimensions(shape) < 2]
    if thin:
        shares[cover_cells(ground.cells, thin, touched=True)] = 1.0
    return np.clip(shares, 0.0, 1.0)


def burn_sites(
    old: NDArray[np.float64], shares: NDArray[np.float64], site_resistance: float | None
) -> NDArray[np.float64]:
    """Return resistances with sites in them; impassable sites take the cells they cover by half or more."""
    if site_resistance is None:
        return np.where(shares >= 0.5, np.nan, old)
    return np.fmax(old, old + shares * (site_resistance - old))


def take_from_sources(
    sources: Sequence[Source], shares: NDArray[np.float64], taken: Sequence[BaseGeometry]
) -> tuple[tuple[Source, ...], float]:
    """Return the sources without the land taken from them, and the area they lose in all (m²)."""
    whole = shapely.union_all([shape for shape in taken if shapely.get_dimensions(shape) == 2])
    left: list[Source] = []
    lost_m2 = 0.0
    for source in sources:
        common = shapely.intersection(source.geometry, whole)
        loss = 0.0 if common.is_empty else min(crs.area_m2(common), source.area_m2)
        cells = source.cells & (shares < 0.5)
        kept = cells if cells.any() else source.cells
        left.append(replace(source, area_m2=source.area_m2 - loss, cells=kept))
        lost_m2 += loss
    return tuple(left), lost_m2
