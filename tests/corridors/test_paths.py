"""Least-cost paths and corridors: ways by hand, an independent graph search, what must not change them."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import csgraph

from gis.corridors.grid import Grid
from gis.corridors.links import cost_of_way
from gis.corridors.paths import PathStudy, path_line, trace_paths
from gis.errors import CorridorError

NAN = float("nan")


def make_grid(values: list[list[float]] | np.ndarray, cell: float = 1.0) -> Grid:
    return Grid(np.array(values, dtype=float), west=0.0, south=0.0, cell=cell)


def put_points(shape: tuple[int, int], places: list[tuple[int, int]], cell: float = 1.0) -> Grid:
    values = np.full(shape, NAN)
    for number, place in enumerate(places, start=1):
        values[place] = number
    return make_grid(values, cell)


def cost_by_scipy(
    values: np.ndarray, ends: tuple[tuple[int, int], tuple[int, int]], neighbours: int, average: str
) -> float:
    """Return the least cost between two cells by SciPy's Dijkstra over a graph built step by step."""
    rows, columns = values.shape
    graph = sparse.lil_array((values.size, values.size))
    directions = [(0, 1), (1, 0)] + ([(1, 1), (1, -1)] if neighbours == 8 else [])
    for row in range(rows):
        for column in range(columns):
            for down, right in directions:
                other = row + down, column + right
                if not (0 <= other[0] < rows and 0 <= other[1] < columns):
                    continue
                here, there = values[row, column], values[other]
                mean = (here + there) / 2 if average == "resistance" else 2 / (1 / here + 1 / there)
                cost = mean * np.hypot(down, right)
                if np.isfinite(cost):
                    graph[row * columns + column, other[0] * columns + other[1]] = cost
    one, two = (row * columns + column for row, column in ends)
    return float(csgraph.dijkstra(graph.tocsr(), directed=False, indices=one)[two])


@st.composite
def surfaces(draw: st.DrawFn) -> np.ndarray:
    rows, columns = draw(st.integers(2, 7)), draw(st.integers(2, 7))
    values = st.one_of(st.integers(1, 4).map(float), st.floats(0.5, 50.0))
    cells = draw(st.lists(values, min_size=rows * columns, max_size=rows * columns))
    return np.array(cells).reshape(rows, columns)


def test_way_over_a_uniform_surface_is_as_long_as_the_octile_distance() -> None:
    study = trace_paths(make_grid(np.ones((6, 9)), 10.0), put_points((6, 9), [(0, 0), (5, 8)], 10.0))
    (link,) = study.links
    assert link.length_m == pytest.approx(10 * (5 * np.sqrt(2) + 3))
    assert link.cost == pytest.approx(link.length_m)
    assert link.straight_m == pytest.approx(10 * np.hypot(5, 8))
    assert link.mean_resistance == pytest.approx(1.0)
    assert link.cost_per_straight_m == pytest.approx((5 * np.sqrt(2) + 3) / np.hypot(5, 8))


def test_way_over_four_neighbours_is_as_long_as_the_city_block_distance() -> None:
    study = trace_paths(make_grid(np.ones((6, 9))), put_points((6, 9), [(0, 0), (5, 8)]), neighbours=4)
    assert study.links[0].length_m == pytest.approx(13.0)


def test_a_step_costs_the_mean_of_its_two_cells_times_its_length() -> None:
    straight = trace_paths(make_grid([[1.0, 4.0, 2.0]], 30.0), put_points((1, 3), [(0, 0), (0, 2)], 30.0))
    assert straight.links[0].cost == pytest.approx(30 * ((1 + 4) / 2 + (4 + 2) / 2))
    corner = make_grid([[3.0, NAN], [NAN, 5.0]])
    assert trace_paths(corner, put_points((2, 2), [(0, 0), (1, 1)])).links[0].cost == pytest.approx(
        4 * np.sqrt(2)
    )


def test_a_wall_is_passed_by_its_gap() -> None:
    values = np.ones((7, 7))
    values[:, 3] = NAN
    values[6, 3] = 1.0
    (link,) = trace_paths(make_grid(values), put_points((7, 7), [(0, 0), (0, 6)])).links
    assert (6, 3) in {tuple(cell) for cell in link.cells.tolist()}
    assert link.length_m == pytest.approx(2 * (3 + 3 * np.sqrt(2)))


def test_a_closed_wall_leaves_a_listed_pair_apart() -> None:
    values = np.ones((5, 5))
    values[:, 2] = NAN
    points = put_points((5, 5), [(0, 0), (0, 4)])
    study = trace_paths(make_grid(values), points, pairs=((2, 1),), slack_shares=(0.1,))
    assert study.links == ()
    assert study.apart == ((1, 2),)
    assert study.corridor is not None
    assert np.isnan(study.corridor.values).all()
    near = trace_paths(make_grid(values), points)
    assert (near.apart, near.isolated) == ((), (1, 2))


