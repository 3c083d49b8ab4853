"""ASCII DXF drawings: outlines, hatches, lines, points of the model space; blocks counted, then exploded."""

from __future__ import annotations

import io
import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.errors import SiteError, SiteFormatError, SiteTooLargeError
from gis.model import Note, Text
from gis.sites.attributes import as_properties
from gis.sites.raw import RawFeature, RawFile, RawTable
from gis.sites.rings import nest_rings
from gis.sites.shapes import ShapeBuilder
from gis.sites.text import decode_text, is_mostly_utf8

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ezdxf.document import Drawing
    from ezdxf.entities.dxfentity import DXFEntity
    from ezdxf.entities.insert import Insert

    from gis.sites.raw import Limits, SiteSource

_HEAD = re.compile(r"\A\s*(?:999[^\n]*\n[^\n]*\n\s*)*0\s*\n\s*SECTION\s*\n")
_BINARY = b"AutoCAD Binary DXF\r\n\x1a\x00"
_CURVES = frozenset(("LWPOLYLINE", "POLYLINE", "CIRCLE", "ELLIPSE", "SPLINE", "ARC", "LINE"))
_DEPTH = 16
_SAG_M, _SAG_DEG, _SAG_SHARE = 0.001, 1e-8, 1e-6
"""How far a curve may lie off its chords, in metres or degrees, and as a share of its size."""
_LARGEST = 1e8
_SEGMENTS = 32
"""Bézier curves of an arc: one a quarter turn would be off by 3e-4 of the radius, so many by 1e-8."""
_SILENT = logging.NullHandler()
_END = b"EOF"
_TAIL_BYTES = 2_000
_UNREADABLE = Note("unsupported", Text("该实体的几何无法读取", "the geometry of this entity cannot be read"))


@dataclass(slots=True)
class _Counts:
    """Entities under each block once everything in it is exploded, and the entities left out by type."""

    blocks: dict[str, int] = field(default_factory=dict)
    ignored: dict[str, int] = field(default_factory=dict)


def looks_like_dxf(content: bytes) -> bool:
    """Return whether bytes begin like a DXF file, as text or binary."""
    return (
        content.startswith(_BINARY)
        or _HEAD.match(content[:4096].decode("latin-1").removeprefix("ï»¿")) is not None
    )


def read_dxf(source: SiteSource, limits: Limits) -> RawFile:
    """Read a drawing. It names no coordinate system: metres without a zone prefix need ``--crs``.

    Closed outlines, circles and hatches become areas, open ones lines; the layer's name is kept as ``layer``.

    Raises
    ------
    SiteError
        If it is broken, or blocks contain each other.
    SiteTooLargeError
        If it is past a limit; blocks are counted before they are exploded.
    """
    drawing, encoding = _load(source)
    counts = _Counts()
    model = list(drawing.modelspace())
    total = sum(_count_entity(entity, drawing, counts, (), source.name) for entity in model)
    if total > limits.features:
        raise SiteTooLargeError(
            f"图块展开后有 {total} 个实体，多于上限 {limits.features}",
            f"{total} entities once blocks are exploded, more than the limit of {limits.features}",
            where=source.name,
            hint_zh="请只导出用地范围所在的图层",
            hint_en="export only the layer with the site outlines",
        )
    builder = ShapeBuilder(source.name, limits)
    features: list[RawFeature] = []
    for entity, attributes in _explode(model, {}, 0):
        if entity.dxftype() in _CURVES or entity.dxftype() in {"HATCH", "MPOLYGON", "POINT"}:
            features.append(_read_entity(entity, attributes, len(features), builder, source.name))
        else:
            counts.ignored[entity.dxftype()] = counts.ignored.get(entity.dxftype(), 0) + 1
    notes = tuple(
        Text(f"{count} 个 {kind} 不是范围线，未读取", f"{count} {kind} are no outlines; not read")
        for kind, count in sorted(counts.ignored.items())
    )
    return RawFile("DXF", (RawTable(None, tuple(features)),), encoding=encoding, notes=notes)


