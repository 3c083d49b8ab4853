"""A batch answers as sites one by one: verdict, reasons, findings, certainty, figures, coverage."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis import crs
from gis.model import CheckOptions, Site, SiteResult, SiteSet
from gis.scale.batch import BatchChecker
from gis.scale.columns import make_findings, make_sites
from gis.study import check_sites, list_asked
from gis.workspace import open_workspace

from .conftest import OPTIONS, strew_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gis.model import Finding, Range
    from gis.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]


def close(first: float | None, second: float | None) -> bool:
    """Return whether two figures are the same to 1e-6, or both absent."""
    if first is None or second is None:
        return first is second
    return abs(first - second) <= 1e-6 * max(1.0, abs(first))


def same_range(value: Range | None, row: dict[str, Any], names: Sequence[str]) -> bool:
    expected = (None, None, None) if value is None else (value.as_drawn, value.min, value.max)
    return all(close(number, row[name]) for number, name in zip(expected, names, strict=True))


def assert_same_finding(finding: Finding, row: dict[str, Any]) -> None:
    """Compare a finding with its row."""
    assert (finding.rule_id, finding.layer_id) == (row["rule_id"], row["layer_id"])
    said = (finding.level, finding.relation, finding.certainty, finding.pending, finding.verified)
    assert said == tuple(row[name] for name in ("level", "relation", "certainty", "pending", "verified")), row
    assert list(finding.feature_ids) == row["feature_ids"], row
    areas = ("overlap_area_m2", "overlap_area_min_m2", "overlap_area_max_m2")
    lengths = ("overlap_length_m", "overlap_length_min_m", "overlap_length_max_m")
    assert same_range(finding.overlap_area_m2, row, areas), (finding.overlap_area_m2, row)
    assert same_range(finding.overlap_length_m, row, lengths), (finding.overlap_length_m, row)
    assert same_range(finding.share_of_site, row, ("share_of_site", "share_min", "share_max")), row
    for name in ("distance_m", "bearing_deg", "accuracy_m", "height_limit_m"):
        assert close(getattr(finding, name), row[name]), (name, finding, row)
    assert (finding.geometry is None) == (row["geometry"] is None)
    if finding.geometry is not None:
        gap = shapely.hausdorff_distance(finding.geometry, shapely.from_wkb(row["geometry"]))
        assert gap < 1e-9


def assert_same_site(result: SiteResult, row: dict[str, Any]) -> None:
    """Compare the result of a site with its row."""
    assert result.verdict.value == row["verdict"], (result.reasons, row)
    assert list(result.reasons) == row["reasons"]
    assert [gap.layer_id for gap in result.unassessed] == row["unassessed"]
    assert len(result.findings) == row["findings"]
    for name in ("area_m2", "length_m", "accuracy_m", "coverage"):
        assert close(getattr(result, name), row[name]), (name, result, row)


def assert_same_answers(workspace: Workspace, sites: Sequence[Site], options: CheckOptions) -> None:
    """Compare a batch with the check of its sites one by one."""
    whole = check_sites(workspace, SiteSet(tuple(sites), (), (), len(sites)), options)
    answers = BatchChecker(workspace, options).answer(sites)
    rows: dict[str, list[dict[str, Any]]] = {site.site_id: [] for site in sites}
    for row in make_findings(answers).to_pylist():
        rows[row["site_id"]].append(row)
    for result, table in zip(whole.sites, make_sites(answers, (), stem="x").to_pylist(), strict=True):
        found = rows[result.site.site_id]
        assert {f.rule_id for f in result.findings} == {row["rule_id"] for row in found}, result.site
        for finding, row in zip(result.findings, found, strict=True):
            assert_same_finding(finding, row)
        assert_same_site(result, table)


def place_sites(make_site: Callable[..., Site], shapes: Sequence[shapely.Geometry]) -> list[Site]:
    return [make_site(shape, index=index) for index, shape in enumerate(shapes)]


@pytest.mark.parametrize("seed", range(4))
def test_a_batch_answers_as_sites_one_by_one(
    dense_workspace: Workspace, make_site: Callable[..., Site], seed: int
) -> None:
    sites = place_sites(make_site, strew_sites(60, seed=seed))
    options = replace(
        OPTIONS, site_accuracy_m=(1.0, 0.0, 12.0, 1.0)[seed], near_m=(300.0, 50.0, 0.0, 1000.0)[seed]
    )
    assert_same_answers(dense_workspace, sites, options)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.integers(-320, 250),
            st.integers(-320, 250),
            st.integers(0, 40),
            st.integers(0, 40),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_sites_on_the_corners_and_borders_of_cells_are_answered_alike(
    dense_workspace: Workspace, make_site: Callable[..., Site], boxes: list[tuple[int, int, int, int, bool]]
) -> None:
    shapes = [
        shapely.Point(x * 4, y * 4)
        if 0 in {width, height}
        else shapely.box(x * 4, y * 4, (x + width) * 4, (y + height) * 4)
        if is_area
        else shapely.LineString([(x * 4, y * 4), ((x + width) * 4, (y + height) * 4)])
        for x, y, width, height, is_area in boxes
    ]
    assert_same_answers(dense_workspace, place_sites(make_site, shapes), OPTIONS)


def test_heights_are_read_as_for_a_single_site(
    dense_workspace: Workspace, make_site: Callable[..., Site]
) -> None:
    sites = [
        make_site(shapely.box(x, 400, x + 20, 420), index=k, **({} if k == 2 else {"height_m": 20 * k}))
        for k, x in enumerate((0, 200, 400, 600, 1200))
    ]
    assert_same_answers(dense_workspace, sites, OPTIONS)


def test_a_second_batch_answers_alike_after_the_first_gave_its_parts_back(
    dense_workspace: Workspace, make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis.scale.batch.HELD_VERTICES", 10)
    checker = BatchChecker(dense_workspace, OPTIONS)
    sites = place_sites(make_site, strew_sites(40, seed=5))
    first, second = (checker.answer(sites) for _ in range(2))
    assert make_findings(first).equals(make_findings(second))
    for zone in (asked.zone for asked in list_asked(dense_workspace, OPTIONS)):
        assert shapely.is_prepared([part.geometry for part in zone.parts]).all()


def test_a_batch_of_nothing_is_no_finding(dense_workspace: Workspace) -> None:
    answers = BatchChecker(dense_workspace, OPTIONS).answer([])
    assert make_findings(answers).num_rows == 0
    assert make_sites(answers, (), stem="x").num_rows == 0


def test_the_shipped_layers_answer_a_batch_as_sites_one_by_one(
    make_site: Callable[..., Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIS_HOME", str(tmp_path))
    workspace = open_workspace(ROOT)
    shapes = [
        shapely.transform(shape, lambda xy: xy * 40 + (20_000, -10_000)) for shape in strew_sites(80, seed=9)
    ]
    assert_same_answers(workspace, place_sites(make_site, shapes), CheckOptions(on=date(2026, 6, 1)))


def test_a_site_of_several_parts_takes_no_accuracy_from_features_far_away() -> None:
    opened = open_workspace(ROOT)
    parts = [shapely.box(120.1, 30.2, 120.11, 30.21), shapely.box(120.2, 30.2, 120.21, 30.21)]
    site = read_sites_of(shapely.MultiPolygon(parts))
    assert_same_answers(opened, [site], OPTIONS)


def read_sites_of(geometry: shapely.Geometry) -> Site:
    """Return a site drawn in degrees."""
    plane = crs.densify_plane(crs.transform(geometry, crs.GEOGRAPHIC, crs.PLANE))
    return Site("several", "x.geojson", 0, "several", "polygon", {}, geometry, plane)
