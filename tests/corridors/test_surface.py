"""Classes painted on a grid: what covers a cell, what touches it, what slope and own surfaces make of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from gis.corridors.grid import Grid
from gis.corridors.resistance import ResistanceClass, ResistanceTable, SlopeClass, StudyParameters
from gis.corridors.surface import (
    PaintedClass,
    Surface,
    cover_cells,
    grade_slope,
    group_own,
    lay_cells,
    paint_classes,
)
from gis.errors import CorridorError
from gis.model import Text

NAME = Text("名", "name")
CELLS = Grid(np.full((4, 4), np.nan), 0.0, 0.0, 10.0, "EPSG:4549")


def make_class(name: str, value: float) -> ResistanceClass:
    return ResistanceClass(name, NAME, None, value, value / 2, value * 2, "guess", "made for a test")


TABLE = ResistanceTable(
    study=StudyParameters(
        NAME, (119.9, 30.2, 120.1, 30.4), 100.0, 50.0, 10.0, 0.5, 0.01, 0.05, 100.0, 0.0, 0.0, 4, 1
    ),
    sources=(),
    classes=(make_class("land", 5.0), make_class("town", 100.0)),
    slopes=(SlopeClass(15.0, 1.0, 1.0, 1.0), SlopeClass(90.0, 2.0, 1.0, 4.0)),
    references=(),
    sha256="0" * 64,
)


def test_an_area_takes_the_cells_whose_centre_it_covers() -> None:
    covered = cover_cells(CELLS, [shapely.box(0, 0, 16, 10)], touched=False)
    assert np.argwhere(covered).tolist() == [[3, 0], [3, 1]]


def test_a_line_takes_every_cell_it_touches_so_that_none_slips_through_diagonally() -> None:
    line = shapely.LineString([(1, 39), (39, 1)])
    covered = cover_cells(CELLS, [line], touched=True)
    assert covered.diagonal().all()


def test_a_thing_smaller_than_a_cell_does_not_vanish() -> None:
    assert cover_cells(CELLS, [shapely.box(1, 1, 2, 2)], touched=False).sum() == 1


def test_what_lies_outside_the_grid_paints_nothing() -> None:
    assert not cover_cells(CELLS, [shapely.box(100, 100, 200, 200)], touched=True).any()


def test_a_later_class_is_painted_over_an_earlier_one() -> None:
    everywhere, corner = shapely.box(0, 0, 40, 40), shapely.box(0, 0, 10, 10)
    classes = paint_classes(
        CELLS, [PaintedClass(1, [everywhere], linear=False), PaintedClass(2, [corner], linear=False)]
    )
    assert classes[3, 0] == 2
    assert (classes == 1).sum() == 15


def test_a_surface_has_the_resistances_of_its_classes_and_tells_their_shares() -> None:
    classes = np.zeros((4, 4), dtype=np.int16)
    classes[0] = 1
    surface = Surface(CELLS, TABLE, classes)
    assert surface.resistance().values[0, 0] == 100.0
    assert surface.resistance().values[1, 0] == 5.0
    assert surface.shares().tolist() == [0.75, 0.25]


def test_slope_multiplies_and_a_cell_without_elevation_keeps_its_resistance() -> None:
    slopes = np.array([[0, 1, -1, 0]] * 4, dtype=np.int16)
    surface = Surface(CELLS, TABLE, np.zeros((4, 4), dtype=np.int16), slope_of=slopes)
    assert surface.resistance().values[0].tolist() == [5.0, 10.0, 5.0, 5.0]


def test_slope_of_a_plane_is_that_of_the_plane() -> None:
    cells = Grid(np.full((3, 3), np.nan), 500_000.0, 3_350_000.0, 400.0, "EPSG:4549")
    rise = np.tan(np.radians(30.0))  # a ramp of 30 degrees to the east
    x = 499_000.0 + (np.arange(60) + 0.5) * 100.0
    ramp = Grid(np.tile((x - x[0]) * rise, (60, 1)), 499_000.0, 3_349_000.0, 100.0, "EPSG:4549")
    assert (grade_slope(ramp, cells, TABLE) == 1).all()
    flat = ramp.with_values(np.zeros(ramp.shape))
    assert (grade_slope(flat, cells, TABLE) == 0).all()


def test_an_elevation_model_without_system_or_elsewhere_is_refused() -> None:
    cells = Grid(np.full((3, 3), np.nan), 500_000.0, 3_350_000.0, 400.0, "EPSG:4549")
    bare = Grid(np.zeros((5, 5)), 500_000.0, 3_350_000.0, 400.0, None)
    far = Grid(np.zeros((5, 5)), 900_000.0, 2_350_000.0, 400.0, "EPSG:4549")
    for model in (bare, far):
        with pytest.raises(CorridorError) as caught:
            grade_slope(model, cells, TABLE)
        assert caught.value.code == "corridors.dem"


def test_cells_cover_the_box_and_lie_on_whole_multiples() -> None:
    cells = lay_cells((119.99, 30.29, 120.01, 30.31), 250.0)
    assert cells.west % 250.0 == 0
    assert cells.south % 250.0 == 0
    assert cells.crs == "EPSG:4549"


def test_a_surface_handed_in_keeps_its_values_and_no_data_and_is_drawn_in_groups() -> None:
    values = np.array([[1.0, 1.0, 50.0], [1.0, np.nan, 50.0], [1.0, 1.0, 1.0]])
    grid = Grid(values, 0.0, 0.0, 10.0, None)
    surface = group_own(grid, TABLE, spread=2.0)
    assert np.array_equal(surface.resistance().values, values, equal_nan=True)
    doubled = surface.draw(np.full(len(surface.table.classes), 2.0), np.empty(0)).values
    assert np.array_equal(doubled, 2 * values, equal_nan=True)
    assert surface.class_of[0, 0] != surface.class_of[0, 2]
    same = group_own(replace(grid, values=np.full((3, 3), 7.0)), TABLE, spread=2.0)
    assert (same.resistance().values == 7.0).all()