def _load(source: SiteSource) -> tuple[Drawing, str]:
    if source.content.startswith(_BINARY):
        raise SiteFormatError(
            "二进制 DXF 不支持",
            "binary DXF is not supported",
            where=source.name,
            hint_zh="请另存为 ASCII（文本）DXF",
            hint_en="save it as ASCII DXF",
        )
    if _END not in source.content[-_TAIL_BYTES:]:
        raise SiteError(
            "DXF 不完整：缺少文件尾 EOF",
            "the drawing is cut off: its last line, EOF, is missing",
            where=source.name,
            code="sites.broken",
            hint_zh="请重新导出或重新传送",
            hint_en="export or send it again",
        )
    text, encoding = _decode(source)
    return _load_strictly(text, source.name), encoding


def _decode(source: SiteSource) -> tuple[str, str]:
    """Return the text of a drawing; neither UTF-8 nor GB18030: figures kept, words by bytes."""
    try:
        return decode_text(source.content, source.name)
    except SiteError:
        if is_mostly_utf8(source.content):
            raise
        return source.content.decode("latin-1"), "ISO-8859-1"


def _load_strictly(text: str, where: str) -> Drawing:
    """Return the drawing; never in ezdxf's recovery mode, which silently alters damaged numbers."""
    from ezdxf.filemanagement import read
    from ezdxf.lldxf.const import DXFError

    logging.getLogger("ezdxf").addHandler(_SILENT)
    try:
        return read(io.StringIO(text))
    except (
        DXFError,
        OSError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as error:  # what ezdxf raises on drawings that are bent
        raise SiteError(
            f"DXF 无法读取：{error}",
            f"the drawing cannot be read: {error}",
            where=where,
            code="sites.broken",
            hint_zh="请用 CAD 软件另存为 DXF（R2000 或更新）",
            hint_en="save it as DXF (R2000 or newer) from a CAD program",
        ) from error


def _count_entity(
    entity: DXFEntity, drawing: Drawing, counts: _Counts, path: tuple[str, ...], where: str
) -> int:
    """Return how many entities one stands for; an insert counts itself and all it brings."""
    if entity.dxftype() != "INSERT":
        return 1
    name = str(entity.dxf.name).lower()
    if name in path or len(path) >= _DEPTH:
        raise SiteTooLargeError(
            f"图块相互嵌套超过 {_DEPTH} 层：{name[:60]}",
            f"blocks nested more than {_DEPTH} deep: {name[:60]}",
            where=where,
        )
    if name not in counts.blocks:
        block = drawing.blocks.get(name)
        counts.blocks[name] = sum(
            _count_entity(inner, drawing, counts, (*path, name), where) for inner in block or ()
        )
    rows, columns = (max(1, abs(int(entity.dxf.get(key, 1)))) for key in ("row_count", "column_count"))
    return rows * columns * (1 + counts.blocks[name])


def _explode(
    entities: Iterable[DXFEntity], attributes: dict[str, Any], depth: int
) -> Iterator[tuple[DXFEntity, dict[str, Any]]]:
    """Yield entities with inserts replaced by what they bring, and the attributes of the insert."""
    for entity in entities:
        if entity.dxftype() != "INSERT":
            yield entity, attributes
            continue
        for insert in _list_inserts(entity):
            if insert.block() is None:
                yield insert, attributes
                continue
            own = {attrib.dxf.tag: attrib.dxf.text for attrib in insert.attribs if attrib.dxf.tag}
            brought = insert.virtual_entities() if depth < _DEPTH else ()
            yield from _explode(brought, attributes | {"block": str(insert.dxf.name)} | own, depth + 1)


def _list_inserts(insert: Any) -> Iterable[Insert]:
    return insert.multi_insert() if insert.mcount > 1 else (insert,)


def _read_entity(
    entity: DXFEntity, attributes: dict[str, Any], index: int, builder: ShapeBuilder, where: str
) -> RawFeature:
    found = {"layer": str(entity.dxf.layer), "entity": entity.dxftype(), **attributes}
    properties = as_properties(found, builder.limits, f"{where}, feature {index}")
    from ezdxf.lldxf.const import DXFError

    try:
        geometry = _read_geometry(entity)
    except (
        DXFError,
        TypeError,
        ValueError,
        ArithmeticError,
        IndexError,
        AttributeError,
        NotImplementedError,
    ):
        return RawFeature(index, None, properties, problem=_UNREADABLE)
    if geometry is None:
        return RawFeature(index, None, properties, problem=_UNREADABLE)
    shape, problem, repairs = builder.build(geometry, index)
    kept = tuple(note for note in repairs if note.code != "ring_closed")
    return RawFeature(index, shape, properties, problem=problem, repairs=kept)


def _read_geometry(entity: Any) -> dict[str, Any] | None:
    """Return an entity as a GeoJSON geometry, arcs as chords; None for one without any."""
    from ezdxf import path

    kind = entity.dxftype()
    if kind == "POINT":
        place = entity.dxf.location
        return {"type": "Point", "coordinates": [float(place.x), float(place.y)]}
    if kind in {"HATCH", "MPOLYGON"}:
        rings = [
            ring for ring in map(_flatten, _list_boundaries(entity)) if len(np.unique(ring, axis=0)) >= 3
        ]
        parts = nest_rings(rings) if rings else []
        return {"type": "MultiPolygon", "coordinates": parts} if parts else None
    points = _flatten(path.make_path(entity, segments=_SEGMENTS))
    if len(points) < 2:
        return None
    if _is_closed(entity, points):
        return {"type": "Polygon", "coordinates": [points.tolist()]}
    return {"type": "LineString", "coordinates": points.tolist()}


def _list_boundaries(hatch: Any) -> Iterator[Any]:
    """Yield the boundary paths of a hatch, arcs by as many Bézier curves as lie on them."""
    from ezdxf import path
    from ezdxf.entities.boundary_paths import PolylinePath

    hatch.paths.arc_edges_to_ellipse_edges()
    hatch.paths.ellipse_edges_to_spline_edges(8 * _SEGMENTS)
    for boundary in hatch.paths:
        if isinstance(boundary, PolylinePath):
            outline = path.Path()
            path.add_2d_polyline(
                outline,
                boundary.vertices,
                close=boundary.is_closed,
                ocs=hatch.ocs(),
                elevation=hatch.dxf.elevation.z,
                segments=_SEGMENTS,
            )
            yield outline
        else:
            found = path.from_hatch_boundary_path(boundary, hatch.ocs(), elevation=hatch.dxf.elevation.z)
            yield from found.sub_paths() if found.has_sub_paths else (found,)


def _is_closed(entity: DXFEntity, points: np.ndarray[Any, np.dtype[np.float64]]) -> bool:
    return len(points) >= 4 and (
        bool(getattr(entity, "is_closed", False)) or bool((points[0] == points[-1]).all())
    )


def _flatten(path: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the (n, 2) points of a path; curves leave their chords by a millimetre at most."""
    start = path.start
    degrees = max(abs(start.x), abs(start.y)) < 400
    corners = np.array([(point.x, point.y) for point in path.control_vertices()], dtype=np.float64).reshape(
        -1, 2
    )
    if (
        not path.has_curves or not (np.abs(corners) <= _LARGEST).all()
    ):  # absurd ones are refused by the builder
        return corners
    size = float(np.ptp(corners, axis=0).max())
    points = path.flattening(max(_SAG_DEG if degrees else _SAG_M, _SAG_SHARE * size))
    return np.array([(point.x, point.y) for point in points], dtype=np.float64).reshape(-1, 2)
