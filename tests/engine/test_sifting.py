"""What is called sound is what GEOS reads and writes again byte by byte; nothing else is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.engine.sifting import move_wkb, sift_wkb
from gis.engine.wkb import read_wkb, view_binary

SQUARE = shapely.box(0, 0, 9, 9)
HOLED = SQUARE.difference(shapely.box(2, 2, 4, 4))
SOUND = [
    shapely.Point(1, 2),
    shapely.LineString([(0, 0), (1, 1), (2, 0)]),
    SQUARE,
    HOLED,
    shapely.MultiPoint([(1, 2)]),
    shapely.MultiLineString([[(0, 0), (1, 1)]]),
    shapely.MultiPolygon([HOLED]),
    shapely.MultiPoint([(1, 2), (3, 4)]),
    shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3), (4, 5)]]),
    shapely.MultiPolygon([SQUARE, HOLED, shapely.box(20, 0, 21, 1)]),
]
OTHERS = [
    shapely.Point(),
    shapely.Point(1, 2, 3),
    shapely.Point(2e8, 0),
    shapely.Point(np.nan, 1),
    shapely.Polygon(),
    shapely.force_3d(SQUARE),
    shapely.set_srid(SQUARE, 4490),
    shapely.GeometryCollection([SQUARE]),
    shapely.from_wkt("MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), EMPTY)"),
    shapely.MultiPolygon(),
    shapely.from_wkt("POLYGON ((0 0, 1 0, 1 1, 0 0), EMPTY)"),
]


def sift(values: list[bytes | None]) -> list[int]:
    return sift_wkb(*view_binary(pa.array(values, pa.binary())), 1e8)[0].tolist()


def test_sound_wkb_is_told_from_the_rest() -> None:
    assert sift([shapely.to_wkb(shape) for shape in SOUND]) == [1, 2, 3, 3, 4, 5, 6, 4, 5, 6]
    assert not any(sift([shapely.to_wkb(shape, include_srid=True) for shape in OTHERS]))
    assert not any(sift([shapely.to_wkb(shape, byte_order=0) for shape in SOUND]))
    assert not any(sift([None, b"", b"\x01", shapely.to_wkb(SQUARE) + b"\x00"]))


def test_an_open_ring_is_not_sound() -> None:
    wkb = bytearray(shapely.to_wkb(SQUARE))
    wkb[-16:] = np.array([5.0, 5.0]).tobytes()
    assert sift([bytes(wkb)]) == [0]


@given(st.sampled_from([*SOUND, *OTHERS]), st.data())
def test_what_is_sound_geos_reads_and_writes_the_same(shape: shapely.Geometry, data: st.DataObject) -> None:
    wkb = bytearray(shapely.to_wkb(shape))
    for _ in range(data.draw(st.integers(0, 3))):
        wkb[data.draw(st.integers(0, len(wkb) - 1))] = data.draw(st.integers(0, 255))
    wkb = wkb[: data.draw(st.integers(1, len(wkb)))] if data.draw(st.booleans()) else wkb
    if sift([bytes(wkb)])[0]:
        assert shapely.to_wkb(shapely.from_wkb(bytes(wkb)), byte_order=1) == bytes(wkb)


@pytest.mark.parametrize("drop", [0, 2])
def test_other_coordinates_are_written_into_the_same_shapes(drop: int) -> None:
    column = pa.array([shapely.to_wkb(shape) for shape in SOUND], pa.binary())[drop:]
    data, offsets = view_binary(column)
    data = data.copy()
    shapes = read_wkb(column)
    move_wkb(data, offsets, shapes.x * 2 + 1, shapes.y - 5)
    moved = [data[a:b].tobytes() for a, b in pairwise(offsets)]
    expected = shapely.transform(np.array(SOUND[drop:], object), lambda xy: np.add(xy * (2, 1), (1, -5)))
    assert moved == [shapely.to_wkb(shape) for shape in expected]
