"""Areas and lengths on the ellipsoid, and what no layer covers, for all sites of a batch at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from gis import crs
from gis.model import LayerStatus
from gis.study import COVER_SHARE, assess_coverage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.model import Layer
    from gis.vicinity import Measured

E2 = crs.FLATTENING * (2 - crs.FLATTENING)


class Sizes(NamedTuple):
    """Areas (m²) and lengths (m) of many geometries; the length of a polygon is that of its boundary."""

    area_m2: NDArray[np.float64]
    length_m: NDArray[np.float64]


def measure_sizes(planes: NDArray[np.object_]) -> Sizes:
    """Return the sizes of geometries in EPSG:4549, as :func:`gis.vicinity.measure_site` gives them.

    Notes
    -----
    Edges are at most 100 m, so that ds² = M²dφ² + N²cos²φ dλ² at the middle of an edge (Gauss's mid-latitude
    formula) is good to 1e-9 of its length.
    """
    dense = shapely.segmentize(planes, crs.MAX_EDGE_M)
    back = crs.transformer(crs.PLANE, crs.GEOGRAPHIC)
    lonlat = shapely.transform(dense, lambda xy: np.column_stack(back.transform(xy[:, 0], xy[:, 1])))
    area = np.asarray(crs.areas_dense_m2(lonlat))
    parts, part_owner = shapely.get_parts(lonlat, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    flat = np.flatnonzero(shapely.get_dimensions(parts) == 1)
    lines = np.concatenate([rings, parts[flat]])
    length = _sum_lengths(lines, part_owner[np.concatenate([part_of_ring, flat])], len(planes))
    return Sizes(area, length)


def _sum_lengths(lines: NDArray[np.object_], owner: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    """Return the geodesic length of lines in degrees, summed by owner."""
    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    joined = np.flatnonzero(line[1:] == line[:-1])
    lon, lat = np.radians(coordinates).T
    d_lon, d_lat = lon[joined + 1] - lon[joined], lat[joined + 1] - lat[joined]
    middle = (lat[joined + 1] + lat[joined]) / 2
    w2 = 1 - E2 * np.sin(middle) ** 2
    meridian = crs.SEMI_MAJOR_M * (1 - E2) / w2**1.5
    parallel = crs.SEMI_MAJOR_M / np.sqrt(w2) * np.cos(middle)
    edges = np.hypot(meridian * d_lat, parallel * d_lon)
    return np.bincount(owner[line[joined]], weights=edges, minlength=count).astype(np.float64)


class Gaps(NamedTuple):
    """What could not answer, for every site of a batch.

    Parameters
    ----------
    pattern : array of int
        Row of `patterns` for each site.
    patterns : list of tuple of (str, bool)
        Ids of the layers that left out some of a site, with whether each is required.
    coverage : array
        Share 0–1 of each site that every layer with data covers.
    """

    pattern: NDArray[np.intp]
    patterns: list[tuple[tuple[str, bool], ...]]
    coverage: NDArray[np.float64]


def assess_gaps(
    planes: NDArray[np.object_],
    coverages: Sequence[tuple[Layer, BaseGeometry | None]],
    measured: Callable[[int], Measured],
) -> Gaps:
    """Return what could not answer for each site, as :func:`gis.study.assess_coverage` says it.

    A site wholly inside or wholly outside every coverage is told at once; one across a border is assessed
    by itself.

    Parameters
    ----------
    measured : callable
        Gives the site of a row as it is measured.
    """
    areas = {id(area): area for layer, area in coverages if layer.status is LayerStatus.OK}
    outside = np.zeros((len(planes), len(areas)), dtype=bool)
    across = np.zeros(len(planes), dtype=bool)
    for column, area in enumerate(areas.values()):
        if area is None:
            outside[:, column] = True
            continue
        rest = np.flatnonzero(~shapely.covers(area, planes))
        apart = ~shapely.intersects(area, planes[rest])
        outside[rest, column] = True
        across[rest[~apart]] = True
    coverage = np.where(outside.any(axis=1), 0.0, 1.0)
    kinds, pattern = np.unique(outside, axis=0, return_inverse=True)
    columns = {key: column for column, key in enumerate(areas)}
    patterns = [
        tuple(
            (layer.entry.id, layer.entry.required)
            for layer, area in coverages
            if layer.status is not LayerStatus.OK or kind[columns[id(area)]]
        )
        for kind in kinds
    ]
    pattern = np.asarray(pattern, dtype=np.intp).reshape(-1)
    known = {found: number for number, found in enumerate(patterns)}
    for row in np.flatnonzero(across):
        gaps, coverage[row] = assess_coverage(measured(int(row)), coverages)
        found = tuple((gap.layer_id, gap.required) for gap in gaps if gap.share_of_site > COVER_SHARE)
        pattern[row] = known.setdefault(found, len(known))
    return Gaps(pattern, list(known), coverage)
