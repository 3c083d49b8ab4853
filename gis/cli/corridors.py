"""``gis corridors``: how strongly sources are connected, and where the connection runs."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.options import JsonOption
from gis.errors import CorridorError, SettingsError

if TYPE_CHECKING:
    from gis.corridors.current import CurrentStudy
    from gis.corridors.grid import Grid

corridors_app = typer.Typer(
    help="生态走廊：源之间的连通强度与位置 / ecological corridors: how strong, and where they run",
    no_args_is_help=True,
)


class Average(StrEnum):
    """What of two neighbouring cells is averaged."""

    RESISTANCE = "resistance"
    CONDUCTANCE = "conductance"


@corridors_app.callback()
def corridors() -> None:
    """生态走廊 / ecological corridors."""


@corridors_app.command()
def current(
    *,
    resistance: Annotated[
        Path,
        typer.Option("--resistance", metavar="FILE", help="阻力栅格 .asc 或 .tif / resistances, > 0"),
    ],
    points: Annotated[
        Path,
        typer.Option("--points", metavar="FILE", help="源栅格，像元值为编号 / sources, cells hold numbers"),
    ],
    short_circuit: Annotated[
        Path | None,
        typer.Option("--short-circuit", metavar="FILE", help="短路区栅格 / regions without resistance"),
    ] = None,
    neighbours: Annotated[
        int, typer.Option("--neighbours", metavar="4|8", help="相邻像元数 / neighbours of a cell")
    ] = 8,
    average: Annotated[
        Average, typer.Option("--average", help="相邻像元取平均的量 / what two neighbours average")
    ] = Average.RESISTANCE,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="写 current.tif（电流和，安）与 resistance.json / folder for the map and the figures",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """电路模型：源间有效电阻与电流图 / circuit flow: effective resistances and the current map."""
    from gis.corridors.current import measure_current

    if neighbours not in (4, 8):
        raise SettingsError(
            f"--neighbours 应为 4 或 8，不是 {neighbours}",
            f"--neighbours must be 4 or 8, not {neighbours}",
            where="--neighbours",
        )
    study = measure_current(
        open_grid(resistance),
        open_grid(points),
        neighbours=8 if neighbours == 8 else 4,
        average="resistance" if average is Average.RESISTANCE else "conductance",
        short_circuit=None if short_circuit is None else open_grid(short_circuit),
        with_map=output is not None,
    )
    text = json.dumps(study_as_dict(study), allow_nan=False)
    typer.echo(text if as_json else format_study(study))
    if output is not None:
        for path in write_study(study, text, output):
            typer.echo(str(path), err=True)


def open_grid(path: Path) -> Grid:
    """Return the grid of a file.

    Raises
    ------
    CorridorError
        If it cannot be read, or is no grid.
    """
    from gis.corridors.grid import read_grid

    try:
        content = path.read_bytes()
    except OSError as error:
        raise CorridorError(
            f"无法读取文件 {path}：{error.strerror}",
            f"the file {path} cannot be read: {error.strerror}",
            where=str(path),
            hint_zh="请检查路径与权限",
            hint_en="check the path and the permissions",
            code="corridors.file",
        ) from error
    return read_grid(content, name=path.name)


def study_as_dict(study: CurrentStudy) -> dict[str, object]:
    """Return the numbers of the sources and the resistances between them, null where not connected."""
    rows = study.resistance_ohm.tolist()
    return {
        "points": list(study.points),
        "resistance": [[None if value != value else value for value in row] for row in rows],  # noqa: PLR0124 - NaN
    }


def format_study(study: CurrentStudy) -> str:
    """Return the resistances as lines for a person, one a pair."""
    lines = ["源 / sources    有效电阻 / effective resistance (Ω)"]
    for i, first in enumerate(study.points):
        for j, second in enumerate(study.points[i + 1 :], start=i + 1):
            ohm = float(study.resistance_ohm[i, j])
            lines.append(f"{first} – {second}    {'不连通 / not connected' if ohm != ohm else f'{ohm:.6g}'}")  # noqa: PLR0124 - NaN
    return "\n".join(lines)


def write_study(study: CurrentStudy, text: str, folder: Path) -> list[Path]:
    """Write the figures and the current map into a folder; return the files."""
    from gis.corridors.grid import render_tiff
    from gis.outputs.files import write_bytes, write_text

    written = [write_text(folder / "resistance.json", f"{text}\n")]
    if study.current_a is not None:
        tags = {"quantity": "sum of pairwise node currents", "unit": "A"}
        written.append(write_bytes(folder / "current.tif", render_tiff(study.current_a, tags=tags)))
    return written
