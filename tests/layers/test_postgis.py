"""A layer in a real PostGIS: read as a file is, hashed by its rows, failed and never empty when gone."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import shapely

from gis import crs
from gis.errors import LayerError
from gis.layers.load import open_layer
from gis.layers.postgis import is_database, map_columns, parse_source
from gis.layers.replace import read_block
from gis.model import CheckOptions, LayerStatus, Verdict
from gis.study import check_sites
from gis.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.model import Layer, Site, SiteSet
    from gis.workspace import Workspace

TABLE = """
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE SCHEMA gis;
CREATE TABLE gis.redline (gid integer, zone text, acc double precision, "名称" text, area numeric, drawn date,
    geom geometry(Geometry, {srid}));
"""
ROW = "INSERT INTO gis.redline VALUES (%s, %s, %s, %s, %s, %s, ST_GeomFromWKB(%s, {srid}))"
OPTIONS = CheckOptions(on=date(2026, 6, 1))


@pytest.fixture
def address(cluster: Any) -> str:
    """Return the address of an empty database."""
    return cluster.make_database()


@pytest.fixture
def fill(address: str, plane: Callable[..., shapely.Geometry]) -> Callable[..., str]:
    """Return what makes the table of a layer with squares and gives the catalogue's path."""

    def make(
        rows: list[tuple[int | None, shapely.Geometry | None]], *, srid: int = 4549, columns: str = ""
    ) -> str:
        with psycopg.connect(address) as connection:
            connection.execute("DROP SCHEMA IF EXISTS gis CASCADE")
            connection.execute(TABLE.format(srid=srid))
            for gid, shape in rows:
                placed = None if shape is None else plane(shape)
                if placed is not None and srid != 4549:
                    placed = crs.transform(placed, crs.PLANE, "EPSG:4490" if srid == 4326 else f"EPSG:{srid}")
                wkb = None if placed is None else shapely.to_wkb(placed)
                connection.execute(
                    ROW.format(srid=srid), (gid, "reserve", 5.0, f"第{gid}", 1.5, date(2026, 1, 2), wkb)
                )
        mapped = columns or "&id=gid&kind=zone&accuracy_m=acc&name_zh=%E5%90%8D%E7%A7%B0"
        return f"{address}&table=gis.redline{mapped}"

    return make


@pytest.fixture
def open_database_workspace(
    make_workspace: Callable[..., Workspace], rule_text: Callable[..., str]
) -> Callable[..., Workspace]:
    """Return what opens a workspace whose one layer is at an address."""

    def make(path: str, *, rows: int = 0, **fields: Any) -> Workspace:
        entry = {"path": path, "sha256": None, "provenance": "official", "accuracy_m": 5.0, **fields}
        coverage = {"coverage": [117.5, 28.0, 123.0, 32.0]}
        workspace = make_workspace({"reserves": ([], coverage | entry)}, rule_text("r"))
        catalogue = workspace.settings.workspace / "layers" / "catalogue.toml"
        catalogue.write_text(
            catalogue.read_text(encoding="utf-8").replace("rows = 0", f"rows = {rows}"), encoding="utf-8"
        )
        return open_workspace(workspace.settings.workspace)

    return make


SQUARES = [(2, shapely.box(0, 0, 1000, 1000)), (1, shapely.box(3000, 0, 3500, 500))]


