"""Coordinate systems named by files and by users: which are taken, which are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from gis.crs import GEOGRAPHIC, GEOJSON, ZONES
from gis.errors import CrsError

if TYPE_CHECKING:
    from pyproj import CRS

_CODE = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:|https?://www\.opengis\.net/def/crs/)?(EPSG|OGC)[:/]{1,2}(?:[\d.]*[:/])?(CRS84|\d{1,6})",
    re.IGNORECASE,
)
_OLD_DATUM = re.compile(r"xi.?an|beijing|kras{1,2}ov?w?sk|iag[ _]?(?:ugg[ _]?)?(?:19)?75", re.IGNORECASE)
_MODERN = re.compile(r"wgs[ _]?(?:19)?84|world geodetic system 1984|china.*2000|cgcs[ _]?2000", re.IGNORECASE)
_OLD_WORDS = re.compile(r"西安|北京|(?<!\d)(?:19)?(?:80|54)(?!\d)|bj.?54|克拉索夫")
_MAX_WKT = 20_000


@dataclass(frozen=True, slots=True)
class System:
    """A coordinate system coordinates may come in.

    Parameters
    ----------
    source : str
        What PROJ is given: an EPSG code, or WKT for a system without one.
    label : str
        What the user is told.
    geographic : bool
        Degrees of CGCS2000 or WGS 84: taken as they are.
    degrees : bool
        Degrees of any datum.
    meridian_deg : int or None
        Central meridian of a CGCS2000 3-degree zone.
    """

    source: str
    label: str
    geographic: bool
    degrees: bool
    meridian_deg: int | None = None


LONLAT = System(GEOGRAPHIC, GEOGRAPHIC, geographic=True, degrees=True)
WGS84 = System(GEOGRAPHIC, GEOJSON, geographic=True, degrees=True)
UNPREFIXED = tuple(
    System(code, code, geographic=False, degrees=False, meridian_deg=cm) for cm, code, _ in ZONES
)
PREFIXED = tuple(
    System(code, code, geographic=False, degrees=False, meridian_deg=cm) for cm, _, code in ZONES
)


def parse_code(text: str) -> str | None:
    """Return ``EPSG:n`` for an EPSG code, OGC URN or URL (CRS84 is EPSG:4326 with lon first), else None."""
    match = _CODE.fullmatch(text.strip())
    if match is None:
        return None
    authority, code = match.group(1).upper(), match.group(2).upper()
    if code == "CRS84":
        return GEOJSON
    return f"EPSG:{int(code)}" if authority == "EPSG" else None


@lru_cache(maxsize=64)
def identify_system(text: str, *, where: str | None = None) -> System:
    """Return the system that `text` (an EPSG code, OGC name, or WKT) names.

    Raises
    ------
    CrsError
        ``crs.unknown`` if it is none PROJ knows; ``crs.old_datum`` for Xi'an 1980 and Beijing 1954.
    """
    if parse_code(text) is None and not _is_wkt(text) and _OLD_WORDS.search(text.lower()):
        raise _old_datum(text.strip()[:40], where)
    crs = _read_crs(text, where)
    names = " | ".join(
        (crs.name, crs.datum.name if crs.datum else "", crs.ellipsoid.name if crs.ellipsoid else "")
    )
    if _OLD_DATUM.search(names):
        raise _old_datum(crs.name, where)
    code = parse_code(text)
    if code is None:
        epsg = crs.to_epsg()
        code = f"EPSG:{epsg}" if epsg else None
    if not (crs.is_geographic or crs.is_projected):
        raise _unknown(crs.name, where)
    label = code or crs.name
    for system in (LONLAT, WGS84, *UNPREFIXED, *PREFIXED):
        if label == system.label:
            return system
    if crs.is_geographic and _MODERN.search(names):
        return System(GEOGRAPHIC, label, geographic=True, degrees=True)
    return System(code or text, label, geographic=False, degrees=bool(crs.is_geographic))


def _read_crs(text: str, where: str | None) -> CRS:
    from pyproj import CRS
    from pyproj.exceptions import CRSError as ProjCrsError

    code = parse_code(text)
    # only codes and WKT: a PROJ string or pipeline could name grid files or addresses
    if code is None and (not _is_wkt(text) or "grid" in text.lower().replace("gridded", "")):
        raise _unknown(text, where)
    try:
        crs = CRS.from_string(code or text)
    except ProjCrsError as error:
        raise _unknown(text, where) from error
    while crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    if crs.is_compound and crs.sub_crs_list:
        crs = crs.sub_crs_list[0]
    return crs


def _is_wkt(text: str) -> bool:
    start = text.lstrip()[:20].upper()
    return len(text) <= _MAX_WKT and start.startswith(
        (
            "GEOGCS[",
            "PROJCS[",
            "GEOGCRS[",
            "PROJCRS[",
            "GEODCRS[",
            "COMPD_CS[",
            "COMPOUNDCRS[",
            "BOUNDCRS[",
            "LOCAL_CS[",
        )
    )


def _old_datum(name: str, where: str | None) -> CrsError:
    return CrsError(
        f"坐标系是 {name}：西安 1980、北京 1954 等旧基准没有公开的精确转换参数，不能换算",
        f"the coordinate system is {name}: older datums have no public exact parameters",
        where=where,
        code="crs.old_datum",
        hint_zh="请由测绘主管部门或有资质的单位转换为 CGCS2000 后再提交",
        hint_en="have the file converted to CGCS2000 by the surveying authority or a licensed surveyor",
    )


def _unknown(text: str, where: str | None) -> CrsError:
    short = text.strip()[:80]
    return CrsError(
        f"无法识别坐标系“{short}”；应为 EPSG 编号，例如 EPSG:4490、EPSG:4528、EPSG:4549",
        f"unknown coordinate system “{short}”; expected a number such as EPSG:4490, EPSG:4549",
        where=where,
        code="crs.unknown",
        hint_zh="用 --crs EPSG:n 指明坐标系",
        hint_en="name the system with --crs EPSG:n",
    )
