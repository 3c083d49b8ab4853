"""The records: a check is kept, whole and durable, before anybody is told its answer."""

from __future__ import annotations

import hashlib
import threading
import weakref
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import false, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gis.errors import NotFoundError
from gis.model import CheckOptions, Verdict
from gis.sites.raw import SiteSource
from gis.store.batches import WriteQueue
from gis.store.database import identify_file, locate_database, open_engine, plain_errors, writing
from gis.store.models import inputs, record_files, records, result_sites, results
from gis.store.register import Register, RegisterQuery, read_register
from gis.store.summary import gather_words, storable, summarise_body

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Engine, Row, Table

    from gis.store.summary import Summary

MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store answers when a check was kept.

    Parameters
    ----------
    record_id : int
        Number of this asking.
    body : str
        The answer as it is kept: where the same check was answered before, the former bytes.
    """

    record_id: int
    check_id: str
    body: str


@dataclass(frozen=True, slots=True)
class Record:
    """One asking with all that was given and answered.

    Parameters
    ----------
    sources : tuple of SiteSource
        The files, their bytes as they came.
    """

    record_id: int
    check_id: str
    asked_at: datetime
    asked_by: str
    options: CheckOptions
    sources: tuple[SiteSource, ...]
    body: str


class RecordStore:
    """The records of one office; safe for several threads and several processes.

    The database is opened, and its tables brought up to date, when it is first needed.

    Parameters
    ----------
    home : Path
        Folder of the SQLite file when no other database is named.
    database_url : str
        ``GIS_DATABASE_URL``; empty for SQLite.
    """

    def __init__(self, home: Path, database_url: str = "") -> None:
        self.url = locate_database(home, database_url)
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._file: tuple[int, int] | None = None
        self._writes: WriteQueue[Kept] = WriteQueue(self._write_all)

    def engine(self) -> Engine:
        """Return the opened database; one whose file was put in another's place is opened anew.

        Raises
        ------
        StoreError
            If it cannot be used, or its file was removed.
        """
        with self._lock:
            if self._engine is not None and identify_file(self.url) != self._file:
                self._engine.dispose()
                self._engine = None
            if self._engine is None:
                engine = open_engine(self.url)
                weakref.finalize(self, engine.dispose)
                self._file = identify_file(self.url)
                self._engine = engine
            return self._engine

    def close(self) -> None:
        """Close every connection; the store opens again when it is next asked."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    def probe(self) -> None:
        """Change nothing in the database, to see that it answers and can be written to.

        Raises
        ------
        StoreError
            If not.
        """
        engine = self.engine()
        with plain_errors(self.url), writing(engine) as connection:
            connection.execute(update(records).where(false()).values(asked_by=""))

    def keep(
        self,
        body: str,
        *,
        sources: Sequence[SiteSource],
        options: CheckOptions,
        asked_by: str = "",
        now: datetime | None = None,
    ) -> Kept:
        """Keep a check and return once it is committed to the disk, alone or with others that wait.

        Every asking is a record of its own. An answer that differs from a kept one in its moment alone is
        not kept again: the record points at the former one, and its bytes are what is returned.

        Parameters
        ----------
        body : str
            The site-check/1 object.
        sources : sequence of SiteSource
            The files as they were given.
        asked_by : str
            Who asked; empty when nobody said.

        Raises
        ------
        StoreError
            If the record could not be written; nothing of it is then kept.
        """
        write = partial(
            _keep_check,
            body=storable(body),
            summary=summarise_body(body),
            sources=tuple(sources),
            options=options,
            asked_by=storable(asked_by.strip())[:MAX_NAME],
            now=now or datetime.now(UTC),
        )
        if self.url.get_backend_name() == "sqlite":  # one writer at a time, and each waits for the disk
            return self._writes.put(write)
        return self._write_all([write])[0]

    def _write_all(self, writes: Sequence[Callable[[Connection], Kept]]) -> list[Kept]:
        """Do writes in one transaction; they are on the disk, in the file that is there, at the end."""
        engine = self.engine()
        with plain_errors(self.url), writing(engine) as connection:
            kept = [write(connection) for write in writes]
        self.engine()
        return kept

    def read_body(self, check_id: str) -> str:
        """Return the answer of a check, the newest if its files came under several names.

        Raises
        ------
        NotFoundError
            If no such check was kept.
        StoreError
            If the database cannot be used.
        """
        query = select(results.c.body).where(results.c.check_id == storable(check_id))
        engine = self.engine()
        with plain_errors(self.url), engine.connect() as connection:
            body = connection.execute(query.order_by(results.c.id.desc()).limit(1)).scalar()
        if body is None:
            raise unknown_check(check_id)
        return str(body)

    def read_record(self, key: str | int) -> Record:
        """Return a record by its number, or the newest of a check by its id or the id's beginning.

        Parameters
        ----------
        key : str or int
            A record's number, or at least 8 signs of a check's id.

        Raises
        ------
        NotFoundError
            If there is none.
        StoreError
            If the database cannot be used.
        """
        text = storable(str(key))
        query = select(records, results.c.check_id, results.c.body).join_from(records, results)
        if text.isascii() and text.isdigit() and len(text) < 8:
            query = query.where(records.c.id == int(text))
        elif len(text) >= 8:
            query = query.where(results.c.check_id.startswith(text, autoescape=True))
        else:
            raise unknown_check(text)
        engine = self.engine()
        with plain_errors(self.url), engine.connect() as connection:
            row = connection.execute(query.order_by(records.c.id.desc()).limit(1)).one_or_none()
            if row is None:
                raise unknown_check(text)
            sources = _read_sources(connection, row.id)
        return _as_record(row, sources)

    def read_register(self, query: RegisterQuery) -> Register:
        """Return a page of the register, the newest first.

        Raises
        ------
        StoreError
            If the database cannot be used.
        """
        engine = self.engine()
        with plain_errors(self.url), engine.connect() as connection:
            return read_register(connection, query)


