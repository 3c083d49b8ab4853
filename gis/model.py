"""The words of the domain as frozen records: what is passed between the stages, and nothing else.

Geometries are shapely objects in CGCS2000 longitude/latitude degrees (EPSG:4490, x = east) unless the name
says ``_plane`` (EPSG:4549, metres). Records carry no behaviour beyond small derived properties.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class Text:
    """A wording in Chinese and in English."""

    zh: str
    en: str


class Level(StrEnum):
    """What a rule does to a project inside its zone, strictest first."""

    PROHIBITED = "prohibited"
    RESTRICTED = "restricted"
    APPROVAL_NEEDED = "approval_needed"
    NOTICE = "notice"


class Verdict(StrEnum):
    """The answer for one site, in the order in which the cases are tried."""

    PROHIBITED = "prohibited"
    RESTRICTED = "restricted"
    APPROVAL_NEEDED = "approval_needed"
    ATTENTION = "attention"
    UNDETERMINED = "undetermined"
    CLEAR = "clear"


class Relation(StrEnum):
    """How a site lies to a control zone as drawn."""

    INSIDE = "inside"
    OVERLAP = "overlap"
    CROSS = "cross"
    SLIVER = "sliver"
    TOUCH = "touch"
    NEAR = "near"


class Certainty(StrEnum):
    """What the accuracies of site and layer allow to be said."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    NONE = "none"


class LayerStatus(StrEnum):
    """Whether a layer could be used."""

    OK = "ok"
    NO_DATA = "no_data"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LayerEntry:
    """One entry of ``layers/catalogue.toml``.

    Parameters
    ----------
    path : str or None
        GeoJSON file below ``layers/``; starts with ``cache:`` for a layer built at set-up into the cache;
        None for a declared layer without data.
    accuracy_m : float or None
        Positional accuracy of the layer at 95 %, metres; a feature's own ``accuracy_m`` wins.
    coverage : object
        A named area of the catalogue, or a polygon, in which absence means "none here"; None: nowhere.
    """

    id: str
    title: Text
    theme: str
    path: str | None
    geometry_type: str
    rows: int
    sha256: str | None
    provenance: str
    accuracy_m: float | None
    coverage: Any
    data_date: str | None
    source: str
    licence: str
    attribution: str
    required: bool
    sensitive: bool
    style: str
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A catalogue entry with its opened data.

    Parameters
    ----------
    frame : GeoDataFrame or None
        Features in EPSG:4490, any geometry type, with the columns of ``docs/layers.md``; None unless ``ok``.
    coverage : shapely geometry or None
        Polygon in EPSG:4490 in which absence means "none here".
    problem : Text or None
        Why the layer failed.
    """

    entry: LayerEntry
    status: LayerStatus
    frame: gpd.GeoDataFrame | None
    sha256: str | None
    coverage: BaseGeometry | None = None
    problem: Text | None = None


@dataclass(frozen=True, slots=True)
class Provision:
    """The article of law a rule rests on."""

    instrument: str
    article: str
    version: str
    in_force_from: date | None
    in_force_until: date | None
    source: str
    verified: bool
    instrument_en: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a rule makes its control zone from a feature.

    Parameters
    ----------
    type : str
        ``inside outside buffer ring along_river airport_rectangle obstacle_surface``.
    parameters : mapping
        Metres by name: ``distance_m``; ``inner_m``, ``outer_m``; ``up_m``, ``down_m``, ``lateral_m``;
        ``setting`` names the office's setting where the law leaves the distance open.
    """

    type: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One control rule of ``layers/rules.toml``.

    Parameters
    ----------
    layer_id : str
        Layer the rule reads.
    kinds : tuple of str
        Feature kinds the rule applies to.
    possible_kinds : tuple of str
        Kinds inside which the regulated zone lies with limits that are not public: never a certain finding.
    attention_m : float
        A near miss within this distance calls for attention.
    near_m : float or None
        How far near misses are listed; None: the default of the run.
    """

    id: str
    title: Text
    level: Level
    layer_id: str
    kinds: tuple[str, ...]
    possible_kinds: tuple[str, ...]
    recipe: Recipe
    requirement: Text
    provisions: tuple[Provision, ...]
    verified: bool
    attention_m: float = 0.0
    near_m: float | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of a workspace and the hash of the file they came from."""

    rules: tuple[Rule, ...]
    sha256: str
    settings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """A repair, warning or note with its code."""

    code: str
    message: Text
    area_change_m2: float | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """One project site as read: parcel, line or point.

    Parameters
    ----------
    geometry : shapely geometry
        As read and repaired, longitude/latitude degrees (EPSG:4490).
    geometry_plane : shapely geometry
        The same in EPSG:4549 metres; edges densified to 100 m in the system of the file first.
    """

    site_id: str
    file: str | None
    index: int
    name: str | None
    kind: str
    properties: Mapping[str, Any]
    geometry: BaseGeometry
    geometry_plane: BaseGeometry
    repairs: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A feature that was read and could not become a site."""

    file: str | None
    index: int
    name: str | None
    code: str
    message: Text


@dataclass(frozen=True, slots=True)
class InputFile:
    """What is known of a file that was read."""

    name: str
    sha256: str
    format: str
    crs_read: str
    encoding: str | None = None
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteSet:
    """All sites of a run: ``features_in == len(sites) + len(rejected)``."""

    sites: tuple[Site, ...]
    rejected: tuple[Rejected, ...]
    files: tuple[InputFile, ...]
    features_in: int


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

    @property
    def by_verdict(self) -> dict[str, int]:
        """Number of sites by verdict, every verdict named."""
        counts = {verdict.value: 0 for verdict in Verdict}
        for site in self.sites:
            counts[site.verdict.value] += 1
        return counts
