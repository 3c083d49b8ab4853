"""Cells and coordinates agree, and what does not fit is refused with what to do."""

import numpy as np
import pytest

from gis.corridors.grid import Grid, cover_bounds, require_inside, require_resistance, require_same_cells
from gis.errors import CorridorError

N = np.nan


@pytest.mark.parametrize(
    "other",
    [
        Grid(np.ones((2, 4)), 0, 0, 1),
        Grid(np.ones((2, 3)), 1, 0, 1),
        Grid(np.ones((2, 3)), 0, 0, 2),
        Grid(np.ones((2, 3)), 0, 0, 1, "EPSG:4326"),
    ],
)
def test_grids_on_other_cells_are_refused(other: Grid) -> None:
    with pytest.raises(CorridorError, match="same cells"):
        require_same_cells(
            Grid(np.ones((2, 3)), 0, 0, 1, "EPSG:4549"), other, name="resistance", other_name="points"
        )


@pytest.mark.parametrize("value", [0.0, -1.0, np.inf])
def test_a_resistance_that_is_not_positive_is_refused_with_its_cell(value: float) -> None:
    with pytest.raises(CorridorError, match="row 2, column 3") as caught:
        require_resistance(Grid(np.array([[1, 1, 1], [1, 1, value]]), 0, 0, 1), name="R.asc")

    assert caught.value.where == "R.asc:2:3"


def test_a_grid_without_any_data_is_refused() -> None:
    with pytest.raises(CorridorError, match="no cell with data"):
        require_resistance(Grid(np.full((2, 2), np.nan), 0, 0, 1), name="R.asc")


def test_a_place_lies_in_the_cell_whose_centre_is_nearest() -> None:
    grid = Grid(np.ones((3, 4)), 100.0, 200.0, 10.0)
    rows, columns = np.indices((3, 4)).reshape(2, -1)

    again = grid.locate(*grid.centres(rows, columns))

    np.testing.assert_array_equal(again[0], rows)
    np.testing.assert_array_equal(again[1], columns)
    assert again[2].all()
    assert grid.bounds == (100.0, 200.0, 140.0, 230.0)
    assert tuple(grid.transform)[:6] == (10.0, 0.0, 100.0, 0.0, -10.0, 230.0)


@pytest.mark.parametrize(("x", "y"), [(99.9, 205.0), (140.1, 205.0), (105.0, 199.9), (105.0, 230.1)])
def test_a_place_outside_is_refused_by_name(x: float, y: float) -> None:
    grid = Grid(np.ones((3, 4)), 100.0, 200.0, 10.0)

    with pytest.raises(CorridorError, match="source 7") as caught:
        require_inside(grid, np.array([105.0, x]), np.array([205.0, y]), labels=["a", "source 7"], name="P")

    assert "coordinate system" in caught.value.hint_en


def test_a_place_without_data_is_refused() -> None:
    with pytest.raises(CorridorError, match="no data"):
        require_inside(
            Grid(np.array([[1, N]]), 0, 0, 1), np.array([1.5]), np.array([0.5]), labels=["1"], name="P"
        )


def test_a_box_is_covered_by_whole_cells_on_multiples_of_the_cell() -> None:
    grid = cover_bounds((101.0, 199.0, 139.0, 230.0), cell=10.0, crs="EPSG:4549")

    assert grid.bounds == (100.0, 190.0, 140.0, 230.0)
    assert grid.shape == (4, 4)
    assert np.isnan(grid.values).all()


def test_the_cell_in_metres_is_refused_where_the_system_is_in_degrees() -> None:
    assert Grid(np.ones((1, 1)), 0, 0, 30.0, "EPSG:4549").cell_m == 30.0
    assert Grid(np.ones((1, 1)), 0, 0, 30.0).cell_m == 30.0
    with pytest.raises(CorridorError, match="not in metres"):
        _ = Grid(np.ones((1, 1)), 0, 0, 0.1, "EPSG:4490").cell_m
