"""Every control zone of a check in one index: outlines in short pieces, and the parts that hold ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.certainty import combine_accuracy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.findings import Asked
    from gis.model import Rule
    from gis.workspace import ControlZone

    Numbers = NDArray[np.intp]
    Metres = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Shapes = NDArray[np.object_]

EXACT_RECIPES = frozenset({"obstacle_surface", "outside"})
"""Recipes whose zones are measured site by site: heights, and what lies outside."""

PIECE_SEGMENTS = 48
"""Segments of an outline kept together."""

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


@dataclass(frozen=True, slots=True)
class GroundIndex:
    """The parts of all grounds, numbered through, with two indexes over them.

    Parameters
    ----------
    groups : tuple of Group
    shapes : array of geometry
        The parts, EPSG:4549, prepared.
    epsilon_m : array
        ε of each part with the accuracy of the sites.
    settled, is_area : array of bool
    part_boxes : array, shape (n, 4)
        Bounds of the parts.
    feature_ids : tuple of str
    pieces : array of geometry
        Lines and points all outlines are made of.
    piece_part : array
        The part each piece belongs to.
    piece_boxes, piece_vertices : array, shape (n, 4) and (n, 2)
        Bounds and first vertex of each piece.
    piece_reach_m : array
        How far each piece is looked for, metres on the ground.
    piece_tree, area_tree : STRtree
        Over the pieces; over the parts that are areas, numbered as in `areas`.
    """

    groups: tuple[Group, ...]
    shapes: Shapes
    epsilon_m: Metres
    settled: Flags
    part_boxes: Metres
    feature_ids: tuple[str, ...]
    pieces: Shapes
    piece_part: Numbers
    piece_boxes: Metres
    piece_vertices: Metres
    piece_reach_m: Metres
    piece_tree: shapely.STRtree
    areas: Numbers
    area_tree: shapely.STRtree
    reach_m: float


def index_grounds(asked: Sequence[Asked], *, site_accuracy_m: float) -> GroundIndex:
    """Return the index of everything sites are to be measured against."""
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
    epsilon = np.array([combine_accuracy(site_accuracy_m, part.feature.accuracy_m) for part in parts])
    pieces, piece_part = cut_outlines(shapes)
    areas = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    groups = gather_groups(asked, first_part, site_accuracy_m)
    reach = np.zeros(len(shapes))
    for group in groups:
        own = slice(group.first_part, group.first_part + len(group.zone.parts))
        reach[own] = np.maximum(reach[own], group.reach_m)
    return GroundIndex(
        groups=groups,
        shapes=shapes,
        epsilon_m=epsilon,
        settled=np.array([part.settled for part in parts], dtype=bool),
        part_boxes=shapely.bounds(shapes).reshape(-1, 4),
        feature_ids=tuple(part.feature.feature_id for part in parts),
        pieces=pieces,
        piece_part=piece_part,
        piece_boxes=shapely.bounds(pieces).reshape(-1, 4),
        piece_vertices=first_vertices(pieces),
        piece_reach_m=reach[piece_part],
        piece_tree=shapely.STRtree(pieces),
        areas=areas,
        area_tree=shapely.STRtree(shapes[areas]),
        reach_m=float(reach.max(initial=0.0)),
    )


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
    """Return the outlines of parts in short pieces, and the part each belongs to.

    The segments are those of the parts, vertex for vertex: the least distance to a piece is the distance to
    the outline, to the last digit.
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
