"""Where a layer's file lies, and the ground its coverage names: a box, a ring, boundaries, surroundings."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis import crs
from gis.errors import CatalogueError, LayerError
from gis.layers.geojson import parse_features
from gis.layers.kept import KeptFiles, describe_projection
from gis.layers.postgis import is_database

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.catalogue import Catalogue
    from gis.model import LayerEntry

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


def place_coverage(
    entry: LayerEntry,
    geometries: NDArray[np.object_] | Callable[[], NDArray[np.object_]],
    *,
    catalogue: Catalogue,
    layers_dir: Path,
    cache_dir: Path,
    sha256: str | None = None,
) -> BaseGeometry | None:
    """Return the polygon (lon/lat) in which absence from the layer means "none here"; None: nowhere.

    Parameters
    ----------
    entry : LayerEntry
        Its ``coverage`` is a named area, [west, south, east, north], a ring of [lon, lat], a GeoJSON polygon,
        or ``{features_m = …}``: the surroundings of the layer's own features.
    geometries : array of object, or callable
        Of the layer's features, EPSG:4490; or what gives them, asked only where they are needed.
    sha256 : str, optional
        Of the file they are from: their surroundings are known by it from one program to the next.

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
        return _surroundings(geometries, float(value["features_m"]), KeptFiles(cache_dir), sha256)
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
    stamp = (state.st_mtime_ns, state.st_size)
    placed = _unite_boundaries(path, codes, KeptFiles(cache_dir), stamp=stamp)
    if placed is None:
        raise _bad_coverage(entry, f"adcodes {area['adcodes']}")
    return placed


@lru_cache(maxsize=16)
def _unite_boundaries(
    path: Path, codes: tuple[str, ...], kept: KeptFiles, *, stamp: tuple[int, int]
) -> BaseGeometry | None:
    """Return the union of boundary features by code; None where one is missing. `stamp` dates the file."""
    del stamp
    content = path.read_bytes()
    made_from = ("boundaries", hashlib.sha256(content).hexdigest(), *codes)
    known = kept.read_area(*made_from)
    if known is not None:
        return known
    table = parse_features(content, where=path.stem)
    chosen = np.isin(table.column("id"), codes)
    if np.count_nonzero(chosen) != len(codes):
        return None
    united: BaseGeometry = shapely.union_all(table.geometries[chosen])
    kept.write_area(united, *made_from)
    return united


def _surroundings(
    geometries: NDArray[np.object_] | Callable[[], NDArray[np.object_]],
    distance_m: float,
    kept: KeptFiles,
    sha256: str | None,
) -> BaseGeometry | None:
    """Return the surroundings of the features within `distance_m`, lon/lat."""
    if sha256 is None:
        located = _located(geometries)
        sha256 = hashlib.sha256(b"".join(shapely.to_wkb(located, byte_order=1).tolist())).hexdigest()
    made_from = ("surroundings", sha256, repr(distance_m), describe_projection())
    known = kept.read_area(*made_from)
    if known is not None:
        return known
    located = _located(geometries)
    if not located:
        return None
    planes = [crs.to_plane(geometry).buffer(distance_m) for geometry in located]
    area: BaseGeometry = crs.to_lonlat(shapely.union_all(planes))
    kept.write_area(area, *made_from)
    return area


def _located(geometries: NDArray[np.object_] | Callable[[], NDArray[np.object_]]) -> list[BaseGeometry]:
    """Return the geometries that are somewhere."""
    listed = geometries() if callable(geometries) else geometries
    return [geometry for geometry in listed if geometry is not None and not geometry.is_empty]


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
