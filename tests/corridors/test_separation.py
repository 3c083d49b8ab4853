"""Distances between patches: edges and centroids, ellipsoid and plane, near pairs only."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.corridors import separation as module
from gis.corridors.separation import find_overlaps, measure_separations
from gis.crs import scale_factor
from gis.errors import CorridorError

EAST, NORTH = 500_000.0, 3_350_000.0


def box(east: float, north: float = 0.0, side: float = 100.0) -> shapely.Polygon:
    return shapely.box(EAST + east, NORTH + north, EAST + east + side, NORTH + north + side)


def test_edges_are_nearer_than_centroids() -> None:
    planes = np.array([box(0), box(400)])
    assert measure_separations(planes, surface="plane").distances_m.tolist() == [300.0]
    assert measure_separations(planes, ends="centroid", surface="plane").distances_m.tolist() == [400.0]


def test_the_line_runs_between_the_nearest_points() -> None:
    pairs = measure_separations(np.array([box(0), box(400, 300)]), surface="plane")
    assert pairs.lines[0].tolist() == [EAST + 100, NORTH + 100, EAST + 400, NORTH + 300]


def test_the_line_starts_at_the_first_patch_whichever_has_more_vertices() -> None:
    round_patch = shapely.Point(EAST + 450, NORTH + 50).buffer(50, quad_segs=16)
    pairs = measure_separations(np.array([box(0), round_patch]), surface="plane")
    assert pairs.lines[0] == pytest.approx([EAST + 100, NORTH + 50, EAST + 400, NORTH + 50])
    back = measure_separations(np.array([round_patch, box(0)]), surface="plane")
    assert back.lines[0].tolist() == pairs.lines[0][[2, 3, 0, 1]].tolist()


def test_on_the_ellipsoid_the_scale_of_the_plane_is_taken_out() -> None:
    planes = np.array([box(200_000), box(210_000)])
    plane, ground = (
        measure_separations(planes, surface=surface).distances_m[0] for surface in ("plane", "ellipsoid")
    )
    assert plane == 9_900.0
    assert ground == pytest.approx(plane / scale_factor(EAST + 205_000), rel=1e-5)


def test_patches_that_touch_or_overlap_are_not_apart() -> None:
    pairs = measure_separations(np.array([box(0), box(100), box(50)]))
    assert pairs.distances_m.tolist() == [0.0, 0.0, 0.0]


@settings(max_examples=40)
@given(
    places=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=12, unique=True),
    limit=st.floats(10.0, 3000.0),
)
def test_a_limit_leaves_out_what_is_farther_and_nothing_else(
    places: list[tuple[int, int]], limit: float
) -> None:
    planes = np.array([box(100.0 * x, 100.0 * y, 50.0) for x, y in places])
    every, near = measure_separations(planes), measure_separations(planes, limit_m=limit)
    use = every.distances_m <= limit
    assert near.starts.tolist() == every.starts[use].tolist()
    assert near.ends.tolist() == every.ends[use].tolist()
    assert near.distances_m == pytest.approx(every.distances_m[use])


def test_too_many_patches_need_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PATCHES", 2)
    planes = np.array([box(0), box(400), box(800)])
    with pytest.raises(CorridorError) as caught:
        measure_separations(planes)
    assert "--threshold" in caught.value.hint_en
    assert len(measure_separations(planes, limit_m=500.0).starts) == 2


def test_overlaps_are_found_and_slivers_are_not_told() -> None:
    planes = np.array([box(0), box(50), box(149.999), box(500)])
    assert find_overlaps(planes) == ((0, 1, pytest.approx(5000.0)),)
