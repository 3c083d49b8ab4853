"""Sites as coordinate tables, CSV and XLSX: a row a point, rings numbered, no live formula."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from gis.sites.headers import find_role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gis.sites.system import System
    from gis.sites.write.outline import Outline

    Cell = str | int | float | None

_KINDS = {"polygon": "面", "line": "线", "point": "点"}
_HEAD = ("地块名称", "地块圈号", "界址点号")
_TAIL = ("几何类型", "坐标系")
_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n")
_NAME = "地块名称"


def write_csv(outlines: Sequence[Outline], system: System) -> bytes:
    """Return a CSV table in UTF-8 with BOM; text a spreadsheet would run gets an apostrophe before it."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    digits = 9 if system.degrees else 4
    for row in _walk_rows(outlines, system):
        writer.writerow(
            f"{cell:.{digits}f}"
            if isinstance(cell, float)
            else _disarm(cell)
            if isinstance(cell, str)
            else cell
            for cell in row
        )
    return buffer.getvalue().encode("utf-8-sig")


def write_xlsx(outlines: Sequence[Outline], system: System) -> bytes:
    """Return a workbook with one sheet; every text is written as text."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet("界址点坐标表")
        head = book.add_format({"bold": True, "bottom": 1})
        number = book.add_format({"num_format": "0.000000000" if system.degrees else "0.0000"})
        for line, row in enumerate(_walk_rows(outlines, system)):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(line, column, cell[:32_767], head if line == 0 else None)
                elif cell is not None:
                    sheet.write_number(line, column, cell, number if isinstance(cell, float) else None)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 24)
        sheet.set_column(3, 4, 18)
    return buffer.getvalue()


def _walk_rows(outlines: Sequence[Outline], system: System) -> Iterator[list[Cell]]:
    """Yield the heading, then a row a point; attributes stand in the first row of a parcel."""
    pair = ("经度", "纬度") if system.degrees else ("纵坐标（X）", "横坐标（Y）")
    extra = list(
        dict.fromkeys(
            name
            for outline in outlines
            for name in outline.properties
            if find_role(name) is None and name not in {_NAME, "name"}
        )
    )
    yield [*_HEAD, *pair, *_TAIL, *extra]
    for outline in outlines:
        attributes: list[Cell] = [_as_cell(outline.properties.get(name)) for name in extra]
        rings = [ring for part in outline.list_parts() for ring in part]
        for number, ring in enumerate(rings, start=1):
            points = ring[:-1] if outline.kind == "polygon" else ring
            for place, (east, north) in enumerate(points.tolist(), start=1):
                values = (east, north) if system.degrees else (north, east)
                yield [
                    outline.label,
                    number,
                    f"J{place}",
                    *values,
                    _KINDS[outline.kind],
                    system.label,
                    *attributes,
                ]
                attributes = []


def _as_cell(value: Any) -> Cell:
    if isinstance(value, (list, dict, bool)):
        return json.dumps(value, ensure_ascii=False)
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def _disarm(text: str) -> str:
    return f"'{text}" if text.startswith(_LIVE) else text
