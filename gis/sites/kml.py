"""KML and KMZ: placemarks only, streamed; nothing a file points to is fetched, no entity is expanded."""

from __future__ import annotations

import io
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from gis.errors import SiteError, SiteFormatError, SiteTooLargeError
from gis.model import Note, Text
from gis.sites.archive import open_archive
from gis.sites.attributes import as_properties
from gis.sites.numerals import parse_number
from gis.sites.raw import RawFeature, RawFile, RawTable
from gis.sites.shapes import ShapeBuilder, bad_vertex
from gis.sites.text import decode_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from gis.sites.raw import Limits, SiteSource

_CRS = "EPSG:4326"
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*?\?>")
_ENCODING = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_DEPTH = 100
_LINKS = frozenset(("NetworkLink", "GroundOverlay", "PhotoOverlay", "ScreenOverlay", "Model"))
_SIMPLE = frozenset(("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack"))
_NULL = Note("geometry_null", Text("没有几何（null）", "no geometry (null)"))


def looks_like_kml(text: str) -> bool:
    """Return whether the first element of a text is ``kml``."""
    return (
        re.match(
            r"(?:<\?[^>]*\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\])?\s*>|\s)*<(?:\w+:)?kml[\s>/]",
            text,
            re.DOTALL,
        )
        is not None
    )


def read_kml(source: SiteSource, limits: Limits) -> RawFile:
    """Read the placemarks of a KML file; coordinates are WGS 84 longitude, latitude by its standard.

    Raises
    ------
    SiteError
        If it is no well-formed XML, holds a document type or entities, or a coordinate is unusable.
    SiteTooLargeError
        If it is past a limit.
    """
    return _read_document(source.content, source.name, limits, "KML")


def read_kmz(source: SiteSource, limits: Limits) -> RawFile:
    """Read the main document of a KMZ: ``doc.kml``, or the first ``.kml`` by name.

    Raises
    ------
    SiteFormatError
        If it holds no ``.kml``, another archive, or a virtual data set.
    SiteError, SiteTooLargeError
        As :func:`read_kml`, and for a zip that is broken or past a limit.
    """
    archive = open_archive(source, limits)
    names = sorted(name for name in archive.entries if PurePosixPath(name).suffix.lower() == ".kml")
    if not names:
        raise SiteFormatError("KMZ 里没有 .kml 文件", "the KMZ holds no .kml file", where=source.name)
    main = "doc.kml" if "doc.kml" in names else names[0]
    if archive.entries[main].file_size > limits.file_bytes:
        raise SiteTooLargeError(
            f"KMZ 里的 {main} 大于 {limits.file_bytes} 字节",
            f"{main} of the KMZ is larger than {limits.file_bytes} bytes",
            where=source.name,
        )
    raw = _read_document(b"".join(archive.iterate(main)), f"{source.name}: {main}", limits, "KMZ")
    others = len(names) - 1
    note = Text(f"另有 {others} 个 .kml 未读取，只读 {main}", f"{others} more .kml not read, only {main}")
    return RawFile(raw.format, raw.tables, raw.encoding, (*raw.notes, note) if others else raw.notes)


def _read_document(content: bytes, where: str, limits: Limits, name: str) -> RawFile:
    text, encoding = _decode(content, where)
    builder = ShapeBuilder(where, limits)
    features: list[RawFeature] = []
    ignored: dict[str, int] = {}
    for element in _walk_elements(text, where):
        tag = _tag(element)
        if tag != "Placemark":
            ignored[tag] = ignored.get(tag, 0) + 1
            continue
        if len(features) >= limits.features:
            raise SiteTooLargeError(
                f"多于 {limits.features} 个要素", f"more than {limits.features} features", where=where
            )
        features.append(_read_placemark(element, len(features), builder, where))
    notes = tuple(
        Text(f"{count} 个 {tag} 已忽略，未访问其链接", f"{count} {tag} ignored; nothing was fetched")
        for tag, count in sorted(ignored.items())
    )
    return RawFile(name, (RawTable(_CRS, tuple(features)),), encoding=encoding, notes=notes)


def _decode(content: bytes, where: str) -> tuple[str, str]:
    """Return the text without its declaration: the parser is given characters, not an encoding's name."""
    declared = _ENCODING.match(content[:200])
    codec = declared[1].decode().lower() if declared else ""
    if re.fullmatch(r"iso-8859-\d+|windows-125\d|big5|shift_jis", codec):
        try:
            return _DECLARATION.sub("", content.decode(codec), count=1), codec.upper()
        except (UnicodeDecodeError, LookupError):
            pass
    text, encoding = decode_text(content, where)
    return _DECLARATION.sub("", text, count=1), encoding


