"""KML and KMZ: right shapes and names, nothing fetched, nothing expanded."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest
import shapely

from gis.errors import CrsError, SiteArchiveError, SiteError, SiteFormatError, SiteTooLargeError
from gis.sites.read import SiteSource, read_sites

if TYPE_CHECKING:
    from gis.model import SiteSet

BOX = "120.15,30.28,5 120.16,30.28,5 120.16,30.29,5 120.15,30.29,5 120.15,30.28,5"
HOLE = "120.152,30.282 120.154,30.282 120.154,30.284 120.152,30.282"
RING = f"<LinearRing><coordinates>{BOX}</coordinates></LinearRing>"
INNER = f"<LinearRing><coordinates>{HOLE}</coordinates></LinearRing>"
POLYGON = f"<Polygon><outerBoundaryIs>{RING}</outerBoundaryIs></Polygon>"


def document(*placemarks: str, extra: str = "", namespace: str = "http://www.opengis.net/kml/2.2") -> str:
    marks = "".join(f"<Placemark>{mark}</Placemark>" for mark in placemarks)
    body = f"<Document>{extra}<Folder>{marks}</Folder></Document>"
    return f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="{namespace}">{body}</kml>'


def read_kml(text: str, encoding: str = "utf-8", **options: str) -> SiteSet:
    return read_sites([SiteSource("a.kml", text.encode(encoding))], **options)


def pack(files: dict[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "namespace",
    ["http://www.opengis.net/kml/2.2", "http://earth.google.com/kml/2.1", "http://earth.google.com/kml/2.0"],
)
def test_names_extended_data_holes_and_kinds(namespace: str) -> None:
    data = (
        '<name>甲 &amp; 乙</name><ExtendedData><Data name="用途"><value>工业</value></Data>'
        '<SchemaData><SimpleData name="亩">3.5</SimpleData></SchemaData></ExtendedData>'
    )
    hole = POLYGON.replace("</Polygon>", f"<innerBoundaryIs>{INNER}</innerBoundaryIs></Polygon>")
    point = "<Point><coordinates> 120.15 , 30.28 </coordinates></Point>"
    line = "<LineString><coordinates>120.15,30.28 120.16,30.29</coordinates></LineString>"
    inner = f"<MultiGeometry>{POLYGON.replace('120.1', '120.3')}</MultiGeometry>"
    multi = f"<MultiGeometry>{POLYGON}{inner}</MultiGeometry>"
    found = read_kml(document(data + hole, point, line, multi, RING, "<name>空</name>", namespace=namespace))
    first = found.sites[0]
    assert (first.name, first.properties) == ("甲 & 乙", {"name": "甲 & 乙", "用途": "工业", "亩": "3.5"})
    assert len(first.geometry.interiors) == 1
    assert [site.kind for site in found.sites] == ["polygon", "point", "line", "polygon", "polygon"]
    assert shapely.get_num_geometries(found.sites[3].geometry) == 2
    assert found.sites[4].geometry.equals(shapely.box(120.15, 30.28, 120.16, 30.29))
    assert [(entry.index, entry.name, entry.code) for entry in found.rejected] == [(5, "空", "geometry_null")]
    assert (found.files[0].format, found.files[0].crs_read) == ("KML", "EPSG:4326")


def test_a_track_is_a_line() -> None:
    track = (
        '<gx:Track xmlns:gx="http://www.google.com/kml/ext/2.2"><when>2024</when>'
        "<gx:coord>120.1 30.2 0</gx:coord><gx:coord>120.2 30.3 0</gx:coord></gx:Track>"
    )
    assert (
        read_kml(document(track)).sites[0].geometry.equals(shapely.LineString([(120.1, 30.2), (120.2, 30.3)]))
    )


def test_links_are_counted_and_ignored() -> None:
    link = "<NetworkLink><Link><href>http://x.invalid/a.kml</href></Link></NetworkLink>"
    overlay = "<GroundOverlay><Icon><href>http://x.invalid/a.png</href></Icon></GroundOverlay>"
    found = read_kml(document(POLYGON, extra=link + link + overlay))
    assert [note.en.split(";")[0] for note in found.files[0].notes] == [
        "1 GroundOverlay ignored",
        "2 NetworkLink ignored",
    ]
    with pytest.raises(SiteError) as caught:
        read_kml(document(extra=link))
    assert caught.value.code == "sites.no_features"


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><kml><name>&b;</name></kml>',
        '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml><name>&x;</name></kml>',
        '<!DOCTYPE kml SYSTEM "http://x.invalid/kml.dtd"><kml/>',
        "<kml><Placemark>",
        "<kml>" * 200_000,
        "<kml><name>&undefined;</name></kml>",
    ],
)
def test_entities_document_types_and_broken_or_deep_xml_are_refused(text: str) -> None:
    with pytest.raises(SiteError) as caught:
        read_kml(text)
    assert caught.value.code == "sites.xml"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_characters_are_right_whatever_the_declaration_says(encoding: str) -> None:
    text = document(f"<name>余杭区地块</name>{POLYGON}").replace(
        "UTF-8", "GBK" if encoding == "gb18030" else "UTF-8"
    )
    assert read_kml(text, encoding).sites[0].name == "余杭区地块"


@pytest.mark.parametrize("coordinates", ["120.15,abc", "nan,30", "120.15", "1e999,30", "120.1,30.2 x"])
def test_coordinates_that_are_none_are_named(coordinates: str) -> None:
    with pytest.raises(SiteError, match="顶点") as caught:
        read_kml(document(POLYGON, f"<Point><coordinates>{coordinates}</coordinates></Point>"))
    assert caught.value.code == "sites.coordinates"
    assert "feature 1" in (caught.value.where or "")


def test_metres_in_kml_contradict_its_standard() -> None:
    with pytest.raises(CrsError) as caught:
        read_kml(document("<Point><coordinates>515000,3351000</coordinates></Point>"))
    assert caught.value.code == "crs.contradiction"


def test_a_declared_shift_of_a_web_map_is_undone() -> None:
    found = read_kml(document(POLYGON), datum="gcj02")
    assert found.files[0].crs_read == "GCJ-02"
    assert shapely.distance(found.sites[0].geometry.centroid, shapely.Point(120.155, 30.285)) > 0.003


def test_a_kmz_gives_the_same_and_other_documents_in_it_are_said() -> None:
    content = pack({"doc.kml": document(POLYGON), "files/a.png": b"x", "other.kml": document()})
    found = read_sites([SiteSource("a.kmz", content)])
    assert len(found.sites) == 1
    assert found.files[0].format == "KMZ"
    assert "1 more .kml" in found.files[0].notes[-1].en


@pytest.mark.parametrize(
    ("files", "family"),
    [
        ({"doc.kml": b" " * 60_000_000}, SiteTooLargeError),
        ({"../doc.kml": document(POLYGON)}, SiteError),
        ({"doc.kml": document(POLYGON), "a.zip": b"PK\x03\x04"}, SiteArchiveError),
        ({"doc.kml": document(POLYGON), "a.vrt": b"<OGRVRTDataSource/>"}, SiteFormatError),
        ({f"{i}.kml": b"" for i in range(200)}, SiteTooLargeError),
    ],
)
def test_hostile_kmz_are_refused(files: dict[str, bytes | str], family: type[SiteError]) -> None:
    with pytest.raises(family):
        read_sites([SiteSource("a.kmz", pack(files))])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lol.gml", '<?xml version="1.0"?><gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml"/>'),
        ("a.gpx", '<gpx><wpt lat="30.2" lon="120.1"/></gpx>'),
        ("a.kml", "<svg/>"),
        ("a.geojson", document(POLYGON)),
    ],
)
def test_other_xml_and_wrong_endings_are_refused_unread(name: str, text: str) -> None:
    with pytest.raises(SiteFormatError):
        read_sites([SiteSource(name, text.encode())])
