"""The tables of the records, the same in SQLite and in PostgreSQL/PostGIS."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

from gis.model import Verdict

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

SRID = 4490
"""CGCS2000 longitude/latitude, as everything that is kept."""


class SiteGeometry(TypeDecorator[bytes]):
    """A geometry as WKB (EPSG:4490): a PostGIS column there, plain bytes in SQLite."""

    impl = LargeBinary
    cache_ok = True
    spatial_index = False  # GeoAlchemy2 looks here; the migration makes the index

    def load_dialect_impl(self, dialect: Dialect | None) -> TypeEngine[Any]:
        """Return the column's type in a database; GeoAlchemy2 asks for none in particular too."""
        if dialect is None or dialect.name != "postgresql":
            return LargeBinary()
        from geoalchemy2 import Geometry

        return dialect.type_descriptor(Geometry("GEOMETRY", srid=SRID, spatial_index=False))

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> Any:
        """Return a WKB as the database takes it."""
        if value is None or dialect.name != "postgresql":
            return value
        from geoalchemy2 import WKBElement

        return WKBElement(value, srid=SRID)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        """Return what the database gives as WKB, without the SRID PostGIS puts in front."""
        if value is None or dialect.name != "postgresql":
            return value  # type: ignore[no-any-return]
        import shapely
        from geoalchemy2.shape import to_shape

        return bytes(shapely.to_wkb(to_shape(value), include_srid=False, byte_order=1))


class UtcTime(TypeDecorator[datetime]):
    """A moment, always with its time zone; SQLite keeps it as UTC without saying so."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC as the database keeps it."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

inputs = Table(
    "inputs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size_bytes", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""Every file that was ever given, once, by the SHA-256 of its bytes."""

results = Table(
    "results",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("check_id", String(64), nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("sites", Integer, nullable=False),
    *(Column(verdict.value, Integer, nullable=False) for verdict in Verdict),
    UniqueConstraint("check_id", "digest"),
)
"""Every answer once; ``digest`` is the SHA-256 of the body, its moment left out."""

result_sites = Table(
    "result_sites",
    metadata,
    Column("result_id", ForeignKey("results.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("site_id", Text, nullable=False),
    Column("name", Text),
    Column("verdict", String(32), nullable=False),
    Column("geometry", SiteGeometry),
)
"""The sites of an answer with their outlines, for questions asked of the database itself."""

records = Table(
    "records",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("result_id", ForeignKey("results.id"), nullable=False, index=True),
    Column("asked_at", UtcTime, nullable=False, index=True),
    Column("asked_by", Text, nullable=False),
    Column("options", JSON, nullable=False),
    Column("words", Text, nullable=False),
)
"""Every time somebody asked; ``words`` is what the register is searched by, in lower case."""

record_files = Table(
    "record_files",
    metadata,
    Column("record_id", ForeignKey("records.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sha256", ForeignKey("inputs.sha256"), nullable=False, index=True),
)
"""The files of a record in the order they were given, under the names they came with."""
