"""Grid files: ESRI ASCII and GeoTIFF, also gzipped, read from bytes and written to bytes."""

from __future__ import annotations

import gzip
import io
import warnings
import zlib
from typing import TYPE_CHECKING

import numpy as np

from gis.corridors.grid import SAME_PLACE, Grid, damaged, require_size
from gis.errors import CorridorError

if TYPE_CHECKING:
    from numpy.typing import NDArray

NODATA = -9999.0
_TIFF_MARKS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_GZIP_MARK = b"\x1f\x8b"
_HEADER_LINES = 6

MAX_UNPACKED = 1_000_000_000
"""A gzipped grid of more bytes is refused: a small file must not fill the memory."""


def read_grid(content: bytes, *, name: str) -> Grid:
    """Return a grid from the content of a file.

    Parameters
    ----------
    content : bytes
        ESRI ASCII grid, or GeoTIFF (its first band), as it is or compressed with gzip.
    name : str
        What errors call it.

    Raises
    ------
    CorridorError
        If it is neither, is damaged, has oblong or turned cells, or is too large.
    """
    content = unpack(content, name=name)
    if content[:4] in _TIFF_MARKS:
        return _read_tiff(content, name)
    return _read_ascii(content, name)


def read_system(text: str, *, name: str) -> str:
    """Return a coordinate system, named or written out (.prj), by its EPSG number where it has one.

    Raises
    ------
    CorridorError
        If it is unknown.
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        system = CRS(text.strip())
    except CRSError as error:
        raise CorridorError(
            f"{name} 的坐标系无法识别：{text.strip()[:80]}",
            f"the coordinate system of {name} is unknown: {text.strip()[:80]}",
            where=name,
            hint_zh="请写 EPSG:4549 之类，或修正 .prj 文件",
            hint_en="write it as EPSG:4549, or mend the .prj file",
            code="corridors.system",
        ) from error
    number = system.to_epsg()
    return system.to_wkt() if number is None else f"EPSG:{number}"


def unpack(content: bytes, *, name: str) -> bytes:
    """Return the content of a gzipped file; other content as it is.

    Raises
    ------
    CorridorError
        If it is damaged, or unpacks to more than :data:`MAX_UNPACKED` bytes.
    """
    if not content.startswith(_GZIP_MARK):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(MAX_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise damaged(name, f"gzip: {error}") from error
    if len(unpacked) > MAX_UNPACKED:
        raise damaged(name, f"gzip: > {MAX_UNPACKED} bytes")
    return unpacked


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
            transform=grid.transform,
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
        raise damaged(name, f"header: {error}") from error
    require_size(rows, columns, cell, name)
    numbers = _parse_numbers(body, name)
    if numbers.size != rows * columns:
        raise damaged(name, f"{rows} × {columns} = {rows * columns} expected, {numbers.size} found")
    values = numbers.reshape(rows, columns)
    return Grid(np.where(values == nodata, np.nan, values), west, south, cell)


def _split_ascii(content: bytes, name: str) -> tuple[dict[str, str], str]:
    """Return the header of ESRI ASCII text and the text after it."""
    try:
        rest = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise damaged(name, "not text") from error
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
            raise damaged(name, "a cell is not a number") from error


def _read_tiff(content: bytes, name: str) -> Grid:
    """Return the first band of a GeoTIFF as a grid."""
    from rasterio.errors import NotGeoreferencedWarning, RasterioError
    from rasterio.io import MemoryFile

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            with MemoryFile(content) as memory, memory.open(driver="GTiff") as file:
                require_size(file.height, file.width, abs(file.transform.a), name)
                place = file.transform
                crs = None if file.crs is None else file.crs.to_string()
                values = file.read(1, masked=True).astype(np.float64).filled(np.nan)
        except RasterioError as error:
            raise damaged(name, str(error)) from error
    if place.b or place.d or abs(place.a + place.e) > SAME_PLACE * abs(place.a) / max(values.shape):
        raise damaged(name, "cells must be square, rows from north to south")
    return Grid(values, place.c, place.f - values.shape[0] * place.a, place.a, crs)
