"""Restoring lowers effective resistances by what is certain at least, and barriers are solved anew."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from gis.corridors.circuit import Circuit, build_circuit
from gis.corridors.current import Plan, measure_current
from gis.corridors.grid import Grid, ignore
from gis.corridors.ranking import BarrierPlan
from gis.corridors.sensitivity import find_current_barriers, measure_gain
from gis.corridors.solver import solve_potentials
from gis.errors import CorridorError


def grid(values: np.ndarray) -> Grid:
    return Grid(np.asarray(values, dtype=float), 0.0, 0.0, 1.0)


def test_a_wall_across_a_line_of_cells_gains_exactly_what_it_costs() -> None:
    """11 cells of 1 with one of 100 between: 8 + 2 · 50.5 = 109 ohm, restored 10.

    All is in series: 99 ohm are certain. The voltage across the window is 101, the estimate 101²/103 = 99.04.
    """
    line = np.ones((1, 11))
    line[0, 5] = 100
    points = np.zeros((1, 11))
    points[0, 0], points[0, 10] = 1, 2

    study = find_current_barriers(grid(line), grid(points), BarrierPlan(radii_m=(1.0,)))

    best = study.barriers[0]
    assert (best.column, best.pair, best.rank) == (5, (1, 2), 1)
    assert best.distance == pytest.approx(109)
    assert best.restored_distance == pytest.approx(109 - 101**2 / 103)
    assert best.recomputed_distance == pytest.approx(10)
    assert len(study.barriers) == 1


def test_barriers_are_ranked_by_what_solving_anew_gives() -> None:
    """A wall with one far gap: breaching it far from the gap is worth most, whatever it carries now."""
    wall = np.ones((15, 11))
    wall[:, 5] = 500
    wall[1, 5] = 1
    points = np.zeros(wall.shape)
    points[12, 1], points[12, 9] = 1, 2

    study = find_current_barriers(grid(wall), grid(points), BarrierPlan(radii_m=(1.0,)))

    best = study.barriers[0]
    assert best.column == 5
    assert best.row >= 11
    gains = [(one.distance - one.recomputed_distance) / one.diameter_m for one in study.barriers]
    assert gains == sorted(gains, reverse=True)
    assert [one.rank for one in study.barriers] == list(range(1, len(gains) + 1))


def test_a_wall_of_no_data_can_be_breached() -> None:
    wall = np.ones((9, 9))
    wall[1:, 4] = np.nan
    points = np.zeros(wall.shape)
    points[7, 1], points[7, 7] = 1, 2

    best = find_current_barriers(grid(wall), grid(points), BarrierPlan(radii_m=(1.0,))).barriers[0]

    assert best.column == 4
    assert best.row >= 5
    assert best.recomputed_percent > 20


def test_land_that_is_as_good_as_restored_gains_nothing() -> None:
    points = np.zeros((5, 7))
    points[2, 0], points[2, 6] = 1, 2

    study = find_current_barriers(grid(np.ones((5, 7))), grid(points), BarrierPlan(radii_m=(1.0,)))

    assert study.barriers == ()
    assert study.per_m.values.max() == 0


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 9999), far=st.tuples(st.integers(0, 5), st.integers(0, 6)))
def test_the_estimate_is_the_gain_of_a_link_whose_ends_stand_as_far_apart_as_it_takes(
    seed: int, far: tuple[int, int]
) -> None:
    """A link R between p and q takes off V²/(S + R), S the effective resistance of p and q."""
    circuit = build_circuit(np.random.default_rng(seed).uniform(1, 30, (6, 7)))
    place = int(circuit.nodes[far])
    if place in (0, 3):
        return
    part = np.arange(circuit.count)
    volt = solve_potentials(circuit, part, [0, 41], report=ignore)[1]
    apart = solve_potentials(circuit, part, [3, place], report=ignore)[1][place]
    link = sparse.coo_array(([0.25, 0.25], ([3, place], [place, 3])), shape=circuit.conductances.shape)
    linked = Circuit(circuit.nodes, sparse.csr_array(circuit.conductances + link))

    after = solve_potentials(linked, part, [0, 41], report=ignore)[1][41]

    assert volt[41] - after == pytest.approx(
        (volt[3] - volt[place]) ** 2 / (apart + 4.0), rel=1e-6, abs=1e-12
    )
    assert apart >= abs(volt[3] - volt[place]) * (1 - 1e-9)


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
