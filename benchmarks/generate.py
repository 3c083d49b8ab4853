"""Make the seeded zones and sites the engines are compared on, as GeoParquet in CGCS2000 degrees.

python benchmarks/generate.py FOLDER [--zones s l] [--sites 10000 100000 1000000] [--seed 20260701]

``zones_s.parquet``: 2 000 polygons, 870 000 vertices. ``zones_l.parquet``: 100 000 polygons, 14 300 000
vertices, the largest with 400 002. ``sites_N.parquet``: 80 % parcels (4–40 vertices, 0.1–50 ha), 12 % points,
8 % lines. All lie in 118.0–122.6°E, 28.5–31.5°N; zones overlap each other, one in ten has a hole, one in
twenty an island. The same seed gives the same files; ``docs/benchmarks.md`` tells of the default one's.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
import shapely.affinity

if TYPE_CHECKING:
    from numpy.typing import NDArray

WEST, SOUTH, EAST, NORTH = 118.0, 28.5, 122.6, 31.5
METRES_A_DEGREE = 111_320.0
SEED = 20260701
SETS = {"s": (2_000, 870_000, 30_002, 45.0), "l": (100_000, 14_300_000, 400_002, 25.0)}
"""Polygons, vertices in all, vertices of the largest, metres of a usual edge."""
ROUGHNESS, ROUGHNESS_FALL = 0.35, 1.15
PARCEL_HA, PARCEL_VERTICES = (0.1, 50.0), (4, 40)
LINE_VERTICES, LINE_STEP_M = (2, 20), (20.0, 200.0)


def share_vertices(polygons: int, vertices: int, largest: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the vertices of each polygon, closing ones counted: lognormal, the sum and the largest exact."""
    weight = rng.lognormal(0.0, 1.1, polygons)
    rest = vertices - largest
    count = np.maximum(12, np.minimum(largest - 1, weight[1:] / weight[1:].sum() * rest)).astype(np.int64)
    while (missing := rest - int(count.sum())) != 0:
        step = np.sign(missing)
        movable = np.flatnonzero((count + step >= 12) & (count + step < largest))
        count[rng.choice(movable, min(abs(missing), len(movable)), replace=False)] += step
    return np.concatenate(([largest], count))


