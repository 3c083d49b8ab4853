"""Bytes of a text file to characters, strictly, and which encoding it was."""

from __future__ import annotations

import codecs

from gis.errors import SiteError

_UTF8_SHARE = 0.9
"""Above this share of valid multi-byte sequences a text is UTF-8 with damage, not another encoding."""


def decode_text(content: bytes, where: str) -> tuple[str, str]:
    """Return the text and the name of its encoding: UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030.

    Raises
    ------
    SiteError
        If no encoding fits strictly; or if the text is UTF-8 but for a damaged byte, which is named.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates: tuple[str, ...] = ("utf-16",)
    else:
        candidates = ("utf-8-sig", "gb18030")
    for encoding in candidates:
        try:
            return content.decode(encoding), encoding.removesuffix("-sig").upper()
        except UnicodeDecodeError as error:
            if encoding == "utf-8-sig" and is_mostly_utf8(content):
                raise _damaged(content, error, where) from error
    raise SiteError(
        "文字编码既不是 UTF-8、UTF-16 也不是 GB18030",
        "the text is neither UTF-8, UTF-16 nor GB18030",
        where=where,
        code="sites.encoding",
        hint_zh="请另存为 UTF-8",
        hint_en="save the file as UTF-8",
    )


def is_mostly_utf8(content: bytes) -> bool:
    """Return whether over nine tenths of the multi-byte sequences are valid UTF-8, or it begins with its BOM.

    Text in GB18030 read as UTF-8 has nearly none: its lead bytes are seldom followed by the right number of
    continuation bytes.
    """
    if content.startswith(codecs.BOM_UTF8):
        return True
    text = content.decode("utf-8", errors="replace")
    bad = text.count("\N{REPLACEMENT CHARACTER}")
    good = sum(not character.isascii() for character in text) - bad
    return good > _UTF8_SHARE * (good + bad)


def _damaged(content: bytes, error: UnicodeDecodeError, where: str) -> SiteError:
    offset = error.start + (len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0)
    line = content[:offset].count(b"\n") + 1
    return SiteError(
        f"文件是 UTF-8，但第 {offset} 个字节（第 {line} 行）损坏：0x{content[offset]:02x}",
        f"the file is UTF-8 but byte {offset} (line {line}) is damaged: 0x{content[offset]:02x}",
        where=f"{where}, line {line}",
        code="sites.encoding",
        hint_zh="请重新导出该文件；不按其他编码猜测，以免乱码",
        hint_en="export the file again; no other encoding is tried, so that no wrong characters come in",
    )
