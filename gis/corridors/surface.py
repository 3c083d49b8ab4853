"""The resistance surface: classes of land painted on a grid, and what each costs in one run or another."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis import crs
from gis.corridors.grid import cover_bounds
from gis.corridors.resistance import ResistanceClass, ResistanceTable
from gis.errors import CorridorError
from gis.model import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.corridors.grid import Grid

NO_SLOPE = -1

OWN_GROUPS = 16
"""Groups of like resistance in a surface somebody handed in."""

SLOPE_CELL_M = 100.0
"""Slopes are taken on cells of about this size: a coarser cell flattens hills."""


def lay_cells(bbox: tuple[float, float, float, float], cell_m: float) -> Grid:
    """Return an empty grid in EPSG:4549 over a box of degrees, its corners on whole multiples of the cell.

    Raises
    ------
    CorridorError
        If the cell is no positive number, or the grid would be too large.
    """
    box = crs.to_plane(shapely.box(*bbox))
    return cover_bounds(box.bounds, cell=cell_m, crs=crs.PLANE)


@dataclass(frozen=True, slots=True)
class PaintedClass:
    """Shapes of one class, EPSG:4549, and whether every cell they touch is painted."""

    number: int
    shapes: Sequence[BaseGeometry]
    linear: bool


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """What lies in each cell, and what the table says it costs.

    Parameters
    ----------
    class_of : int array, (rows, columns)
        Index of the cell's class in the table.
    slope_of : int array, (rows, columns), or None
        Index of the cell's slope class; -1 where the elevation model has no data. None without a model.
    own : float array, (rows, columns), or None
        Resistances somebody handed in: a class then only groups cells whose resistances are scaled together,
        and its value is the factor.
    """

    cells: Grid
    table: ResistanceTable
    class_of: NDArray[np.int16]
    slope_of: NDArray[np.int16] | None = None
    own: NDArray[np.float64] | None = None

    def resistance(self) -> Grid:
        """Return the resistances of the table."""
        return self.draw(
            np.array([item.resistance for item in self.table.classes]),
            np.array([item.factor for item in self.table.slopes]),
        )

    def draw(self, values: NDArray[np.float64], factors: NDArray[np.float64]) -> Grid:
        """Return the surface with other resistances of the classes and other factors of the slopes."""
        drawn = values[self.class_of] if self.own is None else self.own * values[self.class_of]
        if self.slope_of is not None and len(factors):
            drawn = drawn * np.append(factors, 1.0)[self.slope_of]  # index -1: no data, factor 1
        return self.cells.with_values(drawn)

    def shares(self) -> NDArray[np.float64]:
        """Return the share (0–1) of cells in each class, in the order of the table."""
        counts = np.bincount(self.class_of.ravel(), minlength=len(self.table.classes))
        return counts / self.class_of.size


def group_own(grid: Grid, table: ResistanceTable, *, spread: float) -> Surface:
    """Return a surface of resistances somebody handed in, for the ensemble in groups of like resistance.

    Cells fall into at most 16 groups, even on a logarithmic scale; each run multiplies a group by a factor
    between 1/`spread` and `spread`.

    Parameters
    ----------
    table : ResistanceTable
        Its parameters; its classes are not used.
    """
    known = grid.values[~np.isnan(grid.values)]
    edges = np.unique(np.geomspace(known.min(), known.max(), OWN_GROUPS + 1))
    class_of = np.clip(
        np.searchsorted(edges, np.nan_to_num(grid.values), side="right") - 1, 0, OWN_GROUPS - 1
    )
    classes = tuple(
        ResistanceClass(
            id=f"own_{number + 1}",
            title=Text(f"自备阻力第 {number + 1} 组", f"own resistances, group {number + 1}"),
            selection=None,
            resistance=1.0,
            low=1.0 / spread,
            high=spread,
            confidence="guess",
            source="handed in",
        )
        for number in range(OWN_GROUPS)
    )
    used = replace(table, classes=classes, slopes=(), sources=())
    return Surface(grid, used, class_of.astype(np.int16), own=grid.values)


def paint_classes(cells: Grid, painted: Sequence[PaintedClass]) -> NDArray[np.int16]:
    """Return the class of each cell: 0 (the base) unless a class covers it, the last one that does.

    A cell belongs to an area that covers its centre, and to a linear class that touches it at all.
    """
    classes = np.zeros(cells.shape, dtype=np.int16)
    for item in painted:
        classes[cover_cells(cells, item.shapes, touched=item.linear)] = item.number
    return classes


def cover_cells(cells: Grid, shapes: Sequence[BaseGeometry], *, touched: bool) -> NDArray[np.bool_]:
    """Return which cells shapes (EPSG:4549) cover: those whose centre they cover, or every one they touch.

    A shape that covers no centre still takes the cells it touches: small things do not vanish.
    """
    from rasterio.features import rasterize

    covered = np.zeros(cells.shape, dtype=bool)
    frame = shapely.box(*cells.bounds)
    for shape in shapes:
        part = shapely.intersection(shape, frame)
        if part.is_empty:
            continue
        for every in (touched, True):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                burnt = rasterize(
                    [part], cells.shape, transform=cells.transform, all_touched=every, dtype="uint8"
                )
            if burnt.any():
                break
        covered |= burnt.astype(bool)
    return covered


def grade_slope(elevation: Grid, cells: Grid, table: ResistanceTable) -> NDArray[np.int16]:
    """Return the slope class of each cell from an elevation model, -1 where it has no data.

    The model is brought to the working plane on cells of about 100 m; slopes are central differences there,
    averaged into the study's cells.

    Parameters
    ----------
    elevation : Grid
        Metres above the sea; its system must be known.

    Raises
    ------
    CorridorError
        If the model does not say its system, or lies elsewhere.
    """
    from rasterio.transform import from_origin
    from rasterio.warp import Resampling, reproject

    if elevation.crs is None:
        raise CorridorError(
            "高程模型没有坐标系",
            "the elevation model does not say its coordinate system",
            where="--dem",
            hint_zh="请用带坐标系的 GeoTIFF",
            hint_en="hand in a GeoTIFF with a coordinate system",
            code="corridors.dem",
        )
    fine = max(1, round(cells.cell / SLOPE_CELL_M))
    step = cells.cell / fine
    rows, columns = cells.shape
    plane = np.full((rows * fine, columns * fine), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # inside rasterio
        reproject(
            elevation.values,
            plane,
            src_transform=elevation.transform,
            src_crs=elevation.crs,
            src_nodata=np.nan,
            dst_transform=from_origin(cells.west, cells.north, step, step),
            dst_crs=crs.PLANE,
            dst_nodata=np.nan,
            resampling=Resampling.bilinear,
        )
    if np.isnan(plane).all():
        raise CorridorError(
            "高程模型与研究区不相交",
            "the elevation model does not meet the study area",
            where="--dem",
            code="corridors.dem",
        )
    south_north, west_east = np.gradient(plane, step)
    slope = np.degrees(np.arctan(np.hypot(south_north, west_east)))
    blocks = slope.reshape(rows, fine, columns, fine)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a block without data: its mean is NaN
        mean = np.nanmean(blocks, axis=(1, 3))
    limits = [item.up_to_deg for item in table.slopes]
    graded = np.minimum(np.searchsorted(limits, np.nan_to_num(mean)), len(limits) - 1)
    return np.where(np.isnan(mean), NO_SLOPE, graded).astype(np.int16)
