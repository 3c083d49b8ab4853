"""Which layers are computed from installed data sets instead of read from ``layers/sources``.

A builder takes the workspace folder and returns the layer's features. A layer whose catalogue path starts
with ``cache:`` is written to the cache; any other to its place below ``layers/``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gis.layers.build.boundaries import build_boundaries_county, build_boundaries_prefecture
from gis.layers.build.coast import build_coast
from gis.layers.build.places import build_places
from gis.layers.build.water import build_river_axis, build_river_water
from gis.layers.build.writer import Feature

Builder = Callable[[Path], Sequence[Feature]]

BUILDERS: Mapping[str, Builder] = {
    "boundaries_county": build_boundaries_county,
    "boundaries_prefecture": build_boundaries_prefecture,
    "coast": build_coast,
    "places": build_places,
    "river_axis": build_river_axis,
    "river_water": build_river_water,
}
"""Builder by layer id."""
