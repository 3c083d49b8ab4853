"""Obstacle limitation surfaces of a runway: how high may one build where.

Height is counted above the aerodrome. Surfaces: the plane pieces of :mod:`gis.surfaces`, and round the runway
the inner horizontal and the conical surface. The figures stand in the rule, not here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.surfaces import make_facets, place_runway

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from gis.model import Recipe

QUAD_SEGS = 32


def make_obstacle_surface(geometry: BaseGeometry, recipe: Recipe) -> BaseGeometry:
    """Return the footprint of all surfaces of a runway in EPSG:4549; raises :class:`GeometryError`."""
    runway = place_runway(geometry)
    axis = shapely.LineString([(-runway.half_length_m, 0.0), (runway.half_length_m, 0.0)])
    disc = axis.buffer(recipe.parameters["outer_m"], quad_segs=QUAD_SEGS)
    outlines = [facet.outline for facet in make_facets(runway, recipe.parameters)]
    return runway.to_plane(shapely.union_all([disc, *outlines]))


def allowed_height_m(runway_plane: BaseGeometry, site_plane: BaseGeometry, recipe: Recipe) -> float | None:
    """Return the lowest height the surfaces allow over a site, metres above the aerodrome; None outside.

    Parameters
    ----------
    runway_plane, site_plane : shapely geometry
        In EPSG:4549.
    recipe : Recipe
        ``radius_m`` and ``height_m`` of the inner horizontal surface, ``slope`` of the conical surface,
        ``outer_m`` its edge; tables ``approach``, ``take_off_climb``, ``transitional`` where it has them.

    Notes
    -----
    A plane is lowest at a corner of the piece of the site under it; the inner horizontal and conical
    surfaces rise outward, so the point nearest to the runway decides.
    """
    values = recipe.parameters
    runway = place_runway(runway_plane)
    site = runway.to_local(site_plane)
    heights: list[float] = []
    axis = shapely.LineString([(-runway.half_length_m, 0.0), (runway.half_length_m, 0.0)])
    distance = float(shapely.distance(axis, site))
    if distance <= values["outer_m"]:
        heights.append(values["height_m"] + values["slope"] * max(0.0, distance - values["radius_m"]))
    for facet in make_facets(runway, values):
        corners = shapely.get_coordinates(shapely.intersection(site, facet.outline))
        if len(corners):
            heights.append(float(np.min(facet.height(corners[:, 0], corners[:, 1]))))
    return max(0.0, min(heights)) if heights else None
