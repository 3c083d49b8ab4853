"""``gis corridors current`` prints the resistances scripts ask for, and refuses what it cannot compute."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from gis.cli.main import make_app
from gis.corridors.grid import Grid
from gis.corridors.gridfile import read_grid, render_ascii
from gis.errors import CorridorError, SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, rows: list[list[float]]) -> str:
    path.write_bytes(render_ascii(Grid(np.array(rows, dtype=float), 0.0, 0.0, 1.0)))
    return str(path)


def run(*words: str) -> Result:
    return CliRunner().invoke(make_app(), ["corridors", "current", *words])


@pytest.fixture
def grids(tmp_path: Path) -> list[str]:
    surface = write(tmp_path / "R.asc", [[1, 2, 3, np.nan, 1]])
    points = write(tmp_path / "P.asc", [[1, 0, 2, 0, 5]])
    return ["--resistance", surface, "--points", points]


def test_the_contract_for_scripts_is_points_and_resistances_with_null_where_not_connected(
    grids: list[str],
) -> None:
    answer = json.loads(run(*grids, "--neighbours", "8", "--average", "resistance", "--json").stdout)

    assert answer["points"] == [1, 2, 5]
    assert answer["resistance"] == [
        [0, pytest.approx(4.0), None],
        [pytest.approx(4.0), 0, None],
        [None, None, 0],
    ]


def test_a_person_reads_pairs(grids: list[str]) -> None:
    lines = run(*grids).stdout.splitlines()

    assert lines[1:] == ["1 – 2    4", "1 – 5    不连通 / not connected", "2 – 5    不连通 / not connected"]


def test_short_circuit_regions_join_what_lies_apart(grids: list[str], tmp_path: Path) -> None:
    regions = write(tmp_path / "Q.asc", [[0, 0, 1, 0, 1]])

    answer = json.loads(run(*grids, "--short-circuit", regions, "--json").stdout)

    assert answer["resistance"][1][2] == 0


def test_the_folder_holds_the_current_map_and_the_figures(grids: list[str], tmp_path: Path) -> None:
    result = run(*grids, "--json", "-o", str(tmp_path / "out"))

    assert (tmp_path / "out" / "resistance.json").read_text("utf-8") == result.stdout
    drawn = read_grid((tmp_path / "out" / "current.tif").read_bytes(), name="current.tif")
    np.testing.assert_allclose(drawn.values, [[1, 1, 1, np.nan, 0]], atol=1e-6)


@pytest.mark.parametrize(
    ("rows", "message"),
    [([[1, 2, 3]], "same cells"), ([[0, 0, 0, 0, 7]], "two sources")],
)
def test_grids_that_do_not_fit_are_refused(
    grids: list[str], tmp_path: Path, rows: list[list[float]], message: str
) -> None:
    other = write(tmp_path / "other.asc", rows)

    error = run(grids[0], grids[1], "--points", other).exception

    assert isinstance(error, CorridorError)
    assert message in error.en


def test_other_neighbours_than_4_and_8_and_missing_files_are_refused(grids: list[str]) -> None:
    assert isinstance(run(*grids, "--neighbours", "6").exception, SettingsError)
    assert isinstance(run(*grids, "--short-circuit", "nowhere.asc").exception, CorridorError)
