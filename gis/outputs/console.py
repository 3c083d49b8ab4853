"""A result at a glance on a terminal: sites with their verdicts, findings by severity, gaps once for all."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from gis.model import Certainty, Finding, Level, Relation, Text, Verdict
from gis.outputs.content import compose_corridor
from gis.outputs.link_content import say_network, say_touch
from gis.outputs.listings import group_gaps
from gis.outputs.measures import (
    compass_point,
    format_accuracy,
    format_land,
    format_length,
    is_near_miss,
    measured_range,
)
from gis.outputs.plaintext import FILE_LENGTH, NAME_LENGTH, show_text, text_columns
from gis.outputs.table import cite, format_numbers
from gis.outputs.wording import CERTAINTIES, GAPS, KINDS, LEVELS, RELATIONS, VERDICTS
from gis.outputs.wrapping import wrap_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from gis.model import CheckResult, SiteResult

COLOURS = {
    Verdict.PROHIBITED: "bold red",
    Verdict.RESTRICTED: "bold dark_orange",
    Verdict.APPROVAL_NEEDED: "bold yellow",
    Verdict.ATTENTION: "bold blue",
    Verdict.UNDETERMINED: "bold magenta",
    Verdict.CLEAR: "bold green",
}
LEVEL_COLOURS = {
    Level.PROHIBITED: "red",
    Level.RESTRICTED: "dark_orange",
    Level.APPROVAL_NEEDED: "yellow",
    Level.NOTICE: "blue",
}
FEW_SITES = 5
"""Up to this many sites every finding is shown with its articles; of more, the rules are named."""

NAMED_RULES, LISTED_FINDINGS, LISTED_LAYERS, LISTED_REJECTED = 3, 6, 12, 20
NARROWEST, WIDEST = 60, 120


def print_summary(result: CheckResult, console: Console | None = None) -> None:
    """Print a result for a person: a block a site, then what was rejected and not assessed, then the sum.

    Lines are broken for the terminal's width, 60–120 columns, Chinese characters counting two.
    """
    from rich.console import Console

    out = console or Console(highlight=False)
    page = _Page(out)
    for number, site in enumerate(result.sites, start=1):
        _print_site(page, number, site, in_full=len(result.sites) <= FEW_SITES)
    _print_rejected(page, result)
    _print_gaps(page, result)
    _print_sum(page, result)


class _Page:
    """A terminal with its width: writes broken lines with a hanging indent."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.width = min(max(console.width, NARROWEST), WIDEST)

    def write(self, text: str, *, indent: int = 0, hang: int = 0, style: str = "") -> None:
        """Write a text, its first line after `indent` columns, the others `hang` columns farther."""
        from rich.text import Text as RichText

        room = self.width - indent - hang
        for index, line in enumerate(wrap_text(text, room, lambda piece: float(text_columns(piece)))):
            margin = " " * (indent + (hang if index else 0))
            self._console.print(RichText(margin + line, style=style), soft_wrap=True)

    def write_head(self, verdict: Verdict, text: str, size: str) -> None:
        """Write a site's line: verdict on the left, size on the right where there is room."""
        from rich.text import Text as RichText

        words = VERDICTS[verdict]
        label = f"■ {words.zh} {words.en}"
        gap = self.width - text_columns(label) - 2 - text_columns(text) - text_columns(size)
        line = RichText.assemble(RichText(label, style=COLOURS[verdict]), "  ", RichText(text, style="bold"))
        if gap >= 2:
            line.append(" " * gap + size)
        self._console.print(line, soft_wrap=True)
        if gap < 2:
            self._console.print(RichText("  " + size), soft_wrap=True)


