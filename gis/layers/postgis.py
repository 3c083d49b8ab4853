"""A layer kept in PostGIS: ``path = "postgresql://host/database?table=schema.table"`` in the catalogue.

Read in one read-only transaction. The hash is taken over the rows in a canonical form and order, so that the
same rows give the same hash, on whatever server and in whatever order they are stored.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import numpy as np
import shapely

from gis import crs
from gis.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.model import LayerEntry

SCHEMES = ("postgresql://", "postgres://")
COLUMNS = ("id", "name_zh", "name_en", "kind", "accuracy_m")
"""What a layer's features have to say; each may be mapped: ``&kind=zone_type``, or ``&kind=:reserve``."""

CONSTANT = ":"
"""Before a value that all features have, instead of a column's name."""

OWN = ("table", "geom", *COLUMNS)
CONNECTION = ("host", "port", "sslmode", "sslrootcert", "service", "application_name", "user", "passfile")
"""Parameters that are handed to the server's client; a password is none of them."""

CONNECT_S = 5
STATEMENT_MS = 120_000
"""How long the server may take to answer, and to read a table."""

ROWS_AT_ONCE = 2000
ATTRIBUTES = (
    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
    "AND atttypid::regtype::text NOT LIKE '%%geometry' AND atttypid::regtype::text NOT LIKE '%%geography' "
    "ORDER BY attnum"
)
ROWS = (
    "SELECT to_jsonb(r), ST_SRID({column}), ST_AsBinary(ST_CurveToLine(ST_Force2D({column})), 'NDR') "
    "FROM {table} t CROSS JOIN LATERAL (SELECT {attributes}) r"
)
IDENTIFIER = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)?")

MODERN = (4490, 4326)
"""Geographic systems whose degrees are taken as they are: CGCS2000 and WGS 84."""


@dataclass(frozen=True, slots=True)
class TableSource:
    """Where a layer's table is.

    Parameters
    ----------
    connection : mapping of str to str
        For libpq; what is left out comes from ``PG…`` variables, a service file or ``~/.pgpass``.
    table : tuple of str
        Schema, where one is named, and table.
    geometry : str
        The column of the geometry.
    columns : mapping of str to str
        What a column of the layer is read from: a column of the table, or ``:`` and a value for all.
    """

    connection: Mapping[str, str]
    table: tuple[str, ...]
    geometry: str
    columns: Mapping[str, str]


def is_database(path: str | None) -> bool:
    """Return whether a catalogue's path leads to a database."""
    return path is not None and path.startswith(SCHEMES)


def parse_source(entry: LayerEntry) -> TableSource:
    """Return where the table of a catalogue entry is.

    Raises
    ------
    LayerError
        If the address names no table, holds a password, or a parameter that is not known.
    """
    address = urlsplit(str(entry.path))
    asked = dict(parse_qsl(address.query, keep_blank_values=True))
    if address.password is not None or "password" in asked:
        raise LayerError(
            f"图层 {entry.id} 的目录条目中写有密码",
            f"layer {entry.id}: a password stands in the catalogue",
            where=entry.id,
            hint_zh="目录会被查看和复制：改用环境变量 PGPASSWORD 或 ~/.pgpass",
            hint_en="catalogues are read and copied: use PGPASSWORD or ~/.pgpass",
            code="layers.password",
        )
    table = asked.get("table", "")
    unknown = sorted(asked.keys() - {*OWN, *CONNECTION})
    names = [asked.get("geom", "geom"), *(v for k, v in asked.items() if k in COLUMNS and v[:1] != CONSTANT)]
    if not IDENTIFIER.fullmatch(table) or unknown or not all(IDENTIFIER.fullmatch(name) for name in names):
        raise LayerError(
            f"图层 {entry.id} 的数据库地址无法识别：{'、'.join(unknown) or table or '缺少 table'}",
            f"layer {entry.id}: the address of its table is not understood: "
            f"{', '.join(unknown) or table or 'no table'}",
            where=entry.id,
            hint_zh="应为 postgresql://主机/库?table=模式.表&geom=几何列，见 docs/official-data.md",
            hint_en="expected postgresql://host/db?table=schema.table&geom=column, see docs/official-data.md",
            code="layers.database",
        )
    connection = {name: value for name, value in asked.items() if name in CONNECTION}
    connection |= {
        name: unquote(str(value))
        for name, value in (
            ("host", address.hostname),
            ("port", address.port),
            ("user", address.username),
            ("dbname", address.path.lstrip("/")),
        )
        if value
    }
    return TableSource(
        connection=connection,
        table=tuple(table.split(".")),
        geometry=asked.get("geom", "geom"),
        columns={name: asked.get(name, name) for name in COLUMNS},
    )


