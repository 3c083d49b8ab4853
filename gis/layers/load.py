"""Open the layers of a catalogue: read, verify by hash, place their coverage; a broken one is failed."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis import crs
from gis.errors import CatalogueError, LayerError, NotFoundError
from gis.layers.postgis import is_database, read_table
from gis.model import Layer, LayerEntry, LayerStatus, Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

    from gis.catalogue import Catalogue

CACHE_PREFIX = "cache:"


def locate_layer(entry: LayerEntry, *, layers_dir: Path, cache_dir: Path) -> Path | None:
    """Return the file of a layer; None for a declared layer without data and for one in a database.

    Raises
    ------
    LayerError
        If the path leads out of the folder it belongs in.
    """
    if entry.path is None or is_database(entry.path):
        return None
    cached = entry.path.startswith(CACHE_PREFIX)
    root = cache_dir if cached else layers_dir
    path = (root / entry.path.removeprefix(CACHE_PREFIX)).resolve()
    if not path.is_relative_to(root.resolve()):
        raise LayerError(
            f"图层 {entry.id} 的路径 {entry.path!r} 指向文件夹之外",
            f"the path {entry.path!r} of layer {entry.id} leads out of its folder",
            where=entry.id,
        )
    return path


def read_features(content: bytes, *, where: str) -> gpd.GeoDataFrame:
    """Return the features of a GeoJSON text as a table.

    Parameters
    ----------
    content : bytes
        RFC 7946 FeatureCollection, UTF-8, lon/lat degrees.
    where : str
        Layer named in errors.

    Returns
    -------
    GeoDataFrame
        One row a feature in file order, EPSG:4490, any geometry type, every property a column; always the
        columns ``id name_zh name_en kind accuracy_m``.

    Raises
    ------
    LayerError
        If the text is not a FeatureCollection, or a feature lacks an id or a geometry.
    """
    import geopandas as gpd
    from pydantic_core import from_json

    try:
        collection = from_json(content, allow_inf_nan=False)
        features = collection["features"]
        properties = [{**(feature.get("properties") or {})} for feature in features]
        for feature, table in zip(features, properties, strict=True):
            table.setdefault("id", feature.get("id"))
        geometries = [_geometry(feature["geometry"]) for feature in features]
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        raise LayerError(
            f"图层文件不是有效的 GeoJSON FeatureCollection：{error}",
            f"the layer file is not a valid GeoJSON FeatureCollection: {error}",
            where=where,
            hint_zh="用 gis layers check 查看详情，用 gis layers build 重建",
            hint_en="see gis layers check; rebuild with gis layers build",
            code="layers.unreadable",
        ) from error
    frame = gpd.GeoDataFrame(properties, geometry=geometries, crs=crs.GEOGRAPHIC)
    for column in ("id", "name_zh", "name_en", "kind", "accuracy_m"):
        if column not in frame.columns:
            frame[column] = None
    missing = frame.index[frame["id"].isna()].tolist()
    if missing:
        raise LayerError(
            f"第 {missing[0]} 个要素没有 id",
            f"feature {missing[0]} has no id",
            where=where,
            code="layers.feature_id",
        )
    frame["id"] = frame["id"].astype(str)
    return frame


def _geometry(table: dict[str, Any] | None) -> BaseGeometry | None:
    """Return a GeoJSON geometry as shapely; None stays None (a named thing nobody can locate)."""
    if table is None:
        return None
    if table["type"] == "Polygon":
        return _polygon_of(table["coordinates"])
    if table["type"] == "MultiPolygon":
        return shapely.MultiPolygon([_polygon_of(rings) for rings in table["coordinates"]])
    return shapely.geometry.shape(table)


def _polygon_of(rings: list[Any]) -> shapely.Polygon:
    """Return a polygon from its rings through arrays: ten times as fast as point by point."""
    if not rings:
        return shapely.Polygon()
    shell, *holes = (np.asarray(ring, dtype=np.float64) for ring in rings)
    return shapely.Polygon(shell, holes)


def open_layer(entry: LayerEntry, *, layers_dir: Path, cache_dir: Path, catalogue: Catalogue) -> Layer:
    """Open one layer and verify it against its catalogue entry.

    A layer that cannot be used comes back with status ``failed`` and its problem: a check then says
    "not assessed", never "nothing here".

    Parameters
    ----------
    entry : LayerEntry
    layers_dir, cache_dir : Path
        The workspace's ``layers/`` folder and the folder of layers built at set-up.
    catalogue : Catalogue
        For named coverage areas.
    """
    try:
        if is_database(entry.path):
            frame, digest = read_table(entry)
            if entry.sha256 is not None:
                verify_digest(entry, digest)
        else:
            content = read_layer_file(entry, layers_dir=layers_dir, cache_dir=cache_dir)
            if content is None:
                return Layer(entry=entry, status=LayerStatus.NO_DATA, frame=None, sha256=None)
            frame, digest = read_features(content, where=entry.id), entry.sha256 or ""
        verify_frame(entry, frame)
        coverage = place_coverage(
            entry, frame, catalogue=catalogue, layers_dir=layers_dir, cache_dir=cache_dir
        )
    except OSError as error:
        problem = Text(f"无法读取图层文件：{error}", f"the layer file cannot be read: {error}")
    except (LayerError, CatalogueError, NotFoundError) as error:
        problem = Text(error.zh, error.en)
    else:
        return Layer(entry=entry, status=LayerStatus.OK, frame=frame, sha256=digest, coverage=coverage)
    return Layer(entry=entry, status=LayerStatus.FAILED, frame=None, sha256=None, problem=problem)


def read_layer_file(entry: LayerEntry, *, layers_dir: Path, cache_dir: Path) -> bytes | None:
    """Return the bytes of a layer's file, of the hash the catalogue says; None where it has no data.

    Raises
    ------
    LayerError
        If the file leads out of its folder or is not the one of the catalogue.
    OSError
        If it cannot be read.
    """
    path = locate_layer(entry, layers_dir=layers_dir, cache_dir=cache_dir)
    if path is None:
        return None
    content = path.read_bytes()
    verify_digest(entry, hashlib.sha256(content).hexdigest())
    return content


def verify_digest(entry: LayerEntry, digest: str) -> None:
    """Compare the hash of a layer file with the catalogue.

    Raises
    ------
    LayerError
        If they differ.
    """
    if entry.sha256 != digest:
        raise LayerError(
            f"图层 {entry.id} 的文件与目录登记的哈希不一致：登记 {entry.sha256}，实际 {digest}",
            f"layer {entry.id}: the file's hash {digest} is not the catalogue's {entry.sha256}",
            where=entry.id,
            hint_zh="文件被改动过：用 gis layers build 重建，或用 gis layers replace 正式更换",
            hint_en="the file was changed: gis layers build makes it anew, gis layers replace takes it in",
            code="layers.hash",
        )


def verify_frame(entry: LayerEntry, frame: gpd.GeoDataFrame) -> None:
    """Compare rows, ids and validity with the catalogue entry.

    Raises
    ------
    LayerError
        If the number of rows differs, an id stands twice, or a geometry is invalid.
    """
    if len(frame) != entry.rows and not (is_database(entry.path) and entry.rows == 0):
        raise LayerError(
            f"图层 {entry.id} 有 {len(frame)} 个要素，目录登记 {entry.rows} 个",
            f"layer {entry.id} has {len(frame)} features, the catalogue says {entry.rows}",
            where=entry.id,
            code="layers.rows",
        )
    doubled = frame["id"][frame["id"].duplicated()].tolist()
    if doubled:
        raise LayerError(
            f"图层 {entry.id} 的要素 id {doubled[0]} 重复",
            f"layer {entry.id} has the feature id {doubled[0]} twice",
            where=f"{entry.id}/{doubled[0]}",
            code="layers.feature_id",
        )
    if entry.accuracy_m is None and frame["accuracy_m"].isna().any():
        raise LayerError(
            f"图层 {entry.id} 没有登记位置精度 accuracy_m，无法判断确定性",
            f"layer {entry.id} states no accuracy_m, so nothing can be said with certainty",
            where=entry.id,
            hint_zh="在目录条目或要素属性中填写 accuracy_m（95 % 置信，米）",
            hint_en="state accuracy_m (95 %, metres) in the catalogue entry or on the features",
            code="layers.accuracy",
        )
    broken = frame["id"][~frame.geometry.is_valid & frame.geometry.notna()].tolist()
    if broken:
        raise LayerError(
            f"图层 {entry.id} 的要素 {broken[0]} 几何无效",
            f"layer {entry.id}: the geometry of {broken[0]} is invalid",
            where=f"{entry.id}/{broken[0]}",
            code="layers.geometry",
        )


def place_coverage(
    entry: LayerEntry, frame: gpd.GeoDataFrame, *, catalogue: Catalogue, layers_dir: Path, cache_dir: Path
) -> BaseGeometry | None:
    """Return the polygon (lon/lat) in which absence from the layer means "none here"; None: nowhere.

    Parameters
    ----------
    entry : LayerEntry
        Its ``coverage`` is a named area, [west, south, east, north], a ring of [lon, lat], a GeoJSON polygon,
        or ``{features_m = …}``: the surroundings of the layer's own features.

    Raises
    ------
    CatalogueError
        If the coverage cannot be understood.
    """
    value = entry.coverage
    if isinstance(value, str):
        if value == "none":
            return None
        if value not in catalogue.areas:
            raise _bad_coverage(entry, f"{value!r}")
        return _place_area(
            catalogue.areas[value], entry, catalogue, layers_dir=layers_dir, cache_dir=cache_dir
        )
    if isinstance(value, dict) and "features_m" in value:
        return _surroundings(frame, float(value["features_m"]))
    return _polygon(value, entry)


def _place_area(
    area: Mapping[str, Any], entry: LayerEntry, catalogue: Catalogue, *, layers_dir: Path, cache_dir: Path
) -> BaseGeometry:
    """Return a named area as a polygon: from boundary codes, a box or a ring."""
    if "adcodes" not in area:
        polygon = _polygon(area.get("bbox") or area.get("polygon"), entry)
        if polygon is None:
            raise _bad_coverage(entry, "area without bbox, polygon or adcodes")
        return polygon
    boundaries = catalogue.entry(area.get("layer", "boundaries_prefecture"))
    path = locate_layer(boundaries, layers_dir=layers_dir, cache_dir=cache_dir)
    if path is None:
        raise _bad_coverage(entry, f"layer {boundaries.id} has no data")
    state = path.stat()
    codes = tuple(sorted(set(area["adcodes"])))
    placed = _unite_boundaries(path, codes, stamp=(state.st_mtime_ns, state.st_size))
    if placed is None:
        raise _bad_coverage(entry, f"adcodes {area['adcodes']}")
    return placed


@lru_cache(maxsize=16)
def _unite_boundaries(path: Path, codes: tuple[str, ...], *, stamp: tuple[int, int]) -> BaseGeometry | None:
    """Return the union of boundary features by code; None where one is missing. `stamp` dates the file."""
    del stamp
    frame = read_features(path.read_bytes(), where=path.stem)
    chosen = frame[frame["id"].isin(codes)]
    if len(chosen) != len(codes):
        return None
    united: BaseGeometry = shapely.union_all(chosen.geometry.to_numpy())
    return united


def _surroundings(frame: gpd.GeoDataFrame, distance_m: float) -> BaseGeometry | None:
    """Return the surroundings of the features within `distance_m`, lon/lat."""
    located = [geometry for geometry in frame.geometry if geometry is not None and not geometry.is_empty]
    if not located:
        return None
    planes = [crs.to_plane(geometry).buffer(distance_m) for geometry in located]
    return crs.to_lonlat(shapely.union_all(planes))


def _polygon(value: Any, entry: LayerEntry) -> BaseGeometry | None:
    """Return a box, a ring or a GeoJSON polygon as shapely; None for no coverage."""
    if value is None:
        return None
    try:
        if isinstance(value, dict):
            polygon = shapely.geometry.shape(value)
        elif isinstance(value, list) and len(value) == 4 and not isinstance(value[0], list):
            west, south, east, north = (float(number) for number in value)
            polygon = shapely.box(west, south, east, north)
        else:
            polygon = shapely.Polygon(value)
    except (ValueError, TypeError, KeyError, AttributeError, shapely.errors.ShapelyError) as error:
        raise _bad_coverage(entry, repr(value)[:80]) from error
    if polygon.is_empty or not polygon.is_valid or polygon.area <= 0:
        raise _bad_coverage(entry, repr(value)[:80])
    return polygon


def _bad_coverage(entry: LayerEntry, value: str) -> CatalogueError:
    """Return the error for a coverage that cannot be placed."""
    return CatalogueError(
        f"图层 {entry.id} 的 coverage 无法识别：{value}",
        f"the coverage of layer {entry.id} cannot be placed: {value}",
        where=f"catalogue.toml: {entry.id}",
        hint_zh="应为区域名、[西, 南, 东, 北]、[经, 纬] 点列或 { features_m = 米 }",
        hint_en="an area's name, [west, south, east, north], a ring of [lon, lat] or { features_m = metres }",
        code="catalogue.coverage",
    )
