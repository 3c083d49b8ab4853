"""The list beside a control or check sheet: zones with their articles, findings with their certainty."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from gis.model import Certainty, Text, Verdict
from gis.sheets.facts import Listing, ListRow
from gis.sheets.subject import VERDICT_STYLE, style_word
from gis.sheets.zoning import circled, zone_style

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from gis.model import Rule
    from gis.sheets.stored import StoredCheck, StoredFinding, StoredGap, StoredSite
    from gis.sheets.zoning import Ground
    from gis.styles import Styles
    from gis.workspace import Workspace

CERTAINTY_WORDS = {Certainty.CERTAIN: "确定", Certainty.POSSIBLE: "可能", Certainty.NONE: "邻近"}
GAP_WORDS = {"no_data": "无资料", "outside_coverage": "超出覆盖范围", "failed": "图层损坏"}
NO_ARTICLE = "未见条文"
NAMES_LISTED = 3


def list_grounds(grounds: Sequence[Ground], styles: Styles) -> Listing:
    """Return the control zones of a sheet with their rules and articles."""
    rows: list[ListRow] = []
    for ground in grounds:
        style = zone_style(styles, ground.level)
        names = "、".join(ground.names[:NAMES_LISTED]) or ground.entry.title.zh
        more = f"等 {len(ground.names)} 处" if len(ground.names) > NAMES_LISTED else ""
        notes = [note for note, true in (("全幅", ground.whole), ("界线未公开", not ground.settled)) if true]
        tail = f"（{'，'.join(notes)}）" if notes else ""
        rows.append(
            ListRow(f"{circled(ground.number)} {names}{more}{tail}", "", style.text_colour, head=True)
        )
        rows += [_rule_row(rule, styles) for rule in ground.rules]
    note = "叠置处着色按最严等级，各区界线均绘出；编号见图。" if grounds else "本幅范围内没有可绘的管控区。"
    return Listing(Text("管控区与依据", "Control zones and articles"), tuple(rows), note)


def _rule_row(rule: Rule, styles: Styles) -> ListRow:
    """Return a rule with its level and article."""
    style = zone_style(styles, rule.level)
    first = rule.provisions[0] if rule.provisions else None
    article = "" if first is None else article_text(first.instrument, first.article, verified=first.verified)
    return ListRow(style_word(style), f"{rule.title.zh}　{article}".strip(), style.text_colour)


def number_text(ground: Ground) -> str:
    """Return a zone's number in the list of a check; one that takes the whole sheet says so."""
    return f"{circled(ground.number)}{'（全幅）' if ground.whole else ' '}"


def article_text(instrument: str, article: str, *, verified: bool) -> str:
    """Return a provision as it is cited: instrument and article, marked where it was not verified."""
    named = "" if article in {"", NO_ARTICLE} else article
    doubt = "" if verified or "待核" in named else "（条文待核）"
    return f"《{instrument}》{named}{doubt}"


def list_check(
    check: StoredCheck, grounds: Sequence[Ground], workspace: Workspace, *, public: bool
) -> Listing:
    """Return the findings of a check, site by site.

    In the public profile findings and gaps of sensitive layers are left out, and the list says how many.
    """
    hidden = hidden_layers(workspace, (f.layer_id for f in _all_findings(check)), public=public)
    hidden |= hidden_layers(workspace, (g.layer_id for s in check.sites for g in s.unassessed), public=public)
    numbers = {rule.id: number_text(ground) for ground in grounds for rule in ground.rules}
    rows = [row for site in check.sites for row in _site_rows(site, numbers, workspace.styles, hidden)]
    left_out = sum(f.layer_id in hidden for f in _all_findings(check))
    notes = [f"检查 {check.check_id[:12]}，按 {check.on.isoformat()} 有效的法规。"]
    if check.rejected:
        notes.append(f"另有 {len(check.rejected)} 个要素未能检查。")
    if left_out:
        notes.append(f"另有 {left_out} 项结论涉及不公开的图层，未表示，结论等级仍计入。")
    return Listing(Text("检查结论与依据", "Findings and articles"), tuple(rows), "".join(notes))