def _walk_elements(text: str, where: str) -> Iterator[Element]:
    """Yield placemarks and what is ignored, each dropped from memory once it was looked at."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    stack: list[Element] = []
    try:
        for event, element in iterparse(
            io.BytesIO(text.encode("utf-8", errors="replace")), events=("start", "end"), forbid_dtd=True
        ):
            if event == "start":
                stack.append(element)
                if len(stack) > _DEPTH:
                    raise _bad_xml(
                        f"元素嵌套超过 {_DEPTH} 层", f"elements nested more than {_DEPTH} deep", where
                    )
                continue
            stack.pop()
            inside = any(_tag(parent) == "Placemark" for parent in stack)
            if inside:
                continue
            if _tag(element) == "Placemark" or _tag(element) in _LINKS:
                yield element
            if stack:
                stack[-1].remove(element)
    except DefusedXmlException as error:
        raise _bad_xml(
            "含有 DOCTYPE 或实体声明，未读取", "it holds a document type or entities; it was not read", where
        ) from error
    except ParseError as error:
        raise _bad_xml(f"不是正确的 XML：{error}", f"not well-formed XML: {error}", where) from error


def _read_placemark(element: Element, index: int, builder: ShapeBuilder, where: str) -> RawFeature:
    properties = as_properties(_read_attributes(element), builder.limits, f"{where}, feature {index}")
    shapes = [child for child in element if _tag(child) in _SIMPLE]
    if not shapes:
        unknown = any(_tag(child) == "Model" for child in element)
        text = Text("三维模型不是用地范围", "a 3D model is no site")
        return RawFeature(index, None, properties, problem=Note("unsupported", text) if unknown else _NULL)
    geometries = [
        geometry
        for shape in shapes
        for geometry in _list_geometries(shape, where, index, builder.limits.depth)
    ]
    whole = (
        geometries[0] if len(geometries) == 1 else {"type": "GeometryCollection", "geometries": geometries}
    )
    if not geometries:
        return RawFeature(index, None, properties, problem=_NULL)
    shape, problem, repairs = builder.build(whole, index)
    return RawFeature(index, shape, properties, problem=problem, repairs=repairs)


def _read_attributes(element: Element) -> dict[str, Any]:
    """Return name, description and ExtendedData of a placemark, values as text."""
    found: dict[str, Any] = {}
    for child in element:
        if _tag(child) in {"name", "description", "address"} and (child.text or "").strip():
            found[_tag(child)] = (child.text or "").strip()
        elif _tag(child) == "ExtendedData":
            for item in child.iter():
                name = item.get("name")
                if _tag(item) == "Data" and name:
                    found.setdefault(name, "".join(v.text or "" for v in item if _tag(v) == "value"))
                elif _tag(item) == "SimpleData" and name:
                    found.setdefault(name, item.text or "")
    return found


def _list_geometries(element: Element, where: str, index: int, depth: int) -> list[dict[str, Any]]:
    """Return a KML geometry as GeoJSON objects."""
    tag = _tag(element)
    if tag in {"MultiGeometry", "MultiTrack"}:
        if depth <= 0:
            raise SiteTooLargeError(
                "MultiGeometry 嵌套过深", "MultiGeometry nested too deeply", where=f"{where}, feature {index}"
            )
        return [
            part
            for child in element
            if _tag(child) in _SIMPLE
            for part in _list_geometries(child, where, index, depth - 1)
        ]
    if tag == "Polygon":
        rings = [
            _read_ring(child, where, index)
            for side in ("outerBoundaryIs", "innerBoundaryIs")
            for child in element
            if _tag(child) == side
        ]
        return [{"type": "Polygon", "coordinates": rings}]
    if tag == "Track":
        texts = [child.text or "" for child in element if _tag(child) == "coord"]
        return [{"type": "LineString", "coordinates": _read_tuples(texts, None, where, index)}]
    positions = _read_coordinates(element, where, index)
    if tag == "Point":
        return [{"type": "Point", "coordinates": positions[0] if positions else []}]
    if tag == "LinearRing":
        return [{"type": "Polygon", "coordinates": [positions]}]
    return [{"type": "LineString", "coordinates": positions}]


def _read_ring(boundary: Element, where: str, index: int) -> list[list[float]]:
    rings = [child for child in boundary if _tag(child) == "LinearRing"]
    return _read_coordinates(rings[0], where, index) if rings else []


def _read_coordinates(element: Element, where: str, index: int) -> list[list[float]]:
    text = " ".join(child.text or "" for child in element if _tag(child) == "coordinates")
    return _read_tuples(re.sub(r"\s*,\s*", ",", text).split(), ",", where, index)


def _read_tuples(texts: list[str], separator: str | None, where: str, index: int) -> list[list[float]]:
    positions = []
    for vertex, text in enumerate(texts):
        values = [parse_number(part) for part in text.strip(",").split(separator)[:2]]
        if len(values) < 2 or values[0] is None or values[1] is None:
            raise bad_vertex(where, index, vertex, text)
        positions.append([values[0], values[1]])
    return positions


def _tag(element: Element) -> str:
    """Return the name of an element without its namespace; KML is written under several."""
    return str(element.tag).rpartition("}")[2]


def _bad_xml(zh: str, en: str, where: str) -> SiteError:
    return SiteError(
        zh,
        en,
        where=where,
        code="sites.xml",
        hint_zh="请用 GIS 软件重新导出 KML",
        hint_en="export the KML again from a GIS",
    )
