"""One site × one zone: obstacle heights, schematic lines, cutting to a window."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.certainty import QUAD_SEGS
from gis.model import Certainty, CheckOptions, Finding, Relation, Verdict
from gis.overlay import overlap
from gis.study import check_sites
from gis.vicinity import MARGIN_M, cut_local, grow_local, measure_site
from gis.zones import ZoneFeature, ZonePart

if TYPE_CHECKING:
    from collections.abc import Callable

OPTIONS = CheckOptions(on=date(2026, 6, 1))
RUNWAY = {"id": "runway", "kind": "runway", "geometry": shapely.LineString([(0, 0), (3000, 0)])}
SURFACE = '{ type = "obstacle_surface", radius_m = 4000, height_m = 45, slope = 0.05, outer_m = 6000 }'


@pytest.fixture
def find_one(
    make_workspace: Callable[..., Any],
    make_site: Callable[..., Any],
    make_site_set: Callable[..., Any],
    rule_text: Callable[..., str],
) -> Callable[..., Finding | None]:
    """Return a function that gives the finding of one site against one feature under one recipe."""

    def run(
        site: shapely.Geometry, feature: dict[str, Any], recipe: str, **properties: object
    ) -> Finding | None:
        rules = rule_text("rule", recipe=recipe, kind=feature["kind"], extra="near_m = 0.0")
        workspace = make_workspace({"reserves": ([feature], {})}, rules)
        result = check_sites(workspace, make_site_set(make_site(site, **properties)), OPTIONS)
        findings = result.sites[0].findings
        return findings[0] if findings else None

    return run


@pytest.mark.parametrize(("distance", "limit"), [(1000, 45.0), (3999, 45.0), (5000, 95.0), (5999, 144.95)])
def test_the_allowed_height_is_45_m_then_rises_by_5_percent(
    find_one: Callable[..., Finding | None], distance: float, limit: float
) -> None:
    finding = find_one(shapely.Point(1500, distance), RUNWAY, SURFACE)
    assert finding is not None
    assert finding.height_limit_m == pytest.approx(limit, abs=0.1)


def test_a_site_without_a_height_can_only_possibly_break_the_surface(
    find_one: Callable[..., Finding | None],
) -> None:
    finding = find_one(shapely.Point(1500, 1000), RUNWAY, SURFACE)
    assert finding is not None
    assert finding.certainty is Certainty.POSSIBLE


def test_a_height_above_the_surface_is_certain_and_below_it_nothing(
    find_one: Callable[..., Finding | None],
) -> None:
    high = find_one(shapely.Point(1500, 1000), RUNWAY, SURFACE, height_m=60)
    assert high is not None
    assert high.certainty is Certainty.CERTAIN
    assert find_one(shapely.Point(1500, 1000), RUNWAY, SURFACE, height_m=30) is None


def test_beyond_the_conical_surface_there_is_nothing(find_one: Callable[..., Finding | None]) -> None:
    assert find_one(shapely.Point(1500, 6500), RUNWAY, SURFACE) is None


def test_a_schematic_line_is_never_certain_however_the_site_lies(
    find_one: Callable[..., Finding | None],
) -> None:
    line = {
        "id": "tie",
        "kind": "line",
        "accuracy_m": 2000.0,
        "geometry": shapely.LineString([(-5000, 0), (5000, 0)]),
    }
    finding = find_one(shapely.box(-50, -50, 50, 50), line, '{ type = "buffer", distance_m = 15.0 }')
    assert finding is not None
    assert (finding.relation, finding.certainty) == (Relation.OVERLAP, Certainty.POSSIBLE)
    assert finding.overlap_area_m2 is not None
    assert (finding.overlap_area_m2.min, finding.overlap_area_m2.as_drawn) == (
        0.0,
        pytest.approx(3000, rel=1e-3),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(-400, 1400), st.integers(-400, 1400), st.integers(5, 300), st.floats(0.0, 80.0))
def test_cutting_to_a_window_changes_nothing_inside_it(
    make_site: Callable[..., Any], x: int, y: int, size: int, accuracy: float
) -> None:
    from gis.model import Level, Recipe, Rule, Text
    from gis.zones import ZoneFeature, make_part

    shape = shapely.Polygon([(0, 0), (1000, 100), (900, 1000), (500, 600), (100, 900)])
    plane = shapely.transform(shape, lambda xy: xy + (500_000.0, 3_350_000.0))  # noqa: RUF005 - numpy addition
    rule = Rule(
        id="r",
        title=Text("规则", "rule"),
        level=Level.PROHIBITED,
        layer_id="l",
        kinds=("reserve",),
        possible_kinds=(),
        recipe=Recipe("inside"),
        requirement=Text("要求", "requirement"),
        provisions=(),
        verified=True,
    )
    part = make_part(rule, ZoneFeature("f", "reserve", accuracy, plane))
    assert part is not None
    measured = measure_site(make_site(shapely.box(x, y, x + size, y + size)), accuracy_m=1.0)
    site = measured.site.geometry_plane
    local = cut_local(measured, [part])
    for cut, whole in ((local.drawn, plane), (local.shrunk, plane.buffer(-local.epsilon_m, quad_segs=32))):
        assert shapely.area(overlap(site, cut)) == pytest.approx(
            shapely.area(overlap(site, whole)), abs=0.05 * MARGIN_M
        )


def test_pending_findings_do_not_decide(
    make_workspace: Callable[..., Any],
    make_site: Callable[..., Any],
    make_site_set: Callable[..., Any],
    rule_text: Callable[..., str],
) -> None:
    reserve = {"id": "reserve", "kind": "reserve", "geometry": shapely.box(0, 0, 1000, 1000)}
    rules = rule_text("later", provision_extra="in_force_from = 2027-01-01")
    workspace = make_workspace({"reserves": ([reserve], {})}, rules)
    site = check_sites(workspace, make_site_set(make_site(shapely.box(400, 400, 500, 500))), OPTIONS).sites[0]
    assert site.findings[0].pending
    assert site.verdict is Verdict.CLEAR


def test_rules_about_the_same_ground_share_it_and_say_what_they_say(
    make_workspace: Callable[..., Any],
    make_site: Callable[..., Any],
    make_site_set: Callable[..., Any],
    rule_text: Callable[..., str],
) -> None:
    feature = {"id": "a", "kind": "reserve", "geometry": shapely.box(0, 0, 1000, 1000)}
    texts = [rule_text("first"), rule_text("second", level="notice"), rule_text("wide", recipe=BUFFER)]
    workspace = make_workspace({"reserves": ([feature], {})}, "".join(texts))
    first, second, wide = (workspace.zones.zone(rule) for rule in workspace.rules.rules)
    assert first.parts is second.parts
    assert first.tree is second.tree
    assert wide.parts is not first.parts
    result = check_sites(workspace, make_site_set(make_site(shapely.box(100, 100, 200, 200))), OPTIONS)
    found = {finding.rule_id: finding for finding in result.sites[0].findings}
    assert set(found) == {"first", "second", "wide"}
    assert [found[name].level.value for name in ("first", "second")] == ["prohibited", "notice"]
    assert found["second"].finding_id == "site-0:second"
    assert found["first"].overlap_area_m2 == found["second"].overlap_area_m2


BUFFER = '{ type = "buffer", distance_m = 100 }'


@pytest.mark.parametrize("kind", ["polygon", "line"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0.5, 60.0), st.floats(1.0, 80.0), st.floats(1.0, 50.0), st.booleans())
def test_a_zone_grown_round_a_site_is_there_the_whole_zone_grown(
    make_site: Callable[..., Any],
    kind: str,
    gap: float,
    size: float,
    epsilon: float,
    corner: bool,  # noqa: FBT001
) -> None:
    low = 510.0 if corner else 0.0
    site = shapely.box(gap, low, gap + size, low + size)
    measured = measure_site(
        make_site(site if kind == "polygon" else shapely.LineString([(gap, low), (gap + size, low + size)])),
        accuracy_m=0.0,
    )
    zone = shapely.transform(shapely.box(-500, -500, 0, 500), lambda xy: np.add(xy, (500_000.0, 3_350_000.0)))
    part = ZonePart(zone, settled=True, feature=ZoneFeature("a", "reserve", epsilon, zone))
    plane = measured.site.geometry_plane
    measure = shapely.area if kind == "polygon" else shapely.length
    expected = measure(overlap(plane, zone.buffer(epsilon, quad_segs=QUAD_SEGS)))
    grown = grow_local(measured, [(part, epsilon)])
    assert measure(overlap(plane, grown)) == pytest.approx(expected, rel=1e-9, abs=1e-6)
