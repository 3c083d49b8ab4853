"""Coordinate tables in CSV and XLSX."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import shapely

from gis.crs import transform
from gis.errors import CrsError, SiteError, SiteFormatError, SiteTooLargeError
from gis.sites.headers import find_role
from gis.sites.read import SiteSource, read_sites

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.model import SiteSet

ROWS = [(3351000.0, 40515000.0), (3351100.0, 40515000.0), (3351100.0, 40515100.0), (3351000.0, 40515100.0)]
SQUARE = shapely.box(515000, 3351000, 515100, 3351100)
TRUTH = transform(SQUARE, "EPSG:4549", "EPSG:4490")


def read_csv(text: str, encoding: str = "utf-8", **options: str) -> SiteSet:
    return read_sites([SiteSource("a.csv", text.encode(encoding))], **options)


def make_xlsx(*rows: Any, **sheets: Any) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, content in sheets.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def read_xlsx(content: bytes) -> SiteSet:
    return read_sites([SiteSource("a.xlsx", content)])


def repack(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return buffer.getvalue()


def points(**columns: Any) -> str:
    return "\n".join(f"J{i},{x},{y}" for i, (x, y) in enumerate(columns.get("rows", ROWS), start=1)) + "\n"


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("纵坐标（x）", "north"),
        ("横坐标（Y）", "east"),
        ("X坐标(m)", "north"),
        ("Ｘ（米）", "north"),
        ("Y 坐标", "east"),
        ("北坐标(X)", "north"),
        ("Northing", "north"),
        ("经度(°)", "lon"),
        ("大地纬度 B", "lat"),
        ("Longitude", "lon"),
        ("地块圈号", "ring"),
        ("界址点号", "point"),
        ("点 号", "point"),
        ("地块名称", "parcel"),
        ("宗地号", "parcel"),
        ("坐标系", "system"),
        ("面积(公顷)", None),
        ("备注", None),
        ("高程", None),
    ],
)
def test_headings_are_recognised_in_their_variants(heading: str, role: str | None) -> None:
    assert find_role(heading) == role


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "，"])
def test_a_table_is_read_in_any_encoding_and_with_any_delimiter(encoding: str, delimiter: str) -> None:
    text = ("点号,纵坐标（x）,横坐标（y）\n" + points()).replace(",", delimiter)
    (site,) = read_csv(text, encoding).sites
    assert shapely.hausdorff_distance(site.geometry, TRUTH) < 1e-9
    assert site.warnings == site.repairs == ()


@pytest.mark.parametrize("heading", ["点号,X,Y", "点号,Y,X", "点号,E,N", "点号,经度,纬度"])
def test_magnitude_decides_the_order_never_the_heading(heading: str) -> None:
    for rows in (ROWS, [(y, x) for x, y in ROWS]):
        (site,) = read_csv(heading + "\n" + points(rows=rows)).sites
        assert shapely.hausdorff_distance(site.geometry, TRUTH) < 1e-9


def test_several_parcels_with_merged_cells_rings_closed_or_not_and_attributes() -> None:
    lines = ["界址点坐标成果表,,,,,", "地块名称,用途,地块圈号,界址点号,纵坐标（x）,横坐标（y）"]
    for name, north, closed in (("甲", 0, True), ("乙", 1000, False)):
        ring = [(x + north, y) for x, y in ROWS]
        hole = [(x + north, y) for x, y in ((3351020, 40515020), (3351040, 40515020), (3351040, 40515040))]
        for number, shape in ((1, ring), (2, hole)):
            for place, (x, y) in enumerate([*shape, shape[0]] if closed else shape):
                first = number == 1 and place == 0
                lines.append(f"{name if first else ''},{'工业' if first else ''},{number},J{place},{x},{y}")
    found = read_csv("\n".join(lines) + "\n制表：张三,,,,,\n")
    assert [(site.name, site.properties) for site in found.sites] == [
        ("甲", {"地块名称": "甲", "用途": "工业"}),
        ("乙", {"地块名称": "乙", "用途": "工业"}),
    ]
    assert [len(site.geometry.interiors) for site in found.sites] == [1, 1]
    areas = [site.geometry_plane.area for site in found.sites]
    assert areas == pytest.approx([9800, 9800], abs=0.01)


def test_without_a_parcel_column_rings_apart_are_parcels_and_rings_inside_are_holes() -> None:
    ring = "\n".join(f"{i},{x},{y}" for i, (x, y) in enumerate(ROWS))
    hole = "\n".join(
        f"{i},{x},{y}"
        for i, (x, y) in enumerate([(3351010, 40515010), (3351020, 40515010), (3351020, 40515020)])
    )
    apart = "\n".join(f"{i},{x + 500},{y}" for i, (x, y) in enumerate(ROWS))
    found = read_csv(f"点号,X,Y\n{ring}\n\n{hole}\n\n{apart}\n")
    assert [len(site.geometry.interiors) for site in found.sites] == [1, 0]


def test_a_table_without_headings_is_read_by_magnitude() -> None:
    (site,) = read_csv(points()).sites
    assert shapely.hausdorff_distance(site.geometry, TRUTH) < 1e-9


def test_degrees_minutes_and_seconds_and_packed_angles_are_read() -> None:
    rows = ["120°09′00″,30°17′00″", "120-09-30,30:17:00", "1200930.00,301730.00", "120度9分0秒,30.2916666667"]
    (site,) = read_csv("点号,经度,纬度\n" + "".join(f"{i},{row}\n" for i, row in enumerate(rows))).sites
    expected = shapely.box(120.15, 30 + 17 / 60, 120 + 9.5 / 60, 30 + 17.5 / 60)
    assert shapely.hausdorff_distance(site.geometry, expected) < 1e-9


def test_one_row_a_name_is_a_list_of_points() -> None:
    found = read_csv("名称,经度,纬度\n甲,120.1,30.2\n乙,120.2,30.3\n")
    assert [(site.name, site.kind) for site in found.sites] == [("甲", "point"), ("乙", "point")]


def test_a_system_named_above_the_table_or_in_a_column_is_followed() -> None:
    rows = [(x, y - 40_000_000) for x, y in ROWS]
    body = points(rows=rows)
    for text in (
        "坐标系：CGCS2000 3度带 中央子午线120°,,\n点号,X,Y\n" + body,
        "2000国家大地坐标系 带号：40,,\n点号,X,Y\n" + body,
        "点号,X,Y,坐标系\n" + body.replace("\n", ",EPSG:4549\n"),
    ):
        (site,) = read_csv(text).sites
        assert shapely.hausdorff_distance(site.geometry, TRUTH) < 1e-9
    with pytest.raises(CrsError) as caught:
        read_csv("西安80坐标系,,\n点号,X,Y\n" + body)
    assert caught.value.code == "crs.old_datum"
    with pytest.raises(CrsError) as caught:
        read_csv("点号,X,Y\n" + body)
    assert caught.value.code == "crs.zone_missing"


@pytest.mark.parametrize("cell", ["", "abc", "nan", "inf", "1e308", "12"])
def test_a_bad_coordinate_is_an_error_with_its_row(cell: str) -> None:
    with pytest.raises(SiteError, match="第 3 行") as caught:
        read_csv(f"点号,X,Y\nJ1,3351000,40515000\nJ2,{cell},40515000\nJ3,3351100,40515100\n")
    assert caught.value.code == "sites.coordinates"


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "点号,X\n1,3351000\n", "hello\n"])
def test_tables_without_coordinates_are_refused(content: str) -> None:
    with pytest.raises(SiteFormatError):
        read_csv(content)


def test_a_workbook_gives_the_same_and_names_the_sheets_it_did_not_read() -> None:
    content = make_xlsx(
        ("地块名称", "点号", "X", "Y"), *(("甲", f"J{i}", *row) for i, row in enumerate(ROWS)), 说明=[("x",)]
    )
    found = read_xlsx(content)
    assert found.sites[0].name == "甲"
    assert shapely.hausdorff_distance(found.sites[0].geometry, TRUTH) < 1e-9
    assert any("说明" in note.zh for note in found.files[0].notes)
    assert found.files[0].format == "XLSX"


def test_a_formula_is_never_evaluated_without_a_stored_value_it_is_an_error() -> None:
    rows = [("J1", 3351000, 40515000), ("J2", "=3351000+100", 40515000), ("J3", 3351100, 40515100)]
    content = make_xlsx(("点号", "X", "Y"), *rows)
    with pytest.raises(SiteError, match="第 3 行"):
        read_xlsx(content)
    stored = repack(
        content,
        lambda _, part: part.replace(b"<f>3351000+100</f><v />", b"<f>1/0</f><v>3351100</v>").replace(
            b"<f>3351000+100</f><v></v>", b"<f>1/0</f><v>3351100</v>"
        ),
    )
    (site,) = read_xlsx(stored).sites
    assert site.geometry_plane.area == pytest.approx(5000, abs=0.01)


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml"]
)
def test_entities_in_any_part_of_a_workbook_are_refused(part: str) -> None:
    content = make_xlsx(("点号", "X", "Y"), *(("J", *row) for row in ROWS))
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'

    def change(name: str, old: bytes) -> bytes:
        return (
            old[: old.index(b"<", 1)] + bomb + old[old.index(b"<", 1) :]
            if name == part and old.startswith(b"<?xml")
            else (bomb + old if name == part else old)
        )

    with pytest.raises(SiteError) as caught:
        read_xlsx(repack(content, change))
    assert caught.value.code == "sites.xml"


def test_a_cell_in_the_last_row_is_reached_and_a_row_beyond_is_refused() -> None:
    content = make_xlsx(("点号", "X", "Y"), *(("J", *row) for row in ROWS), ("备注：无",))
    last = repack(
        content,
        lambda name, part: (
            part.replace(b'r="6"', b'r="1048576"').replace(b'r="A6"', b'r="A1048576"')
            if "sheet1" in name
            else part
        ),
    )
    assert len(read_xlsx(last).sites) == 1
    beyond = repack(
        content,
        lambda name, part: (
            part.replace(b'r="6"', b'r="9999999"').replace(b'r="A6"', b'r="A9999999"')
            if "sheet1" in name
            else part
        ),
    )
    with pytest.raises(SiteTooLargeError):
        read_xlsx(beyond)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_a_cut_workbook_is_refused(keep: float) -> None:
    content = make_xlsx(("点号", "X", "Y"), *(("J", *row) for row in ROWS))
    with pytest.raises(SiteError):
        read_xlsx(content[: int(len(content) * keep)])


def test_a_stated_size_smaller_than_the_sheet_cuts_nothing_off() -> None:
    content = make_xlsx(("点号", "X", "Y"), *(("J", *row) for row in ROWS))
    lying = repack(content, lambda _, part: part.replace(b'ref="A1:C5"', b'ref="A1:C4"'))
    (site,) = read_xlsx(lying).sites
    assert shapely.hausdorff_distance(site.geometry, TRUTH) < 1e-9
