"""What the product only knows roughly is possible in a check, never certain, and never left out."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

import gis
from gis import crs
from gis.model import Certainty, Finding

if TYPE_CHECKING:
    from gis.workspace import Workspace

DAYS = (date(2026, 7, 1), date(2026, 11, 22))
"""Before and after the Environmental Code replaces the law on water pollution."""

ROUGH = ("drinking_water", "power_lines", "gas_pipelines", "airport_clearance")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return the product's own workspace with a cache of its own."""
    from gis.settings import bundled_workspace, read_settings

    home = tmp_path_factory.mktemp("home")
    settings = read_settings({"GIS_HOME": str(home)}, workspace=bundled_workspace())
    return gis.open_workspace(settings=settings)


def find_all(workspace: Workspace, site: shapely.Geometry, on: date) -> tuple[Finding, ...]:
    """Return the findings of a site given in the working plane."""
    table = gpd.GeoDataFrame({"name": ["试验地块"]}, geometry=[site], crs=crs.PLANE)
    return gis.check(table, workspace=workspace, on=on).sites[0].findings


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("layer_id", ROUGH)
def test_a_site_on_a_rough_feature_is_possible_and_never_certain(
    workspace: Workspace, layer_id: str, day: date
) -> None:
    features = [
        feature for feature in workspace.zones.features(layer_id) if not feature.kind.startswith("obstacle_")
    ]
    for feature in features:
        deep = feature.geometry
        if shapely.get_dimensions(deep) == 2:
            deep = shapely.get_point(shapely.maximum_inscribed_circle(deep), 0)
        middle = shapely.centroid(deep)
        findings = [
            finding
            for finding in find_all(workspace, middle.buffer(300, cap_style="square"), day)
            if finding.layer_id == layer_id
        ]
        assert findings, feature.feature_id
        assert {finding.certainty for finding in findings} == {Certainty.POSSIBLE}, feature.feature_id


def test_a_site_as_large_as_the_source_is_still_only_possible(workspace: Workspace) -> None:
    for feature in workspace.zones.features("drinking_water"):
        findings = find_all(workspace, feature.geometry.buffer(5000), DAYS[1])
        levels = {finding.rule_id: finding.certainty for finding in findings if "dw_" in finding.rule_id}
        assert {"dw_zj_level1", "dw_zj_level2", "dw_zj_quasi"} <= set(levels)
        assert set(levels.values()) == {Certainty.POSSIBLE}


def test_far_from_any_source_drawn_drinking_water_is_still_not_assessed(workspace: Workspace) -> None:
    site = crs.to_plane(shapely.Point(119.9, 30.45)).buffer(100)
    table = gpd.GeoDataFrame({"name": ["试验地块"]}, geometry=[site], crs=crs.PLANE)
    gaps = gis.check(table, workspace=workspace, on=DAYS[1]).sites[0].unassessed
    assert {"drinking_water", "power_lines", "gas_pipelines"} <= {
        gap.layer_id for gap in gaps if gap.required
    }


def test_the_surfaces_drawn_for_maps_give_no_second_finding(workspace: Workspace) -> None:
    site = crs.to_plane(shapely.Point(120.43, 30.235)).buffer(50, cap_style="square")
    heights = [
        finding for finding in find_all(workspace, site, DAYS[1]) if finding.height_limit_m is not None
    ]
    assert [finding.rule_id for finding in heights] == ["airport_ols"]
