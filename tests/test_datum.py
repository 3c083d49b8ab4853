"""GCJ-02 and BD-09: the published shifts, and an inverse that is exact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import geod
from gis.datum import from_wgs84, to_wgs84
from gis.errors import CrsError

SHIFTS = [
    ("杭州", (120.15, 30.28), (120.154709, 30.277681), (120.161249, 30.283597)),
    ("萧山机场", (120.434, 30.2295), (120.438545, 30.227208), (120.445084, 30.233001)),
    ("天目山", (119.44, 30.35), (119.445247, 30.347698), None),
    ("桐庐", (119.69, 29.8), (119.694826, 29.79746), None),
    ("宁波", (121.55, 29.88), (121.554159, 29.877418), None),
    ("舟山", (122.2, 29.99), (122.204173, 29.987608), None),
    ("金华", (119.65, 29.1), (119.65471, 29.097045), None),
    ("上海", (121.47, 31.23), (121.474535, 31.228067), None),
]
BD_METRES = {"杭州": 1153.5, "天目山": 1196.9, "桐庐": 1157.8, "宁波": 1103.1, "舟山": 1099.5, "上海": 1144.1}


def metres(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray(geod().inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[2])


@pytest.mark.parametrize(("place", "wgs", "gcj", "bd"), SHIFTS, ids=[shift[0] for shift in SHIFTS])
def test_shift_is_the_published_one_to_the_last_printed_digit(
    place: str, wgs: Any, gcj: Any, bd: Any
) -> None:
    assert from_wgs84(np.array([wgs]), "gcj02")[0] == pytest.approx(gcj, abs=6e-7)
    shifted = from_wgs84(np.array([wgs]), "bd09")
    if bd is not None:
        assert shifted[0] == pytest.approx(bd, abs=6e-7)
    if place in BD_METRES:
        assert metres(np.array([wgs]), shifted)[0] == pytest.approx(BD_METRES[place], abs=0.1)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_inverse_is_exact_to_a_micrometre_over_the_whole_region(datum: str) -> None:
    lon, lat = np.meshgrid(np.linspace(117, 124, 141), np.linspace(27, 33, 121))
    truth = np.column_stack((lon.ravel(), lat.ravel()))
    back = to_wgs84(from_wgs84(truth, datum), datum)
    assert metres(truth, back).max() < 1e-6


@given(st.floats(117, 124), st.floats(27, 33), st.sampled_from(["gcj02", "bd09"]))
def test_inverse_undoes_the_shift_anywhere(lon: float, lat: float, datum: str) -> None:
    truth = np.array([[lon, lat]])
    assert metres(truth, to_wgs84(from_wgs84(truth, datum), datum))[0] < 1e-6


def test_inverse_leaves_its_argument_alone_and_takes_no_points() -> None:
    given_ = np.array([[120.154709, 30.277681]])
    to_wgs84(given_, "gcj02")
    assert given_.tolist() == [[120.154709, 30.277681]]
    assert to_wgs84(np.empty((0, 2)), "bd09").shape == (0, 2)


def test_unknown_datum_is_refused_naming_the_known_ones() -> None:
    with pytest.raises(CrsError, match="gcj02") as caught:
        to_wgs84(np.array([[120.0, 30.0]]), "mars")
    assert caught.value.code == "crs.datum_unknown"
