"""The commands of the study as a planner runs them: files written, figures on stdout, exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from gis.cli.main import make_app
from gis.errors import GisError
from tests.connectivity.conftest import country  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from gis.workspace import Workspace

MAPS = Path(__file__).resolve().parents[3] / "maps"


@pytest.fixture
def folder(country: Workspace) -> Path:  # noqa: F811 - the fixture
    place: Path = country.settings.workspace
    shutil.copytree(MAPS, place / "maps", dirs_exist_ok=True)
    return place


def run(*words: object, code: int = 0) -> str:
    result = CliRunner().invoke(make_app(), ["corridors", *map(str, words)])
    if code == 2 and isinstance(result.exception, GisError):  # main makes exit code 2 of it
        return ""
    assert result.exit_code == code, result.output
    return result.stdout


def test_without_a_command_the_whole_study_is_written(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    text = run("--workspace", folder, "-o", out, "--runs", 3)
    assert "西林—东林" in text
    names = {path.name for path in out.iterdir()}
    grids = {f"{name}.tif" for name in ("resistance", "corridor", "current", "agreement")}
    assert names >= grids | {
        "metrics.json",
        "metrics.xlsx",
        "paths.geojson",
        "current.png",
        "map.html",
        "sheet.pdf",
    }
    facts = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert facts["provenance"]["runs"] == 3
    assert load_workbook(out / "metrics.xlsx").sheetnames[-1] == "来源与参数"
    assert (out / "sheet.pdf").read_bytes().startswith(b"%PDF")


def test_figures_are_the_same_whatever_the_process_and_the_moment(folder: Path) -> None:
    one, other = (run("--workspace", folder, "--runs", 2, "--json") for _ in range(2))
    assert one == other


def test_tags_of_a_grid_name_the_study(folder: Path, tmp_path: Path) -> None:
    import rasterio

    run("--workspace", folder, "-o", tmp_path, "--runs", 1)
    with rasterio.open(tmp_path / "current.tif") as file:
        tags = file.tags()
        assert file.crs.to_epsg() == 4549
    facts = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert tags["GIS_STUDY_ID"] == facts["provenance"]["study_id"]


def test_resistance_prints_the_shares_and_writes_the_surface(folder: Path, tmp_path: Path) -> None:
    text = run("resistance", "--workspace", folder, "-o", tmp_path)
    assert "城镇 town" in text
    assert "未计入" in text  # the road, which has no data
    facts = json.loads(run("resistance", "--workspace", folder, "--json", "--cell", 200))
    assert sum(item["share"] for item in facts["classes"]) == pytest.approx(1.0)
    assert facts["cell_m"] == 200.0
    assert (tmp_path / "resistance.tif").is_file()


def test_ensemble_writes_the_share_of_runs(folder: Path, tmp_path: Path) -> None:
    text = run("ensemble", "--workspace", folder, "--runs", 4, "--seed", 5, "-o", tmp_path, "--json")
    facts = json.loads(text)
    assert (facts["runs"], facts["seed"]) == (4, 5)
    assert facts["links"][0]["agreement_share"] == pytest.approx(1.0)
    assert (tmp_path / "agreement.tif").is_file()
    run("ensemble", "--workspace", folder, "--runs", 0, code=2)


def write_site(path: Path, *box: float) -> Path:
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    feature = {
        "type": "Feature",
        "properties": {"name": "厂"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


def test_effect_ends_with_1_where_something_changes_and_0_where_nothing_does(
    folder: Path, tmp_path: Path
) -> None:
    near = write_site(tmp_path / "near.geojson", 119.997, 30.262, 120.0, 30.275)
    far = write_site(tmp_path / "far.geojson", 120.9, 29.5, 120.901, 29.501)
    text = run("effect", "--sites", near, "--workspace", folder, "-o", tmp_path / "o", code=1)
    assert "累积阻力" in text
    assert {path.name for path in (tmp_path / "o").iterdir()} == {
        "effect.json",
        "effect.xlsx",
        "effect.geojson",
    }
    assert "没有影响" in run("effect", "--sites", far, "--workspace", folder)


def test_own_grids_take_the_place_of_table_and_layers(folder: Path, tmp_path: Path) -> None:
    head = "ncols 5\nnrows 3\nxllcorner 0\nyllcorner 0\ncellsize 10\nNODATA_value -9999\n"
    (tmp_path / "r.asc").write_text(head + "1 1 1 1 1\n1 9 9 9 1\n1 1 1 1 1\n", encoding="ascii")
    (tmp_path / "p.asc").write_text(head + "0 0 0 0 0\n1 0 0 0 2\n0 0 0 0 0\n", encoding="ascii")
    words = ("--resistance", tmp_path / "r.asc", "--sources", tmp_path / "p.asc", "--workspace", folder)
    facts = json.loads(run(*words, "--runs", 2, "--json"))
    assert [link["id"] for link in facts["links"]] == ["source_1--source_2"]
    run(*words, "--runs", 0, "-o", tmp_path / "own")
    assert not (tmp_path / "own" / "map.html").exists()
    assert (tmp_path / "own" / "current.tif").is_file()


@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("network", "network.json"),
        ("resistance", "resistance.tif"),
        ("paths", "paths.geojson"),
        ("current", "current.tif"),
        ("barriers", "barriers.json"),
        ("ensemble", "agreement.tif"),
    ],
)
def test_every_command_takes_the_common_options_and_the_sources_of_the_workspace(
    folder: Path, tmp_path: Path, command: str, file: str
) -> None:
    common = ("--cell", 200, "--neighbours", 4, "--average", "conductance", "-o", tmp_path / "out", "--json")
    runs = ("--runs", 2) if command == "ensemble" else ()

    facts = json.loads(run(command, "--workspace", folder, *common, *runs))

    assert facts
    assert (tmp_path / "out" / file).is_file()


def test_the_network_alone_is_that_of_the_study(folder: Path) -> None:
    study = json.loads(run("--workspace", folder, "--runs", 0, "--json"))
    alone = json.loads(run("network", "--workspace", folder, "--json"))

    assert alone["PC"] == pytest.approx(study["network"]["pc"])
    assert alone["IIC"] == pytest.approx(study["network"]["iic"])
    assert [patch["id"] for patch in alone["patches"]] == [source["id"] for source in study["sources"]]
    assert alone["parameters"]["distance_m"] == study["network"]["distance_resistance_km"] * 1000


def test_current_without_files_is_that_of_the_study(folder: Path) -> None:
    study = json.loads(run("--workspace", folder, "--runs", 0, "--json"))
    ohm = json.loads(run("current", "--workspace", folder, "--json"))

    assert ohm["resistance"][0][1] == pytest.approx(study["links"][0]["resistance_ohm"], rel=1e-4)


def test_sources_of_your_own_are_laid_on_the_surface_of_the_workspace(folder: Path, tmp_path: Path) -> None:
    listed = json.loads(run("paths", "--workspace", folder, "--json"))
    points = tmp_path / "P.txt"
    ends = listed["links"][0]["line"]
    points.write_text("".join(f"{n} {x} {y}\n" for n, (x, y) in enumerate((ends[0], ends[-1]), start=1)))

    own = json.loads(run("paths", "--workspace", folder, "--sources", points, "--json"))

    assert own["links"][0]["cost"] >= listed["links"][0]["cost"] * (1 - 1e-9)


def test_links_hang_on_what_is_averaged(folder: Path) -> None:
    one, other = (
        json.loads(run("--workspace", folder, "--runs", 0, "--average", average, "--json"))["links"]
        for average in ("resistance", "conductance")
    )

    assert other[0]["cost_resistance_km"] < one[0]["cost_resistance_km"]  # harmonic mean < mean


def test_patches_of_your_own_need_a_distance_and_a_mask_needs_resistances(folder: Path) -> None:
    for words in (["network", "--patches", "x.geojson"], ["current", "--mask", "m.asc"]):
        run(*words, "--workspace", folder, code=2)
