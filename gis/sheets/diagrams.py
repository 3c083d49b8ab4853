"""Diagrams of a sheet's furniture: adjoining sheets, north, overview, scale bar."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gis.sheets.backdrop import draw_backdrop, place_in
from gis.sheets.layout import Box
from gis.sheets.measure import CAP_HEIGHT, MM_PER_PT, text_width
from gis.sheets.paragraphs import BODY_PT, INK, RED, SMALL_PT, draw_heading, draw_paragraph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.sheets.canvas import Canvas
    from gis.sheets.facts import SheetFacts


OVERVIEW_MOST_MM = 82.0
"""No overview is wider, at the type of A2."""

LEAST_ANGLE_DEG = 1 / 7200
"""Below half a second grid north is drawn as true north."""


def draw_adjoining(
    canvas: Canvas, facts: SheetFacts, x: float, top: float, width: float, scale: float
) -> float:
    """Draw the adjoining-sheet diagram: nine cells with numbers, this sheet hatched."""
    used = draw_heading(canvas, x, top, "接图表", "Adjoining sheets", scale, room_mm=width + 2)
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
    """Draw true, grid and magnetic north from one point, angles drawn larger than they are, told below.

    True north carries a star, magnetic north half an arrow, as on the national series.
    """
    used = draw_heading(canvas, x, top, "指北", "North", scale, room_mm=width)
    length, size = 17.0 * scale, SMALL_PT * scale
    grid_side = -1 if facts.convergence_deg < 0 else 1
    has_grid = abs(facts.convergence_deg) > LEAST_ANGLE_DEG
    foot_x, foot_y = x + width * 0.5, top - used - length - 3.8 * scale
    canvas.line((foot_x, foot_y), (foot_x, foot_y + length), INK, 0.22)
    canvas.fill([star_ring(foot_x, foot_y + length + 1.1 * scale, 1.25 * scale)], INK)
    away = grid_side if has_grid else (-1 if (facts.declination_deg or 0.0) < 0 else 1)
    for row, text in enumerate(("真北",) if has_grid else ("真北", "坐标北")):
        base = foot_y + length + 0.4 * scale - row * 2.6 * scale
        canvas.text(foot_x - away * 1.7 * scale, base, text, size, anchor="right" if away > 0 else "left")
    if has_grid:
        tip = lean_from(foot_x, foot_y, length * 0.97, 9.0 * grid_side)
        canvas.line((foot_x, foot_y), tip, INK, 0.16)
        canvas.text(
            tip[0] + grid_side * 0.7,
            tip[1] - 1.2 * scale,
            "坐标北",
            size,
            anchor="left" if grid_side > 0 else "right",
        )
    if facts.declination_deg is not None:
        side = -1 if facts.declination_deg < 0 else 1
        tip = lean_from(foot_x, foot_y, length * 0.8, 19.0 * side)
        canvas.line((foot_x, foot_y), tip, INK, 0.16)
        barb = lean_from(foot_x, foot_y, length * 0.8 - 2.4 * scale, 19.0 * side + 4.5 * side)
        canvas.line(tip, barb, INK, 0.3)
        canvas.text(
            tip[0] + side * 0.9, tip[1] - 1.6 * scale, "磁北", size, anchor="left" if side > 0 else "right"
        )
    height = used + length + 3.8 * scale + 0.8
    for text in north_lines(facts):
        fitted = min(size, size * width / text_width(text, size))
        height += draw_paragraph(canvas, x, top - height, width + 0.1, text, fitted, colour=INK)
    return height


def north_lines(facts: SheetFacts) -> list[str]:
    """Return the angles between the norths in words."""
    lines = [f"子午线收敛角 {format_angle(facts.convergence_deg)}"]
    if facts.declination_deg is not None:
        lines.append(f"磁偏角 {format_minutes(facts.declination_deg)}（{facts.on.year}）")
        lines.append(f"磁坐偏角 {format_minutes(facts.declination_deg - facts.convergence_deg)}")
    return lines


def lean_from(x: float, y: float, length: float, angle_deg: float) -> tuple[float, float]:
    """Return the point `length` from (x, y) in a direction clockwise from upward."""
    angle = math.radians(angle_deg)
    return x + length * math.sin(angle), y + length * math.cos(angle)


def star_ring(x: float, y: float, radius: float) -> NDArray[np.float64]:
    """Return a five-pointed star."""
    turns = np.arange(10) * math.pi / 5
    reach = np.where(np.arange(10) % 2 == 0, radius, radius * 0.4)
    return np.column_stack((x + reach * np.sin(turns), y + reach * np.cos(turns)))


def format_minutes(degrees: float) -> str:
    """Return a signed angle to the minute: ``-6°06′``."""
    total = round(abs(degrees) * 60)
    return f"{'-' if degrees < 0 and total else '+'}{total // 60}°{total % 60:02d}′"


def format_angle(degrees: float) -> str:
    """Return a signed angle as ``+0°03′47″``."""
    total = round(abs(degrees) * 3600)
    sign = "-" if degrees < 0 and total else "+"
    return f"{sign}{total // 3600}°{total // 60 % 60:02d}′{total % 60:02d}″"


def draw_overview(
    canvas: Canvas, facts: SheetFacts, x: float, top: float, width: float, scale: float
) -> float:
    """Draw the overview with this sheet marked: coast and prefecture boundaries."""
    used = draw_heading(canvas, x, top, "位置图", "Location", scale)
    backdrop = facts.backdrop
    width = min(width, OVERVIEW_MOST_MM * scale)
    height = width * backdrop.ratio
    box = Box(x, top - used - height, width, height)
    draw_backdrop(canvas, backdrop, box)
    frame = place_in(box, backdrop.bbox, facts.ring_lonlat)
    size = frame.max(axis=0) - frame.min(axis=0)
    if size.max() < 1.6:
        x_mid, y_mid = (float(value) for value in frame.mean(axis=0))
        canvas.circle(x_mid, y_mid, 1.1, stroke=RED, line_mm=0.3)
    canvas.fill([frame], RED, opacity=0.35)
    canvas.stroke([frame], RED, 0.3, close=True)
    canvas.stroke([box.ring], INK, 0.2, close=True)
    return used + height


def fit_bar(bar_m: float, scale: int, room_mm: float) -> float:
    """Return one of six parts of a scale bar, metres: `bar_m` or the next shorter round length that fits."""
    length = bar_m
    while 6 * length * 1000 / scale > room_mm:
        digit = round(length / 10 ** math.floor(math.log10(length) + 1e-9))
        length *= 0.4 if digit == 5 else 0.5
    return float(f"{length:.6g}")


def draw_scale_bar(
    canvas: Canvas, facts: SheetFacts, middle: float, first: float, scale: float, *, room_mm: float
) -> float:
    """Draw the scale as a number over a bar of six parts; return half its width in mm."""
    bar_m = fit_bar(facts.bar_m, facts.scale, room_mm)
    part = bar_m * 1000 / facts.scale
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
    unit = "km" if bar_m * (parts - 1) >= 1000 else "m"
    divisor = 1000 if unit == "km" else 1
    base = low - size * MM_PER_PT * 0.95
    canvas.text(start, base, f"{bar_m / divisor:g}", size, anchor="center")
    for index in range(parts):
        value = f"{index * bar_m / divisor:g}"
        last = index == parts - 1
        canvas.text(left + index * part, base, value, size, anchor="center")
        if last:
            canvas.text(left + index * part + text_width(value, size) / 2 + 0.6, base, unit, size)
    return part * parts / 2 + text_width("000 km", size)
