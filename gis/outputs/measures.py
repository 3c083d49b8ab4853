"""Figures as people read them: areas in m², hectares and mu, lengths, shares, bearings, ranges."""

from __future__ import annotations

from gis.model import Certainty, Finding, Range, Relation, SiteResult, Text

M2_PER_HA = 10_000.0
M2_PER_MU = 2000 / 3
"""1 mu = 1/15 ha."""

POINTS = (
    Text("北", "N"),
    Text("东北", "NE"),
    Text("东", "E"),
    Text("东南", "SE"),
    Text("南", "S"),
    Text("西南", "SW"),
    Text("西", "W"),
    Text("西北", "NW"),
)
WHOLE_AREA_M2 = 100_000.0
"""From 10 ha on, square metres are written without decimals."""


def format_area_m2(area_m2: float) -> str:
    """Return square metres: one decimal below 10 ha, none above."""
    digits = 0 if abs(area_m2) >= WHOLE_AREA_M2 else 1
    return f"{area_m2:,.{digits}f} m²"


def format_area_ha(area_m2: float) -> str:
    """Return hectares to 1 m²."""
    return f"{area_m2 / M2_PER_HA:,.4f} ha"


def format_land(area_m2: float) -> str:
    """Return hectares and mu on one line, decimals as the size allows."""
    hectares, mu = area_m2 / M2_PER_HA, area_m2 / M2_PER_MU
    return f"{hectares:,.{4 if hectares < 100 else 2}f} ha · {mu:,.{2 if mu < 1000 else 0}f} 亩"


def format_length(length_m: float) -> str:
    """Return metres below 10 km, kilometres above."""
    return f"{length_m:,.0f} m" if length_m < 10_000 else f"{length_m / 1000:,.3f} km"


def format_accuracy(accuracy_m: float) -> str:
    """Return an accuracy, metres below 10 km, else kilometres to 100 m."""
    if accuracy_m < 10_000:
        return f"±{accuracy_m:,.0f} m" if accuracy_m >= 10 else f"±{accuracy_m:.2g} m"
    return f"±{accuracy_m / 1000:,.1f}".removesuffix(".0") + " km"


def format_share(share: float) -> str:
    """Return a share of 0–1 as a percentage; only the whole reads 100, only nothing reads 0."""
    percent = share * 100
    if 0 < percent < 0.1:
        return "< 0.1 %"
    if 99.9 < percent < 100:
        return "> 99.9 %"
    return f"{percent:.1f} %"


def compass_point(bearing_deg: float) -> Text:
    """Return the nearest of the eight points of the compass."""
    return POINTS[round(bearing_deg / 45) % 8]


def measured_range(finding: Finding) -> Range | None:
    """Return the overlap of a finding, m² or m, whichever its site has."""
    return finding.overlap_area_m2 or finding.overlap_length_m


def format_amount(value: float, *, area: bool) -> tuple[str, ...]:
    """Return one measure in all its units: m², ha and mu, or metres; nothing is just 0."""
    if value == 0:
        return ("0",)
    if area:
        return format_area_m2(value), format_land(value)
    return (format_length(value),)


def format_size(result: SiteResult) -> tuple[str, str, str]:
    """Return the size of a site for three columns: m² or length, ha, mu; a point has none."""
    if result.site.kind == "polygon":
        area = result.area_m2
        return format_area_m2(area), f"{area / M2_PER_HA:,.4f}", f"{area / M2_PER_MU:,.2f}"
    return (format_length(result.length_m) if result.site.kind == "line" else "—"), "—", "—"


def is_near_miss(finding: Finding) -> bool:
    """Return whether a finding only says how near a zone lies: not met, not even within the accuracy."""
    return finding.certainty is Certainty.NONE and finding.relation in {Relation.NEAR, Relation.TOUCH}
