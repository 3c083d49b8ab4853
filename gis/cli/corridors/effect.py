"""``gis corridors effect``: what projects change in the network, before and after."""

from __future__ import annotations

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
    TableOption,
    prepare_ground,
    tell_stages,
)
from gis.cli.options import JsonOption, WorkspaceOption, load_workspace
from gis.cli.sites import read_project_sites

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from gis.model import SiteSet, Text

EXIT_CHANGED = 1
"""Something changes, or a feature was rejected, as `gis check` ends when it finds something."""


def effect(
    *,
    sites: Annotated[
        list[Path],
        typer.Option("--sites", metavar="FILE", help="项目用地，可多次 / project sites, may be given again"),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="写入结果的文件夹 / folder for the results"),
    ] = None,
    site_resistance: Annotated[
        float | None,
        typer.Option(
            "--site-resistance",
            metavar="R",
            help="用地的阻力，默认取自阻力表 / resistance of the land taken, by default the table's",
            show_default=False,
        ),
    ] = None,
    impassable: Annotated[
        bool, typer.Option("--impassable", help="用地不可通行 / nothing passes the land taken")
    ] = False,
    crs: Annotated[
        str | None, typer.Option("--crs", metavar="EPSG:n", help="坐标系 / coordinate system of the files")
    ] = None,
    datum: Annotated[
        str | None,
        typer.Option("--datum", metavar="gcj02|bd09", help="坐标为 GCJ-02 或 BD-09 / datum of the files"),
    ] = None,
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
    """项目用地对廊道网络的影响：前 → 后 / what project sites change in the network: before → after.

    夹点与障碍点只比较全部用地合计 / pinch points and barriers are compared for all sites together only.

    退出码 0：网络不受影响；1：有变化或有被拒要素；2：无法运行。
    Exit code 0: nothing changes; 1: something changes, or a feature was rejected; 2: could not run.
    """
    from dataclasses import replace

    from gis.connectivity.effect import measure_effects
    from gis.connectivity.places import measure_places
    from gis.connectivity.study import choose_options, run_study
    from gis.outputs.connectivity.effects import format_effects, render_effects_json, write_effects

    near = parse_neighbours(neighbours)
    read = read_project_sites(sites, crs=crs, datum=datum)
    ground = prepare_ground(
        load_workspace(workspace), table=table, cell=cell, dem=dem, resistance=resistance, sources=sources
    )
    options = choose_options(
        ground,
        neighbours=near,
        average="resistance" if average is Average.RESISTANCE else "conductance",
        runs=0,
    )
    default = ground.surface.table.study.site_resistance
    burnt_resistance = None if impassable else default if site_resistance is None else site_resistance
    named = name_sites(read)
    with tell_stages() as tell:
        before = run_study(
            ground,
            options,
            tell=tell,
            spread_out=lambda items, work: map(work, items),
        )
        found = measure_effects(before, named, site_resistance=burnt_resistance, tell=tell)
        taken = [geometry for _, geometry in named]
        places = measure_places(before, taken, site_resistance=burnt_resistance, tell=tell)
    found = replace(found, places=places)
    if output is not None:
        for path in write_effects(found, read, output):
            typer.echo(f"已写入 / wrote {path}", err=True)
    typer.echo(render_effects_json(found, read) if as_json else format_effects(found), nl=not as_json)
    for item in read.rejected:
        typer.echo(f"已拒绝 / rejected {item.index}: {item.message.zh} / {item.message.en}", err=True)
    raise typer.Exit(EXIT_CHANGED if found.together.changes or read.rejected else 0)


def name_sites(read: SiteSet) -> list[tuple[Text, BaseGeometry]]:
    """Return the sites with their names, or their numbers where they have none."""
    from gis.model import Text

    return [
        (
            Text(site.name, "") if site.name else Text(f"第 {number} 个用地", f"site {number}"),
            site.geometry_plane,
        )
        for number, site in enumerate(read.sites, start=1)
    ]
