"""Repairs: what changed is measured, what is hopeless is rejected in time, nothing is left out unsaid."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.crs import area_lonlat_m2
from gis.sites.repair import MAX_CROSSINGS, estimate_crossings, mend_geometry

if TYPE_CHECKING:
    from gis.sites.repair import Mended

SIDE = 0.001
X, Y = 120.0, 30.0
SQUARE = shapely.box(X, Y, X + SIDE, Y + SIDE)
SQUARE_M2 = area_lonlat_m2(SQUARE)


def at(*points: Any) -> list[tuple[float, float]]:
    return [(X + x * SIDE, Y + y * SIDE) for x, y in points]


def mend(geometry: Any) -> Mended:
    return mend_geometry(geometry, lambda shape: shape)


def test_a_valid_geometry_is_left_as_it_is() -> None:
    done = mend(SQUARE)
    assert done.geometry is SQUARE
    assert done.repairs == ()
    assert done.kind == "polygon"


def test_a_bow_tie_keeps_both_halves_and_needs_confirmation() -> None:
    done = mend(shapely.Polygon(at((0, 0), (1, 1), (1, 0), (0, 1))))
    (note,) = done.repairs
    assert note.code == "repaired_needs_confirmation"
    assert note.area_change_m2 == pytest.approx(SQUARE_M2 / 2, rel=1e-4)
    assert area_lonlat_m2(done.geometry) == pytest.approx(SQUARE_M2 / 2, rel=1e-4)


def test_a_spike_changes_no_area_and_needs_no_confirmation() -> None:
    done = mend(shapely.Polygon(at((0, 0), (1, 0), (1, 1), (1, 2), (1, 1), (0, 1))))
    (note,) = done.repairs
    assert note.code == "repaired"
    assert note.area_change_m2 == pytest.approx(0, abs=1e-6)
    assert done.geometry.equals(SQUARE)


def test_a_hole_outside_its_shell_becomes_area_and_needs_confirmation() -> None:
    hole = shapely.box(X + 2 * SIDE, Y, X + 3 * SIDE, Y + SIDE)
    done = mend(shapely.Polygon(SQUARE.exterior.coords, [hole.exterior.coords]))
    assert done.geometry.equals(SQUARE.union(hole))
    assert done.repairs[0].code == "repaired_needs_confirmation"
    assert done.repairs[0].area_change_m2 == pytest.approx(2 * SQUARE_M2, rel=1e-4)


def test_overlapping_parts_count_once() -> None:
    done = mend(shapely.MultiPolygon([SQUARE, shapely.box(X + SIDE / 2, Y, X + 3 * SIDE / 2, Y + SIDE)]))
    assert area_lonlat_m2(done.geometry) == pytest.approx(1.5 * SQUARE_M2, rel=1e-6)
    assert done.repairs[0].area_change_m2 == pytest.approx(0.5 * SQUARE_M2, rel=1e-4)


@pytest.mark.parametrize(
    "geometry",
    [
        shapely.Polygon(at((0, 0), (1, 0), (2, 0))),
        shapely.Polygon(at((0, 0), (0, 0), (0, 0))),
        shapely.LineString(at((0, 0), (0, 0))),
    ],
)
def test_what_collapses_is_rejected(geometry: Any) -> None:
    done = mend(geometry)
    assert done.geometry is None
    assert done.problem.code == "nothing_left"


def test_a_collection_of_one_dimension_becomes_one_geometry() -> None:
    other = shapely.box(X + 2 * SIDE, Y, X + 3 * SIDE, Y + SIDE)
    done = mend(shapely.GeometryCollection([SQUARE, shapely.GeometryCollection([other])]))
    assert done.geometry.equals(shapely.MultiPolygon([SQUARE, other]))
    assert done.repairs == ()


def test_a_label_point_inside_is_left_out_and_said() -> None:
    done = mend(shapely.GeometryCollection([SQUARE, SQUARE.centroid]))
    assert done.geometry.equals(SQUARE)
    assert [note.code for note in done.repairs] == ["inner_parts_dropped"]


def test_a_road_that_leaves_the_parcel_is_not_dropped_but_rejected() -> None:
    done = mend(shapely.GeometryCollection([SQUARE, shapely.LineString(at((0.5, 0.5), (5, 5)))]))
    assert done.geometry is None
    assert done.problem.code == "mixed_dimensions"


def test_a_ring_that_retraces_itself_comes_out_valid() -> None:
    done = mend(shapely.Polygon(at((1, 1), (0, 0), (1, 0), (1, 1), (0, 0), (0, 1))))
    assert done.geometry is not None
    assert done.geometry.is_valid
    assert done.geometry.equals(SQUARE)


def random_ring(count: int) -> shapely.Polygon:
    points = np.random.default_rng(7).random((count, 2)) * SIDE + np.array([X, Y])
    return shapely.Polygon(points)


@pytest.mark.parametrize("count", [300, 2_000, 20_000, 200_000, 1_000_000])
def test_a_random_ring_is_mended_or_refused_before_the_mending_that_would_take_minutes(count: int) -> None:
    done = mend(random_ring(count))
    assert done.geometry is not None if count == 300 else done.problem.code == "repair_timeout"


def test_a_small_tangle_hidden_in_a_large_outline_is_found() -> None:
    tangle = np.random.default_rng(1).random((3_000, 2)) * SIDE
    angle = np.linspace(0, 2 * np.pi, 300_000)
    circle = np.column_stack((np.cos(angle), np.sin(angle))) * 0.1
    done = mend(shapely.Polygon(np.vstack((circle, tangle)) + np.array([X, Y])))
    assert done.problem.code == "repair_timeout"


def test_a_fine_comb_whose_boxes_all_overlap_is_clean() -> None:
    teeth = np.arange(60_000) * 1e-7
    tips = np.column_stack((teeth + 0.5e-7 + 0.01, np.full(60_000, 0.01)))
    feet = np.column_stack((teeth, np.zeros(60_000)))
    comb = np.stack((feet, tips), axis=1).reshape(-1, 2)
    drawn = shapely.Polygon(np.vstack((comb, [[0.02, 0.02], [-0.01, 0.02]])) + np.array([X, Y]))
    began = time.process_time()
    assert estimate_crossings(drawn) < MAX_CROSSINGS
    assert time.process_time() - began < 5


def test_crossings_are_counted_exactly_on_a_small_star() -> None:
    corners = [(np.cos(a), np.sin(a)) for a in 2 * np.pi * np.arange(5) * 2 / 5]
    assert estimate_crossings(shapely.Polygon(corners)) == 5
    assert estimate_crossings(SQUARE) == 0
    assert MAX_CROSSINGS > 5


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=12))
@settings(deadline=None)
def test_what_comes_out_is_valid_and_stays_within_what_was_drawn(points: Any) -> None:
    drawn = shapely.Polygon(at(*points))
    done = mend(drawn)
    if done.geometry is None:
        assert done.problem is not None
        return
    assert done.geometry.is_valid
    assert done.kind == "polygon"
    assert drawn.convex_hull.buffer(1e-9).covers(done.geometry)


NOTHING_WITHIN = {
    "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0)), EMPTY)": "POLYGON ((0 0, 9 0, 9 9, 0 0))",
    "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0), EMPTY))": "POLYGON ((0 0, 9 0, 9 9, 0 0))",
    "POLYGON ((0 0, 9 0, 9 9, 0 0), EMPTY)": "POLYGON ((0 0, 9 0, 9 9, 0 0))",
    "MULTILINESTRING ((0 0, 1 1), EMPTY, (3 3, 4 4))": "MULTILINESTRING ((0 0, 1 1), (3 3, 4 4))",
    "MULTIPOINT ((1 1), EMPTY)": "POINT (1 1)",
    "GEOMETRYCOLLECTION (POLYGON ((0 0, 9 0, 9 9, 0 0), EMPTY))": "POLYGON ((0 0, 9 0, 9 9, 0 0))",
}


@pytest.mark.parametrize("drawn", NOTHING_WITHIN)
def test_empty_parts_and_holes_are_left_out_before_geos_meets_them(drawn: str) -> None:
    mended = mend(shapely.from_wkt(drawn))
    assert mended.repairs == ()
    assert mended.geometry == shapely.from_wkt(NOTHING_WITHIN[drawn])
    assert shapely.segmentize(mended.geometry, 5.0).is_valid
