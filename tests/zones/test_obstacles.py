"""Allowed heights about a runway of 3 000 m along the x axis, computed by hand."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import GeometryError
from gis.model import Recipe
from gis.surfaces import place_runway
from gis.zones.obstacles import allowed_height_m, make_obstacle_surface

X0, Y0 = 500_000.0, 3_350_000.0
RUNWAY = shapely.LineString([(X0 - 1500, Y0), (X0 + 1500, Y0)])
BARE = Recipe("obstacle_surface", {"radius_m": 4000.0, "height_m": 45.0, "slope": 0.05, "outer_m": 6000.0})
FULL = Recipe(
    "obstacle_surface",
    {
        **BARE.parameters,
        "approach": {
            "inner_edge_m": 280.0,
            "from_threshold_m": 60.0,
            "divergence": 0.15,
            "first_length_m": 3000.0,
            "first_slope": 0.02,
            "second_length_m": 3600.0,
            "second_slope": 0.025,
            "horizontal_length_m": 8400.0,
        },
        "take_off_climb": {
            "inner_edge_m": 180.0,
            "from_end_m": 60.0,
            "divergence": 0.125,
            "final_width_m": 1800.0,
            "length_m": 15000.0,
            "slope": 0.02,
        },
        "transitional": {"slope": 1 / 7},
    },
)


def height(u: float, v: float, recipe: Recipe = FULL) -> float | None:
    """Return the allowed height at a point given along and across the runway."""
    return allowed_height_m(RUNWAY, shapely.Point(X0 + u, Y0 + v), recipe)


@pytest.mark.parametrize(
    ("u", "v", "metres"),
    [
        (0, 0, 0.0),  # on the strip nothing may stand
        (0, 140 + 70, 10.0),  # 70 m beside the strip, rising 1 in 7
        (0, 1000, 45.0),  # inner horizontal
        (0, 5000, 95.0),  # conical: 45 + 5 % of 1 000
        (1500 + 60 + 1000, 0, 20.0),  # approach: 2 % of 1 000
        (-1500 - 60 - 1000, 0, 20.0),  # the same at the other end
        (1500 + 60 + 8000, 0, 150.0),  # horizontal section: 60 + 90, below the climb's 160
        (1500 + 60 + 14000, 1500, 150.0),  # beyond the climb's 900 m half width
    ],
)
def test_allowed_height_at_a_point(u: float, v: float, metres: float) -> None:
    assert height(u, v) == pytest.approx(metres, abs=0.05)


def test_far_beside_there_is_no_limit() -> None:
    assert height(0, 6500) is None


def test_the_lowest_point_of_a_site_decides() -> None:
    site = shapely.box(X0 + 2000, Y0 - 50, X0 + 4000, Y0 + 50)
    assert allowed_height_m(RUNWAY, site, FULL) == pytest.approx((2000 - 1560) * 0.02, abs=0.05)


def test_the_footprint_holds_the_disc_and_the_approaches() -> None:
    footprint = make_obstacle_surface(RUNWAY, FULL)
    for u, v in ((0, 5990), (1560 + 14990, 0), (-1560 - 14990, 2000)):
        assert shapely.covers(footprint, shapely.Point(X0 + u, Y0 + v))
    assert not shapely.intersects(footprint, shapely.Point(X0 + 17000, Y0))


def test_a_polygon_is_no_runway() -> None:
    with pytest.raises(GeometryError, match="跑道"):
        place_runway(shapely.box(0, 0, 1, 1))


@given(st.floats(-17_000, 17_000), st.floats(-7000, 7000))
def test_heights_are_the_same_on_both_sides_and_both_ends(u: float, v: float) -> None:
    expected = height(u, v)
    for mirrored in (height(-u, v), height(u, -v)):
        if expected is None or mirrored is None:
            assert expected is None
            assert mirrored is None
        else:
            assert mirrored == pytest.approx(expected, abs=1e-6)


@given(st.floats(-17_000, 17_000), st.floats(-7000, 7000))
def test_more_surfaces_never_allow_more(u: float, v: float) -> None:
    bare, full = height(u, v, BARE), height(u, v)
    assert bare is None or (full is not None and full <= bare + 1e-9)
