"""Overlays row by row are those of one geometry after the other."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import certainty, overlay
from gis.scale.overlays import (
    grow_each,
    keep_dimensions,
    order_rows,
    overlap_rows,
    relate_rows,
    shrink_rows,
    unite_rows,
)
from gis.scale.rows import RELATIONS

BOXES = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 9), st.integers(1, 9))
ROWS = st.lists(st.tuples(st.integers(0, 2), BOXES, st.sampled_from([0.0, 0.5, 3.0])), min_size=1, max_size=8)


def draw(box: tuple[int, int, int, int]) -> shapely.Polygon:
    x, y, width, height = box
    return shapely.box(x, y, x + width, y + height)


def as_array(shapes: list[shapely.Geometry]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array([*shapes, None], dtype=object)[:-1]


def same_ground(first: shapely.Geometry, second: shapely.Geometry) -> bool:
    return bool(shapely.area(shapely.symmetric_difference(first, second)) < 1e-9)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_rows_are_united_grown_and_shrunk_as_one_by_one(
    pieces: list[tuple[int, tuple[int, int, int, int], float]],
) -> None:
    row = np.array([own for own, _, _ in pieces])
    shapes, epsilon = as_array([draw(box) for _, box, _ in pieces]), np.array([e for *_, e in pieces])
    united = unite_rows(shapes, row, 3)
    shrunk = shrink_rows(shapes, row, epsilon, 3)
    grown = unite_rows(grow_each(shapes, epsilon), row, 3)
    for number in range(3):
        own = [draw(box) for at, box, _ in pieces if at == number]
        accuracies = [e for at, _, e in pieces if at == number]
        assert same_ground(united[number], overlay.unite(own))
        assert same_ground(shrunk[number], certainty.shrink(own, accuracies))
        assert same_ground(grown[number], certainty.grow(own, accuracies))


def test_a_seam_between_two_parts_takes_nothing_away() -> None:
    shapes = as_array([shapely.box(0, 0, 50, 100), shapely.box(50.05, 0, 100, 100)])
    (shrunk,) = shrink_rows(shapes, np.array([0, 0]), np.array([5.0, 5.0]), 1)
    assert shapely.covers(shrunk, shapely.box(6, 6, 94, 94))


@settings(max_examples=60, deadline=None)
@given(box=BOXES, zone=st.lists(BOXES, min_size=1, max_size=3), is_line=st.booleans())
def test_overlap_and_relation_are_those_of_a_single_site(
    box: tuple[int, int, int, int], zone: list[tuple[int, int, int, int]], *, is_line: bool
) -> None:
    x, y, width, height = box
    site = shapely.LineString([(x, y), (x + width, y + height)]) if is_line else draw(box)
    ground = overlay.unite([draw(one) for one in zone])
    sites, zones = as_array([site]), as_array([ground])
    common, whole = overlap_rows(sites, zones)
    assert shapely.equals(common[0], overlay.overlap(site, ground))
    assert whole[0] == shapely.covers(ground, site)
    (relation,) = relate_rows(sites, zones, common, whole, site_accuracy_m=1.0)
    assert RELATIONS[relation] == overlay.relate(site, ground, site_accuracy_m=1.0)


def test_geometries_with_one_box_are_ordered_by_their_bytes() -> None:
    ring = shapely.box(0, 0, 2, 2)
    turned = shapely.Polygon([(2, 2), (0, 2), (0, 0), (2, 0)])
    first = order_rows(as_array([ring, turned, ring]), np.array([1, 0, 0]))
    second = order_rows(as_array([turned, ring, ring]), np.array([0, 0, 1]))
    assert first[-1] == 0
    assert second[-1] == 2
    assert [first[0] == 1, second[0] == 0] in ([True, True], [False, False])


@pytest.mark.parametrize(("dimension", "kept"), [(2, 1.0), (1, 0.0), (0, 0.0)])
def test_the_parts_of_one_dimension_are_kept(dimension: int, kept: float) -> None:
    mixed = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.Point(5, 5)])
    (shape,) = keep_dimensions(as_array([mixed]), np.array([dimension]))
    assert shapely.area(shape) == kept
    assert shapely.get_dimensions(shape) in {dimension, -1} or shape.is_empty
