"""Source files → features."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shapely

from gis.crs import area_lonlat_m2
from gis.errors import LayerError
from gis.layers.build.digitised import BuiltFiles, read_digitised
from gis.layers.build.shapes import ShapeContext
from gis.layers.build.writer import Feature, write_layer

if TYPE_CHECKING:
    from pathlib import Path

NOTHING = ShapeContext(read_features=BuiltFiles({}).read_features)

SOURCE = """
[defaults]
kind = "wetland"
status = "x"

[[feature]]
id = "park"
status = "own"
[feature.geometry]
construct = "polygon"
[[feature.geometry.stretch]]
read_from = "a map"
vertices = [
  # the south side
  [120.0, 30.0], [120.1, 30.0],
]
[[feature.geometry.stretch]]
read_from = "another map"
vertices = [[120.1, 30.1], [120.0, 30.1]]

[[feature]]
id = "ring"
minus = ["park"]
[feature.geometry]
construct = "polygon"
[[feature.geometry.stretch]]
read_from = "a map"
vertices = [[119.9, 29.9], [120.2, 29.9], [120.2, 30.2], [119.9, 30.2]]
"""


def write_source(folder: Path, text: str) -> Path:
    path = folder / "x.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_features_take_the_defaults_and_keep_their_own_properties(tmp_path: Path) -> None:
    park, ring = read_digitised(write_source(tmp_path, SOURCE), NOTHING)
    assert park.properties == {"id": "park", "kind": "wetland", "status": "own"}
    assert ring.properties == {"id": "ring", "kind": "wetland", "status": "x"}


def test_minus_takes_out_another_feature_so_that_ring_and_core_make_the_whole(tmp_path: Path) -> None:
    park, ring = read_digitised(write_source(tmp_path, SOURCE), NOTHING)
    whole = shapely.box(119.9, 29.9, 120.2, 30.2)
    total = area_lonlat_m2(park.geometry) + area_lonlat_m2(ring.geometry)
    assert total == pytest.approx(area_lonlat_m2(whole), rel=1e-9)
    assert not ring.geometry.contains(park.geometry.representative_point())


def test_a_feature_can_be_drawn_round_a_layer_already_built(tmp_path: Path) -> None:
    lake = Feature(
        properties={
            "id": "lake", "name_zh": "湖", "name_en": "L", "kind": "lake", "source": "s", "method": "m",
            "accuracy_m": 1.0, "confidence": "known",
        },
        geometry=shapely.box(120.0, 30.0, 120.01, 30.01),
    )  # fmt: skip
    write_layer(tmp_path / "lakes.geojson", "lakes", [lake])
    files = BuiltFiles({"lakes": tmp_path / "lakes.geojson"})
    source = """
[[feature]]
id = "belt"
geometry = { construct = "around", layer = "lakes", belt = [{ features = ["lake"], distance_m = 500.0 }] }
"""
    (belt,) = read_digitised(write_source(tmp_path, source), ShapeContext(read_features=files.read_features))
    assert belt.geometry.contains(lake.geometry)


@pytest.mark.parametrize(("layer", "feature"), [("rivers", "a"), ("lakes", "b")])
def test_a_layer_or_feature_that_is_not_there_is_named(tmp_path: Path, layer: str, feature: str) -> None:
    (tmp_path / "lakes.geojson").write_text('{"type":"FeatureCollection","features":[]}', encoding="utf-8")
    files = BuiltFiles({"lakes": tmp_path / "lakes.geojson"})
    with pytest.raises(LayerError) as caught:
        files.read_features(layer, [feature])
    assert caught.value.where == layer


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[feature]]\nid = 1 2", "not valid UTF-8 TOML"),
        ("a = 1", "no feature"),
        ('[[feature]]\nid = "a"', "lacks a geometry"),
        ('[[feature]]\nid = "a"\ngeometry = { construct = "point", at = ["x"] }', "geometry table is wrong"),
        (SOURCE.replace('minus = ["park"]', 'minus = ["pond"]'), "minus names pond"),
        (SOURCE.replace('id = "ring"', 'id = "park"'), "occurs twice"),
        (SOURCE.replace("[120.1, 30.1], [120.0, 30.1]", "[120.0, 30.1], [120.1, 30.1]"), "Self-intersection"),
    ],
)
def test_a_broken_source_says_which_feature_and_what(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(LayerError, match=said) as caught:
        read_digitised(write_source(tmp_path, text), NOTHING)
    assert caught.value.where.startswith("x.toml")


def test_a_missing_source_file_is_a_layer_error(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="no source file"):
        read_digitised(tmp_path / "none.toml", NOTHING)
