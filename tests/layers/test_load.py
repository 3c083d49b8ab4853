"""Opening layers: verified by hash, rows and ids; what cannot be used is failed with its reason."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import shapely

from gis.catalogue import Catalogue
from gis.errors import LayerError
from gis.layers.load import open_layer, read_features
from gis.model import LayerEntry, LayerStatus, Text

if TYPE_CHECKING:
    from pathlib import Path

SQUARE = {"type": "Polygon", "coordinates": [[[120, 30], [120.1, 30], [120.1, 30.1], [120, 30.1], [120, 30]]]}
BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[120, 30], [120.1, 30.1], [120.1, 30], [120, 30.1], [120, 30]]],
}


def collection(*features: tuple[str | None, dict[str, Any] | None]) -> bytes:
    """Return (id, geometry) pairs as a FeatureCollection."""
    rows = [
        {"type": "Feature", "properties": {"id": name, "kind": "reserve"}, "geometry": geometry}
        for name, geometry in features
    ]
    return json.dumps({"type": "FeatureCollection", "features": rows}).encode()


@pytest.fixture
def entry() -> LayerEntry:
    """Return the entry of a layer of one feature."""
    return LayerEntry(
        id="reserves",
        title=Text("保护区", "reserves"),
        theme="ecology",
        path="ecology/reserves.geojson",
        geometry_type="Polygon",
        rows=1,
        sha256=None,
        provenance="digitised",
        accuracy_m=100.0,
        coverage="study",
        data_date=None,
        source="test",
        licence="CC0",
        attribution="",
        required=True,
        sensitive=False,
        style="",
    )


def open_content(entry: LayerEntry, content: bytes, folder: Path, **areas: Any) -> Any:
    """Write a layer file and open it."""
    path = folder / "layers" / "ecology" / "reserves.geojson"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    known = {"study": {"bbox": [118.0, 28.5, 122.6, 31.5]}} | areas
    catalogue = Catalogue(entries=(entry,), areas=known, path=folder / "layers" / "catalogue.toml")
    if entry.sha256 is None:
        entry = replace(entry, sha256=hashlib.sha256(content).hexdigest())
    return open_layer(entry, layers_dir=folder / "layers", cache_dir=folder / "cache", catalogue=catalogue)


def test_a_sound_layer_opens_with_its_coverage(entry: LayerEntry, tmp_path: Path) -> None:
    layer = open_content(entry, collection(("a", SQUARE)), tmp_path)
    assert layer.status is LayerStatus.OK
    assert layer.frame["id"].tolist() == ["a"]
    assert layer.frame.crs.to_epsg() == 4490
    assert layer.coverage.bounds == (118.0, 28.5, 122.6, 31.5)


def test_a_declared_layer_has_no_data(entry: LayerEntry, tmp_path: Path) -> None:
    layer = open_content(replace(entry, path=None), b"", tmp_path)
    assert (layer.status, layer.frame) == (LayerStatus.NO_DATA, None)


@pytest.mark.parametrize(
    ("change", "content", "word"),
    [
        ({"sha256": "0" * 64}, collection(("a", SQUARE)), "哈希"),
        ({"rows": 2}, collection(("a", SQUARE)), "目录登记 2"),
        ({"rows": 2}, collection(("a", SQUARE), ("a", SQUARE)), "重复"),
        ({}, collection(("a", BOW_TIE)), "几何无效"),
        ({}, collection((None, SQUARE)), "没有 id"),
        ({}, b'{"type": "FeatureCollection", "features": [', "不是有效的 GeoJSON"),
        ({"accuracy_m": None}, collection(("a", SQUARE)), "精度"),
        ({"coverage": "atlantis"}, collection(("a", SQUARE)), "coverage"),
        ({"coverage": [120.0, 30.0]}, collection(("a", SQUARE)), "coverage"),
        ({"path": "../outside.geojson"}, collection(("a", SQUARE)), "文件夹之外"),
        ({"path": "ecology/missing.geojson"}, collection(("a", SQUARE)), "无法读取"),
    ],
)
def test_an_unsound_layer_is_failed_and_says_why(
    entry: LayerEntry, tmp_path: Path, change: dict[str, Any], content: bytes, word: str
) -> None:
    layer = open_content(replace(entry, **change), content, tmp_path)
    assert layer.status is LayerStatus.FAILED
    assert layer.frame is None
    assert word in layer.problem.zh


@pytest.mark.parametrize(
    ("coverage", "bounds"),
    [
        ([119.0, 29.0, 121.0, 31.0], (119.0, 29.0, 121.0, 31.0)),
        ([[119.0, 29.0], [121.0, 29.0], [121.0, 31.0]], (119.0, 29.0, 121.0, 31.0)),
        (json.loads(shapely.to_geojson(shapely.box(119, 29, 121, 31))), (119.0, 29.0, 121.0, 31.0)),
    ],
)
def test_coverage_may_be_a_box_a_ring_or_geojson(
    entry: LayerEntry, tmp_path: Path, coverage: Any, bounds: tuple[float, ...]
) -> None:
    layer = open_content(replace(entry, coverage=coverage), collection(("a", SQUARE)), tmp_path)
    assert layer.coverage.bounds == bounds


def test_coverage_of_surroundings_reaches_that_far(entry: LayerEntry, tmp_path: Path) -> None:
    layer = open_content(replace(entry, coverage={"features_m": 1000}), collection(("a", SQUARE)), tmp_path)
    assert layer.coverage.bounds[1] == pytest.approx(30 - 1000 / 110_850, abs=1e-4)


def test_no_coverage_means_nowhere(entry: LayerEntry, tmp_path: Path) -> None:
    assert open_content(replace(entry, coverage=None), collection(("a", SQUARE)), tmp_path).coverage is None


def test_a_named_thing_nobody_can_locate_is_kept_without_geometry() -> None:
    frame = read_features(collection(("a", SQUARE), ("lost", None)), where="reserves")
    assert frame["id"].tolist() == ["a", "lost"]
    assert frame.geometry.iloc[1] is None


def test_nan_in_a_layer_file_is_refused() -> None:
    content = collection(("a", SQUARE)).replace(b"120.1", b"NaN")
    with pytest.raises(LayerError):
        read_features(content, where="reserves")
