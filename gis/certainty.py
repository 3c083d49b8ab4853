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
SEAM_M = 0.1
"""Half the widest gap closed between neighbours: layer files carry six decimals, which is 0.1 m."""

NOTHING_M = 1e-6
"""A micrometre: nothing is shrunk or grown by less (GEOS loses a buffer of 1e-300 m altogether)."""


def combine_accuracy(site_m: float, layer_m: float) -> float:
    """Return ε = √(site² + layer²), metres at 95 %."""
    return hypot(site_m, layer_m)


def grow(parts: Sequence[BaseGeometry], epsilons_m: Sequence[float]) -> BaseGeometry:
    """Return the union of the parts, each grown by its own ε.

    Rings are made to run one way first: GEOS thins out a ring along its way before it grows it, and would
    grow the same ground some cm² differently.

    Parameters
    ----------
    parts : sequence of shapely geometry
        In EPSG:4549, any dimension.
    epsilons_m : sequence of float
        One a part, metres in the plane.
    """
    grown = [
        shapely.normalize(part).buffer(epsilon, quad_segs=QUAD_SEGS) if epsilon > NOTHING_M else part
        for part, epsilon in zip(parts, epsilons_m, strict=True)
    ]
    return shapely.union_all(sorted(grown, key=lambda part: (part.bounds, part.wkb)))


def shrink(parts: Sequence[BaseGeometry], epsilons_m: Sequence[float]) -> BaseGeometry:
    """Return what certainly lies in the union of the parts.

    A border shared by two parts is inside the union and takes nothing away. Where parts have different
    accuracies, each ε in turn is taken off the union of the parts that are at least as accurate; what any of
    these leaves is certain. A rough part thus never makes a better one beside it less certain.
    Lines and points have no inside: they shrink to nothing.
    """
    areas = [
        (part, epsilon)
        for part, epsilon in zip(parts, epsilons_m, strict=True)
        if shapely.get_dimensions(part) == 2
    ]
    if not areas:
        return shapely.MultiPolygon()
    shrunk: list[BaseGeometry] = []
    for epsilon in sorted({epsilon for _, epsilon in areas}):
        good_enough = [part for part, own in areas if own <= epsilon]
        united = shapely.normalize(unite_seams(good_enough, gap_m=min(SEAM_M, epsilon / 10)))
        shrunk.append(united.buffer(-epsilon, quad_segs=QUAD_SEGS) if epsilon > NOTHING_M else united)
    return shrunk[0] if len(shrunk) == 1 else shapely.union_all(shrunk)


def unite_seams(parts: Sequence[BaseGeometry], *, gap_m: float) -> BaseGeometry:
    """Return the union of areas, with the hairline gaps along shared borders closed.

    Neighbours that draw one border with different corners leave gaps as wide as coordinates are rounded.
    Such a gap holds no ground, but shrinking would eat ε to both sides of it, and a site on the seam of two
    features that both forbid it would be judged as possibly inside only.

    Parameters
    ----------
    parts : sequence of shapely geometry
        Polygons in EPSG:4549.
    gap_m : float
        Half the width of what is closed, metres.
    """
    united = shapely.normalize(shapely.union_all(sorted(parts, key=lambda part: (part.bounds, part.wkb))))
    if len(parts) == 1 or gap_m <= NOTHING_M:
        return united
    closed = united.buffer(gap_m, join_style="mitre").buffer(-gap_m, join_style="mitre")
    if abs(float(shapely.length(united) - shapely.length(closed))) <= NOTHING_M:
        return united  # a gap, however thin, has two long sides; without one the outline is the same
    return shapely.union_all([united, closed])


def judge(site: BaseGeometry, *, shrunk: BaseGeometry, grown: BaseGeometry) -> Certainty:
    """Return whether a site certainly, possibly or not at all meets a zone."""
    if not shrunk.is_empty and shapely.intersects(site, shrunk):
        return Certainty.CERTAIN
    return Certainty.POSSIBLE if shapely.intersects(site, grown) else Certainty.NONE
