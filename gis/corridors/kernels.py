"""The two loops of the multigrid solver, compiled by numba: rows of a sparse matrix on all cores.

Matrices come as the three arrays of a compressed sparse row matrix, vectors as (rows, right-hand sides).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba
import numpy as np

from gis.kernels.compiling import prepare_numba

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Function = TypeVar("Function", bound="Callable[..., object]")

CHUNKS = 8
"""Parts of the rows relaxed side by side; fixed, so that the result does not depend on the machine."""


def compile_kernel(function: Function, *, parallel: bool = False, nogil: bool = False) -> Function:
    """Return a compiled function, kept on disk where there is a place for it."""
    return cast("Function", numba.njit(parallel=parallel, nogil=nogil, cache=prepare_numba())(function))


def _combine(
    indptr: NDArray[Any],
    indices: NDArray[Any],
    data: NDArray[Any],
    factor: float | np.float32,
    x: NDArray[Any],
    base: NDArray[Any],
    out: NDArray[Any],
) -> None:
    """Put base + factor · A x into `out`, which may be `base`."""
    for row in numba.prange(out.shape[0]):
        for column in range(out.shape[1]):
            out[row, column] = base[row, column]
        for entry in range(indptr[row], indptr[row + 1]):
            value, other = data[entry] * factor, indices[entry]
            for column in range(out.shape[1]):
                out[row, column] += value * x[other, column]


def _relax_rows(
    indptr: NDArray[Any],
    indices: NDArray[Any],
    data: NDArray[Any],
    x: NDArray[Any],
    b: NDArray[Any],
    first: int,
    step: int,
    count: int,
) -> None:
    """Do a Gauss-Seidel sweep of A x = b in place over `count` rows from `first` on."""
    rest = np.empty(x.shape[1], dtype=x.dtype)
    row = first
    for _ in range(count):
        rest[:] = b[row]
        diagonal = data[indptr[row]]
        for entry in range(indptr[row], indptr[row + 1]):
            value, other = data[entry], indices[entry]
            if other == row:
                diagonal = value
            for column in range(x.shape[1]):
                rest[column] -= value * x[other, column]
        inverse = 1 / diagonal
        for column in range(x.shape[1]):
            x[row, column] += rest[column] * inverse
        row += step


_rows = compile_kernel(_relax_rows, parallel=False)


def _relax(
    indptr: NDArray[Any],
    indices: NDArray[Any],
    data: NDArray[Any],
    x: NDArray[Any],
    b: NDArray[Any],
    step: int,
) -> None:
    """Do one Gauss-Seidel sweep of A x = b in place, forward or backward, chunk by chunk side by side.

    `step` is 1 for forward and -1 for backward.
    """
    size = (x.shape[0] + CHUNKS - 1) // CHUNKS
    for chunk in numba.prange(CHUNKS):
        first, last = min(x.shape[0], chunk * size), min(x.shape[0], (chunk + 1) * size)
        _rows(indptr, indices, data, x, b, first if step > 0 else last - 1, step, last - first)


combine = compile_kernel(_combine, parallel=True)
relax = compile_kernel(_relax, parallel=True)
