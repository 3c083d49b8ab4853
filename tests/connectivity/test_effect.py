"""What projects change: by hand on a small country, and that nothing far away changes anything."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from gis.connectivity.build import run_default_study
from gis.connectivity.burning import burn_sites, share_cells
from gis.connectivity.effect import measure_effects
from gis.connectivity.result import add_network
from gis.errors import CorridorError
from gis.model import CheckOptions, SiteSet, Text
from gis.outputs.connectivity.effects import (
    effects_as_dict,
    format_effects,
    render_effects_geojson,
    render_effects_xlsx,
)
from gis.outputs.html import render_html
from gis.outputs.json import result_as_dict
from gis.outputs.link_content import say_network
from gis.study import check_sites

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry.base import BaseGeometry

    from gis.connectivity.study import Study
    from gis.model import Site
    from gis.workspace import Workspace

NAME = Text("厂", "works")
NO_SITES = SiteSet(sites=(), rejected=(), files=(), features_in=0)


def keep_quiet(stage: Text, share: float) -> None:
    del stage, share


@pytest.fixture
def study(country: Workspace) -> Study:
    return run_default_study(country, tell=keep_quiet, spread_out=lambda items, work: map(work, items))


def test_a_cell_gets_its_share_of_the_sites_resistance_and_never_less_than_it_had() -> None:
    old = np.array([10.0, 10.0, 10.0, 200.0, np.nan])
    shares = np.array([0.0, 0.25, 1.0, 1.0, 1.0])
    burnt = burn_sites(old, shares, 100.0)
    assert burnt[:4].tolist() == [10.0, 32.5, 100.0, 200.0]
    assert np.isnan(burnt[4])
    assert np.isnan(burn_sites(old, shares, None)).tolist() == [False, False, True, True, True]


def test_shares_of_cells_sum_to_the_area_of_the_site(
    study: Study, plane: Callable[[BaseGeometry], BaseGeometry]
) -> None:
    site = plane(shapely.box(13, 27, 333, 444))
    shares = share_cells(study.ground, [site, site])  # overlapping sites count once
    assert shares.sum() * study.ground.cells.cell**2 == pytest.approx(site.area)


def test_a_site_across_the_river_moves_the_path_and_raises_cost_and_resistance(
    study: Study, plane: Callable[[BaseGeometry], BaseGeometry]
) -> None:
    across = plane(shapely.box(-300, -1200, 0, 400))
    found = measure_effects(study, [(NAME, across)], site_resistance=100.0, tell=keep_quiet)
    (link,) = found.together.links
    assert link.status in {"dearer", "rerouted"}
    assert link.cost_km > link.before.cost_km
    assert link.resistance_ohm > link.before.resistance_ohm
    assert found.together.ec_m2 < study.network.pc.equivalent_area_m2
    assert found.together.changes
    assert link.sentence.zh.startswith("西林—东林：累积阻力")
    assert f"{link.cost_change:+.1%}" in link.sentence.en


def test_a_site_that_meets_nothing_of_the_study_changes_nothing(
    study: Study, plane: Callable[[BaseGeometry], BaseGeometry]
) -> None:
    far = plane(shapely.box(90_000, 90_000, 90_500, 90_500))
    found = measure_effects(study, [(NAME, far)], site_resistance=100.0, tell=keep_quiet)
    assert not found.together.changes
    assert found.together.ec_m2 == study.network.pc.equivalent_area_m2
    assert [link.status for link in found.together.links] == ["unchanged"]
    assert "没有影响" in format_effects(found)


def test_an_impassable_wall_from_edge_to_edge_loses_the_link(
    study: Study, plane: Callable[[BaseGeometry], BaseGeometry]
) -> None:
    wall = plane(shapely.box(900, -20_000, 1300, 20_000))
    found = measure_effects(study, [(NAME, wall)], site_resistance=None, tell=keep_quiet)
    (link,) = found.together.links
    assert link.status == "lost"
    areas = np.array([source.area_m2 for source in study.ground.sources])
    assert found.together.pc_num_m4 == pytest.approx((areas**2).sum())
    facts = effects_as_dict(found, NO_SITES)
    assert facts["together"]["links"][0]["cost_after"] is None
    json.dumps(facts, allow_nan=False)


def test_a_site_in_a_source_takes_its_area_from_it(
    study: Study, plane: Callable[[BaseGeometry], BaseGeometry]
) -> None:
    inside = plane(shapely.box(-3300, 1100, -3100, 1300))
    found = measure_effects(study, [(NAME, inside)], site_resistance=100.0, tell=keep_quiet)
    assert found.together.source_loss_m2 == pytest.approx(40_000.0, rel=1e-3)
    assert found.together.ec_m2 < study.network.pc.equivalent_area_m2


def test_all_together_is_no_cheaper_than_each_alone(
    study: Study, plane: Callable[[BaseGeometry], BaseGeometry]
) -> None:
    sites = [
        (Text("北", "north"), plane(shapely.box(-300, 300, 0, 2600))),
        (Text("南", "south"), plane(shapely.box(-300, -1200, 0, 300))),
    ]
    found = measure_effects(study, sites, site_resistance=100.0, tell=keep_quiet)
    (together,) = found.together.links
    assert len(found.each) == 2
    assert all(together.cost_km >= effect.links[0].cost_km - 1e-9 for effect in found.each)


def test_files_hold_the_same_figures_and_the_provenance(
    study: Study, plane: Callable[[BaseGeometry], BaseGeometry]
) -> None:
    across = plane(shapely.box(-300, -1200, 0, 400))
    found = measure_effects(study, [(NAME, across)], site_resistance=100.0, tell=keep_quiet)
    collection = json.loads(render_effects_geojson(found, NO_SITES))
    kinds = [row["properties"]["kind"] for row in collection["features"]]
    assert kinds == ["path_before", "path_after"]
    assert collection["provenance"]["study_id"] == study.study_id
    assert render_effects_xlsx(found, NO_SITES) == render_effects_xlsx(found, NO_SITES)


def test_an_impossible_resistance_is_refused(study: Study) -> None:
    with pytest.raises(CorridorError) as caught:
        measure_effects(study, [], site_resistance=0.0, tell=keep_quiet)
    assert caught.value.code == "corridors.resistance"


def test_a_check_gets_what_its_sites_change_and_keeps_what_they_take(
    country: Workspace, study: Study, make_site: Callable[..., Site], make_site_set: Callable[..., SiteSet]
) -> None:
    sites = make_site_set(make_site(shapely.box(-300, -1200, 0, 400)))
    result = check_sites(country, sites, CheckOptions(on=date(2026, 6, 1)))
    assert result.network is None
    found = measure_effects(
        study, [(NAME, site.geometry_plane) for site in sites.sites], site_resistance=100.0, tell=keep_quiet
    )
    told = add_network(result, found)
    (touch,) = told.sites[0].links
    assert touch.link_id == "west--east"
    assert touch.cost_after_km > touch.cost_before_km
    assert told.network is not None
    assert told.network.ec_after_m2 < told.network.ec_before_m2
    assert told.check_id != result.check_id
    (note,) = [n for n in result_as_dict(told)["sites"][0]["warnings"] if n["code"] == "corridor_link"]
    assert f"{touch.cost_before_km:.1f} → {touch.cost_after_km:.1f}" in note["message"]["zh"]
    assert "on the path" in note["message"]["en"] or "off the path" in note["message"]["en"]
    assert "等效连通面积" in say_network(told).zh
    assert f"{touch.cost_before_km:.1f} → {touch.cost_after_km:.1f}" in render_html(told, country)
