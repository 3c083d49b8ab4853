"""Compare the product's engine with others on the same files, in interleaved runs, and check that they agree.

python benchmarks/peers.py FOLDER [--zones s l] [--sites 10000 100000 1000000] [--rounds 3] [--limit 240]

Makes the files of ``generate.py`` in FOLDER where they are missing, an environment with DuckDB spatial, and
zones cut and moved to the plane beforehand for DuckDB (not counted against it). Every run is a process of its
own and counts everything from the files to the file of pairs; kernels are compiled before the first. Prints a
table in Markdown as it goes, and on stderr how far it is. PostGIS runs in a cluster started here where
PostgreSQL is installed, its server's processor seconds and memory counted, or in the database of
``--postgis DSN``, where they are not seen. An engine over ``--limit`` seconds, or one that fails, is left out
of the cases that follow on the same zones. Exits with 1 when an engine failed or its pairs are not ours.
"""

from __future__ import annotations

import argparse
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
from processes import Run, run

HERE = Path(__file__).parent
NEAR_M = "200"
CUT_ABOVE, PIECE_MAX = 256, 128
OURS, KEPT, DUCKDB, POSTGIS = "ours", "ours, zones kept", "DuckDB spatial, zones cut before", "PostGIS"
PACKAGES = ("duckdb==1.5.5", "duckdb-extension-spatial==1.5.5")


