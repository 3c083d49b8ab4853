"""GeoJSON read strictly: every broken thing is named, nothing is fetched."""

from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from gis.errors import CrsError, SiteError, SiteTooLargeError
from gis.sites.geojson import read_geojson
from gis.sites.raw import LIMITS, SiteSource

if TYPE_CHECKING:
    from gis.sites.raw import RawFeature, RawFile

RING = [[120.0, 30.0], [120.1, 30.0], [120.1, 30.1], [120.0, 30.0]]
POINT = {"type": "Point", "coordinates": [120, 30]}


def read(document: Any) -> RawFile:
    text = document if isinstance(document, (str, bytes)) else json.dumps(document, ensure_ascii=False)
    content = text.encode() if isinstance(text, str) else text
    return read_geojson(SiteSource("a.geojson", content), LIMITS)


def one(geometry: Any, **properties: Any) -> RawFeature:
    return read({"type": "Feature", "properties": properties, "geometry": geometry}).tables[0].features[0]


@pytest.mark.parametrize(
    "document",
    [
        POINT,
        {"type": "Feature", "properties": None, "geometry": POINT},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": POINT}]},
    ],
)
def test_collection_feature_and_bare_geometry_are_one_feature(document: Any) -> None:
    (table,) = read(document).tables
    assert [feature.geometry.wkt for feature in table.features] == ["POINT (120 30)"]


@pytest.mark.parametrize(
    ("geometry", "wkt"),
    [
        (
            {"type": "MultiPoint", "coordinates": [[120, 30, 5], [121, 30, 6]]},
            "MULTIPOINT ((120 30), (121 30))",
        ),
        ({"type": "LineString", "coordinates": [[120, 30], [121, 31]]}, "LINESTRING (120 30, 121 31)"),
        ({"type": "MultiLineString", "coordinates": [[[1, 2], [3, 4]]]}, "MULTILINESTRING ((1 2, 3 4))"),
        ({"type": "MultiPolygon", "coordinates": []}, "MULTIPOLYGON EMPTY"),
        ({"type": "Point", "coordinates": []}, "POINT EMPTY"),
        ({"type": "GeometryCollection", "geometries": [POINT]}, "GEOMETRYCOLLECTION (POINT (120 30))"),
    ],
)
def test_every_geometry_type_is_read_without_heights(geometry: Any, wkt: str) -> None:
    assert one(geometry).geometry.wkt == wkt


def test_an_open_ring_is_closed_and_said() -> None:
    feature = one({"type": "Polygon", "coordinates": [RING[:3]]})
    assert feature.geometry.exterior.coords[0] == feature.geometry.exterior.coords[-1]
    assert [note.code for note in feature.repairs] == ["ring_closed"]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [RING[:2]]},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "LineString", "coordinates": [[120, 30]]},
    ],
)
def test_too_few_vertices_are_a_problem_of_the_feature_alone(geometry: Any) -> None:
    feature = one(geometry)
    assert feature.geometry is None
    assert feature.problem.code == "too_few_vertices"


BAD_NUMBERS = ["NaN", "Infinity", "-Infinity", "1e308", "1e999", '"120"', "true", "null", "[]", "1" * 400]


@pytest.mark.parametrize("number", BAD_NUMBERS)
def test_a_coordinate_that_is_no_usable_number_is_an_error(number: Any) -> None:
    good = json.dumps({"type": "Feature", "properties": {}, "geometry": POINT})
    bad = (
        '{"type":"Feature","properties":{},"geometry":{"type":"LineString","coordinates":[[120,30],[%s,30]]}}'
    )
    with pytest.raises(SiteError) as caught:
        read(f'{{"type":"FeatureCollection","features":[{good},{bad % number}]}}')
    if caught.value.code == "sites.coordinates":
        assert caught.value.where == "a.geojson, feature 1, vertex 1"
    else:  # not even JSON: the parser names line and column
        assert number in {"NaN", "Infinity", "-Infinity"}
        assert "column" in caught.value.en


