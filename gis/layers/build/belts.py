"""Shelterbelts along the river: a strip of stated width on both banks, made from ``river_water``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from gis.crs import GEOGRAPHIC, PLANE, scale_factor, to_plane, transform
from gis.layers.build.coast import read_seas, split_seas
from gis.layers.build.inputs import located, lookup, read_built, read_parameters
from gis.layers.build.writer import Feature

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

QUAD_SEGS = 8
SMALLEST_M2 = 10_000.0
"""Splinters below 1 ha, from where two reaches meet, are dropped."""


def build_shelterbelts(workspace_dir: Path) -> tuple[Feature, ...]:
    """Return the belt of each river reach, polygons in degrees.

    Raises
    ------
    LayerError
        If river, lakes, seas or parameters cannot be read.
    """
    parameters = read_parameters(workspace_dir, "shelterbelts")
    reaches = read_built(workspace_dir, "river_water")
    lakes = read_built(workspace_dir, "lakes")
    _, sea = split_seas(read_seas(workspace_dir))
    waters = [
        *(located(feature) for feature in reaches.values()),
        *(located(item) for item in lakes.values()),
    ]
    wet = shapely.union_all([*(to_plane(water) for water in waters), to_plane(clip_to(sea, reaches))])
    return tuple(draw_belt_of(feature, wet, parameters) for feature in reaches.values())


def clip_to(sea: BaseGeometry, reaches: Mapping[str, Feature]) -> BaseGeometry:
    """Return the sea near the river, degrees: no more of it is needed."""
    west, south, east, north = shapely.total_bounds(
        [located(feature) for feature in reaches.values()]
    ).tolist()
    near: BaseGeometry = shapely.clip_by_rect(sea, west - 0.1, south - 0.1, east + 0.1, north + 0.1)
    return near


def draw_belt_of(reach: Feature, wet: BaseGeometry, parameters: Mapping[str, object]) -> Feature:
    """Return the belt on the banks of one reach: its water grown by the width, without any water."""
    where = "shelterbelts.toml"
    width_m = float(lookup(parameters, "width_m", where))
    water = to_plane(located(reach))
    x = float(shapely.get_x(shapely.centroid(water)))
    grown = shapely.buffer(water, width_m * scale_factor(x), quad_segs=QUAD_SEGS)
    banks = shapely.difference(shapely.simplify(grown, float(lookup(parameters, "simplify_m", where))), wet)
    kept = [part for part in shapely.get_parts(banks).tolist() if part.area > SMALLEST_M2]
    name_zh, name_en = str(reach.properties["name_zh"]), str(reach.properties["name_en"])
    properties = {
        "id": f"{reach.id}_belt",
        "name_zh": f"{name_zh}沿江防护林带",
        "name_en": f"Shelterbelt of the {name_en}",
        "kind": "shelterbelt_river",
        "status": lookup(parameters, "status", where),
        "source": f"layer river_water ({reach.properties['source']})",
        "method": str(lookup(parameters, "method", where)).format(width_m=width_m),
        "accuracy_m": reach.properties["accuracy_m"],
        "confidence": "guess",
        "text_order": lookup(parameters, "text_order", where),
        "reach": reach.id,
        "width_m": width_m,
        "width_source": lookup(parameters, "width_source", where),
    }
    return Feature(properties=properties, geometry=transform(shapely.MultiPolygon(kept), PLANE, GEOGRAPHIC))
