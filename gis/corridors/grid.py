"""Grids of square cells: ESRI ASCII and GeoTIFF read from bytes and written to bytes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.errors import CorridorError

if TYPE_CHECKING:
    from numpy.typing import NDArray

NODATA = -9999.0
MAX_CELLS = 25_000_000
"""More cells than this are refused: a study of them would not fit into memory."""

SAME_PLACE = 0.01
"""Corners and cell sizes may differ by this share of a cell: files are written with few decimals."""

_TIFF_MARKS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_HEADER_LINES = 6


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


def read_grid(content: bytes, *, name: str) -> Grid:
    """Return a grid from the content of a file.

    Parameters
    ----------
    content : bytes
        ESRI ASCII grid, or GeoTIFF (its first band).
    name : str
        What errors call it.

    Raises
    ------
    CorridorError
        If it is neither, is damaged, has oblong or turned cells, or is too large.
    """
    if content[:4] in _TIFF_MARKS:
        return _read_tiff(content, name)
    return _read_ascii(content, name)


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


def render_ascii(grid: Grid) -> bytes:
    """Return a grid as ESRI ASCII: full precision, LF, no data as -9999."""
    rows, columns = grid.shape
    head = (
        f"ncols {columns}\nnrows {rows}\nxllcorner {grid.west!r}\nyllcorner {grid.south!r}\n"
        f"cellsize {grid.cell!r}\nNODATA_value -9999\n"
    )
    filled = np.where(np.isnan(grid.values), NODATA, grid.values)
    body = "\n".join(" ".join(f"{value:.10g}" for value in row) for row in filled.tolist())
    return f"{head}{body}\n".encode("ascii")


def render_tiff(grid: Grid, *, tags: dict[str, str] | None = None) -> bytes:
    """Return a grid as a compressed GeoTIFF of 32-bit floats; no data as NaN."""
    from affine import Affine
    from rasterio.io import MemoryFile

    rows, columns = grid.shape
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            height=rows,
            width=columns,
            count=1,
            dtype="float32",
            nodata=float("nan"),
            crs=grid.crs,
            transform=Affine(grid.cell, 0.0, grid.west, 0.0, -grid.cell, grid.north),
            compress="deflate",
            predictor=3,
            tiled=True,
        ) as file:
            file.write(grid.values.astype(np.float32), 1)
            file.update_tags(**(tags or {}))
        content: bytes = memory.read()
    return content


def _read_ascii(content: bytes, name: str) -> Grid:
    """Return a grid from ESRI ASCII text."""
    head, body = _split_ascii(content, name)
    try:
        columns, rows = int(head["ncols"]), int(head["nrows"])
        cell = float(head["cellsize"])
        west = float(head["xllcorner"]) if "xllcorner" in head else float(head["xllcenter"]) - cell / 2
        south = float(head["yllcorner"]) if "yllcorner" in head else float(head["yllcenter"]) - cell / 2
        nodata = float(head.get("nodata_value", NODATA))
    except (KeyError, ValueError) as error:
        raise _damaged(name, f"header: {error}") from error
    _require_size(rows, columns, cell, name)
    numbers = _parse_numbers(body, name)
    if numbers.size != rows * columns:
        raise _damaged(name, f"{rows} × {columns} = {rows * columns} expected, {numbers.size} found")
    values = numbers.reshape(rows, columns)
    return Grid(np.where(values == nodata, np.nan, values), west, south, cell)


def _split_ascii(content: bytes, name: str) -> tuple[dict[str, str], str]:
    """Return the header of ESRI ASCII text and the text after it."""
    try:
        rest = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _damaged(name, "not text") from error
    head: dict[str, str] = {}
    for _ in range(_HEADER_LINES):
        line, _, after = rest.partition("\n")
        words = line.split()
        if len(words) != 2 or not words[0][0].isalpha():
            break
        head[words[0].lower()] = words[1]
        rest = after
    return head, rest


def _parse_numbers(text: str, name: str) -> NDArray[np.float64]:
    """Return the numbers of a text, separated by any white space."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return np.fromstring(text, dtype=np.float64, sep=" ")
        except (ValueError, DeprecationWarning) as error:
            raise _damaged(name, "a cell is not a number") from error


def _read_tiff(content: bytes, name: str) -> Grid:
    """Return the first band of a GeoTIFF as a grid."""
    from rasterio.errors import NotGeoreferencedWarning, RasterioError
    from rasterio.io import MemoryFile

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            with MemoryFile(content) as memory, memory.open(driver="GTiff") as file:
                _require_size(file.height, file.width, abs(file.transform.a), name)
                place = file.transform
                crs = None if file.crs is None else file.crs.to_string()
                values = file.read(1, masked=True).astype(np.float64).filled(np.nan)
        except RasterioError as error:
            raise _damaged(name, str(error)) from error
    if place.b or place.d or abs(place.a + place.e) > SAME_PLACE * abs(place.a) / max(values.shape):
        raise _damaged(name, "cells must be square, rows from north to south")
    return Grid(values, place.c, place.f - values.shape[0] * place.a, place.a, crs)


def _require_size(rows: int, columns: int, cell: float, name: str) -> None:
    """Refuse a grid without cells, with impossible cells or with too many."""
    if rows < 1 or columns < 1 or not (cell > 0 and np.isfinite(cell)):
        raise _damaged(name, f"{rows} × {columns}, cell {cell:g}")
    if rows * columns > MAX_CELLS:
        raise CorridorError(
            f"栅格太大：{name} 有 {rows} × {columns} 格，上限 {MAX_CELLS} 格",
            f"the grid is too large: {name} has {rows} × {columns} cells, the limit is {MAX_CELLS}",
            where=name,
            hint_zh="请用更大的像元重采样",
            hint_en="resample it to larger cells",
            code="corridors.too_large",
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


def _damaged(name: str, why: str) -> CorridorError:
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
