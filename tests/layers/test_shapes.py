"""Constructs: shapes whose size can be computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.crs import area_lonlat_m2, geod, to_plane
from gis.errors import LayerError
from gis.layers.build.shapes import ShapeContext, clean_outline, draw_geometry, fit_area, smooth_axis

NOTHING = ShapeContext(read_features=lambda _layer, _ids: ())
SQUARE = [[120.0, 30.0], [120.01, 30.0], [120.01, 30.01], [120.0, 30.01]]
"""About 965 m by 1 109 m: 107 ha."""


def stretch(vertices: list[list[float]], *, fixed: bool = False) -> dict[str, object]:
    return {"read_from": "test", "vertices": vertices, "fixed": fixed}


def area_ha(shape: shapely.Geometry) -> float:
    return area_lonlat_m2(shape) / 1e4


def test_a_point_and_a_runway_stand_where_they_are_published() -> None:
    assert draw_geometry({"construct": "point", "at": [120.5, 30.25]}, NOTHING) == shapely.Point(120.5, 30.25)
    ends = [[120.408295, 30.23819], [120.439758, 30.252142]]
    runway = draw_geometry({"construct": "runway", "stretch": [stretch(ends)]}, NOTHING)
    assert geod().geometry_length(runway) == pytest.approx(3400.4, abs=0.1)


@settings(deadline=None)
@given(st.floats(95.0, 125.0))
def test_fitting_gives_the_official_area_and_keeps_the_shape(target_ha: float) -> None:
    table = {"construct": "polygon", "scale_to_area_ha": target_ha, "stretch": [stretch(SQUARE)]}
    shape = draw_geometry(table, NOTHING)
    assert area_ha(shape) == pytest.approx(target_ha, rel=1e-9)
    west, south, east, north = shape.bounds
    assert east - west == pytest.approx(north - south, rel=1e-9)


def test_fitting_moves_only_the_free_side() -> None:
    table = {
        "construct": "polygon",
        "scale_to_area_ha": 115.0,
        "anchor": [120.005, 30.0],
        "stretch": [stretch(SQUARE[:2], fixed=True), stretch(SQUARE[2:])],
    }
    shape = draw_geometry(table, NOTHING)
    assert area_ha(shape) == pytest.approx(115.0, rel=1e-9)
    assert {(120.0, 30.0), (120.01, 30.0)} <= set(shape.exterior.coords)


@pytest.mark.parametrize("target_ha", [50.0, 200.0])
def test_an_outline_far_from_its_area_must_be_drawn_anew(target_ha: float) -> None:
    with pytest.raises(LayerError, match="draw it anew"):
        fit_area(np.array(SQUARE), np.zeros(4, dtype=bool), target_ha, None)


def test_a_local_polygon_lies_along_its_bearing() -> None:
    table = {
        "construct": "local_polygon",
        "origin": [120.0, 30.0],
        "bearing_deg": 90.0,
        "stretch": [stretch([[0, 0], [2000, 0], [2000, 500], [0, 500]])],
    }
    shape = draw_geometry(table, NOTHING)
    assert area_ha(shape) == pytest.approx(100.0, rel=1e-4)
    west, south, east, north = shape.bounds
    assert (west, south) == pytest.approx((120.0, 30.0), abs=5e-6)
    assert (east - west) * 111_320 * math.cos(math.radians(30)) == pytest.approx(2000, rel=5e-3)
    assert (north - south) * 110_860 == pytest.approx(500, rel=5e-3)


def test_a_straight_belt_has_its_widths_left_and_right_and_round_ends() -> None:
    axis = [[120.0, 30.0, 600, 300], [120.05, 30.0, 600, 300], [120.1, 30.0, 600, 300]]
    belt = draw_geometry({"construct": "belt", "branch": [{"stretch": [stretch(axis)]}]}, NOTHING)
    length_m = geod().line_length([120.0, 120.1], [30.0, 30.0])
    assert belt.is_valid
    assert area_ha(belt) == pytest.approx((length_m * 900 + math.pi * 300**2) / 1e4, rel=5e-3)
    north = shapely.Point(120.05, 30.0 + 550 / 110_860)
    south = shapely.Point(120.05, 30.0 - 350 / 110_860)
    assert belt.contains(north)
    assert not belt.contains(south)


def test_a_winding_belt_holds_its_axis_in_one_piece() -> None:
    axis = [[120 + 0.02 * i, 30 + 0.02 * (i % 2), 500 + 100 * (i % 3), 400] for i in range(8)]
    belt = draw_geometry({"construct": "belt", "branch": [{"stretch": [stretch(axis)]}]}, NOTHING)
    assert belt.geom_type == "Polygon"
    assert belt.contains(shapely.MultiPoint([row[:2] for row in axis]))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=7, unique=True))
def test_a_smoothed_axis_passes_through_every_vertex(points: list[tuple[int, int]]) -> None:
    rows = np.array([(1000.0 * x, 1000.0 * y, 10.0, 20.0) for x, y in points])
    smooth = smooth_axis(rows)
    for row in rows:
        assert np.hypot(*(smooth[:, :2] - row[:2]).T).min() < 1e-6
    assert np.allclose(smooth[:, 2:], [10.0, 20.0])


def test_around_is_the_belt_of_another_layer_cut_to_its_clip() -> None:
    context = ShapeContext(read_features=lambda _layer, _ids: (shapely.Point(120.0, 30.0),))
    belt = {"features": ["a"], "distance_m": 1000.0}
    table = {"construct": "around", "layer": "lakes", "belt": [belt], "simplify_m": 1.0}
    assert area_ha(draw_geometry(table, context)) == pytest.approx(math.pi * 100, rel=0.01)
    clip = [[120.0, 29.9], [120.1, 29.9], [120.1, 30.1], [120.0, 30.1]]
    assert area_ha(draw_geometry({**table, "clip": clip}, context)) == pytest.approx(math.pi * 50, rel=0.01)


def test_specks_of_construction_are_dropped_and_real_holes_stay() -> None:
    block = to_plane(shapely.box(120.0, 30.0, 120.05, 30.05))
    x, y = block.centroid.x, block.centroid.y
    speck, lake = shapely.box(x, y, x + 50, y + 50), shapely.box(x + 500, y, x + 1000, y + 500)
    outline = clean_outline([shapely.difference(block, shapely.union(speck, lake))], 1.0)
    assert len(outline.interiors) == 1


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"construct": "spiral"}, "unknown construct"),
        ({"construct": "point"}, "lacks at"),
        ({"construct": "polygon", "stretch": [{"vertices": SQUARE}]}, "read_from"),
        ({}, "lacks construct"),
    ],
)
def test_an_incomplete_geometry_table_says_what_is_missing(table: dict[str, object], said: str) -> None:
    with pytest.raises(LayerError, match=said):
        draw_geometry(table, NOTHING)
