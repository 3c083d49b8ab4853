"""``gis corridors current`` prints the resistances scripts ask for, and refuses what it cannot compute."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import pytest
import shapely
from typer.testing import CliRunner, Result

from gis import crs
from gis.cli.main import make_app
from gis.corridors.grid import Grid
from gis.corridors.gridfile import read_grid, render_ascii, render_tiff
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


def test_the_folder_holds_maps_of_pairs_pinch_points_and_a_picture(tmp_path: Path) -> None:
    """A dumbbell in EPSG:4549: its waist carries all the current."""
    bell = np.ones((9, 21))
    bell[:, 8:13] = np.nan
    bell[4, 8:13] = 1
    (tmp_path / "R.tif").write_bytes(render_tiff(Grid(bell, 500_000.0, 3_350_000.0, 100.0, "EPSG:4549")))
    (tmp_path / "P.txt").write_text("1 500150 3350450\n2 501950 3350450\n", encoding="utf-8")
    out = tmp_path / "out"

    result = run(
        "--resistance", str(tmp_path / "R.tif"), "--points", str(tmp_path / "P.txt"), "--maps", "-o", str(out)
    )

    assert result.exit_code == 0
    assert read_grid((out / "pairs" / "current_1_2.tif").read_bytes(), name="pair").values[4, 10] == 1
    assert (out / "current.png").read_bytes().startswith(b"\x89PNG")
    features = json.loads((out / "pinch_points.geojson").read_text("utf-8"))["features"]
    strongest = next(one for one in features if one["properties"]["part"] == "strongest")
    lon, lat = strongest["geometry"]["coordinates"]
    assert 120.008 < lon < 120.014  # 0.85 to 1.3 km east of 120°E
    assert 30.26 < lat < 30.28
    assert strongest["properties"]["rank"] == 1
    assert strongest["properties"]["largest_share"] == pytest.approx(1)
    figures = json.loads((out / "current.json").read_text("utf-8"))
    assert figures["points"] == [1, 2]
    assert len(figures["inputs"]["R.tif"]) == 64


def test_a_mask_pairs_and_conductances_are_heeded(grids: list[str], tmp_path: Path) -> None:
    mask = write(tmp_path / "M.asc", [[1, 1, 0, 1, 1]])
    conductance = write(tmp_path / "G.asc", [[1, 0.5, 1 / 3, 0, 1]])
    (tmp_path / "pairs.txt").write_text("mode exclude\n1 5\n", encoding="utf-8")

    masked = json.loads(run(*grids, "--mask", mask, "--json").stdout)
    inverse = json.loads(
        run("--resistance", conductance, *grids[2:], "--conductance", "--pairs", "1-2", "--json").stdout
    )
    listed = run(*grids, "--pairs", str(tmp_path / "pairs.txt")).stdout.splitlines()

    assert masked["resistance"][0][1] is None
    assert inverse["resistance"][0][1] == pytest.approx(4.0)
    assert [line.split("    ")[0] for line in listed[1:]] == ["1 – 2", "2 – 5"]


def test_both_solvers_print_the_same(grids: list[str]) -> None:
    answers = [json.loads(run(*grids, "--solver", name, "--json").stdout) for name in ("direct", "multigrid")]

    assert answers[0]["resistance"][0][1] == pytest.approx(answers[1]["resistance"][0][1], rel=1e-9)


def test_short_circuit_polygons_that_overlap_are_refused(tmp_path: Path) -> None:
    (tmp_path / "R.tif").write_bytes(
        render_tiff(Grid(np.ones((10, 10)), 500_000.0, 3_350_000.0, 100.0, "EPSG:4549"))
    )
    (tmp_path / "P.txt").write_text("1 500050 3350050\n2 500950 3350950\n", encoding="utf-8")
    squares = [
        shapely.transform(shapely.box(x, 300, x + 400, 700), lambda xy: np.add(xy, (500_000.0, 3_350_000.0)))
        for x in (100, 300)
    ]
    features = [
        {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(crs.to_lonlat(one)))}
        for one in squares
    ]
    (tmp_path / "Q.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
    )

    error = run(
        "--resistance", str(tmp_path / "R.tif"), "--points", str(tmp_path / "P.txt"),
        "--short-circuit", str(tmp_path / "Q.geojson"),
    ).exception  # fmt: skip

    assert isinstance(error, CorridorError)
    assert "share a cell" in error.en


def test_a_source_on_no_data_is_said_and_maps_need_a_folder(grids: list[str], tmp_path: Path) -> None:
    bare = write(tmp_path / "bare.asc", [[1, 0, 2, 3, 0]])

    result = run(grids[0], grids[1], "--points", bare, "--json")

    assert json.loads(result.stdout)["resistance"][2] == [None, None, 0]
    assert "3" in result.stderr
    assert isinstance(run(*grids, "--maps").exception, SettingsError)


def test_larger_cells_are_made_of_whole_ones(tmp_path: Path) -> None:
    surface = write(tmp_path / "R.asc", [[1, 1, 3, 3], [1, 1, 3, 3]])
    points = write(tmp_path / "P.asc", [[1, 0, 0, 0], [0, 0, 0, 2]])
    words = ("--resistance", surface, "--points", points, "--json")

    assert json.loads(run(*words, "--cell", "2").stdout)["resistance"][0][1] == pytest.approx(2.0)
    assert isinstance(run(*words, "--cell", "1.5").exception, CorridorError)


def test_the_system_of_an_ascii_grid_stands_beside_it(tmp_path: Path) -> None:
    """Sources in degrees, 50 m into the first and the last cell of three in EPSG:4550 (123°E)."""
    values = np.ones((1, 3))
    (tmp_path / "R.asc").write_bytes(render_ascii(Grid(values, 500_000.0, 3_350_000.0, 100.0)))
    (tmp_path / "R.prj").write_text(pyproj.CRS("EPSG:4550").to_wkt("WKT1_ESRI"), encoding="utf-8")
    places = shapely.points([(500_050.0, 3_350_050.0), (500_250.0, 3_350_050.0)])
    features = [
        {
            "type": "Feature",
            "properties": {},
            "geometry": json.loads(shapely.to_geojson(crs.transform(place, "EPSG:4550", "EPSG:4490"))),
        }
        for place in places
    ]
    (tmp_path / "P.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
    )

    words = ("--resistance", str(tmp_path / "R.asc"), "--sources", str(tmp_path / "P.geojson"), "--json")
    answer = json.loads(run(*words).stdout)

    assert answer == {"points": [1, 2], "resistance": [[0, pytest.approx(2.0)], [pytest.approx(2.0), 0]]}
    assert isinstance(run(*words, "--grid-crs", "EPSG:0").exception, CorridorError)


def test_an_ascii_grid_may_be_called_txt(grids: list[str], tmp_path: Path) -> None:
    points = write(tmp_path / "P.txt", [[1, 0, 2, 0, 5]])

    assert run(*grids[:2], "--points", points, "--json").stdout == run(*grids, "--json").stdout


def test_two_sources_of_a_list_in_one_cell_have_no_resistance_between_them(tmp_path: Path) -> None:
    surface = write(tmp_path / "R.asc", [[1, 1, 1]])
    points = tmp_path / "P.txt"
    points.write_text("1 0.5 0.5\n2 2.5 0.5\n11 0.4 0.6\n")
    chosen = ["--resistance", surface, "--points", str(points), "--json"]

    answer = json.loads(run(*chosen, "-o", str(tmp_path / "out")).stdout)
    listed = json.loads(run(*chosen, "--pairs", "1-2,1-11").stdout)

    assert answer == {"points": [1, 2, 11], "resistance": [[0, 2, 0], [2, 0, 2], [0, 2, 0]]}
    assert listed["resistance"] == [[0, 2, 0], [2, 0, None], [0, None, 0]]
    drawn = read_grid((tmp_path / "out" / "current.tif").read_bytes(), name="current.tif")
    np.testing.assert_allclose(drawn.values, [[2, 2, 2]])  # nothing flows between 1 and 11
