"""Round windows hold the cells whose centres are near enough."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.corridors.windows import cover_disc, find_minima, list_rows, sum_windows


def test_a_disc_of_radius_one_is_a_cross_and_of_root_two_a_square() -> None:
    assert list_rows(1.0) == [(-1, 0), (0, 1), (1, 0)]
    assert list_rows(np.sqrt(2)) == [(-1, 1), (0, 1), (1, 1)]
    assert list_rows(0.4) == [(0, 0)]
    assert cover_disc((3, 3), 1, 1, 1.0).astype(int).tolist() == [[0, 1, 0], [1, 1, 1], [0, 1, 0]]


@settings(max_examples=40, deadline=None)
@given(
    radius=st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.2]),
    shape=st.tuples(st.integers(1, 8), st.integers(1, 8)),
    seed=st.integers(0, 99),
)
def test_windows_are_what_the_disc_covers(radius: float, shape: tuple[int, int], seed: int) -> None:
    values = np.random.default_rng(seed).uniform(0, 9, shape)
    least, total = find_minima(values, radius), sum_windows(values, radius)

    for row, column in np.ndindex(*shape):
        inside = values[cover_disc(shape, row, column, radius)]
        assert least[row, column] == inside.min()
        assert total[row, column] == pytest.approx(inside.sum())