@dataclass(frozen=True, slots=True)
class Case:
    """Zones and sites, and the files they stand in."""

    zones: str
    sites: int
    folder: Path

    def __str__(self) -> str:
        return f"{self.zones.upper()} {self.sites:,}".replace(",", " ")

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
        tell(case.zone_file.name)
        subprocess.run([*generate, "--zones", case.zones, "--sites"], check=True, stdout=subprocess.DEVNULL)
    if not case.site_file.exists():
        tell(case.site_file.name)
        command = [*generate, "--zones", "--sites", str(case.sites)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    if not case.cut_file.exists():
        tell(case.cut_file.name)
        zones = gpd.read_parquet(case.zone_file).to_crs("EPSG:4549")
        pieces = [cut_polygon(zone, CUT_ABOVE) for zone in zones.geometry]
        names = np.repeat(zones["zid"].to_numpy(), [len(piece) for piece in pieces])
        flat = [piece for zone in pieces for piece in zone]
        gpd.GeoDataFrame({"zid": names}, geometry=flat, crs=zones.crs).to_parquet(case.cut_file)


def find_duckdb(folder: Path) -> str | None:
    """Return a Python with DuckDB spatial, made with pip at the first call; None where pip cannot."""
    home = folder / "duckdb"
    python = home / "bin" / "python"
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    except subprocess.CalledProcessError:
        tell("无法安装 DuckDB，不比较 / DuckDB cannot be installed and is left out")
        return None
    return str(python)


def list_engines(case: Case, options: argparse.Namespace) -> dict[str, list[str]]:
    """Return the command of each engine, without the file of pairs."""
    ours = [sys.executable, str(HERE / "screen.py"), "--near", NEAR_M]
    ours += ["--zones", str(case.zone_file), "--sites", str(case.site_file)]
    files = [str(case.zone_file), str(case.site_file), NEAR_M]
    cut = [str(case.cut_file), str(case.site_file), NEAR_M]
    engines = {
        OURS: [*ours, "--out"],
        KEPT: [*ours, "--cache", str(case.folder / "kept"), "--out"],
        DUCKDB: [options.duckdb or "", str(HERE / "peer_duckdb.py"), *cut],
        "geopandas": [sys.executable, str(HERE / "peer_geopandas.py"), *files],
        POSTGIS: [sys.executable, str(HERE / "peer_postgis.py"), options.postgis, *files],
    }
    if not options.duckdb:
        del engines[DUCKDB]
    if not options.postgis:
        del engines[POSTGIS]
    return {name: command for name, command in engines.items() if name == OURS or not is_named(name, options)}


def is_named(name: str, options: argparse.Namespace) -> bool:
    """Return whether an engine is to be left out."""
    return name.startswith(tuple(options.without) or ("-",))


def tell(text: str) -> None:
    """Say on stderr how far the run is."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


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


def time_case(case: Case, options: argparse.Namespace, late: dict[str, str]) -> list[str]:
    """Return the rows of the table for one case; engines that fail join `late` with why, to be left out."""
    prepare(case)
    engines = {name: command for name, command in list_engines(case, options).items() if name not in late}
    outs = {name: case.folder / f"pairs_{number}.parquet" for number, name in enumerate(engines)}
    runs: dict[str, list[Run]] = {name: [] for name in engines}
    warm = KEPT if KEPT in engines else OURS
    tell(f"{case}: kernels compiled, zones kept, uncounted")
    run([*engines[warm], str(outs[warm])], 10 * options.limit)
    for number in range(options.rounds):
        for name in [name for name in engines if name not in late]:
            server = options.server if name == POSTGIS else None
            done = run([*engines[name], str(outs[name])], options.limit, server)
            took = f"> {options.limit:.0f} s, given up" if done is None else f"{done.wall_s:.1f} s"
            if done is None:
                late[name] = f"> {options.limit:.0f}"
            elif done.code:
                late[name], took = "failed", f"failed\n{done.stderr}"
            else:
                runs[name].append(done)
            tell(f"{case}, round {number + 1} of {options.rounds}: {name}: {took}")
    if OURS in late:
        sys.exit(f"{case}: {OURS}: {late[OURS]}")
    pairs = f"{len(pd.read_parquet(outs[OURS], columns=['site'])):,} pairs".replace(",", " ")
    base_s = statistics.median(one.wall_s for one in runs[OURS])
    rows = []
    for name, done in runs.items():
        if name in late:
            rows.append(f"| {case} | {name} | {late[name]} | | | | | |")
            continue
        agree = pairs if name == OURS else compare(outs[OURS], outs[name])
        rows.append(
            f"| {case} | {name} | {describe_runs(done, base_s, seen=is_seen(name, options))} | {agree} |"
        )
    return rows


def is_seen(name: str, options: argparse.Namespace) -> bool:
    """Return whether seconds and memory of an engine are seen: not those of a database from elsewhere."""
    return name != POSTGIS or options.server is not None


def describe_runs(runs: list[Run], base_s: float, *, seen: bool) -> str:
    """Return the middle columns of the table: medians of the seconds, the greatest memory."""
    wall, cpu = (statistics.median(getattr(one, field) for one in runs) for field in ("wall_s", "cpu_s"))
    peak, together = (max(getattr(one, field) for one in runs) for field in ("peak_mb", "all_mb"))
    unseen = f"{wall:.1f} | | {wall / base_s:.1f} × | |"
    return f"{wall:.1f} | {cpu:.1f} | {wall / base_s:.1f} × | {peak:.0f} | {together:.0f}" if seen else unseen


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
    options.duckdb = None if is_named("DuckDB", options) else find_duckdb(options.folder)
    given = options.postgis or is_named(POSTGIS, options)
    with nullcontext((options.postgis, None)) if given else start_cluster() as server:
        options.postgis, options.server = server
        rows = print_table(options)
    shutil.rmtree(options.folder / "kept", ignore_errors=True)
    if any("pairs differ" in row or "DIFFER" in row or "failed" in row for row in rows):
        sys.exit("结果不一致或有引擎失败 / the engines do not agree, or one failed")


def print_table(options: argparse.Namespace) -> list[str]:
    """Print the table as it is made; return its rows."""
    print("| zones, sites | engine | wall s | CPU s | wall to ours | peak MB | all MB | against ours |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    rows: list[str] = []
    for zones in options.zones:
        late: dict[str, str] = {}
        for sites in options.sites:
            rows += (made := time_case(Case(zones, sites, options.folder), options, late))
            print("\n".join(made), flush=True)
    return rows


if __name__ == "__main__":
    main()
