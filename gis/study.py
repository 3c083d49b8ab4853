"""The one sequence: layers → zones → overlay → certainty → verdict → one frozen :class:`CheckResult`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

import shapely

from gis import crs
from gis.alternatives import propose
from gis.corridors.effect import measure_effect
from gis.findings import Asked, find_all
from gis.links import LINK_LAYERS, meet_links
from gis.model import (
    Certainty,
    CheckOptions,
    CheckResult,
    CorridorEffect,
    Finding,
    Layer,
    LayerStatus,
    LayerUsed,
    Level,
    Relation,
    Site,
    SiteResult,
    SiteSet,
    Unassessed,
    Verdict,
)
from gis.overlay import subtract, unite
from gis.verdict import decide
from gis.version import __version__
from gis.vicinity import Measured, measure_site
from gis.workspace import Workspace, open_workspace
from gis.zones import grow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from shapely.geometry.base import BaseGeometry

__all__ = ["Workspace", "check_sites", "identify_check", "open_workspace"]

LIBRARIES = ("geopandas", "pyproj", "shapely")
COVER_SHARE = 1e-9
"""A share of a site smaller than this is no gap in the coverage: the noise of an overlay."""

LEVEL_ORDER = tuple(Level)
CERTAINTY_ORDER = tuple(Certainty)
RELATION_ORDER = tuple(Relation)


def check_sites(
    workspace: Workspace,
    sites: SiteSet,
    options: CheckOptions,
    *,
    now: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CheckResult:
    """Check project sites against every rule of a workspace.

    Parameters
    ----------
    workspace : Workspace
    sites : SiteSet
        As read by ``gis.sites``.
    options : CheckOptions
        The date the law is taken at, accuracies and distances.
    now : datetime, optional
        Written as ``created``, the only field in which two runs on the same things differ.
    progress : callable, optional
        Told the sites done and all there are, after each.

    Returns
    -------
    CheckResult
        One frozen result; every output shows it and none computes.
    """
    study = _Study(workspace, list_asked(workspace, options), list_coverages(workspace), options)
    results = tuple(_check_each(study, sites, progress or _tell_nobody))
    return CheckResult(
        check_id=identify_check(workspace, sites, options),
        created=(now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds"),
        on=options.on,
        program_version=__version__,
        libraries=library_versions(),
        rules_sha256=workspace.rules.sha256,
        rules_count=len(workspace.rules.rules),
        layers=tuple(_layer_used(layer) for layer in workspace.assessed_layers),
        options=options,
        input=sites,
        sites=results,
        corridors_together=results[0].corridor_effects
        if len(results) == 1
        else assess_corridors(
            workspace, [site.geometry_plane for site in sites.sites], disturbance_m=options.disturbance_m
        ),
    )


def list_asked(workspace: Workspace, options: CheckOptions) -> tuple[Asked, ...]:
    """Return what every site of a check is measured against: the zones of the day's rules."""
    zones = [(workspace.zones.zone(rule), pending) for rule, pending in workspace.zones.rules_on(options.on)]
    return tuple(
        Asked(zone, options.near_m if zone.rule.near_m is None else zone.rule.near_m, pending)
        for zone, pending in zones
        if zone is not None
    )


def list_coverages(workspace: Workspace) -> tuple[tuple[Layer, BaseGeometry | None], ...]:
    """Return where each layer that takes part in checks can say "nothing here", in EPSG:4549."""
    return tuple((layer, workspace.zones.coverage(layer)) for layer in workspace.assessed_layers)


def prepare_checks(workspace: Workspace, on: date) -> None:
    """Make what every check of a day is measured against, before the first one is asked for."""
    list_asked(workspace, CheckOptions(on=on))
    list_coverages(workspace)
    workspace.zones.corridors_met(shapely.Point())


@dataclass(frozen=True, slots=True)
class _Study:
    """What every site of a run is checked against."""

    workspace: Workspace
    asked: tuple[Asked, ...]
    coverages: tuple[tuple[Layer, BaseGeometry | None], ...]
    options: CheckOptions

    def check(self, site: Site) -> SiteResult:
        """Return the result of one site, with its alternatives where they were asked for."""
        measured = measure_site(site, accuracy_m=self.options.site_accuracy_m)
        result = self.assess(measured)
        if not self.options.what_if:
            return result
        proposed = propose(
            measured,
            [ask.zone for ask in self.asked if not ask.pending],
            verdict=result.verdict,
            evaluate=lambda geometry: self.evaluate(site, geometry),
        )
        return replace(result, alternatives=proposed)

    def evaluate(self, site: Site, geometry_plane: BaseGeometry) -> tuple[Verdict, float]:
        """Return the verdict and area (m²) that a site would have with another geometry (EPSG:4549)."""
        moved = replace(site, geometry=crs.to_lonlat(geometry_plane), geometry_plane=geometry_plane)
        measured = measure_site(moved, accuracy_m=self.options.site_accuracy_m)
        return self.assess(measured).verdict, measured.area_m2

    def assess(self, measured: Measured) -> SiteResult:
        """Return the result of one measured site."""
        options = self.options
        findings = tuple(sorted(find_all(measured, self.asked), key=rank_finding))
        unassessed, coverage = assess_coverage(measured, self.coverages)
        repairs = measured.site.repairs
        verdict, reasons = decide(findings, unassessed, repairs, accept_repairs=options.accept_repairs)
        return SiteResult(
            site=measured.site,
            area_m2=measured.area_m2,
            length_m=measured.length_m,
            accuracy_m=measured.accuracy_m,
            verdict=verdict,
            reasons=reasons,
            findings=findings,
            corridor_effects=assess_corridors(
                self.workspace, [measured.site.geometry_plane], disturbance_m=options.disturbance_m
            ),
            unassessed=unassessed,
            coverage=coverage,
            links=meet_links(self.workspace, measured.site.geometry_plane),
        )


