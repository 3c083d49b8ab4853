"""The records keep what was given and answered, whole, in both databases."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from sqlalchemy import func, select

from gis.errors import NotFoundError, SettingsError, StoreError
from gis.model import CheckOptions, Verdict
from gis.sites.raw import SiteSource
from gis.store.database import locate_database
from gis.store.models import inputs, records, result_sites, results
from gis.store.records import RecordStore
from gis.store.register import RegisterQuery

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OPTIONS = CheckOptions(on=date(2026, 1, 31), site_accuracy_m=2.5, crs="EPSG:4549", what_if=True)
POINT = {"type": "Point", "coordinates": [120.15, 30.26]}


def body(
    number: int, *, created: str = "2026-01-31T00:00:00+00:00", verdict: str = "clear", name: Any = "地块"
) -> str:
    """Return an answer of one site as short as the store can read it."""
    table = {
        "check_id": f"{number:064x}",
        "created": created,
        "summary": {"by_verdict": {one.value: int(one.value == verdict) for one in Verdict}},
        "sites": [{"site_id": "a-0", "name": name, "verdict": verdict, "geometry": POINT}],
    }
    return json.dumps(table, ensure_ascii=False)


def source(name: str = "地块.geojson", content: bytes = b"\x00\xff content") -> SiteSource:
    """Return a file."""
    return SiteSource(name=name, content=content)


def count_rows(store: RecordStore, table: Any) -> int:
    """Return how many rows a table has."""
    with store.engine().connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_record_comes_back_as_it_was_given(open_store: Callable[[], RecordStore]) -> None:
    when = datetime(2026, 1, 31, 15, 59, 59, tzinfo=UTC)
    files = [source("a.zip", bytes(range(256))), source("b.geojson", b"{}")]
    kept = open_store().keep(body(1), sources=files, options=OPTIONS, asked_by=" 张三 ", now=when)
    read = open_store().read_record(kept.record_id)
    assert read.sources == tuple(files)
    assert read.options == OPTIONS
    assert (read.asked_by, read.asked_at, read.body) == ("张三", when, body(1))
    assert open_store().read_body(f"{1:064x}") == body(1)


def test_an_equal_answer_keeps_its_first_bytes_and_every_asking_its_record(store: RecordStore) -> None:
    first = store.keep(body(1), sources=[source()], options=OPTIONS, asked_by="甲")
    later = store.keep(body(1, created="2027-01-01T00:00:00+00:00"), sources=[source()], options=OPTIONS)
    assert later.body == first.body == body(1)
    assert later.record_id != first.record_id
    assert (count_rows(store, records), count_rows(store, results), count_rows(store, inputs)) == (2, 1, 1)


def test_of_differing_answers_of_one_check_the_newest_is_read(store: RecordStore) -> None:
    store.keep(body(1, name="旧名"), sources=[source()], options=OPTIONS)
    newer = store.keep(body(1, name="新名"), sources=[source()], options=OPTIONS)
    assert store.read_body(f"{1:064x}") == newer.body == body(1, name="新名")


def test_a_record_is_found_by_its_number_or_the_beginning_of_its_id(store: RecordStore) -> None:
    kept = store.keep(body(0xABC << 240), sources=[source()], options=OPTIONS)
    assert store.read_record("0abc0000").record_id == kept.record_id
    assert store.read_record(str(kept.record_id)).check_id == kept.check_id
    for nothing in ("99", "0abc", "", "%%%%%%%%", "0abc0000\x00", "9" * 30):
        with pytest.raises(NotFoundError):
            store.read_record(nothing)
    with pytest.raises(NotFoundError):
        store.read_body("%")


def test_text_no_database_takes_is_kept_as_near_as_can_be(store: RecordStore) -> None:
    kept = store.keep(
        body(1, name="a\x00b"), sources=[source("x\x00\ud800.geojson")], options=OPTIONS, asked_by="n\x00"
    )
    read = store.read_record(kept.record_id)
    assert read.sources[0].name == "x\ufffd?.geojson"
    assert read.asked_by == "n\ufffd"
    assert json.loads(read.body)["sites"][0]["name"] == "a\x00b"


def test_the_outlines_are_kept_as_geometries(store: RecordStore) -> None:
    store.keep(body(1, verdict="prohibited"), sources=[source()], options=OPTIONS)
    with store.engine().connect() as connection:
        row = connection.execute(select(result_sites)).one()
        if connection.dialect.name == "postgresql":
            asked = select(func.ST_SRID(result_sites.c.geometry), func.ST_X(result_sites.c.geometry))
            assert tuple(connection.execute(asked).one()) == (4490, 120.15)
    assert shapely.from_wkb(row.geometry).equals(shapely.Point(120.15, 30.26))
    assert (row.verdict, row.name) == ("prohibited", "地块")


def test_nothing_of_a_record_stays_when_it_cannot_be_kept_whole(store: RecordStore) -> None:
    broken = CheckOptions(on=date(2026, 1, 1), crs=object())  # type: ignore[arg-type]
    with pytest.raises((StoreError, TypeError)):
        store.keep(body(1), sources=[source()], options=broken)
    assert [count_rows(store, table) for table in (records, results, inputs, result_sites)] == [0, 0, 0, 0]


def test_many_threads_of_two_processes_keep_every_record(open_store: Callable[[], RecordStore]) -> None:
    stores = [open_store(), open_store()]

    def keep(number: int) -> int:
        return (
            stores[number % 2]
            .keep(
                body(number % 7, created=str(number)),
                sources=[source(content=b"%d" % (number % 3))],
                options=OPTIONS,
            )
            .record_id
        )

    with ThreadPoolExecutor(16) as pool:
        kept = list(pool.map(keep, range(60)))
    assert len(set(kept)) == 60
    assert [count_rows(stores[0], table) for table in (records, results, inputs)] == [60, 7, 3]


def test_the_register_is_newest_first_searched_and_paged(store: RecordStore) -> None:
    for number, (name, verdict) in enumerate(
        [("Zhang 三", "clear"), ("李四", "prohibited"), ("100%_x", "clear")]
    ):
        store.keep(
            body(number, verdict=verdict, name=f"site {number}"),
            sources=[source(f"文件{number}.geojson")],
            options=OPTIONS,
            asked_by=name,
            now=datetime(2026, 1, 1 + number, 16, tzinfo=UTC),
        )

    def found(**query: Any) -> list[str]:
        return [item.asked_by for item in store.read_register(RegisterQuery(**query)).items]

    assert found() == ["100%_x", "李四", "Zhang 三"]
    assert found(limit=1, offset=1) == ["李四"]
    assert found(words="ZHANG 文件0") == ["Zhang 三"]
    assert found(words="site") == ["100%_x", "李四", "Zhang 三"]
    assert found(words="0%_") == ["100%_x"]
    assert found(words="%") == ["100%_x"]
    assert found(words=f"{1:064x}") == ["李四"]
    assert found(words="\x00") == []
    assert found(verdict=Verdict.PROHIBITED) == ["李四"]
    page = store.read_register(RegisterQuery(limit=1, verdict=Verdict.CLEAR))
    assert (page.total, len(page.items)) == (2, 1)
    assert page.items[0].by_verdict[Verdict.CLEAR] == 1
    assert page.items[0].files[0].name == "文件2.geojson"


def test_days_are_those_of_the_office_not_of_greenwich(store: RecordStore) -> None:
    store.keep(body(1), sources=[source()], options=OPTIONS, now=datetime(2026, 1, 31, 15, 59, tzinfo=UTC))
    store.keep(body(2), sources=[source()], options=OPTIONS, now=datetime(2026, 1, 31, 16, 0, tzinfo=UTC))

    def count(first: date | None, last: date | None) -> int:
        return store.read_register(RegisterQuery(first_day=first, last_day=last)).total

    assert count(None, date(2026, 1, 31)) == 1
    assert count(date(2026, 2, 1), None) == 1
    assert count(date.min, date.max) == 2


def test_the_tables_are_those_the_migrations_make(store: RecordStore) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from gis.store.models import metadata

    ours = set(metadata.tables)

    def is_ours(thing: Any, name: str | None, kind: str, reflected: bool, compared: Any) -> bool:  # noqa: FBT001
        del reflected, compared
        if kind == "table":
            return name in ours
        return not (kind == "index" and name == "ix_result_sites_geometry") and thing is not None

    with store.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours})
        assert compare_metadata(context, metadata) == []
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    assert revision == "0001"


def test_a_missing_database_is_said_without_its_password(tmp_path: Path) -> None:
    store = RecordStore(tmp_path, "postgresql://office:secret@127.0.0.1:1/records")
    with pytest.raises(StoreError) as caught:
        store.probe()
    assert "secret" not in f"{caught.value.as_dict()}"
    assert "office" in str(caught.value.where)


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as caught:
        RecordStore(tmp_path / "file" / "home").probe()
    assert caught.value.hint_zh


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite:///", "postgresql+asyncpg2"])
def test_an_address_of_no_database_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        locate_database(tmp_path, url)
    assert caught.value.where == "GIS_DATABASE_URL"


def test_sqlite_survives_a_power_cut_as_it_is_set_up(tmp_path: Path) -> None:
    store = RecordStore(tmp_path)
    with store.engine().connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    store.close()
    assert (tmp_path / "records.sqlite").is_file()


def test_a_file_that_was_removed_takes_no_record_and_one_put_back_does(
    tmp_path: Path,
) -> None:
    store = RecordStore(tmp_path / "home")
    store.keep(body(1), sources=[source()], options=OPTIONS)
    (tmp_path / "home").rename(tmp_path / "away")
    for _ in range(2):
        with pytest.raises(StoreError):
            store.keep(body(2), sources=[source()], options=OPTIONS)
    with pytest.raises(StoreError):
        store.probe()
    (tmp_path / "away").rename(tmp_path / "home")
    assert store.keep(body(3), sources=[source()], options=OPTIONS).record_id == 2
    store.close()


def test_a_database_that_cannot_be_written_to_is_told(store: RecordStore) -> None:
    store.probe()
    engine = store.engine()
    only_read = {"sqlite": "PRAGMA query_only = ON", "postgresql": "SET default_transaction_read_only = ON"}
    with engine.connect() as connection:
        connection.exec_driver_sql(only_read[engine.dialect.name])
        connection.commit()
    with pytest.raises(StoreError):
        store.probe()
