"""Time the replacement of the redline layer by a made file of many polygons, a check on it, and the undo.

python benchmarks/replace_redline.py [POLYGONS]
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from processes import run

from gis.cli.init import copy_workspace
from gis.settings import bundled_workspace

LAYER = "ecological_redline"
STEP_M, VERTICES, SEED = 300.0, 24, 1
GIS = (sys.executable, "-c", "from gis.cli.main import main; main()")


def make_redline(count: int, path: Path) -> None:
    """Write `count` uneven polygons of some 3 ha on a grid of 300 m as a shapefile in GBK, EPSG:4549."""
    rng = np.random.default_rng(SEED)
    side = int(np.ceil(np.sqrt(count)))
    number = np.arange(count)
    angle = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    radius = 60 + 80 * rng.random((count, VERTICES))
    x = 480_000 + (number % side)[:, None] * STEP_M + radius * np.cos(angle)
    y = 3_300_000 + (number // side)[:, None] * STEP_M + radius * np.sin(angle)
    frame = gpd.GeoDataFrame(
        {"BSM": [f"{n:018d}" for n in number], "XZQMC": "临安区", "HXMC": [f"红线{n}" for n in number]},
        geometry=shapely.polygons(np.stack((x, y), axis=-1)),
        crs="EPSG:4549",
    )
    frame.to_file(path, encoding="GBK")


def run_timed(*arguments: str) -> str:
    """Run ``gis`` and print how long it took and the memory of its largest process; return what it wrote."""
    done = run([*GIS, *arguments])
    if done is None or done.code not in {0, 1}:
        sys.exit(done.stderr if done else "")
    took = f"{done.wall_s:6.1f} s {done.peak_mb:6.0f} MB"
    print(f"{took}  gis {' '.join(arguments[:3])}  exit {done.code}", flush=True)
    return done.stdout


def hash_files(folder: Path) -> str:
    """Return one hash over all files of the layers but the history."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".history" not in path.parts:
            digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()


def main() -> None:
    """Run the benchmark."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace = folder / "workspace"
        copy_workspace(bundled_workspace(), workspace)
        make_redline(count, folder / "STBHHX.shp")
        site = shapely.to_geojson(shapely.box(120.1, 30.1, 120.11, 30.11))
        (folder / "site.geojson").write_text(
            json.dumps({"type": "Feature", "properties": {}, "geometry": json.loads(site)}), encoding="utf-8"
        )
        before = hash_files(workspace / "layers")
        where = ("--workspace", str(workspace))
        said = ("--accuracy", "5", "--source", "benchmark", "--date", "2026-01-01", "--yes")
        run_timed("layers", "replace", LAYER, str(folder / "STBHHX.shp"), *said, *where)
        result = json.loads(run_timed("check", str(folder / "site.geojson"), "--json", *where))
        found = [one for one in result["sites"][0]["findings"] if one["layer_id"] == LAYER]
        print(f"       {len(found)} findings on {LAYER}")
        run_timed("layers", "undo", LAYER, *where)
        print(f"       undone byte for byte: {hash_files(workspace / 'layers') == before}")


if __name__ == "__main__":
    main()