def read_table(entry: LayerEntry) -> tuple[gpd.GeoDataFrame, str]:
    """Return the features of a layer's table, ordered by id, and the SHA-256 of its rows.

    Returns
    -------
    GeoDataFrame
        EPSG:4490, as :func:`gis.layers.load.read_features` gives a file's features: every other column of
        the table is one of the frame.
    str
        The same for the same rows: ids, attributes, geometries (2D, as stored) and their system.

    Raises
    ------
    LayerError
        If the server does not answer, the table or a column is missing, a row has no id, or its system is
        none that can be placed exactly.
    """
    import psycopg

    source = parse_source(entry)
    try:
        rows = sorted(_fetch(source), key=lambda row: (row[0], row[3] or b""))
    except psycopg.Error as error:
        raise _unreadable(entry, str(error).strip().partition("\n")[0]) from error
    digest = hashlib.sha256()
    for _, properties, srid, wkb in rows:
        text = json.dumps(properties, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest.update(f"{text}\n{srid}\n{'' if wkb is None else wkb.hex()}\n".encode())
    without = [number for number, (key, *_) in enumerate(rows) if not key]
    if without:
        raise _unreadable(entry, f"{len(without)} rows without {source.columns['id']}")
    return _make_frame(entry, rows), digest.hexdigest()


def _fetch(source: TableSource) -> Iterator[tuple[str, dict[str, Any], int | None, bytes | None]]:
    """Yield (id, properties, SRID, WKB) of each row, in one read-only transaction."""
    import psycopg
    from psycopg import sql

    table, column = sql.Identifier(*source.table), sql.Identifier("t", source.geometry)
    settings = f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_MS}"
    parameters: dict[str, Any] = {**source.connection, "connect_timeout": CONNECT_S, "options": settings}
    with psycopg.connect(**parameters) as connection, connection.cursor(name="layer") as cursor:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        names = connection.execute(ATTRIBUTES, [table.as_string(connection)]).fetchall()
        attributes_of = sql.SQL(", ").join(sql.Identifier("t", name) for (name,) in names)
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(sql.SQL(ROWS).format(attributes=attributes_of, column=column, table=table))
        for attributes, srid, wkb in cursor:
            properties = map_columns(attributes, source.columns)
            yield str(properties["id"] or ""), properties, srid, None if wkb is None else bytes(wkb)


def map_columns(attributes: dict[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """Return the attributes of a row under the names of a layer, the others under their own."""
    mapped = {
        name: column.removeprefix(CONSTANT) if column.startswith(CONSTANT) else attributes.get(column)
        for name, column in columns.items()
    }
    taken = {column for name, column in columns.items() if column != name}
    rest = {name: value for name, value in attributes.items() if name not in taken and name not in mapped}
    accuracy = mapped["accuracy_m"]
    return {
        **mapped,
        "id": None if mapped["id"] is None else str(mapped["id"]),
        "accuracy_m": None if accuracy is None else float(accuracy),
        **rest,
    }


def _make_frame(
    entry: LayerEntry, rows: Sequence[tuple[str, dict[str, Any], int | None, bytes | None]]
) -> gpd.GeoDataFrame:
    """Return rows as a table in degrees."""
    import geopandas as gpd

    shapes = np.array([*(shapely.from_wkb(wkb) for *_, wkb in rows), None], dtype=object)[:-1]
    systems = np.array([srid or 0 for _, _, srid, _ in rows])
    placed = np.full(len(rows), None, dtype=object)
    for srid in np.unique(systems[~shapely.is_missing(shapes)]).tolist():
        own = np.flatnonzero((systems == srid) & ~shapely.is_missing(shapes))
        placed[own] = _place(entry, shapes[own], srid)
    frame = gpd.GeoDataFrame([properties for _, properties, *_ in rows], geometry=placed, crs=crs.GEOGRAPHIC)
    for column in COLUMNS:
        if column not in frame.columns:
            frame[column] = None
    frame["accuracy_m"] = frame["accuracy_m"].astype(float)
    return frame


def _place(entry: LayerEntry, shapes: NDArray[np.object_], srid: int) -> NDArray[np.object_]:
    """Return geometries of a stored system in degrees; their edges are straight where they are stored.

    Raises
    ------
    LayerError
        If the system is unknown, or of a datum without public exact parameters.
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        system = CRS.from_epsg(srid)
        base = system.geodetic_crs.to_epsg() if system.geodetic_crs else None
    except CRSError:
        base = None
    if base not in MODERN:
        raise LayerError(
            f"图层 {entry.id} 的 SRID {srid} 不是 CGCS2000 或 WGS 84 的坐标系",
            f"layer {entry.id}: SRID {srid} is no system of CGCS2000 or WGS 84",
            where=entry.id,
            hint_zh="用 UpdateGeometrySRID 写明真实坐标系；旧基准请先由测绘部门转换",
            hint_en="state the true one with UpdateGeometrySRID; have older datums converted first",
            code="layers.srid",
        )
    if srid in MODERN:
        return shapes
    dense = shapes.copy()
    sound = shapely.is_valid(shapes)  # to densify an invalid polygon would mend it unsaid
    dense[sound] = shapely.segmentize(shapes[sound], crs.MAX_EDGE_M)
    move = crs.transformer(f"EPSG:{srid}", crs.GEOGRAPHIC)
    return np.asarray(
        shapely.transform(dense, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1]))), dtype=object
    )


def _unreadable(entry: LayerEntry, reason: str) -> LayerError:
    """Return the error for a table that cannot be read; the address holds no password."""
    return LayerError(
        f"图层 {entry.id} 的数据库表无法读取：{reason}",
        f"layer {entry.id}: its table cannot be read: {reason}",
        where=entry.id,
        hint_zh="检查数据库是否在运行、PG… 环境变量与 ~/.pgpass、表名与列名、读取权限",
        hint_en="check that the database runs, PG… variables and ~/.pgpass, the names, and the right to read",
        code="layers.database",
    )
