"""``gis corridors``: one file a command, registered here; the options they share stand in ``options``."""

from __future__ import annotations

import typer

from gis.cli.corridors.barriers import barriers
from gis.cli.corridors.current import current
from gis.cli.corridors.effect import effect
from gis.cli.corridors.ensemble import ensemble
from gis.cli.corridors.network import network
from gis.cli.corridors.paths import paths
from gis.cli.corridors.resistance import resistance
from gis.cli.corridors.study import corridors

corridors_app = typer.Typer(
    help="生态走廊：走向、强度、薄弱处 / ecological corridors: where they run, how strong, how weak",
    invoke_without_command=True,
    no_args_is_help=False,
)


corridors_app.callback()(corridors)
corridors_app.command()(resistance)
corridors_app.command()(barriers)
corridors_app.command()(current)
corridors_app.command()(network)
corridors_app.command()(paths)
corridors_app.command()(ensemble)
corridors_app.command()(effect)
