"""Sources on the cells of a grid: whole cells, nothing lost, refusals by name."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.corridors.grid import Grid
from gis.corridors.placing import place_sources
from gis.crs import PLANE, transform
from gis.errors import CorridorError

GRID = Grid(np.ones((4, 5)), 500_000.0, 3_350_000.0, 10.0)


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(500_000 + west, 3_350_000 + south, 500_000 + east, 3_350_000 + north)


def test_a_polygon_takes_the_cells_whose_centres_it_covers() -> None:
    points = place_sources([box(0, 0, 24, 16), box(30, 30, 50, 40)], ["a", "b"], GRID)
    assert np.nan_to_num(points.values).tolist() == [
        [0, 0, 0, 2, 2],
        [0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 0, 0, 0],
    ]


def test_what_covers_no_centre_takes_the_cells_it_touches() -> None:
    points = place_sources([box(1, 1, 3, 3), shapely.Point(500_035, 3_350_035)], ["a", "b"], GRID)
    assert (points.values[3, 0], points.values[0, 3]) == (1, 2)
    assert np.isnan(points.values).sum() == 18


def test_a_line_takes_every_cell_it_touches() -> None:
    line = shapely.LineString([(500_005, 3_350_005), (500_045, 3_350_005)])
    assert place_sources([line], ["a"], GRID).values[3].tolist() == [1.0] * 5


def test_sources_are_moved_into_the_system_of_the_grid() -> None:
    shape = box(0, 0, 20, 20)
    utm = transform(shape, PLANE, "EPSG:32651")
    west, south, _, _ = utm.bounds
    grid = Grid(np.ones((8, 8)), west - 30, south - 30, 10.0, "EPSG:32651")
    points = place_sources([shape], ["a"], grid)
    rows, columns = np.nonzero(~np.isnan(points.values))
    x, y = grid.centres(rows, columns)
    assert 3 <= len(x) <= 5
    assert (np.hypot(x - utm.centroid.x, y - utm.centroid.y) < 20).all()


@pytest.mark.parametrize(
    ("shapes", "grid", "says"),
    [
        ([box(0, 0, 20, 20), box(900, 0, 920, 20)], GRID, "源 b 在栅格范围之外"),
        ([box(0, 0, 20, 20), box(5, 5, 6, 6), box(0, 0, 20, 20)], GRID, "源 a 全部被后面的源盖住"),
        (
            [box(0, 0, 20, 20)],
            GRID.with_values(np.where(np.arange(5) < 2, np.nan, 1.0) * np.ones((4, 1))),
            "源 a 全部落在没有阻力值的像元上",
        ),
    ],
)
def test_a_source_that_cannot_be_placed_is_refused_by_name(
    shapes: list[shapely.Polygon], grid: Grid, says: str
) -> None:
    with pytest.raises(CorridorError, match=says) as caught:
        place_sources(shapes, ["a", "b", "c"][: len(shapes)], grid)
    assert caught.value.code == "corridors.outside"


def test_cells_where_nothing_passes_belong_to_no_source() -> None:
    grid = GRID.with_values(np.where(np.arange(5) == 1, np.nan, 1.0) * np.ones((4, 1)))
    points = place_sources([box(0, 0, 50, 10)], ["a"], grid)
    assert np.isnan(points.values[3, 1])
    assert np.nansum(points.values) == 4
