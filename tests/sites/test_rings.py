"""Rings are nested by where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.sites.rings import group_rings, nest_rings

if TYPE_CHECKING:
    from random import Random


def square(x: float, y: float, size: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array([(x, y), (x + size, y), (x + size, y + size), (x, y + size)], dtype=np.float64)


def area(parts: list[list[list[list[float]]]]) -> float:
    return float(shapely.MultiPolygon([shapely.Polygon(part[0], part[1:]) for part in parts]).area)


def test_an_island_in_a_lake_in_a_parcel_and_a_parcel_apart() -> None:
    rings = [square(0, 0, 10), square(2, 2, 6), square(4, 4, 2), square(20, 0, 5)]
    parts = nest_rings(rings)
    assert sorted(len(part) for part in parts) == [1, 1, 2]
    assert area(parts) == 100 - 36 + 4 + 25
    assert group_rings(rings) == [[0, 1, 2], [3]]


def test_a_hole_that_touches_its_shell_is_a_hole_and_a_neighbour_is_not() -> None:
    assert area(nest_rings([square(0, 0, 10), square(0, 2, 3)])) == 91
    assert len(nest_rings([square(0, 0, 10), square(10, 0, 10)])) == 2


@given(random=st.randoms(use_true_random=False), closed=st.booleans())
def test_order_direction_and_closing_do_not_matter(*, random: Random, closed: bool) -> None:
    rings = [square(0, 0, 10), square(1, 1, 3), square(5, 5, 3), square(5.5, 5.5, 1), square(30, 0, 4)]
    random.shuffle(rings)
    drawn = [ring[::-1] if random.random() < 0.5 else ring for ring in rings]
    drawn = [np.vstack((ring, ring[:1])) if closed else ring for ring in drawn]
    assert area(nest_rings(drawn)) == 100 - 9 - 9 + 1 + 16
