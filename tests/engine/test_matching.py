"""The engine finds the pairs GEOS finds, with its areas and distances, also where borders coincide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate

from gis.engine.cutting import cut_zones
from gis.engine.index import ZoneIndex, index_pieces, index_zones
from gis.engine.shapes import Shapes, count_shapes, orient_rings
from gis.engine.wkb import read_geometries
from tests.engine.polygons import draw_set, draw_sites

if TYPE_CHECKING:
    from gis.engine.matching import Pairs

AREA_SHARE, AREA_M2, DISTANCE_M = 1e-6, 1e-7, 1e-6


def load(geometries: object) -> Shapes:
    shapes = read_geometries(np.atleast_1d(np.asarray(geometries, object)))
    orient_rings(shapes)
    return shapes


def match(sites: object, zones: object, near_m: float) -> Pairs:
    return index_zones(load(zones)).match(load(sites), near_m)


def match_cut(sites: object, zones: object, near_m: float) -> Pairs:
    shapes = load(zones)
    return index_pieces([cut_zones(shapes, 0, count_shapes(shapes), 4, 6)]).match(load(sites), near_m)


def agree(pairs: Pairs, sites: np.ndarray, zones: np.ndarray, near_m: float) -> None:
    """Assert that pairs are those of shapely."""
    site, zone = shapely.STRtree(zones).query(sites, "dwithin", distance=near_m)
    order = np.lexsort((zone, site))
    site, zone = site[order], zone[order]
    np.testing.assert_array_equal(pairs.site, site)
    np.testing.assert_array_equal(pairs.zone, zone)
    area = shapely.area(shapely.intersection(sites[site], zones[zone]))
    assert np.all(np.abs(pairs.area_m2 - area) <= np.maximum(AREA_M2, AREA_SHARE * area))
    distance = shapely.distance(sites[site], zones[zone])
    np.testing.assert_allclose(pairs.distance_m, distance, rtol=0, atol=DISTANCE_M)


@pytest.mark.parametrize("near_m", [0.0, 200.0])
def test_many_sites_and_zones_agree_with_geos(near_m: float) -> None:
    zones, sites = draw_set(1, 120), draw_sites(2, 3000)
    pairs = match(sites, zones, near_m)
    agree(pairs, sites, zones, near_m)
    assert not pairs.doubt.any()


BOX = shapely.box(500_000, 3_300_000, 500_100, 3_300_100)
SQUARES = [
    (BOX, 10_000.0, 0.0),
    (shapely.box(500_100, 3_300_000, 500_200, 3_300_100), 0.0, 0.0),
    (shapely.box(500_100, 3_300_100, 500_200, 3_300_200), 0.0, 0.0),
    (shapely.box(500_050, 3_300_000, 500_150, 3_300_100), 5_000.0, 0.0),
    (shapely.box(500_025, 3_300_025, 500_075, 3_300_075), 2_500.0, 0.0),
    (shapely.box(499_900, 3_299_900, 500_200, 3_300_200), 10_000.0, 0.0),
    (shapely.box(500_103, 3_300_104, 500_200, 3_300_200), 0.0, 5.0),
    (shapely.box(500_000, 3_300_100, 500_100, 3_300_100.000_5), 0.0, 0.0),
    (shapely.box(500_000, 3_300_099.999, 500_100, 3_300_200), 0.1, 0.0),
    (shapely.Point(500_050, 3_300_050), 0.0, 0.0),
    (shapely.Point(500_100, 3_300_050), 0.0, 0.0),
    (shapely.Point(500_100, 3_300_100), 0.0, 0.0),
    (shapely.Point(500_103, 3_300_104), 0.0, 5.0),
    (shapely.LineString([(499_990, 3_300_050), (500_110, 3_300_050)]), 0.0, 0.0),
    (shapely.LineString([(500_000, 3_300_100), (500_100, 3_300_100)]), 0.0, 0.0),
    (shapely.LineString([(500_010, 3_300_010), (500_020, 3_300_020)]), 0.0, 0.0),
    (shapely.MultiPoint([(499_000, 3_300_050), (500_050, 3_300_050)]), 0.0, 0.0),
    (shapely.GeometryCollection([shapely.Point(499_900, 3_300_000), BOX]), 10_000.0, 0.0),
]


@pytest.mark.parametrize(("site", "area_m2", "distance_m"), SQUARES)
@pytest.mark.parametrize("search", [match, match_cut])
def test_squares_computed_by_hand(
    search: object, site: shapely.Geometry, area_m2: float, distance_m: float
) -> None:
    pairs = search([site], [BOX], 10.0)  # type: ignore[operator]
    assert pairs.area_m2.tolist() == [pytest.approx(area_m2, abs=1e-6)]
    assert pairs.distance_m.tolist() == [pytest.approx(distance_m, abs=1e-9)]


def test_a_site_in_a_hole_is_near_and_not_inside() -> None:
    ring = BOX.difference(shapely.box(500_020, 3_300_020, 500_080, 3_300_080))
    site = shapely.box(500_030, 3_300_030, 500_040, 3_300_040)
    for search in (match, match_cut):
        pairs = search([site], [ring], 20.0)
        assert (pairs.area_m2.tolist(), pairs.distance_m.tolist()) == ([0.0], [10.0])
        assert search([site], [ring], 9.0).site.tolist() == []
        assert search([site.centroid], [ring], 20.0).distance_m.tolist() == [15.0]


def test_a_near_pair_counts_up_to_the_limit_itself() -> None:
    assert match([translate(BOX, 300)], [BOX], 200.0).distance_m.tolist() == [200.0]
    assert match([translate(BOX, 300.01)], [BOX], 200.0).site.tolist() == []


def test_missing_and_empty_geometries_pair_with_nothing() -> None:
    sites = [None, shapely.Polygon(), shapely.Point(), BOX, shapely.MultiPolygon()]
    assert match(sites, [None, BOX, shapely.Polygon()], 200.0).site.tolist() == [3]


def test_a_twisted_polygon_raises_doubt() -> None:
    bow = shapely.Polygon(
        [(500_000, 3_300_000), (500_100, 3_300_100), (500_100, 3_300_000), (500_000, 3_300_090)]
    )
    around = shapely.box(499_000, 3_299_000, 501_000, 3_301_000)
    cover = shapely.Polygon(np.concatenate((shapely.get_coordinates(BOX), shapely.get_coordinates(BOX)[1:])))
    assert match([BOX], [cover], 0.0).doubt.tolist() == [1]
    assert match([bow], [around], 0.0).area_m2[0] < bow.convex_hull.area


GRID = st.integers(0, 6).map(lambda k: 50.0 * k)


@st.composite
def draw_lattice(draw: st.DrawFn) -> shapely.Geometry:
    """Return a polygon or polygons with corners on a coarse lattice: borders and corners coincide often."""
    corners = draw(st.lists(st.tuples(GRID, GRID), min_size=3, max_size=9, unique=True))
    shape = shapely.make_valid(shapely.Polygon(corners), method="structure", keep_collapsed=False)
    return translate(shape, 500_000, 3_300_000)


@settings(max_examples=300, deadline=None)
@given(draw_lattice(), draw_lattice(), st.sampled_from([0.0, 30.0, 200.0]))
def test_shapes_sharing_corners_and_borders_agree_with_geos(
    site: shapely.Geometry, zone: shapely.Geometry, near_m: float
) -> None:
    sites, zones = np.array([site], object), np.array([zone], object)
    for search in (match, match_cut):
        agree(search(sites, zones, near_m), sites, zones, near_m)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.floats(-1e-3, 1e-3), st.floats(-1e-3, 1e-3))
def test_a_shape_on_itself_hardly_moved_agrees_with_geos(seed: int, dx: float, dy: float) -> None:
    zones = draw_set(seed, 1)
    sites = np.array([translate(zones[0], dx, dy)], object)
    agree(match(sites, zones, 1.0), sites, zones, 1.0)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_order_and_batches_change_nothing(seed: int) -> None:
    zones, sites = draw_set(seed, 12), draw_sites(seed, 60)
    index = index_zones(load(zones))
    whole = index.match(load(sites), 300.0)
    halves = [index.match(load(part), 300.0) for part in (sites[:23], sites[23:])]
    turned = index.match(load(sites[::-1]), 300.0)
    for name in ("area_m2", "distance_m", "zone"):
        joined = np.concatenate([getattr(half, name) for half in halves])
        np.testing.assert_array_equal(getattr(whole, name), joined)
        back = np.lexsort((turned.zone, len(sites) - 1 - turned.site))
        np.testing.assert_array_equal(getattr(whole, name), getattr(turned, name)[back])


def test_an_index_kept_on_disk_gives_the_same(tmp_path: object) -> None:
    from pathlib import Path

    from gis.engine.index import load_index

    path = Path(str(tmp_path)) / "deep" / "zones.npz"
    index: ZoneIndex = index_zones(load(draw_set(3, 20)))
    index.save(path)
    again = load_index(path)
    sites = load(draw_sites(4, 200))
    assert again is not None
    for ours, theirs in zip(index.match(sites, 100.0), again.match(sites, 100.0), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert [file.name for file in path.parent.iterdir()] == ["zones.npz"]
    path.write_bytes(b"PK torn")
    assert load_index(path) is None
