"""A workspace whose zones meet, touch, overlap and lie near each other, and sites strewn over all of it."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.affinity import translate

from gis import crs
from gis.model import CheckOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gis.workspace import Workspace

OPTIONS = CheckOptions(on=date(2026, 6, 1), near_m=300.0)


def strew_sites(count: int, *, seed: int, half_m: float = 1500.0) -> list[shapely.Geometry]:
    """Return random parcels, lines, points and two-part parcels in metres about the origin."""
    rng = np.random.default_rng(seed)
    made: list[shapely.Geometry] = []
    for number in range(count):
        x, y = rng.uniform(-half_m, half_m, 2)
        radius = 10 ** rng.uniform(0.3, 2.3)
        angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(4, 12)))
        reach = radius * rng.uniform(0.6, 1, len(angles))
        outline = np.column_stack((x + reach * np.cos(angles), y + reach * np.sin(angles)))
        polygon = shapely.make_valid(shapely.Polygon(outline), method="structure")
        if number % 10 == 7 or polygon.is_empty or shapely.get_dimensions(polygon) != 2:
            made.append(shapely.Point(x, y))
        elif number % 10 == 8:
            made.append(shapely.LineString(outline[:3]))
        elif number % 10 == 9:
            made.append(shapely.union_all([polygon, translate(polygon, 3 * radius)]))
        else:
            made.append(polygon)
    return made


def square(name: str, x: float, y: float) -> dict[str, Any]:
    """Return a feature of 400 m × 400 m."""
    return {"id": name, "kind": "reserve", "geometry": shapely.box(x, y, x + 400, y + 400)}


@pytest.fixture
def dense_workspace(make_workspace: Callable[..., Workspace], rule_text: Callable[..., str]) -> Workspace:
    """Return a workspace with every recipe: areas with shared borders and holes, lines, points, outside."""
    rng = np.random.default_rng(3)
    cells = [
        {
            "id": f"c{i}{j}",
            "kind": "reserve",
            "geometry": shapely.box(i * 400, j * 400, i * 400 + 400, j * 400 + 400),
        }
        for i in range(-3, 2)
        for j in range(-3, 2)
        if (i + j) % 3
    ]
    ring = shapely.Point(600, 700).buffer(500, quad_segs=64).difference(shapely.Point(600, 700).buffer(200))
    blobs = [
        {
            "id": f"b{k}",
            "kind": "maybe" if k % 3 == 0 else "park",
            "accuracy_m": float(rng.choice([1.0, 20.0, 150.0])),
            "geometry": shapely.Point(*rng.uniform(-1500, 1500, 2)).buffer(rng.uniform(30, 400)),
        }
        for k in range(12)
    ]
    lines = [
        {"id": f"l{k}", "kind": "pipe", "geometry": shapely.LineString(rng.uniform(-1500, 1500, (4, 2)))}
        for k in range(3)
    ]
    wells = [
        {"id": f"w{k}", "kind": "well", "geometry": shapely.Point(*rng.uniform(-1200, 1200, 2))}
        for k in range(4)
    ]
    town = [{"id": "town", "kind": "town", "geometry": shapely.box(-1000, -1000, 1000, 1000)}]
    runway = [{"id": "rw", "kind": "runway", "geometry": shapely.LineString([(-900, 300), (900, 350)])}]
    corner = shapely.box(-1100, -1100, 1200, 1300)
    west, south, east, north = crs.transform(
        shapely.transform(corner, lambda xy: np.add(xy, (500_000.0, 3_350_000.0))), crs.PLANE, crs.GEOGRAPHIC
    ).bounds
    layers: dict[str, Any] = {
        "reserves": ([*cells, {"id": "ring", "kind": "reserve", "geometry": ring}], {"accuracy_m": 5.0}),
        "parks": (blobs, {"coverage": [west, south, east, north]}),
        "pipes": (lines, {"accuracy_m": 30.0}),
        "wells": (wells, {"required": False}),
        "town": (town, {}),
        "runways": (runway, {}),
        "redline": ([], {}),
    }
    buffer = '{ type = "buffer", distance_m = 60 }'
    surface = '{ type = "obstacle_surface", radius_m = 400, height_m = 45, slope = 0.05, outer_m = 700 }'
    rules = [
        rule_text("inside"),
        rule_text("inside_notice", level="notice", extra="attention_m = 100.0"),
        rule_text("near_40", level="restricted", extra="near_m = 40.0"),
        rule_text("unread", level="restricted", verified=False),
        rule_text("later", provision_extra="in_force_from = 2027-01-01"),
        rule_text("park", layer="parks", kind="park", level="approval_needed"),
        rule_text("maybe", layer="parks", kind="maybe", level="restricted"),
        rule_text("pipe", layer="pipes", kind="pipe", recipe=buffer, level="restricted"),
        rule_text("pipe_line", layer="pipes", kind="pipe", level="notice"),
        rule_text("well", layer="wells", kind="well", level="notice", extra="attention_m = 50.0"),
        rule_text(
            "well_ring", layer="wells", kind="well", recipe='{ type = "ring", inner_m = 50, outer_m = 150 }'
        ),
        rule_text("town", layer="town", kind="town", recipe='{ type = "outside" }', level="restricted"),
        rule_text("runway", layer="runways", kind="runway", recipe=surface, level="approval_needed"),
    ]
    return make_workspace(layers, "".join(rules))


@pytest.fixture
def write_sites(tmp_path: Path, plane: Callable[[shapely.Geometry], shapely.Geometry]) -> Callable[..., Path]:
    """Return a writer of sites (metres about the origin) to a file in degrees."""

    def write(shapes: list[shapely.Geometry | None], name: str = "sites.parquet", **columns: object) -> Path:
        placed = [
            None if shape is None else crs.transform(plane(shape), crs.PLANE, crs.GEOGRAPHIC)
            for shape in shapes
        ]
        table = {"name": [f"地块{k}" for k in range(len(shapes))], **columns}
        frame = gpd.GeoDataFrame(table, geometry=placed, crs=crs.GEOGRAPHIC)
        path = tmp_path / name
        if path.suffix == ".parquet":
            frame.to_parquet(path)
        elif path.suffix in {".geojson", ".geojsonl"}:
            lines = _feature_lines(frame)
            text = "\n".join(lines)
            if path.suffix == ".geojson":
                text = '{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}"
            path.write_text(text, encoding="utf-8")
        else:
            frame.to_file(path)
        return path

    return write


def _feature_lines(frame: gpd.GeoDataFrame) -> list[str]:
    """Return features as GeoJSON texts with every digit of their coordinates."""
    return [
        json.dumps(
            {
                "type": "Feature",
                "properties": {"name": name},
                "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
            },
            ensure_ascii=False,
        )
        for name, shape in zip(frame["name"], frame.geometry, strict=True)
    ]
