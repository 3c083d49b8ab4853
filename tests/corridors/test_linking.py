"""Links between sources, by hand on small grids; and that a bounded search finds what a full one does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gis.corridors.linking import cost_along, link_sources, widen_routes

ROOT2 = float(np.sqrt(2.0))


def spots(shape: tuple[int, int], *places: tuple[int, int]) -> list[np.ndarray]:
    masks = []
    for place in places:
        mask = np.zeros(shape, dtype=bool)
        mask[place] = True
        masks.append(mask)
    return masks


def test_cost_of_a_straight_path_is_resistance_times_cells() -> None:
    linking = link_sources(np.full((1, 6), 3.0), spots((1, 6), (0, 0), (0, 5)))
    assert linking.costs[0, 1] == pytest.approx(15.0)
    assert linking.routes[0].cells[:, 1].tolist() == [0, 1, 2, 3, 4, 5]


def test_a_diagonal_step_is_longer_by_root_two() -> None:
    linking = link_sources(np.ones((4, 4)), spots((4, 4), (0, 0), (3, 3)))
    assert linking.costs[0, 1] == pytest.approx(3 * ROOT2)
    four = link_sources(np.ones((4, 4)), spots((4, 4), (0, 0), (3, 3)), neighbours=4)
    assert four.costs[0, 1] == pytest.approx(6.0)


def test_a_path_through_a_third_source_is_no_link() -> None:
    linking = link_sources(np.ones((1, 5)), spots((1, 5), (0, 0), (0, 2), (0, 4)))
    assert {(route.first, route.second) for route in linking.routes} == {(0, 1), (1, 2)}
    assert linking.costs[0, 2] == pytest.approx(4.0)


def test_a_path_dearer_than_the_limit_is_no_link_but_its_cost_is_known() -> None:
    linking = link_sources(np.ones((1, 5)), spots((1, 5), (0, 0), (0, 4)), dearest=3.9)
    assert linking.routes == ()
    assert linking.costs[0, 1] == pytest.approx(4.0)


def test_sources_with_no_data_between_them_are_not_linked() -> None:
    surface = np.ones((3, 3))
    surface[:, 1] = np.nan
    linking = link_sources(surface, spots((3, 3), (1, 0), (1, 2)))
    assert np.isinf(linking.costs[0, 1])
    assert linking.routes == ()


def test_excess_is_nothing_on_the_path_and_what_a_detour_adds_elsewhere() -> None:
    linking = link_sources(np.ones((3, 5)), spots((3, 5), (1, 0), (1, 4)), neighbours=4)
    excess = linking.least_excess()
    assert excess[1].tolist() == [0.0] * 5
    assert excess[0].tolist() == pytest.approx([0.5] * 5)  # 6 cells instead of 4


def test_a_path_goes_round_what_is_hard_to_cross() -> None:
    surface = np.ones((5, 5))
    surface[1:4, 2] = 100.0
    route = link_sources(surface, spots((5, 5), (2, 0), (2, 4))).routes[0]
    assert not (surface[route.cells[:, 0], route.cells[:, 1]] > 1).any()


@settings(max_examples=30, deadline=None)
@given(arrays(np.float64, (7, 9), elements=st.floats(1.0, 20.0)), st.floats(0.01, 0.5))
def test_a_bounded_search_finds_the_same_corridor_as_a_full_one(surface: np.ndarray, share: float) -> None:
    sources = spots((7, 9), (1, 1), (5, 7), (0, 8))
    known = link_sources(np.ones((7, 9)), sources).routes  # routes of another surface
    full = link_sources(surface, sources)
    least = np.full(surface.shape, np.inf)
    for route in known:
        np.minimum(least, full.excess(route.first, route.second), out=least)
    found = widen_routes(surface, sources, known, share=share)
    inside = np.isfinite(found)
    assert np.allclose(found[inside], least[inside], atol=1e-9)
    assert not ((least < share - 1e-9) & ~inside).any()


@settings(max_examples=20, deadline=None)
@given(arrays(np.float64, (6, 6), elements=st.floats(1.0, 20.0)), st.floats(0.1, 10.0))
def test_scaling_every_resistance_scales_costs_and_leaves_corridors(
    surface: np.ndarray, factor: float
) -> None:
    sources = spots((6, 6), (0, 0), (5, 5))
    one, other = link_sources(surface, sources), link_sources(surface * factor, sources)
    assert other.costs[0, 1] == pytest.approx(one.costs[0, 1] * factor)
    assert np.allclose(one.least_excess(), other.least_excess(), atol=1e-9)
    assert cost_along(surface, one.routes[0].cells) == pytest.approx(one.costs[0, 1])
