"""A database opened: where it is, how it is made durable, and what its errors mean for a person."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from gis.errors import SettingsError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection, Engine

MIGRATIONS = Path(__file__).with_name("migrations")
FILE_NAME = "records.sqlite"
BUSY_TIMEOUT_S = 30
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "sqlite": "sqlite"}
LOCK_KEY = 4_490_4549
"""Under which PostgreSQL lets one process at a time change the tables."""


def locate_database(home: Path, database_url: str = "") -> URL:
    """Return the address of the records: the one given, or a SQLite file in the home folder.

    Raises
    ------
    SettingsError
        If the address cannot be read, or is of a database that is not supported.
    """
    if not database_url:
        return make_url(f"sqlite:///{(home / FILE_NAME).as_posix()}")
    try:
        url = make_url(database_url)
    except ArgumentError as error:
        raise _bad_url() from error
    name = url.drivername.partition("+")[0]
    if name not in DRIVERS or (name == "sqlite" and not url.database):
        raise _bad_url()
    return url.set(drivername=DRIVERS[name])


def _bad_url() -> SettingsError:
    """Return the error for an address of no database; the address stays unsaid, it may hold a password."""
    return SettingsError(
        "GIS_DATABASE_URL 应为 postgresql://用户:密码@主机/库 或 sqlite:////路径/文件",
        "GIS_DATABASE_URL must be postgresql://user:password@host/name or sqlite:////path/file",
        where="GIS_DATABASE_URL",
        hint_zh="不设则使用 GIS_HOME 下的 SQLite 文件",
        hint_en="leave it unset for a SQLite file in GIS_HOME",
    )


def open_engine(url: URL) -> Engine:
    """Return an engine whose tables are up to date.

    SQLite runs in WAL mode with ``synchronous=FULL``: what was committed survives a power cut.

    Raises
    ------
    StoreError
        If the database cannot be reached, made or brought up to date.
    """
    with plain_errors(url):
        if url.get_backend_name() == "sqlite":
            Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
            event.listen(engine, "connect", prepare_sqlite)
            event.listen(engine, "begin", begin_sqlite)
        else:
            import geoalchemy2  # noqa: F401 - it listens to tables being made, and must from the beginning

            engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 5})
        try:
            migrate(engine)
        except BaseException:
            engine.dispose()
            raise
    return engine


def identify_file(url: URL) -> tuple[int, int] | None:
    """Return what tells the file of a SQLite database from any other; None for a database server.

    Raises
    ------
    StoreError
        If there is no such file: what is written to one that was removed is lost when the process ends.
    """
    if url.get_backend_name() != "sqlite":
        return None
    with plain_errors(url):
        found = Path(str(url.database)).stat()
    return found.st_dev, found.st_ino


def prepare_sqlite(connection: Any, record: object) -> None:
    """Set what SQLite forgets between connections, and leave transactions to us."""
    del record
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def begin_sqlite(connection: Connection) -> None:
    """Begin a transaction; one that will write takes the lock at once and waits for its turn."""
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that is committed, durable, when the block ends."""
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        yield connection


def migrate(engine: Engine) -> None:
    """Bring the tables up to date; of several processes one does it and the others wait."""
    from alembic.command import upgrade
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_KEY})")
        config.attributes["connection"] = connection
        upgrade(config, "head")


@contextlib.contextmanager
def plain_errors(url: URL) -> Iterator[None]:
    """Turn what a database or its disk complains of into an error for a person, the password unsaid.

    Raises
    ------
    StoreError
        Instead of the driver's own error.
    """
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise StoreError(
            f"检查记录的数据库不可用：{reason}",
            f"the database of the records cannot be used: {reason}",
            where=url.render_as_string(hide_password=True),
            hint_zh="请检查磁盘空间、文件夹权限、GIS_HOME 与 GIS_DATABASE_URL；没有记录就不作答复",
            hint_en="check the disk, the folder's permissions, GIS_HOME and GIS_DATABASE_URL; "
            "a check that cannot be recorded is not answered",
        ) from error
