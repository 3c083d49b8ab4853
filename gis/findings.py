"""One site × one control zone → one :class:`Finding`: relation, measures, distance and certainty together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis import crs
from gis.certainty import SEAM_M, combine_accuracy, grow, judge, shrink
from gis.model import Certainty, Finding, Range, Relation, Rule, Site
from gis.overlay import clip, nearest_points, overlap, relate, subtract, unite, window_round
from gis.zones import ZonePart, allowed_height_m, plane_distance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from gis.workspace import ControlZone

NOWHERE = shapely.MultiPolygon()
"""A zone of which nothing reaches a site."""

CHORDS = 0.9995
"""A buffer drawn with chords reaches at least this share of its distance: 1 - cos(π/128) is 3e-4."""

HAIRLINE_M = 3 * SEAM_M
"""Nearer than this a site may lie in a gap between two parts that is closed before they are shrunk."""

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
class Asked:
    """A zone to measure sites against, how far near misses are listed, whether its rule is pending."""

    zone: ControlZone
    near_m: float
    pending: bool


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
    met = zone.meet(plane, parts)
    if met:
        return describe_met(measured, zone, parts, met, pending=pending)
    return describe_near(measured, zone.rule, parts, near_m=near_m, pending=pending)


def find_all(measured: Measured, asked: Sequence[Asked]) -> list[Finding]:
    """Return the findings of a site against many zones, in their order.

    Rules that ask for the same ground with the same reach are measured once: their findings differ in what
    the rule says only.
    """
    known: dict[tuple[str, float], Finding | None] = {}
    found: list[Finding] = []
    for ask in asked:
        key = (ask.zone.ground, ask.near_m)
        if key not in known:
            known[key] = find(measured, ask.zone, near_m=ask.near_m, pending=ask.pending)
        finding = known[key]
        if finding is not None:
            found.append(say_by_rule(finding, measured, ask.zone.rule, pending=ask.pending))
    return found


def say_by_rule(finding: Finding, measured: Measured, rule: Rule, *, pending: bool) -> Finding:
    """Return a finding as another rule about the same ground says it."""
    if finding.rule_id == rule.id and finding.pending == pending:
        return finding
    return replace(
        finding,
        finding_id=f"{measured.site.site_id}:{rule.id}",
        rule_id=rule.id,
        title=rule.title,
        level=rule.level,
        pending=pending,
        requirement=rule.requirement,
        provisions=rule.provisions,
        verified=rule.verified,
        attention_m=rule.attention_m,
    )


def cut_local(measured: Measured, parts: Sequence[ZonePart]) -> _Local:
    """Return the united zone near a site as drawn, shrunk and grown.

    Parts are cut to a window wider than the accuracies: inside it the result is that of the whole zone.
    """
    window, distances, epsilon = _window(measured, parts)
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
        grown=grow_local(measured, [(part, distance) for _, distance, part in kept]),
        epsilon_m=epsilon,
    )


def grow_local(measured: Measured, reaching: Sequence[tuple[ZonePart, float]]) -> BaseGeometry:
    """Return the parts of a zone grown by their ε as far as they can meet a site.

    Parameters
    ----------
    reaching : sequence of (ZonePart, float)
        Parts and ε in plane metres. One that reaches all of the site answers for all: the box round the site
        is then in the grown zone.
    """
    plane = measured.site.geometry_plane
    if not reaching:
        return NOWHERE
    box = shapely.box(*plane.bounds)
    middle, radius = shapely.centroid(box), shapely.length(box) / 4
    geometries = [part.geometry for part, _ in reaching]
    inside = shapely.distance(middle, geometries) + radius <= np.array([r for _, r in reaching]) * CHORDS
    if inside.any():
        return box
    window = window_round(plane, max(reach for _, reach in reaching) * 1.01 + MARGIN_M)
    clips = [(clip(part.geometry, window), reach) for part, reach in reaching]
    kept = [(cut, reach) for cut, reach in clips if not cut.is_empty]
    return grow([cut for cut, _ in kept], [reach for _, reach in kept])


def _window(measured: Measured, parts: Sequence[ZonePart]) -> tuple[BaseGeometry, list[float], float]:
    """Return a box wider than the accuracies, each part's ε in plane metres, and the greatest ε in metres."""
    plane = measured.site.geometry_plane
    epsilons = [combine_accuracy(measured.accuracy_m, part.feature.accuracy_m) for part in parts]
    distances = [plane_distance(plane, epsilon) for epsilon in epsilons]
    return window_round(plane, max(distances) * 1.01 + MARGIN_M), distances, max(epsilons)


