"""Big layers as vector tiles: when, what they hold, and that nothing half-written is left."""

from __future__ import annotations

import gzip
import json
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyogrio
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader

from gis.errors import NotFoundError
from gis.webmap.config import make_config
from gis.webmap.definitions import find_map, read_ground, read_maps
from gis.webmap.detail import FIRST_ZOOM, LAST_ZOOM
from gis.webmap.features import find_layer_features, find_zone_features
from gis.webmap.page import render_map
from gis.webmap.tiles import ensure_tiles, estimate_bytes, find_key, layer_tiles, list_big, zone_tiles
from gis.webmap.zones import PREFIX, find_rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.workspace import Workspace

DAY = date(2026, 6, 1)
RESERVE = {
    "id": "r1",
    "kind": "reserve",
    "name_zh": "甲保护区",
    "name_en": "Reserve A",
    "accuracy_m": 1500,
    "geometry": shapely.box(-2000, -2000, 2000, 2000),
}
PARK = {
    "id": "p1",
    "kind": "park",
    "name_zh": "乙公园",
    "name_en": "Park B",
    "geometry": shapely.box(5000, 0, 6000, 900),
}


@pytest.fixture
def big(
    make_workspace: Callable[..., Workspace], rule_text: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> Workspace:
    """Return a workspace whose layer counts as big."""
    monkeypatch.setattr("gis.webmap.tiles.GEOJSON_BYTES", 100)
    rules = rule_text("inside", layer="reserves") + rule_text(
        "around", layer="reserves", recipe='{ type = "buffer", distance_m = 500 }'
    )
    return make_workspace({"reserves": ([RESERVE, PARK], {})}, rules)


def test_layers_up_to_five_megabytes_stay_geojson(
    make_workspace: Callable[..., Workspace], rule_text: Callable[..., str]
) -> None:
    small = make_workspace({"reserves": ([RESERVE], {})}, rule_text("inside", layer="reserves"))
    assert list_big(small, DAY) == ()
    assert layer_tiles(small, small.layers["reserves"]) is None
    with pytest.raises(NotFoundError) as told:
        find_key(small, "reserves", DAY)
    assert told.value.code == "tiles.small"
    assert "/api/layers/reserves.geojson" in str(told.value.hint_en)


def test_the_estimate_of_a_layer_without_file_grows_with_its_corners() -> None:
    few, many = shapely.box(0, 0, 1, 1), shapely.LineString(np.zeros((300_000, 2)))
    assert estimate_bytes(np.array([few])) < 5_000
    assert estimate_bytes(np.array([many])) > 5_000_000


def test_gdal_reads_the_tiles_with_ids_names_kinds_and_accuracies(big: Workspace) -> None:
    shares: list[float] = []
    path = ensure_tiles(big, "reserves", DAY, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    frame = pyogrio.read_dataframe(path)
    assert frame["accuracy_m"].dtype.kind in "if"
    rows = {(row.id, row.name_zh, row.name_en, row.kind, row.accuracy_m) for row in frame.itertuples()}
    assert rows == {("r1", "甲保护区", "Reserve A", "reserve", 1500), ("p1", "乙公园", "Park B", "park", 10)}


def test_every_zoom_has_tiles_and_the_header_says_where(big: Workspace) -> None:
    path = ensure_tiles(big, "reserves", DAY)
    with path.open("rb") as file:
        reader = Reader(MmapSource(file))
        header = reader.header()
        assert (header["min_zoom"], header["max_zoom"]) == (FIRST_ZOOM, LAST_ZOOM)
        west, south, east, north = big.layers["reserves"].frame.total_bounds
        assert header["min_lon_e7"] == pytest.approx(west * 1e7, abs=10)
        assert header["max_lat_e7"] == pytest.approx(north * 1e7, abs=10)
        assert reader.metadata()["vector_layers"][0]["id"] == "features"
        first = reader.get(FIRST_ZOOM, int((west + 180) / 360 * 2**FIRST_ZOOM), 13)
        assert gzip.decompress(first)
    assert south < north < 90
    assert east < 180


def test_tiles_are_made_once_and_replace_those_of_the_former_data(big: Workspace) -> None:
    path = ensure_tiles(big, "reserves", DAY)
    stamp = path.stat().st_mtime_ns
    old = path.with_name("reserves-0123456789abcdef.pmtiles")
    old.write_bytes(b"old")
    other = path.with_name("reserves_more-0123456789abcdef.pmtiles")
    other.write_bytes(b"of another layer")
    assert ensure_tiles(big, "reserves", DAY) == path
    assert path.stat().st_mtime_ns == stamp
    path.unlink()
    ensure_tiles(big, "reserves", DAY)
    assert not old.exists()
    assert other.exists()
    assert [item.name for item in path.parent.iterdir() if item.name.startswith(".")] == []


def test_a_run_that_is_stopped_leaves_nothing_behind(big: Workspace) -> None:
    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure_tiles(big, "reserves", DAY, progress=stop)
    assert list((big.settings.cache / "tiles").iterdir()) == []


def test_a_zone_that_is_its_features_shares_their_tiles_and_others_have_their_own(big: Workspace) -> None:
    inside, around = (zone_tiles(big, find_rule(big, name, DAY)) for name in ("inside", "around"))
    own = layer_tiles(big, big.layers["reserves"])
    assert inside is not None
    assert around is not None
    assert own is not None
    assert inside["url"] == own["url"]
    assert inside["kinds"] == {"settled": ["reserve"], "possible": []}
    assert around["url"].startswith("/tiles/zone-around.pmtiles?v=")
    assert list_big(big, DAY) == ("reserves", "zone-around")
    frame = pyogrio.read_dataframe(ensure_tiles(big, "zone-around", DAY))
    assert set(frame["id"]) == {"around/r1"}
    assert set(frame["settled"]) == {1}


def test_the_config_of_a_map_says_how_each_layer_is_drawn(
    make_workspace: Callable[..., Workspace], rule_text: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil
    from pathlib import Path

    monkeypatch.setattr("gis.webmap.tiles.GEOJSON_BYTES", 100)
    workspace = make_workspace(
        {"nature_reserves": ([RESERVE], {}), "heritage": ([], {})},
        rule_text("inside", layer="nature_reserves"),
    )
    maps = workspace.settings.workspace / "maps"
    for name in ("framework", "control", "basemaps"):
        shutil.copy(Path(__file__).resolve().parents[2] / "maps" / f"{name}.toml", maps)
    config = make_config(
        workspace, find_map(read_maps(maps), "control"), read_ground(maps / "basemaps.toml"), language="zh"
    )
    layers = config["layers"]
    assert layers["nature_reserves"]["tiles"]["url"].startswith("/tiles/nature_reserves.pmtiles?v=")
    assert layers["heritage"]["tiles"] is None
    assert layers["zone-inside"]["tiles"]["url"] == layers["nature_reserves"]["tiles"]["url"]
    assert layers["zone-inside"]["rows"] == 1
    assert workspace.zones._zones == {}, "the page does not make a big zone"
    page = render_map(workspace, "framework", nonce="n0")
    assert '<script nonce="n0" src="/static/vendor/protomaps-leaflet/protomaps-leaflet.js"' in page


def test_features_are_found_by_place_and_by_name(big: Workspace) -> None:
    finder = find_layer_features(big.layers["reserves"])
    lon, lat = finder.geometries[0].centroid.coords[0]
    assert [finder.properties[row]["id"] for row in finder.at(lon, lat, 0)] == ["r1"]
    assert finder.at(lon + 1, lat, 100) == []
    assert [(score, finder.properties[row]["id"]) for score, row in finder.named("reserve")] == [(3, "r1")]
    assert [score for score, _ in finder.named(" 甲保护区 ")] == [4]
    assert finder.named("无此名") == []
    feature = finder.feature(0)
    assert feature["area_m2"] == pytest.approx(16e6, rel=1e-3)
    assert json.dumps(feature)


def test_the_parts_of_a_zone_are_the_same_by_either_way(
    big: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    light = find_zone_features(big, "inside", DAY)
    assert light.id == PREFIX + "inside"
    monkeypatch.setattr("gis.webmap.tiles.GEOJSON_BYTES", 5_000_000)
    whole = find_zone_features(big, "inside", DAY)
    assert list(light.properties) == list(whole.properties)
    off = shapely.symmetric_difference(light.geometries[0], whole.geometries[0])
    assert off.area < 1e-6 * whole.geometries[0].area
