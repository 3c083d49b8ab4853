"""GCJ-02 and BD-09 to and from WGS 84: the shifted datums of Chinese web maps, vectorised.

The formulas are the publicly known reverse-engineered ones; no official text exists. Surveyed coordinates
must not be published through them: they are here to undo a shift that came in with a file.

Notes
-----
With x = lon - 105 and y = lat - 35 in degrees, GCJ-02 adds

* dlat = -100 + 2x + 3y + 0.2y² + 0.1xy + 0.2√|x| + waves, divided by the length of a degree of the meridian
* dlon = 300 + x + 2y + 0.1x² + 0.1xy + 0.1√|x| + waves, divided by the length of a degree of the parallel

on an ellipsoid of a = 6 378 245 m, e² = 0.006693421622965943. BD-09 turns and stretches GCJ-02 a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis.errors import CrsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

DATUMS = ("gcj02", "bd09")
"""Names of the shifted datums that may be declared for a file."""

TOLERANCE_DEG = 1e-12
"""Step at which the inverse stops: 1e-12° is 0.1 µm on the ground, so < 1e-6 m is left."""

MAX_ROUNDS = 30
"""Each round gains a factor of some hundreds; ten are enough anywhere in the region."""

_SEMI_MAJOR_M = 6_378_245.0
_ECCENTRICITY2 = 0.006693421622965943
_BD_TURNS = np.pi * 3000.0 / 180.0


def wgs84_to_gcj02(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return WGS 84 (CGCS2000) degrees, shape (n, 2), lon first, as GCJ-02 degrees."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    north_m = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root + common
    north_m += (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
    north_m += (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    east_m = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root + common
    east_m += (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
    east_m += (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    phi = np.radians(lat)
    m = 1 - _ECCENTRICITY2 * np.sin(phi) ** 2
    meridian_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY2) / (m * np.sqrt(m))
    parallel_m = _SEMI_MAJOR_M / np.sqrt(m) * np.cos(phi)
    return np.column_stack((lon + np.degrees(east_m / parallel_m), lat + np.degrees(north_m / meridian_m)))


def gcj02_to_bd09(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return GCJ-02 degrees, shape (n, 2), lon first, as BD-09 degrees."""
    x, y = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _BD_TURNS)
    theta = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD_TURNS)
    return np.column_stack((radius * np.cos(theta) + 0.0065, radius * np.sin(theta) + 0.006))


def from_wgs84(lonlat: NDArray[np.float64], datum: str) -> NDArray[np.float64]:
    """Return WGS 84 degrees, shape (n, 2), in the shifted `datum` (``gcj02`` or ``bd09``).

    Raises
    ------
    CrsError
        If `datum` is neither.
    """
    return _forward(datum)(lonlat)


def to_wgs84(lonlat: NDArray[np.float64], datum: str) -> NDArray[np.float64]:
    """Return degrees of the shifted `datum`, shape (n, 2), lon first, as WGS 84 (CGCS2000) degrees.

    The inverse is the fixed point of p ← p - (f(p) - target); what is left is below 1e-6 m.

    Raises
    ------
    CrsError
        If `datum` is neither ``gcj02`` nor ``bd09``, or the iteration does not settle (coordinates that
        are no degrees).
    """
    forward = _forward(datum)
    guess = lonlat.astype(np.float64, copy=True)
    if not len(guess):
        return guess
    for _ in range(MAX_ROUNDS):
        step = forward(guess) - lonlat
        guess = guess - step
        if not np.nanmax(np.abs(step)) > TOLERANCE_DEG:
            return guess
        if not np.isfinite(guess).all():
            break
    # the last digit of a double near 120° is 1.4e-14°: a step that hovers just above the tolerance is settled
    if np.nanmax(np.abs(step)) < 10 * TOLERANCE_DEG:
        return guess
    raise CrsError(
        f"{datum} 坐标无法还原为 CGCS2000：坐标不是经纬度",
        f"{datum} coordinates cannot be taken back to CGCS2000: they are no degrees",
        code="crs.datum",
        hint_zh="--datum 只用于以度为单位的经纬度",
        hint_en="--datum is for longitude/latitude in degrees only",
    )


def _forward(datum: str) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    if datum == "gcj02":
        return wgs84_to_gcj02
    if datum == "bd09":
        return lambda lonlat: gcj02_to_bd09(wgs84_to_gcj02(lonlat))
    raise CrsError(
        f"不认识的基准 {datum}；可用：gcj02、bd09",
        f"unknown datum {datum}; known: gcj02, bd09",
        where="--datum",
        code="crs.datum_unknown",
        hint_zh="WGS 84 与 CGCS2000 的坐标不需要 --datum",
        hint_en="WGS 84 and CGCS2000 coordinates need no --datum",
    )
