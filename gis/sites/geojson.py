"""GeoJSON (RFC 7946, with the ``crs`` member of 2008) to raw features, parsed here and not by GDAL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gis.errors import CrsError, SiteError, SiteTooLargeError
from gis.model import Note, Text
from gis.sites.attributes import as_properties
from gis.sites.raw import RawFeature, RawFile, RawTable
from gis.sites.shapes import ShapeBuilder
from gis.sites.system import parse_code
from gis.sites.text import decode_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.sites.raw import Limits, SiteSource

_GEOMETRIES = frozenset(
    ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
)


def read_geojson(source: SiteSource, limits: Limits) -> RawFile:
    """Read a FeatureCollection, a Feature or a bare geometry.

    Raises
    ------
    SiteError
        If the text is no JSON, repeats a member, is no GeoJSON, or a coordinate is not a usable number;
        the message names feature and vertex.
    SiteTooLargeError
        If there are more features, vertices, attributes or levels than the limits allow.
    CrsError
        If a ``crs`` member of type ``name`` cannot be understood.
    """
    text, encoding = decode_text(source.content, source.name)
    document = _parse(text, source.name)
    members = _features_of(document, source.name)
    if len(members) > limits.features:
        raise SiteTooLargeError(
            f"{len(members)} 个要素，多于上限 {limits.features}",
            f"{len(members)} features, more than the limit of {limits.features}",
            where=source.name,
            hint_zh="请分成几个文件提交",
            hint_en="split the file",
        )
    crs, notes = _read_crs_member(document, source.name)
    builder = ShapeBuilder(source.name, limits)
    features = tuple(
        _read_feature(index, member, builder, source.name) for index, member in enumerate(members)
    )
    return RawFile("GeoJSON", (RawTable(crs, features, wgs84_by_rule=True),), encoding=encoding, notes=notes)


def _parse(text: str, where: str) -> Mapping[str, Any]:
    """Return the top object: first a parser that limits depth, then a look for repeated members."""
    from pydantic_core import from_json

    try:
        document = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise SiteError(
            f"不是正确的 JSON：{error}",
            f"not valid JSON: {error}",
            where=where,
            code="sites.json",
            hint_zh="NaN、Infinity 和过深的嵌套都不允许；请重新导出文件",
            hint_en="NaN, Infinity and very deep nesting are not allowed; export the file again",
        ) from error
    if not isinstance(document, dict):
        raise _refusal("GeoJSON 的最外层应是一个对象", "the top of a GeoJSON file must be an object", where)

    def refuse_repeats(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            again = next(name for i, name in enumerate(names) if name in names[:i])
            raise _refusal(
                f"同一对象内成员“{again[:40]}”重复", f"member “{again[:40]}” is repeated in one object", where
            )

    json.loads(text, object_pairs_hook=refuse_repeats)
    return document


def _features_of(document: Mapping[str, Any], where: str) -> list[Any]:
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list):
            raise _refusal(
                "FeatureCollection 缺少 features 数组", "the FeatureCollection has no features array", where
            )
        return features
    if kind == "Feature":
        return [{name: value for name, value in document.items() if name != "crs"}]
    if isinstance(kind, str) and kind in _GEOMETRIES:
        bare = {name: value for name, value in document.items() if name != "crs"}
        return [{"type": "Feature", "properties": None, "geometry": bare}]
    raise _refusal(
        "最外层的 type 应为 FeatureCollection、Feature 或几何类型",
        "the top-level type must be FeatureCollection, Feature or a geometry type",
        where,
    )


def _read_crs_member(document: Mapping[str, Any], where: str) -> tuple[str | None, tuple[Text, ...]]:
    """Return the EPSG code of a 2008-style ``crs`` member, and a note when it is not followed."""
    member = document.get("crs")
    if member is None:
        return None, ()
    kind = member.get("type") if isinstance(member, dict) else None
    properties = member.get("properties") if isinstance(member, dict) else None
    if kind == "link":
        return None, (
            Text(
                "crs 是外部链接，未读取，按无坐标系处理",
                "crs is an outside link: not fetched, treated as absent",
            ),
        )
    if kind in {"name", "EPSG"} and isinstance(properties, dict):
        name = properties.get("name") if kind == "name" else f"EPSG:{properties.get('code')}"
        code = parse_code(name) if isinstance(name, str) else None
        if code is not None:
            return code, ()
    raise CrsError(
        f"无法识别 crs 成员：{json.dumps(member, ensure_ascii=False)[:120]}",
        f"the crs member cannot be understood: {json.dumps(member)[:120]}",
        where=where,
        code="crs.unknown",
        hint_zh="应为 EPSG:4490、EPSG:4326、CRS84 或 EPSG:4548–4550、4527–4529；或删去 crs 并用 --crs 指明",
        hint_en="expected EPSG:4490, EPSG:4326, CRS84 or 4548–4550, 4527–4529; or drop crs and use --crs",
    )


def _read_feature(index: int, member: Any, builder: ShapeBuilder, where: str) -> RawFeature:
    spot = f"{where}, feature {index}"
    if not isinstance(member, dict) or member.get("type") != "Feature":
        raise _refusal(f"要素 {index} 的 type 不是 Feature", f"feature {index} is not of type Feature", spot)
    if "crs" in member:
        raise _refusal(f"要素 {index} 自带 crs", f"feature {index} has a crs of its own", spot)
    properties = member.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise _refusal(
            f"要素 {index} 的 properties 应为对象或 null",
            f"properties of feature {index} must be an object or null",
            spot,
        )
    kept = as_properties(properties or {}, builder.limits, spot)
    geometry = member.get("geometry")
    if geometry is None:
        problem = Note("geometry_null", Text("没有几何（null）", "no geometry (null)"))
        return RawFeature(index, None, kept, problem=problem)
    shape, problem_or_none, repairs = builder.build(geometry, index)
    return RawFeature(index, shape, kept, problem=problem_or_none, repairs=repairs)


def _refusal(zh: str, en: str, where: str) -> SiteError:
    return SiteError(
        zh,
        en,
        where=where,
        code="sites.geojson",
        hint_zh="文件应符合 RFC 7946；可用 GIS 软件重新导出",
        hint_en="the file must follow RFC 7946; export it again from a GIS",
    )
