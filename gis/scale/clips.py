"""Parts of a zone cut to windows round sites: quickly where two measures of area agree, else by overlay."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from gis.vicinity import MARGIN_M

if TYPE_CHECKING:
    from gis.scale.borders import Border
    from gis.scale.grounds import Flags, GroundIndex, Metres, Numbers, Shapes
    from gis.scale.pairs import Batch

AREA = 2

SAME_M2, SAME_SHARE = 1e-4, 1e-9
"""Areas of one clip by GEOS and by the engine that differ by less are the same."""


class Clips(NamedTuple):
    """Parts cut to the windows of their sites; those of which nothing is left are left out.

    Parameters
    ----------
    shape : array of geometry
    source : array of int
        The pair of the border each is of.
    row : array of int
    reach_m : array
        ε in plane metres.
    """

    shape: Shapes
    source: Numbers
    row: Numbers
    reach_m: Metres


def cut_clips(index: GroundIndex, batch: Batch, border: Border, reach: Metres) -> Clips:
    """Return the parts in reach cut to windows wider than the accuracies, as for a single site."""
    widest = np.zeros(len(border.site))
    np.maximum.at(widest, border.row, reach)
    margin = widest * 1.01 + MARGIN_M
    boxes = batch.boxes[border.site] + margin[:, None] * np.array([-1.0, -1.0, 1.0, 1.0])
    diagonal = np.hypot(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    source = np.flatnonzero(border.gap_m <= diagonal[border.row])  # nothing farther lies in the window
    row, part = border.row[source], border.part[source]
    shape, own, window = index.shapes[part], index.part_boxes[part], boxes[row]
    cut = np.flatnonzero((own[:, :2] < window[:, :2]).any(axis=1) | (own[:, 2:] > window[:, 2:]).any(axis=1))
    shape[cut] = cut_parts(index, part[cut], boxes, row[cut])
    kept = ~shapely.is_empty(shape)
    return Clips(shape[kept], source[kept], row[kept], reach[source[kept]])


def cut_parts(index: GroundIndex, part: Numbers, boxes: Metres, row: Numbers) -> Shapes:
    """Return parts cut to boxes.

    GEOS's fast cut by a rectangle is taken where its outcome is valid and has the area that the engine
    integrates from the outline; wherever it has not, the overlay decides.

    Parameters
    ----------
    part : array of int, shape (n,)
    boxes : array, shape (m, 4)
    row : array of int, shape (n,)
        The box of each part.
    """
    shapes = index.shapes[part]
    clips = np.full(len(part), None, dtype=object)
    areas = np.flatnonzero(shapely.get_dimensions(shapes) == AREA)
    for place, (shape, box) in enumerate(zip(shapes[areas], boxes[row[areas]].tolist(), strict=True)):
        clips[areas[place]] = clip_quickly(shape, box)
    sound = np.asarray(shapely.is_valid(clips))
    sound[areas] &= agree_on_areas(index, clips[areas], part[areas], boxes, row[areas])
    rest = np.flatnonzero(~sound)
    windows = np.asarray(shapely.box(*boxes[row[rest]].T), dtype=object)
    clips[rest] = shapely.intersection(shapes[rest], windows)
    return clips


def clip_quickly(shape: shapely.Geometry, box: list[float]) -> shapely.Geometry | None:
    """Return an area cut to a box as GEOS's clipper has it; None where it gives up."""
    try:
        return shapely.clip_by_rect(shape, *box)
    except shapely.errors.GEOSException:
        return None


def agree_on_areas(index: GroundIndex, clips: Shapes, part: Numbers, boxes: Metres, row: Numbers) -> Flags:
    """Return which clips have the area in their box that the engine integrates from the cut zones."""
    from gis.engine.wkb import read_geometries

    windows = read_geometries(np.asarray(shapely.box(*boxes.T), dtype=object))
    found = index.zones.match(windows, 0.0)
    key = found.site * len(index.areas) + found.zone
    asked = row * len(index.areas) + np.searchsorted(index.areas, part)
    expected = np.zeros(len(clips))
    if len(key):
        place = np.minimum(np.searchsorted(key, asked), len(key) - 1)
        expected = np.where(key[place] == asked, found.area_m2[place], 0.0)
    return np.abs(shapely.area(clips) - expected) <= SAME_M2 + SAME_SHARE * expected
