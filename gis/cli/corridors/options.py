"""Options and steps the commands of ``gis corridors`` share: grids opened, sources placed, progress shown.

A command takes what it needs of ``ResistanceOption``, ``SourcesOption``, ``NeighboursOption``,
``AverageOption``, ``CellOption``, ``FolderOption`` and `JsonOption` (of ``gis.cli.options``); hands paths to
:func:`open_grid` and :func:`open_sources`, ``neighbours`` to :func:`parse_neighbours`; and passes the
``report`` of :func:`show_progress` to what takes long.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.errors import CorridorError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.corridors.circuit import Neighbours
    from gis.corridors.grid import Grid, Report


class Average(StrEnum):
    """What of two neighbouring cells is averaged."""

    RESISTANCE = "resistance"
    CONDUCTANCE = "conductance"


ResistanceOption = Annotated[
    Path | None,
    typer.Option(
        "--resistance",
        metavar="FILE",
        help="阻力栅格 .asc 或 .tif，默认由图层与阻力表生成 / "
        "resistances, > 0; by default made from the layers and the table",
        show_default=False,
    ),
]
SourcesOption = Annotated[
    Path | None,
    typer.Option(
        "--points",
        "--sources",
        metavar="FILE",
        help="源：编号栅格、“编号 x y”点表，或点、线、面文件，默认取阻力表的源地 / "
        "sources: a grid of numbers, a list “number x y”, or shapes of any format; by default the table's",
        show_default=False,
    ),
]
NeighboursOption = Annotated[
    int, typer.Option("--neighbours", metavar="4|8", help="相邻像元数 / neighbours of a cell")
]
AverageOption = Annotated[
    Average, typer.Option("--average", help="相邻像元取平均的量 / what two neighbours average")
]
CellOption = Annotated[
    float | None,
    typer.Option("--cell", metavar="M", help="像元边长，米 / side of a cell in metres", show_default=False),
]
IdFieldOption = Annotated[
    str | None,
    typer.Option("--id-field", metavar="NAME", help="编号字段 / field of the ids", show_default=False),
]
CrsOption = Annotated[
    str | None,
    typer.Option(
        "--crs", metavar="EPSG:n", help="源文件的坐标系 / system of the sources", show_default=False
    ),
]
GridCrsOption = Annotated[
    str | None,
    typer.Option(
        "--grid-crs",
        metavar="EPSG:n",
        help="栅格没写坐标系时所用，默认 EPSG:4549 / system of a grid that names none",
        show_default=False,
    ),
]
FolderOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="DIR", help="写入结果的文件夹 / folder for the results"),
]


def parse_neighbours(neighbours: int) -> Neighbours:
    """Return the number of neighbours asked for.

    Raises
    ------
    SettingsError
        Unless it is 4 or 8.
    """
    if neighbours not in (4, 8):
        raise SettingsError(
            f"--neighbours 应为 4 或 8，不是 {neighbours}",
            f"--neighbours must be 4 or 8, not {neighbours}",
            where="--neighbours",
        )
    return 8 if neighbours == 8 else 4


def read_input(path: Path) -> bytes:
    """Return the content of a file.

    Raises
    ------
    CorridorError
        If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise CorridorError(
            f"无法读取文件 {path}：{error.strerror}",
            f"the file {path} cannot be read: {error.strerror}",
            where=str(path),
            hint_zh="请检查路径与权限",
            hint_en="check the path and the permissions",
            code="corridors.file",
        ) from error


def open_grid(path: Path, crs: str | None = None) -> Grid:
    """Return the grid of a file; one that names no system lies in `crs`, or in that of the .prj beside it.

    Raises
    ------
    CorridorError
        If it cannot be read, or is no grid, or the system is unknown.
    """
    from gis.corridors.gridfile import read_grid, read_system

    grid = read_grid(read_input(path), name=path.name)
    beside = path.with_name(path.name.removesuffix(".gz")).with_suffix(".prj")
    if grid.crs is not None or (crs is None and not beside.is_file()):
        return grid
    if crs is None:
        crs = read_input(beside).decode("utf-8", errors="replace")
    return replace(grid, crs=read_system(crs, name=path.name))


@contextmanager
def show_progress(what: str) -> Iterator[Report]:
    """Yield what tells the share that is done, drawn as a bar on stderr where that is a terminal.

    Parameters
    ----------
    what : str
        Name of the work, in both languages.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=1.0)
        yield lambda share: progress.update(task, completed=share)
