"""What sites take from a strip of 1 000 × 100 m."""

from __future__ import annotations

import pytest
import shapely

from gis import crs
from gis.corridors.effect import Corridor, measure_effect, place_corridor
from gis.model import Text

X0, Y0 = 500_000.0, 3_350_000.0


def box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """Return a box in metres about the place of the tests."""
    return shapely.box(X0 + west, Y0 + south, X0 + east, Y0 + north)


@pytest.fixture
def strip() -> Corridor:
    """Return a strip that joins west and east and should be 80 m wide."""
    ends = [crs.to_lonlat(shapely.Point(X0 + x, Y0 + 50)) for x in (0, 1000)]
    return place_corridor(
        corridor_id="strip",
        title=Text("走廊", "strip"),
        area=box(0, 0, 1000, 100),
        ends=((ends[0].x, ends[0].y), (ends[1].x, ends[1].y)),
        required_width_m=80.0,
        accuracy_m=50.0,
    )


def test_a_site_elsewhere_has_no_effect(strip: Corridor) -> None:
    site = box(0, 500, 10, 510)
    assert measure_effect(strip, site, lost=site) is None


def test_a_site_across_severs_and_takes_its_area(strip: Corridor) -> None:
    site = box(480, -10, 520, 110)
    effect = measure_effect(strip, site, lost=site)
    assert effect is not None
    assert effect.severed
    assert effect.area_lost_m2 == pytest.approx(4000, rel=1e-6)
    assert (effect.width_before_m, effect.width_after_m) == pytest.approx((100, 0), abs=1)


def test_the_disturbance_narrows_further_but_takes_no_area(strip: Corridor) -> None:
    site = box(480, 60, 520, 110)
    effect = measure_effect(strip, site.buffer(20, cap_style="square", join_style="mitre"), lost=site)
    assert effect is not None
    assert not effect.severed
    assert effect.area_lost_m2 == pytest.approx(1600, rel=1e-6)
    assert effect.width_after_m == pytest.approx(40, abs=1)


def test_two_sites_together_sever_what_neither_severs_alone(strip: Corridor) -> None:
    north, south = box(480, 50, 520, 110), box(480, -10, 520, 50)
    both = shapely.union_all([north, south])
    alone = [measure_effect(strip, site, lost=site) for site in (north, south)]
    together = measure_effect(strip, both, lost=both)
    assert [effect.severed for effect in alone if effect] == [False, False]
    assert together is not None
    assert together.severed
