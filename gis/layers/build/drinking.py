"""Drinking water sources whose zones are not public: the extent in which they lie, from river and lake.

A source of known length that holds known places cannot reach farther than that length from any of them: this
bounds its stretch of the river. On land it is given the mean width of its published area on each bank.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely
from shapely import ops

from gis.crs import GEOGRAPHIC, PLANE, to_plane, transform
from gis.errors import LayerError
from gis.layers.build.inputs import located, lookup, read_built, read_parameters
from gis.layers.build.writer import Feature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

WHERE = "drinking_water.toml"
ACROSS_M = 3000.0
"""Half the length of the cuts across the river: more than any width of the stretch."""

TOLERANCE_M = 25.0


def join_axis(reaches: Mapping[str, Feature]) -> shapely.LineString:
    """Return the centreline of all reaches as one plane line, downstream.

    Raises
    ------
    LayerError
        If the reaches do not make one line.
    """
    following = {item.id: item.properties.get("downstream_id") for item in reaches.values()}
    heads = [name for name in following if name not in following.values()]
    chain: list[str] = []
    name: str | None = heads[0] if len(heads) == 1 else None
    while name is not None and name not in chain:
        chain.append(name)
        name = following.get(name)
    if len(chain) != len(reaches):
        raise LayerError(
            "河段没有首尾相接成一条干流", "the reaches do not make one main stem", where="river_axis"
        )
    parts = [shapely.get_coordinates(to_plane(located(reaches[name]))) for name in chain]
    return shapely.LineString([*parts[0], *(point for part in parts[1:] for point in part[1:])])


def bound_stretch(
    axis: shapely.LineString, places: Sequence[BaseGeometry], length_m: float, slack_m: float
) -> shapely.LineString:
    """Return the part of `axis` (plane) that a stretch of `length_m` holding all places may reach.

    Parameters
    ----------
    slack_m : float
        How well the places are known, metres.

    Raises
    ------
    LayerError
        If no such stretch can hold all places.
    """
    stations = [axis.project(shapely.Point(place.coords[0])) for place in places]
    first = max(0.0, max(stations) - length_m - slack_m)
    last = min(axis.length, min(stations) + length_m + slack_m)
    stretch = ops.substring(axis, first, last)
    if not isinstance(stretch, shapely.LineString):
        raise LayerError(
            "水源地所含地点相距超过其长度", "the places the source holds are farther apart than it is long"
        )
    return stretch


def build_drinking_water(workspace_dir: Path) -> tuple[Feature, ...]:
    """Return the possible extents of the sources that can be given one, polygons in degrees.

    Raises
    ------
    LayerError
        If a layer or the parameters cannot be read.
    """
    parameters = read_parameters(workspace_dir, "drinking_water")
    return (
        draw_river_source(workspace_dir, lookup(parameters, "qiantang", WHERE)),
        draw_lake_source(workspace_dir, lookup(parameters, "lake", WHERE)),
    )


def draw_river_source(workspace_dir: Path, table: Mapping[str, Any]) -> Feature:
    """Return the possible extent of a source on the river: water and the mean land width on both banks."""
    axes, waters = read_built(workspace_dir, "river_axis"), read_built(workspace_dir, "river_water")
    length_m = float(lookup(table, "length_km", WHERE)) * 1000
    places = [to_plane(shapely.Point(place["at"])) for place in lookup(table, "holds", WHERE)]
    stretch = bound_stretch(join_axis(axes), places, length_m, float(lookup(table, "holds_within_m", WHERE)))
    bank_m = float(lookup(table, "land_km2", WHERE)) * 1e6 / length_m / 2
    across = shapely.buffer(stretch, ACROSS_M, cap_style="flat")
    met = [item for item in waters.values() if shapely.intersects(to_plane(located(item)), stretch)]
    water = shapely.intersection(shapely.union_all([to_plane(located(item)) for item in met]), across)
    area = shapely.intersection(shapely.buffer(water, bank_m), across)
    river_m = max(float(item.properties["accuracy_m"]) for item in met)
    properties = {
        **describe(table),
        "method": str(lookup(table, "method", WHERE)).format(
            length_km=length_m / 1000, stretch_km=stretch.length / 1000, bank_m=bank_m, river_m=river_m
        ),
        "accuracy_m": round(river_m + bank_m, -2),
    }
    outline = shapely.simplify(area, TOLERANCE_M)
    return Feature(properties=properties, geometry=transform(outline, PLANE, GEOGRAPHIC))


def draw_lake_source(workspace_dir: Path, table: Mapping[str, Any]) -> Feature:
    """Return the possible extent of a source in a lake: the lake."""
    lake = read_built(workspace_dir, lookup(table, "layer", WHERE))[lookup(table, "feature", WHERE)]
    properties = {
        **describe(table),
        "accuracy_m": lake.properties["accuracy_m"],
    }
    return Feature(properties=properties, geometry=located(lake))


def describe(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties that come from the parameters: names, source, published figures."""
    placing = {"holds", "holds_within_m", "layer", "feature"}
    own = {name: value for name, value in table.items() if name not in placing}
    return {**own, "confidence": "guess"}
