"""Networks and least-cost links, ours and plain SciPy in turn; processor seconds, median of the rounds.

Usage: ``python benchmarks/links.py [ROUNDS]``. The network has 60 patches and every link, each of which is
taken away in its turn: SciPy finds all shortest paths anew every time. The grid has 400 × 400 cells and six
sources: SciPy builds the graph of eight neighbours and spreads from each source by Dijkstra's algorithm.
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.ndimage import gaussian_filter
from scipy.sparse import csgraph

from gis.corridors.connectivity import measure_network
from gis.corridors.grid import Grid
from gis.corridors.network import Dispersal, Network
from gis.corridors.paths import trace_paths

if TYPE_CHECKING:
    from collections.abc import Callable

PATCHES, SIDE, SOURCES = 60, 400, 6


def make_network() -> Network:
    """Return patches at random places, each linked with each."""
    random = np.random.default_rng(1)
    places, areas = random.uniform(0, 40_000, (PATCHES, 2)), random.lognormal(12, 1, PATCHES)
    starts, ends = np.triu_indices(PATCHES, 1)
    costs = np.hypot(*(places[starts] - places[ends]).T) ** 1.3
    return Network(tuple(map(str, range(PATCHES))), areas, starts, ends, costs)


def measure_plain(network: Network, alpha: float) -> np.ndarray:
    """Return dPC of patches, then links, with all shortest paths found anew each time."""
    lengths = np.full((PATCHES, PATCHES), np.inf)
    lengths[network.starts, network.ends] = lengths[network.ends, network.starts] = alpha * network.costs

    def numerator(matrix: np.ndarray, areas: np.ndarray) -> float:
        return float((np.outer(areas, areas) * np.exp(-csgraph.shortest_path(matrix))).sum())

    whole = numerator(lengths, network.areas_m2)
    left = []
    for patch in range(PATCHES):
        stay = np.delete(np.arange(PATCHES), patch)
        left.append(numerator(lengths[np.ix_(stay, stay)], network.areas_m2[stay]))
    for start, end in zip(network.starts, network.ends, strict=True):
        cut = lengths.copy()
        cut[start, end] = cut[end, start] = np.inf
        left.append(numerator(cut, network.areas_m2))
    return 1 - np.array(left) / whole


def measure_ours(network: Network, dispersal: Dispersal) -> np.ndarray:
    """Return dPC of patches, then links; IIC is measured beside it."""
    study = measure_network(network, dispersal)
    return np.concatenate([study.pc.patches, study.pc.links])


def make_surface() -> tuple[Grid, Grid]:
    """Return resistances and sources of one cell."""
    random = np.random.default_rng(2)
    noise = gaussian_filter(random.normal(size=(SIDE, SIDE)), 5)
    points = np.full((SIDE, SIDE), np.nan)
    points[tuple(random.integers(0, SIDE, (2, SOURCES)))] = np.arange(1, SOURCES + 1)
    return Grid(np.exp(noise * 20) + 1, 0, 0, 1), Grid(points, 0, 0, 1)


def link_plain(surface: Grid, points: Grid) -> np.ndarray:
    """Return the costs between all pairs by SciPy."""
    number = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    starts, ends, costs = [], [], []
    for one, other, length in (
        (np.s_[:, :-1], np.s_[:, 1:], 1.0),
        (np.s_[:-1], np.s_[1:], 1.0),
        (np.s_[:-1, :-1], np.s_[1:, 1:], 2**0.5),
        (np.s_[1:, :-1], np.s_[:-1, 1:], 2**0.5),
    ):
        starts.append(number[one].ravel())
        ends.append(number[other].ravel())
        costs.append(((surface.values[one] + surface.values[other]) / 2 * length).ravel())
    pairs = np.concatenate(starts), np.concatenate(ends)
    graph = sparse.csr_array((np.concatenate(costs), pairs), shape=(number.size, number.size))
    cells = [int(np.flatnonzero(points.values.ravel() == source)[0]) for source in range(1, SOURCES + 1)]
    distances = csgraph.dijkstra(graph, directed=False, indices=cells)[:, cells]
    return np.asarray(distances[np.triu_indices(SOURCES, 1)])


def link_ours(surface: Grid, points: Grid) -> np.ndarray:
    """Return the costs between all pairs, with their ways and zones."""
    return np.array([link.cost for link in trace_paths(surface, points, pairs="all", workers=1).links])


def time_in_turn(ways: dict[str, Callable[[], np.ndarray]], rounds: int) -> None:
    """Print the median processor seconds of each way, and how far their answers lie apart."""
    answers = {name: way() for name, way in ways.items()}
    first, second = answers.values()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.process_time()
            way()
            seconds[name].append(time.process_time() - start)
    for name, values in seconds.items():
        print(f"{name:<16}{statistics.median(values):>9.3f} s  {min(values):.3f}–{max(values):.3f}")
    print(f"{'apart':<16}{np.abs(first - second).max() / np.abs(second).max():>9.1e}\n")


def main() -> None:
    """Time both pairs of ways."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    network, dispersal = make_network(), Dispersal(20_000.0)
    time_in_turn(
        {
            "network ours": lambda: measure_ours(network, dispersal),
            "network scipy": lambda: measure_plain(network, dispersal.alpha),
        },
        rounds,
    )
    surface, points = make_surface()
    time_in_turn(
        {
            "links ours": lambda: link_ours(surface, points),
            "links scipy": lambda: link_plain(surface, points),
        },
        rounds,
    )


if __name__ == "__main__":
    main()
