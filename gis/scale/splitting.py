"""A GeoJSON FeatureCollection of any size, split into the texts of its features, never parsed whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gis.errors import SiteError, SiteFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK = 1 << 20
HEAD_BYTES = 1 << 16
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*("?)|[{}\]]', re.DOTALL)
"""A text, whole or cut off by the end of the block; an object's beginning and end; the end of a list."""

FEATURES = re.compile(rb'"features"\s*:\s*\[')


def read_head(path: Path) -> str | None:
    """Return the system named before the features, the old ``crs`` member; None where there is none.

    Raises
    ------
    SiteFormatError
        If the file does not begin as a FeatureCollection.
    """
    from pydantic_core import from_json

    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    begin = FEATURES.search(head)
    if begin is None or not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        raise SiteFormatError(
            f"{path.name} 的开头不是 GeoJSON FeatureCollection",
            f"{path.name} does not begin as a GeoJSON FeatureCollection",
            where=path.name,
            hint_zh="每行一个要素的文件请用 .geojsonl 结尾",
            hint_en="a file of one feature a line should end in .geojsonl",
        )
    try:
        table: Any = from_json(head[: begin.end()].lstrip(b"\xef\xbb\xbf") + b"]}")
        name = table.get("crs", {})["properties"]["name"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return name if isinstance(name, str) else None


def split_features(path: Path) -> Iterator[bytes]:
    """Yield the text of each feature of a FeatureCollection, in the order of the file.

    Raises
    ------
    SiteError
        If the file ends in the middle.
    """
    with path.open("rb") as file:
        text = file.read(HEAD_BYTES)
        begin = FEATURES.search(text)
        position = len(text) if begin is None else begin.end()
        while True:
            found, rest, ended = _take(text, position)
            yield from found
            if ended:
                return
            more = file.read(max(BLOCK, len(text) - rest))
            if not more:
                raise SiteError(
                    f"{path.name} 不完整：要素列表没有结尾",
                    f"{path.name} is cut off: the list of features does not end",
                    where=path.name,
                    hint_zh="请重新导出",
                    hint_en="export it again",
                    code="sites.geojson",
                )
            text, position = text[rest:] + more, 0


def _take(text: bytes, position: int) -> tuple[list[bytes], int, bool]:
    """Return the whole features from `position` on, where the rest begins, and whether the list has ended."""
    found: list[bytes] = []
    depth, start = 0, position
    for token in TOKEN.finditer(text, position):
        mark = token.group()
        if mark == b"{":
            if depth == 0:
                start = token.start()
            depth += 1
        elif mark == b"}":
            depth -= 1
            if depth == 0:
                found.append(text[start : token.end()])
                start = token.end()
        elif mark == b"]":
            if depth == 0:
                return found, start, True
        elif not token.group(1):
            break
    return found, start, False
