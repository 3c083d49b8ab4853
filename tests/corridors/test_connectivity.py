"""Connectivity of networks: cases by hand, brute force, and what must not change a figure."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import shortest_path

from gis.corridors.connectivity import measure_network, rank_shares
from gis.corridors.network import Dispersal, Network

HALF = Dispersal(distance_m=1000.0, probability=0.5)


def make_network(areas: list[float], links: list[tuple[int, int, float]]) -> Network:
    return Network(
        ids=tuple(f"P{index}" for index in range(len(areas))),
        areas_m2=np.array(areas),
        starts=np.array([link[0] for link in links], dtype=np.intp),
        ends=np.array([link[1] for link in links], dtype=np.intp),
        costs=np.array([link[2] for link in links], dtype=float),
    )


def numerator_by_hand(areas: np.ndarray, links: list[tuple[int, int, float]], alpha: float | None) -> float:
    """Return ΣΣ aᵢaⱼ·worth by SciPy's all shortest paths; alpha None counts links (IIC)."""
    lengths = np.full((len(areas), len(areas)), np.inf)
    for start, end, cost in links:
        lengths[start, end] = lengths[end, start] = 1.0 if alpha is None else alpha * cost
    distance = shortest_path(lengths) if links else np.where(np.eye(len(areas)), 0.0, np.inf)
    worth = 1 / (1 + distance) if alpha is None else np.exp(-distance)
    return float((np.outer(areas, areas) * worth).sum())


@st.composite
def networks(draw: st.DrawFn) -> Network:
    count = draw(st.integers(2, 7))
    areas = draw(st.lists(st.floats(1.0, 100.0), min_size=count, max_size=count))
    pairs = [(i, j) for i in range(count) for j in range(i + 1, count)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, min_size=1))
    costs = st.one_of(st.sampled_from([100.0, 200.0, 300.0]), st.floats(1.0, 3000.0))
    return make_network(areas, [(i, j, draw(costs)) for i, j in chosen])


def test_two_equal_patches_have_pc_of_2_plus_2p_shares() -> None:
    study = measure_network(make_network([5.0, 5.0], [(0, 1, 1000.0)]), HALF, landscape_area_m2=20.0)
    assert study.pc.index == pytest.approx(25 * (2 + 2 * 0.5) / 400)
    assert study.pc.equivalent_area_m2 == pytest.approx(math.sqrt(75))
    assert study.pc.intra == pytest.approx([1 / 3, 1 / 3])
    assert study.pc.flux == pytest.approx([1 / 3, 1 / 3])
    assert study.pc.connector.tolist() == [0.0, 0.0]
    assert study.pc.links == pytest.approx([1 / 3])


def test_probability_falls_with_distance_as_the_exponential_through_the_given_point() -> None:
    study = measure_network(make_network([1.0, 1.0], [(0, 1, 2500.0)]), Dispersal(500.0, 0.1))
    assert study.pc.numerator == pytest.approx(2 + 2 * 0.1**5)


def test_integral_index_of_three_in_a_row_counts_links() -> None:
    study = measure_network(
        make_network([1.0, 2.0, 3.0], [(0, 1, 10.0), (1, 2, 1000.0)]), HALF, landscape_area_m2=10.0
    )
    numerator = 1 + 4 + 9 + 2 * (2 / 2 + 6 / 2 + 3 / 3)
    assert study.iic.numerator == pytest.approx(numerator)
    assert study.iic.index == pytest.approx(numerator / 100)
    assert study.iic.connector == pytest.approx([0.0, 2 * (3 / 3) / numerator, 0.0])


def test_links_past_the_distance_do_not_count_for_the_integral_index() -> None:
    study = measure_network(make_network([1.0, 1.0], [(0, 1, 1000.1)]), HALF)
    assert study.iic.numerator == pytest.approx(2.0)
    assert study.pc.numerator > 2.9


def test_threshold_takes_long_links_away_from_both_indices() -> None:
    network = make_network([1.0, 1.0, 1.0], [(0, 1, 400.0), (1, 2, 600.0)])
    study = measure_network(network, Dispersal(1000.0, 0.5, threshold_m=500.0))
    assert study.pc.numerator == pytest.approx(3 + 2 * 0.5**0.4)
    assert study.iic.numerator == pytest.approx(3 + 2 / 2)
    assert study.components.tolist() == [1, 1, 2]
    assert study.pc.links[1] == 0.0


def test_stepping_stone_without_area_gives_only_as_connector() -> None:
    network = make_network([1.0, 0.0, 1.0], [(0, 1, 500.0), (1, 2, 500.0), (0, 2, 2000.0)])
    study = measure_network(network, HALF)
    numerator = 2 + 2 * 0.5
    assert study.pc.numerator == pytest.approx(numerator)
    assert study.pc.connector[1] == pytest.approx(2 * (0.5 - 0.25) / numerator)
    assert study.pc.links == pytest.approx([2 * (0.5 - 0.25) / numerator] * 2 + [0.0])


