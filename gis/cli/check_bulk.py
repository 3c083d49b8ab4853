"""``gis check --bulk``: a file of any number of sites into two GeoParquet files."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from gis.cli.options import load_workspace
from gis.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from gis.model import CheckOptions
    from gis.scale.summary import BulkSummary
    from gis.workspace import Workspace

QUIET_S = 30.0
"""Seconds between lines of progress where stderr is no terminal."""


def run_bulk(
    files: Sequence[Path],
    output: Path | None,
    options: CheckOptions,
    folder: Path | None,
    *,
    workers: int | None,
    resume: bool,
    dask: str | None,
    as_json: bool,
) -> tuple[BulkSummary, Workspace]:
    """Check one file in bulk and print the summary; return it with the workspace.

    Raises
    ------
    SettingsError
        Unless one file and a result are named.
    """
    if len(files) != 1 or output is None:
        raise SettingsError(
            "--bulk 需要一个输入文件和 -o 结果文件",
            "--bulk needs one input file and -o with the result",
            where="--bulk",
            hint_zh="例如 gis check sites.parquet --bulk -o findings.parquet",
            hint_en="for example: gis check sites.parquet --bulk -o findings.parquet",
        )
    from gis.scale.run import check_bulk

    workspace = load_workspace(folder)
    try:
        with show_progress() as progress:
            summary = check_bulk(
                files[0],
                output,
                workspace=workspace,
                options=options,
                workers=workers,
                resume=resume,
                dask=dask,
                progress=progress,
            )
    except KeyboardInterrupt:
        typer.echo(f"已完成的部分保留在 {output}.parts，加 --resume 续跑", err=True)
        typer.echo(f"what is done is kept in {output}.parts; go on with --resume", err=True)
        raise
    print_bulk(summary, as_json=as_json)
    return summary, workspace


def print_bulk(summary: BulkSummary, *, as_json: bool) -> None:
    """Print what was found on stdout, and which files were written on stderr."""
    from gis.outputs.wording import VERDICTS

    if as_json:
        table = {
            "features_in": summary.features_in,
            "rejected": summary.rejected,
            "findings": summary.findings,
            "by_verdict": summary.by_verdict,
            "crs_read": list(summary.crs_read),
            "findings_path": str(summary.findings_path),
            "sites_path": str(summary.sites_path),
        }
        typer.echo(json.dumps(table, ensure_ascii=False, indent=1))
    else:
        texts = {verdict.value: text for verdict, text in VERDICTS.items()}
        for verdict, count in summary.by_verdict.items():
            typer.echo(f"{count:>12,}  {texts[verdict].zh} / {texts[verdict].en}")
        typer.echo(f"{summary.rejected:>12,}  被拒 / rejected")
        typer.echo(f"{summary.features_in:>12,}  要素合计 / features in all")
        typer.echo(f"{summary.findings:>12,}  检查结论 / findings")
    if summary.resumed:
        typer.echo(f"续跑，沿用 {summary.resumed} 个 / resumed, {summary.resumed} were done", err=True)
    for path in (summary.findings_path, summary.sites_path):
        typer.echo(f"已写入 / wrote {path}", err=True)


@contextmanager
def show_progress() -> Iterator[Callable[[int, int | None], None]]:
    """Yield what tells on stderr how far a run is: a bar with rate and time left, or a line now and then.

    Layers are being opened until it is first told of, with no site done.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    began = told = time.monotonic()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("打开图层 / opening layers", total=None, count="")

        def report(done: int, total: int | None) -> None:
            nonlocal began, told
            now = time.monotonic()
            if not done:
                began = now
            rate = f"{done / max(now - began, 1e-3):,.0f}/s"
            count = f"{done:,}{f' / {total:,}' if total else ''}  {rate if done else ''}"
            bar.update(task, description="用地 / sites", completed=done, total=total, count=count)
            if done and not console.is_terminal and now - told >= QUIET_S:
                told = now
                left = "" if not total else f", {(total - done) * (now - began) / done:,.0f} s left"
                console.print(f"用地 / sites {done:,}{f' / {total:,}' if total else ''}, {rate}{left}")

        yield report


def bulk_exit_code(summary: BulkSummary) -> int:
    """Return 0 when every feature is a clear site, else 1."""
    return 0 if summary.is_clear else 1
