"""CSV and TSV coordinate tables."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from gis.errors import SiteError
from gis.sites.headers import map_columns
from gis.sites.raw import RawFile
from gis.sites.shapes import ShapeBuilder
from gis.sites.tables import HEAD_ROWS, guess_columns, read_grid
from gis.sites.text import decode_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.sites.raw import Limits, SiteSource

_DELIMITERS = (",", "\t", ";", "，", "；", "|")


def looks_like_table(text: str) -> bool:
    """Return whether the start of a text holds a heading or a row of coordinates in columns."""
    lines = [line for line in text.splitlines() if line.strip()][:HEAD_ROWS]
    if not lines or text.lstrip()[:1] in "<{[":
        return False
    delimiter = find_delimiter(lines)
    rows = [_split(line, delimiter) for line in lines]
    return any(map_columns(row) is not None or guess_columns(row) is not None for row in rows)


def find_delimiter(lines: list[str]) -> str | None:
    """Return the character that separates columns in most lines; None for blanks."""
    counts = {mark: sum(mark in line for line in lines) for mark in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda mark: counts[mark])
    return best if counts[best] else None


def read_delimited(source: SiteSource, limits: Limits) -> RawFile:
    """Read a coordinate table.

    Raises
    ------
    SiteError
        If it has no heading with coordinates and no columns of coordinates, or a coordinate is unusable.
    SiteTooLargeError
        If it is past a limit.
    """
    text, encoding = decode_text(source.content, source.name)
    tables = read_grid(_walk_rows(text, source.name), ShapeBuilder(source.name, limits), source.name)
    if tables is None:
        raise no_table(source.name)
    return RawFile("CSV", tables, encoding=encoding)


def no_table(where: str) -> SiteError:
    """Return the error for a table without columns of coordinates."""
    return SiteError(
        "表中没有找到坐标列",
        "the table has no columns of coordinates",
        where=where,
        code="sites.table",
        hint_zh="表头应有 X、Y（纵坐标、横坐标）或 经度、纬度；另可有 地块名称、地块圈号、界址点号",
        hint_en="headings expected: X and Y, or 经度 and 纬度; besides 地块名称, 地块圈号, 界址点号",
    )


def _walk_rows(text: str, where: str) -> Iterator[tuple[int, list[str]]]:
    head = [line for line in text[:65_536].splitlines() if line.strip()][:HEAD_ROWS]
    delimiter = find_delimiter(head)
    if delimiter is None:
        for number, line in enumerate(text.splitlines(), start=1):
            yield number, line.split()
        return
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, skipinitialspace=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise SiteError(
            f"第 {reader.line_num} 行不是正确的 CSV：{error}",
            f"row {reader.line_num} is no valid CSV: {error}",
            where=f"{where}, row {reader.line_num}",
            code="sites.table",
        ) from error


def _split(line: str, delimiter: str | None) -> list[str]:
    if delimiter is None:
        return line.split()
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return []
