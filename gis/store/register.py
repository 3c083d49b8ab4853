"""The register: who asked what and when, with the verdicts in short; searched and paged in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from gis.model import Verdict
from gis.store.models import record_files, records, results
from gis.store.summary import storable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Connection, Row

OFFICE_TIME = timezone(timedelta(hours=8), "UTC+8")
"""The calendar day of an office in Hangzhou: China has one time zone and no summer time."""
MAX_LIMIT = 1000
MAX_OFFSET = 2**31 - 1


@dataclass(frozen=True, slots=True)
class RegisterQuery:
    """Which records are asked for.

    Parameters
    ----------
    words : str
        Words that the name of who asked, of a file or of a site must hold, all of them; or the beginning
        of a check's id.
    verdict : Verdict or None
        Only records in which at least one site has it.
    first_day, last_day : date or None
        Days in the office's time, both included.
    """

    limit: int = 50
    offset: int = 0
    words: str = ""
    verdict: Verdict | None = None
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """A file of a record."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RegisterItem:
    """One line of the register."""

    record_id: int
    check_id: str
    asked_at: datetime
    asked_by: str
    files: tuple[RegisterFile, ...]
    sites: int
    by_verdict: Mapping[Verdict, int]


@dataclass(frozen=True, slots=True)
class Register:
    """A page of the register: ``total`` counts all that match."""

    items: tuple[RegisterItem, ...]
    total: int


def read_register(connection: Connection, query: RegisterQuery) -> Register:
    """Return a page of the register, the newest first."""
    conditions = list_conditions(query)
    source = records.join(results)
    total = connection.execute(select(func.count()).select_from(source).where(*conditions)).scalar_one()
    columns = (
        records.c.id,
        records.c.asked_at,
        records.c.asked_by,
        results.c.check_id,
        results.c.sites,
        *(results.c[verdict.value] for verdict in Verdict),
    )
    page = (
        select(*columns)
        .select_from(source)
        .where(*conditions)
        .order_by(records.c.id.desc())
        .limit(query.limit)
        .offset(query.offset)
    )
    rows = connection.execute(page).all()
    files = _read_files(connection, [row.id for row in rows])
    return Register(items=tuple(_as_item(row, files.get(row.id, ())) for row in rows), total=int(total))


def list_conditions(query: RegisterQuery) -> list[ColumnElement[bool]]:
    """Return what a record must meet."""
    found: list[ColumnElement[bool]] = []
    for word in storable(query.words).lower().split():
        by_id = results.c.check_id.startswith(word, autoescape=True)
        found.append(records.c.words.contains(word, autoescape=True) | by_id)
    if query.verdict is not None:
        found.append(results.c[query.verdict.value] > 0)
    if query.first_day is not None:
        found.append(records.c.asked_at >= start_of_day(query.first_day))
    if query.last_day is not None and query.last_day < date.max:
        found.append(records.c.asked_at < start_of_day(query.last_day + timedelta(days=1)))
    return found


def start_of_day(day: date) -> datetime:
    """Return the moment a day begins in the office; the first moment there is, for the first day there is."""
    if day <= date.min + timedelta(days=1):
        return datetime.min.replace(tzinfo=UTC)
    return datetime.combine(day, time(), tzinfo=OFFICE_TIME).astimezone(UTC)


def _read_files(connection: Connection, record_ids: list[int]) -> dict[int, tuple[RegisterFile, ...]]:
    """Return the files of some records."""
    query = (
        select(record_files.c.record_id, record_files.c.name, record_files.c.sha256)
        .where(record_files.c.record_id.in_(record_ids))
        .order_by(record_files.c.record_id, record_files.c.position)
    )
    found: dict[int, tuple[RegisterFile, ...]] = {}
    for row in connection.execute(query):
        found[row.record_id] = (*found.get(row.record_id, ()), RegisterFile(row.name, row.sha256))
    return found


def _as_item(row: Row[Any], files: tuple[RegisterFile, ...]) -> RegisterItem:
    """Return a row as a line of the register."""
    return RegisterItem(
        record_id=row.id,
        check_id=row.check_id,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        files=files,
        sites=row.sites,
        by_verdict={verdict: getattr(row, verdict.value) for verdict in Verdict},
    )
