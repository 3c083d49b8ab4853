"""``layers/sources/<layer_id>.toml`` → features: what was digitised by hand, as readable tables.

A source file has a ``defaults`` table of properties and one ``feature`` table a feature: its properties, and
a ``geometry`` table with a ``construct`` (see :mod:`gis.layers.build.shapes`; ``none`` for a name that nobody
can locate). ``minus`` names features of
the same file whose area is taken out of this one.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from gis.errors import LayerError
from gis.layers.build.shapes import ShapeContext, draw_geometry
from gis.layers.build.writer import Feature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry


NOT_LOCATED = "none"
"""Construct of a feature without geometry."""


@dataclass(frozen=True, slots=True)
class BuiltFiles:
    """Looks up the geometries of layers already built, below the folder of layers."""

    paths: Mapping[str, Path]

    def read_features(self, layer_id: str, feature_ids: Sequence[str]) -> tuple[BaseGeometry, ...]:
        """Return geometries of `layer_id` in degrees, in the order of `feature_ids`.

        Raises
        ------
        LayerError
            If the layer or a feature is not there.
        """
        path = self.paths.get(layer_id)
        if path is None or not path.is_file():
            raise LayerError(
                f"图层 {layer_id} 尚未生成", f"layer {layer_id} has not been built yet", where=layer_id
            )
        collection = json.loads(path.read_text(encoding="utf-8"))
        found = {item["properties"]["id"]: item["geometry"] for item in collection["features"]}
        missing = [name for name in feature_ids if name not in found]
        if missing:
            raise LayerError(
                f"图层 {layer_id} 中没有要素 {'、'.join(missing)}",
                f"layer {layer_id} has no feature {', '.join(missing)}",
                where=layer_id,
            )
        return tuple(shapely.from_geojson(json.dumps(found[name])) for name in feature_ids)


def read_source(path: Path) -> Mapping[str, Any]:
    """Return the tables of a source file.

    Raises
    ------
    LayerError
        If the file is missing or is not UTF-8 TOML with at least one feature.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LayerError(
            f"找不到勾绘文件 {path.name}", f"there is no source file {path.name}", where=str(path)
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LayerError(
            f"勾绘文件不是有效的 UTF-8 TOML：{error}",
            f"the source file is not valid UTF-8 TOML: {error}",
            where=path.name,
        ) from error
    if not data.get("feature"):
        raise LayerError("勾绘文件中没有要素", "the source file has no feature", where=path.name)
    return data


def draw_feature(table: Mapping[str, Any], defaults: Mapping[str, Any], context: ShapeContext) -> Feature:
    """Return one feature of a source file, its ``minus`` not yet taken out.

    Raises
    ------
    LayerError
        If its geometry table is missing or cannot be drawn.
    """
    if "geometry" not in table:
        raise LayerError("要素缺少 geometry", "the feature lacks a geometry table", code="layers.source")
    located = table["geometry"].get("construct") != NOT_LOCATED
    geometry = draw_geometry(table["geometry"], context) if located else None
    if geometry is not None and not geometry.is_valid:
        reason = shapely.is_valid_reason(geometry)
        raise LayerError(
            f"图形无效：{reason}", f"the geometry is not valid: {reason}", code="layers.geometry_invalid"
        )
    own = {name: value for name, value in table.items() if name not in ("geometry", "minus")}
    return Feature(properties={**defaults, **own}, geometry=geometry)


def read_digitised(path: Path, context: ShapeContext) -> tuple[Feature, ...]:
    """Return the features a source file describes, in its order.

    Raises
    ------
    LayerError
        If the file or one of its features cannot be read; `where` names the feature.
    """
    data = read_source(path)
    features: dict[str, Feature] = {}
    for table in data["feature"]:
        feature_id = str(table.get("id", "?"))
        where = f"{path.name}: {feature_id}"
        if feature_id in features:
            raise LayerError(f"要素编号 {feature_id} 重复", f"the id {feature_id} occurs twice", where=where)
        try:
            features[feature_id] = draw_feature(table, data.get("defaults", {}), context)
        except LayerError as error:
            raise LayerError(error.zh, error.en, where=error.where or where, code=error.code) from error
        except (TypeError, ValueError, IndexError) as error:
            raise LayerError(
                f"几何数据有误：{error}",
                f"the geometry table is wrong: {error}",
                where=where,
                code="layers.source",
            ) from error
    return tuple(subtract_features(table, features, path.name) for table in data["feature"])


def subtract_features(table: Mapping[str, Any], features: Mapping[str, Feature], file: str) -> Feature:
    """Return the feature of `table` without the area of the features its ``minus`` names.

    Raises
    ------
    LayerError
        If a feature named is not in the file.
    """
    feature = features[str(table.get("id", "?"))]
    geometry = feature.geometry
    if geometry is None:
        return feature
    for name in table.get("minus", ()):
        if name not in features:
            raise LayerError(
                f"minus 所指要素 {name} 不存在",
                f"minus names {name}, which is not in the file",
                where=f"{file}: {feature.id}",
                code="layers.source",
            )
        geometry = shapely.difference(geometry, features[name].geometry)
    return Feature(properties=feature.properties, geometry=geometry)