def test_ways_start_and_end_at_the_edges_of_sources() -> None:
    points = np.full((5, 10), NAN)
    points[1:4, 0:3], points[1:4, 7:10] = 1, 2
    (link,) = trace_paths(make_grid(np.ones((5, 10))), make_grid(points)).links
    assert link.cells[:, 1].tolist() == [2, 3, 4, 5, 6, 7]
    assert link.cost == link.length_m == link.straight_m == 5.0


def test_neighbours_are_sources_whose_zones_touch() -> None:
    points = put_points((3, 19), [(1, 0), (1, 9), (1, 18)])
    surface = make_grid(np.ones((3, 19)))
    near = trace_paths(surface, points)
    assert [(link.first, link.second) for link in near.links] == [(1, 2), (2, 3)]
    assert near.zones[1].tolist() == [1] * 5 + [2] * 9 + [3] * 5
    every = trace_paths(surface, points, pairs="all")
    assert [(link.first, link.second, link.through) for link in every.links] == [
        (1, 2, ()),
        (1, 3, (2,)),
        (2, 3, ()),
    ]


def test_planar_graph_drops_what_two_other_links_join_cheaper() -> None:
    points = put_points((5, 11), [(2, 0), (0, 5), (2, 10)])
    values = np.full((5, 11), 10.0)
    values[[0, -1]], values[:, [0, -1]] = [[1.0], [3.0]], 1.0
    assert len(trace_paths(make_grid(values), points, pairs="neighbours").links) == 3
    study = trace_paths(make_grid(values), points, pairs="planar", slack_shares=(0.1,))
    assert [(link.first, link.second) for link in study.links] == [(1, 2), (2, 3)]
    assert {(band.first, band.second) for band in study.bands} == {(1, 2), (2, 3)}


def test_accumulated_cost_is_that_of_the_nearest_source_and_nothing_behind_a_wall() -> None:
    values = [[1.0, 1.0, 1.0, 1.0, NAN, 1.0]]
    study = trace_paths(make_grid(values, 100.0), put_points((1, 6), [(0, 0), (0, 3)], 100.0))
    assert study.mcr.values[0, :4].tolist() == [0.0, 100.0, 100.0, 0.0]
    assert np.isnan(study.mcr.values[0, 4:]).all()
    assert study.zones[0].tolist() == [1, 1, 2, 2, 0, 0]


def test_normalised_corridor_is_nothing_along_the_way_and_the_detour_beside_it() -> None:
    points = put_points((3, 5), [(1, 0), (1, 4)])
    study = trace_paths(make_grid(np.ones((3, 5))), points, slack_shares=(0.5,))
    assert study.corridor is not None
    assert study.corridor.values[1] == pytest.approx([0.0] * 5, abs=1e-6)
    assert study.corridor.values[0, 2] == pytest.approx(2 + 2 * np.sqrt(2) - 4, abs=1e-6)
    assert study.corridor.values[0, 0] == pytest.approx(1 + 3 + np.sqrt(2) - 4, abs=1e-6)


def test_bands_hold_the_cells_within_the_slack_and_not_the_sources() -> None:
    points = put_points((3, 5), [(1, 0), (1, 4)], 10.0)
    study = trace_paths(make_grid(np.ones((3, 5)), 10.0), points, slack_shares=(0.25, 0.01))
    thin, wide = study.bands
    assert (thin.slack_share, thin.area_m2, thin.mean_width_m) == (0.01, 300.0, 7.5)
    assert thin.narrowest_m == 10.0
    assert thin.geometry.bounds == (10.0, 10.0, 40.0, 20.0)
    assert wide.area_m2 == wide.geometry.area == 900.0
    assert wide.geometry.covers(thin.geometry)


def test_the_narrowest_place_of_a_band_is_the_gap_it_leads_through() -> None:
    values = np.ones((11, 21))
    values[:4, 10], values[7:, 10] = NAN, NAN
    points = np.full(values.shape, NAN)
    points[:, 0], points[:, 20] = 1, 2
    (band,) = trace_paths(make_grid(values, 5.0), make_grid(points, 5.0), slack_shares=(3.0,)).bands
    assert band.narrowest_m == 15.0
    assert band.mean_width_m > 45.0


def test_a_link_is_a_line_through_the_centres_of_its_cells() -> None:
    grid = Grid(np.ones((2, 3)), west=500.0, south=100.0, cell=10.0)
    (link,) = trace_paths(grid, Grid(np.array([[1, 0, 2], [0, 0, 0.0]]), 500.0, 100.0, 10.0)).links
    assert list(path_line(link, grid).coords) == [(505.0, 115.0), (515.0, 115.0), (525.0, 115.0)]