@pytest.mark.parametrize(
    "document",
    [
        "{",
        '{"type":"FeatureCollection","features":[',
        '{"type":"Topology"}',
        '{"type":["Point"]}',
        '{"features":[]}',
        '{"type":"FeatureCollection","features":{}}',
        '{"type":"FeatureCollection","features":[1]}',
        '{"type":"FeatureCollection","features":[{"type":"Point","coordinates":[1,2]}]}',
        '{"type":"Feature","properties":[1],"geometry":null}',
        '{"type":"Feature","properties":{},"geometry":5}',
        '{"type":"Feature","properties":{},"geometry":{"type":"Circle","coordinates":[1,2]}}',
        '{"type":"Feature","properties":{},"geometry":{"type":[],"coordinates":[1,2]}}',
        '{"type":"Polygon","coordinates":[[1,2],[3,4],[5,6]]}',
        '{"type":"Point","coordinates":120}',
        '{"type":"Point","coordinates":[120]}',
        '{"type":"Point","type":"Point","coordinates":[120,30]}',
        '{"type":"Point","coordinates":[120,30],"coordinates":[121,30]}',
        '{"type":"GeometryCollection","geometries":5}',
        '{"type":"Point","coordinates":[120,30]}{}',
        '{"a":' * 200_000,
        '{"type":"Point","coordinates":' + "[" * 200_000 + "]" * 200_000 + "}",
        b"\xff\xfe{",
        b'{"type":"Point","x":"\x81\x00"}',
    ],
)
def test_what_is_no_geojson_is_an_error_within_five_seconds(document: Any) -> None:
    began = time.process_time()
    with pytest.raises(SiteError):
        read(document)
    assert time.process_time() - began < 5


def nest(depth: int) -> dict[str, Any]:
    geometry = POINT
    for _ in range(depth):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    return geometry


def test_collections_nest_eight_deep_and_no_deeper() -> None:
    assert one(nest(8)).geometry is not None
    with pytest.raises(SiteTooLargeError):
        read(nest(9))
    with pytest.raises(SiteError):
        read('{"type":"GeometryCollection","geometries":[' * 500 + "]}" * 500)


def test_too_many_features_vertices_attributes_and_levels_are_refused() -> None:
    many = ",".join(['{"type":"Feature","geometry":null}'] * 100_001)
    with pytest.raises(SiteTooLargeError):
        read('{"type":"FeatureCollection","features":[' + many + "]}")
    with pytest.raises(SiteTooLargeError):
        read('{"type":"LineString","coordinates":[' + ",".join(["[120,30]"] * 1_000_001) + "]}")
    with pytest.raises(SiteTooLargeError):
        one(POINT, **{f"k{i}": i for i in range(20_000)})
    deep = {"type": "Feature", "geometry": POINT, "properties": {"a": json.loads("[" * 9 + "]" * 9)}}
    with pytest.raises(SiteTooLargeError):
        read(deep)


def test_attributes_json_cannot_hold_become_text() -> None:
    kept = read(
        '{"type":"Feature","geometry":null,"properties":{"a":1e999,"b":123456789012345678901234567890,"c":{"d":[1]}}}'
    )
    assert kept.tables[0].features[0].properties == {
        "a": "Infinity",
        "b": "123456789012345678901234567890",
        "c": {"d": [1]},
    }


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("gbk", "GB18030")],
)
def test_characters_are_right_in_every_encoding_and_it_is_named(encoding: str, said: str) -> None:
    document = json.dumps(
        {"type": "Feature", "geometry": POINT, "properties": {"名称": "杭州"}}, ensure_ascii=False
    )
    found = read(document.encode(encoding))
    assert found.encoding == said
    assert found.tables[0].features[0].properties == {"名称": "杭州"}


@pytest.mark.parametrize(
    ("member", "code"),
    [
        (None, None),
        ({"type": "name", "properties": {"name": "EPSG:4549"}}, "EPSG:4549"),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}, "EPSG:4326"),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}, "EPSG:4490"),
        ({"type": "name", "properties": {"name": "http://www.opengis.net/def/crs/EPSG/0/4528"}}, "EPSG:4528"),
        ({"type": "EPSG", "properties": {"code": 4527}}, "EPSG:4527"),
    ],
)
def test_the_crs_member_of_2008_is_understood(member: Any, code: str | None) -> None:
    assert read({**POINT, "crs": member}).tables[0].crs == code


@pytest.mark.parametrize(
    "member", [5, {}, {"type": "name", "properties": {"name": 4}}, {"type": "name", "properties": {}}]
)
def test_a_crs_member_that_says_nothing_is_an_error(member: Any) -> None:
    with pytest.raises(CrsError):
        read({**POINT, "crs": member})


def test_a_linked_crs_is_ignored_said_and_never_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    found = read(
        {**POINT, "crs": {"type": "link", "properties": {"href": "http://x.invalid/crs", "type": "ogcwkt"}}}
    )
    assert found.tables[0].crs is None
    assert "link" in found.notes[0].en


def test_a_crs_inside_a_feature_is_an_error() -> None:
    inner = {
        "type": "Feature",
        "geometry": POINT,
        "crs": {"type": "name", "properties": {"name": "EPSG:4549"}},
    }
    with pytest.raises(SiteError):
        read({"type": "FeatureCollection", "features": [inner]})
