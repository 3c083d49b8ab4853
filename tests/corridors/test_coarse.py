"""Larger cells hold the mean of what is known and the one source that lies in them."""

import numpy as np
import pytest

from gis.corridors.coarse import choose_factor, coarsen_numbers, coarsen_resistance
from gis.corridors.grid import Grid
from gis.errors import CorridorError

N = np.nan


def test_blocks_begin_in_the_north_west_and_keep_the_corner() -> None:
    grid = Grid(np.array([[1.0, 3, 5], [N, N, 7], [2, 2, 9]]), 100.0, 200.0, 10.0, "EPSG:4549")

    coarse = coarsen_resistance(grid, 2)

    np.testing.assert_array_equal(coarse.values, [[2, 6], [2, 9]])
    assert (coarse.west, coarse.north, coarse.cell, coarse.crs) == (100.0, grid.north, 20.0, "EPSG:4549")


def test_a_block_mostly_without_data_has_none() -> None:
    coarse = coarsen_resistance(Grid(np.array([[1.0, N], [N, N]]), 0, 0, 1), 2)

    assert np.isnan(coarse.values).all()


def test_numbers_are_kept_and_never_mixed() -> None:
    grid = Grid(np.array([[0.0, 3, N, N], [3, 0, N, 4]]), 0, 0, 1)

    np.testing.assert_array_equal(coarsen_numbers(grid, 2, name="P").values, [[3, 4]])
    with pytest.raises(CorridorError, match="3 and 4"):
        coarsen_numbers(grid, 4, name="P")


def test_the_cell_is_a_whole_multiple() -> None:
    grid = Grid(np.ones((2, 2)), 0, 0, 30.0)

    assert choose_factor(grid, 90.0) == 3
    for cell in (10.0, 45.0, 0.0, N):
        with pytest.raises(CorridorError, match="whole multiple"):
            choose_factor(grid, cell)
