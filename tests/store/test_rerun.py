"""A kept check made again: the verdicts that a moved boundary changes, and nothing else."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import shapely

from gis import crs
from gis.model import CheckOptions, Verdict
from gis.outputs.json import render_json
from gis.sites.read import SiteSource, read_sites
from gis.store.records import RecordStore
from gis.store.rerun import rerun_record
from gis.study import check_sites

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from gis.store.records import Record
    from gis.workspace import Workspace

OPTIONS = CheckOptions(on=date(2026, 1, 31))


@pytest.fixture
def open_reserve(
    make_workspace: Callable[..., Workspace], rule_text: Callable[..., str]
) -> Callable[..., Workspace]:
    """Return the maker of a workspace whose reserve reaches from 0 to `width_m` east."""

    def make(width_m: float, **rule: object) -> Workspace:
        reserve = {"id": "r", "kind": "reserve", "geometry": shapely.box(0, -500, width_m, 500)}
        return make_workspace({"reserves": ([reserve], {})}, rule_text("no_building", **rule))

    return make


@pytest.fixture
def keep(tmp_path: Path, plane: Callable[[BaseGeometry], BaseGeometry]) -> Callable[..., Record]:
    """Return the function that checks two squares, 1 km and 3 km east, and keeps the check."""
    store = RecordStore(tmp_path / "records")

    def make(workspace: Workspace) -> Record:
        features: list[dict[str, Any]] = []
        for east_m in (1000, 3000):
            square = plane(shapely.box(east_m, -50, east_m + 100, 50))
            lonlat = crs.transform(square, crs.PLANE, crs.GEOGRAPHIC)
            geometry = json.loads(shapely.to_geojson(lonlat))
            features.append({"type": "Feature", "properties": {"name": f"{east_m}"}, "geometry": geometry})
        content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
        sources = [SiteSource("两块.geojson", content)]
        body = render_json(check_sites(workspace, read_sites(sources), OPTIONS))
        return store.read_record(store.keep(body, sources=sources, options=OPTIONS).record_id)

    return make


def test_nothing_changes_when_nothing_did(
    open_reserve: Callable[..., Workspace], keep: Callable[..., Record]
) -> None:
    workspace = open_reserve(2000)
    record = keep(workspace)
    done = rerun_record(workspace, record)
    assert done.check_id_after == record.check_id
    assert (done.changes, done.layers_changed, done.rules_changed, done.verdict_changed) == (
        (),
        (),
        False,
        False,
    )


def test_a_boundary_that_moved_changes_the_verdicts_it_crossed(
    open_reserve: Callable[..., Workspace], keep: Callable[..., Record]
) -> None:
    record = keep(open_reserve(2000))
    done = rerun_record(open_reserve(500), record)
    assert done.verdict_changed
    assert done.layers_changed == ("reserves",)
    assert not done.rules_changed
    (change,) = [change for change in done.changes if change.verdict_changed]
    assert change.name == "1000"
    assert change.before is Verdict.PROHIBITED
    assert change.after is not Verdict.PROHIBITED
    assert done.check_id_after != record.check_id


def test_a_finding_that_comes_without_another_verdict_is_told_as_such(
    open_reserve: Callable[..., Workspace], keep: Callable[..., Record]
) -> None:
    record = keep(open_reserve(1500))
    done = rerun_record(open_reserve(2900), record)
    (change,) = done.changes
    assert (change.name, change.new, change.gone) == ("3000", ("no_building",), ())
    assert change.before is change.after
    assert not done.verdict_changed


def test_a_rule_that_changed_is_named_as_the_cause(
    open_reserve: Callable[..., Workspace], keep: Callable[..., Record]
) -> None:
    record = keep(open_reserve(2000))
    done = rerun_record(open_reserve(2000, level="restricted"), record)
    assert (done.rules_changed, done.layers_changed) == (True, ())
    assert {(change.before, change.after) for change in done.changes} == {
        (Verdict.PROHIBITED, Verdict.RESTRICTED)
    }


def test_the_law_of_another_day_can_be_asked_for(
    open_reserve: Callable[..., Workspace], keep: Callable[..., Record]
) -> None:
    workspace = open_reserve(2000)
    done = rerun_record(workspace, keep(workspace), on=date(2019, 1, 1))
    assert [change.before for change in done.changes if change.verdict_changed] == [Verdict.PROHIBITED]


def test_a_file_that_is_refused_today_is_said_not_dropped(
    open_reserve: Callable[..., Workspace], keep: Callable[..., Record]
) -> None:
    from dataclasses import replace

    workspace = open_reserve(2000)
    record = replace(keep(workspace), sources=(SiteSource("a.geojson", b"no json"),))
    done = rerun_record(workspace, record)
    assert done.verdict_changed
    assert done.problem is not None
    assert done.check_id_after is None
