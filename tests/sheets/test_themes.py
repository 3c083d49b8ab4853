"""Control and check sheets: zones by level with their articles, findings with their certainty."""

from __future__ import annotations

import json
import os
import re
import struct
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pikepdf
import pypdf
import pytest
import shapely

from gis.errors import SheetError
from gis.model import Level, Provision, Recipe, Rule, RuleSet, Text
from gis.sheets.centred import print_centred
from gis.sheets.frame import area_of_sheet
from gis.sheets.numbering import parse_number
from gis.sheets.options import SheetOptions
from gis.sheets.series import print_series
from gis.sheets.stored import read_check
from gis.sheets.subject import subject_of_check
from gis.sheets.workers import work_through
from gis.sheets.zoning import circled
from gis.workspace import Workspace, ZoneStore

if TYPE_CHECKING:
    from pathlib import Path

NUMBER = "H51E011001"
DAY = date(2026, 3, 15)


def make_rule(rule_id: str, level: Level, layer_id: str, kind: str, title: str) -> Rule:
    provision = Provision("测试条例", "第七条", "2020", None, None, "", verified=True)
    return Rule(
        id=rule_id,
        title=Text(title, title),
        level=level,
        layer_id=layer_id,
        kinds=(kind,),
        possible_kinds=(),
        recipe=Recipe("inside"),
        requirement=Text("要求", "requirement"),
        provisions=(provision,),
        verified=True,
    )


@pytest.fixture(scope="module")
def ruled(workspace: Workspace) -> Workspace:
    rules = (
        make_rule("wetland", Level.PROHIBITED, "wetlands", "xixi_national_wetland_park", "湿地内禁止建设"),
        make_rule("heritage", Level.APPROVAL_NEEDED, "heritage", "west_lake_heritage_property", "遗产区审批"),
        make_rule("oil", Level.RESTRICTED, "energy_sites", "oil_depot", "储罐安全距离"),
    )
    chosen = RuleSet(rules, "0" * 64)
    return replace(workspace, rules=chosen, zones=ZoneStore(workspace.layers, chosen))


def finding(rule_id: str, layer_id: str, feature_id: str, level: str, certainty: str) -> dict[str, Any]:
    return {
        "finding_id": f"f-{rule_id}",
        "rule_id": rule_id,
        "layer_id": layer_id,
        "feature_ids": [feature_id],
        "title": {"zh": f"结论{rule_id}", "en": rule_id},
        "level": level,
        "relation": "overlap",
        "certainty": certainty,
        "distance_m": 0.0,
        "provisions": [{"instrument": "测试条例", "article": "第七条", "verified": True}],
        "requirement": {"zh": "要求", "en": "requirement"},
        "geometry": json.loads(shapely.to_geojson(shapely.box(120.06, 30.262, 120.065, 30.268))),
    }


def stored(**changes: Any) -> dict[str, Any]:
    site = {
        "site_id": "s1",
        "name": "测试地块",
        "index": 0,
        "kind": "polygon",
        "geometry": json.loads(shapely.to_geojson(shapely.box(120.06, 30.26, 120.07, 30.268))),
        "verdict": "prohibited",
        "findings": [
            finding("wetland", "wetlands", "xx", "prohibited", "certain"),
            finding("oil", "energy_sites", "oil", "restricted", "possible"),
        ],
        "unassessed": [
            {"layer_id": "redline", "title": {"zh": "生态红线", "en": "redline"}, "reason": "no_data"}
        ],
    }
    return {
        "schema": "site-check/1",
        "check_id": "ab" * 32,
        "on": "2026-03-15",
        "input": {"files": [{"name": "a.geojson"}]},
        "sites": [site],
        "rejected": [],
        **changes,
    }


def text_of(path: Path) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def groups_of(path: Path) -> set[str]:
    with pikepdf.open(path) as document:
        return {str(group.Name) for group in document.Root.OCProperties.OCGs}


def test_a_control_sheet_numbers_the_zones_and_cites_their_articles(ruled: Workspace, tmp_path: Path) -> None:
    options = SheetOptions(on=DAY, theme="control")
    (path,) = print_series(ruled, [NUMBER], tmp_path, options=options)
    text = text_of(path)
    for word in ("管控区与依据", "湿地内禁止建设", "遗产区审批", "《测试条例》第七条", "① 西溪国家湿地公园"):
        assert word in text, word
    assert text.count("①") == 2
    assert {"管控区：禁止", "管控区：须审批", "管控区编号"} <= groups_of(path)


def test_the_public_control_sheet_leaves_zones_of_sensitive_layers_out(
    ruled: Workspace, tmp_path: Path
) -> None:
    internal, public = (
        print_series(
            ruled,
            [NUMBER],
            tmp_path / profile,
            options=SheetOptions(on=DAY, theme="control", profile=profile),
        )[0]
        for profile in ("internal", "public")
    )
    assert "储罐安全距离" in text_of(internal)
    for word in ("储罐", "油库", "管控区：限制", "内部"):
        assert word not in text_of(public)
    assert "管控区：限制" not in groups_of(public)


