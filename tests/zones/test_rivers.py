"""Zones along a straight river of two reaches, with a tributary."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import GeometryError
from gis.model import Recipe
from gis.zones.rivers import RiverNetwork, link_rivers, make_along_river

X0, Y0 = 500_000.0, 3_350_000.0


def line(*points: tuple[float, float]) -> shapely.Geometry:
    """Return a line in metres about the place of the tests."""
    return shapely.LineString([(X0 + x, Y0 + y) for x, y in points])


UPPER = line((0, 0), (5000, 0))
LOWER = line((5000, 0), (10_000, 0))
TRIBUTARY = line((5000, 4000), (5000, 0))
WATER = shapely.box(X0, Y0 - 100, X0 + 10_000, Y0 + 100)


@pytest.fixture
def rivers() -> RiverNetwork:
    """Return the network with its water."""
    return link_rivers([UPPER, LOWER, TRIBUTARY], [WATER])


def intake(x: float) -> shapely.Geometry:
    """Return an intake on the north bank."""
    return shapely.Point(X0 + x, Y0 + 90)


def test_a_stretch_runs_up_and_down_within_a_reach(rivers: RiverNetwork) -> None:
    stretch = rivers.trace(intake(3000), up_m=1000, down_m=100)
    assert stretch.bounds == pytest.approx((X0 + 2000, Y0, X0 + 3100, Y0))


def test_downstream_goes_on_into_the_next_reach(rivers: RiverNetwork) -> None:
    stretch = rivers.trace(intake(4900), up_m=0, down_m=1100)
    assert stretch.bounds[2] == pytest.approx(X0 + 6000)
    assert shapely.length(stretch) == pytest.approx(1100)


def test_upstream_goes_into_every_reach_that_joins(rivers: RiverNetwork) -> None:
    stretch = rivers.trace(intake(5500), up_m=1500, down_m=0)
    assert shapely.length(stretch) == pytest.approx(500 + 1000 + 1000)


def test_the_zone_is_the_water_and_the_land_beside_it(rivers: RiverNetwork) -> None:
    recipe = Recipe("along_river", {"up_m": 1000.0, "down_m": 100.0, "lateral_m": 50.0})
    zone = make_along_river(intake(3000), recipe, rivers)
    assert shapely.covers(zone, shapely.Point(X0 + 2500, Y0 + 149))
    assert not shapely.intersects(zone, shapely.Point(X0 + 2500, Y0 + 151))
    assert not shapely.intersects(zone, shapely.Point(X0 + 3300, Y0))


def test_without_land_it_is_the_water_alone(rivers: RiverNetwork) -> None:
    recipe = Recipe("along_river", {"up_m": 1000.0, "down_m": 0.0, "lateral_m": 0.0})
    assert make_along_river(intake(3000), recipe, rivers).area == pytest.approx(1000 * 200, rel=1e-3)


def test_far_from_every_river_it_is_an_error_not_an_empty_zone(rivers: RiverNetwork) -> None:
    with pytest.raises(GeometryError, match="没有河流中心线"):
        rivers.trace(shapely.Point(X0, Y0 + 20_000), up_m=1, down_m=1)


@given(st.floats(0, 3000), st.floats(0, 3000))
def test_a_longer_reach_contains_a_shorter(first: float, second: float) -> None:
    rivers = link_rivers([UPPER, LOWER, TRIBUTARY], [WATER])
    short, long = sorted((first, second))
    inner, outer = (rivers.trace(intake(5200), up_m=up, down_m=up) for up in (short, long))
    assert shapely.covers(outer.buffer(0.01), inner)
