"""What a page is told about its layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.model import Text
from gis.webmap.config import group_layers, layer_table, make_config
from gis.webmap.definitions import Group, find_map, read_ground, read_maps

if TYPE_CHECKING:
    from pathlib import Path

    from gis.workspace import Workspace

ECOLOGY = Group(
    theme="ecology", title=Text("生态", "Ecology"), layers=("nature_reserves", "absent"), rest=True
)


def test_a_layer_the_catalogue_does_not_have_is_left_out_and_the_rest_of_the_theme_follows(
    workspace: Workspace,
) -> None:
    ids = group_layers(ECOLOGY, workspace.layers, frozenset({"nature_reserves"}))
    assert ids == ("nature_reserves", "extra", "redline")


def test_the_rest_leaves_a_layer_where_another_group_names_it(workspace: Workspace) -> None:
    ids = group_layers(ECOLOGY, workspace.layers, frozenset({"nature_reserves", "extra"}))
    assert ids == ("nature_reserves", "redline")


def test_each_kind_says_as_what_it_is_drawn(workspace: Workspace) -> None:
    table = layer_table(workspace, workspace.layers["nature_reserves"], shown=True)
    assert {kind["kind"]: kind["geometry"] for kind in table["kinds"]} == {
        "reserve": "Polygon",
        "gate": "Point",
    }
    assert {kind["style"] for kind in table["kinds"]} == {"fallback"}


def test_a_layer_without_data_is_listed_and_never_shown(workspace: Workspace) -> None:
    table = layer_table(workspace, workspace.layers["redline"], shown=True)
    assert (table["status"], table["usable"], table["shown"], table["url"]) == ("no_data", False, False, None)


def test_the_config_holds_a_style_for_every_kind_and_every_layer_of_its_groups(workspace: Workspace) -> None:
    folder: Path = workspace.settings.workspace / "maps"
    config = make_config(
        workspace,
        find_map(read_maps(folder), "framework"),
        read_ground(folder / "basemaps.toml"),
        language="zh",
    )
    assert {layer for group in config["groups"] for layer in group["layers"]} == set(config["layers"])
    used = {kind["style"] for layer in config["layers"].values() for kind in layer["kinds"]}
    assert used <= set(config["styles"])