def _print_site(page: _Page, number: int, site: SiteResult, *, in_full: bool) -> None:
    """Print one site: verdict, size, findings by level."""
    name = show_text(site.site.name, NAME_LENGTH) or show_text(site.site.site_id, NAME_LENGTH)
    page.write_head(site.verdict, f"{number}  {name}", describe_size(site))
    for note in (*site.site.repairs, *site.site.warnings):
        page.write(f"! {show_text(note.message.zh)} / {show_text(note.message.en)}", indent=2, hang=2)
    current = [finding for finding in site.findings if not finding.pending]
    for level in Level:
        met = [f for f in current if f.level is level and not is_near_miss(f)]
        if met and in_full:
            _print_findings(page, level, met)
        elif met:
            _print_rules(page, level, met)
    near = [finding for finding in current if is_near_miss(finding)]
    if near:
        page.write(f"邻近 near：{_describe_near(near)}", indent=2, hang=2, style="dim")
    if in_full:
        _print_corridors(page, site)
    pending = [finding for finding in site.findings if finding.pending]
    if pending:
        titles = "、".join(finding.title.zh for finding in pending[:NAMED_RULES])
        page.write(f"尚未施行 pending：{_more(titles, len(pending))}", indent=2, hang=2, style="dim")


def _print_corridors(page: _Page, site: SiteResult) -> None:
    """Print what a site takes of the corridors, as digitised and as computed."""
    for effect in site.corridor_effects:
        row = compose_corridor(effect.title, effect, together=False)
        required = "" if effect.required_width_m is None else f"，要求 required {row.required}"
        page.write(
            f"生态走廊 corridor  {effect.title.zh} {effect.title.en}："
            f"{row.holds.zh} {row.holds.en}，最窄 narrowest {row.before} → {row.after}{required}",
            indent=2,
            hang=2,
            style="red" if effect.severed else "",
        )
    for touch in site.links[:LISTED_FINDINGS]:
        said = say_touch(touch)
        page.write(f"{said.zh} / {said.en}", indent=2, hang=2, style="red" if touch.status == "lost" else "")
    rest = len(site.links) - LISTED_FINDINGS
    if rest > 0:
        page.write(f"另有 {rest} 条连接 / {rest} more links", indent=2, style="dim")


def _print_findings(page: _Page, level: Level, findings: Sequence[Finding]) -> None:
    """Print the findings of one level, each with its amount and its articles."""
    words = LEVELS[level]
    page.write(f"{words.zh} {words.en}", indent=2, style=LEVEL_COLOURS[level])
    for finding in findings[:LISTED_FINDINGS]:
        sure, relation = CERTAINTIES[finding.certainty], RELATIONS[finding.relation]
        title = finding.title
        page.write(f"{sure.zh}·{relation.zh}  {title.zh} {title.en}", indent=4, hang=2)
        page.write(describe_amount(finding), indent=8, hang=2, style="bold")
        for provision in finding.provisions:
            page.write(cite(provision), indent=8, hang=2, style="dim")
    if len(findings) > LISTED_FINDINGS:
        rest = len(findings) - LISTED_FINDINGS
        page.write(f"另有 {rest} 条，用 -o 写出全部 / {rest} more: write them with -o", indent=4, style="dim")


def _print_rules(page: _Page, level: Level, findings: Sequence[Finding]) -> None:
    """Print the rules of one level by name, certain ones first, a line a certainty."""
    for certainty in Certainty:
        chosen = [finding for finding in findings if finding.certainty is certainty]
        if chosen:
            titles = "、".join(finding.title.zh for finding in chosen[:NAMED_RULES])
            head = f"{LEVELS[level].zh}·{CERTAINTIES[certainty].zh}"
            page.write(f"{head}：{_more(titles, len(chosen))}", indent=2, hang=2, style=LEVEL_COLOURS[level])


def _more(titles: str, count: int) -> str:
    """Return titles, with their number where not all are named."""
    return f"{titles} 等 {count} 条" if count > NAMED_RULES else titles


