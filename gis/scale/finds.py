"""The findings of a batch against one group of rules: by distance alone, by overlay, one by one."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis import crs
from gis.overlay import TOUCH_M
from gis.scale.borders import CERTAIN, NONE, POSSIBLE, judge_borders, select_rows
from gis.scale.overlays import INSIDE, NEAR, TOUCH
from gis.scale.pairs import MAYBE, MEETING, measure_gaps
from gis.scale.rows import MEASURES, WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.model import Finding
    from gis.scale.borders import Border
    from gis.scale.grounds import Flags, GroundIndex, Metres, Numbers, Shapes
    from gis.scale.pairs import Batch, Verdicts
    from gis.scale.rows import BaseRows

    FindOne = Callable[[int, Numbers], Finding | None]
    """Measures one site of the batch against some parts."""

DISTANCE, BEARING, ACCURACY = (MEASURES.index(name) for name in ("distance_m", "bearing_deg", "accuracy_m"))


def add_quick(base: BaseRows, index: GroundIndex, number: int, judged: Verdicts, batch: Batch) -> None:
    """Add the findings of sites that no overlay was needed for."""
    apart = judged.case != MEETING
    distance, bearing = np.zeros(len(apart)), np.full(len(apart), np.nan)
    distance[apart], bearing[apart] = measure_gaps(judged.ends[apart])
    kept = np.flatnonzero(
        (judged.case == MEETING) | (judged.case == MAYBE) | (distance <= index.groups[number].near_m)
    )
    site, case = judged.site[kept], judged.case[kept]
    meeting = case == MEETING
    certain = meeting & judged.settled[kept]
    possible = (case == MAYBE) | (meeting & ~certain)
    figures = fill_figures(site, meeting, certain, possible, batch)
    figures[:, DISTANCE], figures[:, BEARING] = distance[kept], bearing[kept]
    figures[:, ACCURACY] = judged.epsilon_m[kept]
    base.add(
        site,
        number,
        np.where(meeting, INSIDE, NEAR),
        np.select([certain, possible], [CERTAIN, POSSIBLE], NONE),
        figures,
        parts=name_parts(index, [judged.parts[row] for row in kept]),
        geometry=[WHOLE if inside else None for inside in meeting],
    )


def add_borders(
    base: BaseRows,
    index: GroundIndex,
    number: int,
    judged: Verdicts,
    batch: Batch,
    find_one: FindOne,
    *,
    site_accuracy_m: float,
) -> None:
    """Add the findings of sites on borders: together where they can be, singly where an overlay fails."""
    together, alone = np.flatnonzero(~judged.single), np.flatnonzero(judged.single)
    try:
        _add_together(base, index, number, judged, together, batch, site_accuracy_m=site_accuracy_m)
    except shapely.errors.GEOSException:
        alone = np.arange(len(judged.single))
    for row in alone:
        site = int(judged.border.site[row])
        base.add_finding(site, number, find_one(site, select_rows(judged.border, np.array([row])).part))


def _add_together(
    base: BaseRows,
    index: GroundIndex,
    number: int,
    judged: Verdicts,
    rows: Numbers,
    batch: Batch,
    *,
    site_accuracy_m: float,
) -> None:
    """Add the findings of sites on borders whose overlays are made at once.

    Raises
    ------
    shapely.errors.GEOSException
        If one of these fails; nothing is added then.
    """
    if not len(rows):
        return
    border = select_rows(judged.border, rows)
    found = judge_borders(index, batch, border, site_accuracy_m=site_accuracy_m)
    apart = ~found.met
    distance, bearing = np.zeros(len(rows)), np.full(len(rows), np.nan)
    distance[apart], bearing[apart] = measure_gaps(
        complete_ends(
            judged.border_ends[rows[apart]],
            batch.planes[border.site[apart]],
            index.shapes[judged.nearest[rows[apart]]],
        )
    )
    relation = np.where(apart & (distance <= TOUCH_M), TOUCH, found.relation)
    figures = found.figures
    figures[:, DISTANCE], figures[:, BEARING] = distance, bearing
    figures[:, ACCURACY] = np.maximum.reduceat(index.epsilon_m[border.part], first_of(border))
    kept = np.flatnonzero(found.met | (found.certainty != NONE) | (distance <= index.groups[number].near_m))
    told = split_told(border, found.told, judged.nearest[rows])
    base.add(
        border.site[kept],
        number,
        relation[kept],
        found.certainty[kept],
        figures[kept],
        parts=name_parts(index, [told[row] for row in kept]),
        geometry=place_overlaps(found.common[kept], batch, border.site[kept]),
    )


def complete_ends(ends: Metres, sites: Shapes, parts: Shapes) -> Metres:
    """Return nearest places, those found too close to tell by the engine asked of GEOS."""
    missing = np.isnan(ends[:, 0])
    lines = shapely.shortest_line(sites[missing], parts[missing])
    ends[missing] = shapely.get_coordinates(lines).reshape(-1, 4)
    return ends


def first_of(border: Border) -> Numbers:
    """Return where the parts of each site begin."""
    return np.flatnonzero(np.r_[True, border.row[1:] != border.row[:-1]])


def split_told(border: Border, told: Flags, nearest: Numbers) -> list[Numbers]:
    """Return the parts to be named for each site; the nearest where none is met or possibly met."""
    starts = first_of(border)
    parts, named = np.split(border.part, starts[1:]), np.split(told, starts[1:])
    chosen = [part[own] for part, own in zip(parts, named, strict=True)]
    return [part if len(part) else nearest[row : row + 1] for row, part in enumerate(chosen)]


def name_parts(index: GroundIndex, parts: list[Numbers]) -> list[tuple[str, ...]]:
    """Return the ids of the features that the parts of each row are of."""
    ids = index.feature_ids
    return [tuple(ids[part] for part in row.tolist()) for row in parts]


def fill_figures(
    site: Numbers, meeting: Flags, certain: Flags, possible: Flags, batch: Batch
) -> NDArray[np.float64]:
    """Return the figures of findings told without an overlay: all of a site or none of it, three times."""
    figures = np.full((len(site), len(MEASURES)), np.nan)
    parts = np.column_stack((meeting, certain, meeting | possible)).astype(np.float64)
    for kind, column, whole in (
        ("polygon", "overlap_area_m2", batch.sizes.area_m2),
        ("line", "overlap_length_m", batch.sizes.length_m),
    ):
        rows = batch.kinds[site] == kind
        start = MEASURES.index(column)
        figures[rows, start : start + 3] = parts[rows] * whole[site[rows], None]
        share = MEASURES.index("share_of_site")
        shared = rows & (whole[site] > 0)
        figures[shared, share : share + 3] = parts[shared]
    return figures


def place_overlaps(common: Shapes, batch: Batch, site: Numbers) -> list[BaseGeometry | str | None]:
    """Return overlaps in degrees; WHOLE for a whole site, None for those that are missing or empty.

    Parameters
    ----------
    common : array of geometry
        EPSG:4549; the site itself where it is all of it.
    batch : Batch
    site : array of int
    """
    placed = np.full(len(common), None, dtype=object)
    whole = np.fromiter(map(operator.is_, common, batch.planes[site]), bool, len(common))
    placed[whole] = WHOLE
    some = ~(whole | shapely.is_missing(common) | shapely.is_empty(common))
    dense = shapely.segmentize(common[some], crs.MAX_EDGE_M)
    back = crs.transformer(crs.PLANE, crs.GEOGRAPHIC)
    placed[some] = shapely.transform(dense, lambda xy: np.column_stack(back.transform(xy[:, 0], xy[:, 1])))
    return list(placed)
