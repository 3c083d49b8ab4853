"""Control zones: the area a rule makes from each feature it applies to. Pure geometry in one plane."""

from gis.zones.obstacles import allowed_height_m
from gis.zones.recipes import ZoneFeature, ZonePart, grow, make_part, plane_distance

__all__ = ["ZoneFeature", "ZonePart", "allowed_height_m", "grow", "make_part", "plane_distance"]
