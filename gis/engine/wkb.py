"""Geometries out of WKB columns into flat arrays, without making one Python object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis.engine.compiled import kernel
from gis.engine.projection import project
from gis.engine.shapes import HOLE, LINE, POINT, SHELL, Shapes, densify, orient_rings
from gis.errors import SiteError

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

WKB_POINT, WKB_LINE, WKB_POLYGON, WKB_COLLECTION = 1, 2, 3, 7
WKB_Z, WKB_M, WKB_SRID = 0x80000000, 0x40000000, 0x20000000
"""Type numbers of OGC 06-103r4, table 7, and the flag bits of EWKB."""

READ, BROKEN, FOREIGN = 0, 1, 2
"""Outcome of a reading: well; not WKB; big-endian or curved."""


def load_plane(column: pa.Array, source: str, plane: str, *, longest_deg: float | None = None) -> Shapes:
    """Return WKB geometries in a plane, rings oriented.

    Parameters
    ----------
    column : pyarrow.Array
        (Large) binary WKB in `source`, x = east.
    source, plane : str
        Coordinate systems, as PROJ reads them.
    longest_deg : float, optional
        Edges longer than this, in the units of `source`, are divided first; left out, vertices alone move.

    Raises
    ------
    SiteError
        If a value is not WKB, or a coordinate is not finite.
    CrsError
        If PROJ does not know one of the systems.
    """
    shapes = read_wkb(column)
    if longest_deg is not None:
        shapes = densify(shapes, longest_deg)
    project(shapes.x, shapes.y, source, plane)
    if not (np.isfinite(shapes.x).all() and np.isfinite(shapes.y).all()):
        raise SiteError("坐标不是有限数值", "a coordinate is not a finite number", where="geometry")
    orient_rings(shapes)
    return shapes


def read_wkb(column: pa.Array) -> Shapes:
    """Return the geometries of an Arrow column of (large) binary WKB, ISO or extended; Z and M are left out.

    Raises
    ------
    SiteError
        If a value is not WKB of a point, a line, a polygon or a collection of them.
    """
    data, offsets = view_binary(column)
    paths, vertices, outcome = count_paths(data, offsets)
    if outcome == FOREIGN:
        data, offsets = view_binary(write_plain(column))
        paths, vertices, outcome = count_paths(data, offsets)
    if outcome != READ:
        raise SiteError(
            "几何列中有无法读取的 WKB",
            "the geometry column holds something that is not WKB",
            where=f"row {paths}",
        )
    shapes = Shapes(
        np.empty(vertices),
        np.empty(vertices),
        np.zeros(paths + 1, np.int64),
        np.empty(paths, np.uint8),
        np.zeros(len(offsets), np.int64),
    )
    fill_paths(data, offsets, shapes)
    return shapes


def read_geometries(geometries: NDArray[np.object_]) -> Shapes:
    """Return shapely geometries as flat arrays; None gives an empty shape."""
    import pyarrow as pa
    import shapely

    return read_wkb(pa.array(shapely.to_wkb(geometries), pa.large_binary()))


def write_plain(column: pa.Array) -> pa.Array:
    """Return the column written again by GEOS: little-endian, curves refused."""
    import pyarrow as pa
    import shapely

    try:
        geometries = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
    except shapely.errors.ShapelyError as error:
        raise SiteError("几何列中有无法读取的 WKB", "the geometry column holds unreadable WKB") from error
    return pa.array(shapely.to_wkb(geometries, byte_order=1), pa.large_binary())


def view_binary(column: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the bytes and the offsets of a binary Arrow array, without a copy of the bytes."""
    import pyarrow as pa

    wide = pa.types.is_large_binary(column.type)
    _, starts, data = column.buffers()
    offsets = np.frombuffer(starts, np.int64 if wide else np.int32)[
        column.offset : column.offset + len(column) + 1
    ]
    raw = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    raw.flags.writeable = False
    return raw, offsets.astype(np.int64)


@kernel
def read_u32(data: NDArray[np.uint8], at: int) -> int:
    """Return the little-endian unsigned number of four bytes at `at`."""
    number = np.int64(data[at + 3])
    for k in (2, 1, 0):
        number = (number << 8) | np.int64(data[at + k])
    return int(number)


