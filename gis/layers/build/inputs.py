"""What a derived layer is made from: the layers built before it, and its parameters in ``layers/sources``."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import shapely

from gis.catalogue import read_catalogue
from gis.errors import LayerError
from gis.layers.build.writer import Feature
from gis.layers.load import CACHE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry


def read_built(workspace_dir: Path, layer_id: str) -> dict[str, Feature]:
    """Return the located features of a layer of the workspace by id, degrees.

    The layer may be the one built here or official data put in its place.

    Raises
    ------
    LayerError
        If the layer has no file beside the catalogue, or the file cannot be read.
    """
    layers_dir = workspace_dir / "layers"
    entry = read_catalogue(layers_dir / "catalogue.toml").entry(layer_id)
    if entry.path is None or entry.path.startswith(CACHE_PREFIX):
        raise LayerError(
            f"图层 {layer_id} 没有可供派生的数据",
            f"layer {layer_id} has no data to derive from",
            where=layer_id,
            code="layers.no_data",
        )
    try:
        collection = json.loads((layers_dir / entry.path).read_text(encoding="utf-8"))
        return {
            str(item["properties"]["id"]): Feature(
                properties=item["properties"], geometry=shapely.from_geojson(json.dumps(item["geometry"]))
            )
            for item in collection["features"]
            if item["geometry"] is not None
        }
    except (OSError, ValueError, KeyError, TypeError, shapely.errors.ShapelyError) as error:
        raise LayerError(
            f"无法读取图层 {layer_id}：{error}",
            f"layer {layer_id} cannot be read: {error}",
            where=layer_id,
            hint_zh="请先运行 gis layers build",
            hint_en="run gis layers build first",
            code="layers.unreadable",
        ) from error


def read_parameters(workspace_dir: Path, layer_id: str) -> Mapping[str, Any]:
    """Return the parameters of a derived layer, ``layers/sources/<layer_id>.toml``.

    Raises
    ------
    LayerError
        If the file is missing or is not UTF-8 TOML.
    """
    path = workspace_dir / "layers" / "sources" / f"{layer_id}.toml"
    try:
        parameters: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LayerError(
            f"无法读取派生图层的参数 {path.name}：{error}",
            f"the parameters {path.name} of a derived layer cannot be read: {error}",
            where=path.name,
            code="layers.source",
        ) from error
    return parameters


def lookup(table: Mapping[str, Any], name: str, where: str) -> Any:
    """Return a parameter.

    Raises
    ------
    LayerError
        If it is missing.
    """
    if name not in table:
        raise LayerError(
            f"缺少参数 {name}", f"the parameter {name} is missing", where=where, code="layers.source"
        )
    return table[name]


def located(feature: Feature) -> BaseGeometry:
    """Return the geometry of a feature that has one.

    Raises
    ------
    LayerError
        If nobody can locate it.
    """
    if feature.geometry is None:
        raise LayerError(
            f"要素 {feature.id} 没有位置",
            f"feature {feature.id} has no place",
            where=feature.id,
            code="layers.no_data",
        )
    return feature.geometry
