"""``gis corridors current``: how strongly sources are connected, where the current runs and is squeezed."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.corridors.inputs import coarsen_inputs, open_inputs
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
    read_input,
    show_progress,
)
from gis.cli.corridors.sources import list_written, open_sources
from gis.cli.options import JsonOption, WorkspaceOption
from gis.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gis.cli.corridors.inputs import Inputs
    from gis.corridors.current import PairCurrent
    from gis.corridors.grid import Grid
    from gis.corridors.pointlist import PlacedList
    from gis.outputs.corridor_current import CurrentReport


class SolverChoice(StrEnum):
    """How potentials are found."""

    AUTO = "auto"
    DIRECT = "direct"
    MULTIGRID = "multigrid"


def current(
    *,
    resistance: ResistanceOption = None,
    points: SourcesOption = None,
    short_circuit: Annotated[
        Path | None,
        typer.Option(
            "--short-circuit",
            metavar="FILE",
            help="短路区：编号栅格或面文件，同区像元间无电阻 / "
            "regions without resistance: a grid or polygons",
            show_default=False,
        ),
    ] = None,
    mask: Annotated[
        Path | None,
        typer.Option(
            "--mask",
            metavar="FILE",
            help="掩膜栅格：只用大于 0 的像元 / grid: only cells larger than 0 are used",
            show_default=False,
        ),
    ] = None,
    pairs: Annotated[
        str,
        typer.Option(
            "--pairs",
            metavar="LIST",
            help="all 全部，1-2,1-3，或配对文件 / pairs to measure: all, a list, or a file of pairs",
        ),
    ] = "all",
    neighbours: NeighboursOption = 8,
    average: AverageOption = Average.RESISTANCE,
    conductance: Annotated[
        bool, typer.Option("--conductance", help="栅格给的是电导而非电阻 / the grid holds conductances")
    ] = False,
    solver: Annotated[
        SolverChoice,
        typer.Option("--solver", help="auto：50 万格以内直接分解，更大用多重网格 / how to solve"),
    ] = SolverChoice.AUTO,
    maps: Annotated[
        bool,
        typer.Option("--maps", help="另写每对源的电流图（需 -o）/ a map of each pair besides (needs -o)"),
    ] = False,
    pinch_ratio: Annotated[
        float,
        typer.Option(
            "--pinch-ratio",
            metavar="X",
            help="夹点：电流至少为均质地面的几倍 / times the current of even land",
        ),
    ] = 2.0,
    cell: CellOption = None,
    id_field: IdFieldOption = None,
    crs: CrsOption = None,
    grid_crs: GridCrsOption = None,
    output: FolderOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """电路模型：源间有效电阻、电流图与夹点 / circuit flow: effective resistances, current map, pinch points.

    -o 写 current.json、resistance.json、current.tif、current_max.tif、normalised.tif、pinch_points.geojson、
    current.png；--maps 另写 pairs/current_A_B.tif。
    -o writes these files; the sum and the largest of all pairs' currents, and current over that on even land.
    """
    from gis.corridors.current import Plan, measure_current
    from gis.corridors.pinch import PinchPlan, find_pinch_points
    from gis.outputs.corridor_current import CurrentReport, resistances_as_dict

    if maps and output is None:
        raise SettingsError("--maps 需要 -o DIR", "--maps needs -o DIR", where="--maps")
    kind = parse_neighbours(neighbours)
    own = open_resistance(resistance, mask, grid_crs, conductance=conductance)
    files = (resistance, short_circuit, mask)
    found = open_inputs(own, points, files=files, cell=cell, id_field=id_field, crs=crs, workspace=workspace)
    grid, placed, labels = found.grid, found.placed, found.labels
    sources = placed.grid
    regions = open_regions(short_circuit, found, cell=cell, crs=crs, joined=points is None)
    warn_bare_sources(grid, sources)
    plan = Plan(
        neighbours=kind,
        average="resistance" if average is Average.RESISTANCE else "conductance",
        solver=solver.value,
        pairs=choose_pairs(pairs, placed, labels),
        with_map=output is not None,
    )
    written: list[Path] = []

    def keep(pair: PairCurrent) -> None:
        if maps and output is not None:
            written.append(write_pair(pair, grid, output / "pairs"))

    with show_progress("电路 current") as report:
        study = measure_current(
            grid,
            sources,
            short_circuit=regions,
            twins=placed.twins,
            plan=plan,
            on_pair=keep,
            report=report,
        )
    result = CurrentReport(study, plan, labels, found.hashes)
    if output is not None:
        with show_progress("夹点 pinch points") as report:
            pinch = find_pinch_points(
                study, sources, plan=plan, pinch=PinchPlan(least_ratio=pinch_ratio), report=report
            )
        result = CurrentReport(study, plan, labels, result.inputs, pinch)
        written.extend(write_study(result, sources, output))
    if as_json:
        typer.echo(json.dumps(resistances_as_dict(study), allow_nan=False))
    else:
        from gis.outputs.corridor_text import format_current

        typer.echo(format_current(result))
    list_written(written)


def open_regions(
    path: Path | None, found: Inputs, *, cell: float | None, crs: str | None, joined: bool
) -> Grid | None:
    """Return the regions without resistance: those of a file, else the sources where they are `joined`."""
    if path is None:
        return found.placed.grid if joined else None
    regions = open_sources(path, found.fine, crs=crs, apart=True)[0]
    if found.fine is found.grid or cell is None:
        return regions
    return coarsen_inputs(found.fine, regions, cell, name="short-circuit")[1]


def open_resistance(
    path: Path | None, mask: Path | None, crs: str | None, *, conductance: bool
) -> Grid | None:
    """Return the resistances of a file: the inverse of conductances, and nothing outside the mask.

    Raises
    ------
    SettingsError
        If there is no file to which a mask, or conductances, could belong.
    CorridorError
        If a file cannot be read, is no grid of resistances, or the mask lies on other cells.
    """
    import numpy as np

    from gis.corridors.grid import require_resistance, require_same_cells

    if path is None:
        if mask is not None or conductance:
            raise SettingsError(
                "--mask 与 --conductance 须与 --resistance 合用",
                "--mask and --conductance need --resistance",
                where="--mask" if mask is not None else "--conductance",
            )
        return None
    grid = open_grid(path, crs)
    if conductance:
        known = grid.values > 0
        grid = grid.with_values(np.divide(1.0, grid.values, out=np.full(grid.shape, np.nan), where=known))
    if mask is not None:
        cover = open_grid(mask)
        require_same_cells(grid, cover, name=path.name, other_name=mask.name)
        grid = grid.with_values(np.where(cover.values > 0, grid.values, np.nan))
    require_resistance(grid, name=path.name)
    return grid


def warn_bare_sources(grid: Grid, sources: Grid) -> None:
    """Say on stderr which sources of a grid lie wholly where nothing passes."""
    import numpy as np

    if sources.shape != grid.shape:
        return  # refused with the cells named when the current is measured
    known = ~np.isnan(grid.values)
    numbers = np.unique(sources.values[sources.values > 0])
    bare = [f"{number:g}" for number in numbers if not known[sources.values == number].any()]
    if bare:
        text = "、".join(bare)
        typer.echo(
            f"注意：源 {text} 全在无数据处，与谁都不连通 / note: sources {text} lie where nothing passes",
            err=True,
        )


def choose_pairs(
    text: str, sources: PlacedList, labels: Mapping[int, str]
) -> frozenset[tuple[int, int]] | None:
    """Return the pairs asked for, the smaller number first; None for all.

    Raises
    ------
    SettingsError
        If the text is no list of pairs.
    CorridorError
        If the file it names is none.
    """
    from gis.cli.corridors.paths import parse_pairs
    from gis.corridors.pointlist import list_pairs, parse_pair_list

    if text.strip().lower() == "all":
        return None
    file = Path(text)
    if file.suffix and file.is_file():
        mode, pairs = parse_pair_list(read_input(file).decode("utf-8", errors="replace"), name=file.name)
        return pairs if mode == "include" else list_pairs(sources) - pairs
    chosen = parse_pairs(text, labels)
    if isinstance(chosen, str):
        raise SettingsError(
            f"--pairs 的值 {text!r} 此处不可用",
            f"--pairs {text!r} cannot be used here",
            where="--pairs",
            hint_zh="请写 all、1-2,1-3，或配对文件",
            hint_en="write all, 1-2,1-3, or the name of a file of pairs",
        )
    return frozenset((min(ends), max(ends)) for ends in chosen)


def write_pair(pair: PairCurrent, grid: Grid, folder: Path) -> Path:
    """Write the current map of one pair."""
    import numpy as np

    from gis.corridors.gridfile import render_tiff
    from gis.outputs.files import write_bytes

    values = np.where(np.isnan(grid.values) & (pair.current_a == 0), np.nan, pair.current_a)
    tags = {"quantity": f"current from {pair.first} to {pair.second}", "unit": "A"}
    name = f"current_{pair.first}_{pair.second}.tif"
    return write_bytes(folder / name, render_tiff(grid.with_values(values), tags=tags))


def write_study(result: CurrentReport, sources: Grid, folder: Path) -> Iterator[Path]:
    """Write figures, maps and picture into a folder, yield the files."""
    from gis.corridors.gridfile import render_tiff
    from gis.outputs.corridor_current import current_as_dict, render_pinch_geojson, resistances_as_dict
    from gis.outputs.corridor_picture import Caption, Mark, render_picture
    from gis.outputs.files import write_bytes, write_text

    study, pinch = result.study, result.pinch
    yield write_text(
        folder / "resistance.json", json.dumps(resistances_as_dict(study), allow_nan=False) + "\n"
    )
    text = json.dumps(current_as_dict(result), ensure_ascii=False, allow_nan=False)
    yield write_text(folder / "current.json", f"{text}\n")
    if study.current_a is None or study.largest_a is None or pinch is None:
        return
    grids = {
        "current.tif": (study.current_a, "sum of pairwise node currents", "A"),
        "current_max.tif": (study.largest_a, "largest node current of a pair", "A"),
        "normalised.tif": (pinch.normalised, "current over that on even land", "1"),
    }
    for name, (grid, quantity, unit) in grids.items():
        tags = {"quantity": quantity, "unit": unit}
        yield write_bytes(folder / name, render_tiff(grid, tags=tags))
    yield write_text(folder / "pinch_points.geojson", render_pinch_geojson(result))
    caption = Caption(
        "电流与夹点 Current and pinch points", "电流之和，安 sum of currents, A", "夹点 pinch point"
    )
    marks = [Mark(point.row, point.column, str(point.rank)) for point in pinch.points]
    picture = render_picture(
        study.current_a, caption, sources=sources, labels=result.labels, marks=marks, logarithmic=True
    )
    yield write_bytes(folder / "current.png", picture)