@pytest.mark.postgres
@pytest.mark.parametrize("srid", [4549, 4528, 4490, 4326])
def test_a_table_is_a_layer_and_decides(
    fill: Callable[..., str],
    open_database_workspace: Callable[..., Workspace],
    make_site: Callable[..., Site],
    make_site_set: Callable[..., SiteSet],
    srid: int,
) -> None:
    workspace = open_database_workspace(fill(SQUARES, srid=srid))
    layer = workspace.layers["reserves"]
    assert layer.status is LayerStatus.OK, layer.problem
    assert layer.frame["id"].tolist() == ["1", "2"]
    assert layer.frame["kind"].tolist() == ["reserve", "reserve"]
    assert layer.frame["name_zh"].tolist() == ["第1", "第2"]
    assert layer.frame["accuracy_m"].tolist() == [5.0, 5.0]
    assert layer.frame["drawn"].tolist() == ["2026-01-02"] * 2
    assert layer.frame.crs == crs.GEOGRAPHIC
    result = check_sites(workspace, make_site_set(make_site(shapely.box(100, 100, 200, 300))), OPTIONS)
    (finding,) = result.sites[0].findings
    assert result.sites[0].verdict is Verdict.PROHIBITED
    assert finding.feature_ids == ("2",)
    assert finding.overlap_area_m2.as_drawn == pytest.approx(20_000, rel=1e-6)
    assert result.layers[0].sha256 == layer.sha256


@pytest.mark.postgres
def test_the_same_rows_have_the_same_hash_and_a_changed_row_another(
    fill: Callable[..., str], address: str, open_database_workspace: Callable[..., Workspace]
) -> None:
    def digest(path: str) -> str | None:
        return open_database_workspace(path).layers["reserves"].sha256

    first = digest(fill(SQUARES))
    assert first == digest(fill(SQUARES[::-1]))
    with psycopg.connect(address) as connection:
        connection.execute("UPDATE gis.redline SET area = 1.6 WHERE gid = 1")
    path = f"{address}&table=gis.redline&id=gid&kind=zone&accuracy_m=acc&name_zh=名称"
    changed = digest(path)
    assert changed not in {first, None}
    pinned = open_database_workspace(path, sha256=first).layers["reserves"]
    assert pinned.status is LayerStatus.FAILED
    assert "哈希" in pinned.problem.zh
    assert open_database_workspace(path, sha256=changed, rows=2).layers["reserves"].status is LayerStatus.OK
    assert open_database_workspace(path, rows=3).layers["reserves"].status is LayerStatus.FAILED


@pytest.mark.postgres
def test_the_table_is_read_in_a_transaction_that_cannot_write(
    fill: Callable[..., str], address: str, open_database_workspace: Callable[..., Workspace]
) -> None:
    path = fill(SQUARES)
    with psycopg.connect(address) as connection:
        connection.execute(
            "CREATE FUNCTION gis.count_read() RETURNS text LANGUAGE plpgsql AS "
            "$$ BEGIN DELETE FROM gis.redline; RETURN 'gone'; END $$"
        )
        connection.execute(
            "CREATE VIEW gis.trap AS SELECT gid, gis.count_read() AS zone, geom FROM gis.redline"
        )
    trapped = open_database_workspace(path.replace("gis.redline", "gis.trap")).layers["reserves"]
    assert trapped.status is LayerStatus.FAILED
    assert "read-only transaction" in trapped.problem.en
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT count(*) FROM gis.redline").fetchone() == (2,)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("rows", "columns", "srid", "word"),
    [
        (SQUARES, "&id=nothing&kind=zone", 4549, "without"),
        ([(None, shapely.box(0, 0, 9, 9))], "", 4549, "without"),
        ([(1, SQUARES[0][1]), (1, SQUARES[1][1])], "", 4549, "twice"),
        ([(1, shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]))], "", 4549, "invalid"),
        (SQUARES, "&id=gid&geom=shape", 4549, "shape"),
        (SQUARES, "", 2385, "2385"),
    ],
)
def test_a_table_that_cannot_be_used_is_failed_and_says_why(
    fill: Callable[..., str],
    open_database_workspace: Callable[..., Workspace],
    make_site: Callable[..., Site],
    make_site_set: Callable[..., SiteSet],
    rows: list[Any],
    columns: str,
    srid: int,
    word: str,
) -> None:
    workspace = open_database_workspace(fill(rows, columns=columns, srid=srid))
    layer = workspace.layers["reserves"]
    assert layer.status is LayerStatus.FAILED
    assert word in layer.problem.en
    result = check_sites(workspace, make_site_set(make_site(shapely.box(0, 0, 9, 9))), OPTIONS)
    assert result.sites[0].verdict is Verdict.UNDETERMINED


