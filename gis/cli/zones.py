"""``gis zones``: the control zones the rules make, as a file for a GIS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.options import WorkspaceOption, load_workspace, parse_date
from gis.errors import LayerError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from gis.model import Rule
    from gis.workspace import Workspace


def zones(
    *,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="输出 .geojson 或 .gpkg / file to write",
            show_default=False,
        ),
    ],
    rule: Annotated[
        list[str] | None, typer.Option("--rule", metavar="ID", help="只要此规则，可多次 / only this rule")
    ] = None,
    layer: Annotated[
        list[str] | None,
        typer.Option("--layer", metavar="LAYER", help="只要此图层，可多次 / only this layer"),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="按此日有效的法规，默认今天 / the law as of this date"),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """导出管控区：每条规则、每个要素一个区 / write the control zones, one a rule and feature."""
    from gis.outputs.zone_table import collect_zones, write_zones

    opened = load_workspace(workspace)
    day = parse_date(on)
    chosen = choose_rules(opened, day, rule or (), layer or ())
    table = collect_zones(opened, chosen)
    for missing, why in table.missing:
        if rule or layer:
            typer.echo(f"○ {missing.id}: {why.zh} / {why.en}", err=True)
    if not table.records:
        raise LayerError(
            "所选规则没有任何管控区可导出",
            "none of the rules chosen has a control zone",
            where="--rule, --layer",
            hint_zh="用 gis rules --unused 查看没有数据的规则",
            hint_en="see the rules without data: gis rules --unused",
            code="zones.none",
        )
    typer.echo(str(write_zones(table.records, output)))
    typer.echo(
        f"{len(table.records)} 个管控区，{len(chosen) - len(table.missing)} 条规则；"
        f"{len(table.missing)} 条没有数据 / {len(table.records)} zones of "
        f"{len(chosen) - len(table.missing)} rules; {len(table.missing)} without data; {day}",
        err=True,
    )


def choose_rules(
    workspace: Workspace, day: date, rule_ids: Collection[str], layer_ids: Collection[str]
) -> Sequence[Rule]:
    """Return the rules in force on a day, as they apply, of the ids and layers named; all when none is.

    Raises
    ------
    NotFoundError
        If a rule or layer named does not exist, or a rule is not in force on the day.
    """
    from gis.rules import effective_rules

    in_force = effective_rules(workspace.rules, day)
    known = {"规则 / rule": {one.id for one in in_force}, "图层 / layer": set(workspace.layers)}
    for (word, names), given in zip(known.items(), (rule_ids, layer_ids), strict=True):
        unknown = [name for name in given if name not in names]
        if unknown:
            raise NotFoundError(
                f"没有{word.partition(' ')[0]} {unknown[0]}，或在 {day} 无效",
                f"there is no {word.rpartition(' ')[2]} {unknown[0]}, or it is not in force on {day}",
                where=unknown[0],
                hint_zh="用 gis rules 或 gis layers 查看",
                hint_en="list them with: gis rules, gis layers",
            )
    return [
        one
        for one in in_force
        if (not rule_ids or one.id in rule_ids) and (not layer_ids or one.layer_id in layer_ids)
    ]
