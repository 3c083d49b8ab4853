"""The product's own layers and rules answer as a planner expects, and never clear where they cannot know."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

import gis
from gis import crs
from gis.model import Certainty, Finding, SiteResult, Verdict

if TYPE_CHECKING:
    from gis.workspace import Workspace

TODAY = date(2026, 11, 22)
DAY_BEFORE_ORDER_830 = date(2026, 1, 1)
CONTROL_LINES = {"ecological_redline", "permanent_basic_farmland", "urban_development_boundary"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return the product's own workspace with a cache of its own."""
    from gis.settings import bundled_workspace, read_settings

    home = tmp_path_factory.mktemp("home")
    settings = read_settings({"GIS_HOME": str(home)}, workspace=bundled_workspace())
    return gis.open_workspace(settings=settings)


@pytest.fixture(scope="module")
def tianmushan(workspace: Workspace) -> shapely.Geometry:
    """Return the outline of Tianmushan in the working plane."""
    features = workspace.zones.features("nature_reserves")
    return next(feature.geometry for feature in features if feature.feature_id == "tianmushan")


def check_plane(workspace: Workspace, geometry: shapely.Geometry, on: date = TODAY) -> SiteResult:
    """Return the result of one site given in the working plane."""
    table = gpd.GeoDataFrame({"name": ["试验地块"]}, geometry=[geometry], crs=crs.PLANE)
    return gis.check(table, workspace=workspace, on=on).sites[0]


def findings_under(result: SiteResult, words: str) -> list[Finding]:
    """Return the findings that rest on an instrument whose name or version holds the words."""
    return [
        finding
        for finding in result.findings
        if any(words in law.instrument + law.version for law in finding.provisions)
    ]


def square_round(point: shapely.Point, side_m: float = 100.0) -> shapely.Geometry:
    """Return a square about a point."""
    return point.buffer(side_m / 2, cap_style="square")


def deepest_point(area: shapely.Geometry) -> shapely.Point:
    """Return the point farthest inside an area."""
    return shapely.get_point(shapely.maximum_inscribed_circle(area), 0)


def test_every_layer_of_the_product_is_sound(workspace: Workspace) -> None:
    assert [layer.problem for layer in workspace.layers.values() if layer.problem is not None] == []


def test_deep_inside_tianmushan_the_2026_regulations_apply_with_certainty(
    workspace: Workspace, tianmushan: shapely.Geometry
) -> None:
    result = check_plane(workspace, square_round(deepest_point(tianmushan)))
    under = findings_under(result, "830")
    general = next(finding for finding in under if finding.rule_id == "nr_general_2026")
    core = next(finding for finding in under if finding.rule_id == "nr_core_2026")
    assert general.certainty is Certainty.CERTAIN
    assert general.provisions[0].article == "第二十七条"
    assert general.provisions[0].in_force_from == date(2026, 3, 15)
    assert (core.certainty, core.level.value) == (Certainty.POSSIBLE, "prohibited")


def test_before_the_order_the_2017_text_treats_the_unzoned_reserve_as_core_and_buffer(
    workspace: Workspace, tianmushan: shapely.Geometry
) -> None:
    site = square_round(deepest_point(tianmushan))
    result = check_plane(workspace, site, on=DAY_BEFORE_ORDER_830)
    current = [finding for finding in result.findings if not finding.pending]
    assert result.verdict is Verdict.PROHIBITED
    assert any(finding.rule_id == "nr_unzoned_2017" for finding in current)
    assert not any("830" in law.version for finding in current for law in finding.provisions)


def test_300_m_outside_the_outline_is_possible_and_attention(
    workspace: Workspace, tianmushan: shapely.Geometry
) -> None:
    west = shapely.get_point(tianmushan.exterior, int(shapely.get_coordinates(tianmushan)[:, 0].argmin()))
    site = shapely.Point(west.x - 305, west.y).buffer(5, cap_style="square")
    distance = shapely.distance(site, tianmushan)
    result = check_plane(workspace, site)
    reserve = next(finding for finding in result.findings if finding.rule_id == "nr_general_2026")
    assert result.verdict is Verdict.ATTENTION
    assert reserve.certainty is Certainty.POSSIBLE
    assert reserve.distance_m == pytest.approx(distance, rel=1e-3)


def test_in_the_sea_east_of_everything_it_is_never_clear(workspace: Workspace) -> None:
    for lon, lat in ((123.5, 30.0), (123.0, 29.0), (123.9, 32.5)):
        result = check_plane(workspace, crs.to_plane(shapely.Point(lon, lat)))
        assert result.verdict is not Verdict.CLEAR
        assert result.coverage < 1


def test_the_three_control_lines_are_named_at_every_site(workspace: Workspace) -> None:
    for lon, lat in ((120.15, 30.28), (119.4, 29.6), (118.9, 30.1), (121.5, 29.9)):
        result = check_plane(workspace, square_round(crs.to_plane(shapely.Point(lon, lat))))
        assert {gap.layer_id for gap in result.unassessed if gap.required} >= CONTROL_LINES
        assert result.verdict is not Verdict.CLEAR


def test_beside_the_runway_the_allowed_height_is_45_m(workspace: Workspace) -> None:
    result = check_plane(workspace, square_round(crs.to_plane(shapely.Point(120.43, 30.235))))
    surface = next(finding for finding in result.findings if finding.height_limit_m is not None)
    assert surface.height_limit_m == pytest.approx(45.0)


def test_a_road_across_the_mountain_corridor_is_reported_with_its_widths(workspace: Workspace) -> None:
    corridor = next(
        feature
        for feature in workspace.zones.features("ecological_corridors")
        if feature.feature_id == "tianmu_range"
    )
    centre = shapely.point_on_surface(corridor.geometry)
    strip = shapely.box(centre.x - 100, centre.y - 20_000, centre.x + 100, centre.y + 20_000)
    effects = check_plane(workspace, strip).corridor_effects
    effect = next(effect for effect in effects if effect.corridor_id == "tianmu_range")
    assert effect.severed
    assert effect.area_lost_m2 > 0
    assert effect.width_before_m > effect.width_after_m == 0
