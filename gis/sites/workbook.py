"""XLSX coordinate tables: streamed, formulas only by their stored values, no entity and no link followed."""

from __future__ import annotations

import io
import warnings
import zlib
from contextlib import closing
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from gis.errors import SiteError, SiteTooLargeError
from gis.model import Text
from gis.sites.archive import open_archive
from gis.sites.delimited import no_table
from gis.sites.raw import RawFile, RawTable
from gis.sites.shapes import ShapeBuilder
from gis.sites.tables import read_grid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gis.sites.archive import Archive
    from gis.sites.raw import Limits, SiteSource

_MAX_ROWS = 1_048_576
_SHARED_BYTES = 60_000_000
_CHUNK = 1 << 20
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")


def read_workbook(source: SiteSource, limits: Limits) -> RawFile:
    """Read the coordinate tables of all worksheets, in the order of the workbook.

    Raises
    ------
    SiteError
        If it is broken, holds a document type or entities, or no sheet has columns of coordinates.
    SiteTooLargeError
        If it is past a limit.
    """
    from xml.etree.ElementTree import ParseError

    from openpyxl.utils.exceptions import InvalidFileException

    _check_parts(open_archive(source, limits), source.name)
    try:
        return _read_sheets(source, limits)
    except SiteError:
        raise
    except (
        InvalidFileException,
        BadZipFile,
        ParseError,
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
        zlib.error,
    ) as error:  # what openpyxl raises on workbooks that are bent
        raise SiteError(
            f"XLSX 无法读取：{error}",
            f"the workbook cannot be read: {error}",
            where=source.name,
            code="sites.broken",
            hint_zh="请用表格软件另存为新的 XLSX",
            hint_en="save it as a new XLSX from a spreadsheet program",
        ) from error


def _read_sheets(source: SiteSource, limits: Limits) -> RawFile:
    from openpyxl import load_workbook

    builder = ShapeBuilder(source.name, limits)
    tables: list[RawTable] = []
    notes: list[Text] = []
    with warnings.catch_warnings(action="ignore"):  # odd styles are the stranger's, not ours
        book = load_workbook(io.BytesIO(source.content), read_only=True, data_only=True, keep_links=False)
        with closing(book):
            for sheet in book.worksheets:
                title = str(sheet.title)[:60]
                sheet.reset_dimensions()  # a stated size would cut off the rows beyond it unsaid
                rows = _walk_rows(sheet.iter_rows(max_col=limits.fields, values_only=True), source.name)
                count = sum(len(table.features) for table in tables)
                found = read_grid(rows, builder, f"{source.name}, {title}", first_index=count)
                tables += found or ()
                if found is None:
                    notes.append(_describe_skipped(title))
    if not tables:
        raise no_table(source.name)
    return RawFile("XLSX", tuple(tables), notes=tuple(notes))


def _describe_skipped(title: str) -> Text:
    return Text(f"工作表“{title}”没有坐标列，未读取", f"the sheet “{title}” has no coordinates; not read")


def _check_parts(archive: Archive, where: str) -> None:
    """Refuse document types and entities anywhere: no office program writes them."""
    for name, entry in archive.entries.items():
        is_xml = name.lower().endswith((".xml", ".rels", ".vml"))
        if "sharedstrings" in name.lower() and entry.file_size > _SHARED_BYTES:
            raise SiteTooLargeError(
                f"共享文字表大于 {_SHARED_BYTES} 字节",
                f"the shared strings are larger than {_SHARED_BYTES} bytes",
                where=where,
            )
        tail = b""
        for number, chunk in enumerate(archive.iterate(name, _CHUNK)):
            window = tail + chunk
            if any(mark in window for mark in _FORBIDDEN) or (is_xml and number == 0 and b"\0" in chunk[:64]):
                raise SiteError(
                    "XLSX 内含 DOCTYPE 或实体声明，未读取",
                    "the workbook holds a document type or entities; it was not read",
                    where=f"{where}: {name}",
                    code="sites.xml",
                    hint_zh="请用表格软件另存为新的 XLSX",
                    hint_en="save it as a new XLSX from a spreadsheet program",
                )
            tail = window[-16:]


def _walk_rows(rows: Iterator[Sequence[object]], where: str) -> Iterator[tuple[int, Sequence[object]]]:
    missing: Sequence[object] | None = None
    for number, cells in enumerate(rows, start=1):
        if cells is missing:
            continue
        if number > _MAX_ROWS:
            raise SiteTooLargeError(
                f"工作表多于 {_MAX_ROWS} 行", f"a sheet has more than {_MAX_ROWS} rows", where=where
            )
        if not any(cell is not None for cell in cells):
            missing = cells  # openpyxl gives one and the same empty row for all that the file leaves out
        yield number, cells
