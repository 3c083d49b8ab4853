"""The contract of every catalogue entry: what it says of its file is so, and the file says enough."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
import shapely

from gis.catalogue import read_catalogue
from gis.crs import area_lonlat_m2
from gis.layers.build.writer import CONFIDENCES, PROPERTY_ORDER
from gis.layers.load import locate_layer

LAYERS = Path(__file__).resolve().parents[2] / "layers"
CATALOGUE = read_catalogue(LAYERS / "catalogue.toml")
TABLES = {
    table["id"]: table
    for table in tomllib.loads((LAYERS / "catalogue.toml").read_text(encoding="utf-8"))["layer"]
}
WITH_DATA = [entry.id for entry in CATALOGUE.entries if entry.path]
DECLARED = [entry.id for entry in CATALOGUE.entries if not entry.path]
FAMILIES = {
    "Point": {"Point", "MultiPoint"},
    "LineString": {"LineString", "MultiLineString"},
    "Polygon": {"Polygon", "MultiPolygon"},
}
AREA_TOLERANCE = 0.01
"""Drawn against official area, unless the catalogue's ``area_tolerance`` of the layer says otherwise."""


@pytest.fixture
def content(layer_id: str, cache_dir: Path) -> bytes:
    path = locate_layer(CATALOGUE.entry(layer_id), layers_dir=LAYERS, cache_dir=cache_dir)
    assert path is not None
    return path.read_bytes()


