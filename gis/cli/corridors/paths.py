"""``gis corridors paths``: least-cost paths and corridors between sources (最小累积阻力)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.corridors.inputs import open_inputs
from gis.cli.corridors.options import (
    Average,
    AverageOption,
    CellOption,
    CrsOption,
    FolderOption,
    GridCrsOption,
    IdFieldOption,
    NeighboursOption,
    ResistanceOption,
    SourcesOption,
    open_grid,
    parse_neighbours,
    show_progress,
)
from gis.cli.corridors.sources import list_written
from gis.cli.options import JsonOption, WorkspaceOption
from gis.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gis.corridors.pairs import Pairs
    from gis.outputs.corridor_paths import PathReport


def paths(
    *,
    resistance: ResistanceOption = None,
    sources: SourcesOption = None,
    pairs: Annotated[
        str,
        typer.Option(
            "--pairs",
            metavar="LIST",
            help="neighbours 相邻源、planar 最小平面图、all 全部，或 1-2,1-3 / which pairs to link",
        ),
    ] = "neighbours",
    slack: Annotated[
        str,
        typer.Option(
            "--slack",
            metavar="LIST",
            help="走廊带：比最小成本多出的份额 / bands: shares above the least cost",
        ),
    ] = "0.01,0.05,0.1",
    neighbours: NeighboursOption = 8,
    average: AverageOption = Average.RESISTANCE,
    cell: CellOption = None,
    id_field: IdFieldOption = None,
    crs: CrsOption = None,
    grid_crs: GridCrsOption = None,
    output: FolderOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """最小成本路径与走廊（最小累积阻力 MCR）/ least-cost paths and corridors between sources.

    -o 写 paths.json、paths.xlsx、paths.geojson、bands.geojson、corridor.tif、mcr.tif。
    -o writes paths.json, paths.xlsx, paths.geojson, bands.geojson, corridor.tif and mcr.tif.
    """
    from gis.corridors.grid import require_resistance
    from gis.corridors.paths import trace_paths
    from gis.outputs.corridor_paths import PathReport, paths_as_dict

    kind, shares = parse_neighbours(neighbours), parse_slack(slack)
    own = None
    if resistance is not None:
        own = open_grid(resistance, grid_crs)
        require_resistance(own, name=resistance.name)
    found = open_inputs(
        own, sources, files=(resistance,), cell=cell, id_field=id_field, crs=crs, workspace=workspace
    )
    grid, points, labels = found.grid, found.points, found.labels
    chosen = parse_pairs(pairs, labels)
    with show_progress("路径 paths") as report:
        study = trace_paths(
            grid,
            points,
            pairs=chosen,
            neighbours=kind,
            average="resistance" if average is Average.RESISTANCE else "conductance",
            slack_shares=shares,
            report=report,
        )
    result = PathReport(
        study=study,
        labels=labels,
        pairs=chosen if isinstance(chosen, str) else "listed",
        neighbours=kind,
        average=average.value,
        slack_shares=shares,
        inputs=found.hashes,
    )
    text = json.dumps(paths_as_dict(result), ensure_ascii=False, allow_nan=False)
    if output is not None:
        list_written(write_paths(result, text, output))
    if as_json:
        typer.echo(text)
    else:
        from gis.outputs.corridor_text import format_paths

        typer.echo(format_paths(result))


def parse_pairs(text: str, labels: Mapping[int, str]) -> Pairs:
    """Return which pairs to link, from a word or a list such as ``1-2,1-3`` (numbers or ids of sources).

    Raises
    ------
    SettingsError
        If it is neither, or an id is unknown.
    """
    word = text.strip().lower()
    if word in {"neighbours", "planar", "all"}:
        return "neighbours" if word == "neighbours" else "planar" if word == "planar" else "all"
    numbers = {label: number for number, label in labels.items()}
    listed = []
    for item in text.replace("，", ",").split(","):
        ends = _split_pair(item.strip(), numbers)
        if ends is None:
            raise SettingsError(
                f"--pairs 的 {item.strip()!r} 不是一对源",
                f"--pairs: {item.strip()!r} is no pair of sources",
                where="--pairs",
                hint_zh="请写 neighbours、planar、all，或 1-2,1-3（编号）",
                hint_en="write neighbours, planar, all, or 1-2,1-3 (numbers or ids)",
            )
        listed.append(ends)
    return tuple(listed)


def _split_pair(item: str, numbers: Mapping[str, int]) -> tuple[int, int] | None:
    """Return the numbers of a pair written ``a-b``; ids may hold hyphens of their own."""
    for place, character in enumerate(item):
        if character != "-":
            continue
        ends = [
            numbers.get(end, _whole(end) if not numbers else None)
            for end in (item[:place], item[place + 1 :])
        ]
        if ends[0] is not None and ends[1] is not None:
            return ends[0], ends[1]
    return None


def _whole(text: str) -> int | None:
    """Return a whole number, None for anything else."""
    return int(text) if text.isascii() and text.isdigit() else None


def parse_slack(text: str) -> tuple[float, ...]:
    """Return the slacks of bands, shares above the least cost.

    Raises
    ------
    SettingsError
        If one is no number.
    """
    try:
        return tuple(float(part) for part in text.replace("，", ",").split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(
            f"--slack 的值 {text!r} 不是数",
            f"--slack: {text!r} is not numbers",
            where="--slack",
            hint_zh="请写成 0.01,0.05,0.1",
            hint_en="write it as 0.01,0.05,0.1",
        ) from error


def write_paths(result: PathReport, text: str, folder: Path) -> Iterator[Path]:
    """Write the study into a folder, yield the files."""
    from gis.corridors.gridfile import render_tiff
    from gis.outputs.corridor_paths import render_bands_geojson, render_paths_geojson
    from gis.outputs.corridor_tables import tabulate_paths
    from gis.outputs.files import write_bytes, write_text
    from gis.outputs.xlsx import render_tables

    book = render_tables(
        tabulate_paths(result),
        title="最小成本路径 / Least-cost paths",
        subject=result.pairs,
        created=datetime.now(UTC),
    )
    study = result.study
    yield write_text(folder / "paths.json", f"{text}\n")
    yield write_bytes(folder / "paths.xlsx", book)
    yield write_text(folder / "paths.geojson", render_paths_geojson(result))
    yield write_text(folder / "bands.geojson", render_bands_geojson(result))
    if study.corridor is not None:
        tags = {"quantity": "costA + costB - LCD, least of all links", "unit": "resistance x metre"}
        yield write_bytes(folder / "corridor.tif", render_tiff(study.corridor, tags=tags))
    tags = {"quantity": "accumulated cost from the nearest source (MCR)", "unit": "resistance x metre"}
    yield write_bytes(folder / "mcr.tif", render_tiff(study.mcr, tags=tags))
