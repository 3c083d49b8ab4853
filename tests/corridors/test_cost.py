"""Accumulated cost is the mean of two cells times the length of the step."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gis.corridors.cost import accumulate_cost
from gis.errors import CorridorError

N = np.nan


def first_cell(shape: tuple[int, int]) -> np.ndarray:
    source = np.zeros(shape, dtype=bool)
    source[0, 0] = True
    return source


def test_steps_in_a_row_cost_the_mean_of_two_cells() -> None:
    cost = accumulate_cost(np.array([[1.0, 2.0, 3.0, 4.0]]), first_cell((1, 4))).cost

    np.testing.assert_allclose(cost, [[0.0, 1.5, 4.0, 7.5]])


def test_a_corner_is_a_step_of_root_two_and_with_four_neighbours_two_steps() -> None:
    ones = np.ones((2, 2))

    assert accumulate_cost(ones, first_cell((2, 2))).cost[1, 1] == pytest.approx(np.sqrt(2))
    assert accumulate_cost(ones, first_cell((2, 2)), neighbours=4).cost[1, 1] == pytest.approx(2)


def test_no_data_is_no_way() -> None:
    surface = accumulate_cost(np.array([[1.0, N, 1.0]]), first_cell((1, 3)))

    assert surface.cost.tolist() == [[0.0, np.inf, np.inf]]
    with pytest.raises(CorridorError, match="no way"):
        surface.trace(0, 2)


def test_a_source_without_data_reaches_nothing() -> None:
    assert np.isinf(accumulate_cost(np.array([[N, 1.0]]), first_cell((1, 2))).cost).all()


def test_the_way_back_avoids_the_dear_cell() -> None:
    ring = np.array([[1.0, 1.0, 1.0], [9.0, 9.0, 1.0], [9.0, 9.0, 1.0]])

    way = accumulate_cost(ring, first_cell((3, 3)), neighbours=4).trace(2, 2)

    assert way.tolist() == [[0, 0], [0, 1], [0, 2], [1, 2], [2, 2]]


@settings(max_examples=40, deadline=None)
@given(
    surface=arrays.arrays(
        np.float64, st.tuples(st.integers(2, 7), st.integers(2, 7)), elements=st.floats(0.1, 50)
    ),
    factor=st.floats(0.01, 100),
)
def test_cost_scales_with_the_surface_and_is_the_same_both_ways(surface: np.ndarray, factor: float) -> None:
    last = np.zeros(surface.shape, dtype=bool)
    last[-1, -1] = True
    there = accumulate_cost(surface, first_cell(surface.shape)).cost
    back = accumulate_cost(surface, last).cost

    assert there[-1, -1] == pytest.approx(back[0, 0])
    np.testing.assert_allclose(
        accumulate_cost(surface * factor, first_cell(surface.shape)).cost, there * factor, rtol=1e-9
    )
