"""A batch of sites × all grounds: how each pair lies, told without building an overlay where that decides.

A site farther from every outline than ε lies wholly in a part or wholly outside it, and is certainly there; a
site outside within ε of a part is possibly in it. What is left, on the borders, is measured by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from gis import crs
from gis.findings import HAIRLINE_M
from gis.scale.borders import Border
from gis.scale.grounds import first_vertices
from gis.vicinity import CHORDS

if TYPE_CHECKING:
    from gis.scale.grounds import Flags, GroundIndex, Group, Metres, Numbers, Shapes
    from gis.scale.measure import Sizes

FARTHER = 1.001
"""A gap wider than ε by this is wider than any ε drawn with chords."""

REACH_SLACK = 1.001
"""How much farther than asked parts are taken as near, as for a single site."""

MEETING, MAYBE, CLOSE = 0, 1, 2
"""How a pair lies that needs no overlay: inside beyond ε, outside within ε, outside beyond it."""


class Batch(NamedTuple):
    """The sites of a batch in the working plane.

    Parameters
    ----------
    planes : array of geometry
        EPSG:4549.
    boxes : array, shape (n, 4)
        Their bounds.
    vertices : array, shape (n, 2)
        The first vertex of each.
    scale : array
        Plane metres a metre on the ground at the middle of each.
    kinds : array of str
    sizes : Sizes
        Area and length of each on the ellipsoid.
    """

    planes: Shapes
    boxes: Metres
    vertices: Metres
    scale: Metres
    kinds: Shapes
    sizes: Sizes


class Pairs(NamedTuple):
    """Pairs of a site and a part, ordered by site, then part.

    Parameters
    ----------
    site, part : array of int
    gap_m : array
        Plane distance of the two; 0 where they meet.
    border_m : array
        Plane distance of the site to the outline of the part; infinite where out of reach.
    piece : array of int
        The piece of the outline that is nearest; -1 where out of reach.
    inside : array of bool
        Whether the site's first vertex lies in the part; whether a site of several parts meets it.
    """

    site: Numbers
    part: Numbers
    gap_m: Metres
    border_m: Metres
    piece: Numbers
    inside: Flags


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How the sites of a batch lie to one group: one row a site that comes near.

    Parameters
    ----------
    site : array of int
    case : array of int
        ``MEETING``, ``MAYBE`` or ``CLOSE``.
    settled : array of bool
        Whether a part with known limits holds the site.
    epsilon_m : array
        The widest ε of the parts in reach.
    piece : array of int
        The nearest piece of outline, for distance and bearing.
    parts : list of array
        The parts met, possibly met, or nearest.
    border : Border
        Sites that have to be measured with an overlay, with the parts in reach of each.
    border_piece : array of int
        The nearest piece of outline of each of these.
    nearest : array of int
        The nearest part of each of these.
    single : array of bool
        Which of these are measured by themselves: of several parts, or where heights count.
    """

    site: Numbers
    case: Numbers
    settled: Flags
    epsilon_m: Metres
    piece: Numbers
    parts: list[Numbers]
    border: Border
    border_piece: Numbers
    nearest: Numbers
    single: Flags


def make_batch(planes: Shapes, kinds: Shapes, sizes: Sizes) -> Batch:
    """Return the sites of a batch with what is asked of each again and again."""
    boxes = shapely.bounds(planes).reshape(-1, 4)
    middle = (boxes[:, 0] + boxes[:, 2]) / 2
    return Batch(planes, boxes, first_vertices(planes), crs.scale_factors(middle), kinds, sizes)


