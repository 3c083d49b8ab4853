"""Sites as GeoJSON: RFC 7946 in degrees; other systems with the ``crs`` member of 2008."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.sites.system import System
    from gis.sites.write.outline import Outline

_DIGITS_DEG, _DIGITS_M = 9, 4


def write_geojson(outlines: Sequence[Outline], system: System) -> bytes:
    """Return a FeatureCollection, one feature a line; 9 decimals of a degree or 4 of a metre."""
    digits = _DIGITS_DEG if system.degrees else _DIGITS_M
    lines = []
    for outline in outlines:
        geometry = json.loads(shapely.to_geojson(outline.geometry))
        geometry["coordinates"] = _round(geometry["coordinates"], digits)
        properties = {"name": outline.label, **outline.properties}
        lines.append(
            json.dumps(
                {"type": "Feature", "properties": properties, "geometry": geometry}, ensure_ascii=False
            )
        )
    head: dict[str, Any] = {"type": "FeatureCollection"}
    if not system.geographic:
        code = system.label.removeprefix("EPSG:")
        head["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{code}"}}
    start = json.dumps(head, ensure_ascii=False)[:-1]
    return (f'{start}, "features": [\n' + ",\n".join(lines) + "\n]}\n").encode()


def _round(value: Any, digits: int) -> Any:
    return [_round(item, digits) for item in value] if isinstance(value, list) else round(value, digits)
