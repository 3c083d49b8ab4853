"""Grids as shapes: contours as polygons, cells as lines, groups of cells as areas."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.corridors.grid import Grid

STRAIGHT = 0.8
"""Cells within which a path is straightened."""

ROUNDS = 2
"""Times the corners of a path are cut (Chaikin 1974)."""


def draw_contour(grid: Grid, values: NDArray[np.float64], level: float) -> BaseGeometry:
    """Return where values on a grid's cells are at least `level`, polygons in the grid's system.

    Values are taken at the centres of cells and as linear between them; outside they count as 0.
    """
    from skimage.measure import find_contours

    rings = []
    for found in find_contours(np.pad(values, 1), level):  # type: ignore[no-untyped-call]
        x = grid.west + (found[:, 1] - 0.5) * grid.cell
        y = grid.north - (found[:, 0] - 0.5) * grid.cell
        if len(found) > 3:
            rings.append(shapely.make_valid(shapely.Polygon(np.column_stack([x, y])), method="structure"))
    inside: BaseGeometry = shapely.MultiPolygon()
    for ring in rings:  # shapely's own union of differences is known to be wrong
        inside = shapely.symmetric_difference(inside, ring)
    return shapely.MultiPolygon([part for part in shapely.get_parts(inside).tolist() if part.area > 0])


def draw_cells(grid: Grid, chosen: NDArray[np.bool_]) -> BaseGeometry:
    """Return the outline of cells, polygons in the grid's system, their corners rounded by half a cell."""
    from rasterio.features import shapes
    from shapely.geometry import shape

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [
            shape(part) for part, _ in shapes(chosen.astype(np.uint8), mask=chosen, transform=grid.transform)
        ]
    half = grid.cell / 2
    return shapely.buffer(shapely.buffer(shapely.union_all(found), half, quad_segs=4), -half, quad_segs=4)


def draw_path(grid: Grid, cells: NDArray[np.intp]) -> BaseGeometry:
    """Return a path through cells as a line in the grid's system.

    The steps between neighbours, which know only eight directions, are straightened within 0.8 cells and
    their corners cut (Chaikin 1974, An algorithm for high-speed curve generation); the ends stay.
    """
    x, y = grid.centres(cells[:, 0], cells[:, 1])
    if len(x) < 2:
        return shapely.Point(x[0], y[0])
    line = shapely.simplify(shapely.LineString(np.column_stack([x, y])), STRAIGHT * grid.cell)
    points = shapely.get_coordinates(line)
    for _ in range(ROUNDS):
        if len(points) < 3:
            break
        first, second = points[:-1], points[1:]
        cut = np.stack([0.75 * first + 0.25 * second, 0.25 * first + 0.75 * second], axis=1).reshape(-1, 2)
        points = np.concatenate([points[:1], cut[1:-1], points[-1:]])
    return shapely.LineString(points)
