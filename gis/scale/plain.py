"""Plain features of a batch placed in arrays: valid, within the region, with nothing to repair.

The outcome is that of :func:`gis.sites.sort.sort_features`, feature by feature; whatever is not plainly so is
left to it. Plain is a point, a line or a polygon, alone or the only part of a multi-part geometry, that turns
out valid beyond rounding in the file, in degrees, once densified and in the plane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from gis import crs
from gis.engine.ellipsoid import measure_shapes
from gis.engine.geometries import make_geometries
from gis.engine.matching import bound_shapes
from gis.engine.shapes import Shapes, count_dense, densify
from gis.engine.soundness import find_repeats, find_suspects
from gis.engine.wkb import read_wkb
from gis.scale.measure import Sizes
from gis.sites.place import read_plane, read_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.sites.place import Reading

MOST_VERTICES = 10_000
"""Vertices of a plain geometry."""

MOST_DENSE = 1_000_000
"""Vertices of all plain geometries of a batch, densified; more are counted against the limit of a file."""

SINGLE_TYPES, SEVERAL_TYPES = (0, 1, 3), (4, 5, 6)
"""GEOS numbers of points, lines and polygons, and of their multi-part forms."""


class Plain(NamedTuple):
    """Plain features placed.

    Parameters
    ----------
    rows : array of int
        Their places among the geometries asked of, ascending.
    dimension : array of int
        0 point, 1 line, 2 polygon.
    lonlat, planes : array of geometry
        EPSG:4490 and EPSG:4549.
    wkb : array of bytes
        `lonlat` as WKB.
    sizes : Sizes
    """

    rows: NDArray[np.intp]
    dimension: NDArray[np.int8]
    lonlat: NDArray[np.object_]
    planes: NDArray[np.object_]
    wkb: NDArray[np.object_]
    sizes: Sizes


def find_simple(geometries: NDArray[np.object_], *, in_plane: bool) -> NDArray[np.bool_]:
    """Return which geometries are of one part and not large; with `in_plane`, of a single-part type."""
    types, vertices = shapely.get_type_id(geometries), shapely.get_num_coordinates(geometries)
    simple = np.isin(types, SINGLE_TYPES)
    if not in_plane:
        several = np.flatnonzero(np.isin(types, SEVERAL_TYPES))
        simple[several] = shapely.get_num_geometries(geometries[several]) == 1
    return simple & (vertices > 0) & (vertices <= MOST_VERTICES)


def place_plain(geometries: NDArray[np.object_], reading: Reading) -> Plain | None:
    """Return the plain ones among geometries of one reading, placed; None when there is none.

    Parameters
    ----------
    geometries : array of geometry
        Coordinates of the file; missing ones are not plain.
    """
    import pyarrow as pa

    rows = np.flatnonzero(find_simple(geometries, in_plane=reading.step is None))
    drawn = geometries[rows]
    wkb = np.asarray(shapely.to_wkb(drawn, byte_order=1), dtype=object)
    shapes = read_wkb(pa.array(wkb, pa.large_binary()))
    if not len(rows) or (reading.step is not None and count_dense(shapes, reading.step) > MOST_DENSE):
        return None
    dense = shapes if reading.step is None else densify(shapes, reading.step)
    lonlat = read_points(np.column_stack((shapes.x, shapes.y)), reading)
    degrees, metres = read_plane(np.column_stack((dense.x, dense.y)), reading)
    placed, plane = _moved(shapes, lonlat), _moved(dense, metres)
    plain = _count_rings(drawn) == np.diff(shapes.shape_start)
    plain &= _lie_in_region(placed) & ~find_repeats(shapes) & ~find_repeats(plane)
    for stage in {id(s): s for s in (shapes, dense, placed, plane)}.values():
        plain &= ~find_suspects(stage)
    kept = np.flatnonzero(plain)
    if not len(kept):
        return None
    if not reading.is_plain:
        drawn = shapely.transform(drawn, lambda _: lonlat)
        wkb = np.asarray(shapely.to_wkb(drawn, byte_order=1), dtype=object)
    return Plain(
        rows=rows[kept],
        dimension=shapely.get_dimensions(drawn[kept]).astype(np.int8),
        lonlat=drawn[kept],
        planes=make_geometries(plane, kept),
        wkb=wkb[kept],
        sizes=_measure(plane if degrees is None else _moved(dense, degrees), kept, moved=degrees is None),
    )


def _moved(shapes: Shapes, xy: NDArray[np.float64]) -> Shapes:
    """Return shapes with other coordinates."""
    return shapes._replace(x=np.ascontiguousarray(xy[:, 0]), y=np.ascontiguousarray(xy[:, 1]))


def _count_rings(geometries: NDArray[np.object_]) -> NDArray[np.intp]:
    """Return the paths each geometry of one part is said to have, empty holes counted."""
    single = shapely.get_geometry(geometries, 0)
    return np.where(shapely.get_dimensions(single) == 2, 1 + shapely.get_num_interior_rings(single), 1)


def _lie_in_region(lonlat: Shapes) -> NDArray[np.bool_]:
    """Return which shapes lie wholly in the region served."""
    west, south, east, north = bound_shapes(lonlat).T
    region = crs.REGION
    inside = (west >= region[0]) & (south >= region[1]) & (east <= region[2]) & (north <= region[3])
    return np.asarray(inside, dtype=bool)


def _measure(dense: Shapes, rows: NDArray[np.intp], *, moved: bool) -> Sizes:
    """Return the sizes of some shapes, densified in degrees or, where they were `moved`, in the plane."""
    if moved:
        dense = densify(dense, crs.MAX_EDGE_M)
        lon, lat = crs.transformer(crs.PLANE, crs.GEOGRAPHIC).transform(dense.x, dense.y)
        dense = dense._replace(x=lon, y=lat)
    area, length = measure_shapes(dense)
    return Sizes(area[rows], length[rows])
