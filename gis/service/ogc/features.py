"""Layers and control zones as tables of features in memory: written once, found by an index."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.model import LayerStatus, Text
from gis.rules import effective_rules
from gis.webmap.data import layer_geojson
from gis.webmap.zones import PREFIX, source_of, zone_geojson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from gis.model import Layer
    from gis.workspace import Workspace

WORLD = (-180.0, -90.0, 180.0, 90.0)
TYPES = {bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """The features of one collection.

    Parameters
    ----------
    id : str
        Layer id, or ``zone-<rule id>``.
    texts : tuple of str
        Each feature as GeoJSON, longitude/latitude degrees.
    properties : tuple of mapping
        Each feature's properties.
    fields : mapping
        Property names with their JSON types, in the order they are first met.
    bounds : tuple of float
        West, south, east, north of all features, degrees; the whole earth where none is located.
    tree : STRtree
        Over the geometries; features without one are in no box.
    """

    id: str
    title: Text
    description: Text
    texts: tuple[str, ...]
    properties: tuple[Mapping[str, Any], ...]
    fields: Mapping[str, Mapping[str, str]]
    bounds: tuple[float, float, float, float]
    tree: shapely.STRtree = field(repr=False)
    rows_by_id: Mapping[str, int] = field(repr=False)

    def find(
        self, box: Sequence[float] = (), equal: Sequence[tuple[str, str]] = ()
    ) -> np.ndarray[Any, np.dtype[np.intp]]:
        """Return the rows whose geometry meets a box and whose properties equal the values, in order.

        Parameters
        ----------
        box : sequence of float
            West, south, east, north degrees, or with heights between, which decide nothing; empty for
            everywhere. The geometry itself decides, not its envelope.
        equal : sequence of (str, str)
            Property names and values as text.
        """
        if len(box):
            west, south, east, north = box if len(box) == 4 else (box[0], box[1], box[3], box[4])
            rows = np.sort(self.tree.query(shapely.box(west, south, east, north), predicate="intersects"))
        else:
            rows = np.arange(len(self.texts))
        for name, value in equal:
            rows = rows[[plain_text(self.properties[row].get(name)) == value for row in rows]]
        return rows


def plain_text(value: Any) -> str | None:
    """Return a property as the text a query names it by."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def make_table(table_id: str, title: Text, description: Text, geojson: str) -> FeatureTable:
    """Return the table of a GeoJSON FeatureCollection whose features have an ``id`` property."""
    features = json.loads(geojson)["features"]
    for feature in features:
        feature["id"] = feature["properties"]["id"]
    shapes = [
        None if feature["geometry"] is None else shapely.from_geojson(json.dumps(feature["geometry"]))
        for feature in features
    ]
    geometries = np.array(shapes, dtype=object)
    shapely.prepare(geometries)
    properties = tuple(feature["properties"] for feature in features)
    return FeatureTable(
        id=table_id,
        title=title,
        description=description,
        texts=tuple(
            json.dumps(feature, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            for feature in features
        ),
        properties=properties,
        fields=list_fields(properties),
        bounds=measure_bounds(geometries),
        tree=shapely.STRtree(geometries),
        rows_by_id={str(feature["id"]): row for row, feature in enumerate(features)},
    )


def list_fields(properties: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return the property names with their JSON types, in the order they are first met."""
    found: dict[str, dict[str, str]] = {}
    for table in properties:
        for name, value in table.items():
            known = found.setdefault(name, {"type": TYPES.get(type(value), "string")})
            if known["type"] == "integer" and isinstance(value, float):
                known["type"] = "number"
    return found


def measure_bounds(geometries: np.ndarray[Any, Any]) -> tuple[float, float, float, float]:
    """Return west, south, east, north of geometries; the whole earth where there is none."""
    west, south, east, north = (round(float(value), 6) for value in shapely.total_bounds(geometries))
    return WORLD if np.isnan(west) else (west, south, east, north)


def is_published(layer: Layer | None) -> bool:
    """Return whether a layer may be given to other programs: it has rows and is not sensitive."""
    if layer is None or layer.status is not LayerStatus.OK or layer.frame is None:
        return False
    return not layer.entry.sensitive and len(layer.frame) > 0


def make_tables(workspace: Workspace, on: date) -> dict[str, FeatureTable]:
    """Return every collection: the layers, then the control zones of the rules in force on a day."""
    tables = [_layer_table(layer) for layer in workspace.layers.values() if is_published(layer)]
    for rule in effective_rules(workspace.rules, on):
        if is_published(workspace.layers.get(rule.layer_id)) and workspace.zones.zone(rule) is not None:
            articles = source_of(rule)
            about = Text(f"{rule.requirement.zh}（{articles}）", f"{rule.requirement.en} ({articles})")
            title = Text(f"管控区：{rule.title.zh}", f"Control zone: {rule.title.en}")
            tables.append(make_table(PREFIX + rule.id, title, about, zone_geojson(workspace, rule.id, on)))
    return {table.id: table for table in tables}


def _layer_table(layer: Layer) -> FeatureTable:
    """Return the table of an opened layer."""
    entry = layer.entry
    accuracy = "?" if entry.accuracy_m is None else f"{entry.accuracy_m:g}"
    about = Text(
        f"来源：{entry.source}；数据日期：{entry.data_date or '未注明'}；精度 {accuracy} m（95 %）；"
        f"许可：{entry.licence}",
        f"Source: {entry.source}; date: {entry.data_date or 'not stated'}; accuracy {accuracy} m (95 %); "
        f"licence: {entry.licence}",
    )
    return make_table(entry.id, entry.title, about, layer_geojson(layer))
