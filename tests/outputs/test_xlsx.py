"""The workbook holds the result, and nothing in it is alive."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from gis.outputs.xlsx import render_xlsx

if TYPE_CHECKING:
    from conftest import Case


def read(content: bytes) -> Any:
    """Return the workbook as another library reads it."""
    return openpyxl.load_workbook(io.BytesIO(content))


def column(sheet: Any, heading: str) -> list[Any]:
    """Return the values below a heading."""
    for cells in sheet.iter_cols():
        if str(cells[0].value).startswith(heading):
            return [cell.value for cell in cells[1:]]
    raise KeyError(heading)


def test_the_sheets_come_in_the_order_of_the_report(case: Case) -> None:
    names = read(render_xlsx(case.result)).sheetnames
    assert names == ["项目用地", "检查结果", "未评估图层", "未检查要素", "数据来源", "复现信息"]


def test_a_row_a_site_and_a_row_a_finding(case: Case) -> None:
    book = read(render_xlsx(case.result))
    assert book["项目用地"].max_row == len(case.result.sites) + 1
    assert book["检查结果"].max_row == sum(len(site.findings) for site in case.result.sites) + 1
    assert column(book["未检查要素"], "代码") == ["empty"]


def test_a_site_of_one_hectare_reads_so_in_every_unit(case: Case) -> None:
    sheet = read(render_xlsx(case.result))["项目用地"]
    assert column(sheet, "面积（平方米）")[1] == pytest.approx(10_000, rel=1e-6)
    assert column(sheet, "面积（公顷）")[1] == pytest.approx(1.0, rel=1e-6)
    assert column(sheet, "面积（亩）")[1] == pytest.approx(15.0, rel=1e-6)


def test_the_verdicts_stand_in_both_languages_on_their_colour(case: Case) -> None:
    sheet = read(render_xlsx(case.result))["项目用地"]
    assert column(sheet, "结论")[0] == "禁止 prohibited"
    assert sheet["C2"].fill.fgColor.rgb == "FFA3262A"


def test_bounds_of_an_overlap_enclose_it(case: Case) -> None:
    sheet = read(render_xlsx(case.result))["检查结果"]
    rows = zip(
        column(sheet, "重叠面积 最小"),
        column(sheet, "重叠面积 按图"),
        column(sheet, "重叠面积 最大"),
        strict=True,
    )
    measured = [row for row in rows if row[1] is not None]
    assert measured
    assert all(least <= drawn <= greatest for least, drawn, greatest in measured)


def test_headers_are_frozen_and_filtered(case: Case) -> None:
    for sheet in read(render_xlsx(case.result)):
        assert sheet.freeze_panes is not None
        assert sheet.auto_filter.ref is not None


def test_no_attribute_becomes_a_formula_or_a_link(hostile: Case) -> None:
    content = render_xlsx(hostile.result)
    for sheet in read(content):
        assert sheet._hyperlinks == []
        for cells in sheet.iter_rows():
            assert {cell.data_type for cell in cells} <= {"s", "n"}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        assert all(b"<f>" not in archive.read(name) for name in sheets)


def test_hostile_names_stand_as_text(hostile: Case) -> None:
    names = column(read(render_xlsx(hostile.result))["项目用地"], "名称")
    assert names[:4] == [site.site.name for site in hostile.result.sites[:4]]
    assert names[8].startswith("[U+202E]evil[U+2066][U+0000]")


def test_the_same_result_gives_the_same_bytes(case: Case) -> None:
    assert render_xlsx(case.result) == render_xlsx(case.result)
