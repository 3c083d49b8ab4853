"""``gis init``: a workspace of one's own, to put official data into."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from gis.errors import OutputError, SettingsError


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="新文件夹 / a new folder", show_default=False)
    ],
) -> None:
    """建立自己的工作区：复制 layers/ 与 maps/ / make a workspace of your own: layers/ and maps/ copied.

    之后用 --workspace DIR 或 GIS_WORKSPACE=DIR，即可用 gis layers replace 放入正式数据。
    """
    from gis.settings import bundled_workspace

    copy_workspace(bundled_workspace(), folder)
    typer.echo(str(folder))
    typer.echo(f"用法 / use it: gis --help；export GIS_WORKSPACE={folder.resolve()}", err=True)


def copy_workspace(source: Path, folder: Path) -> None:
    """Copy ``layers/`` and ``maps/`` of `source` into `folder`, without the history of replacements.

    Raises
    ------
    SettingsError
        If `folder` has files already.
    OutputError
        If it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError(
            f"{folder} 已有内容，未作改动",
            f"{folder} is not empty; nothing was changed",
            where=str(folder),
            hint_zh="请给出一个新的或空的文件夹",
            hint_en="name a new or an empty folder",
            code="settings.folder",
        )
    try:
        for name in ("layers", "maps"):
            shutil.copytree(
                source / name,
                folder / name,
                ignore=shutil.ignore_patterns(".*", "__pycache__"),
                copy_function=_copy_writable,
            )
    except (OSError, shutil.Error) as error:
        raise OutputError(
            f"无法写入 {folder}：{error}",
            f"{folder} cannot be written: {error}",
            where=str(folder),
            hint_zh="请检查文件夹权限与磁盘空间",
            hint_en="check the folder's permissions and the disk space",
        ) from error


def _copy_writable(source: str, target: str) -> str:
    """Copy one file; the copy can be written to even where the installed one cannot."""
    copied = shutil.copyfile(source, target)
    Path(copied).chmod(0o644)
    return copied
