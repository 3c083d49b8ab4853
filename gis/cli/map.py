"""``gis map``: one web map as a file that needs neither server nor network."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.options import WorkspaceOption, load_workspace
from gis.errors import OutputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROFILES = ("internal", "public")


def map_file(
    map_id: Annotated[
        str,
        typer.Argument(
            metavar="MAP_ID", help="地图，如 framework、hubs / the map, such as framework or hubs"
        ),
    ],
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="写入的 HTML 文件 / HTML file to write")
    ],
    single_file: Annotated[
        bool, typer.Option("--single-file", help="全部内容在一个文件中 / everything inside the one file")
    ] = True,
    language: Annotated[
        str, typer.Option("--language", metavar="zh|en", help="打开时的语言 / language it opens in")
    ] = "zh",
    profile: Annotated[
        str,
        typer.Option(
            "--profile",
            metavar="internal|public",
            help="内部版或公开版：公开版不含敏感图层 / profile: public leaves sensitive layers out",
        ),
    ] = "internal",
    workspace: WorkspaceOption = None,
) -> None:
    """把一张网页地图写成一个断网也能打开的 HTML 文件 / write a web map as one HTML file for use offline."""
    if language not in {"zh", "en"}:
        raise SettingsError(
            f"--language 的值 {language!r} 应为 zh 或 en",
            f"--language is {language!r}; zh or en is expected",
            where="--language",
        )
    if profile not in PROFILES:
        raise SettingsError(
            f"--profile 的值 {profile!r} 应为 internal 或 public",
            f"--profile is {profile!r}; internal or public is expected",
            where="--profile",
        )
    del single_file
    from gis.webmap.single import render_single_file

    with tile_progress() as progress:
        page = render_single_file(
            load_workspace(workspace),
            map_id,
            language=language,
            public=profile == "public",
            progress=progress,
        )
    write_page(output, page)
    typer.echo(str(output))


@contextmanager
def tile_progress() -> Iterator[Callable[[float], None]]:
    """Show on standard error how far the tiles of big layers are; nothing where there are none to make."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("制作大图层的瓦片 tiles of big layers", total=1.0, visible=False)

        def show(share: float) -> None:
            bar.update(task, completed=share, visible=share < 1)

        yield show


def write_page(path: Path, page: str) -> None:
    """Write a page aside and move it into place.

    Raises
    ------
    OutputError
        If it cannot be written there.
    """
    aside = path.with_name(f".{path.name}.part")
    try:
        aside.write_text(page, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise OutputError(
            f"无法写入 {path}：{error.strerror}",
            f"{path} cannot be written: {error.strerror}",
            where=str(path),
            hint_zh="请检查文件夹是否存在、可写",
            hint_en="check that the folder exists and can be written to",
        ) from error
