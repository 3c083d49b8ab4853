"""Ground that the data do not reach is told from land."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import shapely

from gis.sheets.beyond import beyond_features
from gis.sheets.frame import PaperFrame, area_of_sheet
from gis.sheets.numbering import parse_number

if TYPE_CHECKING:
    from gis.workspace import Workspace


@pytest.fixture
def paper() -> PaperFrame:
    return PaperFrame(area_of_sheet(parse_number("H51E011001")), "A2", 594.0, 420.0, (12.0, 22.0))


def test_ground_outside_the_coverage_of_the_sea_is_shown_as_such(
    workspace: Workspace, paper: PaperFrame
) -> None:
    coast = replace(workspace.layers["coast"], coverage=shapely.box(119, 29, 120.125, 31))
    (beyond,) = beyond_features([coast], workspace.styles, paper)
    assert beyond.style.label.zh == "资料范围以外"
    share = shapely.intersection(beyond.geometry, paper.polygon).area / paper.polygon.area
    assert share == pytest.approx(0.5, abs=0.002)


def test_a_sheet_within_the_data_or_without_known_coverage_shows_none(
    workspace: Workspace, paper: PaperFrame
) -> None:
    whole = replace(workspace.layers["coast"], coverage=shapely.box(119, 29, 123, 31))
    assert beyond_features([whole], workspace.styles, paper) == ()
    assert beyond_features(workspace.layers.values(), workspace.styles, paper) == ()
