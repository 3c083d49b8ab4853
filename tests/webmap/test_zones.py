"""Control zones as layers of a map."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest
import shapely

from gis import crs
from gis.errors import NotFoundError
from gis.webmap.config import make_config
from gis.webmap.definitions import find_map, read_ground, read_maps
from gis.webmap.zones import zone_geojson

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.workspace import Workspace

DAY = date(2026, 6, 1)


@pytest.fixture
def zoned(make_workspace: Callable[..., Workspace], rule_text: Callable[..., str]) -> Workspace:
    """Return a square of 1 km with a prohibition, a buffer of 500 m, its outside, and a rule without data."""
    square = {"id": "r1", "kind": "reserve", "name_zh": "甲", "name_en": "A", "accuracy_m": 50}
    rules = "".join(
        (
            rule_text("inside", layer="reserves"),
            rule_text(
                "near", layer="reserves", level="notice", recipe='{ type = "buffer", distance_m = 500 }'
            ),
            rule_text("beyond", layer="reserves", level="restricted", recipe='{ type = "outside" }'),
            rule_text("none", layer="redline"),
        )
    )
    return make_workspace(
        {
            "reserves": ([square | {"geometry": shapely.box(0, 0, 1000, 1000)}], {}),
            "redline": ([], {}),
        },
        rules,
    )


def area_ha(workspace: Workspace, rule_id: str) -> float:
    collection = json.loads(zone_geojson(workspace, rule_id, DAY))
    return (
        sum(
            crs.area_lonlat_m2(shapely.from_geojson(json.dumps(feature["geometry"])))
            for feature in collection["features"]
        )
        / 10_000
    )


def test_a_zone_is_the_feature_or_what_lies_within_the_distance(zoned: Workspace) -> None:
    assert area_ha(zoned, "inside") == pytest.approx(100, rel=1e-3)
    assert area_ha(zoned, "near") == pytest.approx(100 + 4 * 50 + 25 * 3.1416, rel=2e-3)


def test_the_zone_of_a_rule_about_the_outside_is_the_coverage_without_the_feature(zoned: Workspace) -> None:
    collection = json.loads(zone_geojson(zoned, "beyond", DAY))
    zone = shapely.from_geojson(json.dumps(collection["features"][0]["geometry"]))
    middle = crs.transform(shapely.Point(500_500, 3_350_500), crs.PLANE, crs.GEOGRAPHIC)
    assert not zone.contains(middle)
    assert zone.contains(shapely.Point(119.0, 29.0))


def test_a_feature_of_a_zone_names_its_rule_its_feature_and_its_accuracy(zoned: Workspace) -> None:
    properties = json.loads(zone_geojson(zoned, "inside", DAY))["features"][0]["properties"]
    assert (properties["rule_id"], properties["feature_id"], properties["accuracy_m"]) == ("inside", "r1", 50)
    assert properties["name_zh"] == "规则inside（甲）"
    assert properties["kind"] == "prohibited"


@pytest.mark.parametrize("rule_id", ["none", "../../etc/passwd"])
def test_a_zone_without_data_or_rule_is_refused_not_sent_empty(zoned: Workspace, rule_id: str) -> None:
    with pytest.raises(NotFoundError):
        zone_geojson(zoned, rule_id, DAY)


def test_the_map_of_zones_lists_every_rule_of_a_level_also_those_without_data(workspace: Workspace) -> None:
    folder = workspace.settings.workspace / "maps"
    definition = find_map(read_maps(folder), "control")
    config = make_config(workspace, definition, read_ground(folder / "basemaps.toml"), language="zh")
    group = next(group for group in config["groups"] if group["theme"] == "zones_prohibited")
    assert group["layers"] == ["zone-no_building"]
    assert config["layers"]["zone-no_building"]["status"] in {"ok", "no_data"}
