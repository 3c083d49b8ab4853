"""Every row of the safety table that reaches the reader, limited process included; nothing goes out."""

from __future__ import annotations

import io
import json
import os
import resource
import sqlite3
import struct
import sys
import time
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import openpyxl
import pytest
import shapely

from gis.errors import GisError, SiteArchiveError, SiteError, SiteFormatError, SiteTooLargeError
from gis.sites.guard import read_sites_guarded, stop_guard, warm_guard
from gis.sites.read import SiteSource, read_sites
from gis.sites.workbook import _walk_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

VRT = (
    b'<OGRVRTDataSource><OGRVRTLayer name="passwd"><SrcDataSource>/etc/passwd</SrcDataSource>'
    b"</OGRVRTLayer></OGRVRTDataSource>"
)
ENTITIES = (
    '<!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "http://192.0.2.1/x">]>'
)
BOX = [[120.15, 30.28], [120.16, 30.28], [120.16, 30.29], [120.15, 30.29], [120.15, 30.28]]


class Outgoing:
    """Connections and look-ups asked for by this very process while it listens."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.listening = False
        sys.addaudithook(self.note)

    def note(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Keep what was asked for."""
        if self.listening and event in {"socket.connect", "socket.getaddrinfo", "socket.sendto"}:
            self.events.append(f"{event} {arguments!r}")


OUTGOING = Outgoing()


@pytest.fixture(scope="module", autouse=True)
def warm() -> Iterator[None]:
    warm_guard()
    read_sites_guarded(
        [SiteSource("a.geojson", json.dumps(feature({"type": "Point", "coordinates": BOX[0]})).encode())]
    )
    yield
    stop_guard()


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any, **members: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **members}).encode()


