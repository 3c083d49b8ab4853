"""Control zones from recipes, on shapes whose areas are known."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis import crs
from gis.errors import GeometryError
from gis.model import Level, Provision, Recipe, Rule, Text
from gis.zones import ZoneFeature, make_part

X0, Y0 = 500_000.0, 3_350_000.0
SQUARE = shapely.box(X0, Y0, X0 + 1000, Y0 + 1000)


def rule(recipe_type: str, **parameters: Any) -> Rule:
    """Return a rule with one recipe."""
    return Rule(
        id="r",
        title=Text("规则", "rule"),
        level=Level.PROHIBITED,
        layer_id="reserves",
        kinds=("reserve",),
        possible_kinds=("unzoned",),
        recipe=Recipe(recipe_type, parameters),
        requirement=Text("要求", "requirement"),
        provisions=(Provision("条例", "第一条", "2020", None, None, "test", verified=True),),
        verified=True,
    )


def feature(geometry: shapely.Geometry, kind: str = "reserve") -> ZoneFeature:
    """Return a feature of 10 m accuracy."""
    return ZoneFeature(feature_id="f", kind=kind, accuracy_m=10.0, geometry=geometry)


def zone(recipe_type: str, geometry: shapely.Geometry, **parameters: Any) -> shapely.Geometry:
    """Return the zone of one feature."""
    part = make_part(rule(recipe_type, **parameters), feature(geometry))
    assert part is not None
    return part.geometry


def test_inside_is_the_feature_itself() -> None:
    assert zone("inside", SQUARE).equals(SQUARE)


def test_a_kind_the_rule_does_not_name_makes_no_zone() -> None:
    assert make_part(rule("inside"), feature(SQUARE, kind="road")) is None


def test_a_possible_kind_is_not_settled() -> None:
    part = make_part(rule("inside"), feature(SQUARE, kind="unzoned"))
    assert part is not None
    assert not part.settled


def test_buffer_of_a_point_has_area_pi_r2() -> None:
    area = zone("buffer", shapely.Point(X0, Y0), distance_m=1000.0).area
    assert area == pytest.approx(math.pi * 1e6, rel=5e-4)


def test_buffer_is_metres_on_the_ground_where_the_plane_is_stretched() -> None:
    centre = crs.to_plane(shapely.Point(122.5, 30.0))
    edge = shapely.Point(zone("buffer", centre, distance_m=1000.0).bounds[2], centre.y)
    distance, _ = crs.distance_bearing(centre, edge)
    assert distance == pytest.approx(1000.0, abs=0.1)


def test_ring_leaves_out_its_inner_buffer() -> None:
    ring = zone("ring", shapely.LineString([(X0, Y0), (X0 + 1000, Y0)]), inner_m=5.0, outer_m=50.0)
    assert not shapely.intersects(ring, shapely.Point(X0 + 500, Y0 + 3))
    assert shapely.covers(ring, shapely.Point(X0 + 500, Y0 + 30))
    assert not shapely.intersects(ring, shapely.Point(X0 + 500, Y0 + 51))


def test_airport_rectangle_reaches_beyond_both_ends_and_to_both_sides() -> None:
    runway = shapely.LineString([(X0, Y0), (X0 + 3000, Y0)])
    rectangle = zone("airport_rectangle", runway, side_m=10_000.0, end_m=20_000.0)
    assert rectangle.bounds == pytest.approx((X0 - 20_000, Y0 - 10_000, X0 + 23_000, Y0 + 10_000), abs=1)


def test_a_runway_that_is_a_polygon_is_refused() -> None:
    with pytest.raises(GeometryError, match="跑道"):
        zone("airport_rectangle", SQUARE, side_m=1.0, end_m=1.0)


def test_a_recipe_nobody_can_apply_is_an_error_not_an_empty_zone() -> None:
    with pytest.raises(GeometryError, match="尚不能"):
        make_part(replace(rule("inside"), recipe=Recipe("along_moon")), feature(SQUARE))


@given(st.floats(0.0, 5000.0), st.floats(0.0, 5000.0))
def test_a_larger_distance_contains_a_smaller_and_both_contain_the_feature(a: float, b: float) -> None:
    small, large = sorted((a, b))
    line = shapely.LineString([(X0, Y0), (X0 + 700, Y0 + 300)])
    inner, outer = zone("buffer", line, distance_m=small), zone("buffer", line, distance_m=large)
    assert shapely.covers(outer.buffer(0.001), inner)
    assert shapely.covers(outer.buffer(1e-6), line)
