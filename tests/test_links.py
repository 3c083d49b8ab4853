"""What a site takes of the computed corridor network: by hand on squares, nothing where it meets nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import shapely

from gis.links import meet_links
from gis.outputs.link_content import say_change, say_sure, say_touch, show_ha
from tests.conftest import shift

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.workspace import Workspace


@pytest.fixture
def workspace(make_workspace: Callable[..., Workspace]) -> Workspace:
    def layer(*rows: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, object]]:
        return [{"accuracy_m": 500.0, **row} for row in rows], {"assessed": False, "required": False}

    line = shapely.LineString([(0, 500), (5000, 500)])
    return make_workspace(
        {
            "corridor_paths": layer({"id": "a--b", "kind": "least_cost_path", "geometry": line}),
            "corridor_bands": layer(
                {"id": "a--b", "kind": "corridor_band", "geometry": shapely.box(0, 0, 5000, 1000)}
            ),
            "corridor_pinch_points": layer(
                {"id": "a--b", "kind": "pinch_point", "geometry": shapely.box(2000, 0, 2500, 1000)}
            ),
            "corridor_agreement": layer(
                {"id": "agreement_25", "kind": "agreement_25", "geometry": shapely.box(0, 0, 5000, 400)},
                {"id": "agreement_75", "kind": "agreement_75", "geometry": shapely.box(0, 400, 5000, 1000)},
            ),
        },
        "",
    )


def test_a_site_on_path_and_pinch_point_says_how_much_it_takes(workspace: Workspace) -> None:
    (touch,) = meet_links(workspace, shift(shapely.box(2400, 300, 2700, 600)))
    assert (touch.link_id, touch.on_path) == ("a--b", True)
    assert touch.band_m2 == pytest.approx(300 * 300, rel=1e-2)
    assert touch.pinch_m2 == pytest.approx(100 * 300, rel=1e-2)
    assert touch.agreement_share == 0.75
    assert touch.agreement_m2 == pytest.approx(300 * 200, rel=1e-2)
    assert touch.status == ""


def test_a_site_beside_the_path_but_in_the_corridor_is_off_the_path(workspace: Workspace) -> None:
    (touch,) = meet_links(workspace, shift(shapely.box(100, 100, 200, 200)))
    assert not touch.on_path
    assert touch.pinch_m2 == 0.0
    assert touch.agreement_share == 0.25


def test_a_site_that_meets_no_link_says_nothing(workspace: Workspace) -> None:
    assert meet_links(workspace, shift(shapely.box(100, 5000, 200, 5100))) == ()


def test_a_line_across_the_path_has_no_area_but_stands_on_it(workspace: Workspace) -> None:
    (touch,) = meet_links(workspace, shift(shapely.LineString([(1000, 300), (1000, 700)])))
    assert (touch.on_path, touch.band_m2) == (True, 0.0)


def test_a_workspace_without_a_study_says_nothing(make_workspace: Callable[..., Workspace]) -> None:
    assert meet_links(make_workspace({}, ""), shift(shapely.box(0, 0, 1, 1))) == ()


def test_the_layers_of_a_study_take_no_part_in_checks(workspace: Workspace) -> None:
    assert workspace.assessed_layers == ()


def test_words_tell_how_sure_and_that_the_change_was_not_computed(workspace: Workspace) -> None:
    (touch,) = meet_links(workspace, shift(shapely.box(2400, 300, 2700, 600)))
    assert say_sure(touch).zh == "75% 以上的抽样，6.0 ha"
    assert "--network" in say_change(touch).zh
    assert [show_ha(value) for value in (0.0, 100.0, 123_456.0)] == ["—", "< 0.1 ha", "12.3 ha"]


def test_the_terminal_and_json_say_what_a_site_takes(workspace: Workspace) -> None:
    (touch,) = meet_links(workspace, shift(shapely.box(2400, 300, 2700, 600)))

    said = say_touch(touch)

    assert "压在路径上，占廊道带 9.0 ha，占夹点 3.0 ha" in said.zh
    assert said.en.endswith("on the path, 9.0 ha of its corridor, 3.0 ha of its pinch point")


def test_a_link_that_a_dear_way_still_joins_is_not_called_cut(workspace: Workspace) -> None:
    (touch,) = meet_links(workspace, shift(shapely.box(2400, 300, 2700, 600)))
    dear = replace(touch, status="lost", cost_before_km=100.0, cost_after_km=400.0)
    cut = replace(touch, status="lost", cost_before_km=100.0)

    assert say_change(dear).zh == "阻力过高，不再算作连接 100.0 → 400.0（+300.0%）"
    assert say_change(cut).zh == "连接中断"
