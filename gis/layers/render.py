"""A table of features → GeoJSON, many at a time: for layers of a hundred thousand features.

The text is that of :mod:`gis.layers.build.writer` (one feature a line, six decimals, RFC 7946 rings, property
order fixed), made from arrays instead of one feature after the other.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.layers.build.writer import DECIMALS, PROPERTY_ORDER, order_properties

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

CHUNK = 5000
"""Features rendered at a time: some megabytes of text."""


def round_geometries(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return geometries (degrees) on the grid of six decimals with rings in RFC 7946 order; valid stay valid.

    A geometry that rounding alone would break (a strip narrower than 0.1 m) is snapped to the grid instead
    and may lose such parts; one of which nothing is left becomes empty.
    """
    rounded = np.asarray(shapely.transform(geometries, lambda xy: xy.round(DECIMALS)), dtype=object)
    broken = np.flatnonzero(~shapely.is_valid(rounded) & ~shapely.is_missing(rounded))
    if len(broken):
        snapped = shapely.set_precision(geometries[broken], 10.0**-DECIMALS)
        rounded[broken] = shapely.transform(snapped, lambda xy: xy.round(DECIMALS))
    return np.asarray(shapely.orient_polygons(rounded), dtype=object)


def render_frame(layer_id: str, frame: gpd.GeoDataFrame) -> Iterator[bytes]:
    """Yield the GeoJSON text of a layer in pieces, UTF-8.

    Parameters
    ----------
    frame : GeoDataFrame
        Features in degrees (EPSG:4490) as :func:`round_geometries` leaves them, sorted by ``id``; every other
        column is a property. Values are JSON values; None and NaN are written as null for the common
        properties and left out for others.
    """
    columns = [name for name in frame.columns if name != frame.geometry.name]
    yield f'{{"type":"FeatureCollection","name":{json.dumps(layer_id)},"features":[\n'.encode()
    for start in range(0, len(frame), CHUNK):
        part = frame.iloc[start : start + CHUNK]
        shapes = shapely.to_geojson(part.geometry.to_numpy())
        rows = zip(*(part[name].tolist() for name in columns), strict=True)
        lines = [
            f'{{"type":"Feature","properties":{render_properties(dict(zip(columns, row, strict=True)))},'
            f'"geometry":{shape or "null"}}}'
            for row, shape in zip(rows, shapes, strict=True)
        ]
        lead = ",\n" if start else ""
        yield (lead + ",\n".join(lines)).encode("utf-8")
    yield b"\n]}\n"


def render_properties(properties: dict[str, Any]) -> str:
    """Return properties as JSON in file order, without the further ones that have no value."""
    known = {
        name: value
        for name, value in properties.items()
        if value is not None and not (isinstance(value, float) and np.isnan(value))
    }
    return json.dumps(order_properties(known), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


__all__ = ["PROPERTY_ORDER", "render_frame", "render_properties", "round_geometries"]
