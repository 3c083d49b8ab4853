"""The rules of a report as blocks of a page: articles once, a row a site, the near misses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer, Table

from gis.model import Text
from gis.outputs.blocks import (
    NOTE,
    NOTHING,
    RIGHT,
    RIGHT_SMALL,
    RIGHT_STRONG,
    WIDTH_MM,
    look,
    set_table,
)
from gis.outputs.figure import INK
from gis.outputs.report import WITHIN, say_more
from gis.outputs.setting import (
    SMALL,
    STRONG,
    Chip,
    Chips,
    Run,
    Style,
    Words,
    bilingual,
    words,
)
from gis.outputs.wording import CERTAINTIES, LEVEL_COLOURS, LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.model import Provision
    from gis.outputs.report import MeetingRow, Report, RuleBlock, RuleGroup


FEW_ROWS = 6
"""A table of so few rows stays on one page with its rule."""


def set_rules(report: Report) -> list[Flowable]:
    """Return every rule met with its articles and sites, then the near misses."""
    story: list[Flowable] = []
    for group in report.rules:
        story += set_group(group)
    if not report.rules:
        story.append(words("没有用地触及管控区。 No site meets a control zone.", style=NOTHING))
    if report.near:
        story += [CondPageBreak(30 * mm), words(Text("邻近但未触及", "Near, not met"), style=STRONG)]
        rows = [[f"{row.number}　{row.name}", words(*row.near)] for row in report.near]
        heads = [("用地", "Site"), ("方位、距离与规则", "Direction, distance and rule")]
        story.append(set_table(heads, rows, (50, 124)))
    return story


def set_group(group: RuleGroup) -> list[Flowable]:
    """Return rules that share their rows, the table not far from the last of them."""
    story: list[Flowable] = []
    for rule in group.rules[:-1]:
        story += [CondPageBreak(50 * mm), set_rule(rule), Spacer(1, 1.5 * mm)]
    last = [set_rule(group.rules[-1]), Spacer(1, 1.5 * mm), *set_meetings(group)]
    few = len(group.rows) <= FEW_ROWS and len(group.within) <= FEW_ROWS
    story += [KeepTogether(last)] if few else [CondPageBreak(90 * mm), *last]
    return [*story, Spacer(1, 6 * mm)]


def set_rule(rule: RuleBlock) -> Flowable:
    """Return one rule: level, title, requirement, articles, note."""
    chips = [Chip(LEVELS[rule.level].zh, LEVEL_COLOURS[rule.level])]
    if rule.pending:
        chips.append(Chip("尚未施行 pending", colour="#7a5e00"))
    if not rule.verified:
        chips.append(Chip("条文未核 text not seen", colour="#7a5e00"))
    head: list[Flowable] = [
        Chips(tuple(chips), f"依据 {rule.number}"),
        words(rule.title, style=Style(size=10, leading=14, bold=True)),
        words(rule.requirement),
        Spacer(1, 1.2 * mm),
        words(*(run for law in rule.provisions for run in set_law(law))),
    ]
    if rule.note is not None:
        head.append(words(*bilingual(rule.note, NOTE)))
    frame = Table([[head]], colWidths=[WIDTH_MM * mm])
    frame.setStyle(
        look(
            [
                ("LINEBEFORE", (0, 0), (0, -1), 3, HexColor(LEVEL_COLOURS[rule.level])),
                ("LEFTPADDING", (0, 0), (-1, -1), 8),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    return frame


def set_meetings(group: RuleGroup) -> list[Flowable]:
    """Return the layer of rules that share their rows, and a row a site."""
    rule = group.rules[0]
    line = f"图层：{rule.layer.zh}，合成精度 {rule.accuracy}（95 %）"
    if len(group.rules) > 1:
        line += f"。以上 {len(group.rules)} 条涉及的用地与范围相同。"
    heads = [
        ("序", "No."),
        ("用地", "Site"),
        ("关系", "Relation"),
        ("确定性", "Certainty"),
        ("最小", "least"),
    ]
    heads += [("按图", "as drawn"), ("最大", "greatest"), ("占用地", "share"), ("备注", "Remark")]
    rows = [set_meeting(row) for row in group.rows]
    story: list[Flowable] = [words(Run(line, replace(SMALL, size=7.4, leading=11)))]
    if rows:
        story.append(set_table(heads, rows, (7, 36, 14.5, 13, 26, 26, 26, 13.5, 12), right=(0, 4, 5, 6, 7)))
    if group.within:
        listed = f"{WITHIN.zh}（{len(group.within)} 处）：{'、'.join(group.within)}。"
        story += [Spacer(1, 1.5 * mm), words(Run(listed, Style(size=8, leading=11.6)), Run(WITHIN.en, SMALL))]
    if rule.more:
        story.append(words(say_more(rule.more)))
    return story


def set_law(law: Provision) -> tuple[Run, ...]:
    """Return an article with its version, its dates and where its text was read."""
    seen = "" if law.verified else "　条文未核"
    start = "" if law.in_force_from is None else f"　自 {law.in_force_from.isoformat()} 施行"
    end = "" if law.in_force_until is None else f"　至 {law.in_force_until.isoformat()}"
    title = f"《{law.instrument}》{law.article}（{law.version}）{seen}{start}{end}"
    source = (Run(law.source, SMALL),) if law.source else ()
    return Run(title, Style(size=8.2, leading=11.4)), *source


def set_meeting(row: MeetingRow) -> list[Any]:
    """Return the cells of one site under a rule."""
    remark: list[Run] = []
    if row.decides:
        remark += [Run("决定", STRONG), Run("decides", SMALL)]
    for text in row.remark:
        remark += bilingual(text, replace(SMALL, colour=INK))
    return [
        str(row.number),
        row.name,
        words(row.relation),
        words(CERTAINTIES[row.certainty]),
        _amount(row.least, RIGHT),
        _amount(row.drawn, RIGHT_STRONG),
        _amount(row.greatest, RIGHT),
        row.share,
        Words(tuple(remark) or (Run(""),)),
    ]


def _amount(lines: Sequence[str], style: Style) -> Words:
    """Return a measure: the first unit large, the others small."""
    return Words(tuple(Run(line, style if index == 0 else RIGHT_SMALL) for index, line in enumerate(lines)))
