"""Compile the loops of networks and of the multigrid solver once: ``gis warm``."""

from __future__ import annotations

import numpy as np


def warm_kernels() -> None:
    """Take each patch out of a network of three and solve a small circuit by multigrid."""
    from gis.corridors.circuit import build_circuit
    from gis.corridors.grid import ignore
    from gis.corridors.removal import list_neighbours, remove_each
    from gis.corridors.solver import solve_potentials

    graph = list_neighbours(3, np.array([0, 1]), np.array([1, 2]), np.ones(2))
    remove_each(graph, np.ones(3), np.arange(3), False, np.zeros(3), np.zeros(3), np.zeros(2))  # noqa: FBT003
    circuit = build_circuit(np.ones((32, 32)))
    part = np.arange(circuit.count)
    solve_potentials(circuit, part, [0, circuit.count - 1], solver="multigrid", report=ignore)
