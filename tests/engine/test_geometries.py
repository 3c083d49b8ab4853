"""Flat arrays give back the geometries they were read from."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.engine.geometries import make_geometries
from gis.engine.shapes import empty_shapes, take_shapes
from gis.engine.wkb import read_geometries
from tests.engine.polygons import draw_set, draw_sites

HOLES = shapely.union_all([shapely.box(k, 1, k + 1, 2) for k in (1, 4, 7)])
ZONES = [shapely.box(0, 0, 9, 9).difference(HOLES), *(z for z in draw_set(1, 20) if z.geom_type == "Polygon")]
SEVERAL = [
    shapely.MultiPoint([(1, 2), (1, 2), (3, 4)]),
    shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]]),
    *(zone for zone in draw_set(1, 20) if zone.geom_type == "MultiPolygon"),
]
DRAWN = np.array([*draw_sites(3, 30), *ZONES, *SEVERAL], object)


@pytest.mark.parametrize("step", [1, 2, 3, 7])
def test_geometries_come_back_to_the_last_digit(step: int) -> None:
    rows = np.arange(0, len(DRAWN), step)
    made = make_geometries(take_shapes(read_geometries(DRAWN), rows))
    assert [shapely.to_wkb(shape) for shape in made] == [shapely.to_wkb(shape) for shape in DRAWN[rows]]


def test_of_nothing_nothing_is_made() -> None:
    assert len(make_geometries(empty_shapes())) == 0


def test_shapes_are_taken_in_any_order() -> None:
    rows = np.array([5, 0, 5, 30, 31, 2])
    for one, other in zip(
        take_shapes(read_geometries(DRAWN), rows), read_geometries(DRAWN[rows]), strict=True
    ):
        np.testing.assert_array_equal(one, other)
