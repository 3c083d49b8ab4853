"""``gis check``: project sites against every rule."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from gis.cli.options import JsonOption, WorkspaceOption, load_workspace, parse_date
from gis.cli.sites import read_project_sites
from gis.errors import SettingsError

if TYPE_CHECKING:
    from gis.model import CheckOptions, CheckResult
    from gis.workspace import Workspace

EXIT_BROKEN_LAYER = 2
"""The result is printed, but a layer it should rest on is damaged, so the run counts as failed."""


def check(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="项目用地，- 为标准输入 / sites: GeoJSON, GPKG, SHP zip, KML, DXF, CSV, XLSX, TXT; -: stdin",
            show_default=False,
        ),
    ],
    *,
    as_json: JsonOption = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="结果文件夹，--bulk 时为 .parquet 文件 / folder for the results; with --bulk a .parquet",
        ),
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="LIST",
            help="与 -o 合用：json,geojson,xlsx,html,pdf，默认全部 / with -o: which files, all by default",
            show_default=False,
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="按此日期有效的法规，默认今天 / the law as of this date"),
    ] = None,
    datum: Annotated[
        str | None,
        typer.Option(
            "--datum", metavar="gcj02|bd09", help="坐标为 GCJ-02 或 BD-09 / coordinates are GCJ-02 or BD-09"
        ),
    ] = None,
    crs: Annotated[
        str | None, typer.Option("--crs", metavar="EPSG:n", help="坐标系 / coordinate system of the files")
    ] = None,
    site_accuracy: Annotated[
        float,
        typer.Option("--site-accuracy", metavar="M", help="用地位置精度，米，95 % / accuracy of the sites"),
    ] = 1.0,
    near: Annotated[
        float,
        typer.Option("--near", metavar="M", help="列出多近的邻近关系，米 / how far near misses are listed"),
    ] = 1000.0,
    disturbance: Annotated[
        float,
        typer.Option("--disturbance", metavar="M", help="走廊影响的扰动距离，米 / disturbance distance"),
    ] = 0.0,
    what_if: Annotated[
        bool,
        typer.Option("--what-if", help="求最近可移位置与可保留部分 / nearest place, largest part to keep"),
    ] = False,
    accept_repairs: Annotated[
        bool, typer.Option("--accept-repairs", help="确认几何修复 / confirm the repairs of the geometry")
    ] = False,
    network: Annotated[
        bool,
        typer.Option("--network", help="算出对廊道网络的影响，前 → 后 / effect on the corridor network"),
    ] = False,
    bulk: Annotated[
        bool,
        typer.Option(
            "--bulk",
            help="大批量：流式读入，结果为 GeoParquet / any number of sites, streamed, into GeoParquet",
        ),
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            metavar="N",
            min=1,
            help="与 --bulk 合用：进程数，默认每核一个 / with --bulk: processes, one a core by default",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="与 --bulk 合用：续跑 / with --bulk: go on where it stopped")
    ] = False,
    dask: Annotated[
        str | None,
        typer.Option(
            "--dask",
            metavar="ADDRESS",
            help="与 --bulk 合用：Dask 集群，tcp://… 或 local:N / with --bulk: on a Dask cluster",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """检查项目用地与管控区的关系 / check project sites against the control zones.

    退出码 0：全部未发现问题；1：有发现、无法判定或有被拒要素；2：无法运行，或有图层损坏。
    Exit code 0: all clear; 1: something found, undetermined or rejected; 2: could not run, or a broken layer.
    """
    for name, value in (("--site-accuracy", site_accuracy), ("--near", near), ("--disturbance", disturbance)):
        if not math.isfinite(value) or value < 0:
            raise SettingsError(
                f"{name} 应为不小于 0 的米数，实际为 {value}",
                f"{name} must be metres, 0 or more, not {value}",
                where=name,
            )
    if formats is not None and output is None:
        raise SettingsError(
            "--format 需与 -o 一起使用",
            "--format needs -o",
            where="--format",
            hint_zh="例如：gis check 用地.geojson -o 结果 --format pdf,xlsx；只要 JSON 用 --json",
            hint_en="for example: gis check sites.geojson -o out --format pdf,xlsx; JSON alone: --json",
        )
    if not bulk and (workers is not None or resume or dask is not None):
        raise SettingsError(
            "--workers、--resume、--dask 需与 --bulk 一起使用",
            "--workers, --resume and --dask go with --bulk",
            where="--bulk",
            hint_zh="例如 gis check sites.parquet --bulk -o findings.parquet --resume",
            hint_en="for example: gis check sites.parquet --bulk -o findings.parquet --resume",
        )
    from gis.model import CheckOptions

    options = CheckOptions(
        on=parse_date(on),
        site_accuracy_m=site_accuracy,
        near_m=near,
        disturbance_m=disturbance,
        datum=datum,
        crs=crs,
        accept_repairs=accept_repairs,
        what_if=what_if,
    )
    if bulk:
        check_in_bulk(
            files, output, options, workspace, workers=workers, resume=resume, dask=dask, as_json=as_json
        )
    from gis.outputs.files import parse_formats, write_result
    from gis.study import check_sites

    wanted = parse_formats(formats)
    sites = read_project_sites(files, crs=crs, datum=datum)
    opened = load_workspace(workspace)
    result = check_sites(opened, sites, options)
    if network:
        from gis.cli.check_network import check_network

        result = check_network(result, sites, opened)
    if output is not None:
        for path in write_result(result, opened, output, wanted):
            typer.echo(f"已写入 / wrote {path}", err=True)
    print_result(result, as_json=as_json)
    raise typer.Exit(EXIT_BROKEN_LAYER if report_failed_layers(opened) else exit_code(result))


def check_in_bulk(
    files: list[Path],
    output: Path | None,
    options: CheckOptions,
    folder: Path | None,
    *,
    workers: int | None,
    resume: bool,
    dask: str | None,
    as_json: bool,
) -> NoReturn:
    """Check one large file and leave with its exit code."""
    from gis.cli.check_bulk import bulk_exit_code, run_bulk

    summary, opened = run_bulk(
        files, output, options, folder, workers=workers, resume=resume, dask=dask, as_json=as_json
    )
    raise typer.Exit(EXIT_BROKEN_LAYER if report_failed_layers(opened) else bulk_exit_code(summary))


def print_result(result: CheckResult, *, as_json: bool) -> None:
    """Print the result on stdout: JSON, or a summary for a person."""
    if as_json:
        from gis.outputs.json import render_json

        typer.echo(render_json(result), nl=False)
        return
    from gis.outputs.console import print_summary

    print_summary(result)


def report_failed_layers(workspace: Workspace) -> bool:
    """Name on stderr every layer that could not be used; return whether there is one."""
    failed = workspace.failed_layers
    for layer in failed:
        if layer.problem is not None:
            typer.echo(f"图层无法使用：{layer.problem.zh}", err=True)
            typer.echo(f"layer failed: {layer.problem.en}", err=True)
    if failed:
        typer.echo("办法 / what to do: gis layers check; gis layers build; gis layers replace", err=True)
    return bool(failed)


def exit_code(result: CheckResult) -> int:
    """Return 0 when every site is clear and nothing was rejected, else 1."""
    clear = all(site.verdict.value == "clear" for site in result.sites)
    return 0 if clear and not result.input.rejected else 1
