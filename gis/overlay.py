"""How a site lies to a zone: relation, overlap, nearest approach. Pure geometry in the working plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from gis.model import Relation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

TOUCH_M = 0.001
"""Closer than this is touching: below it lies the curvature of a 100 m edge between coordinate systems."""

SNAP_M = 1e-6
"""Precision grid of a second try when an overlay fails on nearly coincident edges."""


def window_round(site: BaseGeometry, margin_m: float) -> BaseGeometry:
    """Return the box round a site, `margin_m` wider on every side."""
    min_x, min_y, max_x, max_y = site.bounds
    return shapely.box(min_x - margin_m, min_y - margin_m, max_x + margin_m, max_y + margin_m)


def clip(geometry: BaseGeometry, window: BaseGeometry) -> BaseGeometry:
    """Return the part of `geometry` inside a box; exact, also where GEOS's fast clipper gives up."""
    if shapely.covers(window, geometry):
        return geometry
    return intersect(geometry, window)


def intersect(first: BaseGeometry, second: BaseGeometry) -> BaseGeometry:
    """Return the intersection, on a 1 µm grid where the floating one fails."""
    try:
        return shapely.intersection(first, second)
    except shapely.errors.GEOSException:
        return shapely.intersection(first, second, grid_size=SNAP_M)


def subtract(first: BaseGeometry, second: BaseGeometry) -> BaseGeometry:
    """Return `first` without `second`, on a 1 µm grid where the floating difference fails."""
    try:
        return shapely.difference(first, second)
    except shapely.errors.GEOSException:
        return shapely.difference(first, second, grid_size=SNAP_M)


def unite(parts: Sequence[BaseGeometry]) -> BaseGeometry:
    """Return the union of the parts; independent of their order."""
    ordered = sorted(parts, key=lambda part: (part.bounds, part.wkb))
    try:
        return shapely.union_all(ordered)
    except shapely.errors.GEOSException:
        return shapely.union_all(ordered, grid_size=SNAP_M)


def keep_dimension(geometry: BaseGeometry, dimension: int) -> BaseGeometry:
    """Return the parts of `geometry` of one dimension (0 points, 1 lines, 2 areas) as a multi-geometry."""
    makers = (shapely.MultiPoint, shapely.MultiLineString, shapely.MultiPolygon)
    flat: list[Any] = []
    pending = [geometry]
    while pending:
        part = pending.pop()
        if part.geom_type == "GeometryCollection" or part.geom_type.startswith("Multi"):
            pending.extend(reversed(shapely.get_parts(part).tolist()))
        elif not part.is_empty and shapely.get_dimensions(part) == dimension:
            flat.append(part)
    united: BaseGeometry = flat[0] if len(flat) == 1 else makers[dimension](flat)
    return united


def overlap(site: BaseGeometry, zone: BaseGeometry) -> BaseGeometry:
    """Return what of the site lies in the zone, in the site's own dimension."""
    if shapely.covers(zone, site):
        return site
    dimension = min(int(shapely.get_dimensions(site)), int(shapely.get_dimensions(zone)))
    return keep_dimension(intersect(site, zone), dimension)


def relate(
    site: BaseGeometry, zone: BaseGeometry, *, site_accuracy_m: float, common: BaseGeometry | None = None
) -> Relation:
    """Return the relation of a site to a zone as drawn.

    Parameters
    ----------
    site, zone : shapely geometry
        In EPSG:4549.
    site_accuracy_m : float
        An overlap below max(1 m², its perimeter × accuracy / 2) that is not the whole site is a sliver.
    common : shapely geometry, optional
        Their :func:`overlap`, where it is known.
    """
    gap = float(shapely.distance(site, zone))
    if gap > 0:
        return Relation.TOUCH if gap <= TOUCH_M else Relation.NEAR
    if shapely.covers(zone, site):
        return Relation.INSIDE
    if shapely.get_dimensions(zone) < 2:
        return Relation.CROSS
    common = overlap(site, zone) if common is None else common
    if shapely.get_dimensions(site) == 2:
        return _relate_area(site, common, site_accuracy_m=site_accuracy_m)
    return _relate_line(site, common)


def _relate_line(site: BaseGeometry, common: BaseGeometry) -> Relation:
    """Return the relation of a line (or multi-point) site that lies partly in the zone."""
    if shapely.get_dimensions(site) == 0:
        return Relation.CROSS
    if shapely.length(common) <= TOUCH_M:
        return Relation.TOUCH
    whole = shapely.length(site) - shapely.length(common) <= TOUCH_M
    return Relation.INSIDE if whole else Relation.CROSS


def _relate_area(site: BaseGeometry, common: BaseGeometry, *, site_accuracy_m: float) -> Relation:
    """Return the relation of a polygon site from its overlap with the zone."""
    area, perimeter = shapely.area(common), shapely.length(common)
    if area <= perimeter * TOUCH_M / 2:
        return Relation.TOUCH
    left_over = subtract(site, common)
    if shapely.area(left_over) <= shapely.length(left_over) * TOUCH_M / 2:
        return Relation.INSIDE
    if area < max(1.0, perimeter * site_accuracy_m / 2):
        return Relation.SLIVER
    return Relation.OVERLAP


def nearest_points(site: BaseGeometry, zone: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry]:
    """Return the point of the site and the point of the zone that come closest."""
    line = shapely.shortest_line(site, zone)
    return shapely.get_point(line, 0), shapely.get_point(line, 1)
