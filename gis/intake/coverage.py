"""Where a new layer can say "nothing here": as the office states, else no more than the data show."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from gis.crs import area_lonlat_m2
from gis.errors import CatalogueError, LayerError, NotFoundError, SettingsError
from gis.layers.load import place_coverage
from gis.model import Text

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.catalogue import Catalogue
    from gis.model import LayerEntry

HOME_AREA = "hangzhou"
FULL_SHARE = 0.9
"""The features must reach round this share of the home area before the whole of it counts as covered."""

EDGE_DEG = 0.01
"""About 1 km: how far features may stick out of the home area and still be its own."""

DECIMALS = 4


def choose_coverage(
    stated: str | None,
    frame: gpd.GeoDataFrame,
    entry: LayerEntry,
    catalogue: Catalogue,
    *,
    layers_dir: Path,
    cache_dir: Path,
) -> tuple[Any, Text]:
    """Return the coverage for the catalogue and what is to be said of it.

    Parameters
    ----------
    stated : str or None
        A named area of the catalogue, ``W,S,E,N``, ``features:METRES``, a GeoJSON file with a polygon, or
        ``none``. Without it: the home area if the features lie within it and reach round nine tenths of it,
        else the hull of the features.

    Raises
    ------
    SettingsError
        If what is stated is none of these.
    """
    if stated:
        value = read_stated(stated, catalogue)
        place = replace(entry, coverage=value)
        try:
            place_coverage(
                place,
                frame.geometry.to_numpy(),
                catalogue=catalogue,
                layers_dir=layers_dir,
                cache_dir=cache_dir,
            )
        except (CatalogueError, NotFoundError, LayerError, OSError) as error:
            raise _bad_coverage(stated, catalogue) from error
        return value, Text(f"覆盖范围按所述：{stated}", f"coverage as stated: {stated}")
    shapes = frame.geometry.to_numpy()
    hull: Any = shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(shapes)))
    home = _home_area(entry, frame, catalogue, layers_dir=layers_dir, cache_dir=cache_dir)
    if home is not None and hull.area and lie_within(shapes, home):
        share = area_lonlat_m2(hull.intersection(home)) / area_lonlat_m2(home)
        if share >= FULL_SHARE:
            return HOME_AREA, Text(
                f"覆盖范围取杭州市域：要素都在其内，分布达其 {share:.0%}",
                f"coverage taken as Hangzhou prefecture: all features lie in it, round {share:.0%} of it",
            )
    return _hull_coverage(hull, frame)


def lie_within(shapes: NDArray[np.object_], area: BaseGeometry) -> bool:
    """Return whether no vertex lies more than :data:`EDGE_DEG` outside `area` (degrees)."""
    around = shapely.buffer(area, EDGE_DEG)
    shapely.prepare(around)
    xy = shapely.get_coordinates(shapes)
    return bool(shapely.contains_xy(around, xy[:, 0], xy[:, 1]).all())


def read_stated(stated: str, catalogue: Catalogue) -> Any:
    """Return a coverage as the office wrote it, as the catalogue writes it.

    Raises
    ------
    SettingsError
        If it is nothing the catalogue can say.
    """
    if stated == "none" or stated in catalogue.areas:
        return stated
    try:
        if stated.startswith("features:"):
            return {"features_m": float(stated.removeprefix("features:"))}
        if stated.lower().endswith((".geojson", ".json")):
            return _read_polygon(Path(stated))
        west, south, east, north = (float(part) for part in stated.split(","))
    except (ValueError, OSError, KeyError, TypeError, shapely.errors.ShapelyError) as error:
        raise _bad_coverage(stated, catalogue) from error
    return [west, south, east, north]


def _read_polygon(path: Path) -> list[list[float]]:
    """Return the outer ring of the one polygon of a GeoJSON file."""
    data = json.loads(path.read_text(encoding="utf-8"))
    features = data.get("features", [data])
    shape: Any = shapely.union_all([shapely.geometry.shape(one.get("geometry", one)) for one in features])
    if shape.geom_type != "Polygon":
        raise ValueError(shape.geom_type)
    return [[round(x, 6), round(y, 6)] for x, y in shape.exterior.coords[:-1]]


def _bad_coverage(stated: str, catalogue: Catalogue) -> SettingsError:
    names = "、".join(catalogue.areas)
    return SettingsError(
        f"--coverage {stated!r} 无法识别",
        f"--coverage {stated!r} cannot be read",
        where="--coverage",
        hint_zh=f"可用：{names}；西,南,东,北；features:米数；含一个面的 .geojson；none",
        hint_en=f"one of: {names}; W,S,E,N; features:METRES; a .geojson with one polygon; none",
    )


def _home_area(
    entry: LayerEntry, frame: gpd.GeoDataFrame, catalogue: Catalogue, *, layers_dir: Path, cache_dir: Path
) -> BaseGeometry | None:
    """Return the home area as a polygon; None where the workspace cannot place it."""
    if HOME_AREA not in catalogue.areas:
        return None
    try:
        return place_coverage(
            replace(entry, coverage=HOME_AREA),
            frame.geometry.to_numpy(),
            catalogue=catalogue,
            layers_dir=layers_dir,
            cache_dir=cache_dir,
        )
    except (CatalogueError, NotFoundError, LayerError, OSError):
        return None


def _hull_coverage(hull: BaseGeometry, frame: gpd.GeoDataFrame) -> tuple[Any, Text]:
    """Return the hull of the features as a ring, or their own surroundings where they have no hull."""
    if hull.geom_type != "Polygon":
        distance_m = max(float(value) for value in frame["accuracy_m"])
        return {"features_m": distance_m}, Text(
            f"覆盖范围取要素周围 {distance_m:g} m；如文件覆盖更大区域，请用 --coverage 说明",
            f"coverage taken as {distance_m:g} m round the features; if the file covers more, say --coverage",
        )
    thinned: Any = shapely.convex_hull(shapely.simplify(hull, 10.0**-DECIMALS))
    ring = [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in thinned.exterior.coords[:-1]]
    return ring, Text(
        "覆盖范围取要素的外包凸形：之外按“未评估”处理；如文件覆盖全市或别的区域，请用 --coverage 说明"
        "（如 --coverage hangzhou）",
        "coverage taken as the hull of the features: beyond it sites count as not assessed; if the file "
        "covers the whole prefecture or another area, say so with --coverage (such as --coverage hangzhou)",
    )
