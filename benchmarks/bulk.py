"""Time a bulk check from file to file: unit costs, growth, memory, workers.

python benchmarks/bulk.py SITES.parquet… [--zones ZONES.parquet] [--near 200] [--accuracy 5] [--workers 1 2]
                          [--dask local:2]

Without ``--zones`` the shipped layers and rules are used; with them, one layer of these zones under one rule.
Sites and zones as ``benchmarks/generate.py`` makes them. One row a run: processor seconds of all processes,
peak memory of the largest one and of all together (shared pages counted once). The last column is what a site
costs; ``docs/scale.md`` reckons with it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from processes import run

STYLES = '[style.fallback]\nfill = "#cccccc"\nstroke = "#333333"\n'
RULE = """
[[rule]]
id = "zones"
title_zh = "管控区"
title_en = "zones"
level = "prohibited"
applies_to = { layer = "zones", kinds = ["zone"] }
recipe = { type = "inside" }
requirement_zh = "不得建设"
requirement_en = "do not build"
verified = true

[[rule.provisions]]
instrument = "基准"
article = "1"
version = "1"
source = "benchmark"
verified = true
in_force_from = 2020-01-01
"""


def make_workspace(folder: Path, zones: Path, accuracy_m: float) -> Path:
    """Make a workspace whose one layer is a file of zones."""
    import hashlib

    import geopandas as gpd

    from gis.layers.render import render_frame

    frame = gpd.read_parquet(zones, columns=["geometry"])
    frame.insert(0, "id", [f"z{number:06d}" for number in range(len(frame))])
    frame.insert(1, "kind", "zone")
    (folder / "layers").mkdir(parents=True)
    (folder / "maps").mkdir()
    (folder / "maps" / "styles.toml").write_text(STYLES)
    (folder / "layers" / "rules.toml").write_text(RULE)
    path = folder / "layers" / "zones.geojson"
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for piece in render_frame("zones", frame):
            digest.update(piece)
            file.write(piece)
    entry = {
        "id": "zones",
        "title_zh": "管控区",
        "title_en": "zones",
        "theme": "ecology",
        "path": "zones.geojson",
        "geometry_type": "Polygon",
        "rows": len(frame),
        "sha256": digest.hexdigest(),
        "provenance": "digitised",
        "accuracy_m": accuracy_m,
        "coverage": [117.5, 28.0, 123.0, 32.0],
        "source": "benchmark",
        "licence": "CC0",
        "required": True,
    }
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items()]
    (folder / "layers" / "catalogue.toml").write_text("[[layer]]\n" + "\n".join(lines) + "\n")
    return folder


RUN = """
import json, sys
from pathlib import Path
import gis
from gis.model import CheckOptions
from datetime import date
source, out, folder, near, workers, dask = json.loads(sys.argv[1])
workspace = gis.open_workspace(folder)
options = CheckOptions(on=date(2026, 6, 1), near_m=near)
summary = gis.check_bulk(source, out, workspace=workspace, options=options, workers=workers, dask=dask)
print(json.dumps([summary.features_in, summary.findings, summary.by_verdict]))
"""


def time_run(task: list[object]) -> str:
    """Return the row of the table of one bulk check."""
    done = run([sys.executable, "-c", RUN, json.dumps(task)])
    if done is None or done.code:
        sys.exit(done.stderr if done else "")
    count, findings, _ = json.loads(done.stdout.splitlines()[-1])
    where = task[-1] or task[-2]
    return (
        f"| {count:,} | {where} | {findings:,} | {done.wall_s:.1f} | {done.cpu_s:.1f} | {done.peak_mb:,.0f} "
        f"| {done.all_mb:,.0f} | {done.cpu_s / count * 1e6:,.0f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sites", nargs="+", type=Path)
    parser.add_argument("--zones", type=Path)
    parser.add_argument("--near", type=float, default=200.0)
    parser.add_argument("--accuracy", type=float, default=5.0)
    parser.add_argument("--workers", type=int, nargs="*", default=[2])
    parser.add_argument("--dask")
    asked = parser.parse_args()
    print("| sites | workers | findings | wall s | processor s | peak MB | all processes MB | µs a site |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = str(make_workspace(Path(name, "w"), asked.zones, asked.accuracy)) if asked.zones else None
        for sites in asked.sites:
            for workers in asked.workers:
                task = [str(sites), str(Path(name, "f.parquet")), folder, asked.near, workers, asked.dask]
                print(time_run(task), flush=True)


if __name__ == "__main__":
    main()
