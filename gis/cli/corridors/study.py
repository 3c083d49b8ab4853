"""``gis corridors -o DIR``: the whole study of the framework's sources, as figures, grids, map and sheet."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.corridors.options import (
    Average,
    AverageOption,
    CellOption,
    NeighboursOption,
    parse_neighbours,
)
from gis.cli.corridors.study_options import (
    DemOption,
    OwnResistanceOption,
    OwnSourcesOption,
    RunsOption,
    SeedOption,
    TableOption,
    prepare_ground,
    tell_stages,
)
from gis.cli.options import JsonOption, WorkspaceOption, load_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.connectivity.study import Study
    from gis.workspace import Workspace

MAP, SHEET = "corridors", "corridors"
MAP_MM = (440.0, 350.0)
"""Room for the map on A2 beside its panel, with some to spare."""


def corridors(
    context: typer.Context,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="写入结果的文件夹 / folder for the results"),
    ] = None,
    cell: CellOption = None,
    neighbours: NeighboursOption = 8,
    average: AverageOption = Average.RESISTANCE,
    runs: RunsOption = None,
    seed: SeedOption = None,
    dem: DemOption = None,
    table: TableOption = None,
    own_resistance: OwnResistanceOption = None,
    own_sources: OwnSourcesOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """生态走廊；不带子命令时做整套默认研究 / ecological corridors; alone, the whole default study.

    gis corridors -o 结果：网络指标、最小阻力路径与廊道带、电流图与夹点、抽样一致率，连同网页地图与图幅 /
    network figures, least-cost paths and corridors, current map and pinch points, agreement of the ensemble,
    with a web map and a sheet.
    """
    if context.invoked_subcommand is not None:
        return
    from gis.connectivity.study import choose_options, run_study
    from gis.sheets.workers import work_through

    near = parse_neighbours(neighbours)
    opened = load_workspace(workspace)
    ground = prepare_ground(
        opened, table=table, cell=cell, dem=dem, resistance=own_resistance, sources=own_sources
    )
    options = choose_options(
        ground,
        neighbours=near,
        average="resistance" if average is Average.RESISTANCE else "conductance",
        runs=runs,
        seed=seed,
    )
    with tell_stages() as tell:
        study = run_study(ground, options, tell=tell, spread_out=work_through)
    if output is not None:
        for path in write_everything(study, opened, output):
            typer.echo(f"已写入 / wrote {path}", err=True)
    print_study(study, as_json=as_json)


def print_study(study: Study, *, as_json: bool) -> None:
    """Print a study on stdout: JSON, or a summary for a person."""
    from gis.outputs.connectivity.files import render_study_json
    from gis.outputs.connectivity.summary import format_study

    typer.echo(render_study_json(study) if as_json else format_study(study), nl=not as_json)


def write_everything(study: Study, workspace: Workspace, folder: Path) -> Iterator[Path]:
    """Write figures, grids, features, pictures; map and sheet where the study lies in the working plane."""
    from gis.connectivity.features import lay_study
    from gis.connectivity.measures import is_placed
    from gis.outputs.connectivity.files import write_study
    from gis.outputs.files import write_bytes, write_text

    yield from write_study(study, folder)
    if not is_placed(study.ground):
        typer.echo(
            "栅格不在 EPSG:4549，未写地图与图幅 / the grid is not in EPSG:4549: no map, no sheet", err=True
        )
        return
    laid = lay_study(workspace, study)
    from gis.webmap.single import render_single_file

    yield write_text(folder / "map.html", render_single_file(laid, MAP))
    yield write_bytes(folder / "sheet.pdf", render_sheet(laid, study))


def render_sheet(workspace: Workspace, study: Study) -> bytes:
    """Return the sheet of a study, its links and what it was made from listed beside the map."""
    from gis.cli.options import parse_date
    from gis.sheets.centred import render_view
    from gis.sheets.options import SheetOptions

    options = SheetOptions(on=parse_date(None), theme=SHEET, paper="A2", landscape=True)
    bbox = study.ground.surface.table.study.bbox
    return render_view(workspace, bbox, options=options, scale=choose_scale(bbox))


def choose_scale(bbox: tuple[float, float, float, float]) -> int:
    """Return N of a round 1:N at which a box of degrees fills most of the map on A2."""
    import shapely

    from gis import crs

    start, end = ((bbox[0], bbox[1]), (bbox[2], bbox[3]))
    west, south, east, north = crs.to_plane(shapely.box(*start, *end)).bounds
    need = max((east - west) / MAP_MM[0], (north - south) / MAP_MM[1]) * 1000.0
    step = 10.0 ** math.floor(math.log10(need))
    return int(
        next(step * factor for factor in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 10) if step * factor >= need)
    )
