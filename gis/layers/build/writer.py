"""Features → GeoJSON text → file, the same bytes every time; and their count and hash into the catalogue.

A layer file has one feature a line, so a diff shows what moved: features sorted by id, coordinates with six
decimals (0.1 m), property order fixed, exterior rings counter-clockwise (RFC 7946), LF, UTF-8.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry import mapping

from gis.errors import CatalogueError, LayerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

DECIMALS = 6
PROPERTY_ORDER = (
    "id",
    "name_zh",
    "name_en",
    "kind",
    "status",
    "area_ha_official",
    "source",
    "method",
    "accuracy_m",
    "confidence",
    "text_order",
)
"""Properties every feature has, in this order; further ones follow in the order of their names."""

CONFIDENCES = ("sourced", "known", "guess")


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a layer that is being built.

    Parameters
    ----------
    properties : mapping
        At least ``id name_zh name_en kind source method accuracy_m confidence``; the other names of
        :data:`PROPERTY_ORDER` become null when left out.
    geometry : shapely geometry or None
        Any type, longitude/latitude degrees (EPSG:4490); None for a named thing that nobody can locate: it
        has no ``accuracy_m``, and its ``status`` says so.
    """

    properties: Mapping[str, Any]
    geometry: BaseGeometry | None

    @property
    def id(self) -> str:
        """The feature's id."""
        return str(self.properties["id"])


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A layer file as it now stands: whether its bytes are new, how many features, and its hash."""

    path: Path
    rows: int
    sha256: str
    changed: bool


def round_geometry(geometry: BaseGeometry) -> BaseGeometry:
    """Return `geometry` (degrees) on the grid of six decimals, valid, rings in RFC 7946 order.

    Raises
    ------
    LayerError
        If it is empty or not valid: a hand-drawn ring that crosses itself is to be corrected, not repaired.
    """
    rounded = shapely.transform(geometry, lambda xy: xy.round(DECIMALS))
    if rounded.is_valid and not rounded.is_empty:
        return shapely.orient_polygons(rounded)
    snapped = shapely.set_precision(geometry, 10.0**-DECIMALS) if geometry.is_valid else rounded
    if snapped.is_empty or not snapped.is_valid:
        reason = shapely.is_valid_reason(rounded)
        raise LayerError(
            f"几何图形无效：{reason}", f"the geometry is not valid: {reason}", code="layers.geometry_invalid"
        )
    return shapely.orient_polygons(snapped)


def order_properties(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties in file order, the common ones present even where null."""
    common = {name: properties.get(name) for name in PROPERTY_ORDER}
    return common | {name: properties[name] for name in sorted(properties) if name not in common}


def check_properties(feature: Feature, layer_id: str) -> None:
    """Refuse a feature that does not say what it is, where it is from and how good it is.

    Raises
    ------
    LayerError
        If a property is missing or `confidence` or `accuracy_m` has no permitted value.
    """
    where = f"{layer_id}/{feature.properties.get('id', '?')}"
    own = "status" if feature.geometry is None else "accuracy_m"
    needed = ("id", "name_zh", "name_en", "kind", "source", "method", own, "confidence")
    missing = [name for name in needed if not feature.properties.get(name)]
    if missing:
        names = "、".join(missing)
        raise LayerError(
            f"要素缺少属性 {names}",
            f"the feature lacks {', '.join(missing)}",
            where=where,
            code="layers.property",
        )
    accuracy_m = feature.properties.get("accuracy_m")
    badly_placed = accuracy_m is not None and (accuracy_m <= 0 or feature.geometry is None)
    if feature.properties["confidence"] not in CONFIDENCES or badly_placed:
        raise LayerError(
            f"confidence 应为 {'、'.join(CONFIDENCES)} 之一，accuracy_m 应大于 0",
            f"confidence must be one of {', '.join(CONFIDENCES)}, and accuracy_m above 0",
            where=where,
            code="layers.property",
        )


def _round_nested(value: Any) -> Any:
    """Return nested coordinate sequences as lists of floats with six decimals."""
    if isinstance(value, (list, tuple)):
        return [_round_nested(item) for item in value]
    return round(float(value), DECIMALS)


def render_feature(feature: Feature, layer_id: str) -> str:
    """Return one feature as one line of GeoJSON.

    Raises
    ------
    LayerError
        If the geometry is not valid or a property is missing.
    """
    check_properties(feature, layer_id)
    try:
        shape = None if feature.geometry is None else mapping(round_geometry(feature.geometry))
    except LayerError as error:
        raise LayerError(error.zh, error.en, where=f"{layer_id}/{feature.id}", code=error.code) from error
    record = {
        "type": "Feature",
        "properties": order_properties(feature.properties),
        "geometry": shape and {"type": shape["type"], "coordinates": _round_nested(shape["coordinates"])},
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def render_layer(layer_id: str, features: Sequence[Feature]) -> str:
    """Return a whole layer as GeoJSON text: one feature a line, sorted by id.

    Raises
    ------
    LayerError
        If two features share an id, or one cannot be written.
    """
    ordered = sorted(features, key=lambda feature: feature.id)
    for first, second in pairwise(ordered):
        if first.id == second.id:
            raise LayerError(
                f"图层 {layer_id} 中要素编号 {first.id} 重复",
                f"layer {layer_id} has two features with the id {first.id}",
                where=f"{layer_id}/{first.id}",
                code="layers.duplicate_id",
            )
    lines = ",\n".join(render_feature(feature, layer_id) for feature in ordered)
    return f'{{"type":"FeatureCollection","name":{json.dumps(layer_id)},"features":[\n{lines}\n]}}\n'


def write_text(path: Path, text: str) -> bool:
    """Put `text` at `path` at once: aside, flushed to the disk, renamed; return whether the bytes are new.

    A reader sees the old file or the new one, never half of one; two writers of the same text do no harm.
    """
    content = text.encode("utf-8")
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return True


def write_layer(path: Path, layer_id: str, features: Sequence[Feature]) -> WrittenFile:
    """Write a layer's GeoJSON file atomically; an unchanged file is left alone.

    Raises
    ------
    LayerError
        If a feature cannot be written; the old file then stays as it was.
    """
    text = render_layer(layer_id, features)
    changed = write_text(path, text)
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return WrittenFile(path=path, rows=len(features), sha256=digest, changed=changed)


def update_catalogue(path: Path, layer_id: str, *, rows: int, sha256: str) -> bool:
    """Set `rows` and `sha256` of one layer in the catalogue, keeping comments; return whether it changed.

    Raises
    ------
    CatalogueError
        If the catalogue has no such layer.
    """
    import tomlkit

    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    for table in document.get("layer", []):
        if table.get("id") == layer_id:
            if table.get("rows") == rows and table.get("sha256") == sha256:
                return False
            table["rows"], table["sha256"] = rows, sha256
            return write_text(path, tomlkit.dumps(document))
    raise CatalogueError(
        f"目录中没有图层 {layer_id}",
        f"the catalogue has no layer {layer_id}",
        where=f"{path.name}: {layer_id}",
    )