def assess_corridors(
    workspace: Workspace, sites_plane: Sequence[BaseGeometry], *, disturbance_m: float
) -> tuple[CorridorEffect, ...]:
    """Return what sites take, all together, from every ecological corridor they meet.

    Parameters
    ----------
    sites_plane : sequence of shapely geometry
        In EPSG:4549.
    disturbance_m : float
        Metres on the ground by which the sites are widened; their own area alone counts as lost.
    """
    if not sites_plane:
        return ()
    lost = unite(sites_plane)
    taken = lost if disturbance_m == 0 else unite([grow(site, disturbance_m) for site in sites_plane])
    effects = (
        measure_effect(corridor, taken, lost=lost) for corridor in workspace.zones.corridors_met(taken)
    )
    return tuple(effect for effect in effects if effect is not None)


def rank_finding(finding: Finding) -> tuple[bool, int, int, int, float, str]:
    """Return the sort key of a finding: in force first, then severity, certainty, relation, distance."""
    return (
        finding.pending,
        LEVEL_ORDER.index(finding.level),
        CERTAINTY_ORDER.index(finding.certainty),
        RELATION_ORDER.index(finding.relation),
        finding.distance_m,
        finding.rule_id,
    )


def assess_coverage(
    measured: Measured, coverages: Sequence[tuple[Layer, BaseGeometry | None]]
) -> tuple[tuple[Unassessed, ...], float]:
    """Return what could not answer for a site, and the share of it that every layer with data covers.

    Parameters
    ----------
    measured : Measured
    coverages : sequence of (Layer, polygon or None)
        Coverage in EPSG:4549; None: the layer says nothing anywhere.
    """
    gaps: list[Unassessed] = []
    plane = measured.site.geometry_plane
    covered = plane
    known: dict[int, float] = {}
    for layer, coverage in coverages:
        reason, share = "no_data", 1.0
        if layer.status is LayerStatus.FAILED:
            reason = "failed"
        elif layer.status is LayerStatus.OK:
            reason = "outside_coverage"
            if id(coverage) not in known:
                left = uncovered(plane, coverage)
                known[id(coverage)] = share_of(left, plane)
                covered = subtract(covered, left) if known[id(coverage)] > COVER_SHARE else covered
            share = known[id(coverage)]
        if share > COVER_SHARE:
            entry = layer.entry
            gaps.append(
                Unassessed(
                    layer_id=entry.id,
                    title=entry.title,
                    reason=reason,
                    share_of_site=share,
                    required=entry.required,
                )
            )
    return tuple(gaps), share_of(covered, plane)


def uncovered(plane: BaseGeometry, coverage: BaseGeometry | None) -> BaseGeometry:
    """Return what of a site lies outside a coverage (both in EPSG:4549); all of it where there is none."""
    if coverage is None:
        return plane
    if shapely.covers(coverage, plane):
        return shapely.GeometryCollection()
    return subtract(plane, coverage) if shapely.intersects(coverage, plane) else plane


def share_of(part: BaseGeometry, whole: BaseGeometry) -> float:
    """Return the share 0–1 of a site's geometry that `part` makes up, by area, length or number of points."""
    if part is whole:
        return 1.0
    if part.is_empty:
        return 0.0
    dimension = int(shapely.get_dimensions(whole))
    measure = (shapely.get_num_coordinates, shapely.length, shapely.area)[dimension]
    return min(1.0, float(measure(part)) / float(measure(whole)))


def _layer_used(layer: Layer) -> LayerUsed:
    """Return how a check found a layer."""
    return LayerUsed(entry=layer.entry, status=layer.status, sha256=layer.sha256, feature_count=layer.rows)


def _check_each(study: _Study, sites: SiteSet, progress: Callable[[int, int], None]) -> Iterator[SiteResult]:
    """Yield the result of each site and tell how many are done."""
    for done, site in enumerate(sites.sites, start=1):
        yield study.check(site)
        progress(done, len(sites.sites))


def _tell_nobody(done: int, total: int) -> None:
    """Take a progress that nobody asked for."""


@cache
def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that results depend on."""
    return {name: version(name) for name in LIBRARIES} | {"geos": shapely.geos_version_string}


def identify_check(workspace: Workspace, sites: SiteSet, options: CheckOptions) -> str:
    """Return the SHA-256 that identifies a check: input, options, rules, layers and program version."""
    content = {
        "program": __version__,
        "rules": workspace.rules.sha256,
        "settings": dict(sorted(workspace.rules.settings.items())),
        "layers": [[layer.entry.id, layer.status.value, layer.sha256] for layer in workspace.assessed_layers],
        "coverages": [workspace.zones.coverage_sha256(layer) for layer in workspace.assessed_layers],
        "links": [[name, workspace.layers[name].sha256] for name in LINK_LAYERS if name in workspace.layers],
        "options": asdict(options),
        "sites": [
            [site.site_id, site.name, shapely.to_wkb(site.geometry, hex=True, byte_order=1)]
            for site in sites.sites
        ],
        "rejected": [[item.file, item.index, item.code] for item in sites.rejected],
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
