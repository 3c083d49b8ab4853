"""Write a project's files as an office would send them: an expressway, an industrial park, a line, parcels.

``python benchmarks/project_files.py FOLDER`` writes four GeoJSON files, the same each time. The places are
invented; they are put where the control zones of the shipped layers are, and where there are none.
"""

from __future__ import annotations

import json
import math
import random
import sys
from pathlib import Path

SEED = 20260601
M_PER_DEG_LAT = 110_900.0

EXPRESSWAY = [
    (119.660, 29.775), (119.700, 29.812), (119.748, 29.838), (119.802, 29.861), (119.858, 29.905),
    (119.905, 29.955), (119.958, 29.992), (120.020, 30.022), (120.085, 30.060), (120.140, 30.104),
    (120.196, 30.142), (120.236, 30.171), (120.262, 30.176),
]  # fmt: skip
POWER_LINE = [(119.952, 30.318), (119.998, 30.301), (120.040, 30.278), (120.071, 30.262), (120.098, 30.219),
              (120.131, 30.188), (120.168, 30.168)]  # fmt: skip
PARK_CENTRE = (120.562, 30.318)
NEAR = [
    ("西湖风景名胜区游客中心", 120.138, 30.238, 2.4),
    ("西溪湿地北侧商务楼", 120.066, 30.281, 3.1),
    ("西溪湿地内栈道", 120.062, 30.268, 0.6),
    ("天目山森林康养基地", 119.443, 30.338, 8.5),
    ("清凉峰旅游集散中心", 118.882, 30.103, 4.2),
    ("大奇山度假酒店", 119.693, 29.765, 6.0),
    ("千岛湖取水泵站", 118.958, 29.585, 0.4),
    ("之江码头扩建", 120.152, 30.172, 1.8),
    ("萧山机场货运区", 120.452, 30.239, 22.0),
    ("富春江沿岸公园", 119.952, 30.040, 5.2),
]
USES = ("工业用地", "城镇住宅用地", "商服用地", "公共设施用地", "物流仓储用地")


def make_ring(lon: float, lat: float, area_ha: float, rng: random.Random) -> list[list[float]]:
    """Return an irregular parcel of about `area_ha` as a closed lon/lat ring, counterclockwise."""
    corners = rng.randint(5, 9)
    radius_m = math.sqrt(area_ha * 10_000 / math.pi) * 1.08
    turn = rng.uniform(0, math.tau)
    ring = []
    for corner in range(corners):
        angle = turn + math.tau * (corner + rng.uniform(-0.25, 0.25)) / corners
        reach = radius_m * rng.uniform(0.8, 1.2)
        east = reach * math.cos(angle) / (M_PER_DEG_LAT * math.cos(math.radians(lat)))
        ring.append([round(lon + east, 7), round(lat + reach * math.sin(angle) / M_PER_DEG_LAT, 7)])
    return [*ring, ring[0]]


def feature(geometry_type: str, coordinates: object, **properties: object) -> dict[str, object]:
    """Return one GeoJSON feature."""
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": geometry_type, "coordinates": coordinates},
    }


def make_parcels(rng: random.Random) -> list[dict[str, object]]:
    """Return forty parcels: ten in or beside control zones, thirty all over Hangzhou."""
    placed = [(name, lon, lat, area) for name, lon, lat, area in NEAR]
    for number in range(len(NEAR) + 1, 41):
        lon, lat = rng.uniform(118.75, 120.65), rng.uniform(29.45, 30.50)
        placed.append((f"杭政储出〔2026〕{number}号", lon, lat, rng.uniform(0.3, 12.0)))
    return [
        feature("Polygon", [make_ring(lon, lat, area, rng)], 地块名称=name, 用地性质=rng.choice(USES),
                批准面积公顷=round(area, 4))
        for name, lon, lat, area in placed
    ]  # fmt: skip


def make_files() -> dict[str, list[dict[str, object]]]:
    """Return the features of each file by its name."""
    rng = random.Random(SEED)  # noqa: S311 - invented parcels, not secrets
    line = [list(point) for point in EXPRESSWAY]
    park = make_ring(*PARK_CENTRE, 300.0, rng)
    towers = [list(point) for point in POWER_LINE]
    return {
        "01_高速公路选线.geojson": [feature("LineString", line, 项目名称="桐庐—萧山高速公路", 设计车速=120)],
        "02_产业园红线.geojson": [feature("Polygon", [park], 项目名称="临江智能制造产业园一期", height_m=45)],
        "03_220kV线路.geojson": [feature("LineString", towers, 项目名称="余杭—滨江220千伏线路", height_m=55)],
        "04_零散地块.geojson": make_parcels(rng),
    }


def main(folder: Path) -> None:
    """Write the files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, features in make_files().items():
        collection = {"type": "FeatureCollection", "features": features}
        (folder / name).write_text(json.dumps(collection, ensure_ascii=False, indent=1), encoding="utf-8")
        print(folder / name, len(features))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
