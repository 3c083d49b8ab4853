"""The blocks of a sheet's panel and foot. Each draws downward from (x, top) and returns its height in mm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.sheets.canvas import CAP_HEIGHT, MM_PER_PT, text_width, wrap_text
from gis.sheets.draw import draw_lines, draw_polygons
from gis.sheets.symbols import draw_marker

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.model import Text
    from gis.sheets.canvas import Canvas
    from gis.styles import Style

INK, MUTED, RED = "#1c1c1c", "#6a655d", "#b3261e"
HEADING_PT, BODY_PT, SMALL_PT = 9.0, 7.2, 5.8
LEADING = 1.42
MISSING_NAMED = 6
"""So many layers without data are named on the sheet; the rest are counted."""


@dataclass(frozen=True, slots=True)
class LegendRow:
    """One line of the legend: a style and the shapes it takes on this sheet."""

    style: Style
    shape: str
    accuracy_text: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Where a layer on this sheet comes from."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The overview: outlines in degrees, the box they are shown in, this sheet's frame."""

    bbox: tuple[float, float, float, float]
    sea: tuple[BaseGeometry, ...]
    borders: tuple[BaseGeometry, ...]
    ring_lonlat: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What the furniture says about a sheet.

    Parameters
    ----------
    neighbours : dict
        Direction → number; empty for a frame that is not of the series.
    base_lines : tuple of str
        Mathematical base: system and projection, zone and heights.
    unplaced : int
        Names that found no room on the map.
    """

    number: str
    name: str
    title: Text
    scale: int
    bar_m: float
    neighbours: dict[str, str | None]
    zone: int
    convergence_deg: float
    base_lines: tuple[str, ...]
    legend: tuple[LegendRow, ...]
    sources: tuple[SourceRow, ...]
    overview: Overview
    internal: bool
    office: str
    author: str
    reviewer: str
    review_number: str
    on: date
    missing: tuple[str, ...]
    unplaced: int
    symbol_scale: float

    @property
    def scale_text(self) -> str:
        """The scale as a number: ``1:50 000``."""
        return f"1:{self.scale:,}".replace(",", " ")

    @property
    def issued_text(self) -> str:
        """Date of the sheet in words."""
        return f"{self.on.year}年{self.on.month}月{self.on.day}日制图"


def draw_heading(canvas: Canvas, x: float, top: float, zh: str, en: str, scale: float) -> float:
    """Draw a block's heading; return its height."""
    size = HEADING_PT * scale
    base = top - size * MM_PER_PT * 0.85
    width = canvas.text(x, base, zh, size, face="bold", colour=INK)
    canvas.text(x + width + 1.4, base, en, SMALL_PT * scale, colour=MUTED)
    return size * MM_PER_PT * 1.55


def draw_paragraph(
    canvas: Canvas, x: float, top: float, width: float, text: str, size_pt: float, *, colour: str = INK
) -> float:
    """Draw a wrapped paragraph; return its height."""
    line = size_pt * MM_PER_PT * LEADING
    rows = wrap_text(text, width, size_pt)
    for index, row in enumerate(rows):
        canvas.text(x, top - index * line - size_pt * MM_PER_PT * 0.9, row, size_pt, colour=colour)
    return len(rows) * line


def draw_adjoining(
    canvas: Canvas, facts: SheetFacts, x: float, top: float, width: float, scale: float
) -> float:
    """Draw the adjoining-sheet diagram: nine cells with numbers, this sheet hatched."""
    used = draw_heading(canvas, x, top, "接图表", "Adjoining sheets", scale)
    size = min(SMALL_PT * scale, 5.6 * width / 3 / max(text_width(facts.number, 5.6) + 1.2, 0.1))
    cell_w, cell_h = width / 3, min(width / 3 * 0.62, 11.0 * scale)
    rows = (("northwest", "north", "northeast"), ("west", "", "east"), ("southwest", "south", "southeast"))
    for r, names in enumerate(rows):
        for c, name in enumerate(names):
            left, low = x + c * cell_w, top - used - (r + 1) * cell_h
            here = name == ""
            canvas.rectangle(
                left, low, cell_w, cell_h, fill="#e7e1d3" if here else "", stroke=INK, line_mm=0.12
            )
            text = facts.number if here else (facts.neighbours.get(name) or "—")
            canvas.text(
                left + cell_w / 2,
                low + cell_h / 2 - size * MM_PER_PT * CAP_HEIGHT / 2,
                text,
                size,
                face="bold" if here else "regular",
                anchor="center",
                colour=INK,
            )
    canvas.rectangle(x, top - used - 3 * cell_h, width, 3 * cell_h, stroke=INK, line_mm=0.3)
    return used + 3 * cell_h


