"""The one door: nothing is lost, one place however it is written, wrong files answered rightly."""

from __future__ import annotations

import json
import time
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.crs import PLANE, transform
from gis.datum import from_wgs84
from gis.errors import CrsError, SiteError, SiteFormatError, SiteTooLargeError
from gis.sites.read import SiteSource, read_sites, sites_from_frame

BOX = shapely.box(120.15, 30.28, 120.16, 30.29)


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    if isinstance(geometry, shapely.Geometry):
        geometry = json.loads(shapely.to_geojson(geometry))
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any, name: str = "site.geojson", **members: Any) -> SiteSource:
    document = {"type": "FeatureCollection", "features": list(features), **members}
    return SiteSource(name, json.dumps(document, ensure_ascii=False).encode())


def moved(shape: Any, epsg: int) -> shapely.Geometry:
    return transform(shape, "EPSG:4490", f"EPSG:{epsg}")


def swapped(shape: Any) -> shapely.Geometry:
    return shapely.transform(shape, lambda xy: xy[:, ::-1])


def named(epsg: int) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}


def test_a_site_carries_its_name_id_kind_and_attributes() -> None:
    found = read_sites(
        [collection(feature(BOX, 名称="甲", 面积=1.5, note=None), name="上报/资料\\地块.geojson")]
    )
    (site,) = found.sites
    assert (site.site_id, site.file, site.index, site.name, site.kind) == (
        "地块-0",
        "地块.geojson",
        0,
        "甲",
        "polygon",
    )
    assert site.properties == {"名称": "甲", "面积": 1.5, "note": None}
    assert site.geometry.equals(BOX)
    assert site.repairs == site.warnings == ()
    (file,) = found.files
    assert (file.format, file.crs_read, file.encoding, file.notes) == ("GeoJSON", "EPSG:4326", "UTF-8", ())
    assert len(file.sha256) == 64


def test_the_plane_geometry_keeps_edges_straight_in_degrees() -> None:
    wide = shapely.box(118.5, 29.0, 119.5, 30.0)
    (site,) = read_sites([collection(feature(wide))]).sites
    middle = transform(shapely.Point(119.0, 29.0), "EPSG:4490", PLANE)
    assert site.geometry_plane.boundary.distance(middle) < 0.01
    assert transform(wide, "EPSG:4490", PLANE).boundary.distance(middle) > 100


LON, LAT = st.floats(118.6, 121.4), st.floats(27.2, 32.8)
LEGEND = {"ok": 1, "null": 0, "empty": 0, "outside": 0, "short": 0, "bow_tie": 1, "point": 1}


def make_feature(kind: str, lon: float, lat: float) -> dict[str, Any]:
    x, y = lon, lat
    geometry = {
        "ok": shapely.box(x, y, x + 0.01, y + 0.01),
        "point": shapely.Point(x, y),
        "null": None,
        "empty": {"type": "Polygon", "coordinates": []},
        "outside": shapely.Point(x - 90, y),
        "short": {"type": "Polygon", "coordinates": [[[x, y], [x, y]]]},
        "bow_tie": shapely.Polygon([(x, y), (x + 0.01, y + 0.01), (x + 0.01, y), (x, y + 0.01)]),
    }[kind]
    return feature(geometry)


@given(st.lists(st.tuples(st.sampled_from(sorted(LEGEND)), LON, LAT), min_size=1, max_size=12))
@settings(deadline=None, max_examples=60)
def test_features_in_are_sites_plus_rejected_in_the_order_of_the_file(rows: Any) -> None:
    source = collection(*(make_feature(*row) for row in rows))
    kept = [index for index, (kind, _, _) in enumerate(rows) if LEGEND[kind]]
    if not kept:
        with pytest.raises(SiteError) as caught:
            read_sites([source])
        assert caught.value.code == "sites.all_rejected"
        assert all(f"要素 {index}：" in caught.value.zh for index in range(min(10, len(rows))))
        return
    found = read_sites([source])
    assert found.features_in == len(rows) == len(found.sites) + len(found.rejected)
    assert [site.index for site in found.sites] == kept
    assert [entry.index for entry in found.rejected] == [i for i in range(len(rows)) if i not in kept]


@given(LON, LAT)
@settings(deadline=None, max_examples=40)
def test_the_same_site_in_4549_4528_and_degrees_swapped_or_not_agrees_to_a_millimetre(
    lon: float, lat: float
) -> None:
    shape = shapely.box(lon, lat, lon + 0.0005, lat + 0.0005)
    (truth,) = read_sites([collection(feature(shape))]).sites
    variants = [
        collection(feature(swapped(shape))),
        collection(feature(moved(shape, 4549)), crs=named(4549)),
        collection(feature(swapped(moved(shape, 4549))), crs=named(4549)),
        collection(feature(moved(shape, 4528)), crs=named(4528)),
        collection(feature(moved(shape, 4528))),
        collection(feature(swapped(moved(shape, 4528)))),
        collection(feature(moved(shape, 4528)), crs=named(4549)),
        collection(feature(moved(shape, 4549)), crs=named(4528)),
    ]
    for variant in variants:
        (site,) = read_sites([variant]).sites
        assert shapely.hausdorff_distance(site.geometry_plane, truth.geometry_plane) < 0.001
        assert shapely.hausdorff_distance(site.geometry, truth.geometry) < 1e-8


