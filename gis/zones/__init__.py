"""Control zones: the area a rule makes from each feature it applies to. Pure geometry in one plane."""

from gis.zones.obstacles import allowed_height_m
from gis.zones.recipes import ZoneFeature, ZonePart, grow, make_part, plane_distance
from gis.zones.rivers import RiverNetwork, link_rivers

__all__ = [
    "RiverNetwork",
    "ZoneFeature",
    "ZonePart",
    "allowed_height_m",
    "grow",
    "link_rivers",
    "make_part",
    "plane_distance",
]
