"""Evidence that coordinates carry the shift of web maps (GCJ-02, BD-09): a fit against the old layer.

Never from one geometry: features of the same name must lie off by that very shift, or the outlines of the old
layer must fit the new ones only when shifted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis import crs
from gis.datum import DATUMS, from_wgs84
from gis.layers.difference import match_features

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

    Points = NDArray[np.float64]

SAMPLE = 4000
"""Vertices of the old layer looked at."""

FAR_M = 100.0
"""A layer that fits better than this as it stands is not suspected."""

GAIN = 3.0
"""The shifted fit must be this many times better than the plain one."""


@dataclass(frozen=True, slots=True)
class ShiftEvidence:
    """How far the old layer lies from the new one as it stands, and when shifted (median, metres)."""

    datum: str
    plain_m: float
    shifted_m: float
    pairs: int


def find_shift(before: gpd.GeoDataFrame | None, after: gpd.GeoDataFrame) -> ShiftEvidence | None:
    """Return the evidence that `after` is in a shifted datum; None where there is none.

    Parameters
    ----------
    before, after : GeoDataFrame
        The layer's features before and the new ones, degrees (EPSG:4490), with ``id`` and ``name_zh``.
    """
    if before is None or not len(before):
        return None
    return fit_pairs(before, after) or fit_outlines(before, after)


def fit_pairs(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> ShiftEvidence | None:
    """Compare the middles of features with the same id or name; needs two pairs or more."""
    first, second = match_features(before, after)
    old, new = (
        shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy()[rows]))
        for frame, rows in ((before, first), (after, second))
    )
    if len(old) < 2 or len(old) != len(new):
        return None
    return judge(lambda points: np.hypot(*(_metres(points) - _metres(new)).T), old, len(old))


def fit_outlines(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> ShiftEvidence | None:
    """Compare the vertices of the old outlines with the nearest new outline; needs ten vertices or more."""
    vertices = shapely.get_coordinates(before.geometry.to_numpy())
    old = vertices[:: max(1, len(vertices) // SAMPLE)]
    lines = _lines(after.geometry.to_numpy())
    if len(old) < 10 or not len(lines):
        return None
    tree = shapely.STRtree(shapely.transform(lines, _metres))

    def distances(points: Points) -> Points:
        _, found = tree.query_nearest(
            shapely.points(_metres(points)), return_distance=True, all_matches=False
        )
        return np.asarray(found, dtype=np.float64)

    return judge(distances, old, len(old))


def _lines(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the outlines of polygons, and lines and points as they are."""
    there = shapes[~shapely.is_missing(shapes)]
    outlines = np.where(shapely.get_dimensions(there) == 2, shapely.boundary(there), there)
    return np.asarray(outlines, dtype=object)


def _metres(lonlat: Points) -> Points:
    """Return degrees in the working plane."""
    return np.column_stack(crs.transformer(crs.GEOGRAPHIC, crs.PLANE).transform(lonlat[:, 0], lonlat[:, 1]))


def judge(measure: Callable[[Points], Points], old: Points, pairs: int) -> ShiftEvidence | None:
    """Return the shifted datum in which `old` fits far better than as it stands, if there is one."""
    plain_m = float(np.median(measure(old)))
    if plain_m < FAR_M:
        return None
    fits = {datum: float(np.median(measure(from_wgs84(old, datum)))) for datum in DATUMS}
    best = min(fits, key=lambda datum: fits[datum])
    if fits[best] * GAIN > plain_m:
        return None
    return ShiftEvidence(best, plain_m, fits[best], pairs)
