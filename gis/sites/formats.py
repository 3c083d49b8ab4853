"""The formats a site file may have: how each is recognised and who reads it. A format is one entry here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gis.errors import SiteError, SiteFormatError
from gis.sites.archive import is_zip, list_names
from gis.sites.delimited import looks_like_table, read_delimited
from gis.sites.dxf import looks_like_dxf, read_dxf
from gis.sites.geojson import read_geojson
from gis.sites.kml import looks_like_kml, read_kml, read_kmz
from gis.sites.survey import looks_like_survey, read_survey
from gis.sites.text import is_mostly_utf8
from gis.sites.vector import read_geopackage, read_shapefiles
from gis.sites.workbook import read_workbook

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.sites.raw import Limits, RawFile, SiteSource

_HEAD_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class SiteFormat:
    """One format.

    Parameters
    ----------
    name : str
        What the user is told.
    extensions : tuple of str
        Lower-case endings a file of this content may have; a name without any ending is taken too.
    matches : callable
        Whether content is of this format, from its bytes alone.
    read : callable
        Its reader.
    """

    name: str
    extensions: tuple[str, ...]
    matches: Callable[[bytes], bool]
    read: Callable[[SiteSource, Limits], RawFile]


def _is_json(content: bytes) -> bool:
    """Return whether a file is JSON; what opens with a bracket is told to be no GeoJSON by its reader."""
    return _head(content).startswith(("{", "[{", "[["))


def _is_sqlite(content: bytes) -> bool:
    return content.startswith(b"SQLite format 3\x00")


def _is_workbook(content: bytes) -> bool:
    return is_zip(content) and {"[Content_Types].xml", "xl/workbook.xml"} <= set(list_names(content))


def _is_shapefile_zip(content: bytes) -> bool:
    """Return whether a zip is no office document; what else is in it is the reader's business."""
    return is_zip(content) and "[Content_Types].xml" not in list_names(content)


def _is_kmz(content: bytes) -> bool:
    """Return whether a zip holds KML and no shapefile."""
    if not is_zip(content):
        return False
    endings = {PurePosixPath(name).suffix.lower() for name in list_names(content)}
    return ".kml" in endings and ".shp" not in endings


def _is_kml(content: bytes) -> bool:
    return looks_like_kml(_head(content))


def _is_survey(content: bytes) -> bool:
    return looks_like_survey(_head(content))


def _is_table(content: bytes) -> bool:
    return looks_like_table(_head(content))


FORMATS = (
    SiteFormat("GeoJSON", (".geojson", ".json"), _is_json, read_geojson),
    SiteFormat("GeoPackage", (".gpkg",), _is_sqlite, read_geopackage),
    SiteFormat("KMZ", (".kmz",), _is_kmz, read_kmz),
    SiteFormat("Shapefile (zip)", (".zip",), _is_shapefile_zip, read_shapefiles),
    SiteFormat("KML", (".kml",), _is_kml, read_kml),
    SiteFormat("DXF", (".dxf",), looks_like_dxf, read_dxf),
    SiteFormat("XLSX", (".xlsx", ".xlsm"), _is_workbook, read_workbook),
    SiteFormat("勘测定界 TXT", (".txt",), _is_survey, read_survey),
    SiteFormat("CSV", (".csv", ".tsv", ".txt"), _is_table, read_delimited),
)
"""Tried in this order; a format more is one entry more."""


def _head(content: bytes) -> str:
    """Return the start of a text file without BOM and leading blanks; empty for what is no text."""
    raw = content[:_HEAD_BYTES]
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return raw.decode("utf-16", errors="ignore").lstrip()
    if b"\0" in raw:
        return ""
    encoding = "utf-8-sig" if is_mostly_utf8(raw) or raw.isascii() else "gb18030"
    return raw.decode(encoding, errors="ignore").lstrip()


def find_format(source: SiteSource) -> SiteFormat:
    """Return the format of a file from its content; its ending must agree.

    Raises
    ------
    SiteFormatError
        If no format of the list fits, or name and content contradict each other. Nothing is opened.
    SiteError
        If the file is empty.
    """
    known = "、".join(entry.name for entry in FORMATS)
    known_en = ", ".join(entry.name for entry in FORMATS)
    if not source.content.strip():
        raise SiteError(
            "文件是空的",
            "the file is empty",
            where=source.name,
            code="sites.empty",
            hint_zh=f"可用的格式：{known}",
        )
    ending = PurePosixPath(source.name).suffix.lower()
    found = next((entry for entry in FORMATS if entry.matches(source.content)), None)
    if found is None or source.name.lower().startswith("/vsi"):
        raise SiteFormatError(
            "不支持的文件格式（按内容判断），未读取",
            "the file's content is of no supported format; it was not read",
            where=source.name,
            hint_zh=f"可用的格式：{known}",
            hint_en=f"supported: {known_en}",
        )
    if ending and ending not in found.extensions:
        raise SiteFormatError(
            f"文件名的后缀是 {ending}，内容却是 {found.name}；未读取",
            f"the name ends in {ending} but the content is {found.name}; it was not read",
            where=source.name,
            hint_zh=f"请改后缀为 {'、'.join(found.extensions)}，或检查文件是否放错",
            hint_en=f"rename it to {', '.join(found.extensions)}, or check that it is the right file",
        )
    return found
