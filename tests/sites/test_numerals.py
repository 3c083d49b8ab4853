"""Numbers and angles as surveyors write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.sites.numerals import parse_angle, parse_number, parse_packed

ANGLE = 120 + 9 / 60 + 12.34 / 3600


@pytest.mark.parametrize(
    "text",
    [
        "120°09'12.34\"",
        "120°9′12.34″",
        "120º09’12.34”",
        "120°09'12.34''",
        "120度9分12.34秒",
        "１２０°０９′１２．３４″",
        "E120-09-12.34",
        "120:09:12.34",
        "120 09 12.34",
        "东经120°9′12.34″",
        "120°09′12.34″E",
        " 120d9m12.34s ",
    ],
)
def test_degrees_minutes_seconds_are_read_in_every_usual_notation(text: str) -> None:
    assert parse_angle(text) == pytest.approx(ANGLE, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "degrees"),
    [("120°9.2057'", 120.153428333), ("30°", 30), ("S30°30'", -30.5), ("-0°30'0\"", -0.5)],
)
def test_minutes_may_carry_decimals_and_south_and_west_are_negative(text: str, degrees: float) -> None:
    assert parse_angle(text) == pytest.approx(degrees, abs=1e-9)


@pytest.mark.parametrize(
    "text", ["120°60'0\"", "120°0'60\"", "120.5°30'", "J1", "nan", "1e999", "", "--3", "inf"]
)
def test_what_is_no_angle_is_none(text: str) -> None:
    assert parse_angle(text) is None


@given(st.integers(70, 139), st.integers(0, 59), st.integers(0, 599_999))
def test_an_angle_written_out_comes_back(degrees: int, minutes: int, seconds: int) -> None:
    s = seconds / 10_000
    expected = degrees + minutes / 60 + s / 3600
    for text in (
        f"{degrees}°{minutes:02d}′{s:07.4f}″",
        f"{degrees}-{minutes}-{s:.4f}",
        f"{degrees}度{minutes}分{s:.4f}秒",
    ):
        assert parse_angle(text) == pytest.approx(expected, abs=1e-11)
    assert parse_packed(float(f"{degrees}{minutes:02d}{s:07.4f}")) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("3,351,234.12", 3351234.12),
        ("3351234.12米", 3351234.12),
        ("３３５．５", 335.5),
        (7, 7.0),
        (True, None),
        ("3,35", None),
    ],
)
def test_plain_numbers_in_usual_dress(value: object, number: float | None) -> None:
    assert parse_number(value) == number
