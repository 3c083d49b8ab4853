"""What a GeoPackage claims to hold, looked at with SQLite before GDAL opens it: real tables only."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gis.errors import SiteError

if TYPE_CHECKING:
    from pathlib import Path

_SYSTEM_TABLES = ("gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys")
_UNDEFINED_SYSTEMS = frozenset((0, -1, 99999))
_GENERATED = (2, 3)
_OUTSIDE = "SELECT name, type, sql FROM sqlite_master WHERE name = ? COLLATE NOCASE"


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """A table of features and the coordinate system the GeoPackage states for it (EPSG code, WKT or None)."""

    name: str
    crs: str | None


def list_tables(path: Path, where: str) -> tuple[FeatureTable, ...]:
    """Return the feature tables of a GeoPackage in the order of their names.

    Raises
    ------
    SiteError
        If it is no GeoPackage, is broken, or offers a view, a virtual table or computed columns as a table.
    """
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            database.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
            for name in _SYSTEM_TABLES:
                _check_table(database, name, where)
            rows = database.execute(
                "SELECT c.table_name, g.srs_id, s.organization, s.organization_coordsys_id, s.definition"
                " FROM gpkg_contents AS c"
                " JOIN gpkg_geometry_columns AS g ON g.table_name = c.table_name COLLATE NOCASE"
                " LEFT JOIN gpkg_spatial_ref_sys AS s ON s.srs_id = g.srs_id"
                " WHERE c.data_type = 'features' ORDER BY c.table_name"
            ).fetchall()
            for name, *_ in rows:
                _check_table(database, str(name), where)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _refuse(
            f"GeoPackage 无法读取：{error}", f"the GeoPackage cannot be read: {error}", where
        ) from error
    return tuple(FeatureTable(str(name), _read_system(*rest)) for name, *rest in rows)


def _check_table(database: sqlite3.Connection, name: str, where: str) -> None:
    found = database.execute(_OUTSIDE, (name,)).fetchall()
    if not found:
        raise _refuse(f"GeoPackage 缺少表 {name[:60]}", f"the GeoPackage lacks the table {name[:60]}", where)
    tables = [sql for _, kind, sql in found if kind == "table"]
    if len(tables) != len(found) or any(
        (sql or "").lstrip()[:14].upper() == "CREATE VIRTUAL" for sql in tables
    ):
        raise _refuse(
            f"GeoPackage 的 {name[:60]} 不是普通的表（视图、触发器或虚拟表）",
            f"{name[:60]} of the GeoPackage is no plain table but a view, trigger or virtual table",
            where,
        )
    columns = database.execute("SELECT hidden FROM pragma_table_xinfo(?)", (name,)).fetchall()
    if any(hidden in _GENERATED for (hidden,) in columns):
        raise _refuse(f"表 {name[:60]} 有计算列", f"the table {name[:60]} has computed columns", where)


def _read_system(srs_id: object, organization: object, code: object, definition: object) -> str | None:
    if srs_id in _UNDEFINED_SYSTEMS or organization is None:
        return None
    if str(organization).upper() == "EPSG" and isinstance(code, int) and code > 0:
        return f"EPSG:{code}"
    text = str(definition or "").strip()
    return text if text and text.lower() != "undefined" else None


def _refuse(zh: str, en: str, where: str) -> SiteError:
    return SiteError(
        zh,
        en,
        where=where,
        code="sites.geopackage",
        hint_zh="请用 GIS 软件把要素另存为新的 GeoPackage",
        hint_en="save the features as a new GeoPackage from a GIS",
    )
