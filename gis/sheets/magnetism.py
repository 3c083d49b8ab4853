"""Magnetic north on a day, from the World Magnetic Model (its coefficients: ``wmm2025.toml``).

Formulas: NOAA NCEI and BGS, The US/UK World Magnetic Model for 2025–2030, section 1.2: geodetic to geocentric
(4)–(8), Schmidt semi-normalised harmonics (10)–(15), change with time (9), declination (18).
"""

from __future__ import annotations

import calendar
import math
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

MODEL = Path(__file__).with_name("wmm2025.toml")
A_M, F = 6_378_137.0, 1 / 298.257_223_563
"""WGS 84 ellipsoid."""

REFERENCE_M = 6_371_200.0
"""Radius the coefficients refer to."""


@dataclass(frozen=True, slots=True)
class MagneticModel:
    """A model: its name, the years it holds for, and degree, order, g, h and their change a year, nT."""

    name: str
    epoch: float
    last: float
    rows: tuple[tuple[float, ...], ...]


@cache
def open_model() -> MagneticModel:
    """Return the model that comes with the program."""
    table = tomllib.loads(MODEL.read_text(encoding="utf-8"))
    return MagneticModel(
        table["name"], table["epoch"], table["last"], tuple(tuple(row) for row in table["rows"])
    )


def decimal_year(on: date) -> float:
    """Return a day as a year with a fraction."""
    days = 366 if calendar.isleap(on.year) else 365
    return on.year + (on.timetuple().tm_yday - 1) / days


def declination_deg(lon: float, lat: float, on: date) -> float | None:
    """Return the magnetic declination at sea level, degrees east of true north.

    Parameters
    ----------
    lon, lat : float
        WGS 84 (CGCS2000) degrees; not at a pole.
    on : date
        The day.

    Returns
    -------
    float or None
        None on a day the model does not hold for.
    """
    model = open_model()
    year = decimal_year(on)
    if not model.epoch <= year <= model.last:
        return None
    north, east = horizontal_field(model, lon, lat, year)
    return math.degrees(math.atan2(east, north))


def horizontal_field(model: MagneticModel, lon: float, lat: float, year: float) -> tuple[float, float]:
    """Return the northward and eastward field at sea level, nT."""
    phi, lam = math.radians(lat), math.radians(lon)
    e2 = F * (2 - F)
    normal = A_M / math.sqrt(1 - e2 * math.sin(phi) ** 2)
    p, z = normal * math.cos(phi), normal * (1 - e2) * math.sin(phi)
    r = math.hypot(p, z)
    phi_c = math.asin(z / r)
    legendre, slope = schmidt(math.sin(phi_c), math.cos(phi_c), 12)
    x = y = down = 0.0
    for row in model.rows:
        n, m = int(row[0]), int(row[1])
        g, h = row[2] + row[4] * (year - model.epoch), row[3] + row[5] * (year - model.epoch)
        size = (REFERENCE_M / r) ** (n + 2)
        wave = g * math.cos(m * lam) + h * math.sin(m * lam)
        x -= size * wave * slope[n][m]
        y += size * m * (g * math.sin(m * lam) - h * math.cos(m * lam)) * legendre[n][m] / math.cos(phi_c)
        down -= size * (n + 1) * wave * legendre[n][m]
    turn = phi_c - phi
    return x * math.cos(turn) - down * math.sin(turn), y


def schmidt(sine: float, cosine: float, degree: int) -> tuple[list[list[float]], list[list[float]]]:
    """Return Schmidt semi-normalised P(n, m) of the sine of latitude, and their slope by latitude."""
    p = [[0.0] * (degree + 2) for _ in range(degree + 1)]
    slope = [[0.0] * (degree + 2) for _ in range(degree + 1)]
    p[0][0] = 1.0
    for n in range(1, degree + 1):
        for m in range(n + 1):
            if n == m:
                k = 1.0 if n == 1 else math.sqrt(1 - 1 / (2 * n))
                p[n][n] = k * cosine * p[n - 1][n - 1]
                slope[n][n] = k * (cosine * slope[n - 1][n - 1] - sine * p[n - 1][n - 1])
                continue
            scale = math.sqrt(n * n - m * m)
            back = math.sqrt((n - 1) ** 2 - m * m) if n - 1 > m else 0.0
            before = p[n - 2][m] if n > 1 else 0.0
            before_slope = slope[n - 2][m] if n > 1 else 0.0
            p[n][m] = ((2 * n - 1) * sine * p[n - 1][m] - back * before) / scale
            slope[n][m] = (
                (2 * n - 1) * (sine * slope[n - 1][m] + cosine * p[n - 1][m]) - back * before_slope
            ) / scale
    return p, slope
