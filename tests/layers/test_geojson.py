"""A big layer text is read some lines at a time: the same features, whatever the text looks like."""

from __future__ import annotations

import json

import pytest
import shapely

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


def test_whole_lines_are_never_parsed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        geojson, "parse_whole", lambda content, **_: pytest.fail(f"{len(content)} bytes at once")
    )
    assert len(parse_features(LINES.encode(), where="z").properties) == 40


@pytest.mark.parametrize("broken", ['"id": "z7", ', '{"type": "Feature", "properties": {"id": "z7"'])
def test_a_text_that_is_broken_in_a_line_is_refused(broken: str) -> None:
    assert broken in LINES
    with pytest.raises(LayerError, match="FeatureCollection"):
        parse_features(LINES.replace(broken, broken[:-3]).encode(), where="z")
