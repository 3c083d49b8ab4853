"""Files are whole or absent, and are those asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gis.errors import OutputError, SettingsError
from gis.outputs.files import FILES, FORMATS, parse_formats, write_result

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Case


def test_every_format_is_written_by_default(case: Case, tmp_path: Path) -> None:
    paths = write_result(case.result, case.workspace, tmp_path / "新" / "结果")
    assert [path.name for path in paths] == list(FILES.values())
    assert sorted(path.name for path in (tmp_path / "新" / "结果").iterdir()) == sorted(FILES.values())
    assert all(path.stat().st_size > 500 for path in paths)


def test_only_what_was_asked_for_is_written(case: Case, tmp_path: Path) -> None:
    write_result(case.result, case.workspace, tmp_path / "out", parse_formats("xlsx, JSON"))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["result.json", "result.xlsx"]


@pytest.mark.parametrize("text", ["docx", "json;pdf", "", " , ", "pdf,doc"])
def test_an_unknown_format_is_refused_in_both_languages(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_formats(text)
    assert "输出格式" in caught.value.zh
    assert caught.value.hint_en.startswith("choose from json,geojson")


def test_no_list_means_all_formats() -> None:
    assert parse_formats(None) == FORMATS == parse_formats("pdf，html,xlsx,geojson,json")


def test_a_file_in_the_way_is_an_error_not_a_traceback(case: Case, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    with pytest.raises(OutputError):
        write_result(case.result, case.workspace, tmp_path / "out", ("json",))


def test_writing_again_gives_the_same_bytes(case: Case, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write_result(case.result, case.workspace, tmp_path / folder)
    for name in FILES.values():
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_geojson_holds_sites_overlaps_and_the_zones_met(case: Case, tmp_path: Path) -> None:
    (path,) = write_result(case.result, case.workspace, tmp_path, ("geojson",))
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    roles = [feature["properties"]["role"] for feature in features]
    assert roles.count("site") == len(case.result.sites)
    assert roles.count("overlap") == sum(
        finding.geometry is not None for site in case.result.sites for finding in site.findings
    )
    zones = {
        (feature["properties"]["rule_id"], feature["properties"]["feature_id"])
        for feature in features
        if feature["properties"]["role"] == "zone"
    }
    assert zones == {("inside", "reserve"), ("belt", "reserve"), ("later", "reserve")}


def test_hostile_text_is_written_in_every_format(hostile: Case, tmp_path: Path) -> None:
    paths = write_result(hostile.result, hostile.workspace, tmp_path)
    assert len(paths) == len(FORMATS)
    table = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert table["sites"][4]["name"] == "<img src=x onerror=alert(1)>"
