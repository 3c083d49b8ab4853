"""What a check finds: findings, gaps, effects, the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gis.model.words import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from shapely.geometry.base import BaseGeometry

    from gis.model.layers import LayerEntry
    from gis.model.rules import Provision
    from gis.model.sites import Site, SiteSet
    from gis.model.words import Certainty, LayerStatus, Level, Relation, Text


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What the one who asks can choose; all of it enters the ``check_id``."""

    on: date
    site_accuracy_m: float = 1.0
    near_m: float = 1000.0
    disturbance_m: float = 0.0
    datum: str | None = None
    crs: str | None = None
    accept_repairs: bool = False
    what_if: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """A measure as drawn, and its least and greatest value within the accuracies."""

    as_drawn: float
    min: float
    max: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One site × one rule that meet or come near."""

    finding_id: str
    rule_id: str
    layer_id: str
    feature_ids: tuple[str, ...]
    title: Text
    level: Level
    relation: Relation
    certainty: Certainty
    overlap_area_m2: Range | None
    share_of_site: Range | None
    overlap_length_m: Range | None
    distance_m: float
    bearing_deg: float | None
    accuracy_m: float
    height_limit_m: float | None
    pending: bool
    requirement: Text
    provisions: tuple[Provision, ...]
    verified: bool
    attention_m: float
    geometry: BaseGeometry | None


@dataclass(frozen=True, slots=True)
class Unassessed:
    """A layer that could not answer for a site, or for a share of it."""

    layer_id: str
    title: Text
    reason: str
    share_of_site: float
    required: bool


@dataclass(frozen=True, slots=True)
class CorridorEffect:
    """What the sites take from one ecological corridor; widths in metres, areas in m²."""

    corridor_id: str
    title: Text
    severed: bool
    area_lost_m2: float
    width_before_m: float
    width_after_m: float
    required_width_m: float | None
    narrowest_at: BaseGeometry | None
    accuracy_m: float


@dataclass(frozen=True, slots=True)
class LinkTouch:
    """What a site takes of one link of the corridor network as computed.

    Parameters
    ----------
    on_path : bool
        Whether it stands on the least-cost path.
    band_m2, pinch_m2 : float
        Of the link's corridor and pinch point, on the ellipsoid.
    agreement_share : float or None
        Of the areas of agreement the site meets, the surest: the least share of runs that use it.
    agreement_m2 : float
        How much of the site lies there.
    status : str
        What becomes of the link, where it was asked for: unchanged, dearer, rerouted or lost.
    cost_before_km, cost_after_km : float or None
        Resistance × kilometres, where it was asked for; after: None where nothing joins the two any more.
    """

    link_id: str
    title: Text
    on_path: bool
    band_m2: float
    pinch_m2: float
    agreement_share: float | None
    agreement_m2: float
    status: str = ""
    cost_before_km: float | None = None
    cost_after_km: float | None = None


@dataclass(frozen=True, slots=True)
class NetworkChange:
    """What all sites together change in the network: equivalent area (m²) and the numerator of PC."""

    ec_before_m2: float
    ec_after_m2: float
    pc_change: float
    links_lost: int
    study_id: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """What a site could be instead: moved (``shift``) or cut down (``clear_part``); geometry None: not found.

    Parameters
    ----------
    geometry : shapely geometry or None
        In EPSG:4549.
    verdict : Verdict or None
        That the alternative would get.
    dx_m, dy_m : float
        Metres to the east and to the north; of a shift.
    """

    kind: str
    geometry: BaseGeometry | None
    verdict: Verdict | None
    dx_m: float = 0.0
    dy_m: float = 0.0
    area_m2: float = 0.0


@dataclass(frozen=True, slots=True)
class SiteResult:
    """The answer for one site; ``alternatives`` is None where nobody asked what if."""

    site: Site
    area_m2: float
    length_m: float
    accuracy_m: float
    verdict: Verdict
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]
    corridor_effects: tuple[CorridorEffect, ...]
    unassessed: tuple[Unassessed, ...]
    coverage: float
    alternatives: tuple[Alternative, ...] | None = None
    links: tuple[LinkTouch, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerUsed:
    """A layer as the check found it."""

    entry: LayerEntry
    status: LayerStatus
    sha256: str | None
    feature_count: int


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The one frozen result every output shows."""

    check_id: str
    created: str
    on: date
    program_version: str
    libraries: Mapping[str, str]
    rules_sha256: str
    rules_count: int
    layers: tuple[LayerUsed, ...]
    options: CheckOptions
    input: SiteSet
    sites: tuple[SiteResult, ...]
    corridors_together: tuple[CorridorEffect, ...]
    network: NetworkChange | None = None

    @property
    def by_verdict(self) -> dict[str, int]:
        """Number of sites by verdict, every verdict named."""
        counts = {verdict.value: 0 for verdict in Verdict}
        for site in self.sites:
            counts[site.verdict.value] += 1
        return counts
