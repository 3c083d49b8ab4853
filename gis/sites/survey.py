"""勘测定界 TXT: the text exchange format of surveyed parcels, in the variants offices write.

``[属性描述]`` lines ``key=value``, then ``[地块坐标]``: a line ending in ``@`` opens a parcel, lines
``point,ring,X,Y`` follow; X is northing, Y easting. Punctuation may be full-width, the encoding any, the ring
number a hole or another part, the ring closed or not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gis.errors import SiteError, SiteTooLargeError
from gis.model import Text
from gis.sites.numerals import parse_angle, parse_number, tidy_text
from gis.sites.parcels import Parcel, Vertex, make_feature
from gis.sites.raw import RawFile, RawTable
from gis.sites.shapes import ShapeBuilder
from gis.sites.text import decode_text
from gis.sites.wording import Wording, describe_contradiction, is_refused_datum, list_systems

if TYPE_CHECKING:
    from gis.sites.raw import Limits, RawFeature, SiteSource

_SECTION = re.compile(r"[\[【〔「]\s*(属性描述|地块坐标)\s*[\]】〕」]")
_PARCEL_FIELDS = ("点数", "面积", "地块编号", "地块名称", "图形属性", "图幅号", "地块用途", "地类编码")
_NORMAL_FIELDS = (8, 13)
_HEAD_CHARACTERS = 65_536
_FORMAT = "勘测定界 TXT"
_KINDS = {"点": "point", "线": "line"}


@dataclass(slots=True)
class _Reading:
    """The parcels found so far, and what the head says."""

    head: dict[str, str] = field(default_factory=dict)
    parcels: list[Parcel] = field(default_factory=list)
    odd_fields: list[int] = field(default_factory=list)
    vertices: int = 0


def looks_like_survey(text: str) -> bool:
    """Return whether text has a section head of this format, or lines that open a parcel."""
    plain = tidy_text(text[:_HEAD_CHARACTERS])
    return _SECTION.search(plain) is not None or any(
        line.rstrip().endswith("@") and line.count(",") >= 4 for line in plain.splitlines()
    )


def read_survey(source: SiteSource, limits: Limits) -> RawFile:
    """Read the parcels of a 勘测定界 text file.

    Raises
    ------
    SiteError
        Naming the line, if a point is no pair of usable coordinates or lies before the first parcel.
    SiteTooLargeError
        If it is past a limit.
    """
    text, encoding = decode_text(source.content, source.name)
    reading = _read_lines(text, source.name, limits)
    wording = read_head(reading.head)
    builder = ShapeBuilder(source.name, limits)
    tables: dict[str | None, list[RawFeature]] = {}
    for index, parcel in enumerate(reading.parcels):
        points = parcel.coordinates()
        crs, contradicts = list_systems(points, wording) if len(points) else (None, False)
        warnings = (describe_contradiction(wording),) if contradicts else ()
        tables.setdefault(crs, []).append(make_feature(index, parcel, builder, warnings=warnings))
    notes = _note_fields(reading.odd_fields)
    return RawFile(
        _FORMAT,
        tuple(RawTable(crs, tuple(rows)) for crs, rows in tables.items()),
        encoding=encoding,
        notes=notes,
    )


def read_head(head: dict[str, str]) -> Wording:
    """Return what the ``[属性描述]`` lines say of the coordinates."""
    system = head.get("坐标系", "")
    width = parse_number(re.sub(r"[^\d.]", "", head.get("几度分带", head.get("分带", ""))) or None)
    zone = parse_number(re.sub(r"\D", "", head.get("带号", "")) or None)
    meridian = next((parse_angle(value) for name, value in head.items() if "中央" in name), None)
    return Wording(
        refused=system[:40] if is_refused_datum(system) else None,
        width_deg=int(width) if width in {3.0, 6.0} else None,
        zone=int(zone) if zone is not None and 13 <= zone <= 45 else None,
        meridian_deg=meridian,
    )


def _read_lines(text: str, where: str, limits: Limits) -> _Reading:
    reading = _Reading()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = tidy_text(raw).replace("、", ",").replace(";", ",")
        if not line or _SECTION.search(line):
            continue
        if "@" in line:
            _open_parcel(reading, line, number, limits, where)
        elif "=" in line and not reading.parcels:
            name, _, value = line.partition("=")
            reading.head[name.strip()] = value.strip(" ,")
        else:
            _add_point(reading, line, number, limits, where)
    return reading


def _open_parcel(reading: _Reading, line: str, number: int, limits: Limits, where: str) -> None:
    if len(reading.parcels) >= limits.features:
        raise SiteTooLargeError(
            f"地块多于上限 {limits.features}",
            f"more than {limits.features} parcels",
            where=f"{where}, line {number}",
        )
    fields = [part.strip() for part in line[: line.index("@")].rstrip(", ").split(",")]
    if not _NORMAL_FIELDS[0] <= line.count(",") <= _NORMAL_FIELDS[1]:
        reading.odd_fields.append(number)
    properties: dict[str, Any] = {
        name: value
        for name, value in zip(_PARCEL_FIELDS, fields, strict=False)
        if value and name != "图形属性"
    }
    properties |= {f"字段{place}": value for place, value in enumerate(fields[8:], start=9) if value}
    count = parse_number(properties.pop("点数", None))
    hectares = parse_number(properties.get("面积"))
    if hectares is not None:
        properties["面积"] = hectares
    kind = _KINDS.get(fields[4]) if len(fields) > 4 else None
    reading.parcels.append(
        Parcel(
            properties=properties,
            kind=kind or "polygon",
            stated_count=None if count is None else int(count),
            stated_hectares=hectares or None,
        )
    )


def _add_point(reading: _Reading, line: str, number: int, limits: Limits, where: str) -> None:
    fields = [part.strip() for part in (line.split(",") if "," in line else line.split())]
    while fields and not fields[-1]:
        fields.pop()
    if not reading.parcels:
        raise _bad_line(
            where, number, line, "第一个地块行（以 @ 结尾）之前有坐标", "a point before the first parcel line"
        )
    if len(fields) < 3:
        raise _bad_line(where, number, line, "应为“点号,圈号,X,Y”", "expected “point,ring,X,Y”")
    ring, first, second = (
        (fields[1], fields[2], fields[3]) if len(fields) > 3 else ("1", fields[1], fields[2])
    )
    north, east = parse_angle(first), parse_angle(second)
    if north is None or east is None:
        raise _bad_line(where, number, line, "坐标不是数", "the coordinates are no numbers")
    if not fits_an_order(north, east):
        raise _bad_line(
            where,
            number,
            line,
            "坐标不合任何顺序：应为 X（7 位）、Y（6 位，或带号加 6 位），或经纬度",
            "the coordinates fit neither order: X has 7 digits, Y 6 or zone and 6; or degrees",
        )
    reading.vertices += 1
    if reading.vertices > limits.vertices:
        raise SiteTooLargeError(
            f"点多于上限 {limits.vertices}",
            f"more than {limits.vertices} points",
            where=f"{where}, line {number}",
        )
    reading.parcels[-1].vertices.append(Vertex(east=east, north=north, ring=ring, name=fields[0]))


def fits_an_order(one: float, other: float) -> bool:
    """Return whether two numbers can be northing and easting, or latitude and longitude, in either order."""
    return any(
        (1e6 <= north < 6e6 and (1e5 <= east < 9e5 or 13e6 <= east < 46e6))
        or (0 < north < 60 and 70 < east < 140)
        for north, east in ((one, other), (other, one))
    )


def _bad_line(where: str, number: int, line: str, zh: str, en: str) -> SiteError:
    return SiteError(
        f"第 {number} 行：{zh}：{line[:60]}",
        f"line {number}: {en}: {line[:60]}",
        where=f"{where}, line {number}",
        code="sites.coordinates",
        hint_zh="请改正该行后重新提交",
        hint_en="correct the line and submit again",
    )


def _note_fields(lines: list[int]) -> tuple[Text, ...]:
    if not lines:
        return ()
    shown = ", ".join(str(number) for number in lines[:10])
    return (
        Text(
            f"地块行的字段数不是 8–13 个（第 {shown} 行），按前面的字段读取",
            f"parcel lines without 8–13 fields (line {shown}); read by the leading fields",
        ),
    )


__all__ = ["fits_an_order", "looks_like_survey", "read_head", "read_survey"]
