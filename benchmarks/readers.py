"""Time the readers of sites on the same parcels: fiona, pyogrio, Arrow and the engine's own.

python benchmarks/readers.py FOLDER [--sites 100000]

Takes ``sites_N.parquet`` of ``generate.py`` (made when missing), writes its parcels as GeoJSON, GPKG and
shapefile, reads each by each reader in turn, three times, and prints a table of median CPU seconds.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import fiona
import geopandas as gpd
import pyarrow.parquet as pq
import pyogrio
from shapely.geometry import shape

from gis.engine.wkb import load_plane, read_wkb

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 3
SUFFIXES = {"GeoJSON": "geojson", "GPKG": "gpkg", "ESRI Shapefile": "shp"}


def read_fiona(path: Path) -> int:
    """Return how many geometries fiona gives."""
    with fiona.open(path) as source:
        return sum(1 for feature in source if shape(feature.geometry) is not None)


def read_parquet_flat(path: Path) -> int:
    """Return how many geometries come into flat arrays."""
    column = pq.read_table(path, columns=["geometry"]).column("geometry").combine_chunks()
    return len(read_wkb(column).shape_start) - 1


def read_parquet_plane(path: Path) -> int:
    """Return how many geometries come into flat arrays of the plane."""
    column = pq.read_table(path, columns=["geometry"]).column("geometry").combine_chunks()
    return len(load_plane(column, "EPSG:4490", "EPSG:4549").shape_start) - 1


def list_readers(folder: Path, stem: str) -> dict[str, Callable[[], object]]:
    """Return the readers by name."""
    readers: dict[str, Callable[[], object]] = {}
    for driver, suffix in SUFFIXES.items():
        path = folder / f"{stem}.{suffix}"
        readers[f"{driver}, fiona"] = lambda path=path: read_fiona(path)
        readers[f"{driver}, pyogrio"] = lambda path=path: gpd.read_file(path, engine="pyogrio")
        readers[f"{driver}, pyogrio with Arrow"] = lambda path=path: pyogrio.read_dataframe(
            path, use_arrow=True
        )
    path = folder / f"{stem}.parquet"
    readers["GeoParquet, geopandas"] = lambda: gpd.read_parquet(path)
    readers["GeoParquet, geopandas, to_crs"] = lambda: gpd.read_parquet(path).to_crs("EPSG:4549")
    readers["GeoParquet, engine"] = lambda: read_parquet_flat(path)
    readers["GeoParquet, engine, to the plane"] = lambda: read_parquet_plane(path)
    return readers


def prepare(folder: Path, sites: int) -> str:
    """Write the parcels in every format; return the stem of the files."""
    source, stem = folder / f"sites_{sites}.parquet", f"parcels_{sites}"
    if not source.exists():
        generate = [sys.executable, str(Path(__file__).with_name("generate.py")), str(folder)]
        command = [*generate, "--zones", "--sites", str(sites)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    frame = gpd.read_parquet(source)
    parcels = frame[frame["kind"] == "parcel"].reset_index(drop=True)
    parcels.to_parquet(folder / f"{stem}.parquet")
    for driver, suffix in SUFFIXES.items():
        path = folder / f"{stem}.{suffix}"
        if not path.exists():
            parcels.to_file(path, driver=driver, engine="pyogrio")
    return stem


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sites", type=int, default=100_000)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    readers = list_readers(options.folder, prepare(options.folder, options.sites))
    read_parquet_plane(options.folder / f"parcels_{options.sites}.parquet")
    used: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(ROUNDS):
        for name, read in readers.items():
            began = time.process_time()
            read()
            used[name].append(time.process_time() - began)
    print(f"| {options.sites * 8 // 10:,} parcels | CPU s |\n|---|---|".replace(",", " "))
    for name, seconds in used.items():
        print(f"| {name} | {statistics.median(seconds):.2f} |")


if __name__ == "__main__":
    main()
