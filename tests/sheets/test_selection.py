"""Areas and places by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import shapely

from gis.errors import NotFoundError
from gis.sheets.selection import find_area, sheets_of_area

if TYPE_CHECKING:
    from gis.workspace import Workspace


@pytest.fixture
def named(workspace: Workspace) -> Workspace:
    """Return the small workspace with English names of its two prefectures."""
    layer = workspace.layers["boundaries_prefecture"]
    assert layer.frame is not None
    frame = layer.frame.assign(name_en=["Hangzhou", "Shaoxing"])
    return replace(workspace, layers={**workspace.layers, layer.entry.id: replace(layer, frame=frame)})


@pytest.mark.parametrize("name", ["绍兴市", "绍兴", "Shaoxing", "SHAOXING", "Shaoxing City", " 绍兴 "])
def test_a_unit_is_found_by_its_name_in_either_language(named: Workspace, name: str) -> None:
    assert find_area(named, name).equals(shapely.box(120.22, 29.2, 121.2, 30.25))


def test_a_place_comes_before_the_unit_that_has_its_name_and_a_generic_word(named: Workspace) -> None:
    assert find_area(named, "杭州").geom_type == "Point"
    assert [frame.number for frame in sheets_of_area(named, "杭州", 50_000)] == ["H51E011001"]


def test_a_feature_of_a_public_layer_is_found_where_no_place_has_its_name(named: Workspace) -> None:
    assert [frame.number for frame in sheets_of_area(named, "西湖", 50_000)] == ["H51E011001"]


@pytest.mark.parametrize("name", ["秘密油库甲", "亚特兰蒂斯", ""])
def test_a_sensitive_or_unknown_name_is_not_found(named: Workspace, name: str) -> None:
    with pytest.raises(NotFoundError):
        find_area(named, name)
