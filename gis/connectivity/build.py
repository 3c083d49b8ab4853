"""The layers of the default study, remade by ``gis layers build`` like any derived layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.connectivity.features import LAYERS, list_features
from gis.connectivity.ground import make_ground, table_path
from gis.connectivity.study import choose_options, run_study
from gis.corridors.resistance import read_resistances
from gis.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gis.connectivity.study import Spread, Study, Tell
    from gis.layers.build.registry import Builder
    from gis.layers.build.writer import Feature
    from gis.workspace import Workspace


def run_default_study(workspace: Workspace, *, tell: Tell, spread_out: Spread) -> Study:
    """Return the default study of a workspace: its table, its layers, the table's cell, runs and seed.

    Raises
    ------
    CorridorError
        If the table cannot be used, or there are not two sources.
    """
    table = read_resistances(table_path(workspace))
    ground = make_ground(workspace, table, cell_m=table.study.cell_m, dem=None)
    return run_study(ground, choose_options(ground), tell=tell, spread_out=spread_out)


def make_builders(*, tell: Tell, spread_out: Spread) -> Mapping[str, Builder]:
    """Return the builders of the study's layers; the study is run once for all of them.

    A builder opens the workspace it is given, whose other layers must be built already.
    """
    done: dict[Path, dict[str, tuple[Feature, ...]]] = {}

    def build_for(layer_id: str) -> Callable[[Path], Sequence[Feature]]:
        def build(workspace_dir: Path) -> Sequence[Feature]:
            if workspace_dir not in done:
                opened = open_workspace(workspace_dir)
                done[workspace_dir] = list_features(
                    run_default_study(opened, tell=tell, spread_out=spread_out)
                )
            return done[workspace_dir][layer_id]

        return build

    return {layer_id: build_for(layer_id) for layer_id in LAYERS}
