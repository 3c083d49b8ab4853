"""Control zones as features: what they say, where they lie, and what has none."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import shapely

from gis import crs
from gis.cli.zones import choose_rules
from gis.errors import NotFoundError, OutputError
from gis.outputs.zone_table import collect_zones, render_zones, write_zones
from gis.rules import effective_rules

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gis.outputs.zone_table import ZoneTable
    from gis.workspace import Workspace

DAY = date(2026, 1, 1)
RESERVE = {"id": "a", "kind": "reserve", "geometry": shapely.box(0, 0, 1000, 1000), "accuracy_m": 7.0}


@pytest.fixture
def workspace(make_workspace: Callable[..., Any], rule_text: Callable[..., str]) -> Workspace:
    """Return a workspace with a square of 1 km and rules inside, round, outside and without data."""
    rules = (
        rule_text("inside")
        + rule_text("belt", recipe='{ type = "buffer", distance_m = 500.0 }', level="restricted")
        + rule_text("beyond", recipe='{ type = "outside" }')
        + rule_text("idle", layer="empty")
    )
    opened: Workspace = make_workspace({"reserves": ([RESERVE], {}), "empty": ([], {})}, rules)
    return opened


@pytest.fixture
def table(workspace: Workspace) -> ZoneTable:
    return collect_zones(workspace, effective_rules(workspace.rules, DAY))


def test_each_rule_has_a_zone_for_each_feature_or_says_why_not(table: ZoneTable) -> None:
    assert [(one.rule.id, one.feature_id) for one in table.records] == [
        ("inside", "a"),
        ("belt", "a"),
        ("beyond", None),
    ]
    assert [(rule.id, why.en) for rule, why in table.missing] == [("idle", "layer empty has no data")]


def test_areas_are_those_of_square_belt_and_rest(workspace: Workspace, table: ZoneTable) -> None:
    inside, belt, beyond = (crs.area_lonlat_m2(one.geometry) / 1e6 for one in table.records)
    assert inside == pytest.approx(1.0, rel=1e-3)
    assert belt == pytest.approx(1 + 4 * 0.5 + shapely.Point(0, 0).buffer(0.5, 64).area, rel=1e-3)
    coverage = workspace.layers["reserves"].coverage
    assert coverage is not None
    assert beyond + inside == pytest.approx(crs.area_lonlat_m2(coverage) / 1e6, rel=1e-6)


def test_a_zone_says_its_rule_articles_and_accuracy(table: ZoneTable) -> None:
    feature = json.loads(render_zones(table.records))["features"][0]
    said = feature["properties"]
    assert said["rule_id"] == "inside"
    assert said["level"] == "prohibited"
    assert said["title_zh"] == "规则inside"
    assert "测试条例 第一条" in said["provisions"]
    assert said["accuracy_m"] == 7.0
    assert said["settled"] is True
    shape = shapely.geometry.shape(feature["geometry"])
    assert shape.is_valid
    assert shape.exterior.is_ccw


def test_the_same_zones_are_written_as_geojson_and_geopackage(table: ZoneTable, tmp_path: Path) -> None:
    text = write_zones(table.records, tmp_path / "z.geojson")
    database = write_zones(table.records, tmp_path / "out" / "z.gpkg")
    assert len(json.loads(text.read_text(encoding="utf-8"))["features"]) == 3
    with sqlite3.connect(database) as opened:
        rows = opened.execute("SELECT rule_id, level FROM control_zones ORDER BY fid").fetchall()
    opened.close()
    assert rows == [("inside", "prohibited"), ("belt", "restricted"), ("beyond", "prohibited")]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_another_format_is_refused_and_nothing_written(table: ZoneTable, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_zones(table.records, tmp_path / "z.dxf")
    assert not (tmp_path / "z.dxf").exists()


def test_rules_are_chosen_by_id_and_layer_and_unknown_ones_named(workspace: Workspace) -> None:
    assert [one.id for one in choose_rules(workspace, DAY, ["belt"], [])] == ["belt"]
    assert [one.id for one in choose_rules(workspace, DAY, [], ["empty"])] == ["idle"]
    assert len(choose_rules(workspace, DAY, [], [])) == 4
    with pytest.raises(NotFoundError, match="nothing"):
        choose_rules(workspace, DAY, ["nothing"], [])
