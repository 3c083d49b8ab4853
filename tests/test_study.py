"""The whole sequence on a workspace of squares: findings, certainty, verdict, gaps, identity."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.model import Certainty, CheckOptions, Relation, Verdict
from gis.outputs.json import render_json
from gis.study import check_sites

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.model import CheckResult, Finding

OPTIONS = CheckOptions(on=date(2026, 6, 1))
NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
RESERVE = {"id": "reserve", "kind": "reserve", "geometry": shapely.box(0, 0, 1000, 1000)}

Maker = "Callable[..., Any]"


@pytest.fixture
def check(
    make_workspace: Callable[..., Any],
    make_site: Callable[..., Any],
    make_site_set: Callable[..., Any],
    rule_text: Callable[..., str],
) -> Callable[..., CheckResult]:
    """Return a function that checks geometries against layers and rules."""

    def run(*geometries: shapely.Geometry, **choices: Any) -> CheckResult:
        layers = choices.get("layers", {"reserves": ([RESERVE], {})})
        workspace = make_workspace(layers, choices.get("rules", rule_text("inside")))
        sites = [make_site(geometry, index=index) for index, geometry in enumerate(geometries)]
        return check_sites(workspace, make_site_set(*sites), choices.get("options", OPTIONS), now=NOW)

    return run


def only_finding(result: CheckResult) -> Finding:
    """Return the one finding of the one site."""
    (site,) = result.sites
    (finding,) = site.findings
    return finding


def test_a_site_deep_inside_is_certainly_prohibited_and_measured(check: Callable[..., CheckResult]) -> None:
    result = check(shapely.box(400, 400, 600, 500))
    finding = only_finding(result)
    assert result.sites[0].verdict is Verdict.PROHIBITED
    assert (finding.relation, finding.certainty) == (Relation.INSIDE, Certainty.CERTAIN)
    assert finding.overlap_area_m2 is not None
    assert finding.overlap_area_m2.as_drawn == pytest.approx(20_000, rel=1e-6)
    assert finding.share_of_site is not None
    assert finding.share_of_site.as_drawn == 1.0
    assert finding.provisions[0].article == "第一条"


def test_half_inside_gives_half_as_drawn_and_bounds_by_the_accuracy(
    check: Callable[..., CheckResult],
) -> None:
    finding = only_finding(check(shapely.box(900, 400, 1100, 500)))
    area = finding.overlap_area_m2
    assert area is not None
    epsilon = (1.0**2 + 10.0**2) ** 0.5
    assert area.as_drawn == pytest.approx(10_000, rel=1e-6)
    assert area.min == pytest.approx((100 - epsilon) * 100, rel=1e-4)
    assert area.max == pytest.approx((100 + epsilon) * 100, rel=1e-4)


def test_a_site_within_the_accuracy_outside_is_possible_and_attention(
    check: Callable[..., CheckResult],
) -> None:
    result = check(shapely.box(1005, 400, 1105, 500))
    finding = only_finding(result)
    assert (finding.relation, finding.certainty) == (Relation.NEAR, Certainty.POSSIBLE)
    assert finding.distance_m == pytest.approx(5.0, abs=1e-3)
    assert finding.bearing_deg == pytest.approx(270.0, abs=0.1)
    assert finding.overlap_area_m2 is not None
    assert finding.overlap_area_m2.as_drawn == 0.0
    assert finding.overlap_area_m2.max > 0
    assert result.sites[0].verdict is Verdict.ATTENTION


def test_a_near_miss_carries_distance_and_leaves_the_site_clear(check: Callable[..., CheckResult]) -> None:
    result = check(shapely.box(1500, 400, 1600, 500))
    finding = only_finding(result)
    assert (finding.relation, finding.certainty) == (Relation.NEAR, Certainty.NONE)
    assert finding.distance_m == pytest.approx(500.0, abs=0.01)
    assert result.sites[0].verdict is Verdict.CLEAR


def test_beyond_the_near_distance_there_is_no_finding(check: Callable[..., CheckResult]) -> None:
    assert check(shapely.box(2500, 400, 2600, 500)).sites[0].findings == ()


def test_overlapping_features_count_once(check: Callable[..., CheckResult]) -> None:
    twice = [RESERVE, RESERVE | {"id": "again", "geometry": shapely.box(0, 0, 1000, 900)}]
    finding = only_finding(check(shapely.box(400, 400, 600, 500), layers={"reserves": (twice, {})}))
    assert finding.feature_ids == ("reserve", "again")
    assert finding.overlap_area_m2 is not None
    assert finding.overlap_area_m2.as_drawn == pytest.approx(20_000, rel=1e-6)


def test_a_required_layer_without_data_makes_it_undetermined(check: Callable[..., CheckResult]) -> None:
    layers = {"reserves": ([RESERVE], {}), "redline": ([], {"required": True})}
    site = check(shapely.box(2500, 0, 2600, 100), layers=layers).sites[0]
    assert site.verdict is Verdict.UNDETERMINED
    assert site.reasons == ("redline",)
    assert [(gap.layer_id, gap.reason, gap.share_of_site) for gap in site.unassessed] == [
        ("redline", "no_data", 1.0)
    ]


def test_outside_the_coverage_is_never_clear_and_the_share_is_given(
    check: Callable[..., CheckResult],
) -> None:
    from gis import crs

    west, south, east, north = crs.to_lonlat(shapely.box(500_000, 3_350_000, 505_000, 3_360_000)).bounds
    layers = {"reserves": ([RESERVE], {"coverage": [west, south, east, north]})}
    site = check(shapely.box(4950, 4000, 5050, 4100), layers=layers).sites[0]
    assert site.verdict is Verdict.UNDETERMINED
    assert site.unassessed[0].reason == "outside_coverage"
    assert site.unassessed[0].share_of_site == pytest.approx(0.5, abs=0.1)
    assert site.coverage == pytest.approx(1 - site.unassessed[0].share_of_site)


def test_a_changed_layer_file_fails_and_is_not_clear(
    make_workspace: Callable[..., Any],
    make_site: Callable[..., Any],
    make_site_set: Callable[..., Any],
    rule_text: Callable[..., str],
) -> None:
    from gis.workspace import open_workspace

    workspace = make_workspace({"reserves": ([RESERVE], {})}, rule_text("inside"))
    file = workspace.settings.workspace / "layers" / "ecology" / "reserves.geojson"
    file.write_bytes(file.read_bytes() + b" ")
    opened = open_workspace(workspace.settings.workspace)
    result = check_sites(opened, make_site_set(make_site(shapely.box(400, 400, 600, 500))), OPTIONS)
    assert result.layers[0].status == "failed"
    assert result.sites[0].verdict is Verdict.UNDETERMINED
    assert result.sites[0].unassessed[0].reason == "failed"


def test_the_date_decides_which_rule_applies(
    check: Callable[..., CheckResult], rule_text: Callable[..., str]
) -> None:
    rules = rule_text("old", provision_extra="in_force_until = 2026-03-14") + rule_text(
        "new", level="restricted", provision_extra="in_force_from = 2026-03-15"
    )
    site = shapely.box(400, 400, 600, 500)
    before = check(site, rules=rules, options=replace(OPTIONS, on=date(2026, 3, 14))).sites[0]
    after = check(site, rules=rules, options=replace(OPTIONS, on=date(2026, 3, 15))).sites[0]
    assert [(f.rule_id, f.pending) for f in before.findings] == [("old", False), ("new", True)]
    assert before.verdict is Verdict.PROHIBITED
    assert [(f.rule_id, f.pending) for f in after.findings] == [("new", False)]
    assert after.verdict is Verdict.RESTRICTED


def test_a_zone_of_unknown_limits_inside_a_feature_is_only_possible(
    check: Callable[..., CheckResult], rule_text: Callable[..., str]
) -> None:
    text = rule_text("core").replace('kinds = ["reserve"]', 'kinds = ["core"], possible_kinds = ["reserve"]')
    result = check(shapely.box(400, 400, 600, 500), rules=text)
    finding = only_finding(result)
    assert finding.certainty is Certainty.POSSIBLE
    assert finding.overlap_area_m2 is not None
    assert finding.overlap_area_m2.min == 0.0
    assert result.sites[0].verdict is Verdict.ATTENTION


def test_outside_forbids_what_lies_beyond_the_boundary(
    check: Callable[..., CheckResult], rule_text: Callable[..., str]
) -> None:
    rules = rule_text("growth", level="restricted", recipe='{ type = "outside" }')
    inside, across, beyond = (
        check(shapely.box(x, 400, x + 200, 500), rules=rules).sites[0] for x in (400, 900, 3000)
    )
    assert inside.findings == ()
    assert across.findings[0].overlap_area_m2 is not None
    assert across.findings[0].overlap_area_m2.as_drawn == pytest.approx(10_000, rel=1e-6)
    assert (beyond.findings[0].relation, beyond.verdict) == (Relation.INSIDE, Verdict.RESTRICTED)


def test_a_line_site_gets_the_length_inside(check: Callable[..., CheckResult]) -> None:
    finding = only_finding(check(shapely.LineString([(-500, 500), (1500, 500)])))
    assert finding.relation is Relation.CROSS
    assert finding.overlap_length_m is not None
    assert finding.overlap_length_m.as_drawn == pytest.approx(1000.0, rel=1e-6)
    assert finding.overlap_area_m2 is None


def test_a_point_site_inside_is_certain(check: Callable[..., CheckResult]) -> None:
    assert only_finding(check(shapely.Point(500, 500))).certainty is Certainty.CERTAIN


def test_the_same_check_gives_the_same_bytes(check: Callable[..., CheckResult]) -> None:
    site = shapely.box(900, 400, 1100, 500)
    first, second = check(site), check(site)
    assert render_json(first) == render_json(second)


def test_the_check_id_changes_with_the_options_and_not_with_the_time(
    check: Callable[..., CheckResult],
) -> None:
    site = shapely.box(900, 400, 1100, 500)
    first = check(site)
    other = check(site, options=replace(OPTIONS, site_accuracy_m=2.0))
    assert first.check_id != other.check_id
    assert replace(first, created="later").check_id == first.check_id


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(4)))
def test_the_order_of_features_changes_no_measure(
    check: Callable[..., CheckResult], order: list[int]
) -> None:
    pieces = [
        RESERVE | {"id": f"p{i}", "geometry": shapely.box(i * 250, 0, i * 250 + 260, 1000)} for i in range(4)
    ]
    site = shapely.box(100, 400, 1100, 500)
    expected = only_finding(check(site, layers={"reserves": (pieces, {})}))
    found = only_finding(check(site, layers={"reserves": ([pieces[i] for i in order], {})}))
    assert found.overlap_area_m2 == expected.overlap_area_m2
    assert found.certainty is expected.certainty


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(-300, 1200), st.integers(1, 400))
def test_min_is_at_most_as_drawn_is_at_most_max(
    check: Callable[..., CheckResult], x: int, width: int
) -> None:
    for finding in check(shapely.box(x, 400, x + width, 500)).sites[0].findings:
        area = finding.overlap_area_m2
        assert area is not None
        assert 0 <= area.min <= area.as_drawn <= area.max <= width * 100 * (1 + 1e-6)
        if finding.certainty is Certainty.CERTAIN:
            assert area.min > 0
