"""One site × one control zone → one :class:`Finding`: relation, measures, distance and certainty together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis import crs
from gis.certainty import SEAM_M, combine_accuracy, grow, judge, shrink
from gis.model import Certainty, Finding, Range, Relation, Rule
from gis.overlay import clip, nearest_points, overlap, relate, subtract, unite, window_round
from gis.vicinity import MARGIN_M, NOWHERE, Local, cut_local, grow_local, window_of
from gis.zones import allowed_height_m, plane_distance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from gis.model import Site
    from gis.vicinity import Measured
    from gis.workspace import ControlZone
    from gis.zones import ZonePart

HAIRLINE_M = 3 * SEAM_M
"""Nearer than this a site may lie in a gap between two parts that is closed before they are shrunk."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A zone to measure sites against, how far near misses are listed, whether its rule is pending."""

    zone: ControlZone
    near_m: float
    pending: bool


def find(
    measured: Measured,
    zone: ControlZone,
    *,
    near_m: float,
    pending: bool,
    parts: Sequence[ZonePart] | None = None,
) -> Finding | None:
    """Return the finding of a site against one control zone; None where they neither meet nor come near.

    Parameters
    ----------
    measured : Measured
    zone : ControlZone
    near_m : float
        How far near misses are listed, metres on the ground.
    pending : bool
        Whether the rule comes into force after the date of the check.
    parts : sequence of ZonePart, optional
        The parts within reach, in the order of the layer, where they are known already.
    """
    plane = measured.site.geometry_plane
    if zone.rule.recipe.type == "outside":
        return find_outside(measured, zone, pending=pending)
    several = shapely.get_num_geometries(plane) > 1
    if parts is None or several:  # what is near a site of several parts is told here, not by its box
        widest = max(combine_accuracy(measured.accuracy_m, part.feature.accuracy_m) for part in zone.parts)
        parts = zone.near(plane, plane_distance(plane, max(near_m, widest)) * 1.001)
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
    window, _, epsilon = window_of(measured, parts)
    if zone.hold(window, met):
        relation, certainty = Relation.INSIDE, Certainty.CERTAIN
        local = Local(drawn=window, shrunk=window, grown=window, epsilon_m=epsilon)
        common = plane
    else:
        local = cut_local(measured, parts)
        certainty = judge(plane, shrunk=local.shrunk, grown=local.grown)
        common = overlap(plane, local.drawn)
        relation = relate(plane, local.drawn, site_accuracy_m=measured.accuracy_m, common=common)
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
        common=common,
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
    _, reaches, epsilon = window_of(measured, parts)
    possible = [(part, reach) for part, gap, reach in zip(parts, gaps, reaches, strict=True) if gap <= reach]
    certainty = Certainty.POSSIBLE if possible else Certainty.NONE
    local = Local(drawn=NOWHERE, shrunk=NOWHERE, grown=NOWHERE, epsilon_m=epsilon)
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
    local = Local(
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
    local: Local,
    drawn: BaseGeometry,
    common: BaseGeometry | None = None,
    distance_m: float,
    bearing_deg: float | None,
    accuracy_m: float,
    height_limit_m: float | None,
    pending: bool,
) -> Finding:
    """Put a finding together: its measures as drawn and within the accuracies."""
    plane = measured.site.geometry_plane
    meets = relation not in {Relation.NEAR, Relation.TOUCH}
    if not meets:
        common = None
    elif common is None:
        common = overlap(plane, drawn)
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
        geometry=_place(common, measured.site),
    )


def _place(common: BaseGeometry | None, site: Site) -> BaseGeometry | None:
    """Return an overlap in degrees: of all of a site, the site as it was read."""
    if common is None or common.is_empty:
        return None
    return site.geometry if common is site.geometry_plane else crs.to_lonlat(common)


def _range(measured: Measured, common: BaseGeometry | None, local: Local, *, kind: str) -> Range | None:
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