@settings(max_examples=40)
@given(
    values=surfaces(),
    neighbours=st.sampled_from([4, 8]),
    average=st.sampled_from(["resistance", "conductance"]),
)
def test_cost_is_that_of_an_independent_graph_search_and_of_the_way_itself(
    values: np.ndarray, neighbours: Literal[4, 8], average: Literal["resistance", "conductance"]
) -> None:
    ends = (0, 0), (values.shape[0] - 1, values.shape[1] - 1)
    points = put_points(values.shape, list(ends))
    (link,) = trace_paths(make_grid(values), points, neighbours=neighbours, average=average).links
    assert link.cost == pytest.approx(cost_by_scipy(values, ends, neighbours, average))
    assert link.cost == pytest.approx(cost_of_way(values, link.cells, 1.0, average))


@settings(max_examples=40)
@given(values=surfaces(), factor=st.sampled_from([0.25, 2.0, 8.0]))
def test_scaling_resistances_scales_the_cost_and_leaves_the_way(values: np.ndarray, factor: float) -> None:
    points = put_points(values.shape, [(0, 0), (values.shape[0] - 1, values.shape[1] - 1)])
    one, two = (trace_paths(make_grid(surface), points).links[0] for surface in (values, factor * values))
    assert two.cost == pytest.approx(factor * one.cost)
    assert two.cells.tolist() == one.cells.tolist()


@settings(max_examples=40)
@given(values=surfaces())
def test_the_way_there_costs_what_the_way_back_costs(values: np.ndarray) -> None:
    places = [(0, 0), (values.shape[0] - 1, values.shape[1] - 1)]
    there, back = (
        trace_paths(make_grid(values), put_points(values.shape, order)).links[0]
        for order in (places, places[::-1])
    )
    assert there.cost == pytest.approx(back.cost)


@settings(max_examples=40)
@given(values=surfaces())
def test_larger_slack_holds_the_smaller_and_the_way_lies_in_every_band(values: np.ndarray) -> None:
    points = put_points(values.shape, [(0, 0), (values.shape[0] - 1, values.shape[1] - 1)])
    study = trace_paths(make_grid(values), points, slack_shares=(0.01, 0.2))
    thin, wide = study.bands
    assert thin.geometry.difference(wide.geometry).area == 0.0
    assert study.corridor is not None
    (link,) = study.links
    on_way = study.corridor.values[link.cells[:, 0], link.cells[:, 1]]
    assert (on_way <= 1e-5 * link.cost).all()


def test_processes_find_what_one_process_finds() -> None:
    rng = np.random.default_rng(5)
    values = make_grid(rng.uniform(1.0, 9.0, (40, 40)))
    points = put_points((40, 40), [(2, 2), (37, 5), (20, 30), (5, 35)])

    def run(workers: int) -> tuple[PathStudy, list[float]]:
        told: list[float] = []
        study = trace_paths(values, points, slack_shares=(0.1,), workers=workers, report=told.append)
        return study, told

    (one, told), (two, _) = run(1), run(2)
    assert [link.cost for link in one.links] == [link.cost for link in two.links]
    assert [band.area_m2 for band in one.bands] == [band.area_m2 for band in two.bands]
    assert one.corridor is not None
    assert two.corridor is not None
    assert np.array_equal(one.corridor.values, two.corridor.values, equal_nan=True)
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("points", "options", "code"),
    [
        ([[1.0, NAN, NAN]], {}, "corridors.sources"),
        ([[1.0, 2.5, NAN]], {}, "corridors.sources"),
        ([[1.0, 2.0, 3.0]], {}, "corridors.outside"),
        ([[1.0, 2.0, NAN]], {"pairs": ((1, 9),)}, "corridors.pairs"),
        ([[1.0, 2.0, NAN]], {"pairs": ((1, 1),)}, "corridors.pairs"),
        ([[1.0, 2.0, NAN]], {"slack_shares": (0.0,)}, "corridors.slack"),
        ([[1.0, 2.0]], {}, "corridors.unequal"),
    ],
)
def test_sources_and_options_that_make_no_sense_are_refused(
    points: list[list[float]], options: dict[str, object], code: str
) -> None:
    with pytest.raises(CorridorError) as caught:
        trace_paths(make_grid([[1.0, 1.0, NAN]]), make_grid(points), **options)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_resistance_that_is_not_positive_is_refused() -> None:
    with pytest.raises(CorridorError) as caught:
        trace_paths(make_grid([[1.0, 0.0]]), make_grid([[1.0, 2.0]]))
    assert caught.value.code == "corridors.resistance"
