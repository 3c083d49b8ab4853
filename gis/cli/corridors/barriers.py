"""``gis corridors barriers``: where restoring land would shorten the ways between sources most (障碍点)."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.corridors.current import choose_pairs
from gis.cli.corridors.inputs import open_inputs
from gis.cli.corridors.options import (
    Average,
    AverageOption,
    CellOption,
    CrsOption,
    FolderOption,
    GridCrsOption,
    IdFieldOption,
    NeighboursOption,
    ResistanceOption,
    SourcesOption,
    open_grid,
    parse_neighbours,
    show_progress,
)
from gis.cli.corridors.sources import list_written
from gis.cli.options import JsonOption, WorkspaceOption
from gis.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gis.corridors.grid import Grid
    from gis.outputs.corridor_barriers import BarrierReport


class Method(StrEnum):
    """What restoring is to shorten."""

    COST = "cost"
    CURRENT = "current"


STEPS = 4
"""Radii between --min and --max when --step is left out: so many, the ends among them."""


def barriers(
    *,
    resistance: ResistanceOption = None,
    sources: SourcesOption = None,
    radius: Annotated[
        list[float] | None,
        typer.Option(
            "--radius",
            metavar="M",
            help="搜索半径，米，可重复；默认 3 个像元 / radius of the window in metres, may be repeated",
            show_default=False,
        ),
    ] = None,
    least: Annotated[
        float | None,
        typer.Option("--min", metavar="M", help="最小搜索半径 / smallest radius", show_default=False),
    ] = None,
    most: Annotated[
        float | None,
        typer.Option("--max", metavar="M", help="最大搜索半径 / largest radius", show_default=False),
    ] = None,
    step: Annotated[
        float | None,
        typer.Option("--step", metavar="M", help="半径步长 / step of the radius", show_default=False),
    ] = None,
    restored: Annotated[
        float | None,
        typer.Option(
            "--restored",
            metavar="R",
            help="修复后的阻力，默认为栅格最小值 / resistance of restored land; the grid's least",
            show_default=False,
        ),
    ] = None,
    pairs: Annotated[
        str,
        typer.Option(
            "--pairs", metavar="LIST", help="all 全部，1-2,1-3，或配对文件 / which pairs to look at"
        ),
    ] = "all",
    method: Annotated[
        Method,
        typer.Option(
            "--method",
            help="cost：最小成本距离；current：有效电阻 / least-cost ways, or effective resistances",
        ),
    ] = Method.COST,
    count: Annotated[
        int, typer.Option("--count", metavar="N", min=1, help="最多列出几个 / how many to rank")
    ] = 20,
    neighbours: NeighboursOption = 8,
    average: AverageOption = Average.RESISTANCE,
    cell: CellOption = None,
    id_field: IdFieldOption = None,
    crs: CrsOption = None,
    grid_crs: GridCrsOption = None,
    output: FolderOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """障碍点：修复哪里最能缩短源间最小成本距离 / barriers: where restoring land shortens the ways most.

    -o 写 barriers.json、barriers.geojson、improvement_percent.tif、improvement_per_m.tif、barriers.png。
    -o writes these files: the ranked windows, and the improvement about every cell.
    """
    from gis.corridors.barriers import find_barriers
    from gis.corridors.grid import require_resistance
    from gis.corridors.ranking import BarrierPlan
    from gis.corridors.sensitivity import find_current_barriers
    from gis.outputs.corridor_barriers import BarrierReport, barriers_as_dict

    kind = parse_neighbours(neighbours)
    own = None
    if resistance is not None:
        own = open_grid(resistance, grid_crs)
        require_resistance(own, name=resistance.name)
    found = open_inputs(
        own, sources, files=(resistance,), cell=cell, id_field=id_field, crs=crs, workspace=workspace
    )
    grid, points, labels = found.grid, found.points, found.labels
    plan = BarrierPlan(
        radii_m=choose_radii(radius or (), least, most, step, grid.cell_m),
        restored=restored,
        neighbours=kind,
        average="resistance" if average is Average.RESISTANCE else "conductance",
        pairs=choose_pairs(pairs, found.placed, labels),
        count=count,
    )
    with show_progress("障碍点 barriers") as report:
        find = find_barriers if method is Method.COST else find_current_barriers
        study = find(grid, points, plan, report=report)
    result = BarrierReport(study, plan, labels, found.hashes, method.value)
    text = json.dumps(barriers_as_dict(result), ensure_ascii=False, allow_nan=False)
    written = [] if output is None else list(write_study(result, grid, points, text, output))
    if as_json:
        typer.echo(text)
    else:
        from gis.outputs.corridor_text import format_barriers

        typer.echo(format_barriers(result))
    list_written(written)


def choose_radii(
    radii_m: Sequence[float], least_m: float | None, most_m: float | None, step_m: float | None, cell_m: float
) -> tuple[float, ...]:
    """Return the radii to look with: those named, or from the smallest to the largest by steps.

    Raises
    ------
    SettingsError
        If only one end is given, both ways are mixed, or there would be no radius or too many.
    """
    if least_m is None and most_m is None:
        return tuple(sorted(set(radii_m))) or (3 * cell_m,)
    if radii_m or least_m is None or most_m is None or not 0 < least_m <= most_m:
        raise SettingsError(
            "搜索半径请用 --radius，或同时用 --min 与 --max（0 < min ≤ max）",
            "give search radii by --radius, or by --min and --max together (0 < min ≤ max)",
            where="--min/--max",
            hint_zh="例如 --min 60 --max 240 --step 60",
            hint_en="for example --min 60 --max 240 --step 60",
        )
    size_m = (most_m - least_m) / (STEPS - 1) if step_m is None else step_m
    if size_m <= 0:
        return (least_m,)
    number = int((most_m - least_m) / size_m + 1e-9) + 1
    if number > 50:
        raise SettingsError(
            f"半径太多：{number} 个，上限 50",
            f"too many radii: {number}, the limit is 50",
            where="--step",
            hint_zh="请加大 --step",
            hint_en="use a larger --step",
        )
    return tuple(least_m + index * size_m for index in range(number))


def write_study(result: BarrierReport, grid: Grid, sources: Grid, text: str, folder: Path) -> Iterator[Path]:
    """Write figures, maps and picture into a folder, yield the files."""
    from gis.corridors.gridfile import render_tiff
    from gis.outputs.corridor_barriers import render_barriers_geojson
    from gis.outputs.corridor_picture import Caption, Mark, render_picture
    from gis.outputs.files import write_bytes, write_text

    study = result.study
    yield write_text(folder / "barriers.json", f"{text}\n")
    yield write_text(folder / "barriers.geojson", render_barriers_geojson(result))
    tags = {
        "quantity": "largest improvement of a pair by restoring a window about the cell",
        "unit": "percent",
    }
    yield write_bytes(folder / "improvement_percent.tif", render_tiff(study.percent, tags=tags))
    tags = {
        "quantity": "largest improvement of a pair a metre restored",
        "unit": "resistance" if result.method == "cost" else "ohm/m",
    }
    yield write_bytes(folder / "improvement_per_m.tif", render_tiff(study.per_m, tags=tags))
    caption = Caption(
        "障碍点 Barriers" if result.method == "cost" else "障碍点（按电流）Barriers by current",
        "每修复一米的收益 gain a metre restored",
        "障碍点 barrier",
    )
    marks = [Mark(barrier.row, barrier.column, str(barrier.rank)) for barrier in study.barriers]
    picture = render_picture(
        study.per_m, caption, sources=sources, labels=result.labels, marks=marks, under=grid
    )
    yield write_bytes(folder / "barriers.png", picture)
