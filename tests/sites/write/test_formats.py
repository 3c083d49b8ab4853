"""The same three parcels in nine formats and their coordinate systems: same place, same findings."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import openpyxl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.crs import area_m2
from gis.errors import CrsError, OutputError, SettingsError
from gis.model import CheckOptions
from gis.sites.read import SiteSource, read_sites
from gis.sites.write.formats import WRITERS, write_sites

if TYPE_CHECKING:
    from gis.model import SiteSet

SHELL = shapely.box(514_000, 3_351_000, 514_900, 3_352_000)
PARCELS = {
    "甲": SHELL.difference(shapely.box(514_200, 3_351_200, 514_400, 3_351_400)),
    "乙": shapely.Polygon([(515_000, 3_351_000), (515_800, 3_351_100), (515_500, 3_351_700)]),
    "丙": shapely.MultiPolygon(
        [
            shapely.box(517_000, 3_351_000, 517_100, 3_351_100),
            shapely.box(517_200, 3_351_000, 517_300, 3_351_100),
        ]
    ),
}
DEGREES = ("EPSG:4490", "EPSG:4326")
ZONES = ("EPSG:4528", "EPSG:4549", "EPSG:4527", "EPSG:4548", "EPSG:4529", "EPSG:4550")
OTHERS = ("EPSG:32651", "EPSG:3857")
SYSTEMS = {
    ".geojson": (*DEGREES, *ZONES, *OTHERS),
    ".gpkg": (*DEGREES, *ZONES, *OTHERS),
    ".zip": (*DEGREES, *ZONES, *OTHERS),
    ".kml": DEGREES,
    ".kmz": DEGREES,
    ".csv": (*DEGREES, *ZONES, *OTHERS),
    ".xlsx": (*DEGREES, *ZONES, *OTHERS),
    ".txt": ZONES,
    ".dxf": (*DEGREES, *ZONES, *OTHERS),
}
CASES = [(ending, code) for ending, codes in SYSTEMS.items() for code in codes]
LIVE = "=cmd|' /C calc'!A0"


def make_source(shapes: dict[str, Any], code: int = 4549, **properties: Any) -> SiteSource:
    features = [
        {
            "type": "Feature",
            "properties": {"名称": name, **properties},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for name, shape in shapes.items()
    ]
    crs = {"type": "name", "properties": {"name": f"EPSG:{code}"}}
    text = json.dumps({"type": "FeatureCollection", "crs": crs, "features": features})
    return SiteSource("a.geojson", text.encode())


TRUTH = read_sites([make_source(PARCELS, 用途=LIVE, 标签=[1, {"a": 2}])])


def read_back(content: bytes, ending: str, code: str | None = None) -> SiteSet:
    # a drawing has no word for its system: metres without a prefix are named by the planner
    named = code if ending == ".dxf" and code not in {*DEGREES, *ZONES[::2], None} else None
    return read_sites([SiteSource(f"a{ending}", content)], crs=named)


def gap_m(one: SiteSet, other: SiteSet) -> float:
    pairs = zip(one.sites, other.sites, strict=True)
    return max(float(shapely.hausdorff_distance(a.geometry_plane, b.geometry_plane)) for a, b in pairs)


@pytest.mark.parametrize(("ending", "code"), CASES)
def test_the_same_place_to_a_millimetre_and_nothing_to_remark(ending: str, code: str) -> None:
    found = read_back(write_sites(TRUTH.sites, f"a{ending}", to_crs=code), ending, code)
    assert gap_m(found, TRUTH) < 0.001
    for site, truth in zip(found.sites, TRUTH.sites, strict=True):
        assert area_m2(site.geometry_plane) == pytest.approx(area_m2(truth.geometry_plane), rel=1e-6)
        assert site.repairs == site.warnings == ()
        if ending != ".dxf":
            assert site.name == truth.name
    if ending == ".dxf":
        assert [site.properties["layer"] for site in found.sites] == list(PARCELS)


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.ending)
def test_without_a_system_named_the_file_still_says_where_it_lies(writer: Any) -> None:
    found = read_back(write_sites(TRUTH.sites, f"a{writer.ending}"), writer.ending)
    assert gap_m(found, TRUTH) < 0.001
    assert found.files[0].crs_read == ("EPSG:4528" if writer.by_zone else found.files[0].crs_read)


@given(
    st.floats(118.6, 121.4),
    st.floats(27.2, 32.8),
    st.floats(10, 2000),
    st.sampled_from([4490, 4549, 4528]),
    st.sampled_from([case for case in CASES if case[1] in {"EPSG:4490", "EPSG:4528", "EPSG:4549"}]),
)
@settings(deadline=None, max_examples=40)
def test_any_parcel_in_any_system_keeps_its_edges(
    lon: float, lat: float, size_m: float, drawn: int, case: Any
) -> None:
    from gis.crs import PLANE, to_lonlat, transform

    ending, code = case
    centre = transform(shapely.Point(lon, lat), "EPSG:4490", PLANE)
    square = shapely.box(centre.x, centre.y, centre.x + size_m, centre.y + size_m / 3)
    corners = shapely.simplify(to_lonlat(square), 1e-6)
    truth = read_sites([make_source({"甲": transform(corners, "EPSG:4490", f"EPSG:{drawn}")}, drawn)])
    found = read_back(write_sites(truth.sites, f"a{ending}", to_crs=code), ending, code)
    assert gap_m(found, truth) < 0.001


def test_lines_and_points_keep_their_kind_in_every_format() -> None:
    shapes = {
        "线": shapely.LineString([(514_000, 3_351_000), (514_300, 3_351_200), (514_500, 3_351_000)]),
        "点": shapely.Point(515_000, 3_351_500),
        "面": PARCELS["乙"],
    }
    truth = read_sites([make_source(shapes)])
    for writer in WRITERS:
        found = read_back(write_sites(truth.sites, f"a{writer.ending}"), writer.ending)
        kinds = sorted(site.kind for site in found.sites)
        assert kinds == ["line", "point", "polygon"], writer.ending


def test_sites_of_the_same_name_or_none_stay_apart() -> None:
    shapes = [shapely.box(514_000 + i * 500, 3_351_000, 514_100 + i * 500, 3_351_100) for i in range(4)]
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": json.loads(shapely.to_geojson(shape))}
        for name, shape in zip(("甲", "甲", None, None), shapes, strict=True)
    ]
    crs = {"type": "name", "properties": {"name": "EPSG:4549"}}
    text = json.dumps({"type": "FeatureCollection", "crs": crs, "features": features})
    truth = read_sites([SiteSource("a.geojson", text.encode())])
    for ending in (".csv", ".xlsx", ".txt"):
        found = read_back(write_sites(truth.sites, f"a{ending}"), ending)
        assert [site.name for site in found.sites] == ["甲", "甲(2)", "地块3", "地块4"]
        assert gap_m(found, truth) < 0.001


def test_text_a_spreadsheet_would_run_is_text() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_sites(TRUTH.sites, "a.xlsx")))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert any(cell.value == LIVE for cell in cells)
    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "n"}
    rows = list(csv.reader(io.StringIO(write_sites(TRUTH.sites, "a.csv").decode("utf-8-sig"))))
    assert "'" + LIVE in rows[1]
    assert not any(cell.startswith(("=", "@", "+")) for row in rows for cell in row)


def test_markup_in_names_is_text_in_kml() -> None:
    evil = "<img src=x onerror=alert(1)>&\x00]]>"
    truth = read_sites([make_source({evil: PARCELS["乙"]}, **{evil: evil})])
    found = read_back(write_sites(truth.sites, "a.kml"), ".kml")
    assert found.sites[0].name == evil.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def test_survey_text_is_gb18030_closed_counted_and_measured() -> None:
    text = write_sites(TRUTH.sites, "a.txt").decode("gb18030")
    lines = text.split("\r\n")
    assert "带号=40" in lines
    (first,) = [line for line in lines if ",甲," in line]
    fields = first.split(",")
    assert fields[0] == "10"
    assert float(fields[1]) == pytest.approx(area_m2(TRUTH.sites[0].geometry_plane) / 1e4, abs=1e-4)
    assert fields[-1] == "@"
    start = lines.index(first)
    assert lines[start + 1].partition(",")[0] == lines[start + 5].partition(",")[0] == "J1"


def test_a_shapefile_says_its_encoding_and_its_system() -> None:
    with zipfile.ZipFile(io.BytesIO(write_sites(TRUTH.sites, "a.zip", to_crs="EPSG:4549"))) as archive:
        assert archive.read("sites_polygon.cpg").decode() == "UTF-8"
        assert "CGCS2000" in archive.read("sites_polygon.prj").decode()


def test_geojson_in_degrees_follows_its_standard() -> None:
    document = json.loads(write_sites(TRUTH.sites, "a.geojson"))
    assert "crs" not in document
    assert np.abs(document["features"][0]["geometry"]["coordinates"][0][0]).max() < 180


def test_what_a_format_cannot_hold_is_refused() -> None:
    with pytest.raises(SettingsError):
        write_sites(TRUTH.sites, "a.kml", to_crs="EPSG:4549")
    with pytest.raises(SettingsError):
        write_sites(TRUTH.sites, "a.txt", to_crs="EPSG:4490")
    with pytest.raises(OutputError):
        write_sites(TRUTH.sites, "a.doc")
    with pytest.raises(CrsError):
        write_sites(TRUTH.sites, "a.dxf", to_crs="EPSG:2385")


@pytest.fixture(scope="module")
def workspace() -> Any:
    from gis.workspace import open_workspace

    return open_workspace()


def list_findings(workspace: Any, sites: SiteSet) -> tuple[list[Any], list[float]]:
    """Return what was found, and its figures: areas and distances."""
    from gis.study import check_sites

    result = check_sites(workspace, sites, CheckOptions(on=date(2026, 1, 1)))
    words: list[Any] = []
    figures: list[float] = []
    for site in result.sites:
        found = sorted(site.findings, key=lambda finding: finding.rule_id)
        words.append((site.verdict, [(f.rule_id, f.relation, f.certainty, f.feature_ids) for f in found]))
        figures += [site.area_m2, *(finding.distance_m for finding in found)]
    return words, figures


def test_the_same_parcels_give_the_same_findings_in_every_format(workspace: Any) -> None:
    words, figures = list_findings(workspace, TRUTH)
    assert any(findings for _, findings in words)
    for writer in WRITERS:
        found = read_back(write_sites(TRUTH.sites, f"a{writer.ending}"), writer.ending)
        again = list_findings(workspace, found)
        assert again[0] == words, writer.ending
        assert again[1] == pytest.approx(figures, rel=1e-6, abs=0.001), writer.ending
