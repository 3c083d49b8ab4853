"""What projects take from an ecological corridor: area, width before and after, and whether it is severed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import shapely

from gis import crs
from gis.corridors.width import Passage, measure_passage
from gis.model import CorridorEffect, Text

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class Corridor:
    """An ecological corridor with its ends, in the working plane.

    Parameters
    ----------
    area : shapely geometry
        Polygons in EPSG:4549.
    start, end : Point
        The two ends it joins, EPSG:4549.
    required_width_m : float or None
        Width it is meant to have on the ground; None where nobody says.
    before : Passage
        Its width with nothing taken from it.
    """

    id: str
    title: Text
    area: BaseGeometry
    start: BaseGeometry
    end: BaseGeometry
    required_width_m: float | None
    accuracy_m: float
    before: Passage = field(repr=False)


def place_corridor(
    *,
    corridor_id: str,
    title: Text,
    area: BaseGeometry,
    ends: tuple[tuple[float, float], tuple[float, float]],
    required_width_m: float | None,
    accuracy_m: float,
) -> Corridor:
    """Return a corridor with its width measured.

    Parameters
    ----------
    area : shapely geometry
        Polygons in EPSG:4549.
    ends : pair of (lon, lat)
        The places it joins, degrees.
    """
    start, end = (crs.to_plane(shapely.Point(lon, lat)) for lon, lat in ends)
    return Corridor(
        id=corridor_id,
        title=title,
        area=area,
        start=start,
        end=end,
        required_width_m=required_width_m,
        accuracy_m=accuracy_m,
        before=measure_passage(area, start, end),
    )


def measure_effect(corridor: Corridor, taken: BaseGeometry, *, lost: BaseGeometry) -> CorridorEffect | None:
    """Return what is left of a corridor when `taken` is out of it; None where they do not meet.

    Parameters
    ----------
    corridor : Corridor
    taken : shapely geometry
        Polygons in EPSG:4549: the sites widened by the disturbance distance.
    lost : shapely geometry
        The sites themselves, EPSG:4549: what of the corridor they cover is the area lost.
    """
    if not shapely.intersects(corridor.area, taken):
        return None
    rest = shapely.difference(corridor.area, taken)
    after = measure_passage(rest, corridor.start, corridor.end)
    common = shapely.intersection(corridor.area, lost)
    place = after.narrowest_at or shapely.centroid(shapely.intersection(corridor.area, taken))
    return CorridorEffect(
        corridor_id=corridor.id,
        title=corridor.title,
        severed=corridor.before.joined and not after.joined,
        area_lost_m2=crs.area_m2(common) if not common.is_empty else 0.0,
        width_before_m=ground_width(corridor.before, corridor),
        width_after_m=ground_width(after, corridor),
        required_width_m=corridor.required_width_m,
        narrowest_at=None if place.is_empty else crs.to_lonlat(place),
        accuracy_m=corridor.accuracy_m,
    )


def ground_width(passage: Passage, corridor: Corridor) -> float:
    """Return a width in metres on the ground: plane metres by the scale at its narrowest place."""
    place = passage.narrowest_at or shapely.centroid(corridor.area)
    x, _ = shapely.get_coordinates(place)[0]
    return passage.width_m / crs.scale_factor(float(x))
