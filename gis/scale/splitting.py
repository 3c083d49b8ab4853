"""A GeoJSON FeatureCollection of any size, split into the texts of its features, never parsed whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.errors import SiteError, SiteFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK = 1 << 20
HEAD_BYTES = 1 << 16
QUOTE, BACKSLASH, OPEN, CLOSE = b'"\\{}'
MARKS = np.isin(np.arange(256), [QUOTE, BACKSLASH, OPEN, CLOSE])
"""The bytes that tell texts and objects apart. UTF-8 has them nowhere else."""

END = re.compile(rb'(?:[^"{}\]]|"[^"\\]*(?:\\.[^"\\]*)*")*\]', re.DOTALL)
"""The end of the list, looked for between features alone: coordinates are full of brackets."""

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
    if END.match(text, position):
        return found, position, True
    for start, end in _find_objects(text, position):
        found.append(text[start:end])
        position = end
        if END.match(text, end):
            return found, end, True
    return found, position, False


def _find_objects(text: bytes, position: int) -> list[tuple[int, int]]:
    """Return where the outermost objects begin and end, those that are whole; `position` is in none."""
    content = np.frombuffer(text, dtype=np.uint8, offset=position)
    place = np.flatnonzero(MARKS[content])
    mark = content[place]
    slashes = place[mark == BACKSLASH]
    if len(slashes):
        number = np.arange(len(slashes))
        begins = np.maximum.accumulate(np.where(np.diff(slashes, prepend=-2) > 1, number, 0))
        escaped = slashes[(number - begins) % 2 == 0] + 1
        plain = ~np.isin(place, escaped)
        place, mark = place[plain], mark[plain]
    inside = np.cumsum(mark == QUOTE) % 2 == 1
    step = np.where(inside, 0, (mark == OPEN).astype(np.int64) - (mark == CLOSE))
    depth = np.cumsum(step)
    begin = place[(step == 1) & (depth == 1)] + position
    end = place[(step == -1) & (depth == 0)] + position + 1
    return list(zip(begin.tolist(), end.tolist(), strict=False))
