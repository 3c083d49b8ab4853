"""WKB of every kind comes in as GEOS reads it; what is not WKB is refused."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely

from gis import crs
from gis.engine.shapes import HOLE, LINE, POINT, SHELL, densify
from gis.engine.wkb import load_plane, read_geometries, read_wkb
from gis.errors import SiteError
from tests.engine.polygons import draw_sites

RING = shapely.box(0, 0, 10, 10).difference(shapely.box(2, 2, 4, 4))
KINDS = [
    shapely.Point(1, 2),
    shapely.LineString([(0, 0), (1, 1), (2, 0)]),
    RING,
    shapely.MultiPoint([(0, 0), (1, 1)]),
    shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3), (4, 4)]]),
    shapely.MultiPolygon([RING, shapely.box(20, 20, 30, 30)]),
    shapely.GeometryCollection([shapely.Point(5, 5), shapely.GeometryCollection([RING])]),
    shapely.Point(),
    shapely.Polygon(),
    None,
]


@pytest.mark.parametrize("options", [{}, {"byte_order": 0}, {"flavor": "iso"}, {"include_srid": True}])
@pytest.mark.parametrize("ordinates", [2, 3])
def test_every_kind_is_read_as_geos_reads_it(options: dict[str, object], ordinates: int) -> None:
    geometries = np.array(KINDS, object)
    if ordinates == 3:
        geometries = shapely.force_3d(geometries, 7.0)
    if "include_srid" in options:
        geometries = shapely.set_srid(geometries, 4490)
    shapes = read_wkb(pa.array(shapely.to_wkb(geometries, **options), pa.binary()))
    xy = shapely.get_coordinates(np.array(KINDS, object))
    np.testing.assert_array_equal(np.stack((shapes.x, shapes.y), axis=-1), xy)
    assert shapes.shape_start.tolist() == [0, 1, 2, 4, 6, 8, 11, 14, 14, 14, 14]
    kinds = [POINT, LINE, SHELL, HOLE, POINT, POINT, LINE, LINE, SHELL, HOLE, SHELL, POINT, SHELL, HOLE]
    assert shapes.path_kind.tolist() == kinds


def test_a_slice_of_a_column_is_read_from_its_own_rows() -> None:
    column = pa.array(shapely.to_wkb(shapely.points([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])), pa.binary())
    assert read_wkb(column.slice(1, 2)).x.tolist() == [2.0, 3.0]


@pytest.mark.parametrize("length", [1, 5, 9, 20, 60])
def test_torn_wkb_is_refused(length: int) -> None:
    torn = shapely.to_wkb(RING)[:length]
    with pytest.raises(SiteError, match="WKB"):
        read_wkb(pa.array([torn], pa.binary()))


def test_a_count_that_runs_over_the_end_is_refused() -> None:
    wkb = bytearray(shapely.to_wkb(shapely.LineString([(0, 0), (1, 1)])))
    wkb[5:9] = b"\xff\xff\xff\xff"
    with pytest.raises(SiteError, match="WKB"):
        read_wkb(pa.array([bytes(wkb)], pa.binary()))


def test_coordinates_that_are_not_finite_are_refused() -> None:
    column = pa.array([shapely.to_wkb(shapely.Point(np.inf, 30.0))], pa.binary())
    with pytest.raises(SiteError, match="finite"):
        load_plane(column, crs.GEOGRAPHIC, crs.PLANE)


def test_long_edges_are_divided_evenly() -> None:
    shapes = densify(read_geometries(np.array([shapely.LineString([(0, 0), (10, 0), (10, 1)])], object)), 2.5)
    assert shapes.x.tolist() == [0.0, 2.5, 5.0, 7.5, 10.0, 10.0]
    assert shapes.y.tolist() == [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]


def test_edges_are_divided_to_the_last_digit_as_geos_divides_them() -> None:
    drawn = shapely.transform(draw_sites(2, 60), lambda xy: xy * 1e-5 + (116.0, -3.0))
    ours = densify(read_geometries(drawn), crs.MAX_EDGE_DEG)
    theirs = read_geometries(shapely.segmentize(drawn, crs.MAX_EDGE_DEG))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_shells_turn_left_and_holes_right() -> None:
    column = pa.array([shapely.to_wkb(shapely.reverse(shapely.orient_polygons(RING)))], pa.binary())
    shapes = load_plane(column, crs.PLANE, crs.PLANE)
    turned = [
        shapely.LinearRing(np.stack((shapes.x[a:b], shapes.y[a:b]), axis=-1)).is_ccw
        for a, b in zip(shapes.path_start[:-1], shapes.path_start[1:], strict=True)
    ]
    assert turned == [True, False]