@pytest.mark.postgres
def test_a_feature_without_a_place_is_kept_and_a_constant_kind_given(
    fill: Callable[..., str], open_database_workspace: Callable[..., Workspace]
) -> None:
    path = fill([(1, SQUARES[0][1]), (2, None)], columns="&id=gid&kind=:redline")
    frame = open_database_workspace(path).layers["reserves"].frame
    assert frame["kind"].tolist() == ["redline", "redline"]
    assert frame.geometry.isna().tolist() == [False, True]


def open_at(path: str, folder: Any) -> Layer:
    """Open a layer at an address without a workspace."""
    from gis.catalogue import Catalogue, read_entry

    table = {
        **dict.fromkeys(("id", "title_zh", "title_en", "source", "licence"), "x"),
        "theme": "ecology",
        "geometry_type": "Polygon",
        "provenance": "official",
        "path": path,
    }
    entry = read_entry(table, folder / "catalogue.toml")
    catalogue = Catalogue((entry,), {}, folder / "catalogue.toml")
    return open_layer(entry, layers_dir=folder, cache_dir=folder, catalogue=catalogue)


def test_a_database_that_is_gone_makes_a_layer_failed(tmp_path: Any) -> None:
    layer = open_at("postgresql://gis@127.0.0.1:9/none?table=a.b", tmp_path)
    assert layer.status is LayerStatus.FAILED
    assert "数据库表无法读取" in layer.problem.zh


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("postgresql://me:secret@host/db?table=a.b", "password"),
        ("postgresql://host/db?table=a.b&password=secret", "password"),
        ("postgresql://host/db", "no table"),
        ("postgresql://host/db?table=a;drop", "not understood"),
        ("postgresql://host/db?table=a.b&geom=g)", "not understood"),
        ("postgresql://host/db?table=a.b&options=-c", "options"),
    ],
)
def test_an_address_that_must_not_be_used_is_refused_without_repeating_a_secret(
    path: str, word: str, tmp_path: Any
) -> None:
    layer = open_at(path, tmp_path)
    assert layer.status is LayerStatus.FAILED
    assert word in layer.problem.en
    assert "secret" not in f"{layer.problem.zh}{layer.problem.en}"


def test_an_address_is_taken_apart(tmp_path: Any) -> None:
    asked = "table=plan.redline&geom=shape&id=gid&kind=:red&sslmode=require"
    path = f"postgresql://u%40x@db.example:5433/office?{asked}"
    source = parse_source(open_at(path, tmp_path).entry)
    expected = {"host": "db.example", "port": "5433", "user": "u@x", "dbname": "office", "sslmode": "require"}
    assert source.connection == expected
    assert (source.table, source.geometry) == (("plan", "redline"), "shape")
    assert map_columns({"gid": 7, "a": 1}, source.columns) == {
        "id": "7",
        "name_zh": None,
        "name_en": None,
        "kind": "red",
        "accuracy_m": None,
        "a": 1,
    }
    assert is_database("postgres://x")
    assert not is_database("ecology/x.geojson")


@pytest.mark.postgres
def test_the_commands_list_and_check_it_and_refuse_to_replace_it(
    fill: Callable[..., str], open_database_workspace: Callable[..., Workspace]
) -> None:
    from typer.testing import CliRunner

    from gis.cli.main import make_app

    workspace = open_database_workspace(fill(SQUARES))
    folder = workspace.settings.workspace
    listed = CliRunner().invoke(make_app(), ["layers", "--json", "--workspace", str(folder)])
    assert json.loads(listed.stdout)[0]["status"] == "ok"
    assert json.loads(listed.stdout)[0]["rows"] == 2
    checked = CliRunner().invoke(make_app(), ["layers", "check", "--workspace", str(folder)])
    assert checked.exit_code == 0
    with pytest.raises(LayerError, match="kept in a database"):
        read_block(folder / "layers", "reserves")
    assert open_workspace(folder).failed_layers == ()
