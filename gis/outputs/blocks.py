"""The blocks an A4 page is made of: headings, tables with repeated headers, the few text styles."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Table, TableStyle

from gis.model import Text
from gis.outputs.figure import GREY, INK
from gis.outputs.setting import (
    BODY,
    HEAD,
    SMALL,
    STRONG,
    Chip,
    Chips,
    Style,
    Words,
    bilingual,
    words,
)
from gis.outputs.wording import VERDICT_COLOURS, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.model import Verdict

WIDTH_MM = 174.0
LINE, PALE = HexColor("#d5dade"), HexColor("#f4f6f7")
RIGHT = replace(BODY, align="right")
RIGHT_SMALL = replace(SMALL, size=6.2, align="right")
RIGHT_STRONG = replace(STRONG, align="right")
NOTE = Style(size=7.4, leading=10.4, colour="#5d5335")
NOTHING = replace(BODY, colour=GREY)


def look(commands: Sequence[tuple[Any, ...]]) -> TableStyle:
    """Return a table's style; the face keeps the library from naming one that is not embedded."""
    return TableStyle([("FONTNAME", (0, 0), (-1, -1), BODY.face), *commands])


class Heading(Flowable):  # type: ignore[misc]
    """A section's heading: number, title, English, a rule underneath, an entry in the outline."""

    def __init__(self, number: int, title: Text) -> None:
        super().__init__()
        self.number, self.title = number, title

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Return the size taken."""
        self.width, self.height = width, 15 * mm
        return width, self.height

    def draw(self) -> None:
        """Draw the heading and note it in the outline."""
        canvas = self.canv
        base = 4.4 * mm
        title = f"{self.number}　{self.title.zh}"
        canvas.setFillColor(HexColor(INK))
        canvas.setFont(STRONG.face, 13.5)
        canvas.drawString(0, base, title)
        x = canvas.stringWidth(title, STRONG.face, 13.5) + 6
        canvas.setFont(BODY.face, 8.6)
        canvas.setFillColor(HexColor(GREY))
        canvas.drawString(x, base, self.title.en)
        canvas.setStrokeColor(HexColor(INK))
        canvas.setLineWidth(1.2)
        canvas.line(0, 2 * mm, self.width, 2 * mm)
        key = f"s{self.number}"
        canvas.bookmarkPage(key)
        canvas.addOutlineEntry(f"{self.number} {self.title.zh}", key, level=0)


def set_table(
    heads: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
    widths_mm: Sequence[float],
    *,
    right: Sequence[int] = (),
    extra: Sequence[tuple[Any, ...]] = (),
) -> Table:
    """Return a table whose header is repeated on every page.

    Parameters
    ----------
    heads : sequence of (Chinese, English)
    rows : sequence of rows
        Cells are blocks, or plain texts.
    right : sequence of int
        Columns set flush right.
    """
    header = [
        Words(bilingual(Text(zh, en), replace(HEAD, align="right" if index in right else "left")))
        for index, (zh, en) in enumerate(heads)
    ]
    body = [
        [
            words(cell, style=RIGHT if index in right else BODY) if isinstance(cell, str) else cell
            for index, cell in enumerate(row)
        ]
        for row in rows
    ]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(INK)),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 2.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.6),
        *extra,
    ]
    table = Table([header, *body], colWidths=[w * mm for w in widths_mm], repeatRows=1, hAlign="LEFT")
    table.setStyle(look(style))
    return table


def verdict_chip(verdict: Verdict) -> Chips:
    """Return a verdict on its plate."""
    return Chips((Chip(VERDICTS[verdict].zh, VERDICT_COLOURS[verdict]),))
