"""The small pictures of the start page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import shapely

from gis.webmap.definitions import find_map, read_ground, read_maps
from gis.webmap.preview import HEIGHT_PX, WIDTH_PX, BigKinds, draw_preview, merge_kinds

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.webmap.definitions import Ground, MapDefinition
    from gis.workspace import Workspace


@pytest.fixture
def framework(workspace: Workspace) -> MapDefinition:
    """Return the shipped map, looking at the place of the tests: 2 km round the reserve."""
    found = find_map(read_maps(workspace.settings.workspace / "maps"), "framework")
    return replace(found, view=(119.99, 30.26, 120.02, 30.285))


@pytest.fixture
def ground(workspace: Workspace) -> Ground:
    """Return the shipped ground."""
    return read_ground(workspace.settings.workspace / "maps" / "basemaps.toml")


def test_the_picture_has_a_path_for_an_area_and_a_disc_for_a_point(
    workspace: Workspace, framework: MapDefinition, ground: Ground
) -> None:
    picture = draw_preview(workspace, framework, ground)
    assert picture.count("<circle") == 1
    assert picture.count("<path") == 2
    assert f'viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}"' in picture
    assert ground.land in picture


def test_a_hidden_layer_is_not_in_the_picture(
    workspace: Workspace, framework: MapDefinition, ground: Ground
) -> None:
    hidden = tuple(replace(group, hidden=("nature_reserves",)) for group in framework.groups)
    picture = draw_preview(workspace, replace(framework, groups=hidden), ground)
    assert (picture.count("<circle"), picture.count("<path")) == (0, 1)


def test_what_lies_outside_the_view_is_not_in_the_picture(
    workspace: Workspace, framework: MapDefinition, ground: Ground
) -> None:
    elsewhere = replace(framework, view=(118.0, 29.0, 118.1, 29.1))
    assert "<path" not in draw_preview(workspace, elsewhere, ground)


def test_a_big_layer_is_pictured_by_the_pixels_it_covers(
    make_workspace: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis.webmap.tiles.GEOJSON_BYTES", 10)
    tiny = [
        {
            "id": f"t{number}",
            "kind": "reserve",
            "name_zh": "甲",
            "name_en": "A",
            "geometry": shapely.box(number * 20, 0, number * 20 + 10, 10),
        }
        for number in range(200)
    ]
    workspace = make_workspace({"reserves": (tiny, {})}, "")
    shapes = merge_kinds(BigKinds(workspace.layers["reserves"], ("reserve",)), (118.5, 29, 121, 31))
    assert len(shapes) == 1
    frame = workspace.layers["reserves"].frame
    assert frame is not None
    assert shapely.distance(shapes[0], frame.union_all().centroid) < 0.01
