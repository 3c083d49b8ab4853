"""GeoPackage and zipped shapefile: right characters, right place, and nothing hostile opened."""

from __future__ import annotations

import io
import sqlite3
import struct
import time
import zipfile
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.errors import CrsError, GisError, SiteArchiveError, SiteError, SiteFormatError, SiteTooLargeError
from gis.sites.read import SiteSource, read_sites

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from gis.model import SiteSet

BOX = shapely.box(120.15, 30.28, 120.16, 30.29)
FRAME = gpd.GeoDataFrame(
    {
        "名称": ["甲地块", "乙地块", None],
        "日期": pd.to_datetime(["2024-05-01", None, None]),
        "亩": [1.5, None, 3.0],
    },
    geometry=[BOX, BOX.union(shapely.box(120.2, 30.2, 120.21, 30.21)), None],
    crs="EPSG:4490",
)


PLAIN = FRAME.drop(columns="日期")


def make_gpkg(tmp_path: Path, frame: gpd.GeoDataFrame = FRAME, layers: tuple[str, ...] = ("site",)) -> Path:
    path = tmp_path / "a.gpkg"
    for layer in layers:
        frame.to_file(path, layer=layer, driver="GPKG")
    return path


def read_gpkg(path: Path, **options: Any) -> SiteSet:
    return read_sites([SiteSource("a.gpkg", path.read_bytes())], **options)


def make_parts(folder: Any, frame: gpd.GeoDataFrame = PLAIN, encoding: str = "UTF-8") -> dict[str, bytes]:
    folder.mkdir(exist_ok=True)
    frame.to_file(folder / "site.shp", encoding=encoding, engine="pyogrio")
    return {path.suffix: path.read_bytes() for path in folder.iterdir()}


