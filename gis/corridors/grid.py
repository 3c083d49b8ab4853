"""Grids of square cells: the record, and the refusal of what does not fit.

- :class:`Grid`: ``values`` (float64, first row in the north, NaN where there is no data), ``west``,
  ``south``, ``cell``, ``crs``; from them ``shape``, ``bounds``, ``north``, ``cell_m``, ``transform``
  (rasterio's); ``with_values`` for other values on the same cells, ``centres`` and ``locate`` between cells
  and coordinates.
- :func:`cover_bounds`: an empty grid over a box, its corners on whole multiples of the cell.
- :func:`require_same_cells`, :func:`require_resistance`, :func:`require_inside`: refusals, all
  :class:`~gis.errors.CorridorError`, of unequal grids, of resistances ≤ 0, of places outside or without data.
- :data:`Report`: what long work calls with the share that is done (0-1); :func:`ignore`, and
  :func:`scale_report` for a part of the work.

Files are read and written by :mod:`gis.corridors.gridfile`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.errors import CorridorError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from affine import Affine
    from numpy.typing import NDArray

Report = Callable[[float], None]
"""Told the share of a long work that is done, 0-1."""


def ignore(share: float) -> None:
    """Tell nobody how far the work is."""


def scale_report(report: Report, start: float, end: float) -> Report:
    """Return what tells of a part of the work, which leads the whole from share `start` to share `end`."""
    return lambda share: report(start + (end - start) * share)


MAX_CELLS = 25_000_000
"""More cells than this are refused: a study of them would not fit into memory."""

SAME_PLACE = 0.01
"""Corners and cell sizes may differ by this share of a cell: files are written with few decimals."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Values on square cells, the first row in the north.

    Parameters
    ----------
    values : float array, (rows, columns)
        NaN where there is no data.
    west, south : float
        Lower left corner, in the units of the grid's system.
    cell : float
        Side of a cell, in the units of the grid's system (metres in EPSG:4549).
    crs : str or None
        The grid's system as text; None where the file does not say (ESRI ASCII never does).
    """

    values: NDArray[np.float64]
    west: float
    south: float
    cell: float
    crs: str | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.values.shape
        return rows, columns

    @property
    def north(self) -> float:
        """Ordinate of the upper edge."""
        return self.south + self.shape[0] * self.cell

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north, in the units of the grid's system."""
        return self.west, self.south, self.west + self.shape[1] * self.cell, self.north

    @property
    def transform(self) -> Affine:
        """Column and row to x and y, as rasterio wants it."""
        from affine import Affine

        return Affine(self.cell, 0.0, self.west, 0.0, -self.cell, self.north)

    @property
    def cell_m(self) -> float:
        """Side of a cell in metres; a grid that names no system is taken to be in metres.

        Raises
        ------
        CorridorError
            If the grid's system is not in metres.
        """
        if self.crs is not None and not _is_metric(self.crs):
            raise CorridorError(
                f"栅格的坐标系 {self.crs} 不以米为单位",
                f"the grid's system {self.crs} is not in metres",
                where=self.crs,
                hint_zh="请先投影到 EPSG:4549（CGCS2000 三度带 120°E），例如 gdalwarp -t_srs EPSG:4549",
                hint_en="project it to EPSG:4549 first, for example with gdalwarp -t_srs EPSG:4549",
                code="corridors.system",
            )
        return self.cell

    def with_values(self, values: NDArray[np.float64]) -> Grid:
        """Return a grid of other values on the same cells."""
        if values.shape != self.values.shape:
            raise _unequal(f"{self.shape}", f"{values.shape}", "values")
        return Grid(values, self.west, self.south, self.cell, self.crs)

    def centres(
        self, rows: NDArray[np.intp], columns: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return x and y of the centres of cells."""
        x = self.west + (columns.astype(np.float64) + 0.5) * self.cell
        y = self.north - (rows.astype(np.float64) + 0.5) * self.cell
        return x, y

    def locate(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
        """Return rows and columns of the cells places lie in, and which lie inside the grid.

        A place on the edge between two cells belongs to the one in the east and south, on the outer edge to
        the last cell.
        """
        rows, columns = self.shape
        across, down = (x - self.west) / self.cell, (self.north - y) / self.cell
        inside = (across >= 0) & (across <= columns) & (down >= 0) & (down <= rows)
        row = np.clip(np.where(inside, np.floor(down), 0).astype(np.intp), 0, rows - 1)
        column = np.clip(np.where(inside, np.floor(across), 0).astype(np.intp), 0, columns - 1)
        return row, column, inside


def cover_bounds(bounds: tuple[float, float, float, float], *, cell: float, crs: str | None) -> Grid:
    """Return a grid without data over a box, its corners on whole multiples of the cell.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east, north in `crs`.
    cell : float
        Side of a cell in the units of `crs`.

    Raises
    ------
    CorridorError
        If the box is empty, the cell is not positive, or there would be too many cells.
    """
    if not (math.isfinite(cell) and cell > 0):
        raise CorridorError(
            f"像元边长应大于 0，不是 {cell:g}",
            f"the side of a cell must be larger than 0, not {cell:g}",
            where="--cell",
            code="corridors.cell",
        )
    west, south = math.floor(bounds[0] / cell), math.floor(bounds[1] / cell)
    east, north = math.ceil(bounds[2] / cell), math.ceil(bounds[3] / cell)
    require_size(north - south, east - west, cell, "grid")
    return Grid(np.full((north - south, east - west), np.nan), west * cell, south * cell, cell, crs)


def require_inside(
    grid: Grid, x: NDArray[np.float64], y: NDArray[np.float64], *, labels: Sequence[str], name: str
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows and columns of places; refuse places outside the grid or on cells without data.

    Parameters
    ----------
    labels : sequence of str
        What the error calls each place.
    name : str
        What the error calls their file.

    Raises
    ------
    CorridorError
        If a place lies outside, or on a cell without data.
    """
    rows, columns, inside = grid.locate(x, y)
    bare = np.isnan(grid.values[rows, columns]) & inside
    wrong = np.flatnonzero(~inside | bare)
    if wrong.size == 0:
        return rows, columns
    first, shown = int(wrong[0]), "、".join(labels[index] for index in wrong[:5])
    outside = not inside[first]
    raise CorridorError(
        f"{name} 中的位置 {shown}{'等' if wrong.size > 5 else ''} 在栅格范围外或无数据处，共 {wrong.size} 个",
        f"{name}: {shown}{' …' if wrong.size > 5 else ''} lie outside the grid or where it has no data "
        f"({wrong.size} in all)",
        where=f"{name}: {labels[first]} ({x[first]:.10g}, {y[first]:.10g})",
        hint_zh=f"栅格范围 {_describe(grid)}；请核对坐标系"
        if outside
        else "无数据处不可通行，请移动源或补数据",
        hint_en=f"the grid is {_describe(grid)}; check the coordinate system"
        if outside
        else "nothing passes where there is no data: move the source or fill the grid",
        code="corridors.outside",
    )


def require_same_cells(grid: Grid, other: Grid, *, name: str, other_name: str) -> None:
    """Refuse two grids that do not lie on the same cells.

    Raises
    ------
    CorridorError
        If rows, columns, corner, cell size or (where both are known) system differ.
    """
    limit = SAME_PLACE * grid.cell
    apart = max(abs(grid.west - other.west), abs(grid.south - other.south))
    cells_apart = abs(grid.cell - other.cell) * max(grid.shape)
    same_system = grid.crs is None or other.crs is None or grid.crs == other.crs
    if grid.shape == other.shape and apart <= limit and cells_apart <= limit and same_system:
        return
    raise _unequal(f"{name}: {_describe(grid)}", f"{other_name}: {_describe(other)}", other_name)


def require_resistance(grid: Grid, *, name: str) -> None:
    """Refuse resistances that are not positive numbers; no data is allowed and is impassable.

    Raises
    ------
    CorridorError
        If a cell is zero, negative or infinite, or no cell has data.
    """
    known = ~np.isnan(grid.values)
    wrong = known & ~((grid.values > 0) & np.isfinite(grid.values))
    if wrong.any():
        row, column = (int(index[0]) for index in np.nonzero(wrong))
        raise CorridorError(
            f"阻力必须大于 0：{name} 第 {row + 1} 行第 {column + 1} 列为 {grid.values[row, column]:g}，"
            f"共 {int(wrong.sum())} 格",
            f"resistances must be larger than 0: {name} has {grid.values[row, column]:g} in row {row + 1}, "
            f"column {column + 1}; {int(wrong.sum())} such cells",
            where=f"{name}:{row + 1}:{column + 1}",
            hint_zh="不可通行处写无数据值；零阻力请用短路区（--short-circuit）",
            hint_en="write no data where nothing passes; for zero resistance use regions (--short-circuit)",
            code="corridors.resistance",
        )
    if not known.any():
        raise CorridorError(
            f"{name} 没有一格有数据", f"{name} has no cell with data", where=name, code="corridors.empty"
        )


def require_size(rows: int, columns: int, cell: float, name: str) -> None:
    """Refuse a grid without cells, with impossible cells or with too many."""
    if rows < 1 or columns < 1 or not (cell > 0 and np.isfinite(cell)):
        raise damaged(name, f"{rows} × {columns}, cell {cell:g}")
    if rows * columns > MAX_CELLS:
        raise CorridorError(
            f"栅格太大：{name} 有 {rows} × {columns} 格，上限 {MAX_CELLS} 格",
            f"the grid is too large: {name} has {rows} × {columns} cells, the limit is {MAX_CELLS}",
            where=name,
            hint_zh="请用更大的像元重采样",
            hint_en="resample it to larger cells",
            code="corridors.too_large",
        )


def _is_metric(crs: str) -> bool:
    """Return whether a system's axes are in metres."""
    from pyproj import CRS

    return all(
        axis.unit_conversion_factor == 1.0 and axis.unit_name == "metre" for axis in CRS(crs).axis_info[:2]
    )


def _describe(grid: Grid) -> str:
    """Return rows, columns, corner and cell of a grid as text."""
    rows, columns = grid.shape
    return f"{rows} × {columns}, ({grid.west:.10g}, {grid.south:.10g}), {grid.cell:.10g}, {grid.crs or '?'}"


def _unequal(first: str, second: str, where: str) -> CorridorError:
    """Return the error for two grids on different cells."""
    return CorridorError(
        f"两个栅格的像元不一致：{first}；{second}",
        f"the two grids do not lie on the same cells: {first}; {second}",
        where=where,
        hint_zh="请重采样到同一行列、角点、像元大小与坐标系",
        hint_en="resample them to the same rows, columns, corner, cell size and system",
        code="corridors.unequal",
    )


def damaged(name: str, why: str) -> CorridorError:
    """Return the error for a grid that cannot be read."""
    return CorridorError(
        f"{name} 不是可用的 ESRI ASCII 或 GeoTIFF 栅格：{why}",
        f"{name} is no usable ESRI ASCII or GeoTIFF grid: {why}",
        where=name,
        hint_zh="需要六行头（ncols nrows xllcorner yllcorner cellsize NODATA_value）加数值，"
        "或正方像元的 GeoTIFF",
        hint_en="six header lines (ncols nrows xllcorner yllcorner cellsize NODATA_value) and the values, "
        "or a GeoTIFF with square cells",
        code="corridors.grid",
    )