def test_swapped_axes_are_said_on_the_site_and_decided_for_each_feature_alone() -> None:
    found = read_sites([collection(feature(BOX), feature(swapped(BOX)))])
    assert [[note.code for note in site.warnings] for site in found.sites] == [[], ["axes_swapped"]]
    assert found.sites[0].geometry.equals(found.sites[1].geometry)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_declared_shift_is_undone(datum: str) -> None:
    shape = shapely.transform(BOX, lambda xy: from_wgs84(xy, datum))
    for given_ in (shape, swapped(shape)):
        found = read_sites([collection(feature(given_))], datum=datum)
        assert shapely.hausdorff_distance(found.sites[0].geometry, BOX) < 1e-10
        assert found.files[0].crs_read == {"gcj02": "GCJ-02", "bd09": "BD-09"}[datum]


def test_a_shift_declared_for_metres_is_refused() -> None:
    with pytest.raises(CrsError) as caught:
        read_sites([collection(feature(moved(BOX, 4549)))], crs="EPSG:4549", datum="gcj02")
    assert caught.value.code == "crs.datum_needs_degrees"


def test_metres_without_a_zone_are_refused_naming_where_each_zone_would_land() -> None:
    for shape in (moved(BOX, 4549), swapped(moved(BOX, 4549))):
        with pytest.raises(CrsError) as caught:
            read_sites([collection(feature(shape))])
        assert caught.value.code == "crs.zone_missing"
        for part in ("EPSG:4548", "EPSG:4549", "EPSG:4550", "117.15", "120.15", "123.15"):
            assert part in caught.value.en
            assert part in caught.value.zh


def test_only_zones_that_land_in_the_region_are_named() -> None:
    with pytest.raises(CrsError) as caught:
        read_sites([collection(feature(moved(shapely.Point(118.6, 30.0), 4549)))])
    assert "EPSG:4548" not in caught.value.en
    assert "EPSG:4549" in caught.value.en
    assert "EPSG:4550" in caught.value.en


def test_a_zone_given_by_the_planner_places_the_metres() -> None:
    found = read_sites([collection(feature(moved(BOX, 4549)))], crs="EPSG:4549")
    assert shapely.hausdorff_distance(found.sites[0].geometry, BOX) < 1e-9


def test_the_planners_system_wins_over_the_files_and_this_is_said() -> None:
    found = read_sites([collection(feature(moved(BOX, 4549)), crs=named(4326))], crs="EPSG:4549")
    assert shapely.hausdorff_distance(found.sites[0].geometry, BOX) < 1e-9
    assert any("--crs" in note.en for note in found.files[0].notes)


def test_metres_under_a_header_of_degrees_are_a_contradiction() -> None:
    with pytest.raises(CrsError) as caught:
        read_sites([collection(feature(moved(BOX, 4549)), crs=named(4326))])
    assert caught.value.code == "crs.contradiction"


@pytest.mark.parametrize("epsg", [32650, 32651, 3857, 4548, 4550, 4507])
def test_other_known_systems_are_transformed(epsg: int) -> None:
    found = read_sites([collection(feature(moved(BOX, epsg)), crs=named(epsg))])
    assert shapely.hausdorff_distance(found.sites[0].geometry, BOX) < 1e-8
    assert found.files[0].crs_read == f"EPSG:{epsg}"


@pytest.mark.parametrize("epsg", [2327, 2349, 2385, 2390, 2401, 2437, 2442, 4610, 4214, 2362, 4555])
def test_older_datums_are_refused_with_the_reason(epsg: int) -> None:
    for source, crs in (
        (collection(feature(BOX), crs=named(epsg)), None),
        (collection(feature(BOX)), f"EPSG:{epsg}"),
    ):
        with pytest.raises(CrsError, match="参数") as caught:
            read_sites([source], crs=crs)
        assert caught.value.code == "crs.old_datum"


@pytest.mark.parametrize(
    "crs", ["EPSG:999999", "wgs84", "+proj=longlat +nadgrids=https://x.invalid/a", "/etc/passwd"]
)
def test_a_system_that_is_no_code_is_refused(crs: str) -> None:
    with pytest.raises(CrsError) as caught:
        read_sites([collection(feature(BOX))], crs=crs)
    assert caught.value.code == "crs.unknown"


