"""The ensemble: draws lie in their ranges, the same for the same seed; what cannot change, never does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gis.corridors.ensemble import draw_resistances, find_used, vary_land
from gis.corridors.linking import link_sources
from gis.corridors.surface import Surface
from tests.corridors.test_surface import CELLS, TABLE


def test_each_draw_lies_in_its_range_and_each_stratum_is_drawn_once() -> None:
    runs = 16
    draws = draw_resistances(TABLE, runs=runs, seed=7)
    for index, item in enumerate(TABLE.classes):
        values = np.array([draw.resistances[index] for draw in draws])
        assert ((values >= item.low) & (values <= item.high)).all()
        share = np.log(values / item.low) / np.log(item.high / item.low)
        assert sorted(np.floor(share * runs).astype(int).tolist()) == list(range(runs))
    assert all(draw.factors[0] == 1.0 for draw in draws)  # a range of one value


def test_the_same_seed_draws_the_same_and_another_seed_something_else() -> None:
    one, same, other = (draw_resistances(TABLE, runs=8, seed=seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a.resistances, b.resistances) for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a.resistances, b.resistances) for a, b in zip(one, other, strict=True))


def test_ranges_of_one_value_use_the_same_cells_in_every_run() -> None:
    fixed = replace(
        TABLE,
        classes=tuple(replace(item, low=item.resistance, high=item.resistance) for item in TABLE.classes),
        slopes=(),
    )
    classes = np.zeros((4, 4), dtype=np.int16)
    classes[1:3, 1] = 1
    surface = Surface(CELLS, fixed, classes)
    ends = [np.zeros((4, 4), dtype=bool) for _ in range(2)]
    ends[0][1, 0] = ends[1][1, 3] = True
    linking = link_sources(surface.resistance().values, ends)
    expected = linking.least_excess() <= 0.05
    for draw in draw_resistances(fixed, runs=5, seed=3):
        used = find_used(surface, ends, linking.routes, draw, band_share=0.05)
        assert np.array_equal(used, expected)


def test_land_varies_smoothly_round_its_class_and_not_at_all_where_the_table_says_so() -> None:
    cells = CELLS.__class__(np.full((60, 80), np.nan), 0.0, 0.0, 100.0, "EPSG:4549")
    varied = replace(TABLE, study=replace(TABLE.study, variation=0.25, variation_m=1000.0))
    classes = np.zeros((60, 80), dtype=np.int16)
    factors = vary_land(Surface(cells, varied, classes), (1, 0))
    assert np.log(factors).mean() == pytest.approx(0.0, abs=1e-12)
    assert np.log(factors).std() == pytest.approx(0.25)
    assert np.abs(np.diff(np.log(factors), axis=1)).max() < 0.25  # neighbours are alike
    assert not np.array_equal(factors, vary_land(Surface(cells, varied, classes), (1, 1)))
    assert (vary_land(Surface(cells, TABLE, classes), (1, 0)) == 1.0).all()
