"""Coordinate systems described in words by survey files: datum, width of the zones, zone or meridian."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.crs import GEOGRAPHIC, zone_epsg
from gis.model import Note, Text
from gis.sites.numerals import parse_angle, tidy_text
from gis.sites.system import parse_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PREFIXED_3, _PREFIXED_6, _CENTRAL_6 = 4488, 4478, 4489
"""CGCS2000 / Gauss-Krüger: 3-degree zone n is EPSG 4488 + n (25–45), 6-degree zone n is 4478 + n (13–23) with
prefix and 4489 + n without."""

_ZONE = re.compile(r"(?:带号\D{0,6}|第|zone\s*)(\d{2})(?!\d)|(?<!\d)(\d{2})\s*(?:号)?带", re.IGNORECASE)
_WIDTH = re.compile(r"([36三六])\s*(?:°|度|-?degree)\s*(?:分)?(?:带|gauss|zone|/|$)", re.IGNORECASE)
_MERIDIAN = re.compile(
    r"(?:中央子午线|中央经线|central meridian|CM)[^\d]{0,6}(\d{2,3}(?:\.\d+)?)", re.IGNORECASE
)
_CODE = re.compile(r"EPSG[:\s]*(\d{4,6})", re.IGNORECASE)
_MODERN = re.compile(r"2000|wgs", re.IGNORECASE)
_OTHER = re.compile(r"西安|北京|(?<!\d)(?:19)?(?:80|54)(?!\d)|地方|独立|城市|杭州", re.IGNORECASE)
_WIDTHS = {"3": 3, "三": 3, "6": 6, "六": 6}


@dataclass(frozen=True, slots=True)
class Wording:
    """What a file says of its coordinates.

    Parameters
    ----------
    refused : str or None
        An older or local datum, as the file names it.
    code : str or None
        ``EPSG:n`` when the file gives one.
    width_deg, zone, meridian_deg : int or None
        Width of the zones, number of the zone, central meridian; None when the file says nothing.
    """

    refused: str | None = None
    code: str | None = None
    width_deg: int | None = None
    zone: int | None = None
    meridian_deg: float | None = None


def read_wording(text: str) -> Wording:
    """Return what a sentence such as “CGCS2000 3度带 40带” or “EPSG:4528” says."""
    plain = tidy_text(text)
    code = _CODE.search(plain)
    zone = _ZONE.search(plain)
    width = _WIDTH.search(plain)
    meridian = _MERIDIAN.search(plain)
    return Wording(
        refused=plain[:40] if is_refused_datum(plain) else None,
        code=parse_code(f"EPSG:{code[1]}") if code else None,
        width_deg=_WIDTHS[width[1]] if width else None,
        zone=int(zone[1] or zone[2]) if zone else None,
        meridian_deg=parse_angle(meridian[1]) if meridian else None,
    )


def is_refused_datum(text: str) -> bool:
    """Return whether words name an older or a local datum and no modern one."""
    return _OTHER.search(text) is not None and _MODERN.search(text) is None


def list_systems(points: NDArray[np.float64], wording: Wording) -> tuple[str | None, bool]:
    """Return the system of a parcel's points, and whether the wording says another zone than they do.

    Parameters
    ----------
    points : array, shape (n, 2)
        Either order.

    Notes
    -----
    A zone prefix in the coordinates decides: the number itself names the zone. Without one the wording does;
    None when it says nothing either.
    """
    if wording.refused is not None:
        return wording.refused, False
    if wording.code is not None:
        return wording.code, False
    largest = float(np.abs(points).max(axis=0).max())
    if largest < 400:
        return GEOGRAPHIC, False
    zone = int(np.abs(points[0]).max() // 1e6)
    if zone >= 10:
        said = wording.zone if wording.zone is not None else _zone_of_meridian(wording, zone)
        return prefixed_code(zone), said is not None and said != zone
    return _unprefixed_code(wording), False


def describe_contradiction(wording: Wording) -> Note:
    """Return the warning for coordinates whose zone prefix is not the zone the file names."""
    said = f"带号 {wording.zone}" if wording.zone is not None else f"中央子午线 {wording.meridian_deg:g}°"
    said_en = f"zone {wording.zone}" if wording.zone is not None else f"meridian {wording.meridian_deg:g}°"
    return Note(
        "header_contradicts",
        Text(
            f"文件头写{said}，坐标的带号前缀却是另一带；按坐标读取，请核对",
            f"the head says {said_en}, the coordinates another zone; read by the coordinates, please verify",
        ),
    )


def prefixed_code(zone: int) -> str | None:
    """Return the EPSG code of a zone with prefix: 25–45 are 3-degree, 13–23 6-degree zones."""
    if 25 <= zone <= 45:
        return f"EPSG:{_PREFIXED_3 + zone}"
    return f"EPSG:{_PREFIXED_6 + zone}" if 13 <= zone <= 23 else None


def _unprefixed_code(wording: Wording) -> str | None:
    zone, width = wording.zone, wording.width_deg
    if wording.meridian_deg is not None and wording.meridian_deg % 3 == 0:
        code = zone_epsg(int(wording.meridian_deg) // 3)
        return f"EPSG:{code}" if code else None
    if zone is None:
        return None
    if 13 <= zone <= 23 and width != 3:
        return f"EPSG:{_CENTRAL_6 + zone}"
    code = zone_epsg(zone)
    return f"EPSG:{code}" if code else None


def _zone_of_meridian(wording: Wording, zone: int) -> int | None:
    if wording.meridian_deg is None:
        return None
    meridian = int(wording.meridian_deg)
    return meridian // 3 if zone >= 25 else (meridian + 3) // 6
