"""Flat arrays → shapely geometries: points, lines and polygons, one a shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.engine.shapes import LINE, POINT, SHELL, Shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray


def make_geometries(shapes: Shapes) -> NDArray[np.object_]:
    """Return shapes as geometries, each one point, one line, or one shell with its holes."""
    owner = np.repeat(np.arange(len(shapes.shape_start) - 1), np.diff(shapes.shape_start))
    kind = shapes.path_kind
    made = np.full(len(shapes.shape_start) - 1, None, dtype=object)
    first = shapes.path_start[:-1][kind == POINT]
    made[owner[kind == POINT]] = shapely.points(shapes.x[first], shapes.y[first])
    if (kind == LINE).any():
        vertices, number = _collect(shapes, kind == LINE)
        made[owner[kind == LINE]] = shapely.linestrings(vertices, indices=number)
    if (kind >= SHELL).any():
        vertices, number = _collect(shapes, kind >= SHELL)
        rings = np.asarray(shapely.linearrings(vertices, indices=number), dtype=object)
        first = np.flatnonzero(kind[kind >= SHELL] == SHELL)
        number = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(rings))))
        made[owner[kind == SHELL]] = shapely.polygons(rings, indices=number)
    return made


def _collect(shapes: Shapes, chosen: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the vertices of some paths, and the place among these of the one each belongs to."""
    sizes = np.diff(shapes.path_start)
    kept = np.repeat(chosen, sizes)
    number = np.repeat(np.arange(int(chosen.sum())), sizes[chosen])
    return np.column_stack((shapes.x[kept], shapes.y[kept])), number
