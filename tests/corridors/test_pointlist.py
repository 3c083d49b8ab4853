"""Lists of sources and of pairs are read as Circuitscape's users write them."""

import numpy as np
import pytest

from gis.corridors.grid import Grid
from gis.corridors.pointlist import is_point_list, list_pairs, parse_pair_list, place_point_list
from gis.errors import CorridorError

GRID = Grid(np.array([[1.0, 1, 1], [1, np.nan, 1]]), 100.0, 200.0, 10.0)


def test_places_become_numbers_in_their_cells_and_one_number_may_have_several() -> None:
    placed = place_point_list("1\t105 215\n2, 125, 205\n\n1 125 215\n", GRID, name="p.txt")

    np.testing.assert_array_equal(placed.grid.values, [[1, np.nan, 1], [np.nan, np.nan, 2]])
    assert placed.twins == ()
    assert list_pairs(placed) == {(1, 2)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 105 215\n2 95 215\n", "outside the grid"),
        ("1 105 215\n2 115 205\n", "no data"),
        ("1 105 215\n2 106 216\n2 115 215\n", "share a cell"),
        ("1 105 215\n2 x 216\n", "line 2"),
        ("0 105 215\n", "line 1"),
        ("1.5 105 215\n", "line 1"),
        ("1 105\n", "line 1"),
    ],
)
def test_places_that_cannot_be_are_refused(text: str, message: str) -> None:
    with pytest.raises(CorridorError, match=message):
        place_point_list(text, GRID, name="p.txt")


@pytest.mark.parametrize(
    ("text", "answer"),
    [("1 2 3\n", True), ("", False), ("id,area\n1,2\n", False), ("1 2 3\n4 5\n", False), ("1,2.5,3e2", True)],
)
def test_a_list_is_told_from_other_tables(text: str, answer: bool) -> None:  # noqa: FBT001
    assert is_point_list(text) is answer


def test_pairs_are_included_or_excluded() -> None:
    assert parse_pair_list("mode include\n2 1\n3 4\n", name="q") == ("include", frozenset({(1, 2), (3, 4)}))
    assert parse_pair_list("mode exclude\n1 3", name="q") == ("exclude", frozenset({(1, 3)}))
    assert parse_pair_list("5 6\n", name="q")[0] == "include"


def test_a_source_with_the_cells_of_another_is_its_twin() -> None:
    placed = place_point_list("7 105 215\n2 106 216\n3 115 215\n", GRID, name="p.txt")

    np.testing.assert_array_equal(placed.grid.values, [[7, 3, np.nan], [np.nan] * 3])
    assert placed.twins == ((2, 7),)
    assert list_pairs(placed) == {(2, 3), (2, 7), (3, 7)}


def test_a_matrix_includes_the_pairs_between_its_bounds() -> None:
    text = "min 2\nmax\t50\n0 1 2 4\n1 0 2 51\n2 2 0 1\n4 51 50 0\n"

    assert parse_pair_list(text, name="q") == ("include", frozenset({(1, 2), (2, 4)}))


@pytest.mark.parametrize(
    "text", ["min 2\nmax 5\n", "min 2\nmax x\n0 1\n1 0", "min 2\nmax 5\n0 1 2\n2 0 3\n1 3 0\n"]
)
def test_a_matrix_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CorridorError, match="no list of pairs"):
        parse_pair_list(text, name="q")


@pytest.mark.parametrize("text", ["", "mode perhaps\n1 2\n", "1 2 3\n", "mode include\n1 a\n"])
def test_what_is_no_list_of_pairs_is_refused(text: str) -> None:
    with pytest.raises(CorridorError, match="no list of pairs"):
        parse_pair_list(text, name="q")
