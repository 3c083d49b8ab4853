"""The site-check/1 object obeys its schema, in every shape a result can take."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import shapely

from gis.model import CheckOptions, Rejected, SiteSet, Text
from gis.outputs.geojson import render_geojson
from gis.outputs.json import render_json, result_as_dict
from gis.study import check_sites

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.model import CheckResult

SHAPES = {
    "polygon": shapely.box(900, 400, 1100, 500),
    "multipolygon": shapely.union_all([shapely.box(0, 0, 10, 10), shapely.box(2000, 0, 2010, 10)]),
    "line": shapely.LineString([(-500, 500), (1500, 500)]),
    "point": shapely.Point(500, 500),
    "near": shapely.box(1500, 0, 1600, 100),
    "far": shapely.box(9000, 0, 9100, 100),
}


@pytest.fixture
def result(
    make_workspace: Callable[..., Any],
    make_site: Callable[..., Any],
    rule_text: Callable[..., str],
) -> CheckResult:
    """Return a result with sites of every kind, a rejected feature and a layer without data."""
    reserve = {"id": "reserve", "kind": "reserve", "geometry": shapely.box(0, 0, 1000, 1000)}
    workspace = make_workspace(
        {"reserves": ([reserve], {}), "redline": ([], {"required": True})}, rule_text("inside")
    )
    sites = tuple(make_site(shape, index=index) for index, shape in enumerate(SHAPES.values()))
    rejected = Rejected("sites.geojson", 6, None, "empty", Text("空几何", "empty geometry"))
    given = SiteSet(sites=sites, rejected=(rejected,), files=(), features_in=len(sites) + 1)
    return check_sites(workspace, given, CheckOptions(on=date(2026, 6, 1)))


def test_a_result_obeys_the_schema(result: CheckResult) -> None:
    schema = json.loads(files("gis").joinpath("check-result.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    assert sorted(error.message for error in validator.iter_errors(result_as_dict(result))) == []


def test_what_went_in_is_checked_or_rejected(result: CheckResult) -> None:
    table = result_as_dict(result)
    assert table["input"]["features_in"] == len(table["sites"]) + len(table["rejected"])
    assert sum(table["summary"]["by_verdict"].values()) == table["summary"]["sites"]


def test_chinese_stands_as_chinese(result: CheckResult) -> None:
    assert "不得建设" in render_json(result)


def test_geojson_holds_each_site_and_each_overlap(result: CheckResult) -> None:
    collection = json.loads(render_geojson(result))
    roles = [feature["properties"]["role"] for feature in collection["features"]]
    assert roles.count("site") == len(SHAPES)
    assert roles.count("overlap") == sum(f.geometry is not None for s in result.sites for f in s.findings)
