"""``gis layers history`` and ``gis layers undo``: what was replaced, and the way back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from gis.cli.layers_replace import check_own_workspace, version_as_dict
from gis.cli.options import JsonOption, WorkspaceOption

LayerArgument = Annotated[
    str, typer.Argument(metavar="LAYER", help="图层 id / id of the layer", show_default=False)
]

STATES = {
    "current": "现行 current",
    "superseded": "已被替代 superseded",
    "undone": "已撤销 undone",
}


def show_history(
    layer: LayerArgument, *, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """列出图层的历次更换 / list the replacements of a layer."""
    from gis.layers.history import list_versions
    from gis.layers.replace import read_block
    from gis.settings import read_settings

    layers_dir = read_settings(workspace=workspace).workspace / "layers"
    block = read_block(layers_dir, layer)
    versions = list_versions(layers_dir, layer)
    if as_json:
        tables = [version_as_dict(version, version.state(block)) for version in versions]
        typer.echo(json.dumps(tables, ensure_ascii=False, indent=1))
        return
    for version in versions:
        change = version.change.get("difference", {})
        files = ", ".join(file["name"] for file in version.change.get("files", ()))
        typer.echo(
            f"{version.number}\t{STATES[version.state(block)]}\t{version.change.get('replaced', '')}\t"
            f"{change.get('rows_before')} → {change.get('rows_after')}\t"
            f"{change.get('area_before_ha', 0):,.1f} → {change.get('area_after_ha', 0):,.1f} ha\t{files}"
        )
    if not versions:
        typer.echo(f"图层 {layer} 未曾更换 / layer {layer} was never replaced", err=True)


def undo_replacement(
    layer: LayerArgument, *, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """撤销图层的上一次更换，数据与目录逐字节恢复 / take back the last replacement, byte for byte."""
    from gis.layers.replace import undo_replacement as undo
    from gis.settings import read_settings

    folder = read_settings(workspace=workspace).workspace
    check_own_workspace(folder)
    version = undo(folder / "layers", layer, now=datetime.now(UTC).isoformat(timespec="seconds"))
    typer.echo(
        f"已撤销第 {version.number} 次更换 / replacement {version.number} was undone: {layer}", err=True
    )
    if as_json:
        typer.echo(json.dumps(version_as_dict(version, "undone"), ensure_ascii=False, indent=1))
