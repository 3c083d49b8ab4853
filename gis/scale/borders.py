"""Sites on borders, a batch at once: the zone round each united, shrunk and grown, and what they share.

The same steps as :mod:`gis.findings` takes for one site, as arrays over all of them.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from gis.findings import HAIRLINE_M
from gis.model import Certainty
from gis.scale.clips import cut_clips
from gis.scale.measure import measure_sizes
from gis.scale.overlays import (
    INSIDE,
    NEAR,
    TOUCH,
    grow_each,
    overlap_rows,
    relate_rows,
    shrink_rows,
    unite_rows,
)
from gis.scale.rows import CERTAINTIES, MEASURES
from gis.vicinity import CHORDS

if TYPE_CHECKING:
    from gis.scale.clips import Clips
    from gis.scale.grounds import Flags, GroundIndex, Metres, Numbers, Shapes
    from gis.scale.pairs import Batch

CERTAIN, POSSIBLE, NONE = (
    CERTAINTIES.index(word) for word in (Certainty.CERTAIN, Certainty.POSSIBLE, Certainty.NONE)
)


class Border(NamedTuple):
    """Sites near the border of one zone, with the parts in reach of each.

    Parameters
    ----------
    site : array of int, shape (n,)
    row : array of int, shape (m,)
        The site of each part below as a row of `site`, ascending; every row has one.
    part : array of int, shape (m,)
    gap_m : array, shape (m,)
        Plane distance of the two.
    """

    site: Numbers
    row: Numbers
    part: Numbers
    gap_m: Metres


class Bordering(NamedTuple):
    """How sites on borders lie, one row a site.

    Parameters
    ----------
    met : array of bool, shape (n,)
        Whether a site meets the zone as drawn.
    relation : array of int, shape (n,)
        ``NEAR`` where it does not: the distance tells whether they touch.
    certainty : array of int, shape (n,)
    figures : array, shape (n, len(MEASURES))
        Overlaps and shares.
    told : array of bool, shape (m,)
        Whether a part is met or, by a site that meets none, possibly met.
    common : array of geometry, shape (n,)
        The overlap in EPSG:4549; None where there is none.
    """

    met: Flags
    relation: Numbers
    certainty: Numbers
    figures: Metres
    told: Flags
    common: Shapes


class Local(NamedTuple):
    """The zone near each site as drawn, shrunk and grown, cut to a window round it."""

    drawn: Shapes
    shrunk: Shapes
    grown: Shapes


def judge_borders(index: GroundIndex, batch: Batch, border: Border, *, site_accuracy_m: float) -> Bordering:
    """Return how sites lie to the zone whose border is near.

    Raises
    ------
    shapely.errors.GEOSException
        If an overlay of any of them fails: the sites are then to be measured singly.
    """
    sites, count = batch.planes[border.site], len(border.site)
    reach = index.epsilon_m[border.part] * batch.scale[border.site][border.row]
    clips = cut_clips(index, batch, border, reach)
    touching = np.asarray(shapely.intersects(clips.shape, sites[clips.row]))
    met = mark_rows(clips.row[touching], count)
    close = met | mark_rows(border.row[border.gap_m <= HAIRLINE_M], count)
    possible = border.gap_m <= reach
    local = make_local(index, batch, border, clips, close=close, possible=possible)
    certainty = np.where(mark_rows(border.row[possible], count), POSSIBLE, NONE)
    certainty[close] = judge_rows(sites[close], local.shrunk[close], local.grown[close])
    told = possible & ~met[border.row]
    told[clips.source[touching]] = True
    common = np.full(count, None, dtype=object)
    relation = np.full(count, NEAR)
    common[met], whole = overlap_rows(sites[met], local.drawn[met])
    relation[met] = relate_rows(
        sites[met], local.drawn[met], common[met], whole, site_accuracy_m=site_accuracy_m
    )
    common[(relation == NEAR) | (relation == TOUCH)] = None
    inside = relation == INSIDE
    common[inside] = sites[inside]
    figures = measure_overlaps(batch, border.site, local, common)
    return Bordering(met, relation, certainty, figures, told, common)


def select_rows(border: Border, rows: Numbers) -> Border:
    """Return some sites, in ascending order, with their parts."""
    place = np.full(len(border.site), -1, dtype=np.intp)
    place[rows] = np.arange(len(rows))
    kept = place[border.row] >= 0
    return Border(border.site[rows], place[border.row[kept]], border.part[kept], border.gap_m[kept])


def mark_rows(row: Numbers, count: int) -> Flags:
    """Return which of `count` rows are among those given."""
    marked = np.zeros(count, dtype=bool)
    marked[row] = True
    return marked


def make_local(
    index: GroundIndex, batch: Batch, border: Border, clips: Clips, *, close: Flags, possible: Flags
) -> Local:
    """Return the zone near each site; drawn and shrunk only where `close`."""
    count = len(border.site)
    near = close[clips.row]
    drawn = unite_rows(clips.shape[near], clips.row[near], count)
    part = border.part[clips.source]
    solid = near & index.settled[part] & (shapely.get_dimensions(clips.shape) == 2)
    shrunk = shrink_rows(clips.shape[solid], clips.row[solid], clips.reach_m[solid], count)
    reaching = near | possible[clips.source]
    return Local(drawn, shrunk, grow_rows(batch, border.site, clips, reaching))


def grow_rows(batch: Batch, site: Numbers, clips: Clips, reaching: Flags) -> Shapes:
    """Return the reaching parts grown by their ε; where one reaches all of a site, the box round the site."""
    shape, row, reach = clips.shape[reaching], clips.row[reaching], clips.reach_m[reaching]
    boxes = batch.boxes[site]
    middle = np.asarray(shapely.points((boxes[:, :2] + boxes[:, 2:]) / 2), dtype=object)
    radius = (boxes[:, 2] - boxes[:, 0] + boxes[:, 3] - boxes[:, 1]) / 2
    swallowing = shapely.distance(middle[row], shape) + radius[row] <= reach * CHORDS
    swallowed = mark_rows(row[swallowing], len(site))
    rest = ~swallowed[row]
    grown = unite_rows(grow_each(shape[rest], reach[rest]), row[rest], len(site))
    grown[swallowed] = shapely.box(*boxes[swallowed].T)
    return grown


def judge_rows(sites: Shapes, shrunk: Shapes, grown: Shapes) -> Numbers:
    """Return whether each site certainly, possibly or not at all meets its zone."""
    certain = shapely.intersects(sites, shrunk)
    certainty = np.full(len(sites), CERTAIN)
    rest = np.flatnonzero(~certain)
    certainty[rest] = np.where(shapely.intersects(sites[rest], grown[rest]), POSSIBLE, NONE)
    return certainty


def measure_overlaps(batch: Batch, site: Numbers, local: Local, common: Shapes) -> Metres:
    """Return overlap and share as drawn, at least and at most, as rows of figures; NaN for points."""
    figures = np.full((len(site), len(MEASURES)), np.nan)
    rows = np.flatnonzero(batch.kinds[site] != "point")
    own, area = batch.planes[site[rows]], batch.kinds[site[rows]] == "polygon"
    whole = np.where(area, batch.sizes.area_m2[site[rows]], batch.sizes.length_m[site[rows]])
    shared = [common[rows], share_rows(own, local.shrunk[rows]), share_rows(own, local.grown[rows])]
    amount = measure_shared(np.concatenate(shared), np.tile(own, 3), np.tile(whole, 3), np.tile(area, 3))
    drawn, least, most = amount.reshape(3, -1)
    ranges = np.column_stack((drawn, np.minimum(least, drawn), np.maximum(most, drawn)))
    for column, kind in (("overlap_area_m2", area), ("overlap_length_m", ~area)):
        start = MEASURES.index(column)
        figures[rows[kind], start : start + 3] = ranges[kind]
    start, some = MEASURES.index("share_of_site"), whole > 0
    figures[rows[some], start : start + 3] = np.minimum(ranges[some] / whole[some, None], 1.0)
    return figures


def share_rows(sites: Shapes, zones: Shapes) -> Shapes:
    """Return what each site shares with its zone: itself where that is all, None where nothing."""
    shared = np.full(len(sites), None, dtype=object)
    some = np.flatnonzero(~shapely.is_empty(zones))
    shared[some] = overlap_rows(sites[some], zones[some])[0]
    return shared


def measure_shared(shared: Shapes, sites: Shapes, whole: Metres, area: Flags) -> Metres:
    """Return the size of what is shared, m² or m: of all of a site, the size it has."""
    amount = np.zeros(len(shared))
    all_of_it = np.fromiter(map(operator.is_, shared, sites), bool, len(shared))
    amount[all_of_it] = whole[all_of_it]
    rest = np.flatnonzero(~all_of_it & ~shapely.is_missing(shared))
    found = measure_sizes(shared[rest])
    amount[rest] = np.minimum(np.where(area[rest], found.area_m2, found.length_m), whole[rest])
    return amount
