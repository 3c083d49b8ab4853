"""Widths that can be computed by hand: strip, dumbbell, ring, diagonal."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import rotate, translate

from gis.corridors.width import measure_passage

STRIP = shapely.box(0, 0, 1000, 100)
WEST, EAST = shapely.Point(0, 50), shapely.Point(1000, 50)


def test_a_strip_is_as_wide_as_its_short_side() -> None:
    assert measure_passage(STRIP, WEST, EAST).width_m == pytest.approx(100, abs=1)


def test_a_dumbbell_is_as_wide_as_its_bar_and_narrowest_there() -> None:
    bar = shapely.box(-500, -20, 500, 20)
    dumbbell = shapely.union_all([shapely.Point(-500, 0).buffer(200), bar, shapely.Point(500, 0).buffer(200)])
    passage = measure_passage(dumbbell, shapely.Point(-500, 0), shapely.Point(500, 0))
    assert passage.width_m == pytest.approx(40, abs=1)
    assert passage.narrowest_at is not None
    assert abs(passage.narrowest_at.x) < 350
    assert abs(passage.narrowest_at.y) < 21


def test_round_an_island_the_wider_side_counts() -> None:
    ring = shapely.difference(shapely.box(0, 0, 1000, 300), shapely.box(400, 100, 600, 180))
    passage = measure_passage(ring, shapely.Point(0, 150), shapely.Point(1000, 150))
    assert passage.width_m == pytest.approx(120, abs=1)


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 360))
def test_a_strip_keeps_its_width_in_any_direction(angle: float) -> None:
    turned = [rotate(shape, angle, origin=(0, 0)) for shape in (STRIP, WEST, EAST)]
    assert measure_passage(*turned).width_m == pytest.approx(100, abs=1)


def test_a_cut_across_severs() -> None:
    cut = shapely.difference(STRIP, shapely.box(480, -10, 520, 110))
    passage = measure_passage(cut, WEST, EAST)
    assert (passage.joined, passage.width_m, passage.narrowest_at) == (False, 0.0, None)


def test_a_bite_narrows_to_what_it_leaves_and_is_found() -> None:
    bitten = shapely.difference(STRIP, shapely.box(480, 40, 520, 110))
    passage = measure_passage(bitten, WEST, EAST)
    assert passage.width_m == pytest.approx(40, abs=1)
    assert passage.narrowest_at is not None
    assert passage.narrowest_at.x == pytest.approx(500, abs=45)


@settings(max_examples=30, deadline=None)
@given(st.floats(50, 900), st.floats(5, 95), st.floats(-1e5, 1e5))
def test_taking_away_never_widens_and_moving_changes_nothing(x: float, depth: float, shift: float) -> None:
    bitten = shapely.difference(STRIP, shapely.box(x, 100 - depth, x + 30, 110))
    passage = measure_passage(bitten, WEST, EAST)
    assert passage.width_m <= 101
    moved = [translate(shape, round(shift), 0) for shape in (bitten, WEST, EAST)]
    assert measure_passage(*moved).width_m == pytest.approx(passage.width_m, abs=1)
