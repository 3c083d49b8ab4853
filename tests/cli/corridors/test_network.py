"""``gis corridors network``: figures for scripts, files that open, and refusals that say what to do."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from gis.cli.main import make_app
from gis.corridors.grid import Grid
from gis.corridors.gridfile import render_tiff
from gis.crs import PLANE, area_lonlat_m2, transform
from gis.errors import CorridorError, SettingsError

EAST, NORTH = 500_000.0, 3_350_000.0
"""A place west of Hangzhou on the central meridian, EPSG:4549."""


def run(*words: str) -> Result:
    return CliRunner().invoke(make_app(), ["corridors", "network", *words])


def square(number: int, ident: str, east: float) -> dict[str, object]:
    """Return a square of 1 km, `east` metres from the place, in degrees."""
    shape = transform(shapely.box(EAST + east, NORTH, EAST + east + 1000, NORTH + 1000), PLANE, "EPSG:4490")
    geometry = json.loads(shapely.to_geojson(shape))
    properties = {"id": ident, "name": f"斑块{number}", "worth": number}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@pytest.fixture
def patches(tmp_path: Path) -> str:
    """Three squares of 1 km in a row, 1 km and 3 km apart."""
    features = [square(1, "甲", 0), square(2, "乙", 2000), square(3, "=丙", 6000)]
    path = tmp_path / "patches.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return str(path)


@pytest.fixture
def table(tmp_path: Path) -> list[str]:
    """Two patches of area 10 without geometry and the link between them."""
    (tmp_path / "p.csv").write_text("id;area\nA;10\nB;10\n", encoding="utf-8")
    (tmp_path / "l.csv").write_text("From,To,Cost\nA,B,1000\n", encoding="utf-8")
    return ["--patches", str(tmp_path / "p.csv"), "--links", str(tmp_path / "l.csv"), "--distance", "1000"]


def test_pc_of_two_equal_patches_is_their_area_squared_times_2_plus_2p(table: list[str]) -> None:
    answer = json.loads(run(*table, "--probability", "0.3", "--landscape-area", "40", "--json").stdout)
    assert answer["PC"] == pytest.approx(100 * (2 + 2 * 0.3) / 1600)
    assert answer["PCnum"] == pytest.approx(260.0)
    assert answer["EC(PC)"] == pytest.approx(260.0**0.5)
    assert answer["IIC"] == pytest.approx(300 / 1600)
    for patch in answer["patches"]:
        parts = patch["dPCintra"] + patch["dPCflux"] + patch["dPCconnector"]
        assert parts == pytest.approx(patch["dPC"])
    assert answer["links"][0]["dPC"] == pytest.approx(100 * 60 / 260)


def test_without_a_landscape_there_is_a_numerator_and_no_index(table: list[str]) -> None:
    answer = json.loads(run(*table, "--json").stdout)
    assert answer["PC"] is None
    assert answer["IIC"] is None
    assert answer["PCnum"] == pytest.approx(300.0)
    assert "--landscape-area" in run(*table).stdout


def test_polygons_have_areas_on_the_ellipsoid_and_links_between_their_edges(patches: str) -> None:
    answer = json.loads(run("--patches", patches, "--distance", "1000", "--json").stdout)
    assert [patch["id"] for patch in answer["patches"]] == ["甲", "乙", "=丙"]
    whole = json.loads(Path(patches).read_text(encoding="utf-8"))["features"][0]["geometry"]
    assert answer["patches"][0]["area"] == pytest.approx(
        area_lonlat_m2(shapely.from_geojson(json.dumps(whole))), rel=1e-6
    )
    costs = {(link["from"], link["to"]): link["cost"] for link in answer["links"]}
    assert costs["甲", "乙"] == pytest.approx(1000, rel=1e-4)
    assert costs["甲", "=丙"] == pytest.approx(5000, rel=1e-4)


def test_centroids_and_plane_are_measured_when_asked_for(patches: str) -> None:
    words = ("--patches", patches, "--distance", "1000", "--distances", "centroid", "--measure", "plane")
    costs = {
        (link["from"], link["to"]): link["cost"] for link in json.loads(run(*words, "--json").stdout)["links"]
    }
    assert costs["甲", "乙"] == pytest.approx(2000, abs=0.01)


def test_threshold_leaves_out_longer_links(patches: str) -> None:
    words = ("--patches", patches, "--distance", "1000", "--threshold", "2000", "--json")
    answer = json.loads(run(*words).stdout)
    assert [(link["from"], link["to"]) for link in answer["links"]] == [("甲", "乙")]
    assert answer["components"] == 2


def test_an_attribute_can_stand_for_the_area(patches: str) -> None:
    words = ("--patches", patches, "--distance", "1000", "--area-field", "worth", "--json")
    answer = json.loads(run(*words).stdout)
    assert [patch["area"] for patch in answer["patches"]] == [1.0, 2.0, 3.0]
    assert answer["parameters"]["unit"] == "worth"


def test_links_over_a_resistance_grid_cost_what_the_paths_cost(patches: str, tmp_path: Path) -> None:
    grid = Grid(np.full((30, 90), 2.0), EAST - 1000, NORTH - 1000, 100.0, PLANE)
    surface = tmp_path / "R.tif"
    surface.write_bytes(render_tiff(grid))
    words = ("--patches", patches, "--distance", "1000", "--resistance", str(surface), "--json")
    answer = json.loads(run(*words).stdout)
    assert {(link["from"], link["to"]): link["cost"] for link in answer["links"]} == {
        ("甲", "乙"): pytest.approx(2 * 1100),
        ("乙", "=丙"): pytest.approx(2 * 3100),
    }


def test_the_folder_holds_figures_workbook_table_and_map(patches: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    result = run("--patches", patches, "--distance", "1000", "-o", str(folder))
    assert result.exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "links.csv",
        "network.geojson",
        "network.json",
        "network.xlsx",
    ]
    figures = json.loads((folder / "network.json").read_text(encoding="utf-8"))
    drawn = json.loads((folder / "network.geojson").read_text(encoding="utf-8"))["features"]
    assert [feature["properties"]["role"] for feature in drawn] == ["patch"] * 3 + ["link"] * 3
    assert drawn[0]["properties"]["dPC"] == figures["patches"][0]["dPC"]
    assert drawn[3]["geometry"]["type"] == "LineString"
    rows = list(csv.reader(io.StringIO((folder / "links.csv").read_text(encoding="utf-8-sig"))))
    assert rows[1][:2] == ["甲", "乙"]
    assert len(rows) == 4


def test_no_id_becomes_a_formula_in_workbook_or_table(patches: str, tmp_path: Path) -> None:
    run("--patches", patches, "--distance", "1000", "-o", str(tmp_path))
    book = load_workbook(tmp_path / "network.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == "=丙" and cell.data_type == "s" for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)
    assert "\n=丙" not in (tmp_path / "links.csv").read_text(encoding="utf-8-sig")
    assert ",=丙" not in (tmp_path / "links.csv").read_text(encoding="utf-8-sig")


def test_patches_that_overlap_are_told_because_they_count_twice(tmp_path: Path) -> None:
    features = [square(1, "a", 0), square(2, "b", 500)]
    path = tmp_path / "overlap.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    result = run("--patches", str(path), "--distance", "1000", "--json")
    (overlap,) = json.loads(result.stdout)["overlaps"]
    assert overlap["patches"] == ["a", "b"]
    assert overlap["area_m2"] == pytest.approx(500_000, rel=1e-3)
    assert "overlap by" in result.stderr


def test_the_input_and_the_parameters_stand_beside_the_figures(table: list[str]) -> None:
    answer = json.loads(run(*table, "--json").stdout)
    assert set(answer["inputs"]) == {"p.csv", "l.csv"}
    assert answer["parameters"]["alpha_per_m"] == pytest.approx(np.log(2) / 1000)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--distance", "0"], "corridors.dispersal"),
        (["--distance", "5", "--probability", "1"], "corridors.dispersal"),
        (["--distance", "5", "--landscape-area", "3"], "corridors.landscape"),
        (["--distance", "5", "--area-field", "nothing"], "corridors.field"),
        (["--distance", "5", "--id-field", "nothing"], "corridors.field"),
        (["--distance", "5", "--links", "missing.csv"], "corridors.file"),
    ],
)
def test_what_makes_no_study_is_refused(patches: str, words: list[str], code: str) -> None:
    result = run("--patches", patches, *words)
    assert isinstance(result.exception, CorridorError)
    assert result.exception.code == code
    assert result.stdout == ""


def test_links_and_resistance_together_are_refused(table: list[str]) -> None:
    assert isinstance(run(*table, "--resistance", "R.tif").exception, SettingsError)


def test_a_table_without_links_says_that_it_has_no_geometry(table: list[str]) -> None:
    result = run(table[0], table[1], "--distance", "5")
    assert isinstance(result.exception, CorridorError)
    assert result.exception.code == "corridors.no_geometry"


def test_a_feature_that_cannot_be_used_stops_the_study(tmp_path: Path) -> None:
    broken = {"type": "Feature", "properties": {}, "geometry": None}
    path = tmp_path / "some.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [square(1, "a", 0), broken]}), encoding="utf-8"
    )
    result = run("--patches", str(path), "--distance", "5")
    assert isinstance(result.exception, CorridorError)
    assert result.exception.code == "corridors.rejected"
