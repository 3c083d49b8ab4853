"""A result at a glance on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.model import Certainty, Relation, Verdict
from gis.outputs.wording import CERTAINTIES, GAPS, LEVELS, RELATIONS, VERDICTS

if TYPE_CHECKING:
    from rich.console import Console

    from gis.model import CheckResult, Finding, SiteResult

COLOURS = {
    Verdict.PROHIBITED: "bold red",
    Verdict.RESTRICTED: "bold dark_orange",
    Verdict.APPROVAL_NEEDED: "bold yellow",
    Verdict.ATTENTION: "bold blue",
    Verdict.UNDETERMINED: "bold magenta",
    Verdict.CLEAR: "bold green",
}
M2_PER_MU = 2000 / 3
"""1 mu = 1/15 ha."""


def print_summary(result: CheckResult, console: Console | None = None) -> None:
    """Print a result for a person: a block a site, then what was rejected and not assessed."""
    from rich.console import Console
    from rich.text import Text as RichText

    out = console or Console(soft_wrap=True, highlight=False)
    for site in result.sites:
        _print_site(site, out)
    for item in result.input.rejected:
        out.print(
            RichText(f"✗ {item.file or ''} #{item.index}  {item.message.zh} / {item.message.en}", style="red")
        )
    counts = "，".join(
        f"{VERDICTS[verdict].zh} {result.by_verdict[verdict.value]}"
        for verdict in Verdict
        if result.by_verdict[verdict.value]
    )
    head = f"共 {len(result.sites)} 处：{counts or '无'}"
    out.print(RichText(f"{head}；法规日期 {result.on}；检查号 {result.check_id[:12]}"))


def _print_site(result: SiteResult, out: Console) -> None:
    """Print one site: verdict, findings, what was not assessed."""
    from rich.text import Text as RichText

    verdict = VERDICTS[result.verdict]
    name = result.site.name or result.site.site_id
    heading = RichText(f"■ {verdict.zh} {verdict.en}", style=COLOURS[result.verdict])
    out.print(RichText.assemble(heading, RichText(f"  {name}  {describe_size(result)}", style="bold")))
    for finding in result.findings:
        out.print(RichText(f"  · {describe_finding(finding)}"))
        for provision in finding.provisions:
            seen = "" if provision.verified else "（条文未核 / text not seen）"
            out.print(
                RichText(
                    f"      《{provision.instrument}》{provision.article} {provision.version}{seen}",
                    style="dim",
                )
            )
    required = [gap for gap in result.unassessed if gap.required]
    others = len(result.unassessed) - len(required)
    if required:
        gaps = "、".join(f"{gap.title.zh}（{GAPS[gap.reason].zh}）" for gap in required)
        out.print(RichText(f"  未评估 / not assessed: {gaps}", style="magenta"))
    if others:
        out.print(
            RichText(f"  另有 {others} 个图层未评估 / {others} further layers not assessed", style="dim")
        )


def describe_size(result: SiteResult) -> str:
    """Return the size of a site: hectares and mu, kilometres, or "point"."""
    if result.site.kind == "polygon":
        return f"{result.area_m2 / 10_000:.4f} ha（{result.area_m2 / M2_PER_MU:.2f} 亩）"
    if result.site.kind == "line":
        return f"{result.length_m / 1000:.3f} km"
    return "点 / point"


def describe_finding(finding: Finding) -> str:
    """Return a finding in one line: level, certainty, relation, title, how much or how near."""
    pending = "（尚未施行 / pending）" if finding.pending else ""
    head = f"{LEVELS[finding.level].zh}·{CERTAINTIES[finding.certainty].zh}{pending}"
    relation, title = RELATIONS[finding.relation], finding.title
    return f"{head}  {relation.zh}  {title.zh} / {title.en}  {describe_amount(finding)}"


def describe_amount(finding: Finding) -> str:
    """Return how much of a site a finding takes, or how near it lies."""
    if finding.relation is Relation.NEAR:
        away = f"{finding.distance_m:.0f} m"
        return (
            f"{away} → {finding.bearing_deg:.0f}°（±{finding.accuracy_m:.0f} m）"
            if finding.bearing_deg is not None
            else away
        )
    area, length = finding.overlap_area_m2, finding.overlap_length_m
    if area is not None:
        bounds = (
            "" if finding.certainty is Certainty.NONE else f" [{area.min / 1e4:.2f}–{area.max / 1e4:.2f}]"
        )
        return f"{area.as_drawn / 10_000:.4f} ha{bounds}"
    if length is not None:
        return f"{length.as_drawn:.0f} m [{length.min:.0f}–{length.max:.0f}]"
    return ""
