"""What the pages and the service say about layers, features and rules, as plain tables and GeoJSON."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import shapely

from gis.model import LayerStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from gis.model import Layer, Provision, Rule, Text

COORDINATE_DIGITS = 6
"""0.1 m on the ground: what the layer files themselves carry."""


def text_as_dict(text: Text | None) -> dict[str, str] | None:
    """Return a wording as a table."""
    return None if text is None else {"zh": text.zh, "en": text.en}


def layer_as_dict(layer: Layer) -> dict[str, Any]:
    """Return what the catalogue and the opened file say about a layer."""
    entry = layer.entry
    return {
        "id": entry.id,
        "title": text_as_dict(entry.title),
        "theme": entry.theme,
        "status": layer.status.value,
        "geometry_type": entry.geometry_type,
        "rows": 0 if layer.frame is None else len(layer.frame),
        "provenance": entry.provenance,
        "accuracy_m": entry.accuracy_m,
        "data_date": entry.data_date,
        "source": entry.source,
        "licence": entry.licence,
        "attribution": entry.attribution,
        "required": entry.required,
        "sensitive": entry.sensitive,
        "assessed": entry.assessed,
        "sha256": layer.sha256,
        "note": text_as_dict(entry.note),
        "problem": text_as_dict(layer.problem),
        "bounds": layer_bounds(layer),
    }


def layer_bounds(layer: Layer) -> list[float] | None:
    """Return [west, south, east, north] degrees of a layer's features; None where it has none."""
    if layer.status is not LayerStatus.OK or layer.frame is None or not len(layer.frame):
        return None
    bounds = [round(float(value), COORDINATE_DIGITS) for value in layer.frame.total_bounds]
    return bounds if all(math.isfinite(value) for value in bounds) else None


def layer_geojson(layer: Layer) -> str:
    """Return the features of an opened layer as RFC 7946 GeoJSON, one feature a line, 6 decimals.

    A layer without data is an empty collection; a property without value is left out.
    """
    if layer.frame is None:
        return '{"type":"FeatureCollection","features":[]}\n'
    frame = layer.frame
    tables = feature_properties(frame)
    lines = [
        _feature(table, geometry) for table, geometry in zip(tables, frame.geometry.to_numpy(), strict=True)
    ]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def feature_properties(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return the properties of a layer's features as JSON takes them; one without value is left out."""
    names = [name for name in frame.columns if name != frame.geometry.name]
    tables = frame[names].to_dict("records")
    return [{key: _plain(value) for key, value in table.items() if not is_missing(value)} for table in tables]


def _feature(properties: Mapping[str, Any], geometry: Any) -> str:
    """Return one feature as a line of GeoJSON."""
    shape = "null"
    if geometry is not None:
        rounded = shapely.transform(geometry, lambda xy: xy.round(COORDINATE_DIGITS))
        shape = str(shapely.to_geojson(rounded))
    identifier = json.dumps(str(properties["id"]), ensure_ascii=False)
    text = json.dumps(properties, ensure_ascii=False, allow_nan=False)
    return f'{{"type":"Feature","id":{identifier},"properties":{text},"geometry":{shape}}}'


def is_missing(value: Any) -> bool:
    """Return whether a cell of a table has no value: None or not a number."""
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def _plain(value: Any) -> Any:
    """Return a cell as JSON takes it: numpy numbers as Python's, whole floats as integers."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, (str, int, float, bool, list, dict)) else str(value)


def rule_as_dict(rule: Rule) -> dict[str, Any]:
    """Return a control rule as a table."""
    return {
        "id": rule.id,
        "title": text_as_dict(rule.title),
        "level": rule.level.value,
        "layer_id": rule.layer_id,
        "kinds": list(rule.kinds),
        "possible_kinds": list(rule.possible_kinds),
        "recipe": {"type": rule.recipe.type, **rule.recipe.parameters},
        "requirement": text_as_dict(rule.requirement),
        "provisions": [provision_as_dict(provision) for provision in rule.provisions],
        "verified": rule.verified,
        "attention_m": rule.attention_m,
        "near_m": rule.near_m,
        "note": text_as_dict(rule.note),
    }


def provision_as_dict(provision: Provision) -> dict[str, Any]:
    """Return an article of law as a table; dates as ISO 8601."""
    start, end = provision.in_force_from, provision.in_force_until
    return {
        "instrument": provision.instrument,
        "article": provision.article,
        "version": provision.version,
        "in_force_from": None if start is None else start.isoformat(),
        "in_force_until": None if end is None else end.isoformat(),
        "source": provision.source,
        "verified": provision.verified,
    }
