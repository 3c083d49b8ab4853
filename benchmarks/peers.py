"""Compare the product's engine with others on the same files, in interleaved runs, and check that they agree.

python benchmarks/peers.py FOLDER [--zones s l] [--sites 10000 100000 1000000] [--rounds 3] [--limit 240]

Makes the files of ``generate.py`` in FOLDER where they are missing, an environment with DuckDB spatial, and
zones cut and moved to the plane beforehand for DuckDB (not counted against it). Every run is a process of its
own and counts everything from the files to the file of pairs; kernels are compiled before the first. Prints a
table in Markdown. PostGIS runs in a cluster started here where PostgreSQL is installed, or in the database of
``--postgis DSN``; its CPU seconds are not seen from here. Exits with 1 when an engine's pairs are not ours.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from peer_cluster import start_cluster

HERE = Path(__file__).parent
NEAR_M = "200"
CUT_ABOVE, PIECE_MAX = 256, 128
DUCKDB = ("duckdb==1.5.5", "duckdb-extension-spatial==1.5.5")


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process: seconds on the clock and of CPU, greatest memory."""

    wall_s: float
    cpu_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Case:
    """Zones and sites, and the files they stand in."""

    zones: str
    sites: int
    folder: Path

    @property
    def zone_file(self) -> Path:
        """Zones as drawn."""
        return self.folder / f"zones_{self.zones}.parquet"

    @property
    def cut_file(self) -> Path:
        """Zones cut, in the plane."""
        return self.folder / f"cut_{self.zones}.parquet"

    @property
    def site_file(self) -> Path:
        """Sites."""
        return self.folder / f"sites_{self.sites}.parquet"


