"""A result as a workbook: sites, findings, layers not assessed, corridors, sources, how to do it again.

Every text is written as text: no attribute, name or file name becomes a formula or a link.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gis.model import Text
from gis.outputs.plaintext import show_text, text_columns
from gis.outputs.tables import tabulate
from gis.outputs.wording import LEVEL_COLOURS, VERDICT_COLOURS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook as Book
    from xlsxwriter.worksheet import Worksheet

    from gis.model import CheckResult
    from gis.outputs.table import Column, Table

MAX_ROWS = 1_048_000
"""Rows a sheet may have, a little less than the format's own limit."""

MAX_CELL = 32_000
"""Characters a cell may have, a little less than the format's own limit."""

FONT = "Microsoft YaHei"
NARROWEST, WIDEST = 6.0, 56.0
"""Bounds of a column's width, characters."""


@dataclass(frozen=True, slots=True)
class _Formats:
    """The cell formats of a workbook."""

    header: Format
    by_column: Mapping[tuple[str, str], Format]


def render_xlsx(result: CheckResult) -> bytes:
    """Return a result as an XLSX workbook; the same bytes for the same result."""
    created = datetime.fromisoformat(result.created)
    return render_tables(
        tabulate(result), title="项目用地检查 / Site check", subject=result.check_id, created=created
    )


def render_tables(tables: Sequence[Table], *, title: str, subject: str, created: datetime) -> bytes:
    """Return tables as an XLSX workbook, a sheet each; the same bytes for the same tables and moment."""
    from xlsxwriter import Workbook as Book

    stream = io.BytesIO()
    book = Book(
        stream,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": True,
        },
    )
    book.set_properties(
        {
            "title": title,
            "subject": subject,
            "author": "hangzhou-gis",
            "created": created.replace(tzinfo=None),
        }
    )
    formats = _make_formats(book)
    for table in tables:
        _write_sheet(book, table, formats)
    book.close()
    return stream.getvalue()


def _make_formats(book: Book) -> _Formats:
    """Return the formats: one for the header, one for each number pattern and colour."""
    base = {"font_name": FONT, "font_size": 10, "valign": "top", "bottom": 4, "bottom_color": "#c9cdd2"}
    header = book.add_format(
        base
        | {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#e8ecef", "bottom": 1}
        | {"bottom_color": "#6b7680"}
    )
    colours = {"", *VERDICT_COLOURS.values(), *LEVEL_COLOURS.values()}
    patterns = (
        "",
        "0",
        "0.0",
        "0.00",
        "0.0000",
        "#,##0",
        "#,##0.0",
        "#,##0.00",
        "#,##0.0000",
        "0.0 %",
        "0.0000000",
    )
    made = {}
    for pattern in patterns:
        for colour in sorted(colours):
            look: dict[str, object] = base | {"num_format": pattern or "@"}
            if not pattern:
                look |= {"text_wrap": True}
            if colour:
                look |= {"bg_color": colour, "font_color": "#ffffff", "bold": True, "align": "center"}
            made[pattern, colour] = book.add_format(look)
    return _Formats(header=header, by_column=made)


def _write_sheet(book: Book, table: Table, formats: _Formats) -> None:
    """Write one table as a sheet: frozen header, filter, widths, print on A4 landscape."""
    sheet = book.add_worksheet(table.title.zh)
    labels = [f"{column.label.zh}\n{column.label.en}" for column in table.columns]
    sheet.set_row(0, 34, formats.header)
    for index, label in enumerate(labels):
        sheet.write_string(0, index, label, formats.header)
    rows = table.rows[:MAX_ROWS]
    for number, row in enumerate(rows, start=1):
        for index, (value, column) in enumerate(zip(row.values, table.columns, strict=True)):
            _write_cell(
                sheet, (number, index), value, formats.by_column[column.pattern, row.colour_of(index)]
            )
    if len(table.rows) > MAX_ROWS:
        left = len(table.rows) - MAX_ROWS
        note = Text(f"另有 {left} 行，见 result.json", f"{left} more rows, see result.json")
        sheet.write_string(MAX_ROWS + 1, 0, f"{note.zh} / {note.en}")
    for index, column in enumerate(table.columns):
        sheet.set_column(index, index, _column_width(column, [row.values[index] for row in rows[:2000]]))
    sheet.freeze_panes(1, table.frozen)
    sheet.autofilter(0, 0, max(len(rows), 1), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&A&R&P / &N")


def _write_cell(sheet: Worksheet, place: tuple[int, int], value: str | float | None, look: Format) -> None:
    """Write one value: a number as a number, everything else as text."""
    row, column = place
    if value is None:
        sheet.write_blank(row, column, None, look)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, column, value, look)
    else:
        sheet.write_string(row, column, show_lines(value)[:MAX_CELL], look)


def show_lines(text: str) -> str:
    """Return a text of several lines with every line harmless."""
    return "\n".join(show_text(line) for line in text.split("\n"))


def _column_width(column: Column, values: Sequence[str | float | None]) -> float:
    """Return a width that shows the header and most of the content, Chinese characters counting two."""
    texts = [column.label.zh, column.label.en]
    longest = max(text_columns(text) for text in texts) * 1.05
    for value in values:
        if isinstance(value, str):
            longest = max(longest, *(text_columns(line[:80]) for line in value.split("\n")))
        elif value is not None:
            longest = max(longest, len(f"{value:,.0f}") + column.decimals + 1)
    return min(max(longest + 2.0, NARROWEST), column.widest or WIDEST)
