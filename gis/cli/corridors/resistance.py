"""``gis corridors resistance``: the resistance surface of a workspace as a GeoTIFF."""

from __future__ import annotations

import json
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
from gis.cli.corridors.study_options import DemOption, TableOption, prepare_ground
from gis.cli.options import JsonOption, WorkspaceOption, load_workspace

if TYPE_CHECKING:
    from gis.connectivity.ground import Ground


def resistance(
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="写入结果的文件夹 / folder for the results"),
    ] = None,
    cell: CellOption = None,
    neighbours: NeighboursOption = 8,
    average: AverageOption = Average.RESISTANCE,
    dem: DemOption = None,
    table: TableOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """由图层与阻力表生成阻力面 / the resistance surface from the layers and the table.

    --neighbours、--average 各命令通用，不改变阻力面。
    --neighbours and --average are common to all commands; the surface does not hang on them.
    """
    parse_neighbours(neighbours)
    del average
    ground = prepare_ground(load_workspace(workspace), table=table, cell=cell, dem=dem)
    typer.echo(json.dumps(ground_as_dict(ground), ensure_ascii=False) if as_json else format_ground(ground))
    if output is not None:
        from gis.outputs.connectivity.rasters import write_ground

        for path in write_ground(ground, output):
            typer.echo(f"已写入 / wrote {path}", err=True)


def ground_as_dict(ground: Ground) -> dict[str, object]:
    """Return grid, classes with their shares, and sources as a plain table."""
    from gis.outputs.connectivity.facts import list_classes, list_sources

    rows, columns = ground.cells.shape
    return {
        "crs": ground.cells.crs,
        "bounds": list(ground.cells.bounds),
        "cell_m": ground.cells.cell,
        "rows": rows,
        "columns": columns,
        "table_sha256": ground.surface.table.sha256,
        "layers": dict(ground.layer_hashes),
        "classes": list_classes(ground),
        "sources": list_sources(ground),
    }


def format_ground(ground: Ground) -> str:
    """Return shares of classes and the sources as lines for a person."""
    from gis.outputs.connectivity.facts import STATUS, list_classes, list_sources

    rows, columns = ground.cells.shape
    lines = [
        f"阻力面 / resistance surface: {rows} × {columns}, {ground.cells.cell:g} m, {ground.cells.crs}",
        "占比 share   阻力 (范围)        依据 basis   类别 class",
    ]
    for item in list_classes(ground):
        span = f"{item['resistance']:g} ({item['low']:g}–{item['high']:g})"
        state = STATUS.get(str(item["status"]))
        note = "" if state is None else f"  — {state.zh} / {state.en}"
        name = f"{item['title']['zh']} {item['title']['en']}"
        lines.append(f"{item['share']:>8.2%}   {span:<17} {item['confidence']:<10} {name}{note}")
    lines.append("源地 sources")
    lines.extend(
        f"{source['number']:>3}  {source['area_ha']:>10,.0f} ha  ±{source['accuracy_m']:,.0f} m  "
        f"{source['title']['zh']} {source['title']['en']}"
        for source in list_sources(ground)
    )
    return "\n".join(lines)
