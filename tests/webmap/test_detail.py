"""What is drawn at each zoom: nothing vanishes, and outlines are no finer than a pixel."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.webmap.detail import (
    FIRST_ZOOM,
    LAST_ZOOM,
    MERGE_UNTIL,
    MOST_CORNERS,
    MOST_PARTS,
    cut_area,
    make_levels,
    merge_size,
    pixel_of,
    tile_box,
    tile_range,
)

ONE_GROUP = np.zeros(1, dtype=int)


def shapes(*items: object) -> np.ndarray:
    return np.array(items, dtype=object)


@settings(max_examples=30, deadline=None)
@given(
    lon=st.floats(118.5, 122), lat=st.floats(28.6, 31.4), size_deg=st.floats(1e-6, 0.5), turn=st.floats(0, 6)
)
def test_a_polygon_of_any_size_is_seen_where_it_is_at_every_zoom(
    lon: float, lat: float, size_deg: float, turn: float
) -> None:
    corners = [(lon + size_deg * np.cos(turn + k), lat + size_deg * np.sin(turn + k)) for k in (0, 2, 4)]
    polygon = shapely.Polygon(corners)
    for level in make_levels(shapes(polygon), ONE_GROUP):
        pixel = pixel_of(level.zoom, lat)
        drawn = shapely.union_all(level.geometries)
        assert shapely.get_dimensions(drawn) == 2
        assert shapely.hausdorff_distance(drawn, polygon) <= 3 * pixel.width + 1e-5


def test_tiny_polygons_of_a_group_become_one_shape_and_groups_stay_apart() -> None:
    tiny = [shapely.box(120 + k * 1e-4, 30, 120 + k * 1e-4 + 5e-5, 30.0001) for k in range(50)]
    groups = np.array([0, 1] * 25)
    level = next(level for level in make_levels(shapes(*tiny), groups) if level.zoom == FIRST_ZOOM)
    assert len(level.geometries) == 2
    assert level.merged.all()
    assert set(groups[level.rows]) == {0, 1}


def test_beyond_the_merging_zooms_each_part_stands_for_itself() -> None:
    tiny = [shapely.box(120 + k * 1e-5, 30, 120 + k * 1e-5 + 5e-6, 30.00001) for k in range(50)]
    for level in make_levels(shapes(*tiny), np.zeros(50, dtype=int)):
        if level.zoom > MERGE_UNTIL:
            assert sorted(level.rows) == list(range(50))
            assert not level.merged.any()


def test_outlines_lose_corners_as_the_map_is_zoomed_out() -> None:
    round_one = shapely.Point(120, 30).buffer(0.3, quad_segs=300)
    counts = [
        shapely.get_num_coordinates(level.geometries).sum()
        for level in make_levels(shapes(round_one), ONE_GROUP)
    ]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < counts[0] / 10


def test_close_points_share_one_when_zoomed_out_and_all_come_back() -> None:
    points = shapes(*(shapely.Point(120 + k * 1e-4, 30) for k in range(100)))
    levels = {level.zoom: level for level in make_levels(points, np.zeros(100, dtype=int))}
    assert len(levels[LAST_ZOOM].geometries) == 100
    assert 1 <= len(levels[FIRST_ZOOM].geometries) < 5


def test_collections_and_features_without_place_are_taken_apart() -> None:
    mixed = shapely.GeometryCollection(
        [shapely.box(120, 30, 120.2, 30.2), shapely.LineString([(120, 30), (121, 30)])]
    )
    level = next(iter(make_levels(shapes(None, mixed), np.zeros(2, dtype=int))))
    assert list(level.rows) == [1, 1]
    assert not list(make_levels(shapes(None), ONE_GROUP))


def test_a_vast_area_is_cut_at_the_edges_of_tiles_and_keeps_its_size_and_outline() -> None:
    area = (
        shapely.Point(120, 30)
        .buffer(0.5, quad_segs=MOST_CORNERS)
        .difference(shapely.box(119.9, 29.9, 120.1, 30.1))
    )
    pieces, outline = cut_area(area, 9)
    assert shapely.area(pieces).sum() == pytest.approx(area.area, rel=1e-9)
    assert shapely.length(outline).sum() == pytest.approx(area.length, rel=1e-9)
    assert shapely.get_num_coordinates(outline).max() <= 257
    assert all(shapely.get_num_coordinates(pieces) < shapely.get_num_coordinates(area))


def test_a_tile_range_and_its_box_agree() -> None:
    box = (119.5, 29.5, 120.5, 30.5)
    west, south, east, north = tile_box(tile_range(box, 10), 10)
    assert west <= box[0]
    assert south <= box[1]
    assert east >= box[2]
    assert north >= box[3]
    assert east - west < 1 + 2 * 360 / 1024


def test_a_crowded_tile_raises_the_size_up_to_which_parts_are_merged() -> None:
    count = MOST_PARTS + 10
    bounds = np.tile([120.0, 30.0, 120.001, 30.001], (count, 1))
    sizes = np.linspace(3, 6, count)
    assert merge_size(bounds[:MOST_PARTS], sizes[:MOST_PARTS], 8) == 2.5
    assert np.sum(sizes > merge_size(bounds, sizes, 8)) == MOST_PARTS
