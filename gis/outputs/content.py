"""A result put into the words of its report."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from math import atan2, degrees, hypot
from typing import TYPE_CHECKING

from gis.model import Certainty, CheckResult, Level, Note, SiteResult, Text, Verdict
from gis.outputs.figures import draw_figures
from gis.outputs.link_content import compose_links, say_network
from gis.outputs.listings import group_gaps, list_facts
from gis.outputs.measures import (
    compass_point,
    format_accuracy,
    format_area_ha,
    format_length,
    format_share,
    format_size,
)
from gis.outputs.plaintext import FILE_LENGTH, NAME_LENGTH, show_text
from gis.outputs.report import (
    TITLE,
    AlternativeRow,
    Conclusion,
    CorridorRow,
    GapRow,
    RejectedRow,
    Report,
    RuleBlock,
    RuleGroup,
    SiteRow,
    SourceRow,
)
from gis.outputs.rule_content import compose_near, compose_rules, say_name, show_wording
from gis.outputs.table import format_numbers
from gis.outputs.wording import CERTAINTIES, GAPS, KINDS, LEVELS, PROVENANCES, STATUSES, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gis.model import Alternative, CorridorEffect, Unassessed
    from gis.workspace import Workspace

NAMED_RULES = 3
NOTE_LENGTH = 120
MOST_SITES, MOST_REJECTED = 1000, 300
"""Rows a report prints; the rest is counted, and stands in the workbook."""
NONE_FOUND = Text("未找到", "none found")


def compose_report(result: CheckResult, workspace: Workspace) -> Report:
    """Return what the report of a result says.

    Parameters
    ----------
    workspace : Workspace
        Where the figures' zones, the rules' notes and the name of the office come from.
    """
    figures, left_out = draw_figures(result, workspace)
    rules = compose_rules(result, workspace)
    gaps = group_gaps(result)
    counts = result.by_verdict
    return Report(
        title=TITLE,
        office=show_text(workspace.settings.office, NAME_LENGTH),
        check_id=result.check_id,
        created=datetime.fromisoformat(result.created).strftime("%Y-%m-%d %H:%M UTC"),
        on=result.on.isoformat(),
        counts=tuple((verdict, counts[verdict.value]) for verdict in Verdict),
        sites=tuple(compose_site(n, site) for n, site in enumerate(result.sites[:MOST_SITES], start=1)),
        sites_in_all=len(result.sites),
        rejected=tuple(
            RejectedRow(
                file=show_text(item.file, FILE_LENGTH),
                index=item.index,
                name=show_text(item.name, NAME_LENGTH),
                message=show_wording(item.message),
            )
            for item in result.input.rejected[:MOST_REJECTED]
        ),
        rejected_in_all=len(result.input.rejected),
        conclusions=compose_conclusions(result, rules),
        alternatives=compose_alternatives(result),
        rules=rules,
        near=compose_near(result),
        gaps=tuple(
            GapRow(
                layer=gap.title,
                reason=GAPS[gap.reason],
                required=gap.required,
                sites=say_sites(numbers, len(result.sites)),
                share=format_share(share),
            )
            for gap, numbers, share in gaps
            if not is_blank(gap)
        ),
        no_data=tuple(gap.title for gap, _, _ in gaps if is_blank(gap)),
        corridors=compose_corridors(result),
        links=compose_links(result),
        network=say_network(result),
        figures=figures,
        figures_left_out=left_out,
        sources=compose_sources(result),
        facts=tuple(
            (show_wording(label, FILE_LENGTH + 10), show_text(value, 200))
            for label, value in list_facts(result)
        ),
    )


def is_blank(gap: Unassessed) -> bool:
    """Return whether a layer is one that nobody requires and that has no data: named in one line."""
    return gap.reason == "no_data" and not gap.required


def say_sites(numbers: Sequence[int], total: int) -> str:
    """Return which sites: all, or their numbers."""
    return "全部" if len(numbers) == total else show_text(format_numbers(numbers), 120)


def compose_site(number: int, site: SiteResult) -> SiteRow:
    """Return the row of one site."""
    notes: Iterable[Note] = (*site.site.repairs, *site.site.warnings)
    return SiteRow(
        number=number,
        name=say_name(site, number),
        file=show_text(site.site.file, FILE_LENGTH),
        kind=KINDS[site.site.kind],
        size=format_size(site),
        verdict=site.verdict,
        notes=tuple(show_wording(note.message, NOTE_LENGTH) for note in notes)[:3],
    )


def compose_conclusions(result: CheckResult, rules: Sequence[RuleGroup]) -> tuple[Conclusion, ...]:
    """Return the verdicts, strictest first, sites of the same verdict for the same reasons together."""
    numbers = {block.rule_id: block for group in rules for block in group.rules}
    layers = {used.entry.id: used.entry.title for used in result.layers}
    groups: dict[tuple[Verdict, tuple[Text, ...]], list[int]] = defaultdict(list)
    for index, site in enumerate(result.sites):
        reasons = say_reasons(site, numbers, layers)
        groups[site.verdict, reasons].append(index)
    order = list(Verdict)
    ranked = sorted(groups.items(), key=lambda item: (order.index(item[0][0]), item[1][0]))
    return tuple(
        Conclusion(
            verdict=verdict,
            sites=show_text(format_numbers([index + 1 for index in indexes]), 240),
            names=_say_names([say_name(result.sites[index], index + 1) for index in indexes]),
            count=len(indexes),
            reasons=reasons,
        )
        for (verdict, reasons), indexes in ranked
    )


def _say_names(names: Sequence[str]) -> str:
    """Return names, the rest counted."""
    more = f" 等 {len(names)} 处" if len(names) > 4 else ""
    return "、".join(names[:4]) + more


def say_reasons(site: SiteResult, blocks: dict[str, RuleBlock], layers: dict[str, Text]) -> tuple[Text, ...]:
    """Return what decided a verdict: rules by level and certainty, then layers, then repairs."""
    said: list[Text] = []
    deciding = [finding for finding in site.findings if finding.finding_id in site.reasons]
    for level in Level:
        for certainty in Certainty:
            chosen = [f for f in deciding if f.level is level and f.certainty is certainty]
            if chosen:
                rules = [blocks[finding.rule_id] for finding in chosen]
                said.append(
                    _say_rules(f"{LEVELS[level].zh}·{CERTAINTIES[certainty].zh}", level, certainty, rules)
                )
    gaps = [layers[reason] for reason in site.reasons if reason in layers]
    if gaps:
        zh, en = "、".join(title.zh for title in gaps), "; ".join(title.en for title in gaps)
        said.append(Text(f"必需图层未评估：{zh}", f"required layers not assessed: {en}"))
    if any(note.code in site.reasons for note in site.site.repairs):
        said.append(
            Text("几何修复待规划师确认（--accept-repairs）", "a repair of the geometry awaits confirmation")
        )
    return tuple(said)


def _say_rules(head: str, level: Level, certainty: Certainty, rules: Sequence[RuleBlock]) -> Text:
    """Return rules by name, the fourth and later counted, with their numbers in the report."""
    numbers = format_numbers(sorted(block.number for block in rules))
    names = "、".join(block.title.zh for block in rules[:NAMED_RULES])
    more = f" 等 {len(rules)} 条" if len(rules) > NAMED_RULES else ""
    english = "; ".join(block.title.en for block in rules[:NAMED_RULES])
    others = f" and {len(rules) - NAMED_RULES} more" if len(rules) > NAMED_RULES else ""
    return Text(
        f"{head}：{names}{more}〔依据 {numbers}〕",
        f"{LEVELS[level].en}, {CERTAINTIES[certainty].en}: {english}{others}",
    )


def compose_corridors(result: CheckResult) -> tuple[CorridorRow, ...]:
    """Return the effects on corridors: all sites together first, then each."""
    rows = [
        compose_corridor(Text("全部用地合计", "all sites together"), effect, together=True)
        for effect in result.corridors_together
    ]
    for number, site in enumerate(result.sites, start=1):
        rows += [
            compose_corridor(Text(f"{number}　{say_name(site, number)}", ""), effect, together=False)
            for effect in site.corridor_effects
        ]
    return tuple(rows)


def compose_corridor(who: Text, effect: CorridorEffect, *, together: bool) -> CorridorRow:
    """Return the row of one effect."""
    required = effect.required_width_m
    if effect.severed:
        holds = Text("切断", "severed")
    elif required is None:
        holds = Text("无要求宽度", "no required width")
    elif effect.width_after_m >= required:
        holds = Text("满足", "holds")
    else:
        holds = Text("不满足", "too narrow")
    return CorridorRow(
        who=who,
        corridor=effect.title,
        severed=effect.severed,
        lost="0" if effect.area_lost_m2 == 0 else format_area_ha(effect.area_lost_m2),
        before=format_length(effect.width_before_m),
        after=format_length(effect.width_after_m),
        required="—" if required is None else format_length(required),
        holds=holds,
        together=together,
    )


def compose_sources(result: CheckResult) -> tuple[SourceRow, ...]:
    """Return the layers that were read or failed; layers without data are named apart."""
    return tuple(
        SourceRow(
            layer=used.entry.title,
            status=STATUSES[used.status],
            provenance=PROVENANCES[used.entry.provenance],
            date=used.entry.data_date or "—",
            accuracy="—" if used.entry.accuracy_m is None else format_accuracy(used.entry.accuracy_m),
            source=show_text(used.entry.source, 600),
            licence=show_text(used.entry.licence, 300),
            sha256=used.sha256 or "—",
        )
        for used in result.layers
        if used.status.value != "no_data"
    )


def compose_alternatives(result: CheckResult) -> tuple[AlternativeRow, ...]:
    """Return what the sites could be instead, where it was asked; "none found" is said."""
    rows = []
    for number, site in enumerate(result.sites, start=1):
        by_kind = {alternative.kind: alternative for alternative in site.alternatives or ()}
        if by_kind:
            shift, part = by_kind.get("shift"), by_kind.get("clear_part")
            rows.append(
                AlternativeRow(
                    number=number,
                    name=say_name(site, number),
                    shift=NONE_FOUND if shift is None else say_shift(shift),
                    part=NONE_FOUND if part is None else say_part(part, site),
                )
            )
    return tuple(rows)


def say_shift(shift: Alternative) -> Text:
    """Return how far and which way a site would be moved, and the verdict there."""
    if shift.geometry is None or shift.verdict is None:
        return NONE_FOUND
    away = format_length(hypot(shift.dx_m, shift.dy_m))
    point = compass_point(degrees(atan2(shift.dx_m, shift.dy_m)) % 360)
    verdict = VERDICTS[shift.verdict]
    return Text(
        f"向{point.zh}平移 {away}（东 {shift.dx_m:+,.0f} m，北 {shift.dy_m:+,.0f} m）：{verdict.zh}",
        f"moved {away} {point.en}: {verdict.en}",
    )


def say_part(part: Alternative, site: SiteResult) -> Text:
    """Return how much of a site could stay, and the verdict on it."""
    if part.geometry is None or part.verdict is None:
        return NONE_FOUND
    verdict = VERDICTS[part.verdict]
    if site.site.kind != "polygon":
        return Text(f"可保留部分：{verdict.zh}", f"a part of it: {verdict.en}")
    share = format_share(min(part.area_m2 / site.area_m2, 1.0)) if site.area_m2 > 0 else "—"
    area = format_area_ha(part.area_m2)
    return Text(f"可保留 {area}（{share}）：{verdict.zh}", f"{area} ({share}) could stay: {verdict.en}")
