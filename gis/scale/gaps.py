"""What no layer covers, for all sites of a batch at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from gis.model import LayerStatus
from gis.study import COVER_SHARE, assess_coverage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.model import Layer
    from gis.vicinity import Measured

    Coverages = Sequence[tuple[Layer, BaseGeometry | None]]
    Boxes = NDArray[np.float64]

TRIMS = (0.0, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16)
"""Shares of a coverage's box cut off on each side until what is left lies in the coverage."""


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


@dataclass(frozen=True, slots=True)
class Coverage:
    """A coverage in EPSG:4549, its box, and a box within it (of nothing where none was found)."""

    area: BaseGeometry
    outer: tuple[float, float, float, float]
    inner: tuple[float, float, float, float]


def trim_coverage(area: BaseGeometry) -> Coverage:
    """Return a coverage with its boxes: most are boxes in degrees, slightly bent in the plane."""
    west, south, east, north = area.bounds
    for trim in TRIMS:
        x, y = trim * (east - west), trim * (north - south)
        inner = (west + x, south + y, east - x, north - y)
        if shapely.covers(area, shapely.box(*inner)):
            return Coverage(area, area.bounds, inner)
    return Coverage(area, area.bounds, (np.inf, np.inf, -np.inf, -np.inf))


class GapFinder:
    """Tells what could not answer; made once for the coverages of a workspace.

    Parameters
    ----------
    coverages : sequence of (Layer, polygon or None)
        As from :func:`gis.study.list_coverages`.
    """

    def __init__(self, coverages: Coverages) -> None:
        self._coverages = coverages
        areas = {id(area): area for layer, area in coverages if layer.status is LayerStatus.OK}
        self._columns = {key: column for column, key in enumerate(areas)}
        self._areas = [None if area is None else trim_coverage(area) for area in areas.values()]

    def assess(self, planes: NDArray[np.object_], boxes: Boxes, measured: Callable[[int], Measured]) -> Gaps:
        """Return what could not answer for each site, as :func:`gis.study.assess_coverage` says it.

        A site wholly inside or wholly outside every coverage is told at once; one across a border is assessed
        by itself.

        Parameters
        ----------
        planes, boxes : arrays
            Sites in EPSG:4549 and their bounds.
        measured : callable
            Gives the site of a row as it is measured.
        """
        outside = np.zeros((len(planes), len(self._areas)), dtype=bool)
        across = np.zeros(len(planes), dtype=bool)
        for column, coverage in enumerate(self._areas):
            if coverage is None:
                outside[:, column] = True
                continue
            rest, apart = _find_outside(coverage, planes, boxes)
            outside[rest, column] = True
            across[rest[~apart]] = True
        share = np.where(outside.any(axis=1), 0.0, 1.0)
        pattern, patterns = self._list_patterns(outside)
        known = {found: number for number, found in enumerate(patterns)}
        for row in np.flatnonzero(across):
            gaps, share[row] = assess_coverage(measured(int(row)), self._coverages)
            found = tuple((gap.layer_id, gap.required) for gap in gaps if gap.share_of_site > COVER_SHARE)
            pattern[row] = known.setdefault(found, len(known))
        return Gaps(pattern, list(known), share)

    def _list_patterns(
        self, outside: NDArray[np.bool_]
    ) -> tuple[NDArray[np.intp], list[tuple[tuple[str, bool], ...]]]:
        """Return the row of its pattern for each site, and the patterns."""
        if not outside.any():
            kinds, pattern = outside[:1], np.zeros(len(outside), dtype=np.intp)
        else:
            kinds, inverse = np.unique(outside, axis=0, return_inverse=True)
            pattern = np.asarray(inverse, dtype=np.intp).reshape(-1)
        patterns = [
            tuple(
                (layer.entry.id, layer.entry.required)
                for layer, area in self._coverages
                if layer.status is not LayerStatus.OK or kind[self._columns[id(area)]]
            )
            for kind in kinds
        ]
        return pattern, patterns


def _find_outside(
    coverage: Coverage, planes: NDArray[np.object_], boxes: Boxes
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the sites that a coverage does not cover, with whether each lies wholly outside."""
    west, south, east, north = boxes.T
    inner, outer = coverage.inner, coverage.outer
    held = (west >= inner[0]) & (south >= inner[1]) & (east <= inner[2]) & (north <= inner[3])
    rest = np.flatnonzero(~held)
    rest = rest[~shapely.covers(coverage.area, planes[rest])]
    apart = (
        (east[rest] < outer[0])
        | (west[rest] > outer[2])
        | (north[rest] < outer[1])
        | (south[rest] > outer[3])
    )
    near = np.flatnonzero(~apart)
    apart[near] = ~shapely.intersects(coverage.area, planes[rest[near]])
    return rest, apart
