"""``gis layers replace``: official data in the place of a layer."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.options import JsonOption, WorkspaceOption
from gis.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.intake.proposal import Proposal
    from gis.layers.history import Version

PROVENANCES = ("official", "surveyed", "open", "digitised")


def replace_layer(
    layer: Annotated[
        str, typer.Argument(metavar="LAYER", help="图层 id / id of the layer", show_default=False)
    ],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="GeoJSON、GeoPackage、Shapefile（可打包 zip）、GeoParquet、FlatGeobuf、GDB / official data",
            show_default=False,
        ),
    ],
    *,
    accuracy: Annotated[
        float,
        typer.Option(
            "--accuracy", metavar="M", help="位置精度，米，95 % / positional accuracy", show_default=False
        ),
    ],
    source: Annotated[
        str,
        typer.Option(
            "--source", metavar="TEXT", help="数据来源 / where the data come from", show_default=False
        ),
    ],
    data_date: Annotated[
        str,
        typer.Option(
            "--date", metavar="YYYY-MM-DD", help="数据日期 / day the data are of", show_default=False
        ),
    ],
    licence: Annotated[
        str | None, typer.Option("--licence", metavar="TEXT", help="使用许可 / licence of the data")
    ] = None,
    coverage: Annotated[
        str | None,
        typer.Option(
            "--coverage",
            metavar="AREA",
            help="“没有即无”的范围：hangzhou、study、西,南,东,北、features:米、.geojson、none / "
            "where absence means none",
        ),
    ] = None,
    field_map: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="OLD=NEW", help="字段对应，如 HXMC=name_zh，可多次 / field to property"
        ),
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="全部要素的类别 / kind of all features")
    ] = None,
    crs: Annotated[
        str | None, typer.Option("--crs", metavar="EPSG:n", help="坐标系 / coordinate system of the files")
    ] = None,
    datum: Annotated[
        str | None,
        typer.Option(
            "--datum",
            metavar="gcj02|bd09|cgcs2000",
            help="坐标为 GCJ-02、BD-09，或确无偏移 / shifted coordinates, or certainly not",
        ),
    ] = None,
    table: Annotated[
        str | None, typer.Option("--table", metavar="NAME", help="文件中的表名 / table of the file")
    ] = None,
    provenance: Annotated[
        str, typer.Option("--provenance", metavar="WORD", help=f"性质：{'、'.join(PROVENANCES)} / what it is")
    ] = "official",
    preview: Annotated[
        Path | None, typer.Option("--preview", metavar="FILE.png", help="变化示意图 / a map of the change")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="不再询问 / do not ask")] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """用正式数据更换图层：先看变化，再确认；旧版保留 / official data in a layer's place, the old kept.

    例 / example: gis layers replace ecological_redline STBHHX.zip --accuracy 5 --source "…" --date 2026-01-01
    """
    from gis.intake.mapping import parse_map
    from gis.intake.options import IntakeOptions
    from gis.intake.proposal import prepare_replacement
    from gis.layers.replace import replace_layer as commit
    from gis.settings import read_settings

    options = IntakeOptions(
        accuracy_m=check_accuracy(accuracy),
        source=check_text(source, "--source"),
        data_date=check_date(data_date),
        licence=licence,
        coverage=coverage,
        field_map=parse_map(field_map or ()),
        kind=kind,
        crs=crs,
        datum=datum,
        provenance=check_provenance(provenance),
        table=table,
    )
    settings = read_settings(workspace=workspace)
    check_own_workspace(settings.workspace)
    terminal = sys.stdin.isatty() and sys.stderr.isatty()
    proposal = prepare_replacement(
        settings.workspace,
        settings.cache,
        layer,
        files,
        options,
        ask=ask_field if terminal and not yes else None,
    )
    print_proposal(proposal)
    if preview is not None:
        from gis.intake.preview import draw_preview

        draw_preview(proposal, preview)
        typer.echo(f"示意图 / map: {preview}", err=True)
    confirm(yes=yes, terminal=terminal)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    version = commit(settings.workspace / "layers", proposal.replacement, now=now)
    typer.echo(f"已更换 / replaced: {layer}；撤销 / undo: gis layers undo {layer}", err=True)
    if as_json:
        typer.echo(json.dumps(version_as_dict(version, "current", proposal), ensure_ascii=False, indent=1))


def check_accuracy(accuracy_m: float) -> float:
    """Return a positional accuracy in metres.

    Raises
    ------
    SettingsError
        If it is not a positive number.
    """
    if not math.isfinite(accuracy_m) or accuracy_m <= 0:
        raise SettingsError(
            f"--accuracy 应为大于 0 的米数，实际为 {accuracy_m}",
            f"--accuracy must be metres above 0, not {accuracy_m}",
            where="--accuracy",
        )
    return accuracy_m


def check_text(text: str, option: str) -> str:
    """Return a text that says something.

    Raises
    ------
    SettingsError
        If it is blank.
    """
    if not text.strip():
        raise SettingsError(f"{option} 不能为空", f"{option} must not be blank", where=option)
    return text.strip()


def check_date(text: str) -> str:
    """Return a day as ISO text.

    Raises
    ------
    SettingsError
        If it is no day.
    """
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise SettingsError(
            f"--date 的值 {text!r} 不是日期",
            f"--date {text!r} is not a date",
            where="--date",
            hint_zh="请写成 2026-01-31",
            hint_en="write it as 2026-01-31",
        ) from error


def check_provenance(word: str) -> str:
    """Return what the data are, one of :data:`PROVENANCES`.

    Raises
    ------
    SettingsError
        If it is none of them.
    """
    if word not in PROVENANCES:
        raise SettingsError(
            f"--provenance 应为 {'、'.join(PROVENANCES)} 之一",
            f"--provenance must be one of {', '.join(PROVENANCES)}",
            where="--provenance",
        )
    return word


def check_own_workspace(folder: Path) -> None:
    """Refuse to change the data of the installed program.

    Raises
    ------
    SettingsError
        With what to do instead.
    """
    from gis.settings import PACKAGE_DIR

    if folder == PACKAGE_DIR / "bundle":
        raise SettingsError(
            "程序自带的工作区不能改动",
            "the workspace that came with the program is not to be changed",
            where=str(folder),
            hint_zh="先用 gis init 文件夹 复制一份，再用 --workspace 文件夹 或 GIS_WORKSPACE 指向它",
            hint_en="copy it first with: gis init DIR, then point --workspace DIR or GIS_WORKSPACE at it",
            code="settings.bundle",
        )


def ask_field(name: str, fields: Sequence[str]) -> str | None:
    """Ask which field holds a property; an empty answer means none."""
    numbered = "  ".join(f"{number} {field}" for number, field in enumerate(fields, start=1))
    typer.echo(f"哪个字段是 {name}？ / which field is {name}?\n  {numbered}", err=True)
    answer = typer.prompt("编号，回车跳过 / number, Enter for none", default="", show_default=False, err=True)
    if answer.isdigit() and 1 <= int(answer) <= len(fields):
        return fields[int(answer) - 1]
    return answer if answer in fields else None


def print_proposal(proposal: Proposal) -> None:
    """Print what would change, to standard error."""
    change, entry = proposal.replacement.difference, proposal.entry
    lines = [f"图层 / layer: {entry.id} {entry.title.zh} / {entry.title.en}"]
    lines += [f"  · {note.zh}\n    {note.en}" for note in proposal.notes]
    lines += [
        f"  要素 / features: {change.rows_before} → {change.rows_after}",
        f"    新增 added {change.added} · 消失 lost {change.lost}",
        f"    移动 moved {change.moved} · 不变 kept {change.kept}",
        f"  面积 / area: {change.area_before_ha:,.2f} → {change.area_after_ha:,.2f} ha",
        f"  范围 / bounds: {show_bounds(change.bounds_before)} → {show_bounds(change.bounds_after)}",
    ]
    if change.moved:
        lines.append(f"  最大移动 / farthest move: {change.farthest_move_m:,.1f} m")
    typer.echo("\n".join(lines), err=True)


def show_bounds(bounds: tuple[float, float, float, float] | None) -> str:
    """Return bounds as text."""
    if bounds is None:
        return "—"
    west, south, east, north = bounds
    return f"{west:.4f}–{east:.4f}°E {south:.4f}–{north:.4f}°N"


def confirm(*, yes: bool, terminal: bool) -> None:
    """Ask whether to go on.

    Raises
    ------
    SettingsError
        If there is nobody to ask, or the answer is no.
    """
    if yes:
        return
    if not terminal:
        raise SettingsError(
            "没有终端可供确认，未作任何改动",
            "there is no terminal to confirm on; nothing was changed",
            where="--yes",
            hint_zh="看过上面的变化后加上 --yes 再运行",
            hint_en="look at the change above and run it again with --yes",
            code="settings.confirm",
        )
    if not typer.confirm("更换吗？ / replace it?", default=False, err=True):
        raise SettingsError(
            "按您的回答未作任何改动", "as you answered, nothing was changed", code="settings.confirm"
        )


def version_as_dict(version: Version, state: str, proposal: Proposal | None = None) -> dict[str, object]:
    """Return what a script needs to know of a replacement."""
    table: dict[str, object] = {
        "layer": version.layer_id,
        "version": version.number,
        "state": state,
        "folder": str(version.folder),
        **version.change,
    }
    if proposal is not None:
        table["features_in"] = proposal.features_in
        table["notes"] = [asdict(note) for note in proposal.notes]
        fields = proposal.replacement.fields
        table["catalogue"] = {name: value for name, value in fields.items() if value is not None}
    return table
