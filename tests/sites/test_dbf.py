"""The encoding of attributes is decided by evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gis.errors import SiteError
from gis.sites.dbf import decode_value, find_encoding

if TYPE_CHECKING:
    from pathlib import Path


def find(tmp_path: Path, values: list[bytes], *, cpg: str | None = None, language: int = 0) -> str:
    dbf = tmp_path / "a.dbf"
    dbf.write_bytes(b"\x03" + b"\0" * 28 + bytes([language]) + b"\0\0")
    if cpg is not None:
        (tmp_path / "a.cpg").write_text(cpg)
    return find_encoding(tmp_path / "a.cpg" if cpg is not None else None, dbf, values, "a.shp")


@pytest.mark.parametrize("cpg", ["GBK", "936", "cp936", "ANSI 936", "GB2312", "gb18030", "54936"])
def test_every_way_to_write_gbk_in_a_cpg_is_understood(tmp_path: Path, cpg: str) -> None:
    assert find(tmp_path, ["杭州".encode("gbk")], cpg=cpg) == "gb18030"


@pytest.mark.parametrize("cpg", ["UTF-8", "utf8", "65001"])
def test_every_way_to_write_utf_8_is_understood(tmp_path: Path, cpg: str) -> None:
    assert find(tmp_path, ["杭州".encode()], cpg=cpg) == "utf-8"


def test_the_order_is_cpg_language_byte_utf_8_gb18030(tmp_path: Path) -> None:
    ambiguous = "國土".encode("big5")
    assert find(tmp_path, [ambiguous], cpg="Big5", language=0x4D) == "cp950"
    assert find(tmp_path, [ambiguous], language=0x4F, cpg="") == "cp950"
    assert find(tmp_path, ["杭州".encode()], language=0, cpg="") == "utf-8"
    assert find(tmp_path, ["杭州".encode("gbk")], language=0, cpg="") == "gb18030"


def test_a_declaration_the_bytes_refute_is_not_followed(tmp_path: Path) -> None:
    assert find(tmp_path, ["杭州".encode("gbk")], cpg="UTF-8") == "gb18030"
    assert find(tmp_path, ["杭州".encode()], cpg="GB18030", language=0) in {"gb18030", "utf-8"}


def test_a_single_byte_declaration_yields_to_evidence_but_not_without(tmp_path: Path) -> None:
    assert find(tmp_path, ["杭州".encode()], cpg="ISO-8859-1") == "utf-8"
    assert find(tmp_path, ["地块名称".encode("gbk")], cpg="1252") == "gb18030"
    assert find(tmp_path, ["Müller".encode("latin-1")], cpg="ISO-8859-1") == "iso8859-1"
    assert find(tmp_path, ["Müller".encode("latin-1")], language=0x03, cpg="") == "cp1252"


def test_bytes_of_no_encoding_are_an_error_not_mojibake(tmp_path: Path) -> None:
    with pytest.raises(SiteError) as caught:
        find(tmp_path, [b"\xff\xff\xff\xff abc"])
    assert caught.value.code == "sites.encoding"


def test_a_cut_character_is_dropped_only_at_the_end() -> None:
    assert decode_value("杭州".encode()[:-1], "utf-8") == "杭"
    assert decode_value("杭州".encode("gbk")[:-1], "gb18030") == "杭"
    with pytest.raises(UnicodeDecodeError):
        decode_value(b"\xff" + "杭州".encode(), "utf-8")


def test_utf_8_with_one_damaged_byte_is_not_read_as_gb18030(tmp_path: Path) -> None:
    values = ["余杭区未来科技城核心区块".encode(), "西湖区".encode()[:4] + b"\x20" + "区".encode()]
    with pytest.raises(SiteError) as caught:
        find(tmp_path, values, cpg="")
    assert caught.value.code == "sites.encoding"
