"""The rules of a report: each that sites meet, with its articles and its rows, and the near misses."""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING

from gis.model import Certainty, CheckResult, Finding, Level, Range, Relation, SiteResult, Text
from gis.outputs.measures import (
    compass_point,
    format_accuracy,
    format_amount,
    format_area_ha,
    format_length,
    format_share,
    is_near_miss,
    measured_range,
)
from gis.outputs.plaintext import NAME_LENGTH, show_text
from gis.outputs.report import (
    MeetingRow,
    NearRow,
    RuleBlock,
    RuleGroup,
    say_more,
)
from gis.outputs.wording import LEVELS, RELATIONS
from gis.outputs.zones import find_rule
from gis.verdict import MEETING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.workspace import Workspace

MESSAGE_LENGTH = 400
MOST_ROWS, MOST_NEAR = 300, 12
"""Rows a rule gets in print, and near misses a site; the rest is counted, and stands in the workbook."""


def show_wording(text: Text, limit: int = MESSAGE_LENGTH) -> Text:
    """Return a wording that may quote strangers' text, made harmless."""
    return Text(show_text(text.zh, limit), show_text(text.en, limit))


def say_name(site: SiteResult, number: int) -> str:
    """Return a site's name, or its number where it has none."""
    return show_text(site.site.name, NAME_LENGTH).strip() or f"用地 {number}"


def compose_rules(result: CheckResult, workspace: Workspace) -> tuple[RuleGroup, ...]:
    """Return every rule that a site meets or may meet: in force before pending, strictest first.

    Rules of one level and layer that the same sites meet in the same way stand together.
    """
    met: dict[str, list[tuple[int, SiteResult, Finding]]] = defaultdict(list)
    for number, site in enumerate(result.sites, start=1):
        for finding in site.findings:
            if not is_near_miss(finding) or finding.finding_id in site.reasons:
                met[finding.rule_id].append((number, site, finding))
    levels, certainties = list(Level), list(Certainty)

    def rank(rule_id: str) -> tuple[bool, int, int, bool, bool, float, str]:
        findings = [finding for _, _, finding in met[rule_id]]
        surest = min(certainties.index(finding.certainty) for finding in findings)
        first = findings[0]
        drawn = any(finding.relation in MEETING for finding in findings)
        return (
            first.pending,
            levels.index(first.level),
            surest,
            not first.verified,
            not drawn,
            first.accuracy_m,
            rule_id,
        )

    layers = {used.entry.id: used.entry.title for used in result.layers}
    together: dict[tuple[object, ...], list[str]] = {}
    for rule_id in sorted(met, key=rank):
        first = met[rule_id][0][2]
        same = tuple((number, meeting_key(finding)) for number, _, finding in met[rule_id])
        together.setdefault((first.pending, first.level, first.layer_id, same), []).append(rule_id)
    ordered = [rule_id for rule_ids in together.values() for rule_id in rule_ids]
    blocks = [
        compose_rule(number, met[rule_id], workspace, layers)
        for number, rule_id in enumerate(ordered, start=1)
    ]
    starts = accumulate((len(rule_ids) for rule_ids in together.values()), initial=0)
    return tuple(
        RuleGroup(tuple(blocks[start : start + len(rule_ids)]))
        for start, rule_ids in zip(starts, together.values(), strict=False)
    )


def meeting_key(finding: Finding) -> tuple[object, ...]:
    """Return what a row of the report shows of a finding: rules with the same rows share a table."""
    return (
        finding.relation,
        finding.certainty,
        finding.overlap_area_m2,
        finding.overlap_length_m,
        finding.distance_m,
        finding.height_limit_m,
        finding.accuracy_m,
    )


