"""Large circuits: conjugate gradients with a multigrid preconditioner, many currents at once.

The hierarchy is pyamg's smoothed aggregation (Vaněk, Mandel and Brezina 1996, Computing 56: 179-196) of the
Laplacian in single precision; each conjugate gradient step in double precision applies one W-cycle of it with
a forward and a backward Gauss-Seidel sweep. All right-hand sides share every pass over the matrices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from gis.corridors.kernels import combine, relax
from gis.errors import CorridorError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.corridors.grid import Report

TOLERANCE = 1e-9
"""A solution is good when its residual is this share of the current sent in. Resistances are then right to
far better than 1e-6: their error is that of the potentials squared."""

MAX_STEPS = 500
ONE = np.float32(1)
COARSEST = 500
"""The coarsest level has no more nodes; it is inverted."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """A matrix of the hierarchy and the way to the next coarser one, in single precision."""

    matrix: sparse.csr_matrix
    restrict: sparse.csr_matrix
    prolong: sparse.csr_matrix


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """Levels from fine to coarse, and the inverse of the coarsest matrix."""

    levels: tuple[Level, ...]
    inverse: NDArray[np.float32]


def build_hierarchy(laplacian: sparse.csr_array) -> Hierarchy:
    """Return the hierarchy of a symmetric positive definite Laplacian."""
    import pyamg

    made = pyamg.smoothed_aggregation_solver(
        sparse.csr_matrix(laplacian, dtype=np.float32),
        strength=("symmetric", {"theta": 0.0}),
        smooth=("jacobi", {"omega": 4 / 3, "weighting": "local"}),
        improve_candidates=None,
        max_coarse=COARSEST,
        presmoother=None,
        postsmoother=None,
        keep=False,
    ).levels
    levels = tuple(Level(one.A.tocsr(), one.R.tocsr(), one.P.tocsr()) for one in made[:-1])
    coarsest = np.linalg.pinv(made[-1].A.toarray().astype(np.float64), hermitian=True)
    return Hierarchy(levels, coarsest.astype(np.float32))


def solve_many(
    conductances: sparse.csr_array,
    sums: NDArray[np.float64],
    hierarchy: Hierarchy,
    currents: NDArray[np.float64],
    report: Report,
) -> NDArray[np.float64]:
    """Return the potentials that send currents through a circuit.

    Parameters
    ----------
    conductances : sparse array, (nodes, nodes)
        Siemens, without diagonal.
    sums : float array, (nodes,)
        Diagonal of the Laplacian.
    hierarchy : Hierarchy
        Of the same Laplacian.
    currents : float array, (nodes, right-hand sides)
        Ampere that enter at each node.
    report : callable
        Told the share that is done.

    Raises
    ------
    CorridorError
        If the solution does not converge.
    """
    potentials = np.zeros_like(currents)
    rest = currents.copy()
    limit = TOLERANCE * np.linalg.norm(currents, axis=0)
    better = _apply(hierarchy, rest)
    way = better.copy()
    energy = _dot(rest, better)
    spread = np.empty_like(way)
    for _ in range(MAX_STEPS):
        _product(conductances, sums, way, spread)
        slope = _dot(way, spread)
        step = np.divide(energy, slope, out=np.zeros_like(slope), where=slope > 0)
        potentials += step * way
        rest -= step * spread
        left = np.linalg.norm(rest, axis=0)
        if (left <= limit).all():
            return potentials
        report(_share(float((left / limit).max())))
        better = _apply(hierarchy, rest)
        after = _dot(rest, better)
        way *= np.divide(after, energy, out=np.zeros_like(after), where=energy > 0)
        way += better
        energy = after
    raise CorridorError(
        f"多重网格法 {MAX_STEPS} 步内未收敛",
        f"the multigrid solver did not converge in {MAX_STEPS} steps",
        hint_zh="阻力相差过大？请用 --solver direct，或缩小最大与最小阻力之比",
        hint_en="do the resistances differ too much? use --solver direct, or narrow their range",
        code="corridors.convergence",
    )


def _share(left: float) -> float:
    """Return how far a residual of `left` times the limit is on its way from 1/tolerance to 1."""
    return min(1.0, max(0.0, 1 + math.log(max(left, 1.0)) / math.log(TOLERANCE)))


def _product(
    conductances: sparse.csr_array,
    sums: NDArray[np.float64],
    x: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Put the Laplacian times `x` into `out`."""
    np.multiply(sums[:, np.newaxis], x, out=out)
    combine(conductances.indptr, conductances.indices, conductances.data, -1.0, x, out, out)


def _dot(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the scalar products of the columns."""
    return np.asarray(np.einsum("ij,ij->j", one, other))


def _apply(hierarchy: Hierarchy, rest: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return one W-cycle's answer to residuals."""
    size = np.abs(rest).max(axis=0)
    scale = np.where(size > 0, size, 1.0)
    return _cycle(hierarchy, 0, (rest / scale).astype(np.float32)).astype(np.float64) * scale


def _cycle(hierarchy: Hierarchy, depth: int, b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the approximate solution of a level: relax, correct twice from below, relax back."""
    if depth == len(hierarchy.levels):
        return hierarchy.inverse @ b
    level = hierarchy.levels[depth]
    x = np.zeros_like(b)
    relax(*_parts(level.matrix), x, b, 1)
    rest = _subtract(level.matrix, x, b)
    coarse = np.zeros((level.restrict.shape[0], b.shape[1]), dtype=np.float32)
    combine(*_parts(level.restrict), ONE, rest, coarse, coarse)
    below = _cycle(hierarchy, depth + 1, coarse)
    if depth + 1 < len(hierarchy.levels):
        rest = _subtract(hierarchy.levels[depth + 1].matrix, below, coarse)
        below += _cycle(hierarchy, depth + 1, rest)
    combine(*_parts(level.prolong), ONE, below, x, x)
    relax(*_parts(level.matrix), x, b, -1)
    return x


def _subtract(
    matrix: sparse.csr_matrix, x: NDArray[np.float32], b: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return b - A x."""
    rest = np.empty_like(b)
    combine(*_parts(matrix), -ONE, x, b, rest)
    return rest


def _parts(matrix: sparse.csr_matrix) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    """Return the three arrays of a matrix."""
    return matrix.indptr, matrix.indices, matrix.data
