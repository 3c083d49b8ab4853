"""Magnetic north by the World Magnetic Model 2025."""

from __future__ import annotations

from datetime import date

import pytest

from gis.sheets.magnetism import decimal_year, declination_deg


@pytest.mark.parametrize(
    ("lon", "lat", "on", "degrees"),
    [  # computed with pygeomag 1.1.0, another implementation of the same model
        (120.15, 30.28, date(2026, 11, 27), -6.0962684),
        (0.0001, 0.0001, date(2025, 1, 1), -4.0161790),
        (120.0, -70.0, date(2027, 7, 2), -130.2902551),
        (-120.0, 60.0, date(2028, 3, 1), 16.8203148),
        (-120.0, 80.0, date(2025, 1, 1), 2.7354920),
    ],
)
def test_declination_is_that_of_the_model(lon: float, lat: float, on: date, degrees: float) -> None:
    assert declination_deg(lon, lat, on) == pytest.approx(degrees, abs=1e-6)


@pytest.mark.parametrize("on", [date(2024, 12, 31), date(2030, 1, 2)])
def test_outside_its_years_the_model_says_nothing(on: date) -> None:
    assert declination_deg(120.0, 30.0, on) is None


def test_a_day_is_a_share_of_its_year() -> None:
    assert decimal_year(date(2026, 1, 1)) == 2026.0
    assert decimal_year(date(2028, 7, 1)) == pytest.approx(2028 + 182 / 366)
