"""The register as a file: JSON lines with the results, CSV or a workbook."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from gis.cli.records_text import item_as_dict
from gis.errors import OutputError
from gis.model import Text, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gis.outputs.table import Table
    from gis.store.records import RecordStore
    from gis.store.register import RegisterItem

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def write_register(store: RecordStore, items: Sequence[RegisterItem], path: Path) -> Path:
    """Write the register, aside first: a file that is there is whole.

    Parameters
    ----------
    items : sequence of RegisterItem
        The lines to write.
    path : Path
        Its ending decides: ``.jsonl`` holds the options and the whole result of each record, ``.csv`` and
        ``.xlsx`` the lines.

    Raises
    ------
    OutputError
        If the ending is another, or the file cannot be written.
    """
    writers = {".jsonl": write_lines, ".csv": write_csv, ".xlsx": write_xlsx}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise OutputError(
            f"不支持的文件类型 {path.suffix or path.name!r}",
            f"the file type {path.suffix or path.name!r} is not supported",
            where=str(path),
            hint_zh="请用 .jsonl、.csv 或 .xlsx",
            hint_en="use .jsonl, .csv or .xlsx",
        )
    aside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer(store, items, aside)
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise OutputError(
            f"无法写入 {path}：{error.strerror}",
            f"{path} cannot be written: {error.strerror}",
            where=str(path),
            hint_zh="请检查磁盘空间与权限",
            hint_en="check the disk and the permissions",
        ) from error
    return path


def write_lines(store: RecordStore, items: Sequence[RegisterItem], path: Path) -> None:
    """Write one JSON object a line: the record with its options and its whole result."""
    from gis.store.records import options_as_dict

    with path.open("w", encoding="utf-8", newline="\n") as file:
        for item in items:
            kept = store.read_record(item.record_id)
            table: dict[str, Any] = item_as_dict(item) | {"options": options_as_dict(kept.options)}
            file.write(json.dumps(table | {"result": json.loads(kept.body)}, ensure_ascii=False) + "\n")


def write_csv(store: RecordStore, items: Sequence[RegisterItem], path: Path) -> None:
    """Write a CSV that a spreadsheet opens right (UTF-8 with its mark) and in which nothing is a formula."""
    del store
    from gis.store.register import OFFICE_TIME

    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(
        ["record", "created", "check_id", "name", "files", "sites", *(verdict.value for verdict in Verdict)]
    )
    for item in items:
        writer.writerow(
            [
                item.record_id,
                item.asked_at.astimezone(OFFICE_TIME).isoformat(timespec="seconds"),
                item.check_id,
                guard(item.asked_by),
                guard("；".join(file.name for file in item.files)),
                item.sites,
                *(item.by_verdict[verdict] for verdict in Verdict),
            ]
        )
    path.write_bytes(stream.getvalue().encode("utf-8-sig"))


def guard(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def write_xlsx(store: RecordStore, items: Sequence[RegisterItem], path: Path) -> None:
    """Write a workbook with one sheet."""
    del store
    from datetime import UTC, datetime

    from gis.outputs.xlsx import render_tables

    newest = max((item.asked_at for item in items), default=datetime(1980, 1, 1, tzinfo=UTC))
    title = "检查登记簿 / Register of checks"
    path.write_bytes(render_tables([tabulate_items(items)], title=title, subject="", created=newest))


def tabulate_items(items: Sequence[RegisterItem]) -> Table:
    """Return the register as a table."""
    from gis.outputs.table import Column, Row, Table
    from gis.outputs.wording import VERDICTS
    from gis.store.register import OFFICE_TIME

    columns = (
        Column(Text("序号", "No."), "0"),
        Column(Text("时间（北京）", "When (UTC+8)")),
        Column(Text("委托人", "Asked by"), widest=30),
        Column(Text("文件", "Files"), widest=56),
        Column(Text("地块", "Sites"), "0"),
        *(Column(VERDICTS[verdict], "0") for verdict in Verdict),
        Column(Text("检查编号", "Check id"), widest=70),
    )
    rows = tuple(
        Row(
            (
                item.record_id,
                item.asked_at.astimezone(OFFICE_TIME).strftime("%Y-%m-%d %H:%M:%S"),
                item.asked_by,
                "\n".join(file.name for file in item.files),
                item.sites,
                *(item.by_verdict[verdict] or None for verdict in Verdict),
                item.check_id,
            )
        )
        for item in items
    )
    return Table(Text("检查登记簿", "Register"), columns, rows, frozen=2)
