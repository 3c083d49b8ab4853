"""Effective resistances on square grids: ours, plain SciPy, plain pyamg and Circuitscape in turn.

Usage: ``python benchmarks/circuit.py [ROUNDS] [SIDE ...]``. Each run is a process of its own, which
prints its seconds (making the surface aside), its processor seconds and peak memory. The surface is blocks
of resistances from 1 to 1000; four sources, six pairs, eight neighbours. Circuitscape runs where Julia is.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import combinations
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from gis.corridors.current import Plan, measure_current
from gis.corridors.grid import Grid
from gis.corridors.gridfile import render_ascii

SOURCES = 4
LARGEST = {"scipy spsolve a pair": 300, "scipy splu": 1000, "ours direct": 1000, "pyamg cg": 300}
"""Sides beyond which a way is left out: it takes too long or too much memory."""


def make_surface(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return resistances and the sources' cells, shape (sources, 2)."""
    random = np.random.default_rng(1)
    blocks = random.choice([1.0, 3.0, 10.0, 30.0, 100.0, 1000.0], size=(-(-side // 10), -(-side // 10)))
    surface = blocks.repeat(10, axis=0).repeat(10, axis=1)[:side, :side]
    return surface, random.integers(side // 10, side - side // 10, size=(SOURCES, 2))


def solve_ours(surface: np.ndarray, cells: np.ndarray, solver: str) -> np.ndarray:
    """Return our resistances."""
    points = np.zeros(surface.shape)
    points[cells[:, 0], cells[:, 1]] = np.arange(1, SOURCES + 1)
    plan = Plan(with_map=False, solver=solver)
    return measure_current(Grid(surface, 0, 0, 30.0), Grid(points, 0, 0, 30.0), plan=plan).resistance_ohm


def plain_laplacian(surface: np.ndarray) -> sparse.csc_matrix:
    """Return the Laplacian as a script would build it."""
    side = surface.shape[0]
    number = np.arange(side * side).reshape(side, side)
    starts, ends, values = [], [], []
    for one, other, length in (
        (np.s_[:, :-1], np.s_[:, 1:], 1.0),
        (np.s_[:-1], np.s_[1:], 1.0),
        (np.s_[:-1, :-1], np.s_[1:, 1:], 2**0.5),
        (np.s_[1:, :-1], np.s_[:-1, 1:], 2**0.5),
    ):
        starts.append(number[one].ravel())
        ends.append(number[other].ravel())
        values.append((2 / (surface[one] + surface[other]) / length).ravel())
    start, end, value = (np.concatenate(parts) for parts in (starts, ends, values))
    graph = sparse.coo_matrix((value, (start, end)), shape=(side * side,) * 2)
    graph = (graph + graph.T).tocsc()
    return sparse.diags(np.asarray(graph.sum(axis=0)).ravel()).tocsc() - graph


def solve_plain(surface: np.ndarray, cells: np.ndarray, way: str) -> np.ndarray:
    """Return the resistances of a plain solve: one factor for all pairs, spsolve a pair, or pyamg a pair."""
    laplacian = plain_laplacian(surface)
    nodes = cells[:, 0] * surface.shape[1] + cells[:, 1]
    matrix = laplacian[1:, 1:]
    answers = np.zeros((SOURCES, SOURCES))
    factor = linalg.splu(matrix.tocsc()) if way == "scipy splu" else None
    hierarchy = None
    if way == "pyamg cg":
        import pyamg

        hierarchy = pyamg.smoothed_aggregation_solver(matrix.tocsr())
    for one, other in combinations(range(SOURCES), 2):
        current = np.zeros(laplacian.shape[0])
        current[nodes[one]], current[nodes[other]] = 1.0, -1.0
        if factor is not None:
            volt = factor.solve(current[1:])
        elif hierarchy is not None:
            volt = hierarchy.solve(current[1:], tol=1e-9, accel="cg", maxiter=500)
        else:
            volt = linalg.spsolve(matrix, current[1:])
        volt = np.concatenate([[0.0], volt])
        answers[one, other] = answers[other, one] = volt[nodes[one]] - volt[nodes[other]]
    return answers


def run_child(way: str, side: int) -> None:
    """Solve once and print what it took."""
    surface, cells = make_surface(side)
    began, busy = time.perf_counter(), time.process_time()
    if way.startswith("ours"):
        answer = solve_ours(surface, cells, {"ours": "auto"}.get(way, way.removeprefix("ours ")))
    else:
        answer = solve_plain(surface, cells, way)
    seconds, worked = time.perf_counter() - began, time.process_time() - busy
    peak_gb = getrusage(RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"wall_s": seconds, "cpu_s": worked, "peak_gb": peak_gb, "ohm": answer.tolist()}))


def run_circuitscape(side: int) -> dict[str, object] | None:
    """Return the seconds of Circuitscape's own pairwise run; None without Julia."""
    julia = shutil.which("julia")
    if julia is None:
        return None
    surface, cells = make_surface(side)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        points = np.full(surface.shape, np.nan)
        points[cells[:, 0], cells[:, 1]] = np.arange(1, SOURCES + 1)
        (folder / "R.asc").write_bytes(render_ascii(Grid(surface, 0, 0, 30.0)))
        (folder / "P.asc").write_bytes(render_ascii(Grid(points, 0, 0, 30.0)))
        (folder / "run.ini").write_text(
            "[Circuitscape mode]\ndata_type = raster\nscenario = pairwise\n"
            f"[Habitat raster or graph]\nhabitat_file = {folder}/R.asc\nhabitat_map_is_resistances = True\n"
            f"[Options for pairwise and one-to-all and all-to-one modes]\npoint_file = {folder}/P.asc\n"
            "[Connection scheme for raster habitat data]\nconnect_four_neighbors_only = False\n"
            "connect_using_avg_resistances = True\n"
            f"[Output options]\noutput_file = {folder}/out.out\n"
        )
        script = (
            'using Circuitscape; p = ARGS[1]; compute(p); t = @elapsed compute(p); println("seconds ", t)'
        )
        done = subprocess.run(
            [julia, "-e", script, str(folder / "run.ini")], capture_output=True, text=True, check=True
        )
    seconds = float(done.stdout.rsplit("seconds ", 1)[1])
    return {"wall_s": seconds, "cpu_s": float("nan"), "peak_gb": float("nan")}


def main() -> None:
    """Run all ways in turn and print a table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    sides = [int(word) for word in sys.argv[2:]] or [300, 600]
    ways = ["ours", "ours direct", "ours multigrid", "scipy splu", "scipy spsolve a pair", "pyamg cg"]
    print("| grid | way | wall s, median | range | processor s | peak GB | largest relative difference |")
    print("|---|---|---|---|---|---|---|")
    for side in sides:
        used = [way for way in ways if side <= LARGEST.get(way, 10_000)]
        runs: dict[str, list[dict[str, object]]] = {way: [] for way in used}
        for _ in range(rounds):
            for way in used:
                done = subprocess.run(
                    [sys.executable, __file__, "--child", way, str(side)],
                    capture_output=True,
                    text=True,
                    check=True,
                )
                runs[way].append(json.loads(done.stdout))
        exact = np.array(runs["ours"][0]["ohm"])
        for way in used:
            print_row(side, way, runs[way], exact)
        theirs = run_circuitscape(side)
        if theirs is None:
            print(f"| {side} × {side} | Circuitscape.jl | not run: no Julia here | | | | |")
        else:
            print(f"| {side} × {side} | Circuitscape.jl | {theirs['wall_s']:.1f} | | | | |")


def print_row(side: int, way: str, runs: list[dict[str, object]], exact: np.ndarray) -> None:
    """Print a row of the table."""
    walls = [float(run["wall_s"]) for run in runs]
    busy, peak = (statistics.median(float(run[key]) for run in runs) for key in ("cpu_s", "peak_gb"))
    off = np.abs(np.array(runs[0]["ohm"]) - exact) / np.where(exact > 0, exact, 1.0)
    print(
        f"| {side} × {side} | {way} | {statistics.median(walls):.1f} | {min(walls):.1f}–{max(walls):.1f} "
        f"| {busy:.1f} | {peak:.2f} | {off.max():.0e} |",
        flush=True,
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        run_child(sys.argv[2], int(sys.argv[3]))
    else:
        main()