def print_check(ruled: Workspace, folder: Path, profile: str = "internal") -> Path:
    subject = subject_of_check(read_check(json.dumps(stored())))
    options = SheetOptions(on=DAY, theme="check", profile=profile)
    (path,) = print_centred(ruled, subject, folder, options=options, scale=50_000)
    return path


def test_a_check_sheet_says_verdict_findings_and_gaps(ruled: Workspace, tmp_path: Path) -> None:
    path = print_check(ruled, tmp_path)
    text = text_of(path)
    for word in (
        "测试地块",
        "禁止·确定",
        "限制·可能",
        "结论wetland",
        "《测试条例》第七条",
        "生态红线（无资料）",
    ):
        assert word in text, word
    assert {"项目用地", "重叠部分", "管控区：禁止"} <= groups_of(path)
    assert path.name == "a-50000.pdf"


def test_the_public_check_sheet_counts_what_it_does_not_tell(ruled: Workspace, tmp_path: Path) -> None:
    text = text_of(print_check(ruled, tmp_path, "public"))
    assert "结论oil" not in text
    assert "另有 1 项结论涉及不公开的图层" in text
    assert "生态红线" not in text


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        json.dumps(stored(schema="site-check/2")),
        json.dumps(stored(check_id="x")),
        json.dumps(stored(on="soon")),
        json.dumps(stored(sites=[{"site_id": "s"}])),
        json.dumps(stored()).replace('"certain"', '"sure"'),
        json.dumps(stored()).replace("120.06", "920.06"),
        json.dumps(stored()).replace('"Polygon"', '"Blob"'),
    ],
)
def test_a_file_that_is_no_check_is_refused_with_the_field(content: str) -> None:
    with pytest.raises(SheetError, match="site-check/1"):
        read_check(content)


def test_the_files_are_the_same_however_many_workers_print_them(ruled: Workspace, tmp_path: Path) -> None:
    numbers = [NUMBER, "H50E011024", "H51E011002"]
    options = SheetOptions(on=DAY, theme="control")
    for name in ("", "all"):
        one, two = (
            print_series(
                ruled, numbers, tmp_path / f"{count}{name}", options=options, single_pdf=name, workers=count
            )
            for count in (1, 2)
        )
        assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_results_come_in_order_from_other_processes() -> None:
    found = list(work_through(range(7), lambda n: (n * n, os.getpid()), workers=2))
    assert [square for square, _ in found] == [0, 1, 4, 9, 16, 25, 36]


def refuse(n: int) -> int:
    if n == 2:
        raise SheetError("二", "two", where="2", code="sheets.two")
    return n


def test_an_error_in_a_worker_is_the_same_error_here() -> None:
    with pytest.raises(SheetError, match="two") as caught:
        list(work_through(range(5), refuse, workers=2))
    assert (caught.value.code, caught.value.where) == ("sheets.two", "2")


def test_a_picture_has_the_size_of_the_paper_and_lies_where_the_map_does(
    ruled: Workspace, tmp_path: Path
) -> None:
    options = SheetOptions(on=DAY, formats=("pdf", "png"), dpi=72)
    paths = print_series(ruled, [NUMBER], tmp_path, options=options)
    assert [path.name for path in paths] == [f"{NUMBER}.pdf", f"{NUMBER}.png"]
    content = paths[1].read_bytes()
    columns, rows = struct.unpack(">II", content[16:24])
    assert (columns, rows) == (1684, 1191)
    size, _, _, down, east, north = map(float, (tmp_path / f"{NUMBER}.pgw").read_text().split())
    assert size == pytest.approx(50_000 * 0.594 / 1684)
    with pikepdf.open(paths[0]) as document:
        port = document.pages[0].VP[0]
        left, bottom, _, _ = (float(value) for value in port.BBox)
    low = area_of_sheet(parse_number(NUMBER)).outline_plane.min(axis=0)
    at = np.array([left / 72 * 0.0254, bottom / 72 * 0.0254]) * 50_000
    corner = np.array([east - size / 2, north - down / 2 + down * rows])
    assert np.abs(corner + at - low).max() < 0.5


@pytest.mark.parametrize("changes", [{"dpi": 5}, {"dpi": 5000}, {"formats": ("gif",)}, {"formats": ()}])
def test_pictures_that_cannot_be_made_are_refused_before_drawing(
    ruled: Workspace, tmp_path: Path, changes: dict[str, Any]
) -> None:
    options = SheetOptions(**{"on": DAY, "formats": ("png",), **changes})
    with pytest.raises(SheetError):
        print_series(ruled, [NUMBER], tmp_path / "out", options=options)
    assert not (tmp_path / "out").exists()


def test_names_and_numbers_given_stand_in_the_title_block(ruled: Workspace, tmp_path: Path) -> None:
    options = SheetOptions(on=DAY, author="张三", reviewer="李四", review_number="浙S(2026)1号")
    text = text_of(print_series(ruled, [NUMBER], tmp_path, options=options)[0])
    assert {"张三", "李四"} <= set(re.findall("张三|李四", text))
    assert "浙S(2026)1号" in text
    assert "待审" not in text


def test_numbers_in_circles_are_single_characters_up_to_fifty() -> None:
    assert [circled(n) for n in (1, 20, 21, 35, 36, 50, 51)] == ["①", "⑳", "㉑", "㉟", "㊱", "㊿", "(51)"]
