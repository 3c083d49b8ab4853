"""One site × one control zone → one :class:`Finding`: relation, measures, distance and certainty together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from gis import crs
from gis.certainty import combine_accuracy, grow, judge, shrink
from gis.model import Certainty, Finding, Range, Relation, Rule, Site
from gis.overlay import clip, nearest_points, overlap, relate, subtract, unite, window_round
from gis.zones import ZonePart, allowed_height_m, plane_distance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from gis.workspace import ControlZone

MARGIN_M = 5.0
"""Room round a site, beyond the accuracies, so that cutting a zone to a window changes nothing inside it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A site as it is measured against every zone: once measured, then only read.

    Parameters
    ----------
    site : Site
    area_m2, length_m : float
        On the ellipsoid; 0 where the kind has none. The length of a polygon is that of its boundary.
    accuracy_m : float
        Of the site, at 95 %.
    height_m : float or None
        Height of the project above the ground, from its attribute ``height_m``.
    """

    site: Site
    area_m2: float
    length_m: float
    accuracy_m: float
    height_m: float | None


@dataclass(frozen=True, slots=True)
class _Local:
    """The zone near one site: as drawn, shrunk and grown, all cut to a window round the site."""

    drawn: BaseGeometry
    shrunk: BaseGeometry
    grown: BaseGeometry
    epsilon_m: float


def measure_site(site: Site, *, accuracy_m: float) -> Measured:
    """Return a site with its area and length on the ellipsoid."""
    plane = site.geometry_plane
    polygon = site.kind == "polygon"
    return Measured(
        site=site,
        area_m2=crs.area_m2(plane) if polygon else 0.0,
        length_m=crs.length_m(shapely.boundary(plane) if polygon else plane),
        accuracy_m=accuracy_m,
        height_m=read_height(site.properties.get("height_m")),
    )


def read_height(value: object) -> float | None:
    """Return a height attribute in metres; None where it is absent or not a number."""
    try:
        return float(str(value))
    except ValueError:
        return None


def find(measured: Measured, zone: ControlZone, *, near_m: float, pending: bool) -> Finding | None:
    """Return the finding of a site against one control zone; None where they neither meet nor come near.

    Parameters
    ----------
    measured : Measured
    zone : ControlZone
    near_m : float
        How far near misses are listed, metres on the ground.
    pending : bool
        Whether the rule comes into force after the date of the check.
    """
    plane = measured.site.geometry_plane
    if zone.rule.recipe.type == "outside":
        return find_outside(measured, zone, pending=pending)
    widest = max(combine_accuracy(measured.accuracy_m, part.feature.accuracy_m) for part in zone.parts)
    reach = plane_distance(plane, max(near_m, widest)) * 1.001
    parts = zone.near(plane, reach)
    if not parts:
        return None
    local = cut_local(measured, parts)
    return describe(measured, zone.rule, parts, local, near_m=near_m, pending=pending)


def cut_local(measured: Measured, parts: Sequence[ZonePart]) -> _Local:
    """Return the united zone near a site as drawn, shrunk and grown.

    Parts are cut to a window wider than the accuracies: inside it the result is that of the whole zone.
    """
    plane = measured.site.geometry_plane
    epsilons = [combine_accuracy(measured.accuracy_m, part.feature.accuracy_m) for part in parts]
    distances = [plane_distance(plane, epsilon) for epsilon in epsilons]
    window = window_round(plane, max(distances) * 1.01 + MARGIN_M)
    clips = [clip(part.geometry, window) for part in parts]
    kept = [
        (cut, distance, part)
        for cut, distance, part in zip(clips, distances, parts, strict=True)
        if not cut.is_empty
    ]
    settled = [(cut, distance) for cut, distance, part in kept if part.settled]
    return _Local(
        drawn=unite([cut for cut, _, _ in kept]),
        shrunk=shrink([cut for cut, _ in settled], [distance for _, distance in settled]),
        grown=grow([cut for cut, _, _ in kept], [distance for _, distance, _ in kept]),
        epsilon_m=max(epsilons),
    )


def describe(
    measured: Measured,
    rule: Rule,
    parts: Sequence[ZonePart],
    local: _Local,
    *,
    near_m: float,
    pending: bool,
) -> Finding | None:
    """Return the finding for a site and the parts of a zone within reach of it."""
    plane = measured.site.geometry_plane
    met = [part for part in parts if shapely.distance(plane, part.geometry) == 0]
    involved = met or [min(parts, key=lambda part: float(shapely.distance(plane, part.geometry)))]
    start, end = nearest_points(plane, involved[0].geometry)
    distance, bearing = (0.0, None) if met else crs.distance_bearing(start, end)
    certainty = judge(plane, shrunk=local.shrunk, grown=local.grown)
    if certainty is Certainty.NONE and distance > near_m:
        return None
    drawn = local.drawn if met else shapely.MultiPolygon()
    relation = relate(plane, drawn, site_accuracy_m=measured.accuracy_m) if met else _gap_relation(distance)
    height = lowest_height(measured, rule, involved)
    if height is not None and relation is not Relation.NEAR:
        if measured.height_m is None:
            certainty = Certainty.POSSIBLE
        elif measured.height_m <= height:
            return None
    possible = [part for part in parts if not met and _is_within(plane, part, measured)]
    return _finding(
        measured,
        rule,
        feature_ids=tuple(part.feature.feature_id for part in (met or possible or involved)),
        relation=relation,
        certainty=certainty,
        local=local,
        drawn=drawn,
        distance_m=distance,
        bearing_deg=bearing,
        accuracy_m=local.epsilon_m,
        height_limit_m=height,
        pending=pending,
    )


def _is_within(plane: BaseGeometry, part: ZonePart, measured: Measured) -> bool:
    """Return whether a part lies within its ε of the site."""
    epsilon = combine_accuracy(measured.accuracy_m, part.feature.accuracy_m)
    return bool(shapely.distance(plane, part.geometry) <= plane_distance(plane, epsilon))


def _gap_relation(distance_m: float) -> Relation:
    """Return the relation across a gap: below a millimetre it is touching."""
    return Relation.TOUCH if distance_m <= 0.001 else Relation.NEAR


def lowest_height(measured: Measured, rule: Rule, parts: Sequence[ZonePart]) -> float | None:
    """Return the lowest height the obstacle surfaces allow over a site, metres above the aerodrome."""
    if rule.recipe.type != "obstacle_surface":
        return None
    plane = measured.site.geometry_plane
    heights = [allowed_height_m(part.feature.geometry, plane, rule.recipe) for part in parts]
    known = [height for height in heights if height is not None]
    return min(known) if known else None


def find_outside(measured: Measured, zone: ControlZone, *, pending: bool) -> Finding | None:
    """Return the finding of a rule that forbids what lies *outside* its features; None where all is inside.

    The zone is everything but the features, as far as the layer covers: shrinking it is growing them, and the
    other way round.
    """
    plane = measured.site.geometry_plane
    if zone.coverage is None or shapely.disjoint(plane, zone.coverage):
        return None
    nearest = zone.nearest(plane)
    widest = max(combine_accuracy(measured.accuracy_m, part.feature.accuracy_m) for part in zone.parts)
    margin = plane_distance(plane, widest) * 1.01 + MARGIN_M
    window = clip(zone.coverage, window_round(plane, margin))
    parts = zone.near(plane, margin * 2)
    clips = [clip(part.geometry, window_round(plane, margin * 2)) for part in parts]
    distances = [
        plane_distance(plane, combine_accuracy(measured.accuracy_m, part.feature.accuracy_m))
        for part in parts
    ]
    inside = unite(clips) if clips else shapely.MultiPolygon()
    grown_inside = grow(clips, distances) if clips else shapely.MultiPolygon()
    shrunk_inside = shrink(clips, distances) if clips else shapely.MultiPolygon()
    local = _Local(
        drawn=subtract(window, inside),
        shrunk=subtract(window, grown_inside),
        grown=subtract(window, shrunk_inside),
        epsilon_m=widest,
    )
    certainty = judge(plane, shrunk=local.shrunk, grown=local.grown)
    if certainty is Certainty.NONE:
        return None
    relation = relate(plane, local.drawn, site_accuracy_m=measured.accuracy_m)
    start, end = nearest_points(plane, local.drawn)
    gap, bearing = crs.distance_bearing(start, end) if relation is Relation.NEAR else (0.0, None)
    return _finding(
        measured,
        zone.rule,
        feature_ids=tuple(part.feature.feature_id for part in parts) or (nearest.feature.feature_id,),
        relation=relation,
        certainty=certainty,
        local=local,
        drawn=local.drawn,
        distance_m=gap,
        bearing_deg=bearing,
        accuracy_m=widest,
        height_limit_m=None,
        pending=pending,
    )


def _finding(  # noqa: PLR0913 - a finding has that many independent parts
    measured: Measured,
    rule: Rule,
    *,
    feature_ids: tuple[str, ...],
    relation: Relation,
    certainty: Certainty,
    local: _Local,
    drawn: BaseGeometry,
    distance_m: float,
    bearing_deg: float | None,
    accuracy_m: float,
    height_limit_m: float | None,
    pending: bool,
) -> Finding:
    """Put a finding together: its measures as drawn and within the accuracies."""
    plane = measured.site.geometry_plane
    meets = relation not in {Relation.NEAR, Relation.TOUCH}
    common = overlap(plane, drawn) if meets else None
    if relation is Relation.INSIDE:
        common = plane
    area = _range(measured, common, local, kind="polygon")
    length = _range(measured, common, local, kind="line")
    whole = measured.area_m2 if measured.site.kind == "polygon" else measured.length_m
    part = area or length
    return Finding(
        finding_id=f"{measured.site.site_id}:{rule.id}",
        rule_id=rule.id,
        layer_id=rule.layer_id,
        feature_ids=feature_ids,
        title=rule.title,
        level=rule.level,
        relation=relation,
        certainty=certainty,
        overlap_area_m2=area,
        share_of_site=_share(part, whole),
        overlap_length_m=length,
        distance_m=distance_m,
        bearing_deg=bearing_deg,
        accuracy_m=accuracy_m,
        height_limit_m=height_limit_m,
        pending=pending,
        requirement=rule.requirement,
        provisions=rule.provisions,
        verified=rule.verified,
        attention_m=rule.attention_m,
        geometry=None if common is None or common.is_empty else crs.to_lonlat(common),
    )


def _range(measured: Measured, common: BaseGeometry | None, local: _Local, *, kind: str) -> Range | None:
    """Return the overlap as drawn, shrunk and grown, m² or m; None for another kind of site."""
    if measured.site.kind != kind:
        return None
    plane = measured.site.geometry_plane
    whole = measured.area_m2 if kind == "polygon" else measured.length_m
    measure = crs.area_m2 if kind == "polygon" else crs.length_m

    def amount(zone: BaseGeometry) -> float:
        if zone.is_empty:
            return 0.0
        return whole if shapely.covers(zone, plane) else min(measure(overlap(plane, zone)), whole)

    as_drawn = 0.0 if common is None else whole if common is plane else min(measure(common), whole)
    return Range(
        as_drawn=as_drawn,
        min=min(amount(local.shrunk), as_drawn),
        max=max(amount(local.grown), as_drawn),
    )


def _share(part: Range | None, whole: float) -> Range | None:
    """Return a range as shares of the whole site, 0–1; None where there is nothing to share."""
    if part is None or whole <= 0:
        return None
    return Range(
        as_drawn=min(part.as_drawn / whole, 1.0),
        min=min(part.min / whole, 1.0),
        max=min(part.max / whole, 1.0),
    )
