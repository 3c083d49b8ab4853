"""Airport clearance: how far the clearance area may reach, and the footprints of the obstacle surfaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from gis.crs import GEOGRAPHIC, PLANE, scale_factor, to_plane, transform
from gis.errors import LayerError
from gis.layers.build.airports import read_choice
from gis.layers.build.inputs import located, lookup, read_built, read_parameters
from gis.layers.build.writer import Feature
from gis.rules import read_rules
from gis.surfaces import make_facets, place_runway

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from gis.surfaces import Runway

WHERE = "airport_clearance.toml"
QUAD_SEGS = 32


@dataclass(frozen=True, slots=True)
class Airport:
    """An airport by ICAO code, names and the feature that places its reference point."""

    code: str
    name_zh: str
    name_en: str
    place: Feature


def build_airport_clearance(workspace_dir: Path) -> tuple[Feature, ...]:
    """Return the outer limits of the clearance areas and the obstacle surfaces, polygons in degrees.

    Raises
    ------
    LayerError
        If airports, runways, rule or parameters cannot be read.
    """
    parameters = read_parameters(workspace_dir, "airport_clearance")
    limits = [draw_limit(airport, parameters) for airport in find_airports(workspace_dir, parameters)]
    table = lookup(parameters, "surfaces", WHERE)
    figures = read_figures(workspace_dir, str(lookup(table, "rule", WHERE)))
    hubs = read_built(workspace_dir, "transport_hubs")
    surfaces = [
        surface
        for runway_id in lookup(table, "runways", WHERE)
        for surface in draw_surfaces(hubs[runway_id], figures, table)
    ]
    return (*limits, *surfaces)


def find_airports(workspace_dir: Path, parameters: Mapping[str, Any]) -> list[Airport]:
    """Return the hub and the neighbours whose clearance area may reach Hangzhou.

    Raises
    ------
    LayerError
        If a layer or parameter cannot be read.
    """
    hub = lookup(parameters, "hub", WHERE)
    place = read_built(workspace_dir, hub["layer"])[hub["feature"]]
    neighbours = read_built(workspace_dir, "airports")
    return [
        Airport(code=hub["icao"], name_zh=hub["name_zh"], name_en=hub["name_en"], place=place),
        *(
            Airport(
                code=table["icao"],
                name_zh=table["name_zh"],
                name_en=table["name_en"],
                place=neighbours[table["icao"]],
            )
            for table in read_choice(workspace_dir)
            if table.get("clearance")
        ),
    ]


def read_figures(workspace_dir: Path, rule_id: str) -> Mapping[str, Any]:
    """Return the figures of the obstacle surfaces from the rule that uses them.

    Raises
    ------
    LayerError
        If there is no such rule.
    """
    rules = read_rules(workspace_dir / "layers" / "rules.toml").rules
    found = [rule.recipe.parameters for rule in rules if rule.id == rule_id]
    if not found:
        raise LayerError(f"没有规则 {rule_id}", f"there is no rule {rule_id}", where=f"{WHERE}: rule")
    return found[0]


def draw_limit(airport: Airport, parameters: Mapping[str, Any]) -> Feature:
    """Return the circle within which the clearance area of an airport lies."""
    centre = to_plane(located(airport.place))
    radius = float(lookup(parameters, "outer_m", WHERE)) * scale_factor(float(shapely.get_x(centre)))
    circle = transform(shapely.buffer(centre, radius, quad_segs=QUAD_SEGS), PLANE, GEOGRAPHIC)
    source = airport.place.properties["source"]
    properties = {
        "id": f"{airport.code.lower()}_55km",
        "name_zh": f"{airport.name_zh}净空保护区域外限（55 km）",
        "name_en": f"{airport.name_en}, outer limit of the clearance area (55 km)",
        "kind": "airport_clearance_unpublished",
        "status": lookup(parameters, "outer_status", WHERE),
        "source": str(lookup(parameters, "outer_source", WHERE)).format(source=source),
        "method": lookup(parameters, "outer_method", WHERE),
        "accuracy_m": airport.place.properties["accuracy_m"],
        "confidence": "guess",
        "icao": airport.code,
    }
    inside = shapely.intersection(circle, shapely.box(*lookup(parameters, "study_box", WHERE)))
    return Feature(properties=properties, geometry=inside)


def draw_surfaces(
    runway: Feature, figures: Mapping[str, Any], parameters: Mapping[str, Any]
) -> list[Feature]:
    """Return the footprint of each obstacle surface of a runway."""
    frame = place_runway(to_plane(located(runway)))
    designators = "/".join(runway.properties["designators"])
    suffix = runway.id.removeprefix("hgh_runway_")
    features: list[Feature] = []
    for surface, table in lookup(parameters, "kind", WHERE).items():
        footprint = transform(frame.to_plane(outline_surface(frame, figures, surface)), PLANE, GEOGRAPHIC)
        properties = {
            "id": f"hgh_{suffix}_{surface}",
            "name_zh": f"萧山机场 {designators} 跑道{table['name_zh']}",
            "name_en": f"Xiaoshan airport, runway {designators}: {table['name_en']}",
            "kind": table["kind"],
            "status": lookup(parameters, "status", WHERE),
            "source": lookup(parameters, "source", WHERE),
            "method": str(lookup(parameters, "method", WHERE)).format(rule=lookup(parameters, "rule", WHERE)),
            "accuracy_m": runway.properties["accuracy_m"],
            "confidence": "sourced",
            "height_formula_zh": table["formula_zh"].format_map(figures),
            "height_formula_en": table["formula_en"].format_map(figures),
            "height_from": "aerodrome",
            "elevation_m": runway.properties["elevation_m"],
        }
        features.append(Feature(properties=properties, geometry=footprint))
    return features


def outline_surface(runway: Runway, figures: Mapping[str, Any], surface: str) -> BaseGeometry:
    """Return the footprint of one surface in runway coordinates, metres on the ground."""
    axis = shapely.LineString([(-runway.half_length_m, 0.0), (runway.half_length_m, 0.0)])
    radius_m, outer_m = float(figures["radius_m"]), float(figures["outer_m"])
    inner = axis.buffer(radius_m, quad_segs=QUAD_SEGS)
    if surface == "inner_horizontal":
        return inner
    if surface == "conical":
        return axis.buffer(outer_m, quad_segs=QUAD_SEGS).difference(inner)
    pieces = [facet.outline for facet in make_facets(runway, figures) if facet.surface == surface]
    return shapely.union_all(pieces)
