"""Parts cut to windows are what the overlay gives, whatever the fast clipper says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.scale.clips import cut_parts
from gis.scale.grounds import index_grounds
from gis.study import list_asked

from .conftest import OPTIONS

if TYPE_CHECKING:
    from gis.scale.grounds import GroundIndex
    from gis.workspace import Workspace


@pytest.fixture
def index(dense_workspace: Workspace) -> GroundIndex:
    return index_grounds(list_asked(dense_workspace, OPTIONS), site_accuracy_m=1.0)


def cut_all(index: GroundIndex, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return every part cut to every box, and what the overlay makes of it."""
    part = np.tile(np.arange(len(index.shapes)), len(boxes))
    row = np.repeat(np.arange(len(boxes)), len(index.shapes))
    windows = np.atleast_1d(shapely.box(*boxes.T))
    return cut_parts(index, part, boxes, row), shapely.intersection(index.shapes[part], windows[row])


def assert_same(clips: np.ndarray, expected: np.ndarray) -> None:
    assert shapely.is_valid(clips).all()
    assert shapely.area(shapely.symmetric_difference(clips, expected)).max() < 1e-5
    lines = shapely.get_dimensions(expected) < 2
    lines &= ~shapely.is_empty(clips)  # empty: an area that only touches the edge of a window
    assert np.abs(shapely.length(clips[lines]) - shapely.length(expected[lines])).max(initial=0.0) < 1e-5


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(-75, 60), st.integers(-75, 60), st.integers(1, 30), st.integers(1, 30)),
        min_size=1,
        max_size=4,
    )
)
def test_parts_are_cut_as_by_the_overlay(index: GroundIndex, boxes: list[tuple[int, int, int, int]]) -> None:
    corners = 20.0 * np.array([(x, y, x + width, y + height) for x, y, width, height in boxes])
    assert_same(*cut_all(index, corners + np.array([500_000.0, 3_350_000.0] * 2)))


@pytest.mark.parametrize("wrong", [None, shapely.Polygon(), shapely.box(0, 0, 1, 1)])
def test_a_fast_cut_that_is_wrong_is_not_believed(
    index: GroundIndex, monkeypatch: pytest.MonkeyPatch, wrong: shapely.Geometry | None
) -> None:
    monkeypatch.setattr("gis.scale.clips.clip_quickly", lambda *_: wrong)
    boxes = np.array([[500_000.0, 3_350_000.0, 500_300.0, 3_350_200.0]])
    assert_same(*cut_all(index, boxes))
