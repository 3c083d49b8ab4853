"""``gis corridors paths``: links for scripts, rasters and lines that open, refusals that say what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from gis.cli.main import make_app
from gis.corridors.grid import Grid
from gis.corridors.gridfile import read_grid, render_ascii, render_tiff
from gis.crs import PLANE, transform
from gis.errors import CorridorError, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

EAST, NORTH = 500_000.0, 3_350_000.0
"""A place west of Hangzhou on the central meridian, EPSG:4549."""


def run(*words: str) -> Result:
    return CliRunner().invoke(make_app(), ["corridors", "paths", *words])


@pytest.fixture
def grids(tmp_path: Path) -> list[str]:
    """Write a uniform surface of 3 × 9 cells of 10 m with three sources in its middle row."""
    points = np.full((3, 9), np.nan)
    points[1, [0, 4, 8]] = 1, 2, 7
    (tmp_path / "R.tif").write_bytes(render_tiff(Grid(np.full((3, 9), 2.0), EAST, NORTH, 10.0, PLANE)))
    (tmp_path / "P.asc").write_bytes(render_ascii(Grid(points, EAST, NORTH, 10.0)))
    return ["--resistance", str(tmp_path / "R.tif"), "--sources", str(tmp_path / "P.asc")]


@pytest.fixture
def shapes(tmp_path: Path) -> str:
    """Write a point, and a polygon with the id 东."""
    point = shapely.Point(EAST + 5, NORTH + 15)
    area = shapely.box(EAST + 70, NORTH, EAST + 90, NORTH + 30)
    features = [
        {
            "type": "Feature",
            "properties": {"code": name},
            "geometry": json.loads(shapely.to_geojson(transform(shape, PLANE, "EPSG:4490"))),
        }
        for name, shape in (("西-1", point), ("东", area))
    ]
    path = tmp_path / "sources.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return str(path)


def test_links_have_cost_length_and_ratios(grids: list[str]) -> None:
    answer = json.loads(run(*grids, "--json").stdout)
    assert [(link["from"], link["to"]) for link in answer["links"]] == [("1", "2"), ("2", "7")]
    link = answer["links"][0]
    assert (link["cost"], link["length_m"], link["straight_m"]) == (80.0, 40.0, 40.0)
    assert link["mean_resistance"] == link["cost_per_straight_m"] == 2.0
    assert link["through"] == []
    assert link["line"] == [[EAST + 5, NORTH + 15], [EAST + 45, NORTH + 15]]
    assert [band["slack_share"] for band in link["bands"]] == [0.01, 0.05, 0.1]
    assert link["bands"][0]["area_m2"] == 300.0
    assert answer["parameters"]["crs"] == PLANE


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ("all", [("1", "2"), ("1", "7"), ("2", "7")]),
        ("planar", [("1", "2"), ("2", "7")]),
        ("7-1", [("1", "7")]),
        ("1-2, 2-7", [("1", "2"), ("2", "7")]),
    ],
)
def test_pairs_are_chosen_by_word_or_list(
    grids: list[str], pairs: str, expected: list[tuple[str, str]]
) -> None:
    answer = json.loads(run(*grids, "--pairs", pairs, "--json").stdout)
    assert [(link["from"], link["to"]) for link in answer["links"]] == expected


def test_a_path_through_another_source_names_it(grids: list[str]) -> None:
    (link,) = json.loads(run(*grids, "--pairs", "1-7", "--json").stdout)["links"]
    assert link["through"] == ["2"]
    assert "经 through 2" in run(*grids, "--pairs", "1-7").stdout


def test_shapes_are_sources_by_their_ids(grids: list[str], shapes: str) -> None:
    words = [*grids[:2], "--sources", shapes, "--id-field", "code", "--pairs", "西-1-东", "--json"]
    answer = json.loads(run(*words).stdout)
    assert [source["id"] for source in answer["sources"]] == ["西-1", "东"]
    (link,) = answer["links"]
    assert (link["from"], link["to"], link["length_m"]) == ("西-1", "东", 70.0)


def test_the_folder_holds_figures_workbook_lines_bands_and_surfaces(grids: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert run(*grids, "-o", str(folder)).exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "bands.geojson",
        "corridor.tif",
        "mcr.tif",
        "paths.geojson",
        "paths.json",
        "paths.xlsx",
    ]
    corridor = read_grid((folder / "corridor.tif").read_bytes(), name="corridor.tif")
    assert corridor.crs == PLANE
    assert corridor.values[1] == pytest.approx([0.0] * 9, abs=1e-4)
    lines = json.loads((folder / "paths.geojson").read_text(encoding="utf-8"))["features"]
    first = shapely.from_geojson(json.dumps(lines[0]["geometry"]))
    back = shapely.get_coordinates(transform(first, "EPSG:4490", PLANE))
    assert back[0] == pytest.approx([EAST + 5, NORTH + 15], abs=0.02)
    assert back[-1] == pytest.approx([EAST + 45, NORTH + 15], abs=0.02)
    bands = json.loads((folder / "bands.geojson").read_text(encoding="utf-8"))["features"]
    assert bands[0]["properties"]["slack_share"] == 0.1
    assert [sheet.title for sheet in load_workbook(folder / "paths.xlsx")] == ["路径", "走廊带", "参数"]


def test_paths_are_links_of_a_network(grids: list[str], tmp_path: Path) -> None:
    run(*grids, "-o", str(tmp_path))
    (tmp_path / "p.csv").write_text("id,area\n1,4\n2,1\n7,4\n", encoding="utf-8")
    words = ["--patches", str(tmp_path / "p.csv"), "--links", str(tmp_path / "paths.geojson")]
    answer = CliRunner().invoke(make_app(), ["corridors", "network", *words, "--distance", "80", "--json"])
    figures = json.loads(answer.stdout)
    assert [link["cost"] for link in figures["links"]] == [80.0, 80.0]
    assert figures["PCnum"] == pytest.approx(16 + 1 + 16 + 2 * (4 * 0.5 + 4 * 0.5 + 16 * 0.25))


def test_pairs_that_nothing_joins_are_told(tmp_path: Path) -> None:
    (tmp_path / "R.asc").write_bytes(render_ascii(Grid(np.array([[1, np.nan, 1.0]]), 0, 0, 1)))
    (tmp_path / "P.asc").write_bytes(render_ascii(Grid(np.array([[1, np.nan, 2.0]]), 0, 0, 1)))
    words = ["--resistance", str(tmp_path / "R.asc"), "--sources", str(tmp_path / "P.asc"), "--pairs", "all"]
    answer = json.loads(run(*words, "--json").stdout)
    assert answer["apart"] == [["1", "2"]]
    assert answer["isolated"] == ["1", "2"]
    assert "sources without a path: 1、2" in run(*words[:4]).stdout
    assert answer["parameters"]["crs_assumed"] == PLANE
    assert "不连通 not joined" in run(*words).stdout


@pytest.mark.parametrize(
    ("words", "family"),
    [
        (["--neighbours", "6"], SettingsError),
        (["--slack", "wide"], SettingsError),
        (["--slack", "-1"], CorridorError),
        (["--pairs", "nearest"], SettingsError),
        (["--pairs", "1-99"], CorridorError),
    ],
)
def test_options_that_make_no_sense_are_refused(
    grids: list[str], words: list[str], family: type[Exception]
) -> None:
    result = run(*grids, *words)
    assert isinstance(result.exception, family)
    assert result.stdout == ""


def test_a_source_outside_the_grid_is_refused_by_name(grids: list[str], tmp_path: Path) -> None:
    far = transform(shapely.Point(EAST + 5000, NORTH), PLANE, "EPSG:4490")
    feature = {"type": "Feature", "properties": {"id": "远"}, "geometry": json.loads(shapely.to_geojson(far))}
    path = tmp_path / "far.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    result = run(*grids[:2], "--sources", str(path))
    assert isinstance(result.exception, CorridorError)
    assert (result.exception.code, result.exception.where) == ("corridors.outside", "远")


def test_larger_cells_are_made_of_whole_ones(grids: list[str]) -> None:
    answer = json.loads(run(*grids, "--cell", "30", "--json").stdout)

    assert [link["cost"] for link in answer["links"]] == [60, 60]  # one cell of 30 m apart, resistance 2
    assert answer["parameters"]["cell_m"] == 30

    with pytest.raises(CorridorError, match="multiple"):
        CliRunner().invoke(make_app(), ["corridors", "paths", *grids, "--cell", "25"], catch_exceptions=False)
