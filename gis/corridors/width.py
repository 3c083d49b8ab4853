"""The width of a corridor: how large a disc can be pushed through it from one end to the other.

The width is twice the largest r for which the corridor shrunk by r still joins its two ends. Where it stops
joining them lies the narrowest place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

QUAD_SEGS = 16
TOLERANCE_M = 0.5
"""The half width is found to half a metre, so the width to one."""

REACH_M = 1.0
"""An end counts as reached when the disc comes this close to it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """How wide a corridor is.

    Parameters
    ----------
    width_m : float
        Plane metres; 0 where the ends are not joined at all.
    joined : bool
        Whether the ends are joined.
    narrowest_at : Point or None
        Where the disc gets stuck; None where the ends are not joined.
    """

    width_m: float
    joined: bool
    narrowest_at: BaseGeometry | None


def joining_part(
    area: BaseGeometry, start: BaseGeometry, end: BaseGeometry, reach_m: float
) -> BaseGeometry | None:
    """Return the connected part of `area` that comes within `reach_m` of both ends; None where none does."""
    parts: list[BaseGeometry] = shapely.get_parts(area).tolist()
    for part in parts:
        if shapely.dwithin(part, start, reach_m) and shapely.dwithin(part, end, reach_m):
            return part
    return None


def shrink_corridor(area: BaseGeometry, radius_m: float) -> BaseGeometry:
    """Return the places where the centre of a disc of `radius_m` can be."""
    return area if radius_m == 0 else area.buffer(-radius_m, quad_segs=QUAD_SEGS)


def is_passable(area: BaseGeometry, start: BaseGeometry, end: BaseGeometry, radius_m: float) -> bool:
    """Return whether a disc of `radius_m` can be pushed from one end to the other."""
    return joining_part(shrink_corridor(area, radius_m), start, end, radius_m + REACH_M) is not None


def measure_passage(area: BaseGeometry, start: BaseGeometry, end: BaseGeometry) -> Passage:
    """Return the width of a corridor between its ends by bisection.

    Parameters
    ----------
    area : shapely geometry
        The corridor, polygons in EPSG:4549.
    start, end : Point
        Its two ends in EPSG:4549, in the corridor or on its edge.
    """
    whole = joining_part(area, start, end, REACH_M)
    if whole is None:
        return Passage(width_m=0.0, joined=False, narrowest_at=None)
    inscribed = shapely.maximum_inscribed_circle(whole, tolerance=TOLERANCE_M)  # type: ignore[call-overload]
    low, high = 0.0, float(shapely.length(inscribed)) + 1.0
    while high - low > TOLERANCE_M / 4:
        middle = (low + high) / 2
        if is_passable(whole, start, end, middle):
            low = middle
        else:
            high = middle
    return Passage(width_m=2 * low, joined=True, narrowest_at=locate_bottleneck(whole, start, end, high))


def locate_bottleneck(
    area: BaseGeometry, start: BaseGeometry, end: BaseGeometry, radius_m: float
) -> BaseGeometry | None:
    """Return the point where a disc just too large gets stuck: between the part it can reach and the rest."""
    parts = shapely.get_parts(shrink_corridor(area, radius_m)).tolist()
    reach = radius_m + REACH_M
    first = [part for part in parts if shapely.dwithin(part, start, reach)]
    second = [part for part in parts if shapely.dwithin(part, end, reach)]
    if not first or not second:
        return end if first else start
    line = shapely.shortest_line(shapely.union_all(first), shapely.union_all(second))
    return shapely.line_interpolate_point(line, 0.5, normalized=True)
