"""What a layer file looks like, byte by byte, and how it gets onto the disk."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import CatalogueError, LayerError
from gis.layers.build.writer import (
    PROPERTY_ORDER,
    Feature,
    render_layer,
    round_geometry,
    update_catalogue,
    write_layer,
    write_text,
)

if TYPE_CHECKING:
    from pathlib import Path

SQUARE_CLOCKWISE = shapely.Polygon([(120, 30), (120, 30.1), (120.1, 30.1), (120.1, 30)])


def make_feature(feature_id: str = "a", geometry: object = None, **changes: object) -> Feature:
    properties = {
        "id": feature_id,
        "name_zh": "甲",
        "name_en": "A",
        "kind": "lake",
        "source": "s",
        "method": "m",
        "accuracy_m": 10.0,
        "confidence": "known",
        **changes,
    }
    return Feature(
        properties=properties, geometry=geometry if geometry is not None else shapely.Point(120, 30)
    )


def test_a_layer_is_one_feature_a_line_sorted_by_id_in_plain_utf8() -> None:
    text = render_layer("lakes", [make_feature("b"), make_feature("a")])
    lines = text.splitlines()
    assert lines[0] == '{"type":"FeatureCollection","name":"lakes","features":['
    assert [json.loads(line.rstrip(","))["properties"]["id"] for line in lines[1:3]] == ["a", "b"]
    assert lines[3:] == ["]}"]
    assert "甲" in text
    assert "\r" not in text
    assert text.endswith("\n")


def test_properties_stand_in_the_common_order_then_by_name_and_missing_ones_are_null() -> None:
    line = render_layer("lakes", [make_feature(zeta=1, alpha=2)]).splitlines()[1]
    properties = json.loads(line)["properties"]
    assert list(properties) == [*PROPERTY_ORDER, "alpha", "zeta"]
    assert properties["text_order"] is None


def test_rings_turn_counter_clockwise_outside_and_clockwise_in_holes() -> None:
    hole = [(120.02, 30.02), (120.05, 30.02), (120.05, 30.05)]
    polygon = shapely.Polygon(SQUARE_CLOCKWISE.exterior, [hole])
    line = render_layer("lakes", [make_feature(geometry=polygon)]).splitlines()[1]
    outer, inner = json.loads(line)["geometry"]["coordinates"]
    assert shapely.LinearRing(outer).is_ccw
    assert not shapely.LinearRing(inner).is_ccw


def test_coordinates_have_six_decimals() -> None:
    line = render_layer("lakes", [make_feature(geometry=shapely.Point(120.12345678, 30.1))]).splitlines()[1]
    assert json.loads(line)["geometry"]["coordinates"] == [120.123457, 30.1]


@given(st.lists(st.sampled_from("abcdef"), unique=True, min_size=1).flatmap(st.permutations))
def test_the_order_of_the_features_changes_no_byte(ids: list[str]) -> None:
    features = [make_feature(name) for name in ids]
    assert render_layer("x", features) == render_layer("x", sorted(features, key=lambda feature: feature.id))


def test_two_features_of_one_id_are_refused() -> None:
    with pytest.raises(LayerError, match="two features") as caught:
        render_layer("x", [make_feature("a"), make_feature("a")])
    assert caught.value.code == "layers.duplicate_id"


@pytest.mark.parametrize(
    "changes", [{"name_zh": ""}, {"method": None}, {"confidence": "sure"}, {"accuracy_m": -1}]
)
def test_a_feature_that_does_not_say_how_good_it_is_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(LayerError) as caught:
        render_layer("x", [make_feature(**changes)])
    assert caught.value.where == "x/a"


def test_a_ring_that_crosses_itself_is_refused_not_repaired() -> None:
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(LayerError, match="Self-intersection"):
        render_layer("x", [make_feature(geometry=bow_tie)])


def test_rounding_keeps_a_valid_shape_valid() -> None:
    needle = shapely.Polygon([(0, 0), (1, 0), (0.5, 1e-6), (0.5, 4e-7), (1e-7, 4e-7)])
    assert round_geometry(needle.buffer(1e-5)).is_valid


def test_an_unchanged_file_is_left_alone_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "theme" / "x.geojson"
    first = write_layer(path, "x", [make_feature()])
    stamp = path.stat().st_mtime_ns
    second = write_layer(path, "x", [make_feature()])
    assert (first.changed, second.changed) == (True, False)
    assert path.stat().st_mtime_ns == stamp
    assert first.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [item.name for item in path.parent.iterdir()] == ["x.geojson"]


def test_a_layer_that_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    write_layer(path, "x", [make_feature()])
    before = path.read_bytes()
    with pytest.raises(LayerError):
        write_layer(path, "x", [make_feature(kind="")])
    assert path.read_bytes() == before


def test_a_failed_rename_leaves_neither_half_file_nor_rubbish(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(OSError, match="x"):
        write_text(tmp_path / "x", "text")
    assert [item.name for item in tmp_path.iterdir()] == ["x"]


CATALOGUE = """# head
[[layer]]
id = "a"
rows = 0  # written by the build
sha256 = ""

# between
[[layer]]
id = "b"
rows = 7
sha256 = "b"
"""


def test_the_catalogue_keeps_comments_and_the_other_layers(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.toml"
    path.write_text(CATALOGUE, encoding="utf-8")
    assert update_catalogue(path, "a", rows=3, sha256="f00")
    expected = CATALOGUE.replace("rows = 0", "rows = 3").replace('sha256 = ""', 'sha256 = "f00"')
    assert path.read_text(encoding="utf-8") == expected
    assert not update_catalogue(path, "a", rows=3, sha256="f00")


def test_a_layer_unknown_to_the_catalogue_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.toml"
    path.write_text(CATALOGUE, encoding="utf-8")
    with pytest.raises(CatalogueError):
        update_catalogue(path, "c", rows=1, sha256="x")
