"""Areas and lengths on the ellipsoid for all sites of a batch at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gis import crs
from gis.engine.ellipsoid import measure_shapes
from gis.engine.shapes import densify
from gis.engine.wkb import read_geometries

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gis.engine.shapes import Shapes


class Sizes(NamedTuple):
    """Areas (m²) and lengths (m) of many geometries; the length of a polygon is that of its boundary."""

    area_m2: NDArray[np.float64]
    length_m: NDArray[np.float64]


def measure_sizes(planes: NDArray[np.object_]) -> Sizes:
    """Return the sizes of geometries in EPSG:4549, as :func:`gis.vicinity.measure_site` gives them."""
    return measure_outlines(read_geometries(planes))


def measure_outlines(outlines: Shapes) -> Sizes:
    """Return the sizes of shapes in EPSG:4549."""
    shapes = densify(outlines, crs.MAX_EDGE_M)
    lon, lat = crs.transformer(crs.PLANE, crs.GEOGRAPHIC).transform(shapes.x, shapes.y)
    return Sizes(*measure_shapes(shapes._replace(x=lon, y=lat)))
