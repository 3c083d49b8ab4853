"""Flat arrays → shapely geometries of points, lines or polygons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.engine.shapes import LINE, POINT, SHELL, Shapes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def make_geometries(shapes: Shapes) -> NDArray[np.object_]:
    """Return shapes as geometries, each of points, of lines or of shells with their holes after them.

    Several make a multi-part geometry.
    """
    owner = np.repeat(np.arange(len(shapes.shape_start) - 1), np.diff(shapes.shape_start))
    kind = shapes.path_kind
    made = np.full(len(shapes.shape_start) - 1, None, dtype=object)
    first = shapes.path_start[:-1][kind == POINT]
    points = np.asarray(shapely.points(shapes.x[first], shapes.y[first]), dtype=object)
    _join(made, owner[kind == POINT], points, shapely.multipoints)
    if (kind == LINE).any():
        vertices, number = _collect(shapes, kind == LINE)
        lines = np.asarray(shapely.linestrings(vertices, indices=number), dtype=object)
        _join(made, owner[kind == LINE], lines, shapely.multilinestrings)
    if (kind >= SHELL).any():
        vertices, number = _collect(shapes, kind >= SHELL)
        rings = np.asarray(shapely.linearrings(vertices, indices=number), dtype=object)
        first = np.flatnonzero(kind[kind >= SHELL] == SHELL)
        number = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(rings))))
        polygons = np.asarray(shapely.polygons(rings, indices=number), dtype=object)
        _join(made, owner[kind == SHELL], polygons, shapely.multipolygons)
    return made


def _join(
    made: NDArray[np.object_],
    owner: NDArray[np.intp],
    parts: NDArray[np.object_],
    collect: Callable[..., Any],
) -> None:
    """Write parts to the place of their owners, those of one together."""
    several = np.bincount(owner, minlength=len(made))[owner] > 1
    made[owner[~several]] = parts[~several]
    if several.any():
        owners, number = np.unique(owner[several], return_inverse=True)
        made[owners] = collect(parts[several], indices=number)


def _collect(shapes: Shapes, chosen: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the vertices of some paths, and the place among these of the one each belongs to."""
    sizes = np.diff(shapes.path_start)
    kept = np.repeat(chosen, sizes)
    number = np.repeat(np.arange(int(chosen.sum())), sizes[chosen])
    return np.column_stack((shapes.x[kept], shapes.y[kept])), number
