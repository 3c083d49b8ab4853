"""Place and units: measured against pyproj's own geodesics."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Proj

from gis import crs
from gis.errors import CrsError

lons = st.floats(118.0, 122.6)
lats = st.floats(28.5, 31.5)
sizes = st.floats(0.003, 0.2)


@given(lons, lats, sizes, sizes)
def test_area_agrees_with_the_geodesic_polygon_area_to_one_in_a_million(
    lon: float, lat: float, width: float, height: float
) -> None:
    polygon = crs.densify_lonlat(shapely.Polygon([(lon, lat), (lon + width, lat), (lon, lat + height)]))
    expected = abs(crs.geod().geometry_area_perimeter(polygon)[0])
    assert crs.area_lonlat_m2(polygon) == pytest.approx(expected, rel=1e-6)


@given(lons, lats, sizes)
def test_area_is_the_same_from_the_plane_and_from_degrees(lon: float, lat: float, size: float) -> None:
    polygon = shapely.box(lon, lat, lon + size, lat + size)
    assert crs.area_m2(crs.to_plane(polygon)) == pytest.approx(crs.area_lonlat_m2(polygon), rel=1e-6)


@given(lons, lats)
def test_to_plane_and_back_returns_the_point(lon: float, lat: float) -> None:
    back = crs.to_lonlat(crs.to_plane(shapely.Point(lon, lat)))
    assert (back.x, back.y) == pytest.approx((lon, lat), abs=1e-9)


def test_hangzhou_test_point_lands_where_the_reference_says() -> None:
    point = crs.to_plane(shapely.Point(120.15, 30.28))
    assert (point.x, point.y) == pytest.approx((514432.148, 3351162.269), abs=0.001)


@given(st.floats(118.0, 122.6))
def test_scale_factor_agrees_with_proj_to_two_ppm(lon: float) -> None:
    projection = Proj(crs.PLANE)
    x, _ = projection(lon, 30.0)
    assert crs.scale_factor(x) == pytest.approx(projection.get_factors(lon, 30.0).meridional_scale, abs=2e-6)


@given(lons, lats, sizes)
def test_no_edge_is_longer_than_100_m_after_densifying_wherever_it_lies(
    lon: float, lat: float, size: float
) -> None:
    line = crs.densify_lonlat(shapely.LineString([(lon, lat), (lon + size, lat + size / 3)]))
    xy = shapely.get_coordinates(line)
    _, _, lengths = crs.geod().inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])
    assert max(lengths) <= 100.5


def test_distance_and_bearing_due_east_on_the_ellipsoid() -> None:
    start, end = (crs.to_plane(shapely.Point(lon, 30.0)) for lon in (120.0, 120.01))
    distance, bearing = crs.distance_bearing(start, end)
    assert distance == pytest.approx(964.9, abs=0.1)
    assert bearing == pytest.approx(90.0, abs=0.01)


def test_length_of_a_line_is_geodesic_and_of_a_polygon_is_zero() -> None:
    line = crs.to_plane(shapely.LineString([(121.9, 30.0), (122.0, 30.0)]))
    assert crs.length_m(line) == pytest.approx(crs.geod().line_length([121.9, 122.0], [30, 30]), rel=1e-6)
    assert crs.length_m(shapely.box(0, 0, 1, 1)) == 0.0


def test_an_unknown_system_is_refused_in_both_languages() -> None:
    with pytest.raises(CrsError, match=r"无法识别坐标系.*unknown coordinate system"):
        crs.transformer("EPSG:999999", crs.PLANE)


def test_region_holds_hangzhou_and_not_beijing() -> None:
    assert crs.in_region((120.0, 30.0, 120.1, 30.1))
    assert not crs.in_region((116.0, 39.0, 116.1, 39.1))


def test_many_geometries_are_placed_as_one_by_one_to_the_last_bit() -> None:
    shapes = [shapely.box(119 + k / 1e4, 30, 119.02 + k / 1e4, 30.01) for k in range(crs.MANY + 2)]
    placed = crs.to_planes(np.array([*shapes, None, shapely.Point(120, 30)], dtype=object))
    assert placed[-2] is None
    for number in (0, crs.MANY - 1, crs.MANY, crs.MANY + 1):
        assert placed[number].wkb == crs.to_plane(shapes[number]).wkb
    assert placed[-1].wkb == crs.to_plane(shapely.Point(120, 30)).wkb
