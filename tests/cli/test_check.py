"""``gis check`` from the command line: what it prints, writes and exits with."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import shapely

from gis import crs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

RESERVE = {"id": "reserve", "kind": "reserve", "geometry": shapely.box(0, 0, 1000, 1000)}
INSIDE = shapely.box(400, 400, 600, 500)
FAR = shapely.box(4000, 0, 4100, 100)


@pytest.fixture
def run(
    make_workspace: Callable[..., Any], rule_text: Callable[..., str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs ``gis`` on a workspace of one reserve."""
    workspace = make_workspace({"reserves": ([RESERVE], {})}, rule_text("inside"))

    def gis(*arguments: str, command: str = "check") -> subprocess.CompletedProcess[str]:
        start = [sys.executable, "-c", "from gis.cli.main import main; main()", command]
        return subprocess.run(
            [*start, *arguments, "--workspace", str(workspace.settings.workspace)],
            capture_output=True,
            text=True,
            check=False,
        )

    return gis


@pytest.fixture
def write_sites(tmp_path: Path, plane: Callable[[BaseGeometry], BaseGeometry]) -> Callable[..., str]:
    """Return a function that writes geometries (metres about the origin) as a GeoJSON file."""

    def write(*geometries: BaseGeometry | None, name: str = "用地.geojson") -> str:
        features = [
            {
                "type": "Feature",
                "properties": {"名称": f"地块{index}"},
                "geometry": None
                if geometry is None
                else json.loads(
                    shapely.to_geojson(crs.transform(plane(geometry), crs.PLANE, crs.GEOGRAPHIC))
                ),
            }
            for index, geometry in enumerate(geometries)
        ]
        path = tmp_path / name
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
        return str(path)

    return write


def test_json_on_stdout_obeys_the_schema_and_exit_code_is_1(
    run: Callable[..., Any], write_sites: Callable[..., str]
) -> None:
    from importlib.resources import files

    done = run(write_sites(INSIDE), "--json", "--on", "2026-06-01")
    assert done.returncode == 1, done.stderr
    result = json.loads(done.stdout)
    schema = json.loads(files("gis").joinpath("check-result.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(result, schema)
    assert result["sites"][0]["verdict"] == "prohibited"
    assert result["sites"][0]["name"] == "地块0"
    assert result["sites"][0]["file"] == "用地.geojson"


def test_a_clear_site_exits_with_0(run: Callable[..., Any], write_sites: Callable[..., str]) -> None:
    assert run(write_sites(FAR)).returncode == 0


def test_a_rejected_feature_never_exits_with_0(
    run: Callable[..., Any], write_sites: Callable[..., str]
) -> None:
    done = run(write_sites(FAR, None), "--json")
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert result["input"]["features_in"] == 2
    assert len(result["rejected"]) == 1


def test_the_summary_names_verdict_title_and_article(
    run: Callable[..., Any], write_sites: Callable[..., str]
) -> None:
    done = run(write_sites(INSIDE))
    for words in ("禁止", "规则inside", "《测试条例》第一条", "亩"):
        assert words in done.stdout


def test_results_are_written_to_the_folder(
    run: Callable[..., Any], write_sites: Callable[..., str], tmp_path: Path
) -> None:
    run(write_sites(INSIDE), "-o", str(tmp_path / "out" / "deep"))
    written = {path.name for path in (tmp_path / "out" / "deep").iterdir()}
    assert {"result.json", "result.geojson"} <= written


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("missing.geojson",), "无法读取文件"),
        (("{sites}", "--on", "yesterday"), "不是日期"),
        (("{sites}", "--near", "-5"), "--near"),
    ],
)
def test_what_cannot_run_exits_with_2_and_says_it_in_both_languages(
    run: Callable[..., Any], write_sites: Callable[..., str], arguments: tuple[str, ...], words: str
) -> None:
    sites = write_sites(FAR)
    done = run(*(argument.format(sites=sites) for argument in arguments))
    assert done.returncode == 2
    assert done.stdout == ""
    assert words in done.stderr
    assert "error:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_layer_is_named_and_exits_with_2(
    run: Callable[..., Any], write_sites: Callable[..., str], tmp_path: Path
) -> None:
    file = tmp_path / "workspace" / "layers" / "ecology" / "reserves.geojson"
    file.write_bytes(file.read_bytes() + b" ")
    done = run(write_sites(FAR), "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["layers"][0]["status"] == "failed"
    assert json.loads(done.stdout)["sites"][0]["verdict"] == "undetermined"
    assert "哈希" in done.stderr
    assert "hash" in done.stderr


def test_a_folder_that_is_no_workspace_is_refused(write_sites: Callable[..., str], tmp_path: Path) -> None:
    start = [sys.executable, "-c", "from gis.cli.main import main; main()", "check", write_sites(FAR)]
    done = subprocess.run([*start, "--workspace", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "工作区" in done.stderr


def test_only_the_formats_asked_for_are_written(
    run: Callable[..., Any], write_sites: Callable[..., str], tmp_path: Path
) -> None:
    done = run(write_sites(INSIDE), "-o", str(tmp_path / "out"), "--format", "pdf,xlsx")
    assert done.returncode == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["report.pdf", "result.xlsx"]


@pytest.mark.parametrize("arguments", [["--format", "docx", "-o", "out"], ["--format", "pdf"]])
def test_a_format_that_cannot_be_written_is_refused_before_anything_runs(
    run: Callable[..., Any], write_sites: Callable[..., str], arguments: list[str]
) -> None:
    done = run(write_sites(INSIDE), *arguments)
    assert done.returncode == 2
    assert "--format" in done.stderr
    assert "Traceback" not in done.stderr
