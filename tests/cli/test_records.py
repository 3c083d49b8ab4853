"""``gis records`` lists, shows, checks again and exports what the office was told."""

from __future__ import annotations

import csv
import json
from datetime import date
from typing import TYPE_CHECKING

import openpyxl
import pytest
import shapely
from typer.testing import CliRunner, Result

from gis import crs
from gis.cli.records import records_app
from gis.errors import NotFoundError, OutputError, SettingsError
from gis.model import CheckOptions
from gis.outputs.json import render_json
from gis.sites.read import SiteSource, read_sites
from gis.store.records import RecordStore
from gis.study import check_sites

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from gis.workspace import Workspace


@pytest.fixture
def workspace(
    make_workspace: Callable[..., Workspace],
    rule_text: Callable[..., str],
    plane: Callable[[BaseGeometry], BaseGeometry],
) -> Workspace:
    """Return a workspace with two records: a formula's name, and a name that leads out of the folder."""
    reserve = {"id": "r", "kind": "reserve", "geometry": shapely.box(0, 0, 1000, 1000)}
    made = make_workspace({"reserves": ([reserve], {})}, rule_text("no_building"))
    store = RecordStore(made.settings.home)
    options = CheckOptions(on=date(2026, 1, 31))
    for asked_by, name, east_m in (
        ("张三", "../../北塘.geojson", 500),
        ("=cmd|' /C calc'!A0", "b.geojson", 9000),
    ):
        square = plane(shapely.box(east_m, 500, east_m + 10, 510))
        geometry = shapely.to_geojson(crs.transform(square, crs.PLANE, crs.GEOGRAPHIC))
        sources = [SiteSource(name, geometry.encode())]
        body = render_json(check_sites(made, read_sites(sources), options))
        store.keep(body, sources=sources, options=options, asked_by=asked_by)
    store.close()
    return made


@pytest.fixture
def run(workspace: Workspace) -> Callable[..., Result]:
    """Return the function that runs the command on the workspace."""

    def call(*arguments: str) -> Result:
        given = [*arguments, "--workspace", str(workspace.settings.workspace)]
        result = CliRunner().invoke(records_app, given)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


def test_the_list_is_newest_first_and_searched(run: Callable[..., Result]) -> None:
    listed = json.loads(run("list", "--json").stdout)
    assert [item["record"] for item in listed] == [2, 1]
    assert listed[1]["by_verdict"]["prohibited"] == 1
    assert "张三" in run("list", "--q", "北塘").stdout
    assert "共 0 条" in run("list", "--q", "无此").stderr
    assert len(json.loads(run("list", "--verdict", "prohibited", "--json").stdout)) == 1
    with pytest.raises(SettingsError):
        run("list", "--from", "yesterday")


def test_show_gives_back_the_answer_and_the_files_as_they_were(
    run: Callable[..., Result], workspace: Workspace, tmp_path: Path
) -> None:
    store = RecordStore(workspace.settings.home)
    record = store.read_record(1)
    store.close()
    assert run("show", "1", "--json").stdout == record.body
    shown = run("show", record.check_id[:8], "--files", str(tmp_path / "given" / "here"))
    assert "张三" in shown.stdout
    assert "禁止" in shown.stdout
    written = tmp_path / "given" / "here" / "北塘.geojson"
    assert written.read_bytes() == record.sources[0].content
    with pytest.raises(OutputError):
        run("show", "1", "--files", str(tmp_path / "given" / "here"))
    with pytest.raises(NotFoundError):
        run("show", "77")


def test_rerun_is_quiet_when_nothing_changed_and_tells_what_did(
    run: Callable[..., Result], workspace: Workspace
) -> None:
    same = run("rerun")
    assert same.exit_code == 0
    assert "0 with another verdict" in same.stderr
    rules = workspace.settings.workspace / "layers" / "rules.toml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace('level = "prohibited"', 'level = "restricted"'), encoding="utf-8")
    other = run("rerun")
    assert other.exit_code == 1
    assert "禁止 prohibited → 限制 restricted" in other.stdout
    assert "changed since: rules" in other.stdout
    told = json.loads(run("rerun", "1", "--json").stdout)
    assert told[0]["verdict_changed"]
    assert told[0]["changes"][0]["before"] == "prohibited"
    assert len(json.loads(run("list", "--json").stdout)) == 2, "asking what would change is no check"


def test_export_writes_lines_tables_and_workbooks(run: Callable[..., Result], tmp_path: Path) -> None:
    run("export", "-o", str(tmp_path / "all.jsonl"))
    lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["record"] for line in lines] == [2, 1]
    assert lines[1]["result"]["schema"] == "site-check/1"
    assert lines[1]["options"]["on"] == "2026-01-31"
    run("export", "-o", str(tmp_path / "all.csv"))
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["name"] == "'=cmd|' /C calc'!A0", "no spreadsheet runs a stranger's name"
    assert rows[1]["prohibited"] == "1"
    run("export", "-o", str(tmp_path / "all.xlsx"), "--verdict", "prohibited")
    sheet = openpyxl.load_workbook(tmp_path / "all.xlsx").active
    assert sheet is not None
    assert [row[2].value for row in sheet.iter_rows(min_row=2)] == ["张三"]
    with pytest.raises(OutputError):
        run("export", "-o", str(tmp_path / "all.docx"))
    assert not list(tmp_path.glob(".*.part"))
