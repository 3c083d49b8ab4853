"""Grids as shapes: contours with holes, cells as areas, paths as lines."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.corridors.contours import draw_cells, draw_contour, draw_path
from gis.corridors.grid import Grid


def grid_of(values: np.ndarray, cell: float = 10.0) -> Grid:
    return Grid(values, 100.0, 200.0, cell, "EPSG:4549")


def test_a_contour_has_the_hole_that_the_values_have() -> None:
    values = np.zeros((9, 9))
    values[1:8, 1:8] = 1.0
    values[4, 4] = 0.0
    shape = draw_contour(grid_of(values), values, 0.5)
    assert shape.is_valid
    assert len(shapely.get_parts(shape)) == 1
    assert len(shapely.get_parts(shape)[0].interiors) == 1
    assert not shapely.contains_xy(shape, 145.0, 245.0)
    assert shapely.contains_xy(shape, 125.0, 245.0)


def test_a_contour_closes_at_the_edge_of_the_grid() -> None:
    values = np.ones((3, 3))
    shape = draw_contour(grid_of(values), values, 0.5)
    assert shape.bounds == pytest.approx((100.0, 200.0, 130.0, 230.0))


def test_nothing_above_the_level_draws_nothing() -> None:
    assert draw_contour(grid_of(np.zeros((3, 3))), np.zeros((3, 3)), 0.5).is_empty


def test_cells_are_drawn_where_they_lie() -> None:
    chosen = np.zeros((3, 3), dtype=bool)
    chosen[0, 0] = True
    area = draw_cells(grid_of(np.zeros((3, 3))), chosen)
    assert area.bounds == pytest.approx((100.0, 220.0, 110.0, 230.0))


def test_a_path_keeps_its_ends_and_stays_within_a_cell_of_its_cells() -> None:
    cells = np.array([[0, 0], [0, 1], [1, 2], [2, 2], [2, 3], [3, 4]])
    grid = grid_of(np.zeros((5, 5)))
    line = draw_path(grid, cells)
    x, y = grid.centres(cells[:, 0], cells[:, 1])
    raw = shapely.LineString(np.column_stack([x, y]))
    assert line.coords[0] == (x[0], y[0])
    assert line.coords[-1] == (x[-1], y[-1])
    assert shapely.hausdorff_distance(line, raw) <= grid.cell
    assert line.length <= raw.length
