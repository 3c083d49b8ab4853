"""Pairs whose area cannot be: one of the two is not a valid polygon. GEOS repairs both and measures them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis import crs
from gis.engine.matching import DOUBTFUL, Pairs

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    from numpy.typing import NDArray


def repair_wkb(
    column: pa.Array, source: str, plane: str, longest_deg: float | None = None
) -> NDArray[np.object_]:
    """Return WKB geometries in the plane, made valid by their structure."""
    geometries = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
    if longest_deg is not None:
        geometries = shapely.segmentize(geometries, longest_deg)
    moved = [crs.transform(geometry, source, plane) for geometry in geometries]
    repaired = shapely.make_valid(np.array(moved, object), method="structure", keep_collapsed=False)
    return np.asarray(repaired, object)


def settle_pairs(
    pairs: Pairs,
    read_sites: Callable[[NDArray[np.int64]], NDArray[np.object_]],
    read_zones: Callable[[NDArray[np.int64]], NDArray[np.object_]],
) -> Pairs:
    """Return the pairs with the doubtful ones measured by GEOS; they stay marked.

    Parameters
    ----------
    pairs : Pairs
    read_sites, read_zones : callable
        Return the repaired geometries, in the plane, of the rows given.
    """
    rows = np.flatnonzero(pairs.doubt == DOUBTFUL)
    if not len(rows):
        return pairs
    sites, zones = read_sites(pairs.site[rows]), read_zones(pairs.zone[rows].astype(np.int64))
    area, distance = pairs.area_m2.copy(), pairs.distance_m.copy()
    area[rows] = shapely.area(shapely.intersection(sites, zones))
    distance[rows] = shapely.distance(sites, zones)
    return pairs._replace(area_m2=area, distance_m=distance)
