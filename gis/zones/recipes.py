"""Recipes: how a rule makes its control zone from one feature.

A zone is kept as one part a feature; parts are united where a site meets them, so that nothing counts
twice and a layer of any size is never united as a whole. Distances are metres on the ground: a part is
made with the scale of the plane at its feature.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING

import shapely

from gis import crs
from gis.errors import GeometryError
from gis.surfaces import runway_ends
from gis.zones.obstacles import make_obstacle_surface
from gis.zones.rivers import make_along_river

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry.base import BaseGeometry

    from gis.model import Recipe, Rule
    from gis.zones.rivers import RiverNetwork

NOTHING_M = 1e-6
"""A micrometre: a smaller distance is none."""

QUAD_SEGS = 32
"""Segments a quarter circle: a 1 000 m buffer is at most 0.3 m short."""


@dataclass(frozen=True, slots=True)
class ZoneFeature:
    """What a zone part is made from.

    Parameters
    ----------
    feature_id, kind : str
    accuracy_m : float
        Positional accuracy at 95 %.
    geometry : shapely geometry
        In EPSG:4549.
    elevation_m : float
        Of an aerodrome's runway; 0 where it means nothing.
    """

    feature_id: str
    kind: str
    accuracy_m: float
    geometry: BaseGeometry
    elevation_m: float = 0.0


@dataclass(frozen=True, slots=True)
class ZonePart:
    """The piece of a control zone that one feature makes.

    Parameters
    ----------
    geometry : shapely geometry
        In EPSG:4549; of lower dimension than an area where the rule applies to a line or point itself.
    settled : bool
        False where the regulated zone lies somewhere inside with limits that are not public.
    feature : ZoneFeature
    """

    geometry: BaseGeometry
    settled: bool
    feature: ZoneFeature


def make_part(rule: Rule, feature: ZoneFeature, rivers: RiverNetwork | None = None) -> ZonePart | None:
    """Return the part of the rule's zone that `feature` makes; None where the rule does not apply to it.

    Parameters
    ----------
    rivers : RiverNetwork, optional
        Needed by ``along_river`` only.

    Raises
    ------
    GeometryError
        If the recipe cannot be applied to this geometry.
    """
    settled = feature.kind in rule.kinds
    if not settled and feature.kind not in rule.possible_kinds:
        return None
    if feature.geometry.is_empty:
        return None
    if rule.recipe.type == "along_river" and rivers is not None:
        along = make_along_river(feature.geometry, rule.recipe, rivers)
        return ZonePart(geometry=along, settled=settled, feature=feature)
    make = RECIPES.get(rule.recipe.type)
    if make is None:
        raise GeometryError(
            f"规则 {rule.id} 的做法 {rule.recipe.type} 尚不能用于要素 {feature.feature_id}",
            f"rule {rule.id}: the recipe {rule.recipe.type} cannot be applied to {feature.feature_id}",
            where=f"{rule.id} × {feature.feature_id}",
            code="zones.recipe",
        )
    return ZonePart(geometry=make(feature.geometry, rule.recipe), settled=settled, feature=feature)


def plane_distance(geometry: BaseGeometry, distance_m: float) -> float:
    """Return `distance_m` on the ground as plane metres at the middle of `geometry`."""
    min_x, _, max_x, _ = geometry.bounds
    return distance_m * crs.scale_factor((min_x + max_x) / 2)


def make_inside(geometry: BaseGeometry, recipe: Recipe) -> BaseGeometry:
    """Return the feature itself."""
    del recipe
    return geometry


def make_buffer(geometry: BaseGeometry, recipe: Recipe) -> BaseGeometry:
    """Return the feature grown by ``distance_m`` from its edge, centreline or shore; it contains it."""
    return grow(geometry, recipe.parameters["distance_m"])


def grow(geometry: BaseGeometry, distance_m: float) -> BaseGeometry:
    """Return `geometry` grown by metres on the ground; by nothing, itself: a line stays a line."""
    if distance_m <= NOTHING_M:
        return geometry
    return geometry.buffer(plane_distance(geometry, distance_m), quad_segs=QUAD_SEGS)


def make_ring(geometry: BaseGeometry, recipe: Recipe) -> BaseGeometry:
    """Return the ring between ``inner_m`` and ``outer_m`` from the feature."""
    inner, outer = (grow(geometry, recipe.parameters[name]) for name in ("inner_m", "outer_m"))
    return shapely.difference(outer, inner)


def make_airport_rectangle(geometry: BaseGeometry, recipe: Recipe) -> BaseGeometry:
    """Return the rectangle ``side_m`` to each side of a runway and ``end_m`` beyond its ends.

    Raises
    ------
    GeometryError
        If the runway is not a line of two ends.
    """
    (x_0, y_0), (x_1, y_1) = runway_ends(geometry)
    along = plane_distance(geometry, recipe.parameters["end_m"])
    side = plane_distance(geometry, recipe.parameters["side_m"])
    length = hypot(x_1 - x_0, y_1 - y_0)
    step_x, step_y = (x_1 - x_0) / length * along, (y_1 - y_0) / length * along
    axis = shapely.LineString([(x_0 - step_x, y_0 - step_y), (x_1 + step_x, y_1 + step_y)])
    return axis.buffer(side, cap_style="flat")


RECIPES: dict[str, Callable[[BaseGeometry, Recipe], BaseGeometry]] = {
    "inside": make_inside,
    "outside": make_inside,
    "buffer": make_buffer,
    "ring": make_ring,
    "airport_rectangle": make_airport_rectangle,
    "obstacle_surface": make_obstacle_surface,
}
"""Recipe type → maker. ``outside`` keeps the feature: its complement is taken where a site is measured."""
