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
from gis.engine.matching import bound_shapes
from gis.findings import HAIRLINE_M
from gis.scale.borders import Border
from gis.vicinity import CHORDS

if TYPE_CHECKING:
    from gis.engine.shapes import Shapes as FlatShapes
    from gis.scale.grounds import Flags, GroundIndex, Group, Metres, Numbers, Shapes
    from gis.scale.measure import Sizes
    from gis.scale.siterows import SiteRows

    Found = tuple[Numbers, Numbers, Metres, Flags, Metres]
    """Site, part, distance to the outline, whether inside, nearest places."""

FARTHER = 1.001
"""A gap wider than ε by this is wider than any ε drawn with chords."""

REACH_SLACK = 1.001
"""How much farther than asked parts are taken as near, as for a single site."""

IN_DOUBT_M = 1e-6
"""Nearer than this a site may meet an outline or not."""

MEETING, MAYBE, CLOSE = 0, 1, 2
"""How a pair lies that needs no overlay: inside beyond ε, outside within ε, outside beyond it."""


class Batch(NamedTuple):
    """The sites of a batch in the working plane.

    Parameters
    ----------
    planes : array of geometry
        EPSG:4549.
    outlines : Shapes
        The same as flat arrays.
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
    outlines: FlatShapes
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
    inside : array of bool
        Whether the first vertex of the site, or of one of its parts, lies in the part.
    ends : array, shape (n, 4)
        x, y of the site and of the outline where they come nearest; NaN where they meet or are out of reach.
    """

    site: Numbers
    part: Numbers
    gap_m: Metres
    border_m: Metres
    inside: Flags
    ends: Metres


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
    ends : array, shape (n, 4)
        Where site and outline come nearest, for distance and bearing.
    parts : list of array
        The parts met, possibly met, or nearest.
    border : Border
        Sites that have to be measured with an overlay, with the parts in reach of each.
    border_ends : array, shape (n, 4)
        Where each of these comes nearest to an outline.
    nearest : array of int
        The nearest part of each of these.
    single : array of bool
        Which of these are measured by themselves: all where heights count.
    """

    site: Numbers
    case: Numbers
    settled: Flags
    epsilon_m: Metres
    ends: Metres
    parts: list[Numbers]
    border: Border
    border_ends: Metres
    nearest: Numbers
    single: Flags


def make_batch(rows: SiteRows) -> Batch:
    """Return the sites of a batch with what is asked of each again and again."""
    outlines = rows.outlines
    boxes = bound_shapes(outlines)
    first = outlines.path_start[outlines.shape_start[:-1]]
    return Batch(
        planes=rows.planes,
        outlines=outlines,
        boxes=boxes,
        vertices=np.column_stack((outlines.x[first], outlines.y[first])),
        scale=crs.scale_factors((boxes[:, 0] + boxes[:, 2]) / 2),
        kinds=rows.kinds,
        sizes=rows.sizes,
    )


def match_parts(index: GroundIndex, batch: Batch) -> Pairs:
    """Return every part in reach of a site or round it."""
    found = [match_areas(index, batch), match_outlines(index, batch)]
    site, part, border, inside, ends = (np.concatenate(columns) for columns in zip(*found, strict=True))
    order = np.lexsort((part, site))
    site, part, border, inside = site[order], part[order], border[order], inside[order]
    gap = np.where(inside, 0.0, border)
    doubt = list_doubtful(border)
    gap[doubt] = np.where(
        shapely.intersects(index.shapes[part[doubt]], batch.planes[site[doubt]]), 0.0, border[doubt]
    )
    return Pairs(site, part, gap, border, inside, ends[order])


def list_doubtful(border_m: Metres) -> Numbers:
    """Return the rows where rounding does not let tell whether site and outline meet: GEOS is asked."""
    return np.flatnonzero((border_m > 0) & (border_m < IN_DOUBT_M))


def match_areas(index: GroundIndex, batch: Batch) -> Found:
    """Return the areas in reach of each site or round it."""
    from gis.engine.nearness import measure_nearness

    reach = index.reach_m[index.areas] * REACH_SLACK
    near = measure_nearness(index.zones, batch.outlines, reach, batch.scale)
    return near.site, index.areas[near.zone], near.border_m, near.inside, near.ends


def match_outlines(index: GroundIndex, batch: Batch) -> Found:
    """Return the lines and points in reach of each site."""
    lines = index.outlines
    if not len(lines.pieces):
        none = np.empty(0, dtype=np.intp)
        return none, none, np.empty(0), np.empty(0, dtype=bool), np.empty((0, 4))
    reach = batch.scale * float(index.reach_m[lines.part].max(initial=0.0)) * REACH_SLACK
    widened = shapely.box(*(batch.boxes + reach[:, None] * np.array([-1.0, -1.0, 1.0, 1.0])).T)
    site, piece = prune_pairs(index, batch, *lines.tree.query(widened))
    border = np.asarray(shapely.distance(batch.planes[site], lines.pieces[piece]))
    kept = border <= index.reach_m[lines.part[piece]] * batch.scale[site] * REACH_SLACK
    site, piece, border = site[kept], piece[kept], border[kept]
    part = lines.part[piece]
    order = np.lexsort((border, part, site))
    first = np.ones(len(order), dtype=bool)
    first[1:] = np.diff(site[order]).astype(bool) | np.diff(part[order]).astype(bool)
    rows = order[first]
    ends = np.full((len(rows), 4), np.nan)
    apart = border[rows] > 0
    gaps = shapely.shortest_line(batch.planes[site[rows[apart]]], lines.pieces[piece[rows[apart]]])
    ends[apart] = shapely.get_coordinates(gaps).reshape(-1, 4)
    return site[rows], part[rows], border[rows], np.zeros(len(rows), dtype=bool), ends


def prune_pairs(index: GroundIndex, batch: Batch, site: Numbers, piece: Numbers) -> tuple[Numbers, Numbers]:
    """Return the pairs of which one may be the nearest of its site and part, and in reach.

    A piece whose box is farther from the site's box than a vertex of another piece of the part is from a
    vertex of the site cannot be the nearest.
    """
    lines = index.outlines
    box, other = batch.boxes[site], lines.boxes[piece]
    gap = np.hypot(
        np.maximum(np.maximum(other[:, 0] - box[:, 2], box[:, 0] - other[:, 2]), 0.0),
        np.maximum(np.maximum(other[:, 1] - box[:, 3], box[:, 1] - other[:, 3]), 0.0),
    )
    near = gap <= index.reach_m[lines.part[piece]] * batch.scale[site] * REACH_SLACK
    site, piece, gap = site[near], piece[near], gap[near]
    most = np.hypot(*(batch.vertices[site] - lines.vertices[piece]).T)
    part = lines.part[piece]
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
        ends=pairs.ends[rows][nearest][quick],
        parts=parts if quick.any() else [],
        border=Border(sites[~quick], (np.cumsum(~quick) - 1)[owner[rest]], part[rest], gap[rest]),
        border_ends=pairs.ends[rows][nearest][~quick],
        nearest=part[nearest][~quick],
        single=np.full(int((~quick).sum()), group.is_exact),
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
    flags, metres, ends = np.empty(0, dtype=bool), np.empty(0), np.empty((0, 4))
    return Verdicts(none, none, flags, metres, ends, [], Border(none, none, none, metres), ends, none, flags)


def measure_gaps(ends: Metres) -> tuple[Metres, Metres]:
    """Return the geodesic distance, m, and the bearing, degrees, of places of a site and an outline."""
    if not len(ends):
        return np.empty(0), np.empty(0)
    flat = ends.reshape(-1, 2)
    lon, lat = crs.transformer(crs.PLANE, crs.GEOGRAPHIC).transform(flat[:, 0], flat[:, 1])
    azimuth, _, distance = crs.geod().inv(lon[::2], lat[::2], lon[1::2], lat[1::2])
    return np.asarray(distance, dtype=np.float64), np.asarray(azimuth, dtype=np.float64) % 360
