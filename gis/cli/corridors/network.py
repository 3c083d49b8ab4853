"""``gis corridors network``: how connected sources are, and which patch and which link matters most."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.corridors.inputs import hash_ground, open_ground
from gis.cli.corridors.network_links import (
    Ends,
    PairChoice,
    Surface,
    link_by_cost,
    link_by_distance,
    link_by_file,
    link_ground,
)
from gis.cli.corridors.options import (
    Average,
    AverageOption,
    CellOption,
    CrsOption,
    FolderOption,
    GridCrsOption,
    IdFieldOption,
    NeighboursOption,
    open_grid,
    parse_neighbours,
    show_progress,
)
from gis.cli.corridors.sources import hash_files, list_written, open_patches
from gis.cli.options import JsonOption, WorkspaceOption
from gis.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.connectivity.ground import Ground
    from gis.corridors.grid import Grid
    from gis.corridors.network import Dispersal
    from gis.corridors.patches import Patches
    from gis.outputs.corridor_network import NetworkReport


def network(
    *,
    patches: Annotated[
        Path | None,
        typer.Option(
            "--patches",
            "--sources",
            metavar="FILE",
            help="源斑块：面文件，或表头含 id、area 的 CSV，默认取阻力表的源地 / "
            "patches: polygons, or a CSV with id, area; by default the table's sources and their links",
            show_default=False,
        ),
    ] = None,
    distance: Annotated[
        float | None,
        typer.Option(
            "--distance",
            metavar="M",
            help="扩散距离（或成本）/ dispersal distance, in the unit of the links",
            show_default=False,
        ),
    ] = None,
    probability: Annotated[
        float | None,
        typer.Option(
            "--probability",
            metavar="P",
            help="该距离上的概率，0.5 即中位数 / probability there",
            show_default="0.5",
        ),
    ] = None,
    links: Annotated[
        Path | None,
        typer.Option(
            "--links",
            metavar="FILE",
            help="连接：含 from、to、cost 的 CSV 或 GeoJSON / links with from, to, cost",
            show_default=False,
        ),
    ] = None,
    resistance: Annotated[
        Path | None,
        typer.Option(
            "--resistance",
            metavar="FILE",
            help="阻力栅格：连接取最小累积成本 / resistances: links cost what the least-cost paths cost",
            show_default=False,
        ),
    ] = None,
    pairs: Annotated[
        PairChoice,
        typer.Option("--pairs", help="与 --resistance 合用：连哪些对 / with --resistance: which pairs"),
    ] = PairChoice.NEIGHBOURS,
    neighbours: NeighboursOption = 8,
    average: AverageOption = Average.RESISTANCE,
    cell: CellOption = None,
    grid_crs: GridCrsOption = None,
    distances: Annotated[
        Ends, typer.Option("--distances", help="边到边或质心间 / between edges or centroids")
    ] = Ends.EDGE,
    measure: Annotated[
        Surface, typer.Option("--measure", help="椭球或 EPSG:4549 平面 / geodesic or in the plane")
    ] = Surface.ELLIPSOID,
    threshold: Annotated[
        float | None,
        typer.Option(
            "--threshold",
            metavar="M",
            help="更长的连接不算；IIC 默认取 --distance / longer links are none; IIC: --distance by default",
            show_default=False,
        ),
    ] = None,
    landscape_area: Annotated[
        float | None,
        typer.Option(
            "--landscape-area",
            metavar="M2",
            help="研究区面积，平方米（或属性之和的上限）/ area of the landscape: needed for PC and IIC",
            show_default=False,
        ),
    ] = None,
    area_field: Annotated[
        str | None,
        typer.Option(
            "--area-field",
            metavar="NAME",
            help="面积或属性字段，默认椭球面积 / field of areas or weights; default: on the ellipsoid",
            show_default=False,
        ),
    ] = None,
    id_field: IdFieldOption = None,
    crs: CrsOption = None,
    output: FolderOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """网络连通性：PC、IIC、EC，各斑块与连接的 dPC / connectivity, and what each patch and link gives to it.

    -o 写 network.json、network.xlsx、links.csv、network.geojson。
    -o writes network.json, network.xlsx, links.csv, network.geojson.
    """
    from gis.corridors.connectivity import measure_network
    from gis.corridors.network import require_dispersal
    from gis.corridors.separation import find_overlaps
    from gis.outputs.corridor_network import NetworkReport, report_as_dict

    if links is not None and resistance is not None:
        raise SettingsError(
            "--links 与 --resistance 只能给一个", "give --links or --resistance, not both", where="--links"
        )
    kind = parse_neighbours(neighbours)
    grid = None if resistance is None else open_coarse(resistance, grid_crs, cell)
    ground = open_ground(grid, cell, workspace) if patches is None else None
    dispersal = choose_dispersal(distance, probability, threshold, ground)
    require_dispersal(dispersal)
    found = open_all_patches(patches, ground, id_field=id_field, area_field=area_field, crs=crs)
    with show_progress("连接 links") as report:
        if links is not None:
            joined, lines, costs = *link_by_file(found, links), "file"
        elif ground is not None:
            joined, lines = link_ground(ground, kind, average, report)
            costs = f"least cost, default study, {kind} neighbours"
        elif grid is not None:
            joined, lines = link_by_cost(found, grid, pairs, kind, average, report)
            costs = f"least cost, {pairs.value}, {kind} neighbours"
        else:
            joined, lines = link_by_distance(found, distances, measure, threshold, report)
            costs = f"{distances.value}, {measure.value}"
    if ground is not None and landscape_area is None:
        west, south, east, north = ground.cells.bounds
        landscape_area = (east - west) * (north - south)
    with show_progress("连通性 connectivity") as report:
        study = measure_network(joined, dispersal, landscape_area_m2=landscape_area, report=report)
    files = hash_files([patches, links, resistance])
    result = NetworkReport(
        study=study,
        patches=found,
        lines=lines,
        unit="m2" if area_field is None and found.shapes is not None else (area_field or "area"),
        costs=costs,
        inputs=files if ground is None else {**hash_ground(ground), **files},
        overlaps=() if found.planes is None else find_overlaps(found.planes),
    )
    report_overlaps(result)
    text = json.dumps(report_as_dict(result), ensure_ascii=False, allow_nan=False)
    if output is not None:
        list_written(write_report(result, text, output))
    if as_json:
        typer.echo(text)
    else:
        from gis.outputs.corridor_text import format_report

        typer.echo(format_report(result))


def open_coarse(path: Path, crs: str | None, cell_m: float | None) -> Grid:
    """Return the resistances of a file, on larger cells where those are asked for."""
    from gis.corridors.coarse import choose_factor, coarsen_resistance
    from gis.corridors.grid import require_resistance

    grid = open_grid(path, crs)
    require_resistance(grid, name=path.name)
    return grid if cell_m is None else coarsen_resistance(grid, choose_factor(grid, cell_m))


def choose_dispersal(
    distance: float | None, probability: float | None, threshold: float | None, ground: Ground | None
) -> Dispersal:
    """Return how far is crossed how often; what was not said is that of the default study, if it is used.

    Raises
    ------
    SettingsError
        If patches were handed in without a distance.
    """
    from gis.connectivity.measures import study_dispersal
    from gis.corridors.network import Dispersal

    default = None if ground is None else study_dispersal(ground)
    if distance is None and default is None:
        raise SettingsError(
            "--patches 须与 --distance 合用", "--patches needs --distance", where="--distance"
        )
    chosen = Dispersal(1.0, 0.5) if default is None else default
    return Dispersal(
        chosen.distance_m if distance is None else distance,
        chosen.probability if probability is None else probability,
        threshold,
    )


def open_all_patches(
    path: Path | None, ground: Ground | None, *, id_field: str | None, area_field: str | None, crs: str | None
) -> Patches:
    """Return the patches of a file, else the sources of the default study."""
    import numpy as np

    from gis.corridors.patches import Patches
    from gis.crs import to_lonlat

    if path is not None:
        return open_patches(path, id_field=id_field, area_field=area_field, crs=crs)
    sources = () if ground is None else ground.sources
    planes = np.array([source.geometry for source in sources], dtype=object)
    return Patches(
        ids=tuple(source.id for source in sources),
        names=tuple(source.title.zh for source in sources),
        areas_m2=np.array([source.area_m2 for source in sources]),
        shapes=np.array([to_lonlat(shape) for shape in planes], dtype=object),
        planes=planes,
    )


def report_overlaps(result: NetworkReport) -> None:
    """Say on stderr which patches cover the same ground: it counts twice."""
    ids = result.patches.ids
    for one, other, area in result.overlaps[:MOST_TOLD]:
        typer.echo(
            f"注意：斑块 {ids[one]} 与 {ids[other]} 重叠 {area:,.0f} m²，面积被算两次 / "
            f"patches {ids[one]} and {ids[other]} overlap by {area:,.0f} m², which counts twice",
            err=True,
        )
    more = len(result.overlaps) - MOST_TOLD
    if more > 0:
        typer.echo(f"另有 {more} 处重叠 / {more} more overlaps", err=True)


MOST_TOLD = 5
"""Overlaps told one by one."""


def write_report(result: NetworkReport, text: str, folder: Path) -> Iterator[Path]:
    """Write the study into a folder, yield the files."""
    from gis.outputs.corridor_network import render_links_csv, render_network_geojson
    from gis.outputs.corridor_tables import tabulate_report
    from gis.outputs.files import write_bytes, write_text
    from gis.outputs.xlsx import render_tables

    book = render_tables(
        tabulate_report(result),
        title="生态网络连通性 / Network connectivity",
        subject=result.costs,
        created=datetime.now(UTC),
    )
    yield write_text(folder / "network.json", f"{text}\n")
    yield write_bytes(folder / "network.xlsx", book)
    yield write_text(folder / "links.csv", render_links_csv(result))
    drawn = render_network_geojson(result)
    if drawn is not None:
        yield write_text(folder / "network.geojson", drawn)