def pack(parts: dict[str, bytes], stem: str = "资料/地块", **extra: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending, content in parts.items():
            archive.writestr(stem + ending, content)
        for name, content in extra.get("files", {}).items():
            archive.writestr(name, content)
    return buffer.getvalue()


def read_zip(content: bytes, **options: Any) -> SiteSet:
    return read_sites([SiteSource("a.zip", content)], **options)


def test_a_geopackage_gives_sites_with_dates_as_text_and_null_geometry_rejected(tmp_path: Path) -> None:
    found = read_gpkg(make_gpkg(tmp_path))
    assert [site.name for site in found.sites] == ["甲地块", "乙地块"]
    assert found.sites[0].properties["日期"].startswith("2024-05-01")
    assert found.sites[1].properties["亩"] is None
    assert found.sites[0].geometry.equals(BOX)
    assert [(entry.index, entry.code) for entry in found.rejected] == [(2, "geometry_null")]
    assert (found.files[0].format, found.files[0].crs_read) == ("GeoPackage", "EPSG:4490")


def test_features_of_several_layers_are_numbered_through(tmp_path: Path) -> None:
    found = read_gpkg(make_gpkg(tmp_path, layers=("b", "a")))
    assert found.features_in == 6
    assert [site.index for site in found.sites] == [0, 1, 3, 4]
    assert [entry.index for entry in found.rejected] == [2, 5]


def test_a_geopackage_without_system_is_placed_by_magnitude(tmp_path: Path) -> None:
    frame = FRAME.to_crs("EPSG:4528").set_crs(None, allow_override=True)
    with pytest.warns(UserWarning, match="crs"):
        path = make_gpkg(tmp_path, frame)
    found = read_gpkg(path)
    assert found.files[0].crs_read == "EPSG:4528"
    assert shapely.hausdorff_distance(found.sites[0].geometry, BOX) < 1e-9


@pytest.mark.parametrize(
    "script",
    [
        "ALTER TABLE site RENAME TO hidden; CREATE VIEW site AS SELECT * FROM hidden;",
        "ALTER TABLE gpkg_contents RENAME TO c; CREATE VIEW gpkg_contents AS SELECT * FROM c;",
        "ALTER TABLE site ADD COLUMN bomb GENERATED ALWAYS AS (zeroblob(1000000000));",
        "DROP TABLE gpkg_geometry_columns;",
        "CREATE TABLE other (x); DROP TABLE other; DROP TABLE site;",
    ],
)
def test_a_geopackage_that_offers_no_plain_table_is_refused(tmp_path: Path, script: str) -> None:
    path = make_gpkg(tmp_path)
    with closing(sqlite3.connect(path)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("PRAGMA foreign_keys = OFF")
        database.executescript(f"PRAGMA legacy_alter_table = ON; {script}")
        database.commit()
    began = time.process_time()
    with pytest.raises(SiteError) as caught:
        read_gpkg(path)
    assert caught.value.code in {"sites.geopackage", "sites.no_features"}
    assert time.process_time() - began < 5


@pytest.mark.parametrize("keep", [20, 100, 4_096, 20_000, 60_000])
def test_a_truncated_geopackage_is_an_error(tmp_path: Path, keep: int) -> None:
    content = make_gpkg(tmp_path).read_bytes()
    with pytest.raises(SiteError):
        read_sites([SiteSource("a.gpkg", content[:keep])])


def test_a_plain_database_is_no_geopackage(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as database:
        database.execute("CREATE TABLE t (x)")
        database.commit()
    with pytest.raises(SiteError) as caught:
        read_sites([SiteSource("a.gpkg", (tmp_path / "x.db").read_bytes())])
    assert caught.value.code == "sites.geopackage"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e308])
def test_numbers_no_vertex_can_have_are_named_with_feature_and_vertex(tmp_path: Path, number: Any) -> None:
    with np.errstate(invalid="ignore"):
        line = shapely.LineString([(120, 30), (number, 30.1), (120.1, 30.1)])
    frame = gpd.GeoDataFrame({"名称": ["甲", "乙"]}, geometry=[BOX, line], crs="EPSG:4490")
    with pytest.raises(SiteError) as caught:
        read_gpkg(make_gpkg(tmp_path, frame))
    assert caught.value.code == "sites.coordinates"
    assert caught.value.where == "a.gpkg, feature 1, vertex 1"


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
@pytest.mark.parametrize("declared", [True, False])
def test_shapefile_characters_are_right_with_and_without_cpg(
    tmp_path: Path, encoding: str, declared: Any
) -> None:
    parts = make_parts(tmp_path / "s", encoding=encoding)
    if not declared:
        del parts[".cpg"]
        parts[".dbf"] = parts[".dbf"][:29] + b"\0" + parts[".dbf"][30:]
    found = read_zip(pack(parts))
    assert [site.name for site in found.sites] == ["甲地块", "乙地块"]
    assert found.files[0].encoding == {"UTF-8": "UTF-8", "GBK": "GB18030"}[encoding]
    assert [entry.code for entry in found.rejected] == ["geometry_null"]


def test_a_language_byte_of_gbk_is_followed_and_a_wrong_latin_cpg_is_not(tmp_path: Path) -> None:
    parts = make_parts(tmp_path / "s", encoding="GBK")
    parts[".cpg"] = b"ISO-8859-1"
    assert read_zip(pack(parts)).sites[0].name == "甲地块"
    del parts[".cpg"]
    parts[".dbf"] = parts[".dbf"][:29] + b"\x4d" + parts[".dbf"][30:]
    assert read_zip(pack(parts)).files[0].encoding == "GB18030"


def test_a_field_name_cut_within_a_character_still_names_the_site(tmp_path: Path) -> None:
    parts = make_parts(tmp_path / "s")
    parts[".dbf"] = parts[".dbf"][:32] + "项目名称".encode()[:10] + parts[".dbf"][42:]
    site = read_zip(pack(parts)).sites[0]
    assert site.name == "甲地块"
    assert set(site.properties) == {"项目名", "亩"}


@pytest.mark.parametrize(("epsg", "read"), [(4528, "EPSG:4528"), (4549, "EPSG:4549"), (32651, "EPSG:32651")])
def test_a_shapefile_is_placed_by_its_prj(tmp_path: Path, epsg: int, read: str) -> None:
    found = read_zip(pack(make_parts(tmp_path / "s", PLAIN.to_crs(epsg))))
    assert found.files[0].crs_read == read
    assert shapely.hausdorff_distance(found.sites[0].geometry, BOX) < 1e-8
    again = read_zip(pack(make_parts(tmp_path / "s", PLAIN.to_crs(epsg))), crs=read)
    assert again.files[0].notes == found.files[0].notes


def test_a_shapefile_of_an_older_datum_is_refused(tmp_path: Path) -> None:
    for epsg in (2385, 2437):
        parts = make_parts(tmp_path / "s", PLAIN.set_crs(epsg, allow_override=True))
        with pytest.raises(CrsError) as caught:
            read_zip(pack(parts))
        assert caught.value.code == "crs.old_datum"


def test_a_lost_index_or_table_is_said(tmp_path: Path) -> None:
    parts = make_parts(tmp_path / "s")
    found = read_zip(pack({ending: parts[ending] for ending in (".shp", ".prj", ".dbf")}))
    assert found.sites[0].name == "甲地块"
    assert any(".shx" in note.en for note in found.files[0].notes)
    found = read_zip(pack({ending: parts[ending] for ending in (".shp", ".shx", ".prj")}))
    assert found.sites[0].geometry.equals(BOX)
    assert any(".dbf" in note.en for note in found.files[0].notes)


def test_shapefiles_in_capitals_and_several_in_a_zip_are_read(tmp_path: Path) -> None:
    parts = make_parts(tmp_path / "s")
    more = {f"B/SITE{ending.upper()}": content for ending, content in parts.items()}
    found = read_zip(pack(parts, files=more))
    assert found.features_in == 6
    assert [site.name for site in found.sites] == ["甲地块", "乙地块"] * 2


@pytest.mark.parametrize(
    ("files", "family"),
    [
        ({"../../etc/x.shp": b"x"}, SiteError),
        ({"/etc/x.shp": b"x"}, SiteError),
        ({"C:\\x.shp": b"x"}, SiteError),
        ({"inner.zip": b"PK\x03\x04"}, SiteArchiveError),
        ({"a.vrt": b"<OGRVRTDataSource/>"}, SiteFormatError),
        ({"a.shp": b"<OGRVRTDataSource/>"}, SiteFormatError),
        ({"readme.txt": b"x"}, SiteFormatError),
        ({f"{i}.txt": b"x" for i in range(101)}, SiteTooLargeError),
        ({"zero.dbf": b"\0" * 50_000_000}, SiteTooLargeError),
    ],
)
def test_hostile_archives_are_refused(files: dict[str, bytes], family: type[SiteError]) -> None:
    with pytest.raises(family):
        read_zip(pack({}, files=files))


def test_links_passwords_repeats_and_broken_archives_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.shp")
    link.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    good = pack(make_parts(tmp_path / "s"))
    locked = bytearray(good)
    at = locked.find(b"PK\x01\x02")
    locked[at + 8] |= 1
    twice = pack({".shp": b"x"}, stem="a", files={"A.SHP": b"y"})
    for content in (
        buffer.getvalue(),
        bytes(locked),
        twice,
        good[: len(good) // 2],
        b"PK\x03\x04",
        good[:-30],
    ):
        with pytest.raises(SiteError):
            read_zip(content)


@given(st.randoms(use_true_random=False), st.sampled_from([1, 2, 5, 20]), st.booleans())
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bent_files_are_answered_with_sites_or_our_own_errors(
    tmp_path_factory: pytest.TempPathFactory, random: Random, count: int, zipped: Any
) -> None:
    folder = tmp_path_factory.getbasetemp() / "bent"
    if not folder.exists():
        folder.mkdir()
        make_gpkg(folder, PLAIN)
        (folder / "a.zip").write_bytes(pack(make_parts(folder / "s")))
    name = "a.zip" if zipped else "a.gpkg"
    content = bytearray((folder / name).read_bytes())
    for _ in range(count):
        content[random.randrange(4 if zipped else 100, len(content))] = random.randrange(256)
    with suppress(GisError):
        found = read_sites([SiteSource(name, bytes(content))])
        assert found.features_in == len(found.sites) + len(found.rejected)
        assert all(site.geometry.is_valid for site in found.sites)


def test_a_header_that_lies_about_the_size_is_found_out() -> None:
    content = bytearray(pack({".shp": struct.pack(">i", 9994) + b"\0" * 4_000}, stem="a"))
    at = content.find(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    with pytest.raises(SiteError):
        read_zip(bytes(content))


@pytest.mark.parametrize("keep", [4, 50, 101, 150])
def test_a_truncated_shapefile_is_an_error(tmp_path: Path, keep: int) -> None:
    parts = make_parts(tmp_path / "s")
    with pytest.raises(SiteError):
        read_zip(pack({".shp": parts[".shp"][:keep]}))


def test_an_office_document_is_no_shapefile() -> None:
    with pytest.raises(SiteFormatError):
        read_zip(pack({}, files={"[Content_Types].xml": b"<x/>"}))