def draw_north(canvas: Canvas, facts: SheetFacts, x: float, top: float, width: float, scale: float) -> float:
    """Draw true north and grid north with the convergence between them (its angle is drawn larger)."""
    used = draw_heading(canvas, x, top, "三北方向" if width > 40 else "指北", "North", scale)
    length = 17.0 * scale
    foot_x, foot_y = x + min(width, 26 * scale) / 2, top - used - length - 3.5 * scale
    canvas.line((foot_x, foot_y), (foot_x, foot_y + length), INK, 0.25)
    star = np.array([(0.0, 1.9), (0.55, 0.0), (0.0, 0.45), (-0.55, 0.0)]) * scale
    canvas.fill([star + np.array([foot_x, foot_y + length])], INK)
    sign = 1 if facts.convergence_deg >= 0 else -1
    lean = math.radians(9.0 * sign if abs(facts.convergence_deg) > 1 / 7200 else 0.0)
    tip = (foot_x + length * math.sin(lean), foot_y + length * math.cos(lean) * 0.92)
    if lean:
        canvas.line((foot_x, foot_y), tip, INK, 0.18)
    size = SMALL_PT * scale
    canvas.text(
        foot_x - sign * 1.2, foot_y + length * 0.8, "真北", size, anchor="right" if sign > 0 else "left"
    )
    canvas.text(
        tip[0] + sign * 0.8, tip[1] - 2.0 * scale, "坐标北", size, anchor="left" if sign > 0 else "right"
    )
    text = f"子午线收敛角 {format_angle(facts.convergence_deg)}"
    return (
        used + length + 3.5 * scale + draw_paragraph(canvas, x, foot_y - 0.8, width, text, size, colour=INK)
    )


def format_angle(degrees: float) -> str:
    """Return a signed angle as ``+0°03′47″``."""
    total = round(abs(degrees) * 3600)
    sign = "-" if degrees < 0 and total else "+"
    return f"{sign}{total // 3600}°{total // 60 % 60:02d}′{total % 60:02d}″"


def draw_legend(
    canvas: Canvas, facts: SheetFacts, x: float, top: float, width: float, scale: float, *, english: bool
) -> float:
    """Draw the legend: only what is on this sheet."""
    used = draw_heading(canvas, x, top, "图例", "Legend", scale)
    row_h = (6.9 if english else 5.2) * scale
    swatch = 11.0 * scale
    for row in facts.legend:
        middle = top - used - row_h / 2
        draw_swatch(canvas, row, x, middle, swatch, 3.9 * scale, facts.symbol_scale)
        left, size = x + swatch + 2.6 * scale, BODY_PT * scale
        room = width - swatch - 2.6 * scale
        size = (
            size
            if text_width(row.style.label.zh, size) <= room
            else size * room / text_width(row.style.label.zh, size)
        )
        if english:
            small = SMALL_PT * scale * 0.9
            wide = text_width(row.style.label.en, small)
            canvas.text(left, middle + 0.35 * scale, row.style.label.zh, size, colour=INK)
            canvas.text(
                left, middle - 2.15 * scale, row.style.label.en, min(small, small * room / wide), colour=MUTED
            )
        else:
            canvas.text(left, middle - size * MM_PER_PT * 0.36, row.style.label.zh, size, colour=INK)
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


