"""The tree finds the boxes that meet a box, no more and no fewer."""

from __future__ import annotations

import numpy as np
import pytest

from gis.engine.tree import FAN, build_tree, search


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 500])
def test_a_search_finds_what_comparing_all_finds(count: int) -> None:
    rng = np.random.default_rng(count)
    corner = rng.uniform(0, 1000, (count, 2))
    box = np.concatenate((corner, corner + rng.uniform(0, 50, (count, 2))), axis=1)
    tree = build_tree(box)
    stack, found = np.empty(FAN * 32, np.int64), np.empty(count, np.int64)
    for west, south in rng.uniform(-50, 1000, (50, 2)):
        east, north = west + 80, south + 60
        number = search(tree, west, south, east, north, stack, found)
        meets = (box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south)
        assert sorted(found[:number].tolist()) == np.flatnonzero(meets).tolist()
