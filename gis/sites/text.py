"""Bytes of a text file to characters, strictly, and which encoding it was."""

from __future__ import annotations

import codecs

from gis.errors import SiteError


def decode_text(content: bytes, where: str) -> tuple[str, str]:
    """Return the text and the name of its encoding: UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030.

    Raises
    ------
    SiteError
        If no encoding fits strictly.
    """
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    candidates = ("utf-16",) if is_utf16 else ("utf-8-sig", "gb18030")
    for encoding in candidates:
        try:
            return content.decode(encoding), encoding.removesuffix("-sig").upper()
        except UnicodeDecodeError:
            continue
    raise SiteError(
        "文字编码既不是 UTF-8、UTF-16 也不是 GB18030",
        "the text is neither UTF-8, UTF-16 nor GB18030",
        where=where,
        code="sites.encoding",
        hint_zh="请另存为 UTF-8",
        hint_en="save the file as UTF-8",
    )
