"""``gis warm``: what a first run would make is made beforehand: compiled kernels, cached layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from gis.cli.options import WorkspaceOption
from gis.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def warm(*, workspace: WorkspaceOption = None) -> None:
    """编译计算内核、生成缓存图层，使首次运行不必等待 / compile kernels and make cached layers beforehand.

    约 20 秒；由以后运行 gis 的用户执行一次，升级后再执行一次。
    Some 20 s; once as the user who will run gis, and once after an upgrade.
    """
    from rich.console import Console

    from gis.corridors.warming import warm_kernels as warm_corridors
    from gis.engine.warming import warm_kernels as warm_engine
    from gis.kernels.notice import silence
    from gis.layers.build.build import ensure_cache
    from gis.settings import read_settings

    settings = read_settings(workspace=workspace)
    folder = find_kernel_folder()
    silence()
    console = Console(stderr=True, highlight=False)
    with console.status("缓存图层 / cached layers"):
        ensure_cache(settings.workspace, settings.cache)
    with console.status("编译计算内核，约 20 秒 / compiling the kernels, some 20 s"):
        warm_engine()
        warm_corridors()
    typer.echo(f"缓存图层在 / cached layers in {settings.cache}", err=True)
    typer.echo(f"计算内核在 / kernels in {folder}", err=True)


def find_kernel_folder() -> Path:
    """Return the folder compiled kernels go to.

    Raises
    ------
    SettingsError
        If none can be written to.
    """
    import os

    from gis.kernels.folders import find_writable, list_folders

    folder = find_writable()
    if folder is None:
        tried = ", ".join(map(str, list_folders(os.environ)))
        raise SettingsError(
            "编译好的内核无处保存：各文件夹均不可写",
            "compiled kernels cannot be kept: none of the folders can be written to",
            where=tried,
            hint_zh="请设 GIS_HOME 或 NUMBA_CACHE_DIR 为可写的文件夹",
            hint_en="set GIS_HOME or NUMBA_CACHE_DIR to a folder that can be written to",
            code="settings.kernels",
        )
    return folder
