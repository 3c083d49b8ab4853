"""Pieces of several runs joined are the pieces of one run, and memory is given back on the way."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely

from gis.engine import memory, pieces
from gis.engine.index import cut_shapes
from gis.engine.pieces import Pieces, join_pieces
from gis.engine.shapes import count_shapes, orient_rings, slice_shapes
from gis.engine.wkb import read_geometries


@pytest.mark.parametrize("edges", [[0, 9], [0, 4, 9], [0, 0, 1, 2, 9, 9], list(range(10))])
@pytest.mark.parametrize("give_back_each", [1, 10**9])
def test_runs_joined_are_one_run(
    edges: list[int], give_back_each: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "GIVE_BACK", give_back_each)
    shapes = read_geometries(np.array([shapely.Point(9 * k, 0).buffer(k, quad_segs=90) for k in range(9)]))
    orient_rings(shapes)
    assert count_shapes(shapes) == 9
    runs = [cut_shapes(slice_shapes(shapes, begin, end), begin) for begin, end in pairwise(edges)]
    joined, whole = join_pieces(runs), cut_shapes(shapes)
    for name in Pieces._fields:
        assert getattr(joined, name).dtype == getattr(whole, name).dtype
        assert np.array_equal(getattr(joined, name), getattr(whole, name))


def test_a_system_without_that_call_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_find_trim", lambda: None)
    memory.give_back()
