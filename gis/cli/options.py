"""Options and small steps shared by the commands."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.errors import SettingsError, SiteError

if TYPE_CHECKING:
    from gis.workspace import Workspace

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        help="含有 layers/ 与 maps/ 的文件夹 / folder that holds layers/ and maps/ [env: GIS_WORKSPACE]",
        show_default=False,
    ),
]

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]

STDIN = "-"


def load_workspace(folder: Path | None) -> Workspace:
    """Open the workspace a command works on."""
    from gis.workspace import open_workspace

    return open_workspace(folder)


def parse_date(text: str | None) -> date:
    """Return a date given as ``YYYY-MM-DD``; today when nothing was given.

    Raises
    ------
    SettingsError
        If the text is no date.
    """
    if text is None:
        return date.today()  # noqa: DTZ011 - the office's calendar day, read once at the edge
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(
            f"--on 的值 {text!r} 不是日期",
            f"--on {text!r} is not a date",
            where="--on",
            hint_zh="请写成 2026-01-31",
            hint_en="write it as 2026-01-31",
        ) from error


def read_file(path: Path) -> bytes:
    """Return the content of an input file; ``-`` is standard input.

    Raises
    ------
    SiteError
        If there is no such file, or it cannot be read.
    """
    if str(path) == STDIN:
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise SiteError(
            f"无法读取文件 {path}：{error.strerror}",
            f"the file {path} cannot be read: {error.strerror}",
            where=str(path),
            hint_zh="请检查路径与权限",
            hint_en="check the path and the permissions",
            code="sites.file",
        ) from error
