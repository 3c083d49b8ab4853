"""Barriers lie where restoring a window shortens the way, by as much as can be computed by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.corridors.barriers import find_barriers, recompute_distance
from gis.corridors.cost import accumulate_cost
from gis.corridors.grid import Grid
from gis.corridors.ranking import BarrierPlan
from gis.corridors.windows import cover_disc
from gis.errors import CorridorError

N = np.nan


def grid(values: np.ndarray, cell: float = 1.0) -> Grid:
    return Grid(np.asarray(values, dtype=float), 0.0, 0.0, cell)


def ends(shape: tuple[int, int], one: tuple[int, int], other: tuple[int, int]) -> np.ndarray:
    points = np.zeros(shape)
    points[one], points[other] = 1, 2
    return points


@pytest.mark.parametrize("cell", [1.0, 30.0])
def test_a_wall_across_a_line_of_cells(cell: float) -> None:
    """11 cells of 1 with a wall of 100 in the middle: 8 + 2 · 50.5 = 109 cells; restored 10.

    The window of one cell's radius reaches cell 4 (cost 4 from either side) and is 2 cells across, so the
    formula gives 4 + 4 + 2 = 10, exactly what restoring gives: 99 of 109, 49.5 a metre restored.
    """
    line = np.ones((1, 11))
    line[0, 5] = 100
    study = find_barriers(
        grid(line, cell), grid(ends((1, 11), (0, 0), (0, 10)), cell), BarrierPlan(radii_m=(cell,))
    )

    best = study.barriers[0]
    assert (best.row, best.column, best.pair, best.rank) == (0, 5, (1, 2), 1)
    assert best.distance == pytest.approx(109 * cell)
    assert best.restored_distance == pytest.approx(10 * cell)
    assert best.recomputed_distance == pytest.approx(10 * cell)
    assert best.improvement_percent == pytest.approx(100 * 99 / 109)
    assert best.improvement_per_m == pytest.approx(49.5)
    assert study.per_m.values[0, 5] == pytest.approx(49.5)
    assert study.percent.values[0, 5] == pytest.approx(100 * 99 / 109)
    assert len(study.barriers) == 1


def test_a_wall_across_a_plane_is_breached_where_the_way_is_straightest() -> None:
    plane = np.ones((9, 11))
    plane[:, 5] = 100
    study = find_barriers(grid(plane), grid(ends(plane.shape, (4, 0), (4, 10))), BarrierPlan(radii_m=(1.0,)))

    assert (study.barriers[0].row, study.barriers[0].column) == (4, 5)
    assert study.barriers[0].improvement_per_m == pytest.approx(49.5)


def test_a_wall_with_one_gap_is_worth_breaching_where_the_detour_is_longest() -> None:
    """Nothing passes the wall but at its end: the way goes round by the gap in the first row.

    With four neighbours the way from (8, 3) to (8, 7) by the gap at (0, 5) is 8 + 4 + 8 = 20 steps; a breach
    beside the sources leaves 4: 16 of 20.
    """
    wall = np.ones((9, 11))
    wall[1:, 5] = N
    points = grid(ends(wall.shape, (8, 3), (8, 7)))
    study = find_barriers(grid(wall), points, BarrierPlan(radii_m=(1.0,), neighbours=4))

    best = study.barriers[0]
    assert (best.row, best.column) == (8, 5)
    assert best.distance == pytest.approx(20)
    assert best.restored_distance == pytest.approx(1 + 1 + 2)
    assert best.improvement_percent == pytest.approx(80)
    assert best.improvement_per_m == pytest.approx(8)


def test_even_land_of_the_restored_kind_has_no_barrier() -> None:
    study = find_barriers(
        grid(np.ones((7, 7))), grid(ends((7, 7), (3, 0), (3, 6))), BarrierPlan(radii_m=(1.0, 2.0))
    )

    assert study.barriers == ()
    assert study.per_m.values.max() == 0


def test_of_several_radii_the_best_a_metre_is_ranked_and_windows_do_not_overlap() -> None:
    """A wall of three cells of 100 and a cell of 5: the way is 15 + 300 + 5 + 1 = 321 long.

    Radius 1 reaches the outer cells of the wall: 62.5 + 58.5 + 2 = 123, 198 in 2 metres. Radius 2 reaches
    beyond it: 12 + 8 + 4 = 24, 297 in 4 metres: more in all, less a metre.
    """
    line = np.ones((1, 21))
    line[0, 9:12] = 100
    line[0, 3] = 5
    study = find_barriers(
        grid(line),
        grid(ends((1, 21), (0, 0), (0, 20))),
        BarrierPlan(radii_m=(1.0, 2.0), least_share=0.001),
    )

    first, second = study.barriers[:2]
    assert (first.column, first.radius_m) == (10, 1.0)
    assert first.improvement_per_m == pytest.approx(99)
    assert study.percent.values[0, 10] == pytest.approx(100 * 297 / 321)
    assert abs(second.column - first.column) > 2


def test_pairs_without_any_way_are_named_and_all_of_them_refused() -> None:
    apart = np.array([[1.0, 1, 9, 1, N, 1]])
    three = np.array([[1.0, 0, 0, 2, 0, 3]])

    study = find_barriers(grid(apart), grid(three), BarrierPlan(radii_m=(1.0,)))
    assert study.unconnected == ((1, 3), (2, 3))

    with pytest.raises(CorridorError, match="no way leads"):
        find_barriers(grid(apart), grid(three), BarrierPlan(radii_m=(1.0,), pairs=frozenset({(1, 3)})))


@pytest.mark.parametrize(
    "plan", [BarrierPlan(radii_m=()), BarrierPlan(radii_m=(0.0,)), BarrierPlan(radii_m=(1.0,), restored=0.0)]
)
def test_impossible_radii_and_resistances_are_refused(plan: BarrierPlan) -> None:
    with pytest.raises(CorridorError, match="larger than 0"):
        find_barriers(grid(np.ones((1, 3))), grid(np.array([[1.0, 0, 2]])), plan)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 999),
    neighbours=st.sampled_from([4, 8]),
    average=st.sampled_from(["resistance", "conductance"]),
    place=st.tuples(st.integers(0, 7), st.integers(0, 8)),
)
def test_the_recomputed_distance_is_that_of_the_restored_grid(
    seed: int, neighbours: int, average: Any, place: tuple[int, int]
) -> None:
    """Against Dijkstra on the whole restored grid; a way may enter the window twice, so not less."""
    surface = np.random.default_rng(seed).uniform(1, 20, (8, 9))
    corner, last = np.zeros((8, 9), dtype=bool), np.zeros((8, 9), dtype=bool)
    corner[0, 0] = last[7, 8] = True
    disc = cover_disc((8, 9), *place, 2.0)
    kind = 8 if neighbours == 8 else 4
    way: Any = {"neighbours": kind, "average": average}
    here, there = (accumulate_cost(surface, source, **way).cost for source in (corner, last))

    again = recompute_distance(surface, (here, there), disc, restored=1.0, cell_m=1.0, **way)
    whole = accumulate_cost(np.where(disc, 1.0, surface), corner, **way).cost[7, 8]

    assert min(again, here[7, 8]) == pytest.approx(whole, rel=1e-9)
