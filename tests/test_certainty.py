"""Shrinking and growing by the accuracies: squares whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis import crs
from gis.certainty import combine_accuracy, grow, judge, shrink
from gis.model import Certainty

SQUARE = shapely.box(0, 0, 1000, 1000)


def test_accuracies_combine_as_a_root_of_squares() -> None:
    assert combine_accuracy(3.0, 4.0) == 5.0


def test_a_square_shrunk_by_100_is_800_wide() -> None:
    assert shrink([SQUARE], [100.0]).equals(shapely.box(100, 100, 900, 900))


def test_a_border_between_two_parts_takes_nothing_away() -> None:
    left, right = shapely.box(0, 0, 500, 1000), shapely.box(500, 0, 1000, 1000)
    assert shrink([left, right], [100.0, 100.0]).equals(shapely.box(100, 100, 900, 900))


def test_parts_of_different_accuracy_each_lose_their_own_width() -> None:
    left, right = shapely.box(0, 0, 500, 1000), shapely.box(500, 0, 1000, 1000)
    shrunk = shrink([left, right], [100.0, 200.0])
    assert shrunk.bounds == pytest.approx((100, 100, 800, 900), abs=0.5)
    assert shapely.covers(shrunk, shapely.box(490, 250, 510, 750))


def test_a_rough_part_beside_a_good_one_does_not_make_it_less_certain() -> None:
    rough = shapely.box(5000, 0, 9000, 30)
    assert shrink([SQUARE, rough], [100.0, 30_000.0]).equals(shapely.box(100, 100, 900, 900))


@pytest.mark.parametrize("gap", [1e-9, 1e-4, 0.05, 0.15])
def test_a_hairline_gap_on_a_shared_border_takes_nothing_away(gap: float) -> None:
    left, right = shapely.box(0, 0, 500, 1000), shapely.box(500 + gap, 0, 1000, 1000)
    assert shapely.covers(shrink([left, right], [100.0, 100.0]), shapely.box(110, 110, 890, 890))


def test_a_real_gap_between_neighbours_keeps_its_distance() -> None:
    left, right = shapely.box(0, 0, 500, 1000), shapely.box(505, 0, 1000, 1000)
    assert not shapely.intersects(shrink([left, right], [100.0, 100.0]), shapely.box(401, 0, 604, 1000))


def test_neighbours_that_draw_one_border_with_different_corners_are_certain_on_it() -> None:
    shares = (0.137, 0.311, 0.613)
    border = [(120.1, 30.0), *((120.1 + 0.003 * t, 30.0 + 0.02 * t) for t in shares), (120.103, 30.02)]
    rounded = [(round(lon, 6), round(lat, 6)) for lon, lat in border]
    left = shapely.Polygon([border[0], border[-1], (120.08, 30.02), (120.08, 30.0)])
    right = shapely.Polygon([*rounded, (120.12, 30.02), (120.12, 30.0)])
    shrunk = shrink([crs.to_plane(left), crs.to_plane(right)], [100.0, 100.0])
    assert shapely.covers(shrunk, crs.to_plane(shapely.Point(120.1015, 30.01)).buffer(5))


def test_a_line_has_no_inside() -> None:
    assert shrink([shapely.LineString([(0, 0), (100, 0)])], [10.0]).is_empty


def test_a_line_whose_accuracy_is_wider_than_its_buffer_is_never_certain() -> None:
    belt = shapely.LineString([(0, 0), (1000, 0)]).buffer(15)
    shrunk, grown = shrink([belt], [2000.0]), grow([belt], [2000.0])
    assert judge(shapely.Point(500, 0), shrunk=shrunk, grown=grown) is Certainty.POSSIBLE


def test_outside_the_grown_zone_nothing_is_met() -> None:
    grown = grow([SQUARE], [100.0])
    assert judge(shapely.Point(1200, 500), shrunk=SQUARE, grown=grown) is Certainty.NONE


@given(st.floats(0.0, 400.0), st.floats(0.0, 400.0))
def test_shrunk_lies_in_the_zone_and_the_zone_in_the_grown(epsilon: float, other: float) -> None:
    parts = [SQUARE, shapely.box(1000, 0, 1500, 1000)]
    united = shapely.union_all(parts)
    shrunk, grown = shrink(parts, [epsilon, other]), grow(parts, [epsilon, other])
    assert shapely.area(shapely.difference(shrunk, united)) < 1e-6
    assert shapely.area(shapely.difference(united, grown)) < 1e-6


@given(st.floats(0.0, 300.0), st.floats(0.0, 300.0))
def test_less_accuracy_never_makes_more_certain(first: float, second: float) -> None:
    small, large = sorted((first, second))
    assert shapely.area(shapely.difference(shrink([SQUARE], [large]), shrink([SQUARE], [small]))) < 1e-6


def test_ground_is_grown_and_shrunk_alike_whichever_way_its_ring_runs() -> None:
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    reach = 40 + np.random.default_rng(14).normal(0, 8, 120)
    zone = shapely.Polygon(np.column_stack((reach * np.cos(angle), reach * np.sin(angle))))
    first, second = (
        (shrink([way], [5.0]).area, grow([way], [5.0]).area) for way in (zone, shapely.reverse(zone))
    )
    assert np.allclose(first, second, rtol=0, atol=1e-9)
