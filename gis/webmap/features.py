"""Single features of layers and zones: those at a point, those of a name. For layers drawn from tiles."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis import crs
from gis.webmap.data import COORDINATE_DIGITS, feature_properties, is_missing
from gis.webmap.tiles import shares_tiles, zone_rows
from gis.webmap.zones import (
    PREFIX,
    find_rule,
    find_zone,
    name_features,
    part_properties,
    zone_properties,
    zone_shapes,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.model import Layer, Rule
    from gis.workspace import Workspace

METRES_PER_DEGREE = 111_320.0
"""Of latitude: enough for how near a click must be."""

MOST_CORNERS = 4000
"""Outlines of more corners are sent with fewer: they are only marked on the map."""

COARSER = 2.0
REACHES = (1.6, 1.0, 0.5)
"""Of the reach asked for: how near points, lines and areas must be."""


@dataclass(frozen=True, slots=True)
class FeatureFinder:
    """The features of one layer or zone, found by place and by name.

    Parameters
    ----------
    id : str
        Layer id, or ``zone-<rule id>``.
    geometries : array of shapely geometry
        EPSG:4490, degrees; None where a feature is not located.
    properties : sequence of mapping
        As in the GeoJSON of the layer.
    """

    id: str
    geometries: NDArray[np.object_]
    properties: Sequence[dict[str, Any]]
    names: tuple[tuple[str, str], ...] = field(repr=False)
    tree: shapely.STRtree = field(repr=False)

    def at(self, lon_deg: float, lat_deg: float, reach_m: float) -> list[int]:
        """Return the rows within a distance of a point: points, lines, then areas from small to large."""
        stretch = max(0.1, math.cos(math.radians(lat_deg)))
        reach_deg = reach_m / METRES_PER_DEGREE / stretch
        point = shapely.Point(lon_deg, lat_deg)
        rows = self.tree.query(point, predicate="dwithin", distance=reach_deg * max(REACHES))
        shapes = self.geometries[rows]
        dimensions = shapely.get_dimensions(shapes)
        near = shapely.distance(shapes, point) <= reach_deg * np.array(REACHES)[dimensions]
        rows, shapes, dimensions = rows[near], shapes[near], dimensions[near]
        return [int(row) for row in rows[np.lexsort((rows, shapely.area(shapes), dimensions))]]

    def named(self, wanted: str) -> list[tuple[float, int]]:
        """Return the rows whose name holds a text, each with how well: 4 equal, 3 beginning, 2 somewhere."""
        text = wanted.strip().lower()
        found = [(score_name(names, text), row) for row, names in enumerate(self.names)]
        return [(score, row) for score, row in found if score and self.geometries[row] is not None]

    def feature(self, row: int) -> dict[str, Any]:
        """Return one feature as GeoJSON with its layer; its size is measured before corners are left out."""
        shape = self.geometries[row]
        return {
            "type": "Feature",
            "layer": self.id,
            "id": self.properties[row]["id"],
            "properties": self.properties[row],
            "geometry": json.loads(shapely.to_geojson(thin_outline(shape))),
            "area_m2": round(crs.area_lonlat_m2(shape), 1),
            "bbox": [round(float(value), COORDINATE_DIGITS) for value in shape.bounds],
        }


def score_name(names: tuple[str, str], text: str) -> float:
    """Return how well lower-case names fit a text: 4 equal, 3 beginning with it, 2 holding it, 0 not."""
    if not any(text in name for name in names):
        return 0.0
    return 4.0 if text in names else 3.0 if any(name.startswith(text) for name in names) else 2.0


def thin_outline(shape: BaseGeometry) -> BaseGeometry:
    """Return a geometry (degrees) with at most :data:`MOST_CORNERS` corners where that is possible."""
    thin = shapely.transform(shape, lambda xy: xy.round(COORDINATE_DIGITS))
    tolerance_deg = 1e-5
    while shapely.get_num_coordinates(thin) > MOST_CORNERS and tolerance_deg < 1:
        thin = shapely.simplify(shape, tolerance_deg, preserve_topology=True)
        tolerance_deg *= COARSER
    return thin


def find_layer_features(layer: Layer) -> FeatureFinder:
    """Return the features of an opened layer that has data.

    Raises
    ------
    ValueError
        If it has none.
    """
    if layer.frame is None:
        raise ValueError(f"{layer.entry.id} has no data")
    return _make_finder(layer.entry.id, layer.frame.geometry.to_numpy(), feature_properties(layer.frame))


def find_zone_features(workspace: Workspace, rule_id: str, on: date) -> FeatureFinder:
    """Return the parts of the control zone of a rule in force on a day.

    Raises
    ------
    NotFoundError
        As :func:`gis.webmap.zones.find_zone`.
    """
    rule = find_rule(workspace, rule_id, on)
    if shares_tiles(workspace, rule):
        return _find_inside(workspace.layers[rule.layer_id], rule)
    rule, zone = find_zone(workspace, rule_id, on)
    names = name_features(workspace.layers[rule.layer_id])
    drawn = zone_shapes(rule, zone)
    lonlat = [crs.transform(shape, crs.PLANE, crs.GEOGRAPHIC) for _, shape in drawn]
    tables = [part_properties(rule, part, names) for part, _ in drawn]
    return _make_finder(PREFIX + rule.id, np.array(lonlat, dtype=object), tables)


def _find_inside(layer: Layer, rule: Rule) -> FeatureFinder:
    """Return the features of a big layer as the parts of a zone that is these features."""
    names = name_features(layer)
    frame = zone_rows(layer, rule)
    rows = zip(frame["id"].astype(str), frame["kind"], frame["accuracy_m"], strict=True)
    tables = [
        zone_properties(
            rule,
            key,
            names.get(key),
            settled=kind in rule.kinds,
            accuracy_m=layer.entry.accuracy_m if is_missing(accuracy) else float(accuracy),
        )
        for key, kind, accuracy in rows
    ]
    return _make_finder(PREFIX + rule.id, frame.geometry.to_numpy(), tables)


def _make_finder(
    finder_id: str, geometries: NDArray[np.object_], properties: Sequence[dict[str, Any]]
) -> FeatureFinder:
    """Return a finder with its index and its names in lower case."""
    names = tuple(
        (str(table.get("name_zh") or "").lower(), str(table.get("name_en") or "").lower())
        for table in properties
    )
    return FeatureFinder(finder_id, geometries, properties, names, shapely.STRtree(geometries))