def draw_overview(
    canvas: Canvas, facts: SheetFacts, x: float, top: float, width: float, scale: float
) -> float:
    """Draw the overview with this sheet marked: coast, prefecture boundaries, degrees at the edges."""
    used = draw_heading(canvas, x, top, "位置图", "Location", scale)
    view = facts.overview
    west, south, east, north = view.bbox
    ratio = math.cos(math.radians((south + north) / 2))
    height = width * (north - south) / ((east - west) * ratio)
    low = top - used - height

    def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(
            (
                x + (points[:, 0] - west) / (east - west) * width,
                low + (points[:, 1] - south) / (north - south) * height,
            )
        )

    ring = np.array([(x, low), (x + width, low), (x + width, low + height), (x, low + height)])
    canvas.fill([ring], "#fbf9f2")
    with canvas.clipped([ring], digits=2):
        for geometry in view.sea:
            for part in shapely.get_parts(shapely.transform(geometry, place)).tolist():
                canvas.fill([shapely.get_coordinates(r) for r in (part.exterior, *part.interiors)], "#d6e6ee")
        lines = [
            shapely.get_coordinates(part)
            for geometry in view.borders
            for part in shapely.get_parts(shapely.transform(geometry, place)).tolist()
        ]
        canvas.stroke(lines, "#8a6f8f", 0.12)
        frame = place(view.ring_lonlat)
        size = frame.max(axis=0) - frame.min(axis=0)
        if size.max() < 1.6:
            x_mid, y_mid = (float(value) for value in frame.mean(axis=0))
            canvas.circle(x_mid, y_mid, 1.1, stroke=RED, line_mm=0.3)
        canvas.fill([frame], RED, opacity=0.35)
        canvas.stroke([frame], RED, 0.3, close=True)
    canvas.stroke([ring], INK, 0.2, close=True)
    return used + height


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


def draw_accuracy(
    canvas: Canvas, facts: SheetFacts, x: float, top: float, width: float, scale: float
) -> float:
    """Draw how far off each kind on the sheet may be."""
    used = draw_heading(canvas, x, top, "位置精度", "Accuracy at 95 %", scale)
    size = SMALL_PT * scale
    line = size * MM_PER_PT * LEADING
    for row in facts.legend:
        if not row.accuracy_text:
            continue
        base = top - used - size * MM_PER_PT * 0.9
        right = text_width(row.accuracy_text, size)
        label = row.style.label.zh
        room = width - right - 2.0
        fitted = size if text_width(label, size) <= room else size * room / text_width(label, size)
        canvas.text(x, base, label, fitted, colour=INK)
        canvas.text(x + width, base, row.accuracy_text, size, anchor="right", colour=INK)
        used += line
    note = "界线为示意或数字化成果的，以主管部门公布的法定界线为准。"
    if facts.unplaced:
        note += f"另有 {facts.unplaced} 个名称因图面负载未注记。"
    if facts.missing:
        named = "、".join(facts.missing[:MISSING_NAMED])
        more = f"等 {len(facts.missing)} 个图层" if len(facts.missing) > MISSING_NAMED else ""
        note += f"图上空白不等于没有：{named}{more}无资料，未表示。"
    return used + draw_paragraph(canvas, x, top - used - 0.4, width, note, size, colour=MUTED)


def draw_sources(
    canvas: Canvas, facts: SheetFacts, x: float, top: float, width: float, scale: float
) -> float:
    """Draw sources with dates and licences, layer by layer."""
    used = draw_heading(canvas, x, top, "资料来源", "Sources", scale)
    size = SMALL_PT * scale * 0.94
    for row in facts.sources:
        used += draw_paragraph(canvas, x, top - used, width, f"{row.title}：{row.text}", size) + 0.5
    return used


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


def draw_scale_bar(canvas: Canvas, facts: SheetFacts, middle: float, first: float, scale: float) -> float:
    """Draw the scale as a number over a bar of six parts; return half its width in mm."""
    part = facts.bar_m * 1000 / facts.scale
    parts = 6
    left = middle - part * (parts - 1) / 2
    size = SMALL_PT * scale
    canvas.text(
        middle, first, f"比例尺 {facts.scale_text}", BODY_PT * scale * 1.1, face="bold", anchor="center"
    )
    bar_h = 0.9 * scale
    low = first - 2.0 * scale - bar_h
    start = left - part
    for index in range(parts):
        x = start + index * part
        dark = index % 2 == 1
        canvas.rectangle(x, low, part, bar_h, fill=INK if dark else "#ffffff", stroke=INK, line_mm=0.12)
    for half in range(5):
        if half % 2 == 0:
            canvas.rectangle(start + half * part / 5, low, part / 5, bar_h, fill=INK)
    unit = "km" if facts.bar_m * (parts - 1) >= 1000 else "m"
    divisor = 1000 if unit == "km" else 1
    base = low - size * MM_PER_PT * 0.95
    canvas.text(start, base, f"{facts.bar_m / divisor:g}", size, anchor="center")
    for index in range(parts):
        value = f"{index * facts.bar_m / divisor:g}"
        last = index == parts - 1
        canvas.text(left + index * part, base, value, size, anchor="center")
        if last:
            canvas.text(left + index * part + text_width(value, size) / 2 + 0.6, base, unit, size)
    return part * parts / 2 + text_width("000 km", size)
