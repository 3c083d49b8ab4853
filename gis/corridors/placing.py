"""Sources put on the cells of a grid: polygons, lines and points become numbers in cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.corridors.pointlist import refuse_overlap
from gis.crs import PLANE, densify_plane, transform
from gis.errors import CorridorError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.corridors.grid import Grid


def place_sources(
    planes: Sequence[BaseGeometry], names: Sequence[str], grid: Grid, *, apart: bool = False
) -> Grid:
    """Return a grid with the number of the source in its cells, counted from 1 as the shapes come.

    Parameters
    ----------
    planes : sequence of shapely geometry
        Points, lines or polygons in EPSG:4549.
    names : sequence of str
        What errors call them.
    grid : Grid
        The cells; a grid that names no system is taken to lie in EPSG:4549. Its values say where nothing
        passes (NaN).
    apart : bool
        Whether to refuse sources that share a cell.

    Returns
    -------
    Grid
        NaN where no source is. A polygon takes the cells whose centres it covers, or all it touches where
        there is none; points and lines take what they touch. Of two sources on a cell the later one has it.

    Raises
    ------
    CorridorError
        If a source lies outside the grid, wholly on cells where nothing passes, wholly under later ones, or
        shares a cell with another where that is not allowed.
    """
    numbers = np.zeros(grid.shape, dtype=np.int32)
    passable = ~np.isnan(grid.values)
    for number, (plane, name) in enumerate(zip(planes, names, strict=True), start=1):
        shape = transform(densify_plane(plane), PLANE, grid.crs or PLANE)
        covered = _cover(shape, grid)
        if not covered.any():
            raise _refuse(
                name,
                "在栅格范围之外",
                "lies outside the grid",
                "请扩大栅格，或去掉该源",
                "enlarge the grid, or drop it",
            )
        if not (covered & passable).any():
            raise _refuse(
                name,
                "全部落在没有阻力值的像元上",
                "lies wholly on cells without resistance",
                "请移动该源，或给这些像元阻力值",
                "move the source, or give its cells a resistance",
            )
        taken = numbers[covered & passable]
        if apart and taken.any():
            raise refuse_overlap(names[int(taken.max()) - 1], name, where=name)
        numbers[covered & passable] = number
    hidden = sorted(set(range(1, len(planes) + 1)) - set(np.unique(numbers).tolist()))
    if hidden:
        raise _refuse(
            names[hidden[0] - 1],
            "全部被后面的源盖住",
            "lies wholly under later sources",
            "请合并重叠的源，或用更小的像元",
            "merge sources that overlap, or use smaller cells",
        )
    return grid.with_values(np.where(numbers > 0, numbers.astype(np.float64), np.nan))


def _cover(shape: BaseGeometry, grid: Grid) -> NDArray[np.bool_]:
    """Return the cells a shape in the grid's system takes."""
    from rasterio.features import rasterize

    part = shapely.intersection(shape, shapely.box(*grid.bounds))
    if part.is_empty:
        return np.zeros(grid.shape, dtype=bool)
    if part.geom_type in {"Polygon", "MultiPolygon"}:
        covered = rasterize([part], grid.shape, transform=grid.transform, dtype="uint8")
        if covered.any():
            return np.asarray(covered, dtype=bool)
    return np.asarray(
        rasterize([part], grid.shape, transform=grid.transform, all_touched=True, dtype="uint8"), dtype=bool
    )


def _refuse(name: str, zh: str, en: str, hint_zh: str, hint_en: str) -> CorridorError:
    """Return the error for a source that cannot be placed."""
    return CorridorError(
        f"源 {name} {zh}",
        f"source {name} {en}",
        where=name,
        hint_zh=hint_zh,
        hint_en=hint_en,
        code="corridors.outside",
    )
