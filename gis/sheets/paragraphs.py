"""Headings and paragraphs of the panel. Blocks draw downward from (x, top) and return their height in mm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.sheets.measure import MM_PER_PT, text_width, wrap_text

if TYPE_CHECKING:
    from gis.sheets.canvas import Canvas

INK, MUTED, RED = "#1c1c1c", "#5a554d", "#b3261e"
HEADING_PT, BODY_PT, SMALL_PT = 9.0, 7.2, 5.8
LEADING = 1.42


def draw_heading(
    canvas: Canvas, x: float, top: float, zh: str, en: str, scale: float, *, room_mm: float = 1000.0
) -> float:
    """Draw a block's heading, in English too where there is room; return its height."""
    size = HEADING_PT * scale
    base = top - size * MM_PER_PT * 0.85
    width = canvas.text(x, base, zh, size, face="bold", colour=INK)
    if width + 1.4 + text_width(en, SMALL_PT * scale) <= room_mm:
        canvas.text(x + width + 1.4, base, en, SMALL_PT * scale, colour=MUTED)
    return size * MM_PER_PT * 1.55


def draw_paragraph(
    canvas: Canvas,
    x: float,
    top: float,
    width: float,
    text: str,
    size_pt: float,
    *,
    colour: str = INK,
    face: str = "regular",
) -> float:
    """Draw a wrapped paragraph; return its height."""
    line = size_pt * MM_PER_PT * LEADING
    rows = wrap_text(text, width, size_pt, face)
    for index, row in enumerate(rows):
        base = top - index * line - size_pt * MM_PER_PT * 0.9
        canvas.text(x, base, row, size_pt, colour=colour, face=face)
    return len(rows) * line
