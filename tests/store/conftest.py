"""Both databases: SQLite in a folder, and a PostgreSQL cluster of our own with PostGIS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gis.store.records import RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the address of an empty database of each kind; empty for SQLite in the home folder."""
    return "" if request.param == "sqlite" else request.getfixturevalue("cluster").make_database()


@pytest.fixture
def open_store(database_url: str, tmp_path: Path) -> Iterator[Callable[[], RecordStore]]:
    """Return the function that opens the records; opened twice it is as two processes."""
    opened: list[RecordStore] = []

    def make() -> RecordStore:
        opened.append(RecordStore(tmp_path / "home", database_url))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], RecordStore]) -> RecordStore:
    """Return the records."""
    return open_store()
