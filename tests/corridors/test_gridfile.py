"""Grids are read as they are written, and files that are none are refused with what to do."""

import gzip
from collections.abc import Callable

import numpy as np
import pytest

from gis.corridors.grid import Grid
from gis.corridors.gridfile import read_grid, render_ascii, render_tiff
from gis.errors import CorridorError

TEXT = b"ncols 3\nnrows 2\nxllcorner 10\nyllcorner 20\ncellsize 5\nNODATA_value -9999\n1 2 3\n4 -9999 6\n"


def test_an_ascii_grid_has_its_first_row_in_the_north() -> None:
    grid = read_grid(TEXT, name="a.asc")

    assert grid.shape == (2, 3)
    assert grid.north == 30.0
    assert grid.values[0].tolist() == [1, 2, 3]
    assert np.isnan(grid.values[1, 1])
    x, y = grid.centres(np.array([0]), np.array([2]))
    assert (x[0], y[0]) == (22.5, 27.5)


def test_a_centre_in_the_header_moves_the_corner_by_half_a_cell() -> None:
    centred = TEXT.replace(b"xllcorner 10", b"xllcenter 12.5").replace(b"yllcorner 20", b"YLLCENTER 22.5")

    grid = read_grid(centred, name="a.asc")

    assert (grid.west, grid.south) == (10.0, 20.0)


@pytest.mark.parametrize("render", [render_ascii, render_tiff])
def test_a_grid_written_and_read_is_the_same(render: Callable[[Grid], bytes]) -> None:
    values = np.array([[1.5, np.nan], [3.25, 4.0], [0.5, 6.0]])
    grid = Grid(values, 500000.0, 3300000.0, 100.0, "EPSG:4549")

    again = read_grid(render(grid), name="again")

    np.testing.assert_array_equal(again.values, values)
    assert (again.west, again.south, again.cell) == (500000.0, 3300000.0, 100.0)
    if render is render_tiff:
        assert again.crs == "EPSG:4549"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"II*\x00broken",
        b"\xff\xfe\x00\x01",
        TEXT.replace(b"ncols 3", b"ncols 4"),
        TEXT.replace(b"1 2 3", b"1 x 3"),
        TEXT.replace(b"cellsize 5", b"cellsize 0"),
        TEXT.replace(b"nrows 2\n", b""),
    ],
)
def test_what_is_no_grid_is_refused(content: bytes) -> None:
    with pytest.raises(CorridorError) as caught:
        read_grid(content, name="bad.asc")

    assert caught.value.where == "bad.asc"
    assert "ncols" in caught.value.hint_en


def test_a_grid_of_too_many_cells_is_refused_before_it_is_read() -> None:
    huge = TEXT.replace(b"ncols 3", b"ncols 300000").replace(b"nrows 2", b"nrows 300000")

    with pytest.raises(CorridorError, match="too large"):
        read_grid(huge, name="huge.asc")


def test_a_gzipped_grid_is_read_as_the_plain_one() -> None:
    np.testing.assert_array_equal(
        read_grid(gzip.compress(TEXT), name="a.asc.gz").values, read_grid(TEXT, name="a.asc").values
    )


def test_a_damaged_gzip_is_refused() -> None:
    with pytest.raises(CorridorError, match="gzip"):
        read_grid(gzip.compress(TEXT)[:-12], name="a.asc.gz")
