"""How the patches of ``gis corridors network`` are linked: by a file, by distance, by least cost."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from gis.cli.corridors.options import Average, read_input
from gis.errors import CorridorError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gis.connectivity.ground import Ground
    from gis.corridors.circuit import Neighbours
    from gis.corridors.grid import Grid, Report
    from gis.corridors.network import Network
    from gis.corridors.patches import Patches

Linked = tuple["Network", "NDArray[np.object_] | None"]


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


def link_ground(ground: Ground, neighbours: Neighbours, average: Average, report: Report) -> Linked:
    """Return the network of the default study and the least-cost paths that are its links."""
    import numpy as np

    from gis.connectivity.measures import dearest_cost, make_network
    from gis.corridors.contours import draw_path
    from gis.corridors.linking import link_sources
    from gis.outputs.corridor_geojson import place_shape

    linking = link_sources(
        ground.surface.resistance().values,
        [source.cells for source in ground.sources],
        neighbours=neighbours,
        average="resistance" if average is Average.RESISTANCE else "conductance",
        dearest=dearest_cost(ground),
        report=report,
    )
    lines = np.empty(len(linking.routes), dtype=object)
    lines[:] = [
        place_shape(draw_path(ground.cells, route.cells), ground.cells.crs) for route in linking.routes
    ]
    return make_network(ground, linking), lines


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
