"""Screen sites against zones, from GeoParquet to Parquet, with the product's own engine.

python benchmarks/screen.py --zones Z.parquet --sites S.parquet --near 200 --out pairs.parquet

Zones have ``zid``, sites ``sid`` and ``kind``; one row out for every pair that meets or lies within
``--near`` metres in the plane EPSG:4549: ``site``, ``zone``, ``area_m2`` (0 for points, lines and near pairs)
and ``distance_m``. Vertices alone move to the plane, as in every engine compared; ``--dense`` divides edges
to 100 m first, as the product's checks do. Timings and peak memory go to stderr.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path


def read_options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--zones", type=Path, required=True)
    parser.add_argument("--sites", type=Path, required=True)
    parser.add_argument("--near", type=float, default=200.0, help="metres")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cache", type=Path, help="folder for cut zones; left out, they are cut anew")
    parser.add_argument("--dense", action="store_true", help="divide edges to 100 m before they move")
    return parser.parse_args()


def main() -> None:
    """Screen and say how long it took."""
    began = time.perf_counter()
    options = read_options()
    from gis import crs
    from gis.engine.screening import Screening, screen
    from gis.errors import GisError

    loaded = time.perf_counter()
    task = Screening(
        zones=options.zones,
        sites=options.sites,
        out=options.out,
        near_m=options.near,
        longest_deg=crs.MAX_EDGE_DEG if options.dense else None,
        cache=options.cache,
        workers=options.workers,
    )
    try:
        summary = screen(task)
    except GisError as error:
        hint = error.as_dict()["hint"]
        print(f"{error}\n{hint}" if hint else error, file=sys.stderr)
        sys.exit(2)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        f"zones {summary.zones} in {summary.pieces} pieces{' (kept)' if summary.from_cache else ''}; "
        f"sites {summary.sites}; pairs {summary.pairs}, doubtful {summary.doubtful}\n"
        f"start {loaded - began:.2f} s, zones {summary.zones_s:.2f} s, sites {summary.sites_s:.2f} s, "
        f"wall {time.perf_counter() - began:.2f} s, CPU {used.ru_utime + used.ru_stime:.2f} s, "
        f"peak {used.ru_maxrss / 1024:.0f} MB",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
