"""Current flow obeys Ohm's and Kirchhoff's laws on circuits that can be computed by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gis.corridors.current import Plan, measure_current
from gis.corridors.grid import Grid
from gis.errors import CorridorError

N = np.nan


def grid(rows: Any) -> Grid:
    return Grid(np.array(rows, dtype=float), 0.0, 0.0, 1.0)


def ohm(resistance: Any, points: Any, **options: Any) -> np.ndarray:
    regions = options.pop("short_circuit", None)
    plan = Plan(**options)
    return measure_current(grid(resistance), grid(points), short_circuit=regions, plan=plan).resistance_ohm


def test_cells_in_a_row_are_resistors_in_series() -> None:
    """1-2-3-4: the steps are (1+2)/2 + (2+3)/2 + (3+4)/2 = 7.5 ohm."""
    assert ohm([[1, 2, 3, 4]], [[1, 0, 0, 2]])[0, 1] == pytest.approx(7.5, rel=1e-12)


def test_the_average_conductance_joins_otherwise() -> None:
    """1-4: conductance (1 + 1/4)/2 = 5/8 siemens."""
    assert ohm([[1, 4]], [[1, 2]], average="conductance")[0, 1] == pytest.approx(1.6, rel=1e-12)


def test_two_ways_around_are_resistors_in_parallel() -> None:
    """A ring of 8 unit cells: 4 steps on either side, 2 ohm; current 1/2 ampere a side."""
    ring = [[1, 1, 1], [1, N, 1], [1, 1, 1]]
    study = measure_current(grid(ring), grid([[1, 0, 0], [0, 0, 0], [0, 0, 2]]), plan=Plan(neighbours=4))

    assert study.resistance_ohm[0, 1] == pytest.approx(2.0, rel=1e-12)
    assert study.current_a is not None
    np.testing.assert_allclose(study.current_a.values, [[1, 0.5, 0.5], [0.5, N, 0.5], [0.5, 0.5, 1]])


def test_a_square_of_four_cells_with_diagonals() -> None:
    """Opposite corners: 1/√2 + 1/2 + 1/2 siemens across; the other two corners carry no bridge current."""
    expected = 1 / (1 / np.sqrt(2) + 1)

    assert ohm([[1, 1], [1, 1]], [[1, 0], [0, 2]])[0, 1] == pytest.approx(expected, rel=1e-12)


def test_a_ladder_of_unit_resistors() -> None:
    """2 × 3 cells, the ends of one rail: 1 (both rails alike) + 1/3 (the rails opposed)."""
    # Rails alike: ½ ampere in each, 2 steps, 1 ohm. Rails opposed: the middle is at rest by symmetry, each
    # end (rail 1, rung counted twice 2) has 3 siemens, ½ ampere gives 1/6 volt; both ends give 1/3 ohm.
    expected = 1 + 1 / 3

    assert ohm([[1, 1, 1], [1, 1, 1]], [[1, 0, 2], [0, 0, 0]], neighbours=4)[0, 1] == pytest.approx(
        expected, rel=1e-12
    )


def test_sources_apart_are_not_connected() -> None:
    measured = ohm([[1, N, 1]], [[1, 0, 2]])

    assert np.isnan(measured[0, 1])
    assert measured[0, 0] == 0


def test_a_source_where_nothing_passes_is_connected_to_nothing() -> None:
    assert np.isnan(ohm([[N, 1, 1]], [[1, 0, 2]])[0, 1])


def test_a_short_circuit_region_joins_its_cells_even_apart() -> None:
    """1-1 | 1-1 joined by a region: one step on either side, 2 ohm."""
    joined = ohm([[1, 1, N, 1, 1]], [[1, 0, 0, 0, 2]], short_circuit=grid([[0, 7, 0, 7, 0]]))

    assert joined[0, 1] == pytest.approx(2.0, rel=1e-12)


def test_regions_that_share_a_source_are_one() -> None:
    """A source of two cells that lies in two regions makes one node of both."""
    regions = grid([[0, 5, 5, 6, 6, 0]])
    measured = ohm([[1, 1, 1, 1, 1, 1]], [[2, 0, 1, 1, 0, 3]], short_circuit=regions)

    assert measured[0, 1] == pytest.approx(1.0, rel=1e-12)
    assert measured[0, 2] == pytest.approx(1.0, rel=1e-12)
    assert measured[1, 2] == pytest.approx(3.0, rel=1e-12)  # the two regions stay apart for 2 and 3


def test_two_sources_in_one_region_have_no_resistance_between_them() -> None:
    assert ohm([[1, 1, 1]], [[1, 0, 2]], short_circuit=grid([[4, 4, 4]]))[0, 1] == 0


def test_a_source_of_several_cells_is_joined_only_for_its_own_pairs() -> None:
    """Source 1 at both ends of 1 × 5 cells: from the middle two ways of 2 ohm; 2 to 3 see plain cells."""
    measured = ohm([[1, 1, 1, 1, 1]], [[1, 0, 2, 3, 1]])

    assert measured[0, 1] == pytest.approx(1.0, rel=1e-12)
    assert measured[1, 2] == pytest.approx(1.0, rel=1e-12)
    assert measured[0, 2] == pytest.approx(3 / 4, rel=1e-12)


def test_fewer_than_two_sources_are_refused() -> None:
    with pytest.raises(CorridorError, match="two sources"):
        ohm([[1, 1]], [[1, -3]])


def test_numbers_of_sources_are_whole() -> None:
    with pytest.raises(CorridorError, match="whole"):
        ohm([[1, 1]], [[1, 1.5]])


def test_a_symmetric_surface_carries_a_symmetric_current() -> None:
    study = measure_current(
        grid(np.ones((5, 7))), grid(np.eye(1, 35, 14).reshape(5, 7) + 2 * np.eye(1, 35, 20).reshape(5, 7))
    )

    assert study.current_a is not None
    current = study.current_a.values
    np.testing.assert_allclose(current, current[::-1], atol=1e-12)
    np.testing.assert_allclose(current, current[:, ::-1], atol=1e-12)


surfaces = arrays.arrays(
    np.float64, st.tuples(st.integers(2, 6), st.integers(2, 6)), elements=st.floats(0.1, 100.0)
)


def corners(shape: tuple[int, int], *, swap: bool = False) -> np.ndarray:
    points = np.zeros(shape)
    points[0, 0], points[-1, -1], points[0, -1] = (2, 1, 3) if swap else (1, 2, 3)
    return points


@settings(max_examples=60, deadline=None)
@given(surface=surfaces, factor=st.floats(0.01, 100.0))
def test_resistance_scales_with_the_surface_and_the_current_stays(surface: np.ndarray, factor: float) -> None:
    points = grid(corners(surface.shape))
    one, other = measure_current(grid(surface), points), measure_current(grid(surface * factor), points)

    np.testing.assert_allclose(other.resistance_ohm, one.resistance_ohm * factor, rtol=1e-8)
    assert one.current_a is not None
    assert other.current_a is not None
    np.testing.assert_allclose(other.current_a.values, one.current_a.values, atol=1e-8)


@settings(max_examples=60, deadline=None)
@given(surface=surfaces, neighbours=st.sampled_from([4, 8]))
def test_resistance_is_a_distance_and_the_same_both_ways(surface: np.ndarray, neighbours: int) -> None:
    there = ohm(surface, corners(surface.shape), neighbours=neighbours)
    back = ohm(surface, corners(surface.shape, swap=True), neighbours=neighbours)

    np.testing.assert_allclose(there, there.T)
    assert there[0, 1] == pytest.approx(back[0, 1], rel=1e-9)
    assert there[0, 1] <= (there[0, 2] + there[2, 1]) * (1 + 1e-9)


@settings(max_examples=60, deadline=None)
@given(surface=surfaces, data=st.data())
def test_a_higher_resistance_anywhere_never_lowers_the_effective_one(
    surface: np.ndarray, data: st.DataObject
) -> None:
    """Rayleigh's monotonicity law."""
    row, column = (data.draw(st.integers(0, size - 1)) for size in surface.shape)
    raised = surface.copy()
    raised[row, column] *= 3
    points = corners(surface.shape)

    assert (ohm(raised, points) >= ohm(surface, points) * (1 - 1e-9)).all()


