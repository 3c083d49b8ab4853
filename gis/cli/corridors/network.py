"""``gis corridors network``: how connected sources are, and which patch and which link matters most."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.corridors.options import (
    Average,
    AverageOption,
    CrsOption,
    FolderOption,
    GridCrsOption,
    IdFieldOption,
    NeighboursOption,
    open_grid,
    parse_neighbours,
    read_input,
    show_progress,
)
from gis.cli.corridors.sources import hash_files, list_written, open_patches
from gis.cli.options import JsonOption
from gis.errors import CorridorError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from gis.corridors.circuit import Neighbours
    from gis.corridors.grid import Grid, Report
    from gis.corridors.network import Network
    from gis.corridors.patches import Patches
    from gis.outputs.corridor_network import NetworkReport


class Ends(StrEnum):
    """Between what distances are measured."""

    EDGE = "edge"
    CENTROID = "centroid"


class Surface(StrEnum):
    """On what distances are measured."""

    ELLIPSOID = "ellipsoid"
    PLANE = "plane"


class PairChoice(StrEnum):
    """Which pairs of patches a resistance grid links."""

    NEIGHBOURS = "neighbours"
    PLANAR = "planar"
    ALL = "all"


def network(
    *,
    patches: Annotated[
        Path,
        typer.Option(
            "--patches",
            "--sources",
            metavar="FILE",
            help="源斑块：面文件，或表头含 id、area 的 CSV / patches: polygons, or a CSV with id, area",
        ),
    ],
    distance: Annotated[
        float,
        typer.Option(
            "--distance", metavar="M", help="扩散距离（或成本）/ dispersal distance, in the unit of the links"
        ),
    ],
    probability: Annotated[
        float,
        typer.Option("--probability", metavar="P", help="该距离上的概率，0.5 即中位数 / probability there"),
    ] = 0.5,
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
) -> None:
    """网络连通性：PC、IIC、EC，各斑块与连接的 dPC / connectivity, and what each patch and link gives to it.

    -o 写 network.json、network.xlsx、links.csv、network.geojson。
    -o writes network.json, network.xlsx, links.csv, network.geojson.
    """
    from gis.corridors.connectivity import measure_network
    from gis.corridors.network import Dispersal, require_dispersal
    from gis.corridors.separation import find_overlaps
    from gis.outputs.corridor_network import NetworkReport, report_as_dict

    if links is not None and resistance is not None:
        raise SettingsError(
            "--links 与 --resistance 只能给一个", "give --links or --resistance, not both", where="--links"
        )
    dispersal = Dispersal(distance, probability, threshold)
    require_dispersal(dispersal)
    found = open_patches(patches, id_field=id_field, area_field=area_field, crs=crs)
    with show_progress("连接 links") as report:
        if links is not None:
            joined, lines, costs = *link_by_file(found, links), "file"
        elif resistance is not None:
            kind = parse_neighbours(neighbours)
            grid = open_grid(resistance, grid_crs)
            joined, lines = link_by_cost(found, grid, pairs, kind, average, report)
            costs = f"least cost, {pairs.value}, {kind} neighbours"
        else:
            joined, lines = link_by_distance(found, distances, measure, threshold, report)
            costs = f"{distances.value}, {measure.value}"
    with show_progress("连通性 connectivity") as report:
        study = measure_network(joined, dispersal, landscape_area_m2=landscape_area, report=report)
    result = NetworkReport(
        study=study,
        patches=found,
        lines=lines,
        unit="m2" if area_field is None and found.shapes is not None else (area_field or "area"),
        costs=costs,
        inputs=hash_files([patches, links, resistance]),
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

Linked = tuple["Network", "NDArray[np.object_] | None"]


def link_by_file(patches: Patches, path: Path) -> Linked:
    """Return the network of patches and the links of a file, and the links' lines where it has all."""
    import numpy as np
    import shapely

    from gis.corridors.linkfile import join_links, parse_links

    found = parse_links(read_input(path), name=path.name)
    joined = join_links(patches, found)
    if not found or any(link.line is None or len(link.line) < 2 for link in found):
        return joined, None
    lines = np.empty(len(found), dtype=object)
    lines[:] = [shapely.LineString(link.line) for link in found]
    return joined, lines


def link_by_distance(
    patches: Patches, ends: Ends, surface: Surface, threshold: float | None, report: Report
) -> Linked:
    """Return the network of patches and their distances, and the shortest lines between them."""
    from gis.corridors.network import Network
    from gis.corridors.separation import measure_separations
    from gis.outputs.corridor_geojson import draw_lines

    planes = require_shapes(patches)
    pairs = measure_separations(
        planes, ends=ends.value, surface=surface.value, limit_m=threshold, report=report
    )
    joined = Network(patches.ids, patches.areas_m2, pairs.starts, pairs.ends, pairs.distances_m)
    return joined, draw_lines(pairs.lines)


def link_by_cost(
    patches: Patches, grid: Grid, pairs: PairChoice, neighbours: Neighbours, average: Average, report: Report
) -> Linked:
    """Return the network of patches and their least-cost paths over a resistance grid, and the paths."""
    import numpy as np

    from gis.corridors.network import Network
    from gis.corridors.paths import path_line, trace_paths
    from gis.corridors.placing import place_sources
    from gis.outputs.corridor_geojson import place_shape

    points = place_sources(list(require_shapes(patches)), patches.ids, grid)
    study = trace_paths(
        grid,
        points,
        pairs=pairs.value,
        neighbours=neighbours,
        average="resistance" if average is Average.RESISTANCE else "conductance",
        report=report,
    )
    lines = np.empty(len(study.links), dtype=object)
    lines[:] = [place_shape(path_line(link, grid), grid.crs) for link in study.links]
    joined = Network(
        patches.ids,
        patches.areas_m2,
        np.array([link.first - 1 for link in study.links], dtype=np.intp),
        np.array([link.second - 1 for link in study.links], dtype=np.intp),
        np.array([link.cost for link in study.links], dtype=np.float64),
    )
    return joined, lines


def require_shapes(patches: Patches) -> NDArray[np.object_]:
    """Return the outlines of patches.

    Raises
    ------
    CorridorError
        If they came as a table without geometry.
    """
    if patches.planes is None:
        raise CorridorError(
            "斑块文件没有图形，无法量距离",
            "the patches have no geometry to measure distances between",
            where="--patches",
            hint_zh="请用 --links 给出连接，或给出面文件",
            hint_en="give the links with --links, or the patches as polygons",
            code="corridors.no_geometry",
        )
    return patches.planes


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
