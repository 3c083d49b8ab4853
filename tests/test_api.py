"""``import gis``: the same check from Python, from a table and from a file."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import shapely

import gis
from gis import crs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def workspace(make_workspace: Callable[..., Any], rule_text: Callable[..., str]) -> Any:
    """Return a workspace of one reserve."""
    reserve = {"id": "reserve", "kind": "reserve", "geometry": shapely.box(0, 0, 1000, 1000)}
    return make_workspace({"reserves": ([reserve], {})}, rule_text("inside"))


def test_a_table_and_a_file_give_the_same_answer(
    workspace: Any, plane: Callable[..., Any], tmp_path: Path
) -> None:
    square = plane(shapely.box(900, 400, 1100, 500))
    table = gpd.GeoDataFrame({"name": ["地块"]}, geometry=[square], crs=crs.PLANE)
    lonlat = crs.transform(square, crs.PLANE, crs.GEOGRAPHIC)
    path = tmp_path / "site.geojson"
    feature = {
        "type": "Feature",
        "properties": {"name": "地块"},
        "geometry": json.loads(shapely.to_geojson(lonlat)),
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    on = date(2026, 6, 1)
    first = gis.check(table, workspace=workspace, on=on).sites[0]
    second = gis.check(path, workspace=workspace, on=on).sites[0]
    assert first.verdict == second.verdict
    assert first.findings[0].overlap_area_m2 is not None
    assert second.findings[0].overlap_area_m2 is not None
    assert first.findings[0].overlap_area_m2.as_drawn == pytest.approx(
        second.findings[0].overlap_area_m2.as_drawn, rel=1e-6
    )


def test_a_table_without_a_coordinate_system_is_refused(workspace: Any) -> None:
    table = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)])
    with pytest.raises(gis.GisError):
        gis.check(table, workspace=workspace, on=date(2026, 6, 1))


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = gis.no_such_thing
