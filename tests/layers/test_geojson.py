"""A big layer text is read some lines at a time: the same features, whatever the text looks like."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import LayerError
from gis.layers import geojson
from gis.layers.geojson import parse_features

FEATURES = [
    {
        "type": "Feature",
        "properties": {"id": f"z{number}", "note": 'a],\\"}', "ends": [[1, 2], [3, 4]]},
        "geometry": json.loads(shapely.to_geojson(shapely.box(120, 30, 120.1 + number / 1000, 30.1))),
    }
    for number in range(40)
]
LINES = (
    '{"type":"FeatureCollection","features":[\n' + ",\n".join(json.dumps(one) for one in FEATURES) + "\n]}\n"
)


@pytest.fixture(autouse=True)
def short_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geojson, "LINES_BYTES", 1)
    monkeypatch.setattr(geojson, "RUN_BYTES", 300)


@pytest.mark.parametrize(
    "text",
    [
        LINES,
        json.dumps({"type": "FeatureCollection", "features": FEATURES}),
        json.dumps({"type": "FeatureCollection", "features": FEATURES}, indent=1),
        LINES.replace("\n]}", '\n],\n"name":"z"}'),
        LINES.replace(",\n", "\n,"),
    ],
    ids=["lines", "one line", "indented", "members after", "commas before"],
)
def test_every_text_of_the_same_features_is_read_alike(text: str) -> None:
    found = parse_features(text.encode(), where="z")
    assert found.properties == tuple(one["properties"] for one in FEATURES)
    assert found.geometries[-1].wkb == shapely.geometry.shape(FEATURES[-1]["geometry"]).wkb
    assert len(found.geometries) == 40


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (LINES[:1], LINES[:1]),
        (
            '{"type":"FeatureCollection",',
            '{\n"type": "FeatureCollection",\n"name": "z", "crs": {"a": [1, {}]},\n',
        ),
        ("\n]}\n", "\n]\n}\n"),
        ("\n", "\r\n"),
    ],
    ids=["ours", "head of several lines", "tail of several lines", "carriage returns"],
)
def test_whole_lines_are_never_parsed_at_once(old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = LINES.replace(old, new)
    monkeypatch.setattr(
        geojson, "parse_whole", lambda content, **_: pytest.fail(f"{len(content)} bytes at once")
    )
    assert len(parse_features(text.encode(), where="z").properties) == 40


@pytest.mark.parametrize("broken", ['"id": "z7", ', '{"type": "Feature", "properties": {"id": "z7"'])
def test_a_text_that_is_broken_in_a_line_is_refused(broken: str) -> None:
    assert broken in LINES
    with pytest.raises(LayerError, match="FeatureCollection"):
        parse_features(LINES.replace(broken, broken[:-3]).encode(), where="z")


def ring(number: int, *extra: float) -> list[list[float]]:
    """Return a closed ring."""
    corners = [(0.1, 0.2), (3.3, 0.1), (3.1 + number / 7, 3.7), (-0.0, 1e-9)]
    return [[x, y, *extra] for x, y in [*corners, corners[0]]]


SHAPES = [
    None,
    {"type": "Point", "coordinates": [1, 2]},
    {"type": "Polygon", "coordinates": [ring(1)]},
    {"type": "Polygon", "coordinates": [ring(2), ring(3), ring(4)]},
    {"type": "MultiPolygon", "coordinates": [[ring(5)], [ring(6), ring(7)]]},
    {"type": "MultiPolygon", "coordinates": [[ring(8)]]},
]
UNUSUAL = [
    {"type": "Polygon", "coordinates": []},
    {"type": "Polygon", "coordinates": [ring(1)[:-1]]},
    {"type": "Polygon", "coordinates": [ring(1)[:3]]},
    {"type": "Polygon", "coordinates": [ring(1, 9.0)]},
    {"type": "MultiPolygon", "coordinates": []},
    {"type": "MultiPolygon", "coordinates": [[ring(1, 9.0)]]},
]


@given(st.lists(st.sampled_from(SHAPES)), st.sampled_from([None, *UNUSUAL]), st.data())
def test_polygons_made_at_once_are_those_made_one_by_one(
    tables: list[Any], unusual: Any, data: st.DataObject
) -> None:
    tables.insert(data.draw(st.integers(0, len(tables))), unusual)
    one_by_one = geojson.as_array(geojson._geometry(table) for table in tables)
    made = geojson._make_shapes(tables)
    assert shapely.to_wkb(made).tolist() == shapely.to_wkb(one_by_one).tolist()


def test_only_plain_polygons_are_made_at_once() -> None:
    for table in UNUSUAL:
        rings = table["coordinates"] if table["type"] == "Polygon" else (table["coordinates"] or [[]])[0]
        assert geojson._make_polygons([[ring(1)], rings]) is None
    assert len(geojson._make_polygons([[ring(1)], [ring(2), ring(3)]])) == 2


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "Polygon", "coordinates": [[["1", "2"], "ab", [1, 3], ["1", "2"]]]},
        {"type": "Polygon", "coordinates": [[1, 2, 3, 4]]},
        {"type": "Polygon", "coordinates": [[[1, 2], [2, None], [3, 3], [1, 2]]]},
        {"type": "Polygon", "coordinates": 5},
        {"type": "Polygon"},
        {"type": "MultiPolygon", "coordinates": [ring(1)]},
        {"coordinates": [ring(1)]},
        7,
    ],
)
def test_what_is_no_geometry_is_refused_or_invalid(broken: Any) -> None:
    feature = {"type": "Feature", "properties": {"id": "a"}, "geometry": broken}
    text = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    try:
        (found,) = parse_features(text, where="z").geometries
    except LayerError:
        return
    assert not shapely.is_valid(found)


def test_parsing_leaves_the_collector_as_it_was() -> None:
    for collecting in (True, False):
        (gc.enable if collecting else gc.disable)()
        try:
            for _ in geojson.read_runs(LINES.encode().splitlines(keepends=True), where="z"):
                assert gc.isenabled() is collecting
        finally:
            gc.enable()
