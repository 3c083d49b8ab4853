"""The parts of a report as blocks of an A4 page, in the order of the report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer, Table

from gis.model import Text
from gis.outputs.blocks import (
    LINE,
    NOTE,
    NOTHING,
    PALE,
    WIDTH_MM,
    Heading,
    look,
    set_table,
    verdict_chip,
)
from gis.outputs.figure import GREY
from gis.outputs.link_content import CAUTION
from gis.outputs.report import CAVEAT, SECTIONS, say_more
from gis.outputs.rule_pages import set_rules
from gis.outputs.setting import (
    BODY,
    MONO,
    SMALL,
    STRONG,
    Chip,
    Chips,
    Drawing,
    Run,
    Style,
    Words,
    bilingual,
    words,
)
from gis.outputs.wording import VERDICT_COLOURS, VERDICTS

if TYPE_CHECKING:
    from gis.outputs.report import Report


def set_report(report: Report) -> list[Flowable]:
    """Return the blocks of a whole report."""
    parts = (
        set_sites,
        set_conclusions,
        set_rules,
        set_gaps,
        set_corridors,
        set_figures,
        set_sources,
        set_facts,
    )
    story = set_title(report)
    for number, (title, part) in enumerate(zip(SECTIONS, parts, strict=True), start=1):
        story += [CondPageBreak(45 * mm), Heading(number, title), *part(report)]
    return story


def set_title(report: Report) -> list[Flowable]:
    """Return the title, what identifies the check, the counts and the caveat."""
    title = Style(size=21, leading=27, bold=True)
    facts = [("法规日期 Law as of", report.on), ("生成时间 Created", report.created)]
    facts.append(("检查号 Check id", report.check_id[:16]))
    if report.office:
        facts.append(("编制单位 Office", report.office))
    cells = [Words((Run(label, SMALL), Run(value, BODY))) for label, value in facts]
    meta = Table([cells], colWidths=[WIDTH_MM / len(cells) * mm] * len(cells))
    meta.setStyle(
        look(
            [
                ("LINEABOVE", (0, 0), (-1, 0), 0.6, LINE),
                ("LINEBELOW", (0, 0), (-1, 0), 0.6, LINE),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    caveat = Table([[Words(bilingual(CAVEAT))]], colWidths=[WIDTH_MM * mm])
    caveat.setStyle(
        look(
            [
                ("BACKGROUND", (0, 0), (-1, -1), HexColor("#fbf7ea")),
                ("LINEBEFORE", (0, 0), (0, -1), 3, HexColor("#b98b1e")),
                ("LEFTPADDING", (0, 0), (-1, -1), 9),
                ("TOPPADDING", (0, 0), (-1, -1), 5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
            ]
        )
    )
    return [
        Words(bilingual(report.title, title, Style(size=11, leading=16, colour=GREY))),
        Spacer(1, 4 * mm),
        meta,
        Spacer(1, 4 * mm),
        _set_counts(report),
        Spacer(1, 4 * mm),
        caveat,
    ]


def _set_counts(report: Report) -> Table:
    """Return the number of sites by verdict as a row of plates."""
    cells, style = [], []
    for index, (verdict, count) in enumerate(report.counts):
        colour = "#ffffff" if count else GREY
        text = VERDICTS[verdict]
        cells.append(
            Words(
                (
                    Run(str(count), Style(18, 22, bold=True, colour=colour, align="center")),
                    Run(text.zh, Style(8.6, 11.5, bold=True, colour=colour, align="center")),
                    Run(text.en, Style(6.6, 9, colour=colour, align="center")),
                )
            )
        )
        fill = HexColor(VERDICT_COLOURS[verdict]) if count else PALE
        style += [("BACKGROUND", (index, 0), (index, 0), fill)]
    table = Table([cells], colWidths=[WIDTH_MM / len(cells) * mm] * len(cells), spaceBefore=0)
    table.setStyle(
        look(
            [
                *style,
                ("INNERGRID", (0, 0), (-1, -1), 5, HexColor("#ffffff")),
                ("TOPPADDING", (0, 0), (-1, -1), 4),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
            ]
        )
    )
    return table


def set_sites(report: Report) -> list[Flowable]:
    """Return the list of sites and of features that could not be checked."""
    heads = [("序号", "No."), ("名称", "Name"), ("类型", "Kind"), ("面积或长度", "area or length")]
    heads += [("公顷", "ha"), ("亩", "mu"), ("结论", "Verdict"), ("文件", "File")]
    rows = [
        [
            str(site.number),
            words(Run(site.name), *(Run(note.zh, SMALL) for note in site.notes)),
            site.kind.zh,
            *site.size,
            verdict_chip(site.verdict),
            words(Run(site.file, SMALL)),
        ]
        for site in report.sites
    ]
    widths = (10, 46, 10, 26, 17, 17, 18.5, 29.5)
    story: list[Flowable] = [
        set_table(heads, rows, widths, right=(0, 3, 4, 5))
        if rows
        else words("没有可检查的用地 No site could be checked", style=NOTHING)
    ]
    if report.sites_in_all > len(report.sites):
        story.append(words(say_more(report.sites_in_all - len(report.sites))))
    if report.rejected:
        story += [Spacer(1, 5 * mm), CondPageBreak(25 * mm)]
        story.append(words(Text("未检查的要素", "Features that could not be checked"), style=STRONG))
        rejected = [
            [item.file, str(item.index), item.name, Words(bilingual(item.message))]
            for item in report.rejected
        ]
        heads = [("文件", "File"), ("要素号", "Feature"), ("名称", "Name"), ("原因", "Reason")]
        story.append(set_table(heads, rejected, (42, 15, 37, 80), right=(1,)))
    if report.rejected_in_all > len(report.rejected):
        story.append(words(say_more(report.rejected_in_all - len(report.rejected))))
    return story


def set_conclusions(report: Report) -> list[Flowable]:
    """Return the verdicts with the sites they hold for and what decided them."""
    nothing = Text("所列图层与法规均未发现问题", "nothing found in the layers and rules listed")
    rows = [
        [
            verdict_chip(item.verdict),
            words(Run(item.sites, STRONG), Run(item.names, SMALL)),
            words(*(item.reasons or (nothing,))),
        ]
        for item in report.conclusions
    ]
    heads = [("结论", "Verdict"), ("用地", "Sites"), ("决定因素", "Decided by")]
    story: list[Flowable] = [set_table(heads, rows, (22, 42, 110))]
    if report.alternatives:
        story += [Spacer(1, 5 * mm), CondPageBreak(30 * mm)]
        story.append(words(Text("替代方案", "What if"), style=STRONG))
        choices = [
            [f"{row.number}　{row.name}", words(row.shift), words(row.part)] for row in report.alternatives
        ]
        heads = [("用地", "Site"), ("最近可移位置（2 km 内）", "Nearest free place")]
        heads.append(("可保留部分", "Part that could stay"))
        story.append(set_table(heads, choices, (50, 66, 58)))
    return story


def set_gaps(report: Report) -> list[Flowable]:
    """Return the layers that could not answer."""
    heads = [("图层", "Layer"), ("原因", "Reason"), ("必需", "Required"), ("用地", "Sites")]
    heads.append(("未评估比例", "share, at most"))
    rows = [
        [words(gap.layer), words(gap.reason), "必需" if gap.required else "—", gap.sites, gap.share]
        for gap in report.gaps
    ]
    story: list[Flowable] = [set_table(heads, rows, (66, 40, 14, 34, 20), right=(4,))] if rows else []
    if report.no_data:
        count = len(report.no_data)
        zh = "；".join(title.zh for title in report.no_data)
        en = "; ".join(title.en for title in report.no_data)
        story += [
            Spacer(1, 3 * mm),
            words(
                Text(
                    f"另有 {count} 个图层没有数据，对全部用地都未评估：{zh}。",
                    f"{count} further layers have no data and were assessed for no site: {en}.",
                )
            ),
        ]
    return story or [words("全部图层都已评估。 Every layer was assessed.", style=NOTHING)]


def set_corridors(report: Report) -> list[Flowable]:
    """Return what the sites take from the ecological corridors."""
    if not report.corridors:
        none = words("没有用地触及生态走廊。 No site meets an ecological corridor.", style=NOTHING)
        return [none, *set_links(report)]
    heads = [("用地", "Site"), ("走廊", "Corridor"), ("占用面积", "area lost"), ("最窄 前", "width before")]
    heads += [("最窄 后", "width after"), ("要求", "required"), ("判断", "Holds")]
    rows = [
        [
            words(row.who, style=STRONG if row.together else BODY),
            words(row.corridor),
            row.lost,
            row.before,
            row.after,
            row.required,
            Chips((Chip(row.holds.zh, "#a3262a"),)) if row.severed else words(row.holds),
        ]
        for row in report.corridors
    ]
    together = sum(row.together for row in report.corridors)
    shade = [("BACKGROUND", (0, 1), (-1, together), PALE)] if together else []
    table = set_table(heads, rows, (40, 42, 22, 19, 18, 16, 17), right=(2, 3, 4, 5), extra=shade)
    return [table, *set_links(report)]


def set_links(report: Report) -> list[Flowable]:
    """Return what the sites take of the corridor network as computed; nothing where they meet none of it."""
    if not report.links:
        return []
    heads = [("用地", "Site"), ("廊道连接（推算）", "Link, computed"), ("路径", "path")]
    heads += [("占廊道带", "of the corridor"), ("占夹点", "of the pinch point"), ("把握", "How sure")]
    heads += [("影响", "Effect")]
    rows = [
        [
            words(row.who),
            words(row.link),
            words(row.path),
            row.band,
            row.pinch,
            words(row.sure),
            Chips((Chip(row.change.zh, "#a3262a"),)) if row.lost else words(row.change),
        ]
        for row in report.links
    ]
    table = set_table(heads, rows, (31, 36, 19, 19, 17, 25, 27), right=(3, 4))
    told = [words(report.network)] if report.network else []
    return [table, *told, words(CAUTION, style=NOTHING)]


def set_figures(report: Report) -> list[Flowable]:
    """Return the figures, each with its caption on one page."""
    story: list[Flowable] = []
    for number, figure in enumerate(report.figures, start=1):
        title = Run(f"图 {number}　{figure.title.zh}　{figure.ratio}", Style(9.6, 13.5, bold=True))
        block = [words(title, Run(figure.title.en, SMALL)), words(*bilingual(figure.caption, NOTE))]
        story.append(KeepTogether([*block, Spacer(1, 1.5 * mm), Drawing(figure), Spacer(1, 4 * mm)]))
    if report.figures_left_out:
        count = report.figures_left_out
        more = Text(
            f"另有 {count} 处未绘图，几何见 result.geojson。", f"{count} further places are not drawn."
        )
        story.append(words(more))
    return story or [words("无图。 No figure.", style=NOTHING)]


def set_sources(report: Report) -> list[Flowable]:
    """Return the layers read with date, accuracy, source, licence and hash."""
    heads = [
        ("图层", "Layer"),
        ("类别、日期、精度", "Kind, date, accuracy"),
        ("来源与许可", "Source and licence"),
    ]
    rows = [
        [
            words(source.layer),
            words(f"{source.provenance.zh}　{source.status.zh}", source.date, source.accuracy),
            words(source.source, Run(source.licence, SMALL), Run(f"SHA-256 {source.sha256}", MONO)),
        ]
        for source in report.sources
    ]
    return [set_table(heads, rows, (48, 32, 94))]


def set_facts(report: Report) -> list[Flowable]:
    """Return what is needed to do the check again."""
    rows = [[words(label), words(Run(value, replace(BODY, size=7.6)))] for label, value in report.facts]
    return [set_table([("项目", "Item"), ("内容", "Value")], rows, (60, 114))]