def _all_findings(check: StoredCheck) -> Iterable[StoredFinding]:
    """Yield the findings of all sites."""
    return (finding for site in check.sites for finding in site.findings)


def hidden_layers(workspace: Workspace, layer_ids: Iterable[str], *, public: bool) -> set[str]:
    """Return the layers that must not be spoken of: in the public profile sensitive and unknown ones."""
    if not public:
        return set()
    return {
        layer_id
        for layer_id in layer_ids
        if layer_id not in workspace.layers or workspace.layers[layer_id].entry.sensitive
    }


def zones_met(check: StoredCheck, hidden: Collection[str] = ()) -> dict[str, set[str]]:
    """Return the zones that sites meet or may meet: rule id → ids of features."""
    met: dict[str, set[str]] = defaultdict(set)
    for finding in _all_findings(check):
        if finding.certainty is not Certainty.NONE and finding.layer_id not in hidden:
            met[finding.rule_id].update(finding.feature_ids)
    return dict(met)


def _site_rows(
    site: StoredSite, numbers: Mapping[str, str], styles: Styles, hidden: Collection[str]
) -> list[ListRow]:
    """Return the rows of one site: its verdict, what it meets, what is near, what could not be said."""
    style = styles.find(f"{VERDICT_STYLE}{site.verdict.value}")
    rows = [ListRow(f"{site.name or site.site_id}　{style_word(style)}", "", style.text_colour, head=True)]
    shown = [finding for finding in site.findings if finding.layer_id not in hidden]
    met = [finding for finding in shown if finding.certainty is not Certainty.NONE]
    near = [finding for finding in shown if finding.certainty is Certainty.NONE]
    rows += [_finding_row(finding, numbers.get(finding.rule_id), styles) for finding in met]
    if near:
        names = "、".join(f"{finding.title.zh}（{format_metres(finding.distance_m)}）" for finding in near)
        rows.append(ListRow("邻近", names, "#5b6770"))
    rows += _gap_rows([gap for gap in site.unassessed if gap.layer_id not in hidden])
    if len(rows) == 1:
        word = "资料不足，无法判定。" if site.verdict is Verdict.UNDETERMINED else "未发现与可用图层的冲突。"
        rows.append(ListRow("", word, "#5b6770"))
    return rows


def _finding_row(finding: StoredFinding, number: str | None, styles: Styles) -> ListRow:
    """Return a finding with level, certainty and article."""
    style = zone_style(styles, finding.level)
    key = f"{style_word(style)}·{CERTAINTY_WORDS[finding.certainty]}"
    cited = [article_text(p.instrument, p.article, verified=p.verified) for p in finding.provisions[:1]]
    pending = ["（尚未施行）"] if finding.pending else []
    title = f"{number or ''}{finding.title.zh}"
    return ListRow(key, "　".join([title, *cited, *pending]), style.text_colour)


def _gap_rows(gaps: Sequence[StoredGap]) -> list[ListRow]:
    """Return what could not be said, a row a reason."""
    reasons: dict[str, list[str]] = {}
    for gap in gaps:
        reasons.setdefault(gap.reason, []).append(gap.title.zh)
    rows = []
    for reason, names in reasons.items():
        word = GAP_WORDS.get(reason, reason)
        more = f"等 {len(names)} 个图层" if len(names) > NAMES_LISTED else ""
        short = f"{'、'.join(names[:NAMES_LISTED])}{more}（{word}）"
        rows.append(ListRow("未判定", f"{'、'.join(names)}（{word}）", "#6d4a8c", short=short))
    return rows


def format_metres(distance_m: float) -> str:
    """Return a distance: metres below 10 km, kilometres above."""
    return f"{distance_m:.0f} m" if distance_m < 10_000 else f"{distance_m / 1000:.1f} km"
