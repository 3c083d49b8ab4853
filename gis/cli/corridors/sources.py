"""Sources and patches of the corridor commands: any file of sites, a table, or a grid of numbers."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gis.cli.corridors.options import read_input
from gis.cli.sites import read_project_sites, report_reading
from gis.errors import CorridorError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gis.corridors.grid import Grid
    from gis.corridors.patches import Patches
    from gis.corridors.pointlist import PlacedList
    from gis.model import SiteSet

GRID_ENDINGS = (".asc", ".tif", ".tiff", ".gz")
TABLE_ENDINGS = (".csv", ".tsv", ".txt")


def is_grid(path: Path) -> bool:
    """Return whether a file is a grid: by its name, or a text that begins as ESRI ASCII does."""
    if path.name.lower().endswith(GRID_ENDINGS):
        return True
    if path.suffix.lower() not in TABLE_ENDINGS or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(5).lower() == b"ncols"


def open_patches(path: Path, *, id_field: str | None, area_field: str | None, crs: str | None) -> Patches:
    """Return the patches of a file: polygons of any format sites come in, or a table of ids and areas.

    Raises
    ------
    CorridorError
        If a feature of the file cannot be used.
    SiteError, CrsError
        If the file cannot be read or placed.
    """
    from gis.corridors.patches import is_patch_table, make_patches, parse_patch_table

    if path.suffix.lower() in TABLE_ENDINGS:
        text = read_input(path).decode("utf-8-sig", errors="replace")
        if is_patch_table(text):
            return parse_patch_table(text, name=path.name)
    found = read_shapes(path, crs)
    return make_patches(found.sites, id_field=id_field, area_field=area_field)


def read_shapes(path: Path, crs: str | None) -> SiteSet:
    """Return the shapes of a file in any format sites come in, all of them.

    Raises
    ------
    CorridorError
        If a feature of the file cannot be used: a study without one of its sources is another study.
    SiteError, CrsError
        If the file cannot be read or placed.
    """
    found = read_project_sites([path], crs=crs)
    report_reading(found)
    if found.rejected:
        first = found.rejected[0]
        raise CorridorError(
            f"{path.name} 有 {len(found.rejected)} 个要素不可用，第 {first.index} 个：{first.message.zh}",
            f"{len(found.rejected)} features of {path.name} cannot be used, "
            f"number {first.index}: {first.message.en}",
            where=path.name,
            hint_zh="请先修好或去掉它们：少一个源就是另一项研究",
            hint_en="mend or drop them first: a study that lacks a source is another study",
            code="corridors.rejected",
        )
    return found


def open_sources(
    path: Path,
    resistance: Grid,
    *,
    id_field: str | None = None,
    crs: str | None = None,
    apart: bool = False,
) -> tuple[Grid, dict[int, str]]:
    """Return sources on the cells of a resistance grid, and the label of each number.

    Parameters
    ----------
    path : Path
        A grid whose cells hold the sources' numbers, a list of lines ``number x y`` in the grid's system, or
        shapes in any format sites come in.
    id_field : str, optional
        Field of the labels; ids as :func:`gis.corridors.patches.make_patches` chooses them.
    crs : str, optional
        System of the file's coordinates.
    apart : bool
        Whether to refuse shapes that share a cell; otherwise the later one has it.

    Raises
    ------
    CorridorError
        If the file cannot be read, or a source lies outside the grid or where nothing passes.
    """
    placed, labels = open_placed(path, resistance, id_field=id_field, crs=crs, apart=apart)
    if placed.twins:
        from gis.corridors.pointlist import refuse_overlap

        number, other = placed.twins[0]
        raise refuse_overlap(str(other), str(number), where=path.name)
    return placed.grid, labels


def open_placed(
    path: Path,
    resistance: Grid,
    *,
    id_field: str | None = None,
    crs: str | None = None,
    apart: bool = False,
) -> tuple[PlacedList, dict[int, str]]:
    """Return what :func:`open_sources` does, sources of a list that have the same cells told apart.

    Raises
    ------
    CorridorError
        As there; two sources of a list that have the same cells are none.
    """
    from gis.corridors.patches import choose_ids
    from gis.corridors.placing import place_sources
    from gis.corridors.pointlist import PlacedList, is_point_list, place_point_list

    if is_grid(path):
        from gis.cli.corridors.options import open_grid

        return PlacedList(open_grid(path)), {}
    if path.suffix.lower() in TABLE_ENDINGS:
        text = read_input(path).decode("utf-8-sig", errors="replace")
        if is_point_list(text):
            return place_point_list(text, resistance, name=path.name), {}
    found = read_shapes(path, crs)
    labels = choose_ids(found.sites, id_field)
    planes = [site.geometry_plane for site in found.sites]
    points = place_sources(planes, labels, resistance, apart=apart)
    return PlacedList(points), dict(enumerate(labels, start=1))


def hash_files(paths: Iterable[Path | None]) -> dict[str, str]:
    """Return the name of each file and its SHA-256."""
    hashes: dict[str, str] = {}
    for path in paths:
        if path is not None:
            name = path.name if path.name not in hashes else str(path)
            hashes[name] = hashlib.sha256(read_input(path)).hexdigest()
    return hashes


def list_written(paths: Iterable[Path]) -> None:
    """Say on stderr which files were written."""
    for path in paths:
        typer.echo(f"已写入 / wrote {path}", err=True)
