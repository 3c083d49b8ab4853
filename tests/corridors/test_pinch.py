"""Pinch points lie where the land squeezes the current together, and not where a source stands."""

import numpy as np
import pytest

from gis.corridors.current import Plan, measure_current
from gis.corridors.grid import Grid
from gis.corridors.pinch import PinchPlan, PinchStudy, find_pinch_points

N = np.nan


def study_pinch(surface: np.ndarray, points: np.ndarray, pinch: PinchPlan = PinchPlan()) -> PinchStudy:  # noqa: B008
    sources = Grid(points, 0, 0, 1)
    study = measure_current(Grid(surface, 0, 0, 1), sources, plan=Plan())
    return find_pinch_points(study, sources, plan=Plan(), pinch=pinch)


def dumbbell() -> tuple[np.ndarray, np.ndarray]:
    bell = np.ones((9, 21))
    bell[:, 8:13] = N
    bell[4, 8:13] = 1.0
    points = np.zeros(bell.shape)
    points[4, 1], points[4, 19] = 1, 2
    return bell, points


def test_even_land_has_a_ratio_of_one_everywhere_and_no_pinch_point() -> None:
    points = np.zeros((7, 9))
    points[3, 1], points[3, 7] = 1, 2

    found = study_pinch(np.full((7, 9), 5.0), points)

    np.testing.assert_allclose(found.normalised.values, 1.0)
    assert found.points == ()


def test_the_waist_of_a_dumbbell_is_the_one_pinch_point() -> None:
    bell, points = dumbbell()

    found = study_pinch(bell, points, PinchPlan(share=0.2))

    assert len(found.points) == 1
    waist = found.points[0]
    assert waist.rank == 1
    assert waist.row == 4
    assert 8 <= waist.column <= 12
    assert {(4, column) for column in range(8, 13)} <= {tuple(cell) for cell in waist.cells.tolist()}
    assert waist.largest_a == pytest.approx(1.0)
    assert waist.pair == (1, 2)
    assert waist.strength > 2


def test_sources_themselves_are_no_pinch_points() -> None:
    bell, points = dumbbell()

    found = study_pinch(bell, points, PinchPlan(least_ratio=0.0, share=1.0))

    taken = {tuple(cell) for point in found.points for cell in point.cells.tolist()}
    assert (4, 1) not in taken
    assert (4, 19) not in taken


def test_ranks_go_by_strength_and_the_count_is_kept() -> None:
    """Two gaps in one wall, one cell and three cells wide, far apart: the narrow one is squeezed more."""
    wall = np.ones((25, 11))
    wall[:, 5] = N
    wall[6, 5] = wall[18, 5] = wall[17, 5] = wall[19, 5] = 1.0
    points = np.zeros(wall.shape)
    points[6, 0], points[6, 10], points[18, 0], points[18, 10] = 1, 2, 3, 4

    found = study_pinch(wall, points, PinchPlan(least_ratio=1.5, share=0.3))

    strengths = [point.strength for point in found.points]
    assert strengths == sorted(strengths, reverse=True)
    assert (found.points[0].row, found.points[0].column) == (6, 5)
    assert len(study_pinch(wall, points, PinchPlan(least_ratio=1.5, share=0.3, count=1)).points) == 1


def test_nothing_connected_has_no_pinch_point() -> None:
    assert study_pinch(np.array([[1.0, N, 1.0]]), np.array([[1.0, 0, 2]])).points == ()