def draw_ring(
    centre: NDArray[np.float64], radius_m: float, vertices: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return a closed star-shaped ring with a rough outline, degrees, `vertices` counting the closing one."""
    number = vertices - 1
    wave = np.arange(number // 2 + 1)
    height = np.zeros(len(wave))
    height[1:] = rng.normal(size=len(wave) - 1) * wave[1:] ** -ROUGHNESS_FALL * ROUGHNESS
    spectrum = height * np.exp(2j * np.pi * rng.random(len(wave))) * number / 2
    radius = radius_m * np.exp(np.fft.irfft(spectrum, number))
    angle = np.linspace(0, 2 * np.pi, number, endpoint=False)
    ring = np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=-1) / METRES_A_DEGREE
    ring[:, 0] /= np.cos(np.radians(centre[1]))
    return np.concatenate((ring, ring[:1])) + centre


def draw_zone(number: int, vertices: int, edge_m: float, rng: np.random.Generator) -> shapely.Geometry:
    """Return one zone; every tenth has a hole, every twentieth an island beside it, as vertices allow."""
    radius = min(edge_m * vertices / 8, 45_000.0)
    centre = np.array([rng.uniform(WEST, EAST), rng.uniform(SOUTH, NORTH)])
    margin = 1.6 * radius / METRES_A_DEGREE
    centre = np.clip(centre, (WEST + margin, SOUTH + margin), (EAST - margin, NORTH - margin))
    small = max(vertices // 8, 8)
    if vertices < 4 * small or number % 20 not in {0, 5, 10}:
        return shapely.Polygon(draw_ring(centre, radius, vertices, rng))
    shell = draw_ring(centre, radius, vertices - small, rng)
    reach = np.hypot(*((shell - centre) * (np.cos(np.radians(centre[1])), 1)).T) * METRES_A_DEGREE
    if number % 20 == 5:
        beside = centre + np.array([0.0, (reach.max() * 1.05 + radius / 8) / METRES_A_DEGREE])
        island = draw_ring(beside, radius / 32, small, rng)
        return shapely.MultiPolygon([shapely.Polygon(shell), shapely.Polygon(island)])
    return shapely.Polygon(shell, [draw_ring(centre, reach.min() / 4, small, rng)])


def move_inside(zone: shapely.Geometry) -> shapely.Geometry:
    """Return a zone moved by what it reaches beyond the study area."""
    west, south, east, north = zone.bounds
    shift = (
        max(WEST - west, 0.0) - max(east - EAST, 0.0),
        max(SOUTH - south, 0.0) - max(north - NORTH, 0.0),
    )
    return shapely.affinity.translate(zone, *shift) if any(shift) else zone


def make_zones(name: str, folder: Path, seed: int = SEED) -> Path:
    """Write the zones of a set; return their file."""
    polygons, vertices, largest, edge_m = SETS[name]
    rng = np.random.default_rng((seed, polygons))
    counts = share_vertices(polygons, vertices, largest, rng)
    zones = [move_inside(draw_zone(number, int(count), edge_m, rng)) for number, count in enumerate(counts)]
    order = rng.permutation(polygons)
    frame = gpd.GeoDataFrame(
        {"zid": [f"Z{number:06d}" for number in range(polygons)]},
        geometry=np.array(zones, object)[order],
        crs="EPSG:4490",
    )
    path = folder / f"zones_{name}.parquet"
    frame.to_parquet(path)
    return path


def draw_parcels(count: int, rng: np.random.Generator) -> NDArray[np.object_]:
    """Return uneven parcels, areas spread evenly over the powers of ten."""
    vertices = rng.integers(PARCEL_VERTICES[0], PARCEL_VERTICES[1] + 1, count)
    area_m2 = np.exp(rng.uniform(*np.log(np.array(PARCEL_HA) * 10_000), count))
    lon, lat = rng.uniform(WEST + 0.01, EAST - 0.01, count), rng.uniform(SOUTH + 0.01, NORTH - 0.01, count)
    parcels = np.empty(count, object)
    for number in np.unique(vertices):
        rows = np.flatnonzero(vertices == number)
        angle = np.sort(
            (np.arange(number) + rng.uniform(0, 0.8, (len(rows), number))) / number * 2 * np.pi, axis=1
        )
        radius = rng.uniform(0.6, 1.4, (len(rows), number))
        x, y = radius * np.cos(angle), radius * np.sin(angle)
        drawn = np.abs(np.sum(x * np.roll(y, -1, 1) - np.roll(x, -1, 1) * y, axis=1)) / 2
        scale = np.sqrt(area_m2[rows] / drawn)[:, None] / METRES_A_DEGREE
        x = lon[rows, None] + x * scale / np.cos(np.radians(lat[rows, None]))
        parcels[rows] = shapely.polygons(np.stack((x, lat[rows, None] + y * scale), axis=-1))
    return parcels


def draw_lines(count: int, rng: np.random.Generator) -> NDArray[np.object_]:
    """Return winding lines of 2 to 20 vertices."""
    vertices = rng.integers(LINE_VERTICES[0], LINE_VERTICES[1] + 1, count)
    start = np.stack(
        (rng.uniform(WEST + 0.05, EAST - 0.05, count), rng.uniform(SOUTH + 0.05, NORTH - 0.05, count)), -1
    )
    lines = np.empty(count, object)
    for number in np.unique(vertices):
        rows = np.flatnonzero(vertices == number)
        heading = rng.uniform(0, 2 * np.pi, (len(rows), 1)) + np.cumsum(
            rng.normal(0, 0.4, (len(rows), number)), 1
        )
        length = rng.uniform(*LINE_STEP_M, (len(rows), number)) / METRES_A_DEGREE
        steps = np.stack((length * np.cos(heading), length * np.sin(heading)), axis=-1)
        lines[rows] = shapely.linestrings(start[rows, None] + np.cumsum(steps, axis=1))
    return lines


def make_sites(count: int, folder: Path, seed: int = SEED) -> Path:
    """Write `count` sites; return their file."""
    rng = np.random.default_rng((seed, 7, count))
    points, lines = round(count * 0.12), round(count * 0.08)
    drawn = np.concatenate(
        (
            draw_parcels(count - points - lines, rng),
            shapely.points(rng.uniform(WEST, EAST, points), rng.uniform(SOUTH, NORTH, points)),
            draw_lines(lines, rng),
        )
    )
    kinds = np.repeat(["parcel", "point", "line"], [count - points - lines, points, lines])
    order = rng.permutation(count)
    frame = gpd.GeoDataFrame(
        {"sid": [f"P{number:07d}" for number in range(count)], "kind": kinds[order]},
        geometry=drawn[order],
        crs="EPSG:4490",
    )
    path = folder / f"sites_{count}.parquet"
    frame.to_parquet(path, row_group_size=65_536)
    return path


def main() -> None:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--zones", nargs="*", choices=sorted(SETS), default=sorted(SETS))
    parser.add_argument("--sites", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--seed", type=int, default=SEED, help=f"of all draws, {SEED} by default")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.zones:
        print(make_zones(name, options.folder, options.seed))
    for count in options.sites:
        print(make_sites(count, options.folder, options.seed))


if __name__ == "__main__":
    main()
