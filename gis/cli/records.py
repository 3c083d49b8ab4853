"""``gis records``: the checks that were kept: listed, shown, made again, exported."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gis.cli.options import JsonOption, WorkspaceOption, load_workspace, parse_date
from gis.cli.records_export import write_register
from gis.cli.records_text import describe_item, describe_record, describe_rerun, item_as_dict, rerun_as_dict
from gis.errors import OutputError, SettingsError
from gis.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.store.records import Record, RecordStore
    from gis.store.register import RegisterItem, RegisterQuery

EXIT_CHANGED = 1
PAGE = 200

records_app = typer.Typer(
    help="检查记录：列表、查看、重查、导出 / the kept checks: list, show, check again, export",
    no_args_is_help=True,
)

WordsOption = Annotated[
    str,
    typer.Option("--q", metavar="WORDS", help="委托人、文件、地块名或编号 / who asked, file, site or id"),
]
VerdictOption = Annotated[
    Verdict | None, typer.Option("--verdict", help="至少一个地块为此结论 / a site has this verdict")
]
FromOption = Annotated[str | None, typer.Option("--from", metavar="DATE", help="自此日 / from this day")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="DATE", help="至此日 / to this day")]
RecordArgument = Annotated[
    str,
    typer.Argument(
        metavar="RECORD", help="序号，或检查编号的前 8 位以上 / number, or 8 or more signs of the id"
    ),
]


@records_app.command("list")
def list_records(
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="行数 / lines")] = 50,
    offset: Annotated[int, typer.Option("--offset", min=0, help="跳过的行数 / lines to skip")] = 0,
    words: WordsOption = "",
    verdict: VerdictOption = None,
    first: FromOption = None,
    last: ToOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """列出检查记录，新的在前 / list the kept checks, the newest first."""
    from dataclasses import replace

    query = replace(make_query(words, verdict, first, last), limit=limit, offset=offset)
    register = open_store(workspace).read_register(query)
    if as_json:
        typer.echo(json.dumps([item_as_dict(item) for item in register.items], ensure_ascii=False, indent=1))
        return
    for item in register.items:
        typer.echo(describe_item(item))
    end = offset + len(register.items)
    typer.echo(
        f"第 {min(offset + 1, end)}–{end} 条，共 {register.total} 条 / "
        f"{min(offset + 1, end)}–{end} of {register.total}",
        err=True,
    )


@records_app.command("show")
def show_record(
    record: RecordArgument,
    *,
    as_json: JsonOption = False,
    files: Annotated[
        Path | None,
        typer.Option("--files", metavar="DIR", help="把当时提交的文件写入此文件夹 / write the files given"),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """查看一条记录 / show one record; --json: the result as it was answered."""
    kept = open_store(workspace).read_record(record)
    if files is not None:
        for path in write_sources(kept, files):
            typer.echo(f"已写入 / wrote {path}", err=True)
    if as_json:
        typer.echo(kept.body, nl=False)
        return
    for line in describe_record(kept):
        typer.echo(line)


@records_app.command("rerun")
def rerun_records(
    records: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RECORD]...", help="序号或检查编号；不给则为全部 / all when none is given"),
    ] = None,
    *,
    on: Annotated[
        str | None,
        typer.Option(
            "--on", metavar="DATE", help="改按此日的法规，默认按当时的日期 / the law as of another date"
        ),
    ] = None,
    words: WordsOption = "",
    verdict: VerdictOption = None,
    first: FromOption = None,
    last: ToOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """按今日的图层与规则重查，列出改变的结论 / check again today: which verdicts change.

    退出码 0：结论都不变；1：有结论改变。记录本身不改动。
    Exit code 0: no verdict changes; 1: some do. The records stay as they are.
    """
    from gis.store.rerun import rerun_record

    store = open_store(workspace)
    opened = load_workspace(workspace)
    day = None if on is None else parse_date(on)
    query = make_query(words, verdict, first, last)
    found: list[dict[str, Any]] = []
    changed = 0
    for kept in choose_records(store, records or [], query):
        done = rerun_record(opened, kept, on=day)
        changed += done.verdict_changed
        found.append(rerun_as_dict(done))
        if not as_json:
            for line in describe_rerun(done, kept):
                typer.echo(line)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    typer.echo(
        f"重查 {len(found)} 条，{changed} 条结论改变 / "
        f"{len(found)} checked again, {changed} with another verdict",
        err=True,
    )
    raise typer.Exit(EXIT_CHANGED if changed else 0)


@records_app.command("export")
def export_records(
    *,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FILE", help=".jsonl（含结果）、.csv 或 .xlsx / with results: .jsonl"
        ),
    ],
    words: WordsOption = "",
    verdict: VerdictOption = None,
    first: FromOption = None,
    last: ToOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """导出登记簿 / write the register as a file."""
    store = open_store(workspace)
    items = list(iterate_items(store, make_query(words, verdict, first, last)))
    typer.echo(str(write_register(store, items, output)))
    typer.echo(f"{len(items)} 条记录 / {len(items)} records", err=True)


def open_store(workspace: Path | None) -> RecordStore:
    """Return the records the settings name."""
    from gis.settings import read_settings
    from gis.store.records import RecordStore

    settings = read_settings(workspace=workspace)
    return RecordStore(settings.home, settings.database_url)


def make_query(words: str, verdict: Verdict | None, first: str | None, last: str | None) -> RegisterQuery:
    """Return what the options narrow the register by."""
    from gis.store.register import RegisterQuery

    return RegisterQuery(
        words=words,
        verdict=verdict,
        first_day=read_day("--from", first),
        last_day=read_day("--to", last),
    )


def read_day(option: str, text: str | None) -> date | None:
    """Return a day given by an option.

    Raises
    ------
    SettingsError
        If the text is no date.
    """
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(
            f"{option} 的值 {text!r} 不是日期", f"{option} {text!r} is not a date", where=option
        ) from error


def iterate_items(store: RecordStore, query: RegisterQuery) -> Iterator[RegisterItem]:
    """Return every line that matches, page by page, the newest first."""
    from dataclasses import replace

    offset = 0
    while True:
        page = store.read_register(replace(query, limit=PAGE, offset=offset)).items
        yield from page
        if len(page) < PAGE:
            return
        offset += PAGE


def choose_records(store: RecordStore, keys: list[str], query: RegisterQuery) -> Iterator[Record]:
    """Return the records named, or all that match: of equal checks the newest only."""
    if keys:
        yield from (store.read_record(key) for key in keys)
        return
    newest: dict[str, int] = {}
    for item in iterate_items(store, query):
        newest.setdefault(item.check_id, item.record_id)
    for record_id in newest.values():
        yield store.read_record(record_id)


def write_sources(kept: Record, folder: Path) -> list[Path]:
    """Write a record's files under their own base names, numbered where there are several.

    Raises
    ------
    OutputError
        If the folder cannot be written to, or a file is there already.
    """
    written = []
    for number, source in enumerate(kept.sources, start=1):
        name = PurePosixPath(source.name.replace("\\", "/")).name.lstrip(".") or "sites"
        path = folder / (name if len(kept.sources) == 1 else f"{number}-{name}")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(source.content)
        except (OSError, ValueError) as error:
            raise OutputError(
                f"无法写入 {path}：{error}",
                f"{path} cannot be written: {error}",
                where=str(path),
                hint_zh="请给出一个空文件夹",
                hint_en="name an empty folder",
            ) from error
        written.append(path)
    return written
