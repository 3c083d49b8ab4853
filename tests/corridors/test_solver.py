"""The two solvers give the same potentials, and both obey Kirchhoff's laws."""

import numpy as np
import pytest
from scipy import sparse

from gis.corridors.circuit import build_circuit
from gis.corridors.current import Plan, measure_current, measure_nodes
from gis.corridors.grid import Grid, ignore
from gis.corridors.solver import Solver, solve_potentials

SIDE = 60


def rough_surface() -> np.ndarray:
    """Blocks of resistances from 1 to 1000 with a wall of no data that leaves one gap."""
    random = np.random.default_rng(20)
    surface = random.choice([1.0, 10.0, 100.0, 1000.0], size=(SIDE // 4, SIDE // 4)).repeat(4, 0).repeat(4, 1)
    surface[:40, 30] = np.nan
    return surface


def corner_points() -> Grid:
    points = np.zeros((SIDE, SIDE))
    points[2, 2], points[2, 57], points[57, 2], points[50, 50] = 1, 2, 3, 4
    return Grid(points, 0.0, 0.0, 30.0)


def measure(solver: Solver, neighbours: int = 8) -> tuple[np.ndarray, np.ndarray]:
    study = measure_current(
        Grid(rough_surface(), 0.0, 0.0, 30.0),
        corner_points(),
        plan=Plan(neighbours=8 if neighbours == 8 else 4, solver=solver),
    )
    assert study.current_a is not None
    return study.resistance_ohm, study.current_a.values


@pytest.mark.parametrize("neighbours", [4, 8])
def test_multigrid_agrees_with_the_factorisation(neighbours: int) -> None:
    exact, exact_map = measure("direct", neighbours)
    large, large_map = measure("multigrid", neighbours)

    np.testing.assert_allclose(large, exact, rtol=1e-9)
    np.testing.assert_allclose(large_map, exact_map, atol=1e-7)


@pytest.mark.parametrize("solver", ["direct", "multigrid"])
def test_what_flows_into_a_node_flows_out(solver: Solver) -> None:
    circuit = build_circuit(rough_surface())
    part = np.arange(circuit.count)
    first, second = int(circuit.nodes[2, 2]), int(circuit.nodes[57, 57])

    potential = solve_potentials(circuit, part, [first, second], solver=solver, report=ignore)[1]
    net = circuit.laplacian() @ potential

    expected = np.zeros(circuit.count)
    expected[first], expected[second] = -1.0, 1.0
    np.testing.assert_allclose(net, expected, atol=1e-8)
    assert potential[first] == 0
    assert measure_nodes(circuit, potential, first, second).max() <= 1 + 1e-9


def test_parts_apart_are_solved_apart() -> None:
    """Two rows of three cells with nothing between them: 2 ohm in each, nothing across."""
    surface = np.array([[1.0, 1.0, 1.0], [np.nan] * 3, [1.0, 1.0, 1.0]])
    points = Grid(np.array([[1.0, 0, 2], [0, 0, 0], [3, 0, 4]]), 0, 0, 1)

    for solver in ("direct", "multigrid"):
        ohm = measure_current(Grid(surface, 0, 0, 1), points, plan=Plan(solver=solver)).resistance_ohm
        np.testing.assert_allclose(ohm[0, 1], 2.0)
        np.testing.assert_allclose(ohm[2, 3], 2.0)
        assert np.isnan(ohm[0, 2])


def test_the_work_tells_how_far_it_is_and_ends_at_one() -> None:
    for solver in ("direct", "multigrid"):
        shares: list[float] = []
        measure_current(
            Grid(rough_surface(), 0, 0, 30), corner_points(), plan=Plan(solver=solver), report=shares.append
        )
        assert shares == sorted(shares)
        assert shares[-1] == 1.0


def test_fosters_theorem() -> None:
    """The conductances times the resistances across them sum to one less than the nodes (Foster 1949)."""
    random = np.random.default_rng(4)
    circuit = build_circuit(random.uniform(0.5, 20.0, size=(4, 5)))
    branches = sparse.triu(circuit.conductances).tocoo()
    part = np.arange(circuit.count)

    total = 0.0
    for first, second, siemens in zip(*branches.coords, branches.data, strict=True):
        volt = solve_potentials(circuit, part, [int(first), int(second)], report=ignore)[1]
        total += siemens * volt[second]

    assert total == pytest.approx(circuit.count - 1, rel=1e-10)


def test_reciprocity() -> None:
    """What a current at one place does to another is what the same current there does here."""
    random = np.random.default_rng(5)
    circuit = build_circuit(random.uniform(0.5, 20.0, size=(6, 6)))

    _, here, there = solve_potentials(circuit, np.arange(36), [0, 14, 35], report=ignore)

    assert here[35] == pytest.approx(there[14], rel=1e-12)
