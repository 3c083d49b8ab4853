"""``gis sites``: project sites from one format and coordinate system to another."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.options import STDIN, read_file
from gis.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.model import SiteSet

STDIN_NAME = "stdin.geojson"

sites_app = typer.Typer(no_args_is_help=True, help="项目用地文件 / project site files")


@sites_app.callback()
def main() -> None:
    """项目用地文件 / project site files."""


@sites_app.command()
def convert(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN", help="用地文件；- 为标准输入的 GeoJSON / site file; - is GeoJSON on stdin"
        ),
    ],
    target: Annotated[
        Path,
        typer.Argument(
            metavar="OUT", help=".geojson .gpkg .zip (shapefile) .kml .kmz .csv .xlsx .txt (勘测定界) .dxf"
        ),
    ],
    *,
    crs: Annotated[
        str | None, typer.Option("--crs", metavar="EPSG:n", help="输入的坐标系 / coordinate system of IN")
    ] = None,
    to_crs: Annotated[
        str | None,
        typer.Option(
            "--to-crs",
            metavar="EPSG:n",
            help="输出的坐标系；默认经纬度，TXT、DXF 为 3 度带 / of OUT; default degrees, TXT and DXF a zone",
        ),
    ] = None,
    datum: Annotated[
        str | None,
        typer.Option("--datum", metavar="gcj02|bd09", help="输入为 GCJ-02 或 BD-09 / IN is GCJ-02 or BD-09"),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="覆盖已有文件 / replace OUT")] = False,
) -> None:
    """在各格式、各坐标系之间转换用地文件 / convert sites between formats and coordinate systems.

    退出码 0：全部转换；1：有要素被拒；2：无法运行。
    Exit code 0: all converted; 1: some features rejected; 2: could not run.
    """
    from gis.sites.write.formats import write_sites

    if target.exists() and not overwrite:
        raise OutputError(
            f"{target} 已存在",
            f"{target} exists already",
            where=str(target),
            hint_zh="换一个文件名，或加 --overwrite",
            hint_en="choose another name, or add --overwrite",
            code="outputs.exists",
        )
    found = read_project_sites([source], crs=crs, datum=datum)
    save_bytes(target, write_sites(found.sites, target.name, to_crs=to_crs))
    report_reading(found)
    typer.echo(f"已写入 {len(found.sites)} 个地块 / wrote {len(found.sites)} sites: {target}", err=True)
    raise typer.Exit(1 if found.rejected else 0)


def read_project_sites(paths: Sequence[Path], *, crs: str | None = None, datum: str | None = None) -> SiteSet:
    """Return the sites of files named on the command line; ``-`` is GeoJSON on standard input.

    A file of the planner's own that is plain GeoJSON is read here; archives, databases, drawings, XML, and
    workbooks are read in the limited process, as in the service.
    """
    from gis.sites.raw import SiteSource

    sources = [SiteSource(STDIN_NAME if str(path) == STDIN else path.name, read_file(path)) for path in paths]
    if all(source.content.lstrip()[:1] == b"{" for source in sources) or not hasattr(os, "fork"):
        from gis.sites.read import read_sites

        return read_sites(sources, crs=crs, datum=datum)
    from gis.sites.guard import read_sites_guarded

    return read_sites_guarded(sources, crs=crs, datum=datum)


def report_reading(found: SiteSet) -> None:
    """Say on stderr what was taken from the files, what was mended and what was rejected."""
    for file in found.files:
        encoding = f" · {file.encoding}" if file.encoding else ""
        typer.echo(f"{file.name}: {file.format} · {file.crs_read}{encoding}", err=True)
        for note in file.notes:
            typer.echo(f"  {note.zh} / {note.en}", err=True)
    for site in found.sites:
        for entry in (*site.repairs, *site.warnings):
            typer.echo(f"  {site.site_id}: {entry.message.zh} / {entry.message.en}", err=True)
    for rejected in found.rejected:
        typer.echo(
            f"  已拒 / rejected {rejected.index}: {rejected.message.zh} / {rejected.message.en}", err=True
        )


def save_bytes(path: Path, content: bytes) -> None:
    """Write a file aside and put it in place whole.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    try:
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(aside).chmod(0o644)
            Path(aside).replace(path)
        except OSError:
            Path(aside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(
            f"无法写入 {path}：{error.strerror}",
            f"{path} cannot be written: {error.strerror}",
            where=str(path),
            hint_zh="请检查文件夹与权限",
            hint_en="check the folder and the permissions",
            code="outputs.write",
        ) from error