def match_parts(index: GroundIndex, batch: Batch) -> Pairs:
    """Return every part in reach of a site or round it."""
    reach = batch.scale * index.reach_m * REACH_SLACK
    widened = shapely.box(
        batch.boxes[:, 0] - reach,
        batch.boxes[:, 1] - reach,
        batch.boxes[:, 2] + reach,
        batch.boxes[:, 3] + reach,
    )
    site, piece = prune_pairs(index, batch, *index.piece_tree.query(widened))
    border = np.asarray(shapely.distance(batch.planes[site], index.pieces[piece]))
    kept = border <= index.piece_reach_m[piece] * batch.scale[site] * REACH_SLACK
    site, piece, border = site[kept], piece[kept], border[kept]
    part = index.piece_part[piece]
    order = np.lexsort((border, part, site))
    site, piece, border, part = site[order], piece[order], border[order], part[order]
    first = np.ones(len(site), dtype=bool)
    first[1:] = (site[1:] != site[:-1]) | (part[1:] != part[:-1])
    site, piece, border, part = site[first], piece[first], border[first], part[first]
    return merge_inside(
        Pairs(site, part, border, border, piece, np.zeros(len(site), dtype=bool)),
        *find_inside(index, batch),
        parts=len(index.shapes),
    )


def prune_pairs(index: GroundIndex, batch: Batch, site: Numbers, piece: Numbers) -> tuple[Numbers, Numbers]:
    """Return the pairs of which one may be the nearest of its site and part, and in reach.

    A piece whose box is farther from the site's box than a vertex of another piece of the part is from a
    vertex of the site cannot be the nearest.
    """
    box, other = batch.boxes[site], index.piece_boxes[piece]
    gap = np.hypot(
        np.maximum(np.maximum(other[:, 0] - box[:, 2], box[:, 0] - other[:, 2]), 0.0),
        np.maximum(np.maximum(other[:, 1] - box[:, 3], box[:, 1] - other[:, 3]), 0.0),
    )
    near = gap <= index.piece_reach_m[piece] * batch.scale[site] * REACH_SLACK
    site, piece, gap = site[near], piece[near], gap[near]
    most = np.hypot(*(batch.vertices[site] - index.piece_vertices[piece]).T)
    part = index.piece_part[piece]
    order = np.lexsort((part, site))
    key_site, key_part = site[order], part[order]
    starts = np.flatnonzero(
        np.r_[True, (key_site[1:] != key_site[:-1]) | (key_part[1:] != key_part[:-1])][: len(order)]
    )
    if not len(starts):
        return site, piece
    least = np.repeat(np.minimum.reduceat(most[order], starts), np.diff(np.r_[starts, len(order)]))
    kept = order[gap[order] <= least * (1 + 1e-12)]
    return site[kept], piece[kept]


def find_inside(index: GroundIndex, batch: Batch) -> tuple[Numbers, Numbers]:
    """Return (sites, parts) where a site's first vertex lies in a part; of several parts, where they meet."""
    points = np.asarray(shapely.points(batch.vertices), dtype=object)
    several = shapely.get_num_geometries(batch.planes) > 1
    probes = points.copy()
    probes[several] = shapely.box(*batch.boxes[several].T)
    site, area = index.area_tree.query(probes)
    order = np.argsort(area, kind="stable")
    site, area = site[order], area[order]
    asked = np.where(several, batch.planes, points)
    kept = np.asarray(shapely.intersects(index.shapes[index.areas[area]], asked[site]))
    return site[kept], index.areas[area[kept]]


