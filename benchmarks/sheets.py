"""Twelve A2 sheets at 1:50 000, ours against a QGIS atlas, in turn on one machine.

Usage: ``python benchmarks/sheets.py [ROUNDS]``. QGIS is timed where one is installed (``QGIS_PYTHON`` names
the Python that has ``qgis.core``); without one the table says so. Both print the same features with the
same colours, hatches and names, two grids, legend, overview, scale bar, sources and title block; ours also
the national frame with its curved edges, neighbours, norths, accuracies, layers to switch, georeferencing.
``KEEP_SHEETS`` names a folder to keep the files in.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from gis.sheets.numbering import frames_over
from gis.sheets.options import SheetOptions
from gis.sheets.series import print_series, render_sheet
from gis.workspace import open_workspace

ROOT = Path(__file__).resolve().parents[1]
KEEP = os.environ.get("KEEP_SHEETS", "")
"""A folder to keep the files in, to look at them side by side."""

BOX, SCALE, COUNT = (119.51, 29.68, 120.49, 30.16), 50_000, 12
LAYERS = ("ecological_corridors", "river_water", "lakes", "heritage", "wetlands", "nature_reserves", "places")
THEME = """id = "bench"
title_zh = "对比"
title_en = "Comparison"
themes = ["context", "water", "ecology"]
without = [{without}]
"""


@dataclass(frozen=True)
class Run:
    """One printing: seconds of the process, of processors, of drawing alone (where told), and bytes."""

    process_s: float
    cpu_s: float
    export_s: float | None
    size: int
    version: str


def prepare(folder: Path) -> tuple[list[str], Path]:
    """Write the frames, the layers and the job of QGIS, and a workspace of the same layers for us."""
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
    layers, sources = [], []
    for layer_id in LAYERS:
        layer = workspace.layers[layer_id]
        if layer.frame is None:
            raise SystemExit(f"layer {layer_id} has no data")
        path = folder / f"{layer_id}.geojson"
        layer.frame[["id", "name_zh", "kind", "geometry"]].to_file(path, driver="GeoJSON")
        layers.append((str(path), layer.entry.title.zh, layer.entry.style))
        sources.append(f"{layer.entry.title.zh}：{layer.entry.attribution.partition(' / ')[0]}")
    styles = {
        name: {**asdict(style), "label": style.label.zh} for name, style in workspace.styles.by_id.items()
    }
    job = {
        "frames": str(frames_path),
        "layers": layers,
        "styles": styles,
        "sources": "\n".join(sources),
        "fonts": [str(path) for path in sorted((ROOT / "gis" / "fonts").glob("*.ttf"))],
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    others = [
        layer.entry.id
        for layer in workspace.layers.values()
        if layer.entry.theme in {"context", "water", "ecology"} and layer.entry.id not in LAYERS
    ]
    (folder / "bench.toml").write_text(THEME.format(without=", ".join(f'"{name}"' for name in others)))
    return [frame.number for frame in frames], folder / "job.json"


def ring(bbox: tuple[float, float, float, float]) -> list[list[float]]:
    """Return a box as a ring."""
    west, south, east, north = bbox
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def print_ours(folder: Path, numbers: list[str], *, single: bool) -> Run:
    """Print with ``gis sheets`` as a user would, from the start of the process."""
    out = folder / f"ours-{single}"
    command = [sys.executable, "-c", "from gis.cli.main import main; main()", "sheets", *numbers]
    command += ["-o", str(out), "--theme", "bench", "--workspace", str(folder / "workspace")]
    return measure([*command, "--single-pdf"] if single else command, out)


def print_warm(folder: Path, numbers: list[str]) -> float:
    """Return the seconds of drawing and writing alone, in a process that has the layers open."""
    out = folder / "warm"
    command = [sys.executable, str(Path(__file__)), "--warm", str(folder / "workspace"), str(out), *numbers]
    return measure(command, out).export_s or 0.0


def draw_warm(folder: str, out: str, *numbers: str) -> None:
    """Print sheets from an opened workspace and the seconds that took (the child of :func:`print_warm`)."""
    workspace = open_workspace(Path(folder))
    options = SheetOptions(on=date(2026, 1, 1), theme="bench")
    render_sheet(workspace, numbers[0], options=options)
    began = time.perf_counter()
    print_series(workspace, numbers, Path(out), options=options)
    print(f"ours\t{time.perf_counter() - began:.2f}")


def print_qgis(folder: Path, job: Path, python: str, *, single: bool) -> Run:
    """Print with the QGIS atlas, from the start of the process."""
    out = folder / f"qgis-{single}"
    out.mkdir(exist_ok=True)
    script = Path(__file__).with_name("qgis_atlas.py")
    return measure([python, str(script), str(job), str(out / "atlas.pdf" if single else out)], out)


def measure(command: list[str], out: Path) -> Run:
    """Run a command; return its time and processor time, and the bytes of the PDF in a folder."""
    before = os.times()
    began = time.perf_counter()
    done = subprocess.run(
        command,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "GIS_HOME": str(ROOT / ".gis_home")},
    )
    seconds, after = time.perf_counter() - began, os.times()
    told = done.stdout.strip().splitlines()[-1].split("\t")
    version, export = (told[0], float(told[1])) if len(told) > 1 else ("", None)
    return Run(
        seconds,
        after.children_user + after.children_system - before.children_user - before.children_system,
        export,
        sum(path.stat().st_size for path in out.glob("*.pdf")),
        version,
    )


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
        numbers, job = prepare(folder)
        make_workspace(folder)
        runs: dict[str, list[Run]] = {}
        for _ in range(rounds):
            for single, files in ((False, "12 files"), (True, "one file")):
                own = print_ours(folder, numbers, single=single)
                own = own if single else replace(own, export_s=print_warm(folder, numbers))
                runs.setdefault(f"ours, {files}", []).append(own)
                if python:
                    found = print_qgis(folder, job, python, single=single)
                    runs.setdefault(f"QGIS {found.version} atlas, {files}", []).append(found)
        print_table(runs)
        if KEEP:
            shutil.copytree(folder, KEEP, dirs_exist_ok=True)
    if not python:
        print("\nQGIS is not installed here: not measured.")


def print_table(runs: dict[str, list[Run]]) -> None:
    """Print the runs as a table."""
    print("| | process, median s | range | CPU s | export alone | bytes |\n|---|---|---|---|---|---|")
    for name, many in runs.items():
        seconds = [run.process_s for run in many]
        export = statistics.median([run.export_s for run in many if run.export_s] or [0.0])
        told = f"{export:.1f}" if export else "—"
        cpu = statistics.median([run.cpu_s for run in many])
        print(
            f"| {name} | {statistics.median(seconds):.1f} | {min(seconds):.1f}–{max(seconds):.1f} | "
            f"{cpu:.1f} | {told} | {many[-1].size / 1e6:.2f} MB |"
        )


def make_workspace(folder: Path) -> None:
    """Make a workspace that is the shipped one with the theme of this comparison."""
    shutil.copytree(ROOT / "layers", folder / "workspace" / "layers")
    shutil.copytree(ROOT / "maps", folder / "workspace" / "maps")
    shutil.copy(folder / "bench.toml", folder / "workspace" / "maps" / "sheets" / "bench.toml")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--warm"]:
        draw_warm(*sys.argv[2:])
    else:
        main()
