"""Flat arrays → shapely geometries: points, lines and polygons, one a shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.engine.shapes import LINE, POINT, SHELL, Shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray


def make_geometries(shapes: Shapes, rows: NDArray[np.intp]) -> NDArray[np.object_]:
    """Return the geometries of `rows`, each one point, one line, or one shell with its holes.

    Parameters
    ----------
    shapes : Shapes
    rows : array of int
        Ascending.
    """
    wanted = np.zeros(len(shapes.shape_start) - 1, dtype=bool)
    wanted[rows] = True
    owner = np.repeat(np.arange(len(wanted)), np.diff(shapes.shape_start))
    paths = np.flatnonzero(wanted[owner])
    kind, place = shapes.path_kind[paths], np.searchsorted(rows, owner[paths])
    made = np.full(len(rows), None, dtype=object)
    points = paths[kind == POINT]
    first = shapes.path_start[points]
    made[place[kind == POINT]] = shapely.points(shapes.x[first], shapes.y[first])
    lines = paths[kind == LINE]
    if len(lines):
        vertices, number = _collect(shapes, lines)
        made[place[kind == LINE]] = shapely.linestrings(vertices, indices=number)
    is_ring = kind >= SHELL
    if is_ring.any():
        vertices, number = _collect(shapes, paths[is_ring])
        rings = np.asarray(shapely.linearrings(vertices, indices=number), dtype=object)
        first = np.flatnonzero(kind[is_ring] == SHELL)
        number = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(rings))))
        made[place[is_ring][first]] = shapely.polygons(rings, indices=number)
    return made


def _collect(shapes: Shapes, paths: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the vertices of some paths, which ascend, and the place of the path each belongs to."""
    chosen = np.zeros(len(shapes.path_kind), dtype=bool)
    chosen[paths] = True
    sizes = np.diff(shapes.path_start)
    kept = np.repeat(chosen, sizes)
    return np.column_stack((shapes.x[kept], shapes.y[kept])), np.repeat(np.arange(len(paths)), sizes[paths])
