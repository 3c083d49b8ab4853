"""Reading in runs: every feature of every format once, in its order, whatever is wrong with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
import shapely

from gis.errors import SiteError, SiteFormatError
from gis.scale import splitting
from gis.scale.sources import open_stream

from .conftest import strew_sites

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gis.sites.raw import RawFeature

BOW_TIE = shapely.Polygon([(0, 0), (50, 50), (50, 0), (0, 50)])


def read_all(path: Path) -> list[RawFeature]:
    """Return all features of a file, each run sent and decoded as a worker does."""
    stream = open_stream(path)
    return [feature for run in stream.runs(10) for feature in run.pack().unpack().decode(stream.origin)]


@pytest.mark.parametrize("name", ["s.parquet", "s.gpkg", "s.geojson", "s.geojsonl", "s.fgb", "s.feather"])
def test_each_format_gives_the_same_features(write_sites: Callable[..., Path], name: str) -> None:
    shapes: list[shapely.Geometry | None] = [*strew_sites(23, seed=1), BOW_TIE]
    if name == "s.feather":
        path = write_sites(shapes).with_suffix(".feather")
        gpd.read_parquet(path.with_suffix(".parquet")).to_feather(path)
    else:
        path = write_sites(shapes, name)
    expected = gpd.read_parquet(write_sites(shapes)).geometry.to_numpy()
    stream = open_stream(path)
    runs = list(stream.runs(10))
    assert [(run.first, run.rows.num_rows) for run in runs] == [(0, 10), (10, 10), (20, 4)]
    features = read_all(path)
    if name != "s.fgb":  # FlatGeobuf orders features by place
        assert [feature.index for feature in features] == list(range(24))
        assert [feature.properties["name"] for feature in features] == [f"地块{k}" for k in range(24)]
        assert shapely.equals_exact([f.geometry for f in features], expected, 1e-12, normalize=True).all()
    assert {feature.properties["name"] for feature in features} == {f"地块{k}" for k in range(24)}
    assert stream.total in {24, None}


def test_a_null_geometry_keeps_its_place(write_sites: Callable[..., Path]) -> None:
    for name in ("n.parquet", "n.gpkg", "n.geojson", "n.geojsonl"):
        path = write_sites([shapely.Point(0, 0), None, shapely.Point(9, 9)], name)
        features = read_all(path)
        assert [feature.geometry is None for feature in features] == [False, True, False], name


def test_bytes_that_are_no_geometry_and_absurd_coordinates_are_problems(tmp_path: Path) -> None:
    wkb = [
        shapely.to_wkb(shapely.Point(120, 30)),
        b"\x01\x02",
        shapely.to_wkb(shapely.Point(1e300, 30)),
        None,
    ]
    table = pa.table({"geometry": pa.array(wkb, pa.binary()), "height_m": [1.0, float("nan"), None, 3.0]})
    with pa.ipc.new_file(tmp_path / "x.arrow", table.schema) as writer:
        writer.write_table(table)
    features = read_all(tmp_path / "x.arrow")
    problems = [None if feature.problem is None else feature.problem.code for feature in features]
    assert problems == [None, "geometry_unreadable", "coordinates", None]
    assert [dict(feature.properties) for feature in features] == [
        {"height_m": 1.0},
        {},
        {},
        {"height_m": 3.0},
    ]


def test_points_and_wkt_are_read_from_tables(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("名称,经度,纬度\n甲,120.1,30.2\n乙,x,30.2\n", encoding="utf-8")
    features = read_all(tmp_path / "p.csv")
    assert features[0].geometry == shapely.Point(120.1, 30.2)
    assert features[0].properties["名称"] == "甲"
    assert features[1].problem is not None
    (tmp_path / "w.csv").write_text('name,WKT\na,"POINT (120 30)"\nb,nonsense\nc,\n', encoding="utf-8")
    features = read_all(tmp_path / "w.csv")
    assert features[0].geometry == shapely.Point(120, 30)
    assert [feature.problem is None for feature in features] == [True, False, True]


def test_a_ring_that_is_not_closed_is_closed_and_said(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": [[[120, 30], [120.1, 30], [120.1, 30.1]]]},
    }
    (tmp_path / "r.geojsonl").write_text(json.dumps(feature), encoding="utf-8")
    (read,) = read_all(tmp_path / "r.geojsonl")
    assert read.geometry.is_valid
    assert [note.code for note in read.repairs] == ["ring_closed"]


@pytest.mark.parametrize("block", [64, 100, 1000, 1 << 20])
def test_a_collection_is_split_wherever_its_blocks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(splitting, "BLOCK", block)
    monkeypatch.setattr(splitting, "HEAD_BYTES", 120)
    nasty = ['}{"]', "\\", '\\"}', "结尾", '{"features": [', ""]
    features = [
        {"type": "Feature", "properties": {"name": name, "deep": {"a": [{}, "}"]}}, "geometry": None}
        for name in nasty * 5
    ]
    path = tmp_path / "c.geojson"
    head = {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "EPSG:4549"}}}
    path.write_text(json.dumps(head | {"features": features}, ensure_ascii=False), encoding="utf-8")
    assert splitting.read_head(path) == "EPSG:4549"
    assert [json.loads(text) for text in splitting.split_features(path)] == features


def test_a_collection_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "c.geojson").write_text('{"type": "FeatureCollection", "features": [{"type": "Feat')
    with pytest.raises(SiteError, match="cut off"):
        read_all(tmp_path / "c.geojson")


@pytest.mark.parametrize(
    ("name", "content"), [("x.parquet", b"nothing"), ("x.dxf", b"0"), ("x.geojson", b"[]"), ("x.gpkg", b"no")]
)
def test_what_is_no_file_of_sites_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SiteFormatError):
        open_stream(tmp_path / name)


def test_a_file_damaged_in_the_middle_is_told(tmp_path: Path) -> None:
    rows = [f"s{k},120.{k:04d},30.2\n" for k in range(3000)]
    (tmp_path / "m.csv").write_text("name,lon,lat\n" + "".join(rows) + "x,1\n", encoding="utf-8")
    with pytest.raises(SiteFormatError, match="not a sound file"):
        read_all(tmp_path / "m.csv")


@pytest.mark.parametrize("name", ["none.parquet", "none.gpkg", "none.geojson", "none.csv"])
def test_a_missing_file_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(SiteError, match="cannot be read"):
        open_stream(tmp_path / name)


def test_the_system_of_a_file_is_read(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(500_000.0, 3_350_000.0)], crs="EPSG:4549")
    frame.to_parquet(tmp_path / "m.parquet")
    frame.to_file(tmp_path / "m.gpkg")
    frame.to_crs(4326).to_parquet(tmp_path / "d.parquet")
    assert open_stream(tmp_path / "m.parquet").origin.crs == "EPSG:4549"
    assert open_stream(tmp_path / "m.gpkg").origin.crs == "EPSG:4549"
    assert open_stream(tmp_path / "d.parquet").origin.crs in {"EPSG:4326", "OGC:CRS84"}
    assert np.isfinite(open_stream(tmp_path / "m.parquet").total)


def test_a_file_cut_off_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "cut.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(SiteFormatError) as told:
        open_stream(path)
    assert (told.value.hint_zh, told.value.hint_en) == (
        "请重新导出或重新复制文件",
        "export or copy the file again",
    )
