"""Every control zone of a check in one index: areas cut by the engine, lines and points in short pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from gis.certainty import combine_accuracy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.engine.index import ZoneIndex
    from gis.engine.pieces import Pieces
    from gis.findings import Asked
    from gis.model import Rule
    from gis.scale.cuts import KeptCuts
    from gis.workspace import ControlZone

    Numbers = NDArray[np.intp]
    Metres = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Shapes = NDArray[np.object_]

EXACT_RECIPES = frozenset({"obstacle_surface", "outside"})
"""Recipes whose zones are measured site by site: heights, and what lies outside."""

AREA = 2
"""Dimension of a part that holds ground."""

PIECE_SEGMENTS = 48
"""Segments of a line kept together."""

SHAPES_AT_ONCE = 1024
"""Parts cut at once, which bounds the memory."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that share their ground and how far near misses are listed: measured once.

    Parameters
    ----------
    zone : ControlZone
        Of the first of the rules.
    near_m : float
        How far near misses are listed, metres on the ground.
    reach_m : float
        How far parts are looked for: the near misses, or the widest ε.
    rules : tuple of (Rule, bool)
        With whether each is pending.
    first_part : int
        Number of the zone's first part among those of all grounds.
    """

    zone: ControlZone
    near_m: float
    reach_m: float
    rules: tuple[tuple[Rule, bool], ...]
    first_part: int

    @property
    def is_exact(self) -> bool:
        """Whether every site near is measured by itself."""
        return self.zone.rule.recipe.type in EXACT_RECIPES


class Outlines(NamedTuple):
    """Parts that are lines or points, in short pieces.

    Parameters
    ----------
    pieces : array of geometry
    part : array
        The part each piece belongs to.
    boxes, vertices : array, shape (n, 4) and (n, 2)
        Bounds and first vertex of each piece.
    tree : STRtree
    """

    pieces: Shapes
    part: Numbers
    boxes: Metres
    vertices: Metres
    tree: shapely.STRtree


@dataclass(frozen=True, slots=True)
class GroundIndex:
    """The parts of all grounds, numbered through, with two indexes over them.

    Parameters
    ----------
    groups : tuple of Group
    shapes : array of geometry
        The parts, EPSG:4549, prepared.
    epsilon_m, reach_m : array
        ε of each part with the accuracy of the sites; how far it is looked for, metres on the ground.
    settled : array of bool
    part_boxes : array, shape (n, 4)
        Bounds of the parts.
    feature_ids : tuple of str
    areas : array
        Numbers of the parts that are areas, as `zones` numbers them.
    zones : ZoneIndex
        The areas, cut.
    outlines : Outlines
        The other parts.
    """

    groups: tuple[Group, ...]
    shapes: Shapes
    epsilon_m: Metres
    reach_m: Metres
    settled: Flags
    part_boxes: Metres
    feature_ids: tuple[str, ...]
    areas: Numbers
    zones: ZoneIndex
    outlines: Outlines


def index_grounds(
    asked: Sequence[Asked], *, site_accuracy_m: float, kept: KeptCuts | None = None
) -> GroundIndex:
    """Return the index of everything sites are to be measured against.

    Parameters
    ----------
    asked : sequence of Asked
    site_accuracy_m : float
    kept : KeptCuts, optional
        Where the cut areas of large layers are kept from run to run.
    """
    first_part: dict[str, int] = {}
    zones: list[ControlZone] = []
    total = 0
    for ask in asked:
        if ask.zone.ground not in first_part:
            first_part[ask.zone.ground] = total
            zones.append(ask.zone)
            total += len(ask.zone.parts)
    parts = [part for zone in zones for part in zone.parts]
    shapes = np.array([part.geometry for part in parts] + [None], dtype=object)[:-1]
    groups = gather_groups(asked, first_part, site_accuracy_m)
    reach = np.zeros(len(shapes))
    for group in groups:
        own = slice(group.first_part, group.first_part + len(group.zone.parts))
        reach[own] = np.maximum(reach[own], group.reach_m)
    flat = shapely.get_dimensions(shapes) < AREA
    return GroundIndex(
        groups=groups,
        shapes=shapes,
        epsilon_m=np.array([combine_accuracy(site_accuracy_m, part.feature.accuracy_m) for part in parts]),
        reach_m=reach,
        settled=np.array([part.settled for part in parts], dtype=bool),
        part_boxes=shapely.bounds(shapes).reshape(-1, 4),
        feature_ids=tuple(part.feature.feature_id for part in parts),
        areas=np.flatnonzero(~flat),
        zones=cut_grounds(zones, kept),
        outlines=index_outlines(shapes, np.flatnonzero(flat)),
    )


def cut_grounds(zones: Sequence[ControlZone], kept: KeptCuts | None) -> ZoneIndex:
    """Return the areas among the parts of all zones cut and indexed, numbered through."""
    from gis.engine.index import index_pieces

    cuts, offset = [], 0
    for zone in zones:
        shapes = np.array([*(part.geometry for part in zone.parts), None], dtype=object)[:-1]
        areas = shapes[shapely.get_dimensions(shapes) == AREA]
        pieces = cut_areas(areas) if kept is None else kept.cut(zone, areas)
        cuts.append(pieces._replace(zone=pieces.zone + np.int32(offset)))
        offset += len(areas)
    return index_pieces(cuts)


def cut_areas(areas: Shapes) -> Pieces:
    """Return the pieces of areas, some thousand at a time."""
    from gis.engine.index import cut_shapes
    from gis.engine.pieces import join_pieces
    from gis.engine.shapes import orient_rings
    from gis.engine.wkb import read_geometries

    cuts = []
    for start in range(0, max(len(areas), 1), SHAPES_AT_ONCE):
        shapes = read_geometries(areas[start : start + SHAPES_AT_ONCE])
        orient_rings(shapes)
        cuts.append(cut_shapes(shapes, start))
    return join_pieces(cuts)


def index_outlines(shapes: Shapes, parts: Numbers) -> Outlines:
    """Return the index over the parts that are lines or points."""
    pieces, number = cut_outlines(shapes[parts])
    boxes, vertices = shapely.bounds(pieces).reshape(-1, 4), first_vertices(pieces)
    return Outlines(pieces, parts[number], boxes, vertices, shapely.STRtree(pieces))


def gather_groups(
    asked: Sequence[Asked], first_part: dict[str, int], site_accuracy_m: float
) -> tuple[Group, ...]:
    """Return the rules by ground and distance, in the order they were asked for."""
    gathered: dict[tuple[str, float], list[Asked]] = {}
    for ask in asked:
        gathered.setdefault((ask.zone.ground, ask.near_m), []).append(ask)
    return tuple(
        Group(
            zone=same[0].zone,
            near_m=near_m,
            reach_m=max(
                near_m,
                *(combine_accuracy(site_accuracy_m, p.feature.accuracy_m) for p in same[0].zone.parts),
            ),
            rules=tuple((ask.zone.rule, ask.pending) for ask in same),
            first_part=first_part[ground],
        )
        for (ground, near_m), same in gathered.items()
    )


def first_vertices(shapes: Shapes) -> Metres:
    """Return the first vertex of each geometry, shape (n, 2)."""
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    first: Metres = coordinates[np.searchsorted(owner, np.arange(len(shapes)))]
    return first


def cut_outlines(shapes: Shapes) -> tuple[Shapes, Numbers]:
    """Return lines and points in short pieces, and the part each belongs to.

    The segments are those of the parts, vertex for vertex: the least distance to a piece is the distance to
    the part, to the last digit. Areas give their outlines.
    """
    found = [
        _cut_some(shapes[start : start + SHAPES_AT_ONCE]) for start in range(0, len(shapes), SHAPES_AT_ONCE)
    ]
    owners = [own + number * SHAPES_AT_ONCE for number, (_, own) in enumerate(found)]
    return (
        np.concatenate([np.empty(0, dtype=object), *(pieces for pieces, _ in found)]),
        np.concatenate([np.empty(0, dtype=np.intp), *owners]),
    )


def _cut_some(shapes: Shapes) -> tuple[Shapes, Numbers]:
    """Return the pieces of some parts, in the order of the parts."""
    dimension = shapely.get_dimensions(shapes)
    simple, owner = shapely.get_parts(shapes, return_index=True)
    kind = dimension[owner]
    rings, ring = shapely.get_rings(simple[kind == 2], return_index=True)
    lines = np.concatenate([rings, simple[kind == 1]])
    line_part = np.concatenate([owner[kind == 2][ring], owner[kind == 1]])
    runs, line = cut_lines(lines)
    pieces = np.concatenate([runs, simple[kind == 0]])
    piece_part = np.concatenate([line_part[line], owner[kind == 0]])
    order = np.argsort(piece_part, kind="stable")
    return pieces[order], piece_part[order]


def cut_lines(lines: Shapes) -> tuple[Shapes, Numbers]:
    """Return lines cut into runs of at most `PIECE_SEGMENTS` segments, and the line each run is of."""
    first_vertex = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(lines))]).astype(np.intp)
    coordinates = shapely.get_coordinates(lines)
    segments = np.maximum(np.diff(first_vertex) - 1, 1)
    counts = -(-segments // PIECE_SEGMENTS)
    line = np.repeat(np.arange(len(lines)), counts)
    number = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    start = first_vertex[line] + number * PIECE_SEGMENTS
    length = np.minimum(start + PIECE_SEGMENTS + 1, first_vertex[line + 1]) - start
    owner = np.repeat(np.arange(len(line)), length)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length)
    runs = np.asarray(shapely.linestrings(coordinates[start[owner] + offset], indices=owner), dtype=object)
    return runs, line


def release_parts(index: GroundIndex, parts: Numbers) -> None:
    """Give back what GEOS has built over parts that were asked; they stay prepared.

    A prepared geometry builds an index of its edges when it is first asked and keeps it: over a run that
    would be one for every zone.

    Parameters
    ----------
    index : GroundIndex
    parts : array
        Numbers of the parts, each once.
    """
    for group in index.groups:
        last = group.first_part + len(group.zone.parts)
        own = index.shapes[parts[(parts >= group.first_part) & (parts < last)]]
        with group.zone.lock:
            shapely.destroy_prepared(own)
            shapely.prepare(own)
