"""What sites change in pinch points and barriers: new, gone, stronger, weaker."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pytest
import shapely

from gis.connectivity.build import run_default_study
from gis.connectivity.effect import measure_effects
from gis.connectivity.places import judge_cells, measure_places
from gis.model import SiteSet, Text
from gis.outputs.connectivity.effects import (
    effects_as_dict,
    format_effects,
    render_effects_geojson,
    render_effects_xlsx,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry.base import BaseGeometry

    from gis.connectivity.study import Study
    from gis.workspace import Workspace

NO_SITES = SiteSet(sites=(), rejected=(), files=(), features_in=0)


def keep_quiet(stage: Text, share: float) -> None:
    del stage, share


@pytest.fixture
def study(country: Workspace) -> Study:
    return run_default_study(country, tell=keep_quiet, spread_out=lambda items, work: map(work, items))


@pytest.mark.parametrize(
    ("before", "after", "change", "status"),
    [
        ([0, 0], [1, 0], np.inf, "new"),
        ([1, 0], [0, 0], -1.0, "gone"),
        ([1, 0], [0, 1], 0.5, "moved"),
        ([1, 0], [1, 1], 0.0, "moved"),
        ([1, 0], [1, 1], 0.5, "stronger"),
        ([1, 0], [1, 0], -0.5, "weaker"),
        ([1, 0], [1, 0], 1e-9, "unchanged"),
    ],
)
def test_a_pinch_point_is_judged_by_its_cells_and_its_current(
    before: list[int], after: list[int], change: float, status: str
) -> None:
    assert judge_cells(np.array(before, dtype=bool), np.array(after, dtype=bool), change) == status


def test_a_site_far_away_leaves_pinch_points_and_barriers(
    study: Study, plane: Callable[[BaseGeometry], BaseGeometry]
) -> None:
    far = plane(shapely.box(90_000, 90_000, 90_500, 90_500))
    places = measure_places(study, [far], site_resistance=100.0, tell=keep_quiet)
    assert {item.status for item in places.pinch_points} == {"unchanged"}
    assert places.barriers is not None
    assert study.barriers is not None
    assert len(places.barriers) == len(study.barriers.barriers)
    assert {item.status for item in places.barriers} <= {"unchanged"}


def test_a_wall_loses_pinch_points_and_barriers(
    study: Study, plane: Callable[[BaseGeometry], BaseGeometry]
) -> None:
    wall = plane(shapely.box(900, -20_000, 1300, 20_000))
    places = measure_places(study, [wall], site_resistance=None, tell=keep_quiet)
    assert [item.status for item in places.pinch_points] == ["gone"]
    assert places.barriers is not None
    assert {item.status for item in places.barriers} <= {"gone"}


def test_a_wide_site_is_a_new_barrier_and_every_file_tells_it(
    study: Study, plane: Callable[[BaseGeometry], BaseGeometry]
) -> None:
    strip = plane(shapely.box(900, -20_000, 1100, 20_000))
    found = measure_effects(study, [(Text("厂", "works"), strip)], site_resistance=100.0, tell=keep_quiet)
    places = measure_places(study, [strip], site_resistance=100.0, tell=keep_quiet)
    assert places.barriers is not None
    assert "new" in {item.status for item in places.barriers}
    (pinch,) = places.pinch_points
    assert pinch.status != "unchanged"
    found = replace(found, places=places)
    facts = effects_as_dict(found, NO_SITES)["together"]
    assert facts["ec_iic_after_ha"] <= facts["ec_iic_before_ha"]
    assert facts["pinch_points"][0]["strength_before_a"] > 0
    kinds = {
        row["properties"]["kind"] for row in json.loads(render_effects_geojson(found, NO_SITES))["features"]
    }
    assert {"pinch_before", "pinch_after", "barrier_after"} <= kinds
    book = openpyxl.load_workbook(io.BytesIO(render_effects_xlsx(found, NO_SITES)))
    assert len(book.sheetnames) == 5
    text = format_effects(found)
    assert "夹点 / pinch points" in text
    assert "障碍点 / barriers" in text
    assert "EC(IIC)" in text


def test_a_lost_link_leaves_iic_the_squares_of_the_areas(
    study: Study, plane: Callable[[BaseGeometry], BaseGeometry]
) -> None:
    wall = plane(shapely.box(900, -20_000, 1300, 20_000))
    found = measure_effects(study, [(Text("厂", "works"), wall)], site_resistance=None, tell=keep_quiet)
    areas = np.array([source.area_m2 for source in study.ground.sources])
    assert found.together.iic_num_m4 == pytest.approx((areas**2).sum())
