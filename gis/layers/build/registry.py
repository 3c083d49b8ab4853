"""Which layers are computed from installed data sets or from other layers, not drawn in ``layers/sources``.

A builder takes the workspace folder and returns the layer's features. A layer whose catalogue path starts
with ``cache:`` is written to the cache; any other to its place below ``layers/``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gis.layers.build.airports import build_airports
from gis.layers.build.belts import build_shelterbelts
from gis.layers.build.boundaries import build_boundaries_county, build_boundaries_prefecture
from gis.layers.build.clearance import build_airport_clearance
from gis.layers.build.coast import build_coast
from gis.layers.build.drinking import build_drinking_water
from gis.layers.build.places import build_places
from gis.layers.build.sections import build_monitoring_sections
from gis.layers.build.water import build_river_axis, build_river_water
from gis.layers.build.writer import Feature

Builder = Callable[[Path], Sequence[Feature]]

BUILDERS: Mapping[str, Builder] = {
    "airport_clearance": build_airport_clearance,
    "airports": build_airports,
    "boundaries_county": build_boundaries_county,
    "boundaries_prefecture": build_boundaries_prefecture,
    "coast": build_coast,
    "drinking_water": build_drinking_water,
    "monitoring_sections": build_monitoring_sections,
    "places": build_places,
    "river_axis": build_river_axis,
    "river_water": build_river_water,
    "shelterbelts": build_shelterbelts,
}
"""Builder by layer id."""