@kernel
def read_header(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, int, int]:
    """Return the type (−1 broken, −2 foreign), the ordinates a vertex and where the body begins."""
    if at + 5 > end:
        return -1, 2, at
    if data[at] != 1:
        return -2, 2, at
    code = read_u32(data, at + 1)
    at += 9 if code & WKB_SRID else 5
    plain = code & 0x0FFFFFFF
    ordinates = 2 + (1 if code & WKB_Z else 0) + (1 if code & WKB_M else 0)
    ordinates += (0, 1, 1, 2)[min(plain // 1000, 3)]
    kind = plain % 1000
    if kind < WKB_POINT or kind > WKB_COLLECTION:
        return -2, 2, at
    return kind, ordinates, at


@kernel
def count_path(data: NDArray[np.uint8], at: int, end: int, ordinates: int) -> tuple[int, int]:
    """Return the vertices of a counted path at `at` (−1 when it runs over the end) and where it ends."""
    if at + 4 > end:
        return -1, at
    number = read_u32(data, at)
    at += 4 + 8 * ordinates * number
    if at > end:
        return -1, at
    return number, at


@kernel
def count_polygon(data: NDArray[np.uint8], at: int, end: int, ordinates: int) -> tuple[int, int, int]:
    """Return rings (−1 broken), vertices and the end of a polygon's body; rings without vertices left out."""
    if at + 4 > end:
        return -1, 0, at
    rings, kept, vertices = read_u32(data, at), 0, 0
    at += 4
    for _ in range(rings):
        number, at = count_path(data, at, end, ordinates)
        if number < 0:
            return -1, 0, at
        if number > 0:
            kept += 1
            vertices += number
    return kept, vertices, at


@kernel
def count_body(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, int, int, int]:
    """Return paths (−1 broken, −2 foreign), vertices, children to come and the end of one geometry."""
    kind, ordinates, at = read_header(data, at, end)
    if kind < 0 or (kind == WKB_POINT and at + 8 * ordinates > end):
        return min(kind, -1) if kind < 0 else -1, 0, 0, at
    if kind == WKB_POINT:
        empty = np.isnan(data[at : at + 8].view(np.float64)[0])
        number = 0 if empty else 1
        return number, number, 0, at + 8 * ordinates
    if kind == WKB_LINE:
        number, at = count_path(data, at, end, ordinates)
        return (-1 if number < 0 else min(number, 1)), number, 0, at
    if kind == WKB_POLYGON:
        rings, number, at = count_polygon(data, at, end, ordinates)
        return rings, number, 0, at
    if at + 4 > end:
        return -1, 0, 0, at
    return 0, 0, read_u32(data, at), at + 4


@kernel
def count_paths(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> tuple[int, int, int]:
    """Return the number of paths (of the bad row when broken), of vertices, and the outcome."""
    paths, vertices = 0, 0
    for row in range(len(offsets) - 1):
        at, end = offsets[row], offsets[row + 1]
        waiting = 1 if end > at else 0
        while waiting > 0:
            more, number, children, at = count_body(data, at, end)
            if more < 0:
                return row, 0, BROKEN if more == -1 else FOREIGN
            paths += more
            vertices += number
            waiting += children - 1
    return paths, vertices, READ


@kernel
def fill_path(
    data: NDArray[np.uint8], at: int, number: int, ordinates: int, shapes: Shapes, vertex: int
) -> int:
    """Copy `number` vertices at `at` to the arrays from `vertex` on; return the next free vertex."""
    values = data[at : at + 8 * ordinates * number].view(np.float64)
    for k in range(number):
        shapes.x[vertex + k] = values[ordinates * k]
        shapes.y[vertex + k] = values[ordinates * k + 1]
    return vertex + number


@kernel
def fill_polygon(
    data: NDArray[np.uint8], at: int, ordinates: int, shapes: Shapes, vertex: int, path: int
) -> tuple[int, int, int]:
    """Copy the rings of a polygon; return the next byte, vertex and path."""
    rings = read_u32(data, at)
    at += 4
    for ring in range(rings):
        number = read_u32(data, at)
        at += 4
        if number > 0:
            vertex = fill_path(data, at, number, ordinates, shapes, vertex)
            shapes.path_kind[path] = SHELL if ring == 0 else HOLE
            path += 1
            shapes.path_start[path] = vertex
        at += 8 * ordinates * number
    return at, vertex, path


@kernel
def fill_paths(data: NDArray[np.uint8], offsets: NDArray[np.int64], shapes: Shapes) -> None:
    """Copy every geometry of a column whose paths have been counted."""
    vertex, path = 0, 0
    for row in range(len(offsets) - 1):
        at, end = offsets[row], offsets[row + 1]
        waiting = 1 if end > at else 0
        while waiting > 0:
            waiting -= 1
            kind, ordinates, at = read_header(data, at, end)
            if kind == WKB_POLYGON:
                at, vertex, path = fill_polygon(data, at, ordinates, shapes, vertex, path)
                continue
            number = 1
            if kind != WKB_POINT:
                number = read_u32(data, at)
                at += 4
            if kind > WKB_POLYGON:
                waiting += number
                continue
            if number > 0 and not np.isnan(data[at : at + 8].view(np.float64)[0]):
                vertex = fill_path(data, at, number, ordinates, shapes, vertex)
                shapes.path_kind[path] = POINT if kind == WKB_POINT else LINE
                path += 1
                shapes.path_start[path] = vertex
            at += 8 * ordinates * number
        shapes.shape_start[row + 1] = path
