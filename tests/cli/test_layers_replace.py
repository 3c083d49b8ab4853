"""``gis layers replace``, ``history``, ``undo`` and ``gis init`` from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import shapely

from gis.cli.init import copy_workspace
from gis.cli.layers_replace import check_own_workspace
from gis.errors import SettingsError
from gis.settings import PACKAGE_DIR

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

SAID = ("--accuracy", "5", "--source", "自然资源局", "--date", "2026-01-01")


@pytest.fixture
def folder(make_workspace: Callable[..., Any], rule_text: Callable[..., str]) -> Path:
    """Return a workspace with an empty layer ``redline`` and a rule on it."""
    opened = make_workspace(
        {"redline": ([], {"geometry_type": "Polygon"})}, rule_text("inside", layer="redline", kind="redline")
    )
    result: Path = opened.settings.workspace
    return result


@pytest.fixture
def run(folder: Path) -> Run:
    """Return a function that runs ``gis layers`` on that workspace, without a terminal."""
    start = [sys.executable, "-c", "from gis.cli.main import main; main()", "layers"]

    def gis(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*start, *arguments, "--workspace", str(folder)],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return gis


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with one square."""
    path = tmp_path / "redline.gpkg"
    square = shapely.box(500_000, 3_350_000, 500_100, 3_350_100)
    gpd.GeoDataFrame({"BSM": ["1"], "MC": ["甲"]}, geometry=[square], crs="EPSG:4549").to_file(path)
    return path


def test_without_a_terminal_and_without_yes_it_shows_the_change_and_refuses(
    run: Run, folder: Path, file: Path
) -> None:
    before = (folder / "layers" / "catalogue.toml").read_bytes()
    done = run("replace", "redline", str(file), *SAID)
    assert done.returncode == 2
    assert "0 → 1" in done.stderr
    assert "--yes" in done.stderr
    assert done.stdout == ""
    assert (folder / "layers" / "catalogue.toml").read_bytes() == before


def test_replace_history_and_undo_go_round(run: Run, folder: Path, file: Path, tmp_path: Path) -> None:
    before = (folder / "layers" / "catalogue.toml").read_bytes()
    picture = tmp_path / "change.png"
    done = run("replace", "redline", str(file), *SAID, "--yes", "--json", "--preview", str(picture))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["difference"]["rows_after"] == 1
    assert picture.read_bytes().startswith(b"\x89PNG")
    listed = json.loads(run("history", "redline", "--json").stdout)
    assert [(one["version"], one["state"]) for one in listed] == [(1, "current")]
    assert run("check").returncode == 0
    assert run("undo", "redline").returncode == 0
    assert (folder / "layers" / "catalogue.toml").read_bytes() == before
    assert not (folder / "layers" / "ecology" / "redline.geojson").exists()
    assert "undone" in run("history", "redline").stdout
    assert run("undo", "redline").returncode == 2


@pytest.mark.parametrize(
    ("option", "value"),
    [("--accuracy", "0"), ("--accuracy", "nan"), ("--date", "2026-13-01"), ("--source", " "), ("--map", "x")],
)
def test_what_makes_no_sense_is_refused_by_name(run: Run, file: Path, option: str, value: str) -> None:
    done = run("replace", "redline", str(file), *SAID, option, value, "--yes")
    assert done.returncode == 2
    assert option in done.stderr


def test_a_layer_that_does_not_exist_is_named(run: Run, file: Path) -> None:
    done = run("replace", "nothing", str(file), *SAID, "--yes")
    assert done.returncode == 2
    assert "nothing" in done.stderr


def test_the_installed_workspace_is_not_changed() -> None:
    with pytest.raises(SettingsError, match="not to be changed") as caught:
        check_own_workspace(PACKAGE_DIR / "bundle")
    assert "gis init" in caught.value.hint_en


def test_a_workspace_is_copied_without_its_history(folder: Path, tmp_path: Path) -> None:
    (folder / "layers" / ".history").mkdir()
    target = tmp_path / "own"
    copy_workspace(folder, target)
    assert sorted(path.name for path in target.iterdir()) == ["layers", "maps"]
    assert not (target / "layers" / ".history").exists()
    copied, original = ((one / "layers" / "catalogue.toml").read_bytes() for one in (target, folder))
    assert copied == original


def test_a_folder_with_something_in_it_is_left_alone(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(SettingsError):
        copy_workspace(folder, tmp_path / "own")
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["letter.txt"]