def compose_rule(
    number: int,
    met: Sequence[tuple[int, SiteResult, Finding]],
    workspace: Workspace,
    layers: dict[str, Text],
) -> RuleBlock:
    """Return the block of one rule."""
    first = met[0][2]
    rule = find_rule(first, workspace)
    accuracies = sorted({finding.accuracy_m for _, _, finding in met})
    accuracy = "–".join(dict.fromkeys(format_accuracy(value) for value in (accuracies[0], accuracies[-1])))
    near = [item for item in met if item[2].relation is Relation.NEAR]
    meeting = [item for item in met if item[2].relation is not Relation.NEAR]
    return RuleBlock(
        number=number,
        rule_id=first.rule_id,
        level=first.level,
        title=first.title,
        requirement=show_wording(first.requirement, 1200),
        note=None if rule is None or rule.note is None else show_wording(rule.note, 800),
        provisions=first.provisions,
        verified=first.verified,
        pending=first.pending,
        layer=layers.get(first.layer_id, Text(first.layer_id, "")),
        accuracy=accuracy,
        rows=tuple(
            compose_meeting(site_number, site, finding) for site_number, site, finding in meeting[:MOST_ROWS]
        ),
        within=tuple(
            say_within(site_number, site, finding) for site_number, site, finding in near[:MOST_ROWS]
        ),
        more=max(len(meeting) - MOST_ROWS, 0) + max(len(near) - MOST_ROWS, 0),
    )


def say_within(number: int, site: SiteResult, finding: Finding) -> str:
    """Return a site that a zone's edge may reach though it is not drawn so: how near, how much at most."""
    away = format_length(finding.distance_m)
    point = None if finding.bearing_deg is None else compass_point(finding.bearing_deg)
    amount = measured_range(finding)
    most = ""
    if amount is not None and amount.max > 0:
        area = finding.overlap_area_m2 is not None
        most = f"，最大 {format_area_ha(amount.max) if area else format_length(amount.max)}"
    direction = "" if point is None else f" {point.zh}"
    return f"{number} {say_name(site, number)}（{away}{direction}{most}）"


def compose_meeting(number: int, site: SiteResult, finding: Finding) -> MeetingRow:
    """Return the row of one site under a rule."""
    amount = measured_range(finding)
    area = finding.overlap_area_m2 is not None
    least, drawn, greatest = say_range(amount, area=area)
    remark: list[Text] = []
    if finding.height_limit_m is not None:
        height = f"{finding.height_limit_m:,.1f} m"
        remark.append(Text(f"限高 {height}", f"limit {height}"))
    return MeetingRow(
        number=number,
        name=say_name(site, number),
        relation=RELATIONS[finding.relation],
        certainty=finding.certainty,
        least=least,
        drawn=drawn,
        greatest=greatest,
        share="—" if finding.share_of_site is None else format_share(finding.share_of_site.as_drawn),
        remark=tuple(remark),
        decides=finding.finding_id in site.reasons,
    )


def say_range(amount: Range | None, *, area: bool) -> tuple[tuple[str, ...], ...]:
    """Return the least, drawn and greatest value in all units; dashes for a point."""
    if amount is None:
        return ("—",), ("—",), ("—",)
    return tuple(format_amount(value, area=area) for value in (amount.min, amount.as_drawn, amount.max))


def compose_near(result: CheckResult) -> tuple[NearRow, ...]:
    """Return the near misses that decide nothing, one row a site."""
    rows: list[NearRow] = []
    for number, site in enumerate(result.sites, start=1):
        near = [f for f in site.findings if is_near_miss(f) and f.finding_id not in site.reasons]
        said = []
        for finding in sorted(near, key=lambda finding: finding.distance_m)[:MOST_NEAR]:
            away = format_length(finding.distance_m)
            point = None if finding.bearing_deg is None else compass_point(finding.bearing_deg)
            zh, en = ("", "") if point is None else (f" {point.zh}", f" {point.en}")
            level = LEVELS[finding.level].zh
            said.append(Text(f"{away}{zh}：{finding.title.zh}（{level}）", f"{away}{en}: {finding.title.en}"))
        if len(near) > MOST_NEAR:
            said.append(say_more(len(near) - MOST_NEAR))
        if said and len(rows) < MOST_ROWS:
            rows.append(NearRow(number, say_name(site, number), tuple(said)))
    return tuple(rows)
