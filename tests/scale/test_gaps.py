"""What no layer covers is told for a batch as for sites one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.scale.gaps import GapFinder, trim_coverage
from gis.study import COVER_SHARE, assess_coverage, list_coverages
from gis.vicinity import measure_site

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.model import Site
    from gis.workspace import Workspace

AREAS = {
    "box": shapely.box(0, 0, 100, 50),
    "bent": shapely.Polygon([(0, 0), (50, 1), (100, 0), (99, 50), (50, 51), (1, 50)]),
    "two": shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(90, 40, 100, 50)]),
    "holed": shapely.box(0, 0, 100, 50).difference(shapely.box(45, 20, 55, 30)),
}


@pytest.mark.parametrize("name", AREAS)
def test_the_inner_box_of_a_coverage_lies_in_it(name: str) -> None:
    coverage = trim_coverage(AREAS[name])
    found = coverage.inner[0] <= coverage.inner[2]
    assert found == (name in {"box", "bent"})
    if found:
        assert AREAS[name].covers(shapely.box(*coverage.inner))


@dataclass(frozen=True)
class Strewn:
    """A rectangle as hypothesis draws it, metres about the origin."""

    x: int
    y: int
    width: int
    height: int


STREWN = st.builds(
    Strewn, st.integers(-1400, 1500), st.integers(-1400, 1500), st.integers(0, 900), st.integers(0, 900)
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STREWN, min_size=1, max_size=6))
def test_a_batch_says_what_each_site_says(
    dense_workspace: Workspace, make_site: Callable[..., Site], strewn: list[Strewn]
) -> None:
    shapes = [
        shapely.box(s.x, s.y, s.x + s.width, s.y + s.height)
        if s.width and s.height
        else shapely.Point(s.x, s.y)
        for s in strewn
    ]
    coverages = list_coverages(dense_workspace)
    measured = [measure_site(make_site(shape, index=k), accuracy_m=1.0) for k, shape in enumerate(shapes)]
    planes = np.array([one.site.geometry_plane for one in measured], object)
    gaps = GapFinder(coverages).assess(planes, shapely.bounds(planes), measured.__getitem__)
    for row, one in enumerate(measured):
        expected, share = assess_coverage(one, coverages)
        named = tuple((gap.layer_id, gap.required) for gap in expected if gap.share_of_site > COVER_SHARE)
        assert gaps.patterns[gaps.pattern[row]] == named
        assert gaps.coverage[row] == pytest.approx(share, abs=1e-12)


def test_nothing_lacks_nothing(dense_workspace: Workspace) -> None:
    nothing = np.empty(0, dtype=object)
    gaps = GapFinder(list_coverages(dense_workspace)).assess(nothing, np.empty((0, 4)), [].__getitem__)
    assert (len(gaps.pattern), len(gaps.coverage)) == (0, 0)
