"""The shipped study: remade byte for byte, and what a planner expects of where its corridors run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import shapely

from gis.connectivity.build import make_builders
from gis.connectivity.features import LAYERS
from gis.layers.build.writer import render_layer
from gis.sheets.workers import work_through

if TYPE_CHECKING:
    from gis.model import Text

ROOT = Path(__file__).resolve().parents[2]


def read_layer(name: str) -> list[dict[str, Any]]:
    for path in (ROOT / "layers").rglob(f"{name}.geojson"):
        found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
        return found
    raise FileNotFoundError(name)


def shape_of(name: str, *ids: str) -> shapely.Geometry:
    rows = [
        row for row in read_layer(name) if row["geometry"] and (not ids or row["properties"]["id"] in ids)
    ]
    return shapely.union_all([shapely.from_geojson(json.dumps(row["geometry"])) for row in rows])


def keep_quiet(stage: Text, share: float) -> None:
    del stage, share


def test_the_study_is_remade_byte_for_byte_from_table_and_layers() -> None:
    builders = make_builders(tell=keep_quiet, spread_out=work_through)
    for layer_id in LAYERS:
        made = render_layer(layer_id, builders[layer_id](ROOT)).encode("utf-8")
        assert made == (ROOT / "layers" / "odbl" / f"{layer_id}.geojson").read_bytes(), layer_id


def test_the_network_joins_every_source_of_the_table() -> None:
    ends = {row["properties"][end] for row in read_layer("corridor_paths") for end in ("first", "second")}
    assert ends == {
        "tianmushan",
        "qingliangfeng_1",
        "qingliangfeng_2",
        "qingliangfeng_3",
        "daqishan",
        "xixi",
        "west_lake",
        "qiandao_lake",
        "fuchunjiang",
        "qiantang_estuary",
    }


def test_long_paths_keep_to_the_hills_and_leave_the_plain_and_the_built_up_districts_aside() -> None:
    plain = shape_of("landforms")
    for row in read_layer("corridor_paths"):
        if row["properties"]["length_m"] > 15_000:
            path = shapely.from_geojson(json.dumps(row["geometry"]))
            share = shapely.length(shapely.intersection(path, plain)) / shapely.length(path)
            assert share < 0.1, row["properties"]["id"]


def test_the_path_to_west_lake_follows_the_range_named_in_the_text() -> None:
    (row,) = [
        row for row in read_layer("corridor_paths") if row["properties"]["id"] == "tianmushan--west_lake"
    ]
    path = shapely.from_geojson(json.dumps(row["geometry"]))
    ranges = shape_of("ecological_corridors", "tianmu_range", "tianmu_west_lake")
    near = shapely.length(shapely.intersection(path, shapely.buffer(ranges, 0.02))) / shapely.length(path)
    assert near > 0.8


@pytest.mark.parametrize("layer_id", LAYERS)
def test_every_feature_says_it_was_guessed_and_from_what(layer_id: str) -> None:
    for row in read_layer(layer_id):
        facts = row["properties"]
        assert facts["confidence"] == "guess"
        assert facts["accuracy_m"] >= 5000.0
        assert len(facts["inputs_sha256"]) == 64
