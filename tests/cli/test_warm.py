"""``gis warm``: afterwards nothing is compiled; where kernels cannot be kept it says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

if TYPE_CHECKING:
    from pathlib import Path

GIS = (sys.executable, "-c", "from gis.cli.main import main; main()")
SCREEN = """
import sys
from pathlib import Path
from gis.engine.screening import Screening, screen
squares = Path(sys.argv[1])
pairs = squares.with_name("pairs.parquet")
for longest_deg in (None, 0.001):
    screen(Screening(squares, squares, pairs, 200.0, "id", "id", longest_deg=longest_deg))
print("numba" in sys.modules)
"""
STUDY = """
import numpy as np
from gis.corridors.connectivity import measure_network
from gis.corridors.current import Plan, measure_current
from gis.corridors.grid import Grid
from gis.corridors.network import Dispersal, Network
links = np.array([0, 1, 2]), np.array([1, 2, 3]), np.array([100.0, 200.0, 900.0])
study = measure_network(Network(("a", "b", "c", "d"), np.ones(4), *links), Dispersal(1000.0, 0.5))
points = np.zeros((40, 40))
points[2, 2], points[30, 30], points[2, 30] = 1, 2, 3
plan = Plan(neighbours=8, solver="multigrid")
study = measure_current(Grid(np.ones((40, 40)), 0, 0, 30), Grid(points, 0, 0, 30), plan=plan)
print(study.resistance_ohm[0][0])
"""


def run(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command with other folders."""
    return subprocess.run(command, env=os.environ | environ, capture_output=True, text=True, check=False)


def test_after_warming_nothing_is_compiled(tmp_path: Path) -> None:
    folder = str(tmp_path / "kernels")
    warmed = run(*GIS, "warm", NUMBA_CACHE_DIR=folder)
    assert (warmed.returncode, warmed.stdout) == (0, "")
    assert "gis warm" not in warmed.stderr
    assert folder in warmed.stderr
    squares = [shapely.box(120 + k / 100, 30, 120.02 + k / 100, 30.02) for k in range(12)]
    holed = shapely.box(120, 30.1, 120.1, 30.2) - shapely.box(120.02, 30.12, 120.03, 30.13)
    frame = gpd.GeoDataFrame({"id": [*range(13)]}, geometry=[*squares, holed], crs="EPSG:4490")
    frame.to_parquet(tmp_path / "squares.parquet")
    screened = run(sys.executable, "-c", SCREEN, str(tmp_path / "squares.parquet"), NUMBA_CACHE_DIR=folder)
    assert (screened.stdout, screened.stderr) == ("False\n", "")
    studied = run(sys.executable, "-c", STUDY, NUMBA_CACHE_DIR=folder)
    assert (studied.stdout, studied.stderr) == ("0.0\n", "")


def test_without_a_folder_for_them_it_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    closed = str(tmp_path / "file" / "below")
    done = run(*GIS, "warm", NUMBA_CACHE_DIR=closed, XDG_CACHE_HOME=closed, GIS_HOME=closed)
    assert done.returncode == 2
    assert "编译好的内核无处保存" in done.stderr
    assert "set GIS_HOME or NUMBA_CACHE_DIR" in done.stderr
    assert closed in done.stderr
