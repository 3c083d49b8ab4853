"""``gis layers``: list, verify and rebuild the layers."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.layers_history import show_history, undo_replacement
from gis.cli.layers_replace import replace_layer
from gis.cli.options import JsonOption, WorkspaceOption, load_workspace

if TYPE_CHECKING:
    from gis.model import Layer

layers_app = typer.Typer(
    help="图层：列表、核对、重建 / layers: list, verify, rebuild",
    invoke_without_command=True,
    no_args_is_help=False,
)


@layers_app.callback()
def list_layers(
    context: typer.Context,
    *,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """列出全部图层 / list every layer."""
    if context.invoked_subcommand is not None:
        return
    opened = load_workspace(workspace)
    if as_json:
        tables = [layer_as_dict(layer) for layer in opened.layers.values()]
        typer.echo(json.dumps(tables, ensure_ascii=False, indent=1))
        return
    for layer in opened.layers.values():
        entry = layer.entry
        accuracy = "" if entry.accuracy_m is None else f"±{entry.accuracy_m:g} m"
        title = f"{entry.title.zh} / {entry.title.en}"
        typer.echo(f"{entry.id}\t{layer.status.value}\t{count_rows(layer)}\t{accuracy}\t{title}")


def count_rows(layer: Layer) -> int:
    """Return how many features a layer has: as the catalogue says, or as the table of a database has."""
    return layer.entry.rows or (0 if layer.frame is None else len(layer.frame))


def layer_as_dict(layer: Layer) -> dict[str, object]:
    """Return what a script needs to know of a layer."""
    entry = layer.entry
    return {
        "id": entry.id,
        "title_zh": entry.title.zh,
        "title_en": entry.title.en,
        "theme": entry.theme,
        "status": layer.status.value,
        "path": entry.path,
        "geometry_type": entry.geometry_type,
        "rows": count_rows(layer),
        "sha256": layer.sha256 or entry.sha256,
        "provenance": entry.provenance,
        "accuracy_m": entry.accuracy_m,
        "coverage": entry.coverage,
        "data_date": entry.data_date,
        "source": entry.source,
        "licence": entry.licence,
        "attribution": entry.attribution,
        "required": entry.required,
        "sensitive": entry.sensitive,
        "problem": None if layer.problem is None else {"zh": layer.problem.zh, "en": layer.problem.en},
    }


@layers_app.command("check")
def check_layers(*, workspace: WorkspaceOption = None) -> None:
    """核对每个图层与目录是否一致，有不符则退出码 2 / verify every layer against the catalogue."""
    opened = load_workspace(workspace)
    failed = [layer for layer in opened.layers.values() if layer.problem is not None]
    for layer in failed:
        problem = layer.problem
        if problem is not None:
            typer.echo(f"✗ {layer.entry.id}: {problem.zh} / {problem.en}", err=True)
    typer.echo(
        f"{len(opened.layers) - len(failed)} / {len(opened.layers)} 图层无误 / layers are sound", err=True
    )
    if failed:
        sys.exit(2)


@layers_app.command("build")
def build(
    only: Annotated[
        list[str] | None,
        typer.Argument(metavar="[LAYER]...", help="只重建这些图层 / only these layers", show_default=False),
    ] = None,
    *,
    cache_only: Annotated[
        bool, typer.Option("--cache-only", help="只生成缺少的缓存图层 / only cache layers that are missing")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """由记录的来源重建图层，不需联网 / rebuild the layers from their recorded sources, offline."""
    from gis.cli.corridors.study_options import tell_stages
    from gis.connectivity.build import make_builders
    from gis.layers.build.build import build_layers, ensure_cache
    from gis.layers.build.registry import BUILDERS
    from gis.settings import read_settings
    from gis.sheets.workers import work_through

    settings = read_settings(workspace=workspace)
    if cache_only:
        ensure_cache(settings.workspace, settings.cache)
        return
    with tell_stages() as tell:
        builders = {**BUILDERS, **make_builders(tell=tell, spread_out=work_through)}
        done = build_layers(settings.workspace, settings.cache, only=tuple(only or ()), builders=builders)
    for built in done:
        state = "已更新 / rebuilt" if built.file.changed else "未变 / unchanged"
        typer.echo(f"{built.layer_id}\t{built.file.rows}\t{state}", err=True)


layers_app.command("replace")(replace_layer)
layers_app.command("history")(show_history)
layers_app.command("undo")(undo_replacement)