@pytest.fixture
def features(content: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(content)["features"]
    return found


@pytest.fixture
def located(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the features that have a geometry; the rest are names nobody can locate."""
    return [feature for feature in features if feature["geometry"] is not None]


def read_shape(feature: dict[str, Any]) -> shapely.Geometry:
    return shapely.from_geojson(json.dumps(feature["geometry"]))


def known_kinds(layer_id: str) -> set[str]:
    """Return the kinds the rules select in a layer, and those the catalogue declares free of rules."""
    rules = tomllib.loads((LAYERS / "rules.toml").read_text(encoding="utf-8"))["rule"]
    applied = [rule["applies_to"] for rule in rules if rule["applies_to"]["layer"] == layer_id]
    kinds = {kind for table in applied for kind in [*table["kinds"], *table.get("possible_kinds", [])]}
    return kinds | set(TABLES[layer_id].get("free_kinds", []))


@pytest.mark.parametrize("layer_id", WITH_DATA)
def test_rows_and_hash_are_those_of_the_file(
    layer_id: str, content: bytes, features: list[dict[str, Any]]
) -> None:
    entry = CATALOGUE.entry(layer_id)
    assert (len(features), hashlib.sha256(content).hexdigest()) == (entry.rows, entry.sha256)


@pytest.mark.parametrize("layer_id", WITH_DATA)
def test_the_file_has_one_feature_a_line_sorted_by_unique_ids(
    layer_id: str, content: bytes, features: list[dict[str, Any]]
) -> None:
    ids = [feature["properties"]["id"] for feature in features]
    assert ids == sorted(set(ids))
    assert content.decode("utf-8").count("\n") == len(features) + 2
    assert json.loads(content)["name"] == layer_id


@pytest.mark.parametrize("layer_id", WITH_DATA)
def test_every_geometry_is_valid_and_of_the_stated_type(layer_id: str, located: list[dict[str, Any]]) -> None:
    stated = CATALOGUE.entry(layer_id).geometry_type
    allowed = set().union(*FAMILIES.values()) if stated == "Mixed" else FAMILIES[stated]
    for feature in located:
        shape = read_shape(feature)
        name = feature["properties"]["id"]
        assert shape.is_valid, f"{name}: {shapely.is_valid_reason(shape)}"
        assert not shape.is_empty, name
        assert shape.geom_type in allowed, name


@pytest.mark.parametrize("layer_id", WITH_DATA)
def test_rings_follow_rfc_7946_and_coordinates_have_six_decimals(
    layer_id: str, located: list[dict[str, Any]]
) -> None:
    del layer_id
    for feature in located:
        shape = read_shape(feature)
        polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        assert all(part.exterior.is_ccw for part in polygons), feature["properties"]["id"]
        assert not any(hole.is_ccw for part in polygons for hole in part.interiors), feature["properties"][
            "id"
        ]
        xy = shapely.get_coordinates(shape)
        assert (xy == xy.round(6)).all(), feature["properties"]["id"]


@pytest.mark.parametrize("layer_id", WITH_DATA)
def test_everything_lies_in_the_study_area_and_context_reaches_into_it(
    layer_id: str, located: list[dict[str, Any]]
) -> None:
    study = shapely.box(*CATALOGUE.areas["study"]["bbox"])
    lies = study.intersects if CATALOGUE.entry(layer_id).theme == "context" else study.covers
    assert [item["properties"]["id"] for item in located if not lies(read_shape(item))] == []


@pytest.mark.parametrize("layer_id", WITH_DATA)
def test_every_feature_says_what_it_is_where_from_and_how_good(
    layer_id: str, features: list[dict[str, Any]]
) -> None:
    del layer_id
    for feature in features:
        properties = feature["properties"]
        assert list(properties)[: len(PROPERTY_ORDER)] == list(PROPERTY_ORDER)
        for name in ("name_zh", "name_en", "kind", "source", "method"):
            assert isinstance(properties[name], str), (properties["id"], name)
            assert properties[name].strip(), (properties["id"], name)
        assert properties["confidence"] in CONFIDENCES
        if feature["geometry"] is None:
            assert properties["accuracy_m"] is None
            assert properties["status"].startswith("未定位")
        else:
            assert properties["accuracy_m"] > 0
        assert properties["text_order"] is None or 1 <= properties["text_order"] <= 162


@pytest.mark.parametrize("layer_id", WITH_DATA)
def test_no_feature_is_less_accurate_than_its_layer_says(
    layer_id: str, located: list[dict[str, Any]]
) -> None:
    stated = CATALOGUE.entry(layer_id).accuracy_m
    assert stated is not None
    assert max((feature["properties"]["accuracy_m"] for feature in located), default=0.0) <= stated


@pytest.mark.parametrize("layer_id", WITH_DATA)
def test_every_kind_is_known_to_the_rules_or_declared_free_of_them(
    layer_id: str, features: list[dict[str, Any]]
) -> None:
    unknown = {feature["properties"]["kind"] for feature in features} - known_kinds(layer_id)
    assert unknown == set()


@pytest.mark.parametrize("layer_id", WITH_DATA)
def test_kinds_declared_free_of_rules_are_free_of_them_and_there(
    layer_id: str, features: list[dict[str, Any]]
) -> None:
    rules = tomllib.loads((LAYERS / "rules.toml").read_text(encoding="utf-8"))["rule"]
    ruled = {
        kind
        for rule in rules
        if rule["applies_to"]["layer"] == layer_id
        for kind in [*rule["applies_to"]["kinds"], *rule["applies_to"].get("possible_kinds", [])]
    }
    free = set(TABLES[layer_id].get("free_kinds", []))
    assert free & ruled == set()
    assert free <= {feature["properties"]["kind"] for feature in features}


@pytest.mark.parametrize("layer_id", WITH_DATA)
def test_areas_agree_with_the_official_ones(layer_id: str, located: list[dict[str, Any]]) -> None:
    tolerance = TABLES[layer_id].get("area_tolerance", AREA_TOLERANCE)
    for feature in located:
        official_ha = feature["properties"]["area_ha_official"]
        if official_ha is not None:
            drawn_ha = area_lonlat_m2(read_shape(feature)) / 1e4
            assert drawn_ha == pytest.approx(official_ha, rel=tolerance), feature["properties"]["id"]


@pytest.mark.parametrize("layer_id", WITH_DATA)
def test_an_entry_with_data_says_provenance_date_attribution_and_coverage_known(layer_id: str) -> None:
    entry = CATALOGUE.entry(layer_id)
    assert entry.provenance != "none"
    assert entry.data_date
    assert entry.attribution
    assert not isinstance(entry.coverage, str) or entry.coverage in CATALOGUE.areas


@pytest.mark.parametrize("layer_id", DECLARED)
def test_a_declared_layer_has_no_data_and_says_who_holds_it(layer_id: str) -> None:
    entry = CATALOGUE.entry(layer_id)
    assert (entry.provenance, entry.rows, entry.coverage) == ("none", 0, None)
    assert not entry.sha256
    assert "掌握" in entry.source
    assert "held by" in entry.source


def test_every_layer_a_rule_reads_is_in_the_catalogue() -> None:
    rules = tomllib.loads((LAYERS / "rules.toml").read_text(encoding="utf-8"))["rule"]
    assert {rule["applies_to"]["layer"] for rule in rules} <= set(TABLES)


def test_without_redline_farmland_and_development_boundary_no_site_is_clear() -> None:
    for layer_id in ("ecological_redline", "permanent_basic_farmland", "urban_development_boundary"):
        assert CATALOGUE.entry(layer_id).required
        assert CATALOGUE.entry(layer_id).path is None
