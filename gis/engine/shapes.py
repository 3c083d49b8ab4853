"""Many geometries as flat arrays: rings turned, long edges divided."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gis.engine.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINT, LINE, SHELL, HOLE = 0, 1, 2, 3
"""Kinds of a path."""


class Shapes(NamedTuple):
    """Geometries of any type; shape i owns paths ``shape_start[i]:shape_start[i+1]``, and so on down.

    Parameters
    ----------
    x, y : float64, shape (vertices,)
        East and north, in degrees or metres as the caller says.
    path_start : int64, shape (paths + 1,)
        First vertex of each path; a ring repeats its first vertex at its end.
    path_kind : uint8, shape (paths,)
        ``POINT``, ``LINE``, ``SHELL``, ``HOLE``; :func:`orient_rings` turns shells left, holes right.
    shape_start : int64, shape (shapes + 1,)
        First path of each shape; a missing or empty geometry owns none.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    path_start: NDArray[np.int64]
    path_kind: NDArray[np.uint8]
    shape_start: NDArray[np.int64]


def count_shapes(shapes: Shapes) -> int:
    """Return the number of shapes."""
    return len(shapes.shape_start) - 1


def empty_shapes() -> Shapes:
    """Return no shapes."""
    start = np.zeros(1, np.int64)
    return Shapes(np.empty(0), np.empty(0), start, np.empty(0, np.uint8), start.copy())


@kernel
def measure_ring(shapes: Shapes, start: int, end: int) -> float:
    """Return the signed area of a ring, counter-clockwise positive."""
    x, y = shapes.x, shapes.y
    total = 0.0
    for k in range(start + 1, end):
        total += (x[k - 1] - x[start]) * (y[k] - y[start]) - (x[k] - x[start]) * (y[k - 1] - y[start])
    return total / 2


@kernel
def orient_rings(shapes: Shapes) -> None:
    """Turn shells counter-clockwise and holes clockwise, in place."""
    for path in range(len(shapes.path_kind)):
        kind = shapes.path_kind[path]
        if kind < SHELL:
            continue
        start, end = shapes.path_start[path], shapes.path_start[path + 1]
        if (measure_ring(shapes, start, end) < 0) == (kind == SHELL):
            for k in range((end - start) // 2):
                near, far = start + k, end - 1 - k
                shapes.x[near], shapes.x[far] = shapes.x[far], shapes.x[near]
                shapes.y[near], shapes.y[far] = shapes.y[far], shapes.y[near]


@kernel
def count_steps(shapes: Shapes, k: int, longest: float) -> int:
    """Return into how many the edge that ends at vertex k is divided, as GEOS counts them."""
    dx, dy = shapes.x[k] - shapes.x[k - 1], shapes.y[k] - shapes.y[k - 1]
    square = dx * dx + dy * dy
    return int(np.ceil(np.sqrt(square) / longest)) if square > 0.99 * longest * longest else 1


@kernel
def count_dense(shapes: Shapes, longest: float) -> int:
    """Return the vertices there would be with no edge longer than `longest`."""
    total = len(shapes.x)
    for path in range(len(shapes.path_kind)):
        for k in range(shapes.path_start[path] + 1, shapes.path_start[path + 1]):
            total += count_steps(shapes, k, longest) - 1
    return total


@kernel
def fill_dense(shapes: Shapes, longest: float, dense: Shapes) -> None:
    """Copy the paths with their long edges divided evenly, to the last digit as GEOS divides them."""
    vertex = 0
    for path in range(len(shapes.path_kind)):
        for k in range(shapes.path_start[path], shapes.path_start[path + 1]):
            steps = 1 if k == shapes.path_start[path] else count_steps(shapes, k, longest)
            if steps > 1:
                x, y = shapes.x[k - 1], shapes.y[k - 1]
                dx, dy = shapes.x[k] - x, shapes.y[k] - y
                length = np.sqrt(dx * dx + dy * dy)
                step = length / steps
                for part in range(1, steps):
                    share = part * step / length
                    dense.x[vertex] = x + share * dx
                    dense.y[vertex] = y + share * dy
                    vertex += 1
            dense.x[vertex], dense.y[vertex] = shapes.x[k], shapes.y[k]
            vertex += 1
        dense.path_start[path + 1] = vertex


def densify(shapes: Shapes, longest: float) -> Shapes:
    """Return the shapes with no edge longer than `longest`, in the units of their coordinates."""
    number = int(count_dense(shapes, longest))
    if number == len(shapes.x):
        return shapes
    dense = Shapes(
        np.empty(number),
        np.empty(number),
        np.zeros_like(shapes.path_start),
        shapes.path_kind,
        shapes.shape_start,
    )
    fill_dense(shapes, longest, dense)
    return dense


def slice_shapes(shapes: Shapes, begin: int, end: int) -> Shapes:
    """Return the shapes from `begin` up to `end`, numbered from 0."""
    first, last = shapes.shape_start[begin], shapes.shape_start[end]
    low, high = shapes.path_start[first], shapes.path_start[last]
    return Shapes(
        shapes.x[low:high],
        shapes.y[low:high],
        shapes.path_start[first : last + 1] - low,
        shapes.path_kind[first:last],
        shapes.shape_start[begin : end + 1] - first,
    )


def take_shapes(shapes: Shapes, rows: NDArray[np.intp]) -> Shapes:
    """Return some shapes in the order of `rows`."""
    paths, shape_start = _spread(shapes.shape_start, rows)
    vertices, path_start = _spread(shapes.path_start, paths)
    return Shapes(shapes.x[vertices], shapes.y[vertices], path_start, shapes.path_kind[paths], shape_start)


def _spread(start: NDArray[np.int64], rows: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the members of `rows`, which own ``start[row]:start[row + 1]``, and where each begins."""
    sizes = start[rows + 1] - start[rows]
    own = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return np.arange(own[-1]) + np.repeat(start[rows] - own[:-1], sizes), own


def join_shapes(parts: list[Shapes]) -> Shapes:
    """Return several runs of shapes as one, in their order."""
    vertices = np.cumsum([0, *(len(part.x) for part in parts)])
    paths = np.cumsum([0, *(len(part.path_kind) for part in parts)])
    starts = [part.path_start[1:] + low for part, low in zip(parts, vertices[:-1], strict=True)]
    owners = [part.shape_start[1:] + low for part, low in zip(parts, paths[:-1], strict=True)]
    return Shapes(
        np.concatenate([part.x for part in parts]),
        np.concatenate([part.y for part in parts]),
        np.concatenate([np.zeros(1, np.int64), *starts]),
        np.concatenate([part.path_kind for part in parts]),
        np.concatenate([np.zeros(1, np.int64), *owners]),
    )


def replace_shapes(shapes: Shapes, rows: NDArray[np.int64], others: Shapes) -> Shapes:
    """Return the shapes with those of `rows`, which ascend, replaced by `others` in turn."""
    parts, begin = [], 0
    for place, row in enumerate(rows.tolist()):
        parts += [slice_shapes(shapes, begin, row), slice_shapes(others, place, place + 1)]
        begin = row + 1
    return join_shapes([*parts, slice_shapes(shapes, begin, count_shapes(shapes))])
