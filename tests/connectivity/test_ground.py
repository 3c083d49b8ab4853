"""What a study stands on: classes painted, left out and missing; sources with their areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gis.connectivity.ground import make_ground, make_own_ground, table_path
from gis.corridors.grid import Grid
from gis.corridors.resistance import read_resistances
from gis.errors import CorridorError

if TYPE_CHECKING:
    from gis.connectivity.ground import Ground
    from gis.workspace import Workspace


def ground_of(country: Workspace) -> Ground:
    return make_ground(country, read_resistances(table_path(country)), cell_m=100.0, dem=None)


def test_classes_say_whether_they_were_painted_left_out_or_had_no_data(country: Workspace) -> None:
    told = {item.class_id: (item.status, item.painted, item.left_out) for item in ground_of(country).painted}
    assert told == {
        "land": ("base", 0, 0),
        "town": ("painted", 1, 0),
        "river": ("painted", 1, 0),
        "wood": ("painted", 2, 0),
        "road": ("no_data", 0, 0),
        "line": ("inaccurate", 0, 1),
    }


def test_sources_have_the_area_on_the_ground_and_their_cells(country: Workspace) -> None:
    ground = ground_of(country)
    assert [source.id for source in ground.sources] == ["west", "east"]
    for source in ground.sources:
        assert source.area_m2 == pytest.approx(1e6, rel=1e-3)
        assert source.cells.sum() == 100
    assert not (ground.sources[0].cells & ground.sources[1].cells).any()


def test_the_hashes_name_every_layer_that_was_read_and_has_data(country: Workspace) -> None:
    names = [name for name, _ in ground_of(country).layer_hashes]
    assert names == ["lines", "rivers", "towns", "woods"]


def test_one_source_is_refused(country: Workspace) -> None:
    path = table_path(country)
    path.write_text(
        path.read_text(encoding="utf-8").replace('ids = ["east"]', 'ids = ["none"]'), encoding="utf-8"
    )
    with pytest.raises(CorridorError) as caught:
        ground_of(country)
    assert caught.value.code == "corridors.sources"


def test_parts_become_sources_from_north_to_south(country: Workspace) -> None:
    path = table_path(country)
    text = path.read_text(encoding="utf-8").replace(
        'ids = ["west"]\n', 'ids = ["west", "east"]\nparts = [["甲", "A"], ["乙", "B"]]\n'
    )
    path.write_text(text, encoding="utf-8")
    ground = ground_of(country)
    assert [(source.id, source.title.zh) for source in ground.sources] == [("west_1", "甲"), ("west_2", "乙")]


def test_a_workspace_without_a_table_has_the_bundled_one(country: Workspace) -> None:
    table_path(country).unlink()
    assert read_resistances(table_path(country)).study.title.zh == "生态框架连通性研究"


def test_own_resistances_and_own_sources_need_no_layer(country: Workspace) -> None:
    table = read_resistances(table_path(country))
    points = np.full((3, 4), np.nan)
    points[0, 0], points[2, 3] = 5, 9
    surface = Grid(np.full((3, 4), 2.0), 0.0, 0.0, 10.0, None)
    ground = make_own_ground(country, table, surface, surface.with_values(points))
    assert [source.id for source in ground.sources] == ["source_5", "source_9"]
    assert (ground.surface.resistance().values == 2.0).all()
    with pytest.raises(CorridorError):
        make_own_ground(country, table, surface, Grid(points[:, :3], 0.0, 0.0, 10.0, None))