def run(command: list[str], limit_s: float) -> Run | None:
    """Run a process to its end; None when it takes longer than the limit."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.perf_counter() - began > limit_s:
            process.kill()
            process.wait()
            return None
        time.sleep(0.005)
    wall = time.perf_counter() - began
    if status:
        message = process.stderr.read().decode() if process.stderr else ""
        sys.exit(f"{' '.join(command)} failed\n{message}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def cut_polygon(polygon: shapely.Geometry, most: int) -> list[shapely.Geometry]:
    """Return a polygon in pieces of at most `most` vertices, halved across the longer side of its box."""
    if shapely.get_num_coordinates(polygon) <= most:
        return [polygon]
    x_0, y_0, x_1, y_1 = polygon.bounds
    if x_1 - x_0 > y_1 - y_0:
        halves = shapely.box(x_0, y_0, (x_0 + x_1) / 2, y_1), shapely.box((x_0 + x_1) / 2, y_0, x_1, y_1)
    else:
        halves = shapely.box(x_0, y_0, x_1, (y_0 + y_1) / 2), shapely.box(x_0, (y_0 + y_1) / 2, x_1, y_1)
    parts = [part for half in halves for part in shapely.get_parts(shapely.intersection(polygon, half))]
    return [piece for part in parts if part.geom_type == "Polygon" for piece in cut_polygon(part, PIECE_MAX)]


def prepare(case: Case) -> None:
    """Make the files that are missing."""
    generate = [sys.executable, str(HERE / "generate.py"), str(case.folder)]
    if not case.zone_file.exists():
        subprocess.run([*generate, "--zones", case.zones, "--sites"], check=True, stdout=subprocess.DEVNULL)
    if not case.site_file.exists():
        command = [*generate, "--zones", "--sites", str(case.sites)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    if not case.cut_file.exists():
        zones = gpd.read_parquet(case.zone_file).to_crs("EPSG:4549")
        pieces = [cut_polygon(zone, CUT_ABOVE) for zone in zones.geometry]
        names = np.repeat(zones["zid"].to_numpy(), [len(piece) for piece in pieces])
        flat = [piece for zone in pieces for piece in zone]
        gpd.GeoDataFrame({"zid": names}, geometry=flat, crs=zones.crs).to_parquet(case.cut_file)


def find_duckdb(folder: Path) -> str:
    """Return a Python with DuckDB spatial, made with pip at the first call."""
    home = folder / "duckdb"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *DUCKDB], check=True)
    return str(python)


def list_engines(case: Case, options: argparse.Namespace) -> dict[str, list[str]]:
    """Return the command of each engine, without the file of pairs."""
    ours = [sys.executable, str(HERE / "screen.py"), "--near", NEAR_M]
    ours += ["--zones", str(case.zone_file), "--sites", str(case.site_file)]
    files = [str(case.zone_file), str(case.site_file), NEAR_M]
    cut = [str(case.cut_file), str(case.site_file), NEAR_M]
    engines = {
        "ours": [*ours, "--out"],
        "ours, zones kept": [*ours, "--cache", str(case.folder / "kept"), "--out"],
        "DuckDB spatial, zones cut before": [find_duckdb(case.folder), str(HERE / "peer_duckdb.py"), *cut],
        "geopandas": [sys.executable, str(HERE / "peer_geopandas.py"), *files],
    }
    if options.postgis:
        engines["PostGIS"] = [sys.executable, str(HERE / "peer_postgis.py"), options.postgis, *files]
    left = tuple(options.without)
    return {name: command for name, command in engines.items() if not (left and name.startswith(left))}


def compare(ours: Path, theirs: Path) -> str:
    """Return whether two files of pairs agree, and the greatest differences."""
    first, second = (
        pd.read_parquet(path).sort_values(["site", "zone"], ignore_index=True) for path in (ours, theirs)
    )
    if not first[["site", "zone"]].equals(second[["site", "zone"]].astype(first[["site", "zone"]].dtypes)):
        return "pairs differ"
    area = np.abs(first["area_m2"] - second["area_m2"])
    share = (area / np.maximum(second["area_m2"], 1.0)).max()
    distance = np.abs(first["distance_m"] - second["distance_m"]).max()
    return f"{'same' if share <= 1e-6 and distance <= 1e-6 else 'DIFFER'}: {share:.0e}, {distance:.0e} m"


def time_case(case: Case, options: argparse.Namespace, late: set[str]) -> list[str]:
    """Return the rows of the table for one case; engines over the limit join `late`, to be left out."""
    prepare(case)
    engines = {name: command for name, command in list_engines(case, options).items() if name not in late}
    runs: dict[str, list[Run]] = {name: [] for name in engines}
    for name in ("ours", "ours, zones kept"):
        run([*engines[name], str(case.folder / "warm.parquet")], 10 * options.limit)
    outs = {name: case.folder / f"pairs_{number}.parquet" for number, name in enumerate(engines)}
    for _ in range(options.rounds):
        for name, command in engines.items():
            if name in late:
                continue
            done = run([*command, str(outs[name])], options.limit)
            if done is None:
                late.add(name)
            else:
                runs[name].append(done)
    pairs = len(pd.read_parquet(outs["ours"], columns=["site"]))
    base = statistics.median(one.wall_s for one in runs["ours"])
    rows = []
    for name, done in runs.items():
        start = f"| {case.zones.upper()} {case.sites:,} |".replace(",", " ") + f" {name} |"
        if name in late or not done:
            rows.append(f"{start} > {options.limit:.0f} | | > {options.limit / base:.0f} × | | |")
            continue
        wall, cpu = (statistics.median(getattr(one, field) for one in done) for field in ("wall_s", "cpu_s"))
        peak = max(one.peak_mb for one in done)
        agree = f"{pairs:,} pairs".replace(",", " ") if name == "ours" else compare(outs["ours"], outs[name])
        cpu_text = "" if name == "PostGIS" else f"{cpu:.1f}"
        rows.append(f"{start} {wall:.1f} | {cpu_text} | {wall / base:.1f} × | {peak:.0f} | {agree} |")
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--zones", nargs="+", default=["s", "l"])
    parser.add_argument("--sites", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--limit", type=float, default=240.0, help="seconds after which an engine is given up"
    )
    parser.add_argument(
        "--without", nargs="*", default=[], help="engines to leave out, by the start of their names"
    )
    parser.add_argument("--postgis", default="", help="postgresql:// of a database that may be written to")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    wanted = not any("PostGIS".startswith(name) for name in options.without if name)
    with nullcontext(options.postgis) if options.postgis or not wanted else start_cluster() as address:
        options.postgis = address
        rows = print_table(options)
    shutil.rmtree(options.folder / "kept", ignore_errors=True)
    if any("pairs differ" in row or "DIFFER" in row for row in rows):
        sys.exit("结果不一致 / the engines do not agree")


def print_table(options: argparse.Namespace) -> list[str]:
    """Print the table as it is made; return its rows."""
    print("| zones, sites | engine | wall s | CPU s | wall to ours | peak MB | against ours |")
    print("|---|---|---|---|---|---|---|", flush=True)
    rows: list[str] = []
    for zones in options.zones:
        late: set[str] = set()
        for sites in options.sites:
            rows += (made := time_case(Case(zones, sites, options.folder), options, late))
            print("\n".join(made), flush=True)
    return rows


if __name__ == "__main__":
    main()
