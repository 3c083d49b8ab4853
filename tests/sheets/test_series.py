"""A printed sheet, verified from the file alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pikepdf
import pypdf
import pytest
import shapely
from pyproj import Transformer

from gis import crs
from gis.errors import GisError, NotFoundError, SheetError
from gis.model import InputFile, Site, SiteSet
from gis.sheets.centred import print_centred
from gis.sheets.numbering import parse_number
from gis.sheets.series import SheetOptions, print_series, print_sheet
from gis.sheets.subject import subject_of_sites

if TYPE_CHECKING:
    from pathlib import Path

    from gis.workspace import Workspace

NUMBER = "H51E011001"
OPTIONS = SheetOptions(on=date(2026, 3, 15))
MM = 72 / 25.4

needs_poppler = [pytest.mark.pdf, pytest.mark.skipif(not shutil.which("pdftotext"), reason="no poppler here")]
needs_qpdf = [pytest.mark.pdf, pytest.mark.skipif(not shutil.which("qpdf"), reason="no qpdf here")]
needs_gdal = [pytest.mark.gdal, pytest.mark.skipif(not shutil.which("gdalinfo"), reason="no gdal here")]


def marked(marks: list[pytest.MarkDecorator]):  # noqa: ANN201 - a decorator
    def apply(test):  # noqa: ANN001, ANN202
        for mark in marks:
            test = mark(test)
        return test

    return apply


@pytest.fixture(scope="module")
def sheet(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return print_sheet(workspace, NUMBER, tmp_path_factory.mktemp("sheets"), options=OPTIONS)


@pytest.fixture(scope="module")
def public_sheet(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = SheetOptions(on=date(2026, 3, 15), profile="public")
    return print_sheet(workspace, NUMBER, tmp_path_factory.mktemp("public"), options=options)


def text_of(path: Path) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def plane_corners(number: str) -> np.ndarray:
    """South-west, north-west, north-east, south-east in metres, straight from the number."""
    frame = parse_number(number)
    w, s, e, n = frame.bbox
    move = Transformer.from_crs("EPSG:4490", f"EPSG:{frame.epsg}", always_xy=True)
    return np.column_stack(move.transform([w, w, e, e], [s, n, n, s]))


def viewport(path: Path, page: int = 0) -> pikepdf.Object:
    with pikepdf.open(path) as document:
        return pikepdf.Object.parse(document.pages[page].VP[0].unparse(resolved=True))


def numbers(array: pikepdf.Object) -> np.ndarray:
    return np.array([float(value) for value in array])


def test_the_neat_line_is_drawn_at_true_scale_to_a_tenth_of_a_millimetre(sheet: Path) -> None:
    with pikepdf.open(sheet) as document:
        content = document.pages[0].Contents.read_bytes().decode("latin-1")
    scale = float(content.split(" ", 1)[0])
    assert scale == pytest.approx(MM, abs=1e-9)
    path = re.search(r"0\.18 w \[\] 0 d 0 J\n(.*?)\nh\nS", content, re.DOTALL)
    assert path is not None
    points = np.array([[float(v) for v in line.split()[:2]] for line in path.group(1).split("\n")])
    expected = plane_corners(NUMBER) / 50.0
    expected += points[0] - expected[0]
    for corner in expected:
        assert np.hypot(*(points - corner).T).min() < 0.01


def test_the_viewport_holds_the_four_corners_of_the_frame(sheet: Path) -> None:
    port = viewport(sheet)
    measure = port.Measure
    assert (str(port.Type), str(measure.Subtype)) == ("/Viewport", "/GEO")
    assert int(measure.GCS.EPSG) == 4549
    assert "CGCS2000" in str(measure.GCS.WKT)
    w, s, e, n = parse_number(NUMBER).bbox
    ground = numbers(measure.GPTS).reshape(4, 2)
    assert np.abs(ground - [[s, w], [n, w], [n, e], [s, e]]).max() < 1e-10
    box, local = numbers(port.BBox), numbers(measure.LPTS).reshape(4, 2)
    paper_mm = (box[:2] + local * (box[2:] - box[:2])) / MM
    expected = plane_corners(NUMBER) / 50.0
    assert np.abs((paper_mm - paper_mm[0]) - (expected - expected[0])).max() < 0.001


def test_the_page_is_iso_a_without_rotation(sheet: Path) -> None:
    with pikepdf.open(sheet) as document:
        page = document.pages[0]
        assert "/Rotate" not in page
        assert [float(v) / MM for v in page.MediaBox[2:]] == pytest.approx([594, 420], abs=0.001)


def test_every_word_is_found_as_often_as_it_stands_on_the_sheet(sheet: Path) -> None:
    text = text_of(sheet)
    for word in (
        "图例", "比例尺", "1:50 000", "审图号", "待审", "CGCS2000", "高斯", "1985国家高程基准", "资料来源",
        "内部资料", "H51E010001", "H51E012001", "H51E011002", "H50E011024", "编制单位", "某某规划设计研究院",
        "接图表", "120°00′00″", "30°20′00″", "40501", "三墩", "西溪国家湿地公园", "2026年3月15日",
    ):  # fmt: skip
        assert word in text, word
    assert text.count("三墩") == 1
    assert text.count("西溪国家湿地公园") == 1
    assert "钱塘江" in text


def test_no_character_comes_out_as_a_radical(sheet: Path) -> None:
    assert not [char for char in text_of(sheet) if 0x2E80 <= ord(char) <= 0x2FDF]


def test_fonts_are_embedded_subsets(sheet: Path) -> None:
    with pikepdf.open(sheet) as document:
        fonts = document.pages[0].Resources.Font
        assert len(fonts) == 2
        for font in fonts.values():
            descendant = font.DescendantFonts[0]
            assert re.fullmatch(r"/[A-Z]{6}\+NotoSansSC-(Regular|Bold)", str(font.BaseFont))
            assert len(descendant.FontDescriptor.FontFile2.read_bytes()) < 150_000
            assert "/ToUnicode" in font


def test_layers_are_switchable_and_named_in_chinese(sheet: Path) -> None:
    with pikepdf.open(sheet) as document:
        properties = document.Root.OCProperties
        names = [str(group.Name) for group in properties.OCGs]
        content = document.pages[0].Contents.read_bytes().decode("latin-1")
    assert {"河流水面", "生态廊道", "居民地", "公里网", "图廓与经纬度"} <= set(names)
    assert len(names) == len(set(names))
    assert content.count("BDC") == content.count("EMC")
    assert content.count("\nq") + content.count("q ") >= content.count("\nQ")


def test_the_legend_shows_only_what_is_on_the_sheet(sheet: Path) -> None:
    text = text_of(sheet)
    assert "国家湿地公园" in text
    assert "机场跑道" not in text


def test_the_public_profile_carries_no_sensitive_thing_anywhere(public_sheet: Path, sheet: Path) -> None:
    assert "秘密油库甲" in text_of(sheet)
    text = text_of(public_sheet)
    for word in ("秘密油库甲", "油气设施", "石油", "内部", "70万立方米"):
        assert word not in text
    with pikepdf.open(public_sheet) as document:
        streams = b"".join(o.read_bytes() for o in document.objects if isinstance(o, pikepdf.Stream))
        groups = [str(group.Name) for group in document.Root.OCProperties.OCGs]
        info = " ".join(str(value) for value in document.docinfo.values())
    for word in ("秘密油库甲", "油气设施", "石油"):
        for form in (word.encode("utf-8"), word.encode("utf-16-be")):
            assert form not in streams
        assert word not in info
    assert "油气设施" not in groups
    assert "公开版" in text


def test_the_same_sheet_printed_twice_is_the_same_file(
    workspace: Workspace, sheet: Path, tmp_path: Path
) -> None:
    assert print_sheet(workspace, NUMBER, tmp_path, options=OPTIONS).read_bytes() == sheet.read_bytes()


def test_the_date_is_the_only_time_in_the_file(sheet: Path) -> None:
    with pikepdf.open(sheet) as document:
        assert str(document.docinfo["/CreationDate"]) == "D:20260315000000Z"


def test_a_series_in_one_file_is_georeferenced_on_every_sheet(workspace: Workspace, tmp_path: Path) -> None:
    chosen = ["H50E011024", NUMBER]
    (path,) = print_series(workspace, chosen, tmp_path, options=OPTIONS, single_pdf="all")
    with pikepdf.open(path) as document:
        ports = [page.VP[0] for page in document.pages if "/VP" in page]
        assert [str(port.Name) for port in ports] == chosen
        assert len(document.pages) - len(ports) <= 1


@pytest.mark.parametrize(
    ("number", "paper"),
    [("H51G042003", "A1"), ("H51C002001", "A1"), ("H51", "A1"), ("H51D006001", "A2"), ("H51I248015", "A1")],
)
def test_the_paper_follows_from_the_frame(
    workspace: Workspace, tmp_path: Path, number: str, paper: str
) -> None:
    path = print_sheet(workspace, number, tmp_path, options=OPTIONS)
    size = {"A1": [841, 594], "A2": [594, 420]}[paper]
    with pikepdf.open(path) as document:
        assert [float(v) / MM for v in document.pages[0].MediaBox[2:]] == pytest.approx(size, abs=0.001)


@pytest.mark.parametrize(
    ("number", "changes", "error"),
    [
        ("H51E099001", {}, SheetError),
        (NUMBER, {"paper": "A3"}, SheetError),
        (NUMBER, {"paper": "B2"}, SheetError),
        (NUMBER, {"profile": "secret"}, SheetError),
        (NUMBER, {"theme": "weather"}, NotFoundError),
        ("H01E001001", {}, SheetError),
    ],
)
def test_what_cannot_be_printed_leaves_nothing_behind(
    workspace: Workspace, tmp_path: Path, number: str, changes: dict[str, str], error: type[GisError]
) -> None:
    folder = tmp_path / "out"
    with pytest.raises(error):
        print_series(
            workspace, [NUMBER, number], folder, options=SheetOptions(on=date(2026, 3, 15), **changes)
        )
    assert not folder.exists()


def test_an_unwritable_folder_is_told(workspace: Workspace, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(GisError, match="cannot write"):
        print_sheet(workspace, NUMBER, blocked, options=OPTIONS)


def site_set(name: str) -> SiteSet:
    ground = shapely.box(120.1, 30.2, 120.11, 30.21)
    site = Site("s1", "a.geojson", 0, name, "parcel", {}, ground, crs.to_plane(ground))
    return SiteSet((site,), (), (InputFile("a.geojson", "0" * 64, "geojson", "EPSG:4326"),), 1)


@pytest.mark.parametrize(("paper", "landscape"), [("A4", True), ("A4", False), ("A3", None), ("A1", True)])
def test_a_sheet_is_centred_on_a_site(
    workspace: Workspace, tmp_path: Path, paper: str, *, landscape: bool | None
) -> None:
    options = SheetOptions(on=date(2026, 3, 15), paper=paper, landscape=landscape)
    subject = subject_of_sites(site_set("测试地块"))
    (path,) = print_centred(workspace, subject, tmp_path, scale=20_000, options=options)
    measure = viewport(path).Measure
    middle = numbers(measure.GPTS).reshape(4, 2).mean(axis=0)
    assert middle == pytest.approx([30.205, 120.105], abs=1e-4)
    text = text_of(path)
    assert "测试地块" in text
    assert "项目用地" in text
    assert "接图表" not in text


def test_a_site_larger_than_the_sheet_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="does not fit"):
        print_centred(
            workspace, subject_of_sites(site_set("大")), tmp_path / "out", scale=1000, options=OPTIONS
        )
    assert not (tmp_path / "out").exists()


@marked(needs_poppler)
def test_poppler_finds_the_words_and_the_fonts(sheet: Path) -> None:
    text = subprocess.run(["pdftotext", sheet, "-"], capture_output=True, check=True, text=True).stdout
    for word in ("钱塘江", "西溪国家湿地公园", "图例", "1:50 000", "三墩", "杭州"):
        assert word in text
    assert text.count("三墩") == 1
    fonts = subprocess.run(["pdffonts", sheet], capture_output=True, check=True, text=True).stdout
    assert fonts.count("CID TrueType") == 2
    assert fonts.count("yes yes yes") == 2


@marked(needs_qpdf)
def test_qpdf_finds_no_damage(sheet: Path) -> None:
    done = subprocess.run(["qpdf", "--check", sheet], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@marked(needs_gdal)
def test_gdal_reads_the_neat_line_within_a_decimetre(sheet: Path) -> None:
    done = subprocess.run(["gdalinfo", sheet], capture_output=True, check=True, text=True)
    assert 'ID["EPSG",4549]' in done.stdout
    found = re.search(r"NEATLINE=POLYGON \(\((.*?)\)\)", done.stdout)
    assert found is not None
    ring = np.array([[float(v) for v in pair.split()] for pair in found.group(1).split(",")])
    for corner in plane_corners(NUMBER):
        assert np.hypot(*(ring - corner).T).min() < 0.1