def _keep_check(
    connection: Connection,
    *,
    body: str,
    summary: Summary,
    sources: tuple[SiteSource, ...],
    options: CheckOptions,
    asked_by: str,
    now: datetime,
) -> Kept:
    """Keep one check within a transaction."""
    result_id, kept_body = _keep_result(connection, summary, body)
    named = (source.name for source in sources)
    record_id = _insert_id(
        connection,
        records,
        result_id=result_id,
        asked_at=now,
        asked_by=asked_by,
        options=options_as_dict(options),
        words=gather_words(asked_by, *named, *(site.name or "" for site in summary.sites)),
    )
    for position, source in enumerate(sources):
        connection.execute(
            insert(record_files).values(
                record_id=record_id,
                position=position,
                name=storable(source.name),
                sha256=_keep_input(connection, source.content),
            )
        )
    return Kept(record_id=record_id, check_id=summary.check_id, body=kept_body)


def options_as_dict(options: CheckOptions) -> dict[str, Any]:
    """Return options as they are kept."""
    return asdict(options) | {"on": options.on.isoformat()}


def options_from_dict(table: dict[str, Any]) -> CheckOptions:
    """Return kept options; one that did not exist when they were kept has its default."""
    known = {name: value for name, value in table.items() if name in CheckOptions.__dataclass_fields__}
    return CheckOptions(**known | {"on": date.fromisoformat(table["on"])})


def unknown_check(check_id: str) -> NotFoundError:
    """Return the error for a check that was never kept."""
    return NotFoundError(
        "没有这个检查记录",
        "there is no such check",
        where=check_id[:80],
        hint_zh="用 gis records list 或 /checks 查看全部记录",
        hint_en="see all records with gis records list or at /checks",
        code="checks.unknown",
    )


def _keep_input(connection: Connection, content: bytes) -> str:
    """Keep the bytes of a file unless they are kept already; return their SHA-256."""
    digest = hashlib.sha256(content).hexdigest()
    known = connection.execute(select(inputs.c.sha256).where(inputs.c.sha256 == digest)).first()
    if known is None:
        _insert_once(connection, inputs, sha256=digest, size_bytes=len(content), content=content)
    return digest


def _keep_result(connection: Connection, summary: Summary, body: str) -> tuple[int, str]:
    """Keep an answer unless an equal one is kept; return its number and the body that is kept."""
    counts = {verdict.value: summary.by_verdict[verdict] for verdict in Verdict}
    new = _insert_once(
        connection,
        results,
        check_id=summary.check_id,
        digest=summary.digest,
        body=body,
        sites=len(summary.sites),
        **counts,
    )
    if new is None:
        query = select(results.c.id, results.c.body).where(
            results.c.check_id == summary.check_id, results.c.digest == summary.digest
        )
        row = connection.execute(query).one()
        return int(row.id), str(row.body)
    sites = [
        {
            "result_id": int(new[0]),
            "position": position,
            "site_id": site.site_id,
            "name": site.name,
            "verdict": site.verdict.value,
            "geometry": site.geometry_wkb,
        }
        for position, site in enumerate(summary.sites)
    ]
    connection.execute(insert(result_sites), sites)
    return int(new[0]), body


def _insert_once(connection: Connection, table: Table, **values: object) -> Row[Any] | None:
    """Insert a row unless one with the same key is there; return its key, None where it was there."""
    key = list(table.primary_key)
    if connection.dialect.name == "postgresql":
        new = postgresql.insert(table).values(**values).on_conflict_do_nothing().returning(*key)
    else:
        new = sqlite.insert(table).values(**values).on_conflict_do_nothing().returning(*key)
    return connection.execute(new).first()


def _insert_id(connection: Connection, table: Table, **values: object) -> int:
    """Insert a row and return its number."""
    return int(connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


def _read_sources(connection: Connection, record_id: int) -> tuple[SiteSource, ...]:
    """Return the files of a record in their order."""
    query = (
        select(record_files.c.name, inputs.c.content)
        .join_from(record_files, inputs)
        .where(record_files.c.record_id == record_id)
        .order_by(record_files.c.position)
    )
    return tuple(SiteSource(name=row.name, content=bytes(row.content)) for row in connection.execute(query))


def _as_record(row: Row[Any], sources: tuple[SiteSource, ...]) -> Record:
    """Return a row as a record."""
    return Record(
        record_id=row.id,
        check_id=row.check_id,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        options=options_from_dict(row.options),
        sources=sources,
        body=row.body,
    )
