"""How near sites lie to outlines, and whether they are inside, as GEOS says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from gis.engine.cutting import cut_zones
from gis.engine.index import ZoneIndex, index_pieces
from gis.engine.nearness import IN_DOUBT_M, measure_nearness
from gis.engine.shapes import count_shapes, orient_rings
from gis.engine.wkb import read_geometries
from tests.engine.polygons import draw_set, draw_sites

if TYPE_CHECKING:
    from gis.engine.nearness import Nearness

REACH_M = 200.0


def cut(zones: np.ndarray, *, cut_above: int = 256, most: int = 64) -> ZoneIndex:
    """Return zones cut and indexed."""
    shapes = read_geometries(zones)
    orient_rings(shapes)
    return index_pieces([cut_zones(shapes, 0, count_shapes(shapes), cut_above, most)])


def measure(sites: list[shapely.Geometry], zones: list[shapely.Geometry], **how: int) -> Nearness:
    """Return the nearness of a few shapes."""
    shapes = np.array([*sites, None], object)[:-1], np.array([*zones, None], object)[:-1]
    reach = np.full(len(zones), REACH_M)
    return measure_nearness(cut(shapes[1], **how), read_geometries(shapes[0]), reach, np.ones(len(sites)))


def test_many_sites_and_zones_agree_with_geos() -> None:
    zones, sites = draw_set(1, 120), draw_sites(2, 3000)
    scale = np.linspace(0.9, 1.1, len(sites))
    reach = np.linspace(50.0, 300.0, len(zones))
    near = measure_nearness(cut(zones), read_geometries(sites), reach, scale)
    site, zone = shapely.STRtree(zones).query(sites, "dwithin", distance=400.0)
    outline = shapely.boundary(zones)
    border = shapely.distance(sites[site], outline[zone])
    inside = shapely.contains(zones[zone], sites[site])
    kept = (border <= reach[zone] * scale[site]) | inside
    order = np.lexsort((zone[kept], site[kept]))
    np.testing.assert_array_equal(near.site, site[kept][order])
    np.testing.assert_array_equal(near.zone, zone[kept][order])
    expected = border[kept][order]
    beyond = expected > reach[near.zone] * scale[near.site]
    assert np.isinf(near.border_m[beyond]).all()
    np.testing.assert_allclose(near.border_m[~beyond], expected[~beyond], rtol=0, atol=1e-6)
    held = inside[kept][order]
    assert near.inside[held].all()
    apart = ~held & (near.border_m > 1e-6)
    assert not near.inside[apart].any()
    ends = near.ends[(near.border_m > 1e-6) & ~beyond]
    gaps = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    np.testing.assert_allclose(gaps, near.border_m[(near.border_m > 1e-6) & ~beyond], rtol=0, atol=1e-8)
    places = shapely.points(ends[:, 2:]), outline[near.zone[(near.border_m > 1e-6) & ~beyond]]
    assert shapely.distance(*places).max() < 1e-6


@settings(max_examples=100, deadline=None)
@given(
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 8), st.integers(0, 8)),
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(1, 8), st.integers(1, 8)),
    st.booleans(),
)
def test_boxes_on_a_grid_meet_where_geos_says_so_or_are_left_in_doubt(
    one: tuple[int, int, int, int],
    other: tuple[int, int, int, int],
    is_cut: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    x, y, width, height = one
    site = (
        Point(x, y)
        if width == height == 0
        else box(x, y, x + width, y + height)
        if width and height
        else LineString([(x, y), (x + width, y + height)])
    )
    zone = box(other[0], other[1], other[0] + other[2], other[1] + other[3])
    how = {"cut_above": 2, "most": 2} if is_cut else {}
    near = measure([site], [zone], **how)
    border = site.distance(zone.boundary)
    assert len(near.site) == 1
    if near.border_m[0] == 0:
        assert border == 0
    elif border == 0:
        assert near.border_m[0] == IN_DOUBT_M
    else:
        assert np.isclose(near.border_m[0], border, rtol=1e-12)
        assert near.inside[0] == zone.contains(site)


def test_a_zone_within_a_site_is_met_though_no_sides_cross() -> None:
    near = measure([box(0, 0, 1000, 1000)], [box(450, 450, 550, 550), box(480, 480, 520, 520)])
    assert near.border_m.tolist() == [0.0, 0.0]
    assert not near.inside.any()


def test_a_zone_in_the_hole_of_a_site_is_apart() -> None:
    ring = box(0, 0, 1000, 1000).difference(box(300, 300, 700, 700))
    near = measure([ring], [box(400, 400, 600, 600)])
    assert near.border_m.tolist() == [100.0]


def test_a_site_deep_inside_a_zone_is_inside_with_its_outline_out_of_reach() -> None:
    near = measure([Point(5000, 5000)], [box(0, 0, 10_000, 10_000)])
    assert near.inside.tolist() == [True]
    assert np.isinf(near.border_m[0])
    assert np.isnan(near.ends).all()


def test_an_empty_site_and_no_zones_give_no_rows() -> None:
    assert len(measure([shapely.Polygon()], [box(0, 0, 1, 1)]).site) == 0
    assert len(measure([Point(0, 0)], []).site) == 0
