"""Options and steps of the commands that study a workspace: its table read, its ground prepared."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.corridors.options import open_grid
from gis.cli.corridors.sources import open_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gis.connectivity.ground import Ground
    from gis.corridors.resistance import ResistanceTable
    from gis.model import Text
    from gis.workspace import Workspace

TableOption = Annotated[
    Path | None,
    typer.Option(
        "--table",
        metavar="FILE",
        help="阻力表，默认 layers/resistance.toml / table of resistances, layers/resistance.toml by default",
        show_default=False,
    ),
]
DemOption = Annotated[
    Path | None,
    typer.Option(
        "--dem",
        metavar="FILE",
        help="高程 GeoTIFF，给出时计入坡度 / elevations as GeoTIFF: slope then counts",
        show_default=False,
    ),
]
OwnResistanceOption = Annotated[
    Path | None,
    typer.Option(
        "--resistance",
        metavar="FILE",
        help="自备阻力栅格 .asc 或 .tif，替代阻力表 / resistances of your own instead of the table's",
        show_default=False,
    ),
]
OwnSourcesOption = Annotated[
    Path | None,
    typer.Option(
        "--sources",
        "--points",
        metavar="FILE",
        help="自备源（栅格、点表或矢量），与 --resistance 合用 / sources of your own, with --resistance",
        show_default=False,
    ),
]
RunsOption = Annotated[
    int | None,
    typer.Option("--runs", metavar="N", help="抽样次数 / runs of the ensemble", min=0, show_default="32"),
]
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", help="随机种子 / seed of the draws", min=0, show_default="20260101"),
]


def open_table(workspace: Workspace, path: Path | None) -> ResistanceTable:
    """Return the table of resistances: the one given, else that of the workspace.

    Raises
    ------
    CorridorError
        If it cannot be used.
    """
    from gis.connectivity.ground import table_path
    from gis.corridors.resistance import read_resistances

    return read_resistances(path or table_path(workspace))


def prepare_ground(
    workspace: Workspace,
    *,
    table: Path | None,
    cell: float | None,
    dem: Path | None,
    resistance: Path | None = None,
    sources: Path | None = None,
) -> Ground:
    """Return surface and sources: of the workspace's layers, or those handed in.

    Raises
    ------
    CorridorError
        If a file cannot be read, grids do not lie on the same cells, or there are not two sources.
    """
    from gis.connectivity.ground import make_ground, make_own_ground

    read = open_table(workspace, table)
    if resistance is not None:
        grid = open_grid(resistance)
        own = None if sources is None else open_sources(sources, grid, apart=False)[0]
        return make_own_ground(workspace, read, grid, own)
    elevation = None if dem is None else open_grid(dem)
    return make_ground(workspace, read, cell_m=read.study.cell_m if cell is None else cell, dem=elevation)


@contextmanager
def tell_stages() -> Iterator[Callable[[Text, float], None]]:
    """Yield what tells the stage of a study and how far it is, drawn as a bar a stage on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    tasks: dict[str, TaskID] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:

        def tell(stage: Text, share: float) -> None:
            if stage.zh not in tasks:
                tasks[stage.zh] = progress.add_task(f"{stage.zh} / {stage.en}", total=1.0)
            progress.update(tasks[stage.zh], completed=share)

        yield tell
