"""``gis sites convert``."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
import shapely
from typer.testing import CliRunner

from gis.cli.sites import read_project_sites, sites_app
from gis.errors import CrsError, OutputError, SiteError
from gis.sites.guard import stop_guard
from gis.sites.read import SiteSource, read_sites

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

BOX = shapely.box(120.15, 30.28, 120.153, 30.282)
TEXT = json.dumps(
    {"type": "Feature", "properties": {"name": "甲"}, "geometry": json.loads(shapely.to_geojson(BOX))}
)


@pytest.fixture(scope="module", autouse=True)
def stopped_in_the_end() -> Iterator[None]:
    yield
    stop_guard()


def run(*arguments: object, standard_input: str = "") -> Result:
    return CliRunner().invoke(sites_app, ["convert", *map(str, arguments)], input=standard_input)


def test_a_file_goes_through_every_format_and_comes_back(tmp_path: Path) -> None:
    before = tmp_path / "0.geojson"
    before.write_text(TEXT, encoding="utf-8")
    for number, ending in enumerate(
        ("gpkg", "zip", "kml", "kmz", "csv", "xlsx", "txt", "dxf", "geojson"), start=1
    ):
        after = tmp_path / f"{number}.{ending}"
        done = run(before, after)
        assert done.exit_code == 0, done.output
        before = after
    (site,) = read_sites([SiteSource("a.geojson", before.read_bytes())]).sites
    assert shapely.hausdorff_distance(site.geometry, BOX) < 2e-8


def test_the_system_asked_for_is_written_and_said(tmp_path: Path) -> None:
    done = run("-", tmp_path / "a.csv", "--to-crs", "EPSG:4549", standard_input=TEXT)
    assert done.exit_code == 0
    assert "EPSG:4549" in (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    assert "stdin.geojson: GeoJSON" in done.stderr


def test_rejected_features_are_listed_and_the_exit_code_says_so(tmp_path: Path) -> None:
    null = {"type": "Feature", "properties": {"name": "空"}, "geometry": None}
    text = json.dumps({"type": "FeatureCollection", "features": [json.loads(TEXT), null]})
    done = run("-", tmp_path / "a.kml", standard_input=text)
    assert done.exit_code == 1
    assert "rejected 1" in done.stderr


def test_an_existing_file_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    target = tmp_path / "a.kml"
    target.write_text("mine")
    done = run("-", target, standard_input=TEXT)
    assert isinstance(done.exception, OutputError)
    assert target.read_text() == "mine"
    assert run("-", target, "--overwrite", standard_input=TEXT).exit_code == 0
    assert list(tmp_path.iterdir()) == [target]


def test_what_cannot_be_read_or_written_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    done = run(tmp_path / "none.kml", tmp_path / "a.csv")
    assert isinstance(done.exception, SiteError)
    done = run("-", tmp_path / "no" / "a.csv", standard_input=TEXT)
    assert isinstance(done.exception, OutputError)
    done = run("-", tmp_path / "a.csv", "--to-crs", "EPSG:2385", standard_input=TEXT)
    assert isinstance(done.exception, CrsError)
    assert list(tmp_path.iterdir()) == []


def test_dash_is_geojson_on_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path as RealPath

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode()), encoding="utf-8"))
    found = read_project_sites([RealPath("-")])
    assert (found.sites[0].name, found.sites[0].file) == ("甲", "stdin.geojson")
