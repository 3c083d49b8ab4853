"""Plain features of a batch placed in arrays: valid, within the region, with nothing to repair.

The outcome is that of :func:`gis.sites.sort.sort_features`, feature by feature; whatever is not plainly so is
left to it. Plain is what is made of points, of lines or of polygons and turns out valid beyond rounding in
the file, in degrees, once densified and in the plane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gis import crs
from gis.engine.ellipsoid import measure_shapes
from gis.engine.geometries import make_geometries
from gis.engine.matching import bound_shapes
from gis.engine.shapes import Shapes, count_dense, densify, take_shapes
from gis.engine.sifting import move_wkb, sift_wkb
from gis.engine.soundness import drop_repeats, find_repeats, find_suspects
from gis.engine.wkb import WKB_POLYGON, read_wkb, view_binary
from gis.scale.measure import Sizes, measure_outlines
from gis.sites.place import choose_readings, read_plane, read_points
from gis.sites.raw import LIMITS

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from gis.sites.place import Reading

MOST_VERTICES = 10_000
"""Vertices of a plain geometry."""

MOST_DENSE = 1_000_000
"""Vertices of all plain geometries of a batch, densified; more are counted against the limit of a file."""


class Plain(NamedTuple):
    """Plain features placed.

    Parameters
    ----------
    rows : array of int
        Their places among the geometries asked of, ascending.
    reading : Reading
        The one they were read in.
    dimension : array of int
        0 point, 1 line, 2 polygon.
    wkb : pyarrow.BinaryArray
        The geometries in EPSG:4490.
    planes : array of geometry
        In EPSG:4549.
    outlines : Shapes
        The same as flat arrays.
    sizes : Sizes
    """

    rows: NDArray[np.intp]
    reading: Reading
    dimension: NDArray[np.int8]
    wkb: pa.Array
    planes: NDArray[np.object_]
    outlines: Shapes
    sizes: Sizes


class Sifted(NamedTuple):
    """Geometries that may be plain: their places, their type numbers in WKB, their WKB and their vertices."""

    rows: NDArray[np.intp]
    kinds: NDArray[np.int64]
    wkb: pa.Array
    shapes: Shapes

    def keep(self, flags: NDArray[np.bool_]) -> Sifted:
        """Return some of them."""
        import pyarrow as pa

        if flags.all():
            return self
        wkb = self.wkb.filter(pa.array(flags))
        return Sifted(self.rows[flags], self.kinds[flags], wkb, read_wkb(wkb))


def sift_column(column: pa.Array) -> Sifted:
    """Return the geometries of a column of WKB that are not large and sound as they stand."""
    import pyarrow as pa

    wkb = column if column.type == pa.binary() else column.cast(pa.binary())
    kinds, vertices = sift_wkb(*view_binary(wkb), LIMITS.coordinate)
    flags = (kinds > 0) & (vertices <= MOST_VERTICES)
    if wkb.null_count:
        flags &= wkb.is_valid().to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(flags)
    wkb = wkb if flags.all() else wkb.filter(pa.array(flags))
    return Sifted(rows, kinds[rows], wkb, read_wkb(wkb))


def place_plain(column: pa.Array, readings: tuple[Reading, ...]) -> Plain | None:
    """Return the plain ones among geometries, placed, of the reading most of them have; None: there is none.

    Parameters
    ----------
    column : pyarrow.Array
        WKB in the coordinates of the file, null where there is none.
    readings : tuple of Reading
        Those to be tried, best first.
    """
    sifted = sift_column(column)
    chosen = choose_readings(bound_shapes(sifted.shapes), readings)
    counts = np.bincount(chosen[chosen >= 0], minlength=len(readings))
    if not counts.any():
        return None
    number = int(np.argmax(counts))
    own = chosen == number
    if readings[number].step is None:
        own &= sifted.kinds <= WKB_POLYGON
    return _place_sifted(sifted.keep(own), readings[number])


def _place_sifted(sifted: Sifted, reading: Reading) -> Plain | None:
    """Return the plain ones among geometries of one reading."""
    shapes = sifted.shapes
    if reading.step is not None and count_dense(shapes, reading.step) > MOST_DENSE:
        return None
    # as GEOS densifies: vertices that repeat the one before are left out of the plane
    drawn = shapes if reading.step is None else drop_repeats(shapes)
    dense = drawn if reading.step is None else densify(drawn, reading.step)
    lonlat = shapes
    if not reading.is_plain:
        lonlat = _moved(shapes, read_points(np.column_stack((shapes.x, shapes.y)), reading))
    degrees, metres = read_plane(np.column_stack((dense.x, dense.y)), reading)
    plane = _moved(dense, metres)
    plain = _lie_in_region(lonlat) & ~find_repeats(drawn) & ~find_repeats(plane)
    placed = drawn if reading.is_plain else drop_repeats(lonlat)
    for stage in {id(stage): stage for stage in (drawn, dense, placed, plane)}.values():
        plain &= ~find_suspects(stage)
    kept = np.flatnonzero(plain)
    if not len(kept):
        return None
    wkb = sifted.wkb if reading.is_plain else rewrite_wkb(sifted.wkb, lonlat)
    outlines = _take(plane, plain)
    return Plain(
        rows=sifted.rows[kept],
        reading=reading,
        dimension=((sifted.kinds[kept] - 1) % WKB_POLYGON).astype(np.int8),
        wkb=_keep(wkb, plain),
        planes=make_geometries(outlines),
        outlines=outlines,
        sizes=measure_outlines(outlines)
        if degrees is None or not reading.keeps_degrees
        else Sizes(*measure_shapes(_take(_moved(dense, degrees), plain))),
    )


def _take(shapes: Shapes, flags: NDArray[np.bool_]) -> Shapes:
    """Return some shapes."""
    return shapes if flags.all() else take_shapes(shapes, np.flatnonzero(flags))


def _keep(column: pa.Array, flags: NDArray[np.bool_]) -> pa.Array:
    """Return some values of a column."""
    import pyarrow as pa

    return column if flags.all() else column.filter(pa.array(flags))


def rewrite_wkb(wkb: pa.Array, shapes: Shapes) -> pa.Array:
    """Return sound WKB with the coordinates of `shapes`, vertex by vertex."""
    import pyarrow as pa

    data, offsets = view_binary(wkb)
    moved = data[offsets[0] : offsets[-1]].copy()
    offsets = offsets - offsets[0]
    move_wkb(moved, offsets, shapes.x, shapes.y)
    starts = pa.py_buffer(offsets.astype(np.int32))
    return pa.Array.from_buffers(pa.binary(), len(wkb), [None, starts, pa.py_buffer(moved)])


def _moved(shapes: Shapes, xy: NDArray[np.float64]) -> Shapes:
    """Return shapes with other coordinates."""
    return shapes._replace(x=np.ascontiguousarray(xy[:, 0]), y=np.ascontiguousarray(xy[:, 1]))


def _lie_in_region(lonlat: Shapes) -> NDArray[np.bool_]:
    """Return which shapes lie wholly in the region served."""
    west, south, east, north = bound_shapes(lonlat).T
    region = crs.REGION
    inside = (west >= region[0]) & (south >= region[1]) & (east <= region[2]) & (north <= region[3])
    return np.asarray(inside, dtype=bool)
