"""In which characters a shapefile's attributes are written, decided by evidence, never mojibake.

GDAL is asked for Latin-1, which hands every byte through unchanged; the bytes are decoded here. The order
is the ``.cpg``, the language byte of the ``.dbf``, strict UTF-8, GB18030. A declared single-byte encoding
is what most programs write without being asked, so bytes that are strict UTF-8, or pairs that are all
common Chinese characters, win over it.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from gis.errors import SiteError
from gis.sites.text import is_mostly_utf8

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LATIN_1 = "ISO-8859-1"
"""What GDAL is told, so that text comes as one character a byte."""

_LANGUAGE_BYTES = {
    0x4D: "gb18030",
    0x4E: "cp949",
    0x4F: "cp950",
    0x13: "cp932",
    0x7A: "gb18030",
    0x78: "cp950",
}
_LANGUAGE_BYTES |= {0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x58: "cp1252"}
_LANGUAGE_OFFSET = 29
_CODEC_NAMES = {"gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "big5": "cp950"}
_SINGLE_BYTE = re.compile(r"iso8859|cp1?25\d|cp437|cp850|latin|ascii|mac")
_PARTIAL = 3


def find_encoding(cpg: Path | None, dbf: Path | None, values: Iterable[bytes], where: str) -> str:
    """Return the codec of the attributes of a shapefile.

    Parameters
    ----------
    cpg, dbf : Path or None
        The parts of the shapefile.
    values : iterable of bytes
        Field names and text values that are not plain ASCII.

    Raises
    ------
    SiteError
        If no encoding fits all values strictly.
    """
    samples = tuple(values)
    declared = _read_cpg(cpg) or _read_language_byte(dbf)
    if not samples:
        return declared or "utf-8"
    candidates = [declared] if declared else []
    candidates = ["utf-8", *candidates] if _is_weak(declared) else [*candidates, "utf-8"]
    if _is_weak(declared) and _fits(samples, "gb2312"):
        candidates.insert(1, "gb18030")
    for encoding in candidates:
        if _fits(samples, encoding):
            return encoding
    if not is_mostly_utf8(b"\n".join(samples)) and _fits(samples, "gb18030"):
        return "gb18030"
    raise SiteError(
        "属性表的文字编码不明：.cpg、.dbf 的语言标志、UTF-8 与 GB18030 都不符",
        "the attributes' encoding cannot be told: neither .cpg, the language byte, UTF-8 nor GB18030 fits",
        where=where,
        code="sites.encoding",
        hint_zh="请在 zip 中附上正确的 .cpg 文件",
        hint_en="add a correct .cpg file to the zip",
    )


def decode_value(raw: bytes, encoding: str) -> str:
    """Return a value as text; a character cut in half at the end, where the field was full, is left out.

    Raises
    ------
    UnicodeDecodeError
        If the bytes are not of that encoding.
    """
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        if len(raw) - error.start > _PARTIAL or error.start == 0:
            raise
        return raw[: error.start].decode(encoding)


def _fits(samples: tuple[bytes, ...], encoding: str) -> bool:
    try:
        for sample in samples:
            decode_value(sample, encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_weak(encoding: str | None) -> bool:
    return (
        encoding is not None
        and _SINGLE_BYTE.search(codecs.lookup(encoding).name.replace("-", "")) is not None
    )


def _read_cpg(path: Path | None) -> str | None:
    if path is None:
        return None
    with path.open("rb") as file:
        name = file.read(64).decode("ascii", errors="replace").strip().lower()
    name = re.sub(r"^(?:ansi|windows|oem|cp)?[ _-]?(?=\d{3,5}$)", "cp", name)
    name = {"cp65001": "utf-8", "cp54936": "gb18030"}.get(name, re.sub(r"^cp(8859\d{1,2})$", r"iso\1", name))
    name = re.sub(r"^iso8859(\d{1,2})$", r"iso8859-\1", name)
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return _CODEC_NAMES.get(codec, codec)


def _read_language_byte(path: Path | None) -> str | None:
    if path is None:
        return None
    with path.open("rb") as file:
        head = file.read(_LANGUAGE_OFFSET + 1)
    return _LANGUAGE_BYTES.get(head[_LANGUAGE_OFFSET]) if len(head) > _LANGUAGE_OFFSET else None