def describe_met(
    measured: Measured,
    zone: ControlZone,
    parts: Sequence[ZonePart],
    met: Sequence[ZonePart],
    *,
    pending: bool,
) -> Finding | None:
    """Return the finding for a site that meets parts of a zone; None where it keeps below their height."""
    plane = measured.site.geometry_plane
    window, _, epsilon = _window(measured, parts)
    if zone.hold(window, met):
        relation, certainty = Relation.INSIDE, Certainty.CERTAIN
        local = _Local(drawn=window, shrunk=window, grown=window, epsilon_m=epsilon)
    else:
        local = cut_local(measured, parts)
        certainty = judge(plane, shrunk=local.shrunk, grown=local.grown)
        relation = relate(plane, local.drawn, site_accuracy_m=measured.accuracy_m)
    height = lowest_height(measured, zone.rule, met)
    if height is not None and relation is not Relation.NEAR:
        if measured.height_m is None:
            certainty = Certainty.POSSIBLE
        elif measured.height_m <= height:
            return None
    return _finding(
        measured,
        zone.rule,
        feature_ids=tuple(part.feature.feature_id for part in met),
        relation=relation,
        certainty=certainty,
        local=local,
        drawn=local.drawn,
        distance_m=0.0,
        bearing_deg=None,
        accuracy_m=epsilon,
        height_limit_m=height,
        pending=pending,
    )


def describe_near(
    measured: Measured, rule: Rule, parts: Sequence[ZonePart], *, near_m: float, pending: bool
) -> Finding | None:
    """Return the finding for a site that comes near parts of a zone without meeting any."""
    plane = measured.site.geometry_plane
    gaps = shapely.distance(plane, [part.geometry for part in parts])
    nearest = parts[int(np.argmin(gaps))]
    start, end = nearest_points(plane, nearest.geometry)
    distance, bearing = crs.distance_bearing(start, end)
    _, reaches, epsilon = _window(measured, parts)
    possible = [(part, reach) for part, gap, reach in zip(parts, gaps, reaches, strict=True) if gap <= reach]
    certainty = Certainty.POSSIBLE if possible else Certainty.NONE
    local = _Local(drawn=NOWHERE, shrunk=NOWHERE, grown=NOWHERE, epsilon_m=epsilon)
    if gaps.min() <= HAIRLINE_M:
        local = cut_local(measured, parts)
        certainty = judge(plane, shrunk=local.shrunk, grown=local.grown)
    elif possible and measured.site.kind != "point":
        local = replace(local, grown=grow_local(measured, possible))
    if certainty is Certainty.NONE and distance > near_m:
        return None
    relation = _gap_relation(distance)
    height = lowest_height(measured, rule, [nearest])
    if height is not None and relation is not Relation.NEAR:
        if measured.height_m is None:
            certainty = Certainty.POSSIBLE
        elif measured.height_m <= height:
            return None
    return _finding(
        measured,
        rule,
        feature_ids=tuple(part.feature.feature_id for part in ([p for p, _ in possible] or [nearest])),
        relation=relation,
        certainty=certainty,
        local=local,
        drawn=NOWHERE,
        distance_m=distance,
        bearing_deg=bearing,
        accuracy_m=epsilon,
        height_limit_m=height,
        pending=pending,
    )


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
