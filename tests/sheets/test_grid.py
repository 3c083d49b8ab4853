"""Degrees in words, the kilometre grid and where it is labelled."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from gis.sheets.diagrams import fit_bar, format_angle
from gis.sheets.frame import PaperFrame, area_of_sheet
from gis.sheets.grid import dark_intervals, format_dms, grid_text, label_values, make_grid, second_digits
from gis.sheets.numbering import parse_number


@pytest.fixture(scope="module")
def paper() -> PaperFrame:
    return PaperFrame(area_of_sheet(parse_number("H51E011001")), "A2", 594, 420, (12.0, 20.0))


@pytest.mark.parametrize(
    ("degrees", "digits", "text"),
    [
        (Fraction(120), 0, "120°00′00″"),
        (30 + 1 / 3, 0, "30°20′00″"),
        (Fraction(1201484375, 10_000_000), 3, "120°08′54.375″"),
        (119.99999999, 0, "120°00′00″"),
    ],
)
def test_degrees_minutes_seconds(degrees: float, digits: int, text: str) -> None:
    assert format_dms(degrees, digits=digits) == text


def test_as_many_decimals_as_the_seconds_need() -> None:
    assert second_digits([120.0, 30.5]) == 0
    assert second_digits([120 + 22.5 / 3600]) == 1
    assert second_digits([120 + 54.375 / 3600]) == 3


@pytest.mark.parametrize(
    ("degrees", "text"), [(0.063, "+0°03′47″"), (-0.6824, "-0°40′57″"), (0.0, "+0°00′00″")]
)
def test_convergence_is_signed(degrees: float, text: str) -> None:
    assert format_angle(degrees) == text


def test_grid_lines_are_two_centimetres_apart_at_50_000(paper: PaperFrame) -> None:
    grid = make_grid(paper, 1000.0)
    xs = [line.start[0] for line in grid if line.axis == "E"]
    assert np.diff(xs) == pytest.approx(20.0)
    assert {line.value_m % 1000 for line in grid} == {0.0}


def test_the_zone_number_stands_before_full_eastings(paper: PaperFrame) -> None:
    east = next(line for line in make_grid(paper, 1000.0) if line.axis == "E" and line.value_m == 501_000)
    north = next(line for line in make_grid(paper, 1000.0) if line.axis == "N" and line.value_m == 3_340_000)
    assert grid_text(east, zone=40, interval_m=1000, full=True) == "40501"
    assert grid_text(east, zone=40, interval_m=1000, full=False) == "01"
    assert grid_text(north, zone=40, interval_m=1000, full=True) == "3340"
    assert grid_text(north, zone=40, interval_m=1000, full=False) == "40"


def test_dark_bars_start_on_even_minutes(paper: PaperFrame) -> None:
    bars = list(dark_intervals(paper, "south", 60.0))
    assert len(bars) == 8
    assert bars[0] == pytest.approx((120.0, 120 + 1 / 60))
    assert bars[-1][1] == pytest.approx(120.25)


def test_corners_are_always_labelled(paper: PaperFrame) -> None:
    values = label_values(paper, "south", 300.0)
    assert values == pytest.approx([120.0, 120 + 1 / 12, 120 + 1 / 6, 120.25])


@pytest.mark.parametrize(("room_mm", "part_m"), [(150, 1000), (100, 500), (40, 200), (20, 100)])
def test_a_scale_bar_takes_the_longest_round_length_that_fits(room_mm: float, part_m: float) -> None:
    assert fit_bar(1000, 50_000, room_mm) == part_m
    assert 6 * part_m / 50 <= room_mm
