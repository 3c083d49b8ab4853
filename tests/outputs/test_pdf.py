"""The PDF is searchable, embeds its fonts, names its pages, and says what the page says."""

from __future__ import annotations

import io
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pypdf
import pytest

from gis.outputs.pdf import render_pdf
from gis.outputs.report import SECTIONS

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Case


def pages(content: bytes) -> list[str]:
    """Return the text of each page."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def test_every_page_carries_its_number_and_the_check(case: Case) -> None:
    texts = pages(render_pdf(case.result, case.workspace))
    assert len(texts) > 1
    for number, text in enumerate(texts, start=1):
        assert f"第 {number} 页，共 {len(texts)} 页" in text
        assert number == 1 or f"检查号 {case.result.check_id[:16]}" in text


def test_the_pages_are_a4(case: Case) -> None:
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(case.result, case.workspace)))
    for page in reader.pages:
        size = float(page.mediabox.width), float(page.mediabox.height)
        assert size == pytest.approx((210 / 25.4 * 72, 297 / 25.4 * 72), abs=0.05)


def test_the_outline_lists_the_sections(case: Case) -> None:
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(case.result, case.workspace)))
    titles = [entry.title for entry in reader.outline]
    assert titles == [f"{number} {title.zh}" for number, title in enumerate(SECTIONS, start=1)]


def test_the_same_result_gives_the_same_bytes(case: Case) -> None:
    assert render_pdf(case.result, case.workspace) == render_pdf(case.result, case.workspace)


def test_there_is_nothing_to_run_in_it(hostile: Case) -> None:
    content = render_pdf(hostile.result, hostile.workspace)
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(reader.trailer["/Root"])
    assert all("/Annots" not in page for page in reader.pages)
    assert b"/JavaScript" not in content


def test_very_long_names_and_files_do_not_stop_the_setting(hostile: Case) -> None:
    text = "".join(pages(render_pdf(hostile.result, hostile.workspace)))
    assert "字" * 5 in text
    assert "字" * 200 not in text.replace("\n", "")


def test_reports_set_in_several_threads_are_the_same(case: Case) -> None:
    alone = render_pdf(case.result, case.workspace)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda _: render_pdf(case.result, case.workspace), range(8)))
    assert all(content == alone for content in together)


@pytest.mark.pdf
def test_chinese_is_found_and_every_font_is_an_embedded_subset(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(render_pdf(case.result, case.workspace))
    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    for wanted in ("项目用地检查报告", "检查结论", "逐条依据", "未评估图层", "复现信息", "不得建设"):
        assert wanted in text
    assert not [char for char in text if 0x2E80 <= ord(char) <= 0x2FDF], "Kangxi radicals"
    table = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in table.splitlines()[2:]]
    assert rows
    assert all("+NotoSansSC-" in row[0] for row in rows)
    assert all(row[-5:-2] == ["yes", "yes", "yes"] for row in rows)