def pack(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def workbook_with_entities() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(("点号", "X", "Y"))
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = ENTITIES.encode() + parts["xl/worksheets/sheet1.xml"]
    return pack(parts)


def nested(depth: int) -> dict[str, Any]:
    geometry: dict[str, Any] = {"type": "Point", "coordinates": BOX[0]}
    for _ in range(depth):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    return geometry


def number(text: str) -> bytes:
    return f'{{"type":"LineString","coordinates":[[120.1,30.2],[{text},30.2]]}}'.encode()


ROWS: dict[str, tuple[str, bytes, type[GisError]]] = {
    "VRT as GeoJSON": ("a.geojson", VRT, SiteFormatError),
    "VRT as KML": ("a.kml", VRT, SiteFormatError),
    "VRT as CSV": ("a.csv", VRT, SiteFormatError),
    "VRT as DXF": ("a.dxf", VRT, SiteFormatError),
    "VRT in a zip": ("a.zip", pack({"a.vrt": VRT}), SiteFormatError),
    "vsicurl as a name": ("/vsicurl/http://192.0.2.1/a.geojson", collection(), SiteFormatError),
    "vsizip as text": ("a.txt", b"/vsizip/vsicurl/http://192.0.2.1/a.zip", SiteFormatError),
    "external entity in KML": ("a.kml", f"{ENTITIES}<kml><name>&c;</name></kml>".encode(), SiteError),
    "entity bomb in KML": ("a.kml", f"{ENTITIES}<kml><name>&b;</name></kml>".encode(), SiteError),
    "entities in KMZ": (
        "a.kmz",
        pack({"doc.kml": f"{ENTITIES}<kml><name>&b;</name></kml>".encode()}),
        SiteError,
    ),
    "entities in XLSX": ("a.xlsx", workbook_with_entities(), SiteError),
    "lol.gml": ("lol.gml", f"{ENTITIES}<gml:FeatureCollection/>".encode(), SiteFormatError),
    "GML schema location": (
        "a.gml",
        b'<ogr:FeatureCollection xsi:schemaLocation="http://192.0.2.1 http://192.0.2.1/a.xsd"/>',
        SiteFormatError,
    ),
    "zip bomb": ("a.zip", pack({"a.shp": b"\0" * 60_000_000}), SiteTooLargeError),
    "zip slip": ("a.zip", pack({"../../a.shp": b"x"}), SiteArchiveError),
    "nested zip": ("a.zip", pack({"a.zip": pack({"a.shp": b"x"})}), SiteArchiveError),
    "brackets alone": ("a.geojson", b"[" * 200_000, SiteError),
    "brackets": ("a.geojson", b'{"a":' + b"[" * 200_000, SiteError),
    "deep collection": ("a.geojson", collection(feature(nested(40))), SiteTooLargeError),
    "deeper collection": ("a.geojson", b'{"type":"GeometryCollection","geometries":[' * 500, SiteError),
    "many keys": (
        "a.geojson",
        collection(feature({"type": "Point", "coordinates": BOX[0]}, **{f"k{i}": i for i in range(20_000)})),
        SiteTooLargeError,
    ),
    **{
        f"coordinate {text}": ("a.geojson", number(text), SiteError)
        for text in ("NaN", "Infinity", "1e308", "1e999", '"120"')
    },
    "null alone": ("a.geojson", collection(feature(None)), SiteError),
    "truncated GeoJSON": ("a.geojson", collection(feature(None))[:40], SiteError),
    "empty": ("a.kml", b"", SiteError),
    "HTML as zip": ("a.zip", b"<html>404</html>", SiteFormatError),
    "outside": ("a.geojson", collection(feature({"type": "Point", "coordinates": [2.35, 48.85]})), SiteError),
}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_is_answered_as_the_table_says_in_time_and_nothing_goes_out(row: str) -> None:
    name, content, family = ROWS[row]
    OUTGOING.events.clear()
    for read in (read_sites, read_sites_guarded):
        OUTGOING.listening = True
        began = time.monotonic()
        try:
            with pytest.raises(GisError) as caught:
                read([SiteSource(name, content)])
        finally:
            OUTGOING.listening = False
        assert type(caught.value) is family
        assert caught.value.zh
        assert caught.value.en
        assert time.monotonic() - began < 5
    assert OUTGOING.events == []


def test_a_crs_link_and_a_network_link_are_ignored_without_a_request() -> None:
    link = {"type": "link", "properties": {"href": "http://192.0.2.1/crs", "type": "proj4"}}
    shape = {"type": "Polygon", "coordinates": [BOX]}
    ring = " ".join(f"{x},{y}" for x, y in BOX)
    kml = (
        "<kml><Document><NetworkLink><Link><href>http://192.0.2.1/a.kml</href></Link></NetworkLink>"
        f"<Placemark><LinearRing><coordinates>{ring}</coordinates></LinearRing></Placemark></Document></kml>"
    )
    OUTGOING.events.clear()
    OUTGOING.listening = True
    try:
        for source in (
            SiteSource("a.geojson", collection(feature(shape), crs=link)),
            SiteSource("a.kml", kml.encode()),
        ):
            for read in (read_sites, read_sites_guarded):
                found = read([source])
                assert found.sites[0].geometry.equals(shapely.Polygon(BOX))
                assert found.files[0].notes
    finally:
        OUTGOING.listening = False
    assert OUTGOING.events == []


def test_a_sheet_that_reaches_the_last_row_stays_under_two_hundred_megabytes(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ("点号", "X", "Y"),
        *(("J", 3351000 + y, 40515000 + x) for x, y in ((0, 0), (90, 0), (90, 90))),
    ):
        book.active.append(row)
    book.active.cell(1_048_576, 5, "底")
    path = tmp_path / "a.xlsx"
    book.save(path)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            found = read_sites([SiteSource("a.xlsx", path.read_bytes())])
            grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            code = 0 if len(found.sites) == 1 and grown_mb < 200 else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def curve_polygon() -> bytes:
    """Return the GeoPackage blob of a CURVEPOLYGON of one circular string."""
    points = [(120.15, 30.28), (120.16, 30.29), (120.15, 30.28)]
    circular = struct.pack("<BII", 1, 8, len(points)) + b"".join(
        struct.pack("<dd", *point) for point in points
    )
    wkb = struct.pack("<BII", 1, 10, 1) + circular
    return b"GP" + struct.pack("<BBi", 0, 1, 4490) + wkb


def test_a_curve_in_a_geopackage_is_drawn_by_chords_true_to_a_millionth(tmp_path: Path) -> None:
    import geopandas as gpd

    path = tmp_path / "a.gpkg"
    frame = gpd.GeoDataFrame({"name": ["直", "曲"]}, geometry=[shapely.Polygon(BOX)] * 2, crs="EPSG:4490")
    frame.to_file(path, driver="GPKG", layer="site")
    with closing(sqlite3.connect(path)) as database:
        triggers = [
            name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ]
        for name in triggers:
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE site SET geom = ? WHERE name = '曲'", (curve_polygon(),))
        database.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY'")
        database.commit()
    found = read_sites([SiteSource("a.gpkg", path.read_bytes())])
    assert [site.name for site in found.sites] == ["直", "曲"]
    circle = np.pi * 0.25 * (0.01**2 + 0.01**2)
    assert found.sites[1].geometry.area == pytest.approx(circle, rel=1e-6)


def multipatch() -> bytes:
    """Return a ``.shp`` of one MultiPatch record: a single triangle strip."""
    xs = [(120.15, 30.28), (120.16, 30.28), (120.16, 30.29)]
    box = struct.pack("<4d", 120.15, 30.28, 120.16, 30.29)
    body = struct.pack("<i", 31) + box + struct.pack("<iiii", 1, 3, 0, 0)
    body += b"".join(struct.pack("<dd", *point) for point in xs) + struct.pack("<5d", 0, 0, 0, 0, 0)
    record = struct.pack(">ii", 1, len(body) // 2) + body
    head = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, (100 + len(record)) // 2) + struct.pack("<ii", 1000, 31)
    return head + box + b"\0" * 32 + record


def test_a_multipatch_is_a_plain_surface_or_refused_never_lost() -> None:
    try:
        found = read_sites([SiteSource("a.zip", pack({"a.shp": multipatch()}))])
    except SiteError:
        return
    assert found.features_in == 1
    assert len(found.sites) + len(found.rejected) == 1


def test_rows_a_workbook_leaves_out_are_passed_over() -> None:
    empty = (None, None)
    rows = iter([("x", "y"), *[empty] * 1000, (None, 1.0)])
    assert list(_walk_rows(rows, "a")) == [(1, ("x", "y")), (2, empty), (1002, (None, 1.0))]
