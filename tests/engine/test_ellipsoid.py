"""Areas and lengths are those of the single-site path, geometry by geometry."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis import crs
from gis.engine.ellipsoid import measure_shapes
from gis.engine.shapes import densify
from gis.engine.wkb import read_geometries
from tests.engine.polygons import draw_set, draw_sites


@pytest.mark.parametrize("east_m", [0.0, 180_000.0, -150_000.0])
def test_sizes_are_those_of_geometries_one_by_one(east_m: float) -> None:
    drawn = np.array([*draw_set(4, 12), *draw_sites(6, 40)], object)
    moved = shapely.transform(drawn, lambda xy: np.add(xy, (90_000 + east_m, 50_000)))
    degrees = [crs.to_lonlat(shape) for shape in moved]
    area, length = measure_shapes(read_geometries(np.array(degrees, object)))
    rings = [shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape for shape in moved]
    np.testing.assert_allclose(area, [crs.area_m2(shape) for shape in moved], rtol=1e-8, atol=1e-6)
    np.testing.assert_allclose(length, [crs.length_m(ring) for ring in rings], rtol=1e-8, atol=1e-8)


def test_the_area_of_a_large_region_is_that_on_the_ellipsoid() -> None:
    region = shapely.box(*crs.REGION)
    dense = densify(read_geometries(np.array([region], object)), crs.MAX_EDGE_DEG)
    expected = crs.geod().geometry_area_perimeter(crs.densify_lonlat(region))
    area, length = measure_shapes(dense)
    assert (area[0], length[0]) == pytest.approx(expected, rel=1e-8)


def test_points_and_nothing_have_no_size() -> None:
    nothing = np.array([shapely.Point(120, 30), None, shapely.MultiPoint([(120, 30), (121, 30)])], object)
    area, length = measure_shapes(read_geometries(nothing))
    assert not area.any()
    assert not length.any()