def test_isolated_patch_gives_only_its_own_area() -> None:
    study = measure_network(make_network([3.0, 4.0, 5.0], [(0, 1, 1000.0)]), HALF)
    assert study.pc.flux[2] == study.pc.connector[2] == 0.0
    assert study.pc.patches[2] == pytest.approx(25 / study.pc.numerator)
    assert study.components.tolist() == [1, 1, 2]


def test_the_part_with_the_largest_area_is_number_one() -> None:
    study = measure_network(make_network([1.0, 9.0, 1.0], [(0, 2, 10.0)]), HALF)
    assert study.components.tolist() == [2, 1, 2]


def test_patches_without_any_link_are_worth_their_squares() -> None:
    study = measure_network(make_network([3.0, 4.0], []), HALF)
    assert study.pc.numerator == study.iic.numerator == 25.0
    assert study.pc.equivalent_area_m2 == 5.0


@settings(max_examples=40)
@given(network=networks(), distance=st.floats(100.0, 2000.0))
def test_every_share_is_what_the_index_loses_when_the_thing_is_really_taken_away(
    network: Network, distance: float
) -> None:
    dispersal = Dispersal(distance, 0.5, threshold_m=2500.0)
    study = measure_network(network, dispersal)
    links = [
        (int(i), int(j), float(cost))
        for i, j, cost in zip(network.starts, network.ends, network.costs, strict=True)
    ]
    near = [link for link in links if link[2] <= 2500.0]
    for index, alpha in ((study.pc, dispersal.alpha), (study.iic, None)):
        whole = numerator_by_hand(network.areas_m2, near, alpha)
        assert index.numerator == pytest.approx(whole, rel=1e-9)
        for patch in range(len(network.ids)):
            areas = network.areas_m2.copy()
            areas[patch] = 0.0
            left = numerator_by_hand(areas, [link for link in near if patch not in link[:2]], alpha)
            assert index.patches[patch] == pytest.approx((whole - left) / whole, rel=1e-7, abs=1e-9)
        for number, link in enumerate(links):
            left = numerator_by_hand(network.areas_m2, [other for other in near if other != link], alpha)
            assert index.links[number] == pytest.approx((whole - left) / whole, rel=1e-7, abs=1e-9)


@settings(max_examples=40)
@given(network=networks(), seed=st.integers(0, 1000))
def test_order_of_patches_and_links_changes_nothing(network: Network, seed: int) -> None:
    rng = np.random.default_rng(seed)
    patches, links = rng.permutation(len(network.ids)), rng.permutation(len(network.costs))
    place = np.argsort(patches)
    other = Network(
        tuple(network.ids[index] for index in patches),
        network.areas_m2[patches],
        place[network.ends[links]],
        place[network.starts[links]],
        network.costs[links],
    )
    one, two = measure_network(network, HALF), measure_network(other, HALF)
    assert two.pc.numerator == pytest.approx(one.pc.numerator)
    assert two.pc.patches == pytest.approx(one.pc.patches[patches], abs=1e-9)
    assert two.iic.links == pytest.approx(one.iic.links[links], abs=1e-9)


@settings(max_examples=40)
@given(network=networks(), factor=st.floats(0.01, 1000.0))
def test_scaling_all_areas_scales_the_equivalent_area_and_leaves_the_shares(
    network: Network, factor: float
) -> None:
    scaled = Network(network.ids, network.areas_m2 * factor, network.starts, network.ends, network.costs)
    one, two = measure_network(network, HALF), measure_network(scaled, HALF)
    assert two.pc.equivalent_area_m2 == pytest.approx(factor * one.pc.equivalent_area_m2)
    assert two.pc.patches == pytest.approx(one.pc.patches, abs=1e-9)


@settings(max_examples=40)
@given(network=networks(), low=st.floats(0.05, 0.9), more=st.floats(0.0, 0.09))
def test_connectivity_grows_with_the_probability(network: Network, low: float, more: float) -> None:
    one = measure_network(network, Dispersal(1000.0, low))
    two = measure_network(network, Dispersal(1000.0, low + more))
    assert two.pc.numerator >= one.pc.numerator * (1 - 1e-12)
    assert one.iic.numerator == two.iic.numerator


def test_progress_ends_at_one_and_never_falls() -> None:
    told: list[float] = []
    measure_network(make_network([1.0] * 40, [(0, 1, 10.0)]), HALF, report=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_equal_shares_have_the_same_rank() -> None:
    assert rank_shares(np.array([0.1, 0.5, 0.1, 0.3])).tolist() == [3, 1, 3, 2]
