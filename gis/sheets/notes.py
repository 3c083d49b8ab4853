"""Legend, mathematical base, accuracy, sources and title block of a sheet's panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from gis.sheets.draw import draw_lines, draw_polygons
from gis.sheets.measure import MM_PER_PT, text_width, wrap_text
from gis.sheets.paragraphs import (
    BODY_PT,
    HEADING_PT,
    INK,
    LEADING,
    MUTED,
    SMALL_PT,
    draw_heading,
    draw_paragraph,
)
from gis.sheets.symbols import draw_marker

if TYPE_CHECKING:
    from gis.sheets.canvas import Canvas
    from gis.sheets.facts import LegendRow, Listing, ListRow, SheetFacts

LABEL_SHRINK = 0.88
"""A label of the legend is written no smaller than this share; it takes two lines instead."""

MISSING_NAMED = 6
"""So many layers without data are named on the sheet; the rest are counted."""


def draw_legend(
    canvas: Canvas, facts: SheetFacts, x: float, top: float, width: float, scale: float, *, english: bool
) -> float:
    """Draw the legend: only what is on this sheet."""
    used = draw_heading(canvas, x, top, "图例", "Legend", scale)
    note = SMALL_PT * scale * 0.92
    canvas.text(
        x + width,
        top - HEADING_PT * scale * MM_PER_PT * 0.85,
        "位置精度 95 %",
        note,
        anchor="right",
        colour=MUTED,
    )
    swatch = 11.0 * scale
    left = x + swatch + 2.6 * scale
    for row in facts.legend:
        taken = text_width(row.accuracy_text, note) + 1.5 if row.accuracy_text else 0.0
        room = width - (left - x) - taken
        label = wrap_label(row.style.label.zh, room, BODY_PT * scale)
        row_h = (6.9 if english else 5.2) * scale + (len(label) - 1) * BODY_PT * scale * MM_PER_PT * 1.2
        middle = top - used - row_h / 2
        draw_swatch(canvas, row, x, middle, swatch, 3.9 * scale, facts.symbol_scale)
        base = middle + 0.4 * scale if english else middle - note * MM_PER_PT * 0.36
        canvas.text(x + width, base, row.accuracy_text, note, anchor="right")
        _write_label(canvas, row, label, left, middle, room, scale, english=english)
        used += row_h
    used += 1.0
    lines = (
        ("公里网（高斯-克吕格）", "#7d7468", 0.12, ()),
        ("内图廓（图幅界线）", INK, 0.2, ()),
    )
    for text, colour, weight, _ in lines:
        middle = top - used - 2.3 * scale
        canvas.line((x, middle), (x + swatch, middle), colour, weight)
        size = BODY_PT * scale * 0.92
        canvas.text(x + swatch + 2.6 * scale, middle - size * MM_PER_PT * 0.36, text, size, colour=INK)
        used += 4.4 * scale
    return used


def wrap_label(text: str, room: float, size_pt: float) -> list[str]:
    """Return a label in one line, or two where even a little smaller is too long, at a bracket if it can."""
    most = room / LABEL_SHRINK
    if text_width(text, size_pt) <= most:
        return [text]
    head, bracket, tail = text.partition("（")
    if tail and max(text_width(head, size_pt), text_width(bracket + tail, size_pt)) <= most:
        return [head, bracket + tail]
    return wrap_text(text, room, size_pt)


def _write_label(
    canvas: Canvas,
    row: LegendRow,
    label: list[str],
    x: float,
    middle: float,
    room: float,
    scale: float,
    *,
    english: bool,
) -> None:
    """Write what a legend sample stands for, a little smaller where it would not fit."""
    size = BODY_PT * scale
    size *= min(1.0, *(room / text_width(line, size) for line in label))
    step = BODY_PT * scale * MM_PER_PT * 1.2
    high = middle + (len(label) - 1) * step / 2
    rise = 0.35 * scale if english else -size * MM_PER_PT * 0.36
    for index, line in enumerate(label):
        canvas.text(x, high + rise - index * step, line, size, colour=INK)
    if english:
        small = SMALL_PT * scale * 0.9
        most = room + (text_width(row.accuracy_text, small) + 1.5 if row.accuracy_text else 0.0)
        small *= min(1.0, most / text_width(row.style.label.en, small))
        low = high - (len(label) - 1) * step
        canvas.text(x, low - 2.15 * scale, row.style.label.en, small, colour=MUTED)


def draw_swatch(
    canvas: Canvas, row: LegendRow, x: float, middle: float, width: float, height: float, symbol_scale: float
) -> None:
    """Draw one legend sample as it stands on the map."""
    if row.shape == "point":
        draw_marker(canvas, x + width / 2, middle, row.style, scale=symbol_scale)
    elif row.shape == "line" or not row.style.fill:
        draw_lines(canvas, [shapely.LineString([(x, middle), (x + width, middle)])], row.style)
    else:
        draw_polygons(
            canvas, [shapely.box(x, middle - height / 2, x + width, middle + height / 2)], row.style
        )


def draw_datum(
    canvas: Canvas, facts: SheetFacts, x: float, top: float, width: float, scale: float, *, english: bool
) -> float:
    """Draw the mathematical base in words."""
    used = draw_heading(canvas, x, top, "数学基础", "Mathematical base", scale)
    size = BODY_PT * scale * 0.92
    for text in (
        "2000国家大地坐标系（CGCS2000）",
        f"高斯-克吕格投影，3°分带第{facts.zone}带，中央经线{facts.zone * 3}°E",
        "1985国家高程基准",
        f"图幅按 GB/T 13989-2012 分幅，比例尺 {facts.scale_text}"
        if facts.number
        else f"比例尺 {facts.scale_text}",
    ):
        used += draw_paragraph(canvas, x, top - used, width, text, size)
    if english:
        text = (
            f"CGCS2000 / 3-degree Gauss-Krüger zone {facts.zone} (CM {facts.zone * 3}°E). "
            "Heights: 1985 National Height Datum."
        )
        used += draw_paragraph(canvas, x, top - used, width, text, SMALL_PT * scale * 0.92, colour=MUTED)
    return used


def draw_remarks(
    canvas: Canvas, facts: SheetFacts, x: float, top: float, width: float, scale: float
) -> float:
    """Draw what the reader must know: whose limits count, names and layers left out."""
    used = draw_heading(canvas, x, top, "说明", "Notes", scale)
    size = SMALL_PT * scale
    note = "界线为示意或数字化成果的，以主管部门公布的法定界线为准。"
    if facts.unplaced:
        note += f"另有 {facts.unplaced} 个名称因图面负载未注记。"
    if facts.missing:
        named = "、".join(facts.missing[:MISSING_NAMED])
        more = f"等 {len(facts.missing)} 个图层" if len(facts.missing) > MISSING_NAMED else ""
        note += f"图上空白不等于没有：{named}{more}无资料，未表示。"
    return used + draw_paragraph(canvas, x, top - used - 0.4, width, note, size, colour=MUTED)


def draw_sources(
    canvas: Canvas,
    facts: SheetFacts,
    x: float,
    top: float,
    width: float,
    scale: float,
    *,
    english: bool,
    brief: bool,
) -> float:
    """Draw sources with dates and licences, layer by layer."""
    used = draw_heading(canvas, x, top, "资料来源", "Sources", scale)
    size = SMALL_PT * scale * 0.94
    for row in facts.sources_brief if brief else facts.sources:
        text = f"{row.title}：{row.text}"
        used += draw_paragraph(canvas, x, top - used, width, text, size) + 0.5
        if english and row.english:
            used += draw_paragraph(canvas, x, top - used, width, row.english, size * 0.94, colour=MUTED) + 0.5
    return used


def draw_listing(
    canvas: Canvas, x: float, top: float, width: float, *, listing: Listing, scale: float, titled: bool
) -> float:
    """Draw a list, or a part of one: headings bold in colour, rows led by their key word in colour."""
    used = (
        draw_heading(canvas, x, top, listing.title.zh, listing.title.en, scale, room_mm=width)
        if titled
        else 0
    )
    size, head = SMALL_PT * scale * 1.04, BODY_PT * scale
    for row in listing.rows:
        if row.head:
            used += draw_paragraph(
                canvas, x, top - used, width, row.key, head, colour=row.colour, face="bold"
            )
            continue
        indent = 1.6 * scale
        used += _draw_row(canvas, row, x + indent, top - used, width - indent, size) + 0.35
    if listing.note:
        used += draw_paragraph(canvas, x, top - used - 0.6, width, listing.note, size, colour=MUTED) + 0.6
    return used


def _draw_row(canvas: Canvas, row: ListRow, x: float, top: float, width: float, size: float) -> float:
    """Draw one wrapped row, its key word first, bold and in colour; return its height."""
    line = size * MM_PER_PT * LEADING
    key = f"{row.key}　" if row.key else ""
    for index, text in enumerate(wrap_text(key + row.text, width, size)):
        base = top - index * line - size * MM_PER_PT * 0.9
        lead = row.key if index == 0 and text.startswith(row.key) else ""
        if lead:
            canvas.text(x, base, lead, size, face="bold", colour=row.colour)
        rest = text.removeprefix(key if lead else "")
        canvas.text(x + (text_width(key, size) if lead else 0.0), base, rest, size, colour=INK)
    return len(wrap_text(key + row.text, width, size)) * line


def draw_signatures(
    canvas: Canvas, facts: SheetFacts, x: float, top: float, width: float, scale: float
) -> float:
    """Draw the title block: office, cartographer, reviewer, date, approval number."""
    row_h = 6.2 * scale
    rows = (
        ("编制单位", facts.office),
        ("制　　图", facts.author),
        ("审　　核", facts.reviewer),
        ("日　　期", facts.on.isoformat()),
        ("密　　级", "内部资料" if facts.internal else "公开"),
        ("审 图 号", facts.review_number or "待审"),
    )
    size = BODY_PT * scale
    key_w = text_width("编制单位", size) + 3.0 * scale
    for index, (key, value) in enumerate(rows):
        low = top - (index + 1) * row_h
        base = low + row_h / 2 - size * MM_PER_PT * 0.36
        canvas.text(x + key_w / 2, base, key, size, anchor="center", colour=MUTED)
        room = width - key_w - 3.0
        fitted = size if text_width(value, size) <= room else size * room / text_width(value, size)
        canvas.text(x + key_w + 1.5, base, value, fitted, colour=INK)
        if index:
            canvas.line((x, low + row_h), (x + width, low + row_h), "#b9b3a8", 0.1)
    canvas.line((x + key_w, top), (x + key_w, top - row_h * len(rows)), "#b9b3a8", 0.1)
    canvas.rectangle(x, top - row_h * len(rows), width, row_h * len(rows), stroke=INK, line_mm=0.2)
    return row_h * len(rows)
