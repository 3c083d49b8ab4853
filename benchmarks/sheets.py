"""Twelve A2 sheets at 1:50 000, ours against a QGIS atlas, in turn on one machine.

Usage: ``python benchmarks/sheets.py [ROUNDS]``. QGIS is timed where one is installed (``QGIS_PYTHON`` names
the Python that has ``qgis.core``); without one the table says so. Both print the same features: four layers
with names, two grids, legend, scale bar. Ours also draws the national frame, the panel, the georeferencing.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from gis.sheets.numbering import frames_over
from gis.workspace import open_workspace

ROOT = Path(__file__).resolve().parents[1]
BOX, SCALE, COUNT = (119.51, 29.68, 120.49, 30.16), 50_000, 12
LAYERS = ("river_water", "heritage", "ecological_corridors", "places")
THEME = """id = "bench"
title_zh = "对比"
title_en = "Comparison"
themes = ["context", "water", "ecology"]
without = [{without}]
"""


@dataclass(frozen=True)
class Run:
    """One printing: seconds of the process, of which drawing (where it is told), and bytes."""

    process_s: float
    export_s: float | None
    size: int
    version: str


def prepare(folder: Path) -> tuple[Path, list[Path]]:
    """Write the frames and the layers for QGIS, and a workspace of the same layers for us."""
    workspace = open_workspace(ROOT)
    frames = list(frames_over(BOX, SCALE))[:COUNT]
    features = [
        {
            "type": "Feature",
            "properties": {"number": frame.number},
            "geometry": {"type": "Polygon", "coordinates": [ring(frame.bbox)]},
        }
        for frame in frames
    ]
    frames_path = folder / "frames.geojson"
    frames_path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    paths = []
    for layer_id in LAYERS:
        frame = workspace.layers[layer_id].frame
        if frame is None:
            raise SystemExit(f"layer {layer_id} has no data")
        path = folder / f"{layer_id}.geojson"
        frame[["id", "name_zh", "kind", "geometry"]].to_file(path, driver="GeoJSON")
        paths.append(path)
    others = [
        layer.entry.id
        for layer in workspace.layers.values()
        if layer.entry.theme in {"context", "water", "ecology"} and layer.entry.id not in LAYERS
    ]
    (folder / "bench.toml").write_text(THEME.format(without=", ".join(f'"{name}"' for name in others)))
    return frames_path, paths


def ring(bbox: tuple[float, float, float, float]) -> list[list[float]]:
    """Return a box as a ring."""
    west, south, east, north = bbox
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def print_ours(folder: Path, frames_path: Path, *, single: bool) -> Run:
    """Print with ``gis sheets`` as a user would, from the start of the process."""
    numbers = re.findall(r'"number": "(\w+)"', frames_path.read_text())
    out = folder / f"ours-{single}"
    command = [sys.executable, "-c", "from gis.cli.main import main; main()", "sheets", *numbers]
    command += ["-o", str(out), "--theme", "bench", "--workspace", str(folder / "workspace")]
    began = time.perf_counter()
    subprocess.run(
        [*command, "--single-pdf"] if single else command,
        check=True,
        capture_output=True,
        env={**os.environ, "GIS_HOME": str(ROOT / ".gis_home")},
    )
    seconds = time.perf_counter() - began
    return Run(seconds, None, sum(path.stat().st_size for path in out.glob("*.pdf")), "")


def print_qgis(folder: Path, frames_path: Path, paths: list[Path], python: str) -> Run:
    """Print with the QGIS atlas, from the start of the process."""
    out = folder / "qgis.pdf"
    script = Path(__file__).with_name("qgis_atlas.py")
    began = time.perf_counter()
    done = subprocess.run(
        [python, str(script), str(frames_path), *map(str, paths), str(out)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    seconds = time.perf_counter() - began
    version, export = done.stdout.strip().splitlines()[-1].split("\t")[:2]
    return Run(seconds, float(export), out.stat().st_size, version)


def find_qgis() -> str | None:
    """Return a Python that has QGIS; None without one."""
    for python in (os.environ.get("QGIS_PYTHON"), "/usr/bin/python3"):
        if python and Path(python).exists():
            probe = subprocess.run([python, "-c", "import qgis.core"], check=False, capture_output=True)
            if probe.returncode == 0:
                return python
    return None


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    python = find_qgis()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frames_path, paths = prepare(folder)
        make_workspace(folder)
        runs: dict[str, list[Run]] = {}
        for _ in range(rounds):
            runs.setdefault("ours, 12 files", []).append(print_ours(folder, frames_path, single=False))
            runs.setdefault("ours, one file + index", []).append(print_ours(folder, frames_path, single=True))
            if python:
                found = print_qgis(folder, frames_path, paths, python)
                runs.setdefault(f"QGIS {found.version} atlas, one file", []).append(found)
    print("| | process, median s | range | export alone | bytes |\n|---|---|---|---|---|")
    for name, many in runs.items():
        seconds = [run.process_s for run in many]
        export = statistics.median([run.export_s for run in many if run.export_s] or [0.0])
        told = f"{export:.1f}" if export else "—"
        print(
            f"| {name} | {statistics.median(seconds):.1f} | {min(seconds):.1f}–{max(seconds):.1f} | {told} | "
            f"{many[-1].size / 1e6:.2f} MB |"
        )
    if not python:
        print("\nQGIS is not installed here: not measured.")


def make_workspace(folder: Path) -> None:
    """Make a workspace that is the shipped one with the theme of this comparison."""
    import shutil

    shutil.copytree(ROOT / "layers", folder / "workspace" / "layers")
    shutil.copytree(ROOT / "maps", folder / "workspace" / "maps")
    shutil.copy(folder / "bench.toml", folder / "workspace" / "maps" / "sheets" / "bench.toml")


if __name__ == "__main__":
    main()
