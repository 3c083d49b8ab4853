"""Restoring lowers effective resistances by the gain at least: exactly where all is in series."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.corridors.current import Plan, measure_current
from gis.corridors.grid import Grid
from gis.corridors.ranking import BarrierPlan
from gis.corridors.sensitivity import find_current_barriers, measure_gain
from gis.errors import CorridorError


def grid(values: np.ndarray) -> Grid:
    return Grid(np.asarray(values, dtype=float), 0.0, 0.0, 1.0)


def test_a_wall_across_a_line_of_cells_gains_exactly_what_it_costs() -> None:
    """11 cells of 1 with one of 100 between: 8 + 2 · 50.5 = 109 ohm, restored 10."""
    line = np.ones((1, 11))
    line[0, 5] = 100
    points = np.zeros((1, 11))
    points[0, 0], points[0, 10] = 1, 2

    study = find_current_barriers(grid(line), grid(points), BarrierPlan(radii_m=(1.0,)))

    best = study.barriers[0]
    assert (best.column, best.pair) == (5, (1, 2))
    assert best.distance == pytest.approx(109)
    assert best.restored_distance == pytest.approx(10)
    assert best.recomputed_distance == pytest.approx(10)
    assert best.improvement_per_m == pytest.approx(49.5)
    assert len(study.barriers) == 1


def test_of_two_ways_the_one_that_carries_more_gains_more() -> None:
    """Two ways round a hole: the cheap one has a dear cell, which gains by the square of its current."""
    ring = np.ones((3, 5))
    ring[1, 1:4] = np.nan
    ring[0, 2] = 4
    ring[2, :] = 20
    points = np.zeros((3, 5))
    points[1, 0], points[1, 4] = 1, 2

    study = find_current_barriers(grid(ring), grid(points), BarrierPlan(radii_m=(0.5,), neighbours=4))

    gains = study.per_m.values
    assert gains[0, 2] > gains[2, 2]
    best = study.barriers[0]
    assert best.recomputed_distance <= best.restored_distance < best.distance


def test_pairs_apart_are_named() -> None:
    apart = np.array([[1.0, 9, 1, np.nan, 1]])
    study = find_current_barriers(
        grid(apart), grid(np.array([[1.0, 0, 2, 0, 3]])), BarrierPlan(radii_m=(1.0,))
    )

    assert study.unconnected == ((1, 3), (2, 3))


def test_averaged_conductances_are_refused() -> None:
    with pytest.raises(CorridorError, match="averaged resistances"):
        find_current_barriers(
            grid(np.ones((1, 3))),
            grid(np.array([[1.0, 0, 2]])),
            BarrierPlan(radii_m=(1.0,), average="conductance"),
        )


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 9999),
    neighbours=st.sampled_from([4, 8]),
    joined=st.sampled_from([0, 1]),
    cells=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 6)), min_size=1, max_size=9),
)
def test_the_gain_is_a_lower_bound(
    seed: int,
    neighbours: int,
    joined: int,
    cells: list[tuple[int, int]],
) -> None:
    surface = np.random.default_rng(seed).uniform(1, 30, (6, 7))
    points = np.zeros((6, 7))
    points[0, 0], points[5, 6] = 1, 2
    if joined:
        points[0, 3] = 1
    kind = 8 if neighbours == 8 else 4
    gained: list[float] = []
    chosen = tuple(np.array(sorted(set(cells))).T)
    before = measure_current(
        grid(surface),
        grid(points),
        plan=Plan(neighbours=kind, with_map=False, with_potential=True),
        on_pair=lambda pair: gained.append(
            float(measure_gain(surface, pair.volt_v, restored=1.0, neighbours=kind)[chosen].sum())
        ),
    ).resistance_ohm[0, 1]
    restored = surface.copy()
    restored[chosen] = 1.0
    after = measure_current(grid(restored), grid(points), plan=Plan(neighbours=kind)).resistance_ohm[0, 1]

    assert after <= before - gained[0] + 1e-9 * before
    assert gained[0] >= 0