def _describe_near(findings: Sequence[Finding]) -> str:
    """Return the nearest of the zones that are not met."""
    ranked = sorted(findings, key=lambda finding: finding.distance_m)
    said = [f"{finding.title.zh} {describe_amount(finding)}" for finding in ranked[:NAMED_RULES]]
    return _more("、".join(said), len(ranked))


def _print_rejected(page: _Page, result: CheckResult) -> None:
    """Print the features that could not be checked."""
    for item in result.input.rejected[:LISTED_REJECTED]:
        where = f"{show_text(item.file, FILE_LENGTH)} #{item.index}".strip()
        message = f"{show_text(item.message.zh)} / {show_text(item.message.en)}"
        page.write(f"✗ 未检查 rejected  {where}  {message}", hang=2, style="red")
    rest = len(result.input.rejected) - LISTED_REJECTED
    if rest > 0:
        page.write(f"✗ 另有 {rest} 个要素未检查 / {rest} more rejected", style="red")


def _print_gaps(page: _Page, result: CheckResult) -> None:
    """Print the layers that could not answer: required ones by name, the rest as a number."""
    total = len(result.sites)
    required: dict[tuple[str, tuple[int, ...]], list[Text]] = defaultdict(list)
    others = set()
    for gap, numbers, _ in group_gaps(result):
        if gap.required:
            required[gap.reason, numbers].append(gap.title)
        else:
            others.add(gap.layer_id)
    if required:
        page.write("未评估的必需图层 / required layers not assessed", style="bold magenta")
    for (reason, numbers), titles in required.items():
        who = "全部用地" if len(numbers) == total else f"用地 {show_text(format_numbers(numbers), 40)}"
        named = "、".join(title.zh for title in titles[:LISTED_LAYERS])
        more = f" 等 {len(titles)} 个" if len(titles) > LISTED_LAYERS else ""
        page.write(f"· {named}{more}：{GAPS[reason].zh}（{who}）", indent=2, hang=2, style="magenta")
    if others:
        count = len(others)
        page.write(f"另有 {count} 个图层未评估 / {count} further layers not assessed", style="dim")


def _print_sum(page: _Page, result: CheckResult) -> None:
    """Print how many sites have which verdict, the date of the law and the id of the check."""
    network = say_network(result)
    if network is not None:
        page.write(f"廊道网络 {network.zh} / {network.en}", hang=2)
    counts = result.by_verdict
    said = "，".join(f"{VERDICTS[v].zh} {counts[v.value]}" for v in Verdict if counts[v.value])
    head = f"共 {len(result.sites)} 处：{said or '无'}"
    page.write(f"{head}；法规日期 {result.on}；检查号 {result.check_id[:12]}", hang=2, style="bold")


def describe_size(result: SiteResult) -> str:
    """Return the size of a site: hectares and mu, a length, or "point"."""
    if result.site.kind == "polygon":
        return format_land(result.area_m2)
    if result.site.kind == "line":
        return format_length(result.length_m)
    kind = KINDS[result.site.kind]
    return f"{kind.zh} {kind.en}"


def describe_amount(finding: Finding) -> str:
    """Return how much of a site a finding takes, or how near it lies."""
    if finding.relation is Relation.NEAR:
        away = format_length(finding.distance_m)
        if finding.bearing_deg is None:
            return away
        point = compass_point(finding.bearing_deg)
        return f"{point.zh} {point.en} {away}（{format_accuracy(finding.accuracy_m)}）"
    amount = measured_range(finding)
    if amount is None:
        return format_accuracy(finding.accuracy_m)
    area = finding.overlap_area_m2 is not None
    drawn, least, most = (
        format_land(value) if area and index == 0 else _short(value, area=area)
        for index, value in enumerate((amount.as_drawn, amount.min, amount.max))
    )
    return f"{drawn}  [{least} – {most}]"


def _short(value: float, *, area: bool) -> str:
    """Return a bound of a measure in one unit."""
    return f"{value / 10_000:,.4f} ha" if area else format_length(value)
