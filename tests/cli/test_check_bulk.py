"""``gis check --bulk``: a summary on stdout, files beside each other, exit codes, kill and resume."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gis.workspace import Workspace

RESERVE = {"id": "a", "kind": "reserve", "geometry": shapely.box(0, 0, 1000, 1000)}


def call(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [sys.executable, "-c", "from gis.cli.main import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120, check=False)


@pytest.fixture
def workspace(make_workspace: Callable[..., Workspace], rule_text: Callable[..., str]) -> Workspace:
    return make_workspace({"reserves": ([RESERVE], {})}, rule_text("r"))


def write(path: Path, boxes: list[shapely.Geometry], plane: Callable[..., shapely.Geometry]) -> Path:
    gpd.GeoDataFrame(geometry=[plane(box) for box in boxes], crs="EPSG:4549").to_parquet(path)
    return path


def test_a_summary_two_files_and_an_exit_code(
    workspace: Workspace, plane: Callable[..., shapely.Geometry], tmp_path: Path
) -> None:
    folder = workspace.settings.workspace
    clear = write(tmp_path / "clear.parquet", [shapely.box(9000, 9000, 9100, 9100)], plane)
    done = call("check", clear, "--bulk", "-o", "out.parquet", "--workspace", folder, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1  未发现" in done.stdout or "未发现" in done.stdout
    assert (tmp_path / "out.sites.parquet").exists()
    assert "out.sites.parquet" in done.stderr
    mixed = write(
        tmp_path / "mixed.parquet", [shapely.box(9, 9, 20, 20), shapely.box(9000, 9000, 9100, 9100)], plane
    )
    done = call(
        "check",
        mixed,
        "--bulk",
        "-o",
        "m.parquet",
        "--json",
        "--workers",
        2,
        "--workspace",
        folder,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["by_verdict"]["prohibited"] == 1
    layer = folder / "layers" / "ecology" / "reserves.geojson"
    layer.write_bytes(layer.read_bytes() + b" ")
    done = call("check", clear, "--bulk", "-o", "out.parquet", "--workspace", folder, cwd=tmp_path)
    assert done.returncode == 2
    assert "reserves" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--bulk",), "-o"),
        (("--bulk", "-o", "x.csv"), ".parquet"),
        (("--resume",), "--bulk"),
        (("--bulk", "-o", "x.parquet", "--what-if"), "--what-if"),
        (("--bulk", "-o", "x.parquet", "--dask", "local:0"), "1 to 1024"),
        (("--bulk", "-o", "x.parquet", "--dask", "nonsense"), "scheduler"),
    ],
)
def test_what_cannot_be_done_is_said_in_both_languages(
    workspace: Workspace,
    plane: Callable[..., shapely.Geometry],
    tmp_path: Path,
    arguments: tuple[str, ...],
    word: str,
) -> None:
    source = write(tmp_path / "s.parquet", [shapely.box(0, 0, 9, 9)], plane)
    done = call("check", source, *arguments, "--workspace", workspace.settings.workspace, cwd=tmp_path)
    assert done.returncode == 2
    assert word in done.stderr
    assert "错误" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_run_resumes_to_the_same_bytes(
    workspace: Workspace, plane: Callable[..., shapely.Geometry], tmp_path: Path, how: signal.Signals
) -> None:
    boxes = [shapely.box(x, y, x + 30, y + 30) for x in range(-400, 1400, 9) for y in range(900, 1100, 5)]
    source = write(tmp_path / "s.parquet", boxes, plane)
    small = "from gis.scale import run; run.FEWEST = run.MOST = 400; "
    start = f"{small}from gis.cli.main import main; main()"
    folder = workspace.settings.workspace

    def command(name: str, *more: str) -> list[str]:
        return [
            *(sys.executable, "-c", start, "check", str(source), "--bulk", "-o", name, "--workers", "2"),
            *("--on", "2026-06-01", "--workspace", str(folder), *more),
        ]

    process = subprocess.Popen(
        command("killed.parquet"), cwd=tmp_path, stderr=subprocess.PIPE, start_new_session=True
    )
    parts = tmp_path / "killed.parquet.parts"
    deadline = time.monotonic() + 60
    while len(list(parts.glob("*.part"))) < 2 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    if how is signal.SIGINT:
        os.killpg(process.pid, how)
    else:
        process.kill()
    _, told = process.communicate(timeout=60)
    assert process.returncode == (-how if how is signal.SIGKILL else 130)
    if how is signal.SIGINT:
        assert "--resume" in told.decode()
    assert len(list(parts.glob("*.part"))) >= 2
    assert not (tmp_path / "killed.parquet").exists()
    again = subprocess.run(
        command("killed.parquet", "--resume"), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert again.returncode == 1, again.stderr
    assert "续跑" in again.stderr
    whole = subprocess.run(command("whole.parquet"), cwd=tmp_path, capture_output=True, check=False)
    assert whole.returncode == 1
    for name in ("{}.parquet", "{}.sites.parquet"):
        assert (tmp_path / name.format("killed")).read_bytes() == (
            tmp_path / name.format("whole")
        ).read_bytes()
