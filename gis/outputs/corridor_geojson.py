"""What corridor studies draw, as GeoJSON in degrees."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.crs import GEOGRAPHIC, PLANE, transform, transformer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

DIGITS = 7
"""Decimals of degrees: 1 cm."""


def make_feature(shape: BaseGeometry | None, properties: dict[str, Any]) -> dict[str, Any]:
    """Return one GeoJSON feature of a shape in degrees, to 1 cm; its geometry is null without one."""
    if shape is None or shape.is_empty:
        geometry = None
    else:
        rounded = shapely.transform(shapely.orient_polygons(shape), lambda xy: xy.round(DIGITS))
        geometry = json.loads(shapely.to_geojson(rounded))
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def render_features(features: Sequence[dict[str, Any]]) -> str:
    """Return features as an RFC 7946 FeatureCollection on one line."""
    collection = {"type": "FeatureCollection", "features": list(features)}
    return json.dumps(collection, ensure_ascii=False, allow_nan=False) + "\n"


def place_shape(shape: BaseGeometry, system: str | None) -> BaseGeometry:
    """Return a shape of a grid in degrees; a grid that names no system is taken to lie in EPSG:4549."""
    return transform(shape, system or PLANE, GEOGRAPHIC)


def draw_lines(ends: NDArray[np.float64]) -> NDArray[np.object_]:
    """Return straight lines in degrees from the x and y of both their ends in EPSG:4549, shape (n, 4)."""
    lon, lat = transformer(PLANE, GEOGRAPHIC).transform(ends[:, [0, 2]].ravel(), ends[:, [1, 3]].ravel())
    return np.asarray(shapely.linestrings(np.column_stack((lon, lat)).reshape(-1, 2, 2)))
