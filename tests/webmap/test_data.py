"""Layers and rules as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gis.webmap.data import layer_as_dict, layer_geojson, rule_as_dict

if TYPE_CHECKING:
    from gis.workspace import Workspace


def test_features_keep_order_and_properties_and_have_at_most_six_decimals(workspace: Workspace) -> None:
    text = layer_geojson(workspace.layers["nature_reserves"])
    features = json.loads(text)["features"]
    assert [feature["id"] for feature in features] == ["r1", "r2"]
    assert features[0]["properties"]["accuracy_m"] == 500
    lon, lat = features[1]["geometry"]["coordinates"]
    assert (lon, lat) == (round(lon, 6), round(lat, 6))
    assert text.count("\n") == len(features) + 2


def test_a_property_without_value_is_left_out(workspace: Workspace) -> None:
    features = json.loads(layer_geojson(workspace.layers["nature_reserves"]))["features"]
    assert "accuracy_m" not in features[1]["properties"]


def test_a_layer_says_its_state_and_its_bounds(workspace: Workspace) -> None:
    with_data = layer_as_dict(workspace.layers["nature_reserves"])
    without = layer_as_dict(workspace.layers["redline"])
    west, south, east, north = with_data["bounds"]
    assert west < east
    assert south < north
    assert (with_data["rows"], with_data["status"]) == (2, "ok")
    assert (without["rows"], without["status"], without["bounds"]) == (0, "no_data", None)


def test_a_rule_carries_its_article_and_dates(workspace: Workspace) -> None:
    table = rule_as_dict(workspace.rules.rules[0])
    assert table["provisions"][0]["article"] == "第一条"
    assert table["provisions"][0]["in_force_from"] == "2020-01-01"
    assert json.loads(json.dumps(table)) == table
