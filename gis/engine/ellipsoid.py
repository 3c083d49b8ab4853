"""Areas and lengths on the ellipsoid of many geometries in degrees whose edges are at most some 100 m."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis import crs
from gis.engine.compiled import kernel
from gis.engine.shapes import HOLE, LINE, SHELL, Shapes, count_shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray

AXIS_M = crs.SEMI_MAJOR_M
E2 = crs.FLATTENING * (2 - crs.FLATTENING)


def measure_shapes(shapes: Shapes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the area, m², and the length of lines and rings, m, of each shape in EPSG:4490; 0 for points.

    Notes
    -----
    Areas are those of the cylindrical equal-area projection of :func:`gis.crs.areas_dense_m2`. On edges of
    100 m ds² = M²dφ² + N²cos²φ dλ² at their middle (Gauss's mid-latitude formula) is good to 1e-9.
    """
    area, length = np.zeros(count_shapes(shapes)), np.zeros(count_shapes(shapes))
    measure_paths(shapes, area, length)
    return area, length


@kernel
def measure_paths(shapes: Shapes, area: NDArray[np.float64], length: NDArray[np.float64]) -> None:
    """Add areas and lengths of the paths to those of their shapes."""
    for shape in range(len(area)):
        for path in range(shapes.shape_start[shape], shapes.shape_start[shape + 1]):
            kind = shapes.path_kind[path]
            if kind < LINE:
                continue
            twice, along = measure_path(shapes, shapes.path_start[path], shapes.path_start[path + 1])
            length[shape] += along
            if kind == SHELL:
                area[shape] += abs(twice) / 2
            elif kind == HOLE:
                area[shape] -= abs(twice) / 2


@kernel
def measure_path(shapes: Shapes, begin: int, end: int) -> tuple[float, float]:
    """Return twice the signed area, m², of a path taken as a ring, and its length, m."""
    radians = np.pi / 180
    sine = np.sin(shapes.y[begin] * radians)
    first_y = project_sine(sine)
    x, y, twice, length = 0.0, 0.0, 0.0, 0.0
    for k in range(begin + 1, end):
        next_sine = np.sin(shapes.y[k] * radians)
        next_x = (shapes.x[k] - shapes.x[begin]) * radians * AXIS_M
        next_y = project_sine(next_sine) - first_y
        twice += x * next_y - next_x * y
        d_lon, d_lat = (shapes.x[k] - shapes.x[k - 1]) * radians, (shapes.y[k] - shapes.y[k - 1]) * radians
        middle = (sine + next_sine) / 2 * (1 + d_lat * d_lat / 8)
        w2 = 1 - E2 * middle * middle
        north = (1 - E2) / w2 * d_lat
        length += AXIS_M * np.sqrt((north * north + (1 - middle * middle) * d_lon * d_lon) / w2)
        sine, x, y = next_sine, next_x, next_y
    return twice, length


@kernel
def project_sine(sine: float) -> float:
    """Return the northing, m, of the equal-area projection for the sine of a latitude.

    Snyder (1987), equation 3-12, artanh(e·sin φ)/e as a series: the first term left out is below 1e-13.
    """
    z2 = E2 * sine * sine
    series = 1 + z2 * (1 / 3 + z2 * (1 / 5 + z2 * (1 / 7 + z2 * (1 / 9 + z2 / 11))))
    return float(AXIS_M / 2 * (1 - E2) * sine * (1 / (1 - z2) + series))
