"""Borders of administrative units: shared ones once, lower levels not under higher ones, no second coast."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import shapely

from gis.sheets.borders import border_lines, split_units
from gis.sheets.content import MapFeature
from gis.sheets.definition import NameRules
from gis.sheets.frame import PaperFrame, area_of_sheet
from gis.sheets.numbering import parse_number

if TYPE_CHECKING:
    from gis.workspace import Workspace


@pytest.fixture
def paper() -> PaperFrame:
    return PaperFrame(area_of_sheet(parse_number("H51E011001")), "A2", 594.0, 420.0, (12.0, 22.0))


def unit(workspace: Workspace, kind: str, name: str, box: tuple[float, float, float, float]) -> MapFeature:
    entry = workspace.layers["boundaries_prefecture"].entry
    style = workspace.styles.find(kind)
    return MapFeature(name, entry, kind, name, style, shapely.box(*box), True, 530.0, 0.0)  # noqa: FBT003


def test_a_shared_border_is_one_line() -> None:
    lines = border_lines([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], None)
    assert lines.length == pytest.approx(60 + 10)


def test_the_outer_limit_near_the_sea_is_left_to_the_coast() -> None:
    units = [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)]
    lines = border_lines(units, shapely.box(-1, -1, 21, 11))
    assert lines.length == pytest.approx(10, abs=0.3)
    lines = border_lines(units, shapely.box(15, -1, 30, 11))
    assert lines.length == pytest.approx(70 - 20, abs=0.3)


def test_a_county_border_does_not_run_under_that_of_a_prefecture(
    workspace: Workspace, paper: PaperFrame
) -> None:
    features = [
        unit(workspace, "boundary_prefecture", "甲市", (50, 50, 150, 150)),
        unit(workspace, "boundary_prefecture", "乙市", (150, 50, 250, 150)),
        unit(workspace, "boundary_county", "丙区", (50, 50, 100, 150)),
        unit(workspace, "boundary_county", "丁区", (100, 50, 150, 150)),
    ]
    units = split_units(features, paper, {"boundary_county": NameRules(11.0, "#888888")})
    lines = {feature.kind: feature.geometry for feature in units.rest}
    assert lines["boundary_prefecture"].length == pytest.approx(700)
    assert lines["boundary_county"].length == pytest.approx(100, abs=0.5)
    named = {feature.name: feature.style.text_pt for feature in units.named}
    assert named == {"甲市": 0.0, "乙市": 0.0, "丙区": 11.0, "丁区": 11.0}


def test_a_border_that_is_not_on_the_sheet_is_not_in_its_legend(
    workspace: Workspace, paper: PaperFrame
) -> None:
    around = unit(workspace, "boundary_county", "丙区", (-900, -900, 900, 900))
    units = split_units([around, replace(around, kind="boundary_prefecture", name="")], paper, {})
    assert [feature.inside for feature in units.rest] == [False]  # the county border runs under the other
