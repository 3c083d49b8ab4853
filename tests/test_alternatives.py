"""What if: shifts and parts that can be computed by hand."""

from __future__ import annotations

from datetime import date
from math import hypot
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate

from gis.alternatives import COARSE_M, STEP_ASIDE_M, convex_pieces, forbidden_shifts
from gis.model import Alternative, CheckOptions, Verdict
from gis.study import check_sites

if TYPE_CHECKING:
    from collections.abc import Callable

OPTIONS = CheckOptions(on=date(2026, 6, 1), what_if=True)
RESERVE = {"id": "reserve", "kind": "reserve", "geometry": shapely.box(0, 0, 1000, 1000)}
EPSILON = hypot(1.0, 10.0)
ROOM = 2 * (COARSE_M + STEP_ASIDE_M)
L_SHAPE = shapely.Polygon([(0, 0), (300, 0), (300, 100), (100, 100), (100, 300), (0, 300)])


@pytest.fixture
def propose(
    make_workspace: Callable[..., Any],
    make_site: Callable[..., Any],
    make_site_set: Callable[..., Any],
    rule_text: Callable[..., str],
) -> Callable[..., dict[str, Alternative]]:
    """Return a function that gives the alternatives of a site by kind."""

    def run(site: shapely.Geometry, *features: dict[str, Any], **choices: Any) -> dict[str, Alternative]:
        workspace = make_workspace(
            {"reserves": (list(features) or [RESERVE], {})}, choices.get("rules", rule_text("inside"))
        )
        result = check_sites(workspace, make_site_set(make_site(site)), OPTIONS).sites[0]
        assert result.alternatives is not None
        return {alternative.kind: alternative for alternative in result.alternatives}

    return run


def test_a_site_at_the_east_edge_moves_east_by_its_width_and_the_accuracy(
    propose: Callable[..., dict[str, Alternative]],
) -> None:
    shift = propose(shapely.box(900, 400, 1000, 500))["shift"]
    assert shift.verdict is Verdict.CLEAR
    assert shift.dx_m == pytest.approx(100 + EPSILON + ROOM / 2, abs=ROOM)
    assert shift.dy_m == pytest.approx(0.0, abs=ROOM)


def test_half_a_site_can_stay(propose: Callable[..., dict[str, Alternative]]) -> None:
    part = propose(shapely.box(900, 400, 1200, 500))["clear_part"]
    assert part.verdict is Verdict.CLEAR
    assert part.area_m2 == pytest.approx((200 - EPSILON) * 100, rel=0.03)


def test_deep_inside_something_wide_none_is_found_and_said(
    propose: Callable[..., dict[str, Alternative]],
) -> None:
    wide = RESERVE | {"geometry": shapely.box(-9000, -9000, 9000, 9000)}
    found = propose(shapely.box(0, 0, 100, 100), wide)
    assert {kind: alternative.geometry for kind, alternative in found.items()} == {
        "shift": None,
        "clear_part": None,
    }


def test_where_nothing_is_free_the_nearest_place_of_mere_possibility_is_given(
    propose: Callable[..., dict[str, Alternative]],
) -> None:
    thin = shapely.LineString([(-90_000, -5000), (90_000, -5000)]).buffer(15)
    rough = {"id": "line", "kind": "reserve", "accuracy_m": 30_000.0, "geometry": thin}
    shift = propose(shapely.box(900, 400, 1000, 500), RESERVE, rough)
    assert shift["shift"].verdict is Verdict.ATTENTION
    assert shift["shift"].dx_m == pytest.approx(100 + ROOM / 2, abs=ROOM)


def test_a_clear_site_has_no_alternatives(propose: Callable[..., dict[str, Alternative]]) -> None:
    assert propose(shapely.box(5000, 0, 5100, 100)) == {}


def test_an_l_shaped_site_may_stand_round_the_corner_of_a_zone(
    propose: Callable[..., dict[str, Alternative]],
) -> None:
    corner = RESERVE | {"geometry": shapely.box(0, 0, 120, 120)}
    site = translate(L_SHAPE, -20, -20)
    shift = propose(site, corner)["shift"]
    assert shift.verdict is Verdict.CLEAR
    assert shift.dx_m == pytest.approx(-(80 + EPSILON), abs=2 * ROOM)
    assert shift.dy_m == pytest.approx(-(80 + EPSILON), abs=2 * ROOM)


def test_a_concave_shape_is_cut_into_pieces_that_make_it_up() -> None:
    pieces = convex_pieces(L_SHAPE)
    assert all(piece.convex_hull.area == pytest.approx(piece.area) for piece in pieces)
    assert shapely.union_all(pieces).symmetric_difference(L_SHAPE).area == pytest.approx(0, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.floats(-400, 400), st.floats(-400, 400))
def test_a_shift_is_forbidden_exactly_where_the_shape_meets_what_blocks_it(dx: float, dy: float) -> None:
    blocked = shapely.Polygon([(50, 50), (250, 80), (200, 260), (150, 140), (60, 220)])
    forbidden = forbidden_shifts(L_SHAPE, blocked)
    gap = shapely.distance(translate(L_SHAPE, dx, dy), blocked)
    place = shapely.Point(dx, dy)
    if shapely.distance(place, forbidden.boundary) > 1e-6:
        assert shapely.intersects(place, forbidden) == (gap == 0)
