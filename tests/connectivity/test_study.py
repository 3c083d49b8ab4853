"""The whole study of a small country: the corridor follows the river and leaves the town aside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from gis.connectivity.build import make_builders, run_default_study
from gis.connectivity.features import list_features
from gis.connectivity.study import choose_options, run_ensemble, run_study
from gis.errors import CorridorError
from gis.outputs.connectivity.files import render_features, render_study_json
from gis.outputs.connectivity.rasters import list_grids
from gis.outputs.connectivity.tables import render_study_xlsx

if TYPE_CHECKING:
    from gis.connectivity.study import Study
    from gis.model import Text
    from gis.workspace import Workspace


def keep_quiet(stage: Text, share: float) -> None:
    assert stage.zh
    assert 0.0 <= share <= 1.0


@pytest.fixture
def study(country: Workspace) -> Study:
    return run_default_study(country, tell=keep_quiet, spread_out=lambda items, work: map(work, items))


def test_the_path_follows_the_river_and_avoids_the_town(study: Study) -> None:
    (link,) = study.links
    rows, columns = link.route.cells.T
    names = [
        study.ground.surface.table.classes[index].id for index in study.ground.surface.class_of[rows, columns]
    ]
    assert "town" not in names
    assert names.count("river") > len(names) / 2
    assert link.title.zh == "西林—东林"
    assert link.agreement == pytest.approx(1.0)  # in every range the river is easier than the land


def test_the_network_of_two_sources_is_that_of_the_formula(study: Study) -> None:
    (link,) = study.links
    a = np.array([source.area_m2 for source in study.ground.sources])
    p = 0.5 ** (link.cost_km / 100.0)
    assert study.network.pc.numerator == pytest.approx(a[0] ** 2 + a[1] ** 2 + 2 * a[0] * a[1] * p)
    assert link.pc_share == pytest.approx(2 * a[0] * a[1] * p / study.network.pc.numerator)


def test_pinch_points_lie_in_the_corridor_outside_the_sources(study: Study) -> None:
    (link,) = study.links
    chosen = study.pinch_points(link)
    assert chosen.any()
    assert not (chosen & ~study.band).any()
    assert not any((chosen & source.cells).any() for source in study.ground.sources)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_id(
    country: Workspace, study: Study
) -> None:
    again = run_default_study(country, tell=keep_quiet, spread_out=lambda items, work: map(work, items))
    assert render_study_json(again) == render_study_json(study)
    assert render_features(again) == render_features(study)
    assert render_study_xlsx(again) == render_study_xlsx(study)
    other = run_study(
        study.ground,
        choose_options(study.ground, seed=12),
        tell=keep_quiet,
        spread_out=lambda i, w: map(w, i),
    )
    assert other.study_id != study.study_id


def test_every_file_says_what_it_was_made_from(study: Study) -> None:
    facts = json.loads(render_study_json(study))["provenance"]
    assert facts["study_id"] == study.study_id
    assert facts["missing"] == ["road", "line"]
    assert set(facts["layers_sha256"]) == {"lines", "rivers", "towns", "woods"}
    for text in render_features(study).values():
        assert json.loads(text)["provenance"] == facts


def test_features_lie_where_the_grid_does_and_agreement_areas_do_not_overlap(study: Study) -> None:
    found = list_features(study)
    assert [len(found[name]) for name in ("corridor_paths", "corridor_bands")] == [1, 1]
    path = found["corridor_paths"][0].geometry
    assert shapely.box(119.955, 30.262, 120.045, 30.298).contains(path)
    areas = [feature.geometry for feature in found["corridor_agreement"]]
    union = shapely.union_all(areas)
    assert sum(area.area for area in areas) == pytest.approx(union.area, rel=1e-6)


def test_the_features_remade_by_the_layer_build_are_those_of_the_study(
    country: Workspace, study: Study
) -> None:
    builders = make_builders(tell=keep_quiet, spread_out=lambda items, work: map(work, items))
    folder = country.settings.workspace
    for layer_id, features in list_features(study).items():
        made = builders[layer_id](folder)
        assert [item.properties for item in made] == [item.properties for item in features]


def test_an_ensemble_alone_agrees_with_the_study_and_needs_a_run(study: Study) -> None:
    alone = run_ensemble(study.ground, study.options, tell=keep_quiet, spread_out=lambda i, w: map(w, i))
    assert np.array_equal(alone.agreement, study.agreement)
    with pytest.raises(CorridorError):
        run_ensemble(
            study.ground,
            choose_options(study.ground, runs=0),
            tell=keep_quiet,
            spread_out=lambda i, w: map(w, i),
        )


def test_grids_hold_what_their_names_say(study: Study) -> None:
    grids = list_grids(study)
    assert set(grids) == {"resistance", "corridor", "current", "agreement", "barriers"}
    assert np.nanmin(grids["corridor"][0].values) == 0.0
    assert grids["agreement"][0].values.max() == 1.0


def test_barriers_name_the_link_they_help_and_never_make_it_dearer(study: Study) -> None:
    assert study.barriers is not None
    for barrier in study.barriers.barriers:
        assert barrier.pair == (1, 2)
        assert barrier.recomputed_distance <= barrier.distance
