"""What the accuracies allow to be said: a zone shrunk and grown by the combined accuracy. Pure geometry.

With ε = √(site accuracy² + layer accuracy²), both at 95 %: a site *certainly* meets a zone where it meets the
zone shrunk by ε, and *possibly* where it meets the zone grown by ε only.
"""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

import shapely

from gis.model import Certainty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

QUAD_SEGS = 32
NOTHING_M = 1e-6
"""A micrometre: nothing is shrunk or grown by less (GEOS loses a buffer of 1e-300 m altogether)."""

EDGE_M = 0.05
"""How far a piece of a united boundary may lie from the boundary of the part it came from."""


def combine_accuracy(site_m: float, layer_m: float) -> float:
    """Return ε = √(site² + layer²), metres at 95 %."""
    return hypot(site_m, layer_m)


def grow(parts: Sequence[BaseGeometry], epsilons_m: Sequence[float]) -> BaseGeometry:
    """Return the union of the parts, each grown by its own ε.

    Parameters
    ----------
    parts : sequence of shapely geometry
        In EPSG:4549, any dimension.
    epsilons_m : sequence of float
        One a part, metres in the plane.
    """
    grown = [
        part.buffer(epsilon, quad_segs=QUAD_SEGS) if epsilon > NOTHING_M else part
        for part, epsilon in zip(parts, epsilons_m, strict=True)
    ]
    return shapely.union_all(sorted(grown, key=lambda part: (part.bounds, part.wkb)))


def shrink(parts: Sequence[BaseGeometry], epsilons_m: Sequence[float]) -> BaseGeometry:
    """Return the union of the parts without all that lies within ε of its boundary.

    A border shared by two parts is inside the union and takes nothing away. Where parts have different
    accuracies, each stretch of the united boundary is taken away with the ε of the part it comes from.
    Lines and points have no inside: they shrink to nothing.
    """
    areas = [
        (part, epsilon)
        for part, epsilon in zip(parts, epsilons_m, strict=True)
        if shapely.get_dimensions(part) == 2
    ]
    if not areas:
        return shapely.MultiPolygon()
    united = shapely.union_all(sorted((part for part, _ in areas), key=lambda part: (part.bounds, part.wkb)))
    distances = sorted({epsilon for _, epsilon in areas})
    if len(distances) == 1:
        return united.buffer(-distances[0], quad_segs=QUAD_SEGS) if distances[0] > NOTHING_M else united
    boundary = shapely.boundary(united)
    for epsilon in distances:
        if epsilon <= NOTHING_M:
            continue
        edges = shapely.union_all([shapely.boundary(part) for part, own in areas if own == epsilon])
        stretch = shapely.intersection(boundary, edges.buffer(EDGE_M, quad_segs=2))
        united = shapely.difference(united, stretch.buffer(epsilon, quad_segs=QUAD_SEGS))
    return united


def judge(site: BaseGeometry, *, shrunk: BaseGeometry, grown: BaseGeometry) -> Certainty:
    """Return whether a site certainly, possibly or not at all meets a zone."""
    if not shrunk.is_empty and shapely.intersects(site, shrunk):
        return Certainty.CERTAIN
    return Certainty.POSSIBLE if shapely.intersects(site, grown) else Certainty.NONE
