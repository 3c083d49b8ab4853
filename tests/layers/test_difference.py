"""What a new version changes, counted on squares."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from gis.crs import geod
from gis.layers.difference import compare_frames


def make_frame(**squares: tuple[str | None, float]) -> gpd.GeoDataFrame:
    """Return squares of 0.01° by id: (name, west)."""
    return gpd.GeoDataFrame(
        {"id": list(squares), "name_zh": [name for name, _ in squares.values()]},
        geometry=[shapely.box(west, 30, west + 0.01, 30.01) for _, west in squares.values()],
        crs="EPSG:4490",
    )


def test_a_first_version_only_adds() -> None:
    change = compare_frames(None, make_frame(a=("甲", 120.0), b=("乙", 120.5)))
    assert (change.added, change.lost, change.moved, change.kept) == (2, 0, 0, 0)
    assert change.bounds_before is None
    area_ha = (
        abs(geod().geometry_area_perimeter(shapely.segmentize(shapely.box(120, 30, 120.01, 30.01), 1e-3))[0])
        / 1e4
    )
    assert change.area_after_ha == pytest.approx(2 * area_ha, rel=1e-6)


def test_features_are_matched_by_id_then_by_a_name_each_side_has_once() -> None:
    before = make_frame(a=("甲", 120.0), b=("乙", 120.1), c=("丙", 120.2), d=("丙", 120.3))
    after = make_frame(a=("改名", 120.0), x=("乙", 120.15), y=("丙", 120.2))
    change = compare_frames(before, after)
    assert (change.kept, change.moved, change.lost, change.added) == (1, 1, 2, 1)
    assert change.farthest_move_m == pytest.approx(geod().inv(120.1, 30.005, 120.15, 30.005)[2], rel=1e-6)


def test_a_ring_that_begins_elsewhere_has_not_moved() -> None:
    before = make_frame(a=("甲", 120.0))
    turned = shapely.Polygon([(120.01, 30.01), (120, 30.01), (120, 30), (120.01, 30)])
    change = compare_frames(before, before.set_geometry([turned], crs=before.crs))
    assert (change.kept, change.moved) == (1, 0)


def test_a_feature_without_geometry_is_kept_while_it_has_none() -> None:
    lost = make_frame(a=("甲", 120.0)).set_geometry([None], crs="EPSG:4490")
    assert compare_frames(lost, lost).kept == 1
    assert compare_frames(lost, make_frame(a=("甲", 120.0))).moved == 1
