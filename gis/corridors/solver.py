"""Potentials of a circuit: factorised where it is small, multigrid where it is large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.corridors.circuit import Circuit
    from gis.corridors.grid import Report

Solver = Literal["auto", "direct", "multigrid"]

DIRECT_NODES = 500_000
"""Up to so many nodes ``auto`` factorises: 600 × 600 takes about 2.5 s and 0.8 GB, and both grow faster than
the nodes."""

TOGETHER = 40_000_000
"""Currents are solved for together as long as nodes times currents stay below this: 2 GB of work space."""


def solve_potentials(
    circuit: Circuit,
    part: NDArray[np.intp],
    nodes: Sequence[int],
    *,
    solver: Solver = "auto",
    report: Report,
) -> list[NDArray[np.float64]]:
    """Return the potentials when one ampere enters at each of `nodes` and leaves at the first of them.

    Parameters
    ----------
    circuit : Circuit
    part : int array
        The nodes of one connected part, ascending.
    nodes : sequence of int
        In that part.
    solver : {"auto", "direct", "multigrid"}
        ``auto`` factorises up to `DIRECT_NODES`.
    report : callable
        Told the share that is done.

    Returns
    -------
    list of float array, (nodes of the circuit,)
        Volt, 0 at the first node and outside the part.

    Raises
    ------
    CorridorError
        If the multigrid solver does not converge.
    """
    ground = nodes[0]
    entries = sorted(set(nodes) - {ground})
    answers = {ground: np.zeros(circuit.count)}
    whole = len(part) == circuit.count
    inside = circuit.conductances if whole else sparse.csr_array(circuit.conductances[part][:, part])
    place = {node: int(np.searchsorted(part, node)) for node in nodes}
    use_factor = solver == "direct" or (solver == "auto" and len(part) <= DIRECT_NODES)
    solve = _solve_factorised if use_factor else _solve_multigrid
    found = solve(inside, place[ground], [place[node] for node in entries], report) if entries else []
    for node, potential in zip(entries, found, strict=True):
        answers[node] = np.zeros(circuit.count)
        answers[node][part] = potential
    return [answers[node] for node in nodes]


def _solve_factorised(
    conductances: sparse.csr_array, ground: int, entries: Sequence[int], report: Report
) -> list[NDArray[np.float64]]:
    """Return the potentials by one factorisation of the Laplacian without the grounded node."""
    sums = np.asarray(conductances.sum(axis=1))
    free = np.delete(np.arange(len(sums)), ground)
    laplacian = sparse.csr_array(sparse.diags_array(sums) - conductances)
    matrix = sparse.csc_array(laplacian[free][:, free])
    factor = linalg.splu(
        matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
    )
    answers = []
    for index, node in enumerate(entries, start=1):
        entering = np.zeros(len(free))
        entering[node - (node > ground)] = 1.0
        answer = np.zeros(len(sums))
        answer[free] = factor.solve(entering)
        answers.append(answer)
        report(index / len(entries))
    return answers


def _solve_multigrid(
    conductances: sparse.csr_array, ground: int, entries: Sequence[int], report: Report
) -> list[NDArray[np.float64]]:
    """Return the potentials by multigrid, as many at once as fit.

    An earth of the ground's own conductance makes the Laplacian definite. As much current leaves as enters,
    so that none flows to earth and the answer is the same.
    """
    from gis.corridors.multigrid import build_hierarchy, solve_many

    sums = np.asarray(conductances.sum(axis=1))
    sums[ground] *= 2
    laplacian = sparse.diags_array(sums.astype(np.float32)) - conductances.astype(np.float32)
    hierarchy = build_hierarchy(sparse.csr_array(laplacian))
    del laplacian
    answers: list[NDArray[np.float64]] = []
    batch = max(1, TOGETHER // len(sums))
    for start in range(0, len(entries), batch):
        some = entries[start : start + batch]
        currents = np.zeros((len(sums), len(some)))
        currents[some, np.arange(len(some))] = 1.0
        currents[ground] = -1.0

        def report_batch(share: float, start: int = start, count: int = len(some)) -> None:
            report((start + share * count) / len(entries))

        found = solve_many(conductances, sums, hierarchy, currents, report_batch)
        answers.extend(np.ascontiguousarray(column - column[ground]) for column in found.T)
    report(1.0)
    return answers
