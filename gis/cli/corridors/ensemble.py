"""``gis corridors ensemble``: the share of runs over the table's ranges that use each cell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

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


def ensemble(
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="写入结果的文件夹 / folder for the results"),
    ] = None,
    runs: RunsOption = None,
    seed: SeedOption = None,
    cell: CellOption = None,
    neighbours: NeighboursOption = 8,
    average: AverageOption = Average.RESISTANCE,
    dem: DemOption = None,
    table: TableOption = None,
    resistance: OwnResistanceOption = None,
    sources: OwnSourcesOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """阻力在范围内反复抽取时各处被廊道取用的占比 / how sure: the share of runs that use each cell."""
    from gis.connectivity.study import choose_options, run_ensemble
    from gis.outputs.connectivity.ensemble import ensemble_as_dict, format_ensemble, write_ensemble
    from gis.sheets.workers import work_through

    near = parse_neighbours(neighbours)
    ground = prepare_ground(
        load_workspace(workspace), table=table, cell=cell, dem=dem, resistance=resistance, sources=sources
    )
    options = choose_options(
        ground,
        neighbours=near,
        average="resistance" if average is Average.RESISTANCE else "conductance",
        runs=runs,
        seed=seed,
    )
    with tell_stages() as tell:
        found = run_ensemble(ground, options, tell=tell, spread_out=work_through)
    facts = ensemble_as_dict(found)
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else format_ensemble(found))
    if output is not None:
        for path in write_ensemble(found, output):
            typer.echo(f"已写入 / wrote {path}", err=True)