def test_a_balanced_wheatstone_bridge_carries_nothing_across() -> None:
    """4 cells round, equal: between opposite corners 4 neighbours give 1 ohm, ½ ampere a side."""
    study = measure_current(grid([[1, 1], [1, 1]]), grid([[1, 0], [0, 2]]), plan=Plan(neighbours=4))

    assert study.resistance_ohm[0, 1] == pytest.approx(1.0, rel=1e-12)
    assert study.current_a is not None
    np.testing.assert_allclose(study.current_a.values, [[1, 0.5], [0.5, 1]])


def test_the_waist_of_a_dumbbell_carries_all_the_current() -> None:
    bell = np.ones((5, 9))
    bell[[0, 1, 3, 4], 3:6] = N
    points = np.zeros((5, 9))
    points[0, 0], points[4, 8] = 1, 2

    study = measure_current(grid(bell), grid(points))

    assert study.largest_a is not None
    np.testing.assert_allclose(study.largest_a.values[2, 3:6], 1.0)
    assert study.largest_pair is not None
    assert (study.largest_pair[~np.isnan(bell)] == 0).all()


def test_only_the_pairs_asked_for_are_measured_and_handed_over() -> None:
    handed: list[tuple[int, int]] = []
    study = measure_current(
        grid([[1, 1, 1, 1]]),
        grid([[1, 2, 3, 4]]),
        plan=Plan(pairs=frozenset({(1, 3), (2, 4)})),
        on_pair=lambda pair: handed.append((pair.first, pair.second)),
    )

    assert handed == [(1, 3), (2, 4)] == list(study.pairs)
    assert study.resistance_ohm[0, 2] == pytest.approx(2.0)
    assert np.isnan(study.resistance_ohm[0, 1])


def test_pairs_of_unknown_sources_are_refused() -> None:
    with pytest.raises(CorridorError, match="name source 9"):
        measure_current(grid([[1, 1]]), grid([[1, 2]]), plan=Plan(pairs=frozenset({(1, 9)})))


@settings(max_examples=25, deadline=None)
@given(surface=surfaces, turns=st.integers(0, 3), mirror=st.sampled_from([1, -1]), border=st.integers(0, 2))
def test_turning_mirroring_and_padding_change_nothing(
    surface: np.ndarray, turns: int, mirror: int, border: int
) -> None:
    def move(values: np.ndarray, edge: float) -> np.ndarray:
        return np.pad(np.rot90(values, turns)[:, ::mirror], border, constant_values=edge)

    points = corners(surface.shape)
    one = measure_current(grid(surface), grid(points))
    other = measure_current(grid(move(surface, N)), grid(move(points, 0)))

    np.testing.assert_allclose(other.resistance_ohm, one.resistance_ohm, rtol=1e-9)
    assert one.current_a is not None
    assert other.current_a is not None
    np.testing.assert_allclose(other.current_a.values, move(one.current_a.values, N), atol=1e-8)
