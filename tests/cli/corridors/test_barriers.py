"""``gis corridors barriers`` ranks the windows worth restoring and writes them down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from gis.cli.corridors.barriers import choose_radii
from gis.cli.main import make_app
from gis.corridors.grid import Grid
from gis.corridors.gridfile import read_grid, render_tiff
from gis.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def run(*words: str) -> Result:
    return CliRunner().invoke(make_app(), ["corridors", "barriers", *words])


@pytest.fixture
def wall(tmp_path: Path) -> list[str]:
    """Write a line of 11 cells of 100 m with a wall of 100 in the middle: 109 cells long, restored 10."""
    line, points = np.ones((1, 11)), np.full((1, 11), np.nan)
    line[0, 5] = 100
    points[0, 0], points[0, 10] = 1, 2
    for name, values in (("R.tif", line), ("P.tif", points)):
        (tmp_path / name).write_bytes(render_tiff(Grid(values, 500_000.0, 3_350_000.0, 100.0, "EPSG:4549")))
    return ["--resistance", str(tmp_path / "R.tif"), "--sources", str(tmp_path / "P.tif")]


def test_the_wall_is_the_first_barrier_with_its_figures(wall: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"

    answer = json.loads(run(*wall, "--radius", "100", "--restored", "1", "--json", "-o", str(out)).stdout)

    best = answer["barriers"][0]
    assert (best["rank"], best["from"], best["to"]) == (1, "1", "2")
    assert best["improvement_percent"] == pytest.approx(100 * 99 / 109)
    assert best["recomputed_percent"] == pytest.approx(100 * 99 / 109)
    assert best["improvement_per_m"] == pytest.approx(49.5)
    assert answer["distances"] == [{"from": "1", "to": "2", "cost": pytest.approx(10_900)}]
    features = json.loads((out / "barriers.geojson").read_text("utf-8"))["features"]
    middle = next(one for one in features if one["properties"]["part"] == "middle")
    assert middle["geometry"]["coordinates"] == pytest.approx([120.0057, 30.2701], abs=1e-4)
    drawn = read_grid((out / "improvement_per_m.tif").read_bytes(), name="t")
    assert drawn.values[0, 5] == pytest.approx(49.5)
    assert (out / "barriers.png").read_bytes().startswith(b"\x89PNG")


def test_a_person_reads_both_figures(wall: list[str]) -> None:
    text = run(*wall, "--radius", "100").stdout

    assert "90.83 %" in text
    assert "49.5" in text


def test_radii_run_from_the_smallest_to_the_largest() -> None:
    assert choose_radii((), None, None, None, 30.0) == (90.0,)
    assert choose_radii((60, 30, 60), None, None, None, 30.0) == (30, 60)
    assert choose_radii((), 30, 90, None, 30.0) == (30, 50, 70, 90)
    assert choose_radii((), 30, 90, 30, 30.0) == (30, 60, 90)
    assert choose_radii((), 30, 30, None, 30.0) == (30,)


@pytest.mark.parametrize(
    "ends", [((), 30, None, None), ((), 90, 30, None), ((30,), 30, 90, None), ((), 1, 900, 1)]
)
def test_impossible_radii_are_refused(
    ends: tuple[tuple[float, ...], float | None, float | None, float | None],
) -> None:
    with pytest.raises(SettingsError):
        choose_radii(*ends, 30.0)


def test_by_current_the_same_wall_is_found_in_ohm(wall: list[str]) -> None:
    answer = json.loads(run(*wall, "--radius", "100", "--method", "current", "--json").stdout)

    assert answer["parameters"]["method"] == "current"
    best = answer["barriers"][0]
    assert best["resistance_ohm"] == pytest.approx(109)
    assert best["recomputed_resistance_ohm"] == pytest.approx(10)
    assert best["improvement_per_m"] == pytest.approx(101**2 / 103 / 200)