def test_a_feature_outside_or_partly_outside_is_rejected_with_its_coordinates() -> None:
    partly = shapely.box(123.5, 30, 124.5, 31)
    found = read_sites(
        [collection(feature(BOX), feature(shapely.Point(100.25, 20)), feature(partly, name="海"))]
    )
    assert [entry.code for entry in found.rejected] == ["outside_region"] * 2
    assert "(100.25, 20)" in found.rejected[0].message.zh
    assert found.rejected[1].name == "海"
    assert "124.50000°E" in found.rejected[1].message.en


def test_ids_are_unique_over_files_of_the_same_stem() -> None:
    found = read_sites(
        [collection(feature(BOX), feature(BOX)), collection(feature(BOX)), collection(feature(BOX), name="")]
    )
    assert [site.site_id for site in found.sites] == ["site-0", "site-1", "site~2-0", "sites-0"]


def test_rejected_features_of_one_file_do_not_hide_the_sites_of_another() -> None:
    found = read_sites([collection(feature(None)), collection(feature(BOX), name="b.geojson")])
    assert (len(found.sites), len(found.rejected), found.features_in) == (1, 1, 2)


def test_no_features_and_no_files_are_errors() -> None:
    for sources in ([], [collection()]):
        with pytest.raises(SiteError) as caught:
            read_sites(sources)
        assert caught.value.code == "sites.no_features"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", b"<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>"),
        ("a.gpkg", b'<OGRVRTDataSource relativeToVRT="0"/>'),
        ("a.txt", b"/vsicurl/http://x.invalid/a.geojson"),
        ("/vsizip/a.zip/a.geojson", b'{"type":"FeatureCollection","features":[]}'),
        ("a.zip", b"<html>not found</html>"),
        ("a.zip", b'{"type":"Point","coordinates":[120,30]}'),
        ("a.kml", b'<?xml version="1.0"?><svg/>'),
        ("a.geojson", b"SQLite format 3\x00" + b"\0" * 100),
        ("a.geojson", b"[1,2]"),
        ("a.exe", b"MZ\x90\x00"),
    ],
)
def test_other_formats_and_contradicting_names_are_refused_unread(name: str, content: bytes) -> None:
    with pytest.raises(SiteFormatError):
        read_sites([SiteSource(name, content)])


def test_too_large_a_file_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(SiteTooLargeError):
        read_sites([SiteSource("a.geojson", b" " * 50_000_001)])


def test_hostile_text_is_kept_as_text() -> None:
    evil = "<img src=x onerror=alert(1)>`${1}`</script>=cmd|' /C calc'!A0"
    found = read_sites(
        [collection(feature(BOX, name=evil, **{evil: evil}), name=f"../../etc/{evil}.geojson")]
    )
    assert found.sites[0].name == evil
    assert found.sites[0].properties[evil] == evil
    assert ".." not in (found.sites[0].file or "")


def test_a_clean_polygon_of_a_million_vertices_is_read() -> None:
    angle = np.linspace(0, 2 * np.pi, 999_999, endpoint=False)
    ring = np.column_stack((120.15 + 0.2 * np.cos(angle), 30.28 + 0.2 * np.sin(angle))).round(9).tolist()
    shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    began = time.process_time()
    (site,) = read_sites([collection(feature(shape))]).sites
    assert site.repairs == ()
    assert shapely.get_num_coordinates(site.geometry) == 1_000_000
    assert time.process_time() - began < 30


def test_edges_that_would_be_densified_without_end_are_refused() -> None:
    zigzag = [[117.1 + 6.8 * (i % 2), 27.1 + i * 1e-4] for i in range(2000)]
    with pytest.raises(SiteTooLargeError, match="加密"):
        read_sites([collection(feature({"type": "LineString", "coordinates": zigzag}))])


def test_rows_of_a_frame_go_through_the_same_checks() -> None:
    frame = gpd.GeoDataFrame({"名称": ["甲", "乙"]}, geometry=[BOX, None], crs="EPSG:4490").to_crs(
        "EPSG:4528"
    )
    found = sites_from_frame(frame)
    assert [site.site_id for site in found.sites] == ["sites-0"]
    assert found.sites[0].file is None
    assert shapely.hausdorff_distance(found.sites[0].geometry, BOX) < 1e-9
    assert [entry.code for entry in found.rejected] == ["geometry_null"]
    assert sites_from_frame(frame).files == found.files


def test_a_frame_without_system_or_rows_or_with_bad_numbers_is_refused() -> None:
    with pytest.raises(CrsError):
        sites_from_frame(gpd.GeoDataFrame(geometry=[BOX]))
    with pytest.raises(SiteError) as caught:
        sites_from_frame(gpd.GeoDataFrame(geometry=[], crs="EPSG:4490"))
    assert caught.value.code == "sites.no_features"
    bad = gpd.GeoDataFrame(geometry=[BOX, shapely.LineString([(120, 30), (1e308, 30)])], crs="EPSG:4490")
    with pytest.raises(SiteError, match="顶点 1") as caught:
        sites_from_frame(bad)
    assert caught.value.code == "sites.coordinates"
