"""The course of a long surface."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.sheets.courses import middle_line

BEND = shapely.LineString([(0, 0), (100, 0), (150, 50), (150, 150)])


def test_a_band_has_its_own_axis_as_course() -> None:
    course = middle_line(shapely.buffer(BEND, 8))
    assert course is not None
    assert course.length == pytest.approx(BEND.length, rel=0.06)
    spots = shapely.get_coordinates(shapely.segmentize(course, 5.0))
    assert max(shapely.distance(BEND, shapely.points(spots[2:-2]))) < 2.5
    assert np.hypot(*(spots[-1] - spots[0])) > 180


@pytest.mark.parametrize(
    "ground", [shapely.box(0, 0, 60, 40), shapely.Point(0, 0).buffer(30), shapely.Polygon()]
)
def test_a_compact_surface_has_none(ground: shapely.Polygon) -> None:
    assert middle_line(ground) is None