def merge_inside(near: Pairs, site: Numbers, part: Numbers, *, parts: int) -> Pairs:
    """Return pairs near an outline together with those inside, each once."""
    key = near.site.astype(np.int64) * parts + near.part
    inside_key = np.unique(site.astype(np.int64) * parts + part)
    every = np.union1d(key, inside_key)
    place = np.searchsorted(every, key)
    border = np.full(len(every), np.inf)
    piece = np.full(len(every), -1, dtype=np.intp)
    border[place], piece[place] = near.border_m, near.piece
    inside = np.isin(every, inside_key, assume_unique=True)
    return Pairs(
        site=(every // max(parts, 1)).astype(np.intp),
        part=(every % max(parts, 1)).astype(np.intp),
        gap_m=np.where(inside, 0.0, border),
        border_m=border,
        piece=piece,
        inside=inside,
    )


def judge_group(index: GroundIndex, group: Group, batch: Batch, pairs: Pairs) -> Verdicts:
    """Return how the sites of a batch lie to the zone of one group."""
    rows = select_pairs(group, batch, pairs)
    site, part = pairs.site[rows], pairs.part[rows]
    gap, border, inside = pairs.gap_m[rows], pairs.border_m[rows], pairs.inside[rows]
    if not len(site):
        return _nobody()
    starts = np.flatnonzero(np.r_[True, site[1:] != site[:-1]])
    owner = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(site)]))
    sites = site[starts]
    epsilon = index.epsilon_m[part] * batch.scale[site]
    met = gap == 0
    possible = gap <= epsilon
    spread = np.hypot(*(batch.boxes[:, 2:] - batch.boxes[:, :2]).T)[site]
    swallowed = possible & ((batch.kinds[site] == "point") | (gap + spread <= epsilon * CHORDS))
    on_border = border <= np.maximum(epsilon * FARTHER, HAIRLINE_M)
    held = inside & index.settled[part] & ~on_border

    def any_of(flags: Flags) -> Flags:
        return np.logical_or.reduceat(flags, starts)

    least = np.minimum.reduceat(gap, starts)
    several = shapely.get_num_geometries(batch.planes[sites]) > 1
    is_met, is_possible = any_of(met), any_of(possible)
    whole = (any_of(held) | (is_met & ~any_of(on_border))) & ~several
    outside = ~is_met & (least > HAIRLINE_M)
    maybe = outside & is_possible & any_of(swallowed)
    close = outside & ~is_possible
    quick = whole | maybe | close
    if group.is_exact:
        quick[:] = False
    case = np.select([whole, maybe], [MEETING, MAYBE], CLOSE)
    nearest = np.minimum.reduceat(np.where(gap == least[owner], np.arange(len(gap)), len(gap)), starts)
    told = (met & (case[owner] == MEETING)) | (possible & (case[owner] == MAYBE))
    told[nearest[case == CLOSE]] = True
    told &= quick[owner]
    parts = np.split(part[told], np.cumsum(np.add.reduceat(told.astype(np.intp), starts)[quick])[:-1])
    rest = np.flatnonzero(~quick[owner])
    return Verdicts(
        site=sites[quick],
        case=case[quick],
        settled=any_of(inside & index.settled[part])[quick],
        epsilon_m=np.maximum.reduceat(index.epsilon_m[part], starts)[quick],
        piece=pairs.piece[rows][nearest][quick],
        parts=parts if quick.any() else [],
        border=Border(sites[~quick], (np.cumsum(~quick) - 1)[owner[rest]], part[rest], gap[rest]),
        border_piece=pairs.piece[rows][nearest][~quick],
        nearest=part[nearest][~quick],
        single=several[~quick] | group.is_exact,
    )


def select_pairs(group: Group, batch: Batch, pairs: Pairs) -> Numbers:
    """Return the rows of the pairs of one group's parts, as near as its rules ask."""
    last = group.first_part + len(group.zone.parts)
    own = (pairs.part >= group.first_part) & (pairs.part < last)
    rows = np.flatnonzero(own)
    reach = batch.scale[pairs.site[rows]] * group.reach_m * REACH_SLACK
    return rows[pairs.gap_m[rows] <= reach]


def _nobody() -> Verdicts:
    """Return that no site comes near."""
    none = np.empty(0, dtype=np.intp)
    flags, metres = np.empty(0, dtype=bool), np.empty(0)
    return Verdicts(none, none, flags, metres, none, [], Border(none, none, none, metres), none, none, flags)


def measure_gaps(planes: Shapes, pieces: Shapes) -> tuple[Metres, Metres]:
    """Return the geodesic distance, m, and the bearing, degrees, from each site to its piece of outline."""
    if not len(planes):
        return np.empty(0), np.empty(0)
    ends = shapely.get_coordinates(shapely.shortest_line(planes, pieces))
    lon, lat = crs.transformer(crs.PLANE, crs.GEOGRAPHIC).transform(ends[:, 0], ends[:, 1])
    azimuth, _, distance = crs.geod().inv(lon[::2], lat[::2], lon[1::2], lat[1::2])
    return np.asarray(distance, dtype=np.float64), np.asarray(azimuth, dtype=np.float64) % 360
