"""Ground on a sheet of which the data do not reach: shown as such, never as empty land."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from gis.sheets.borders import SEA
from gis.sheets.content import CLIP_MARGIN_MM, MAX_EDGE_DEG, MapFeature

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gis.model import Layer
    from gis.sheets.frame import PaperFrame
    from gis.styles import Styles

BEYOND = "beyond_data"
"""Kind and style of ground that the data do not reach."""

LEAST_SHARE = 1e-4
"""Less than this share of a sheet is not shown."""


def beyond_features(layers: Iterable[Layer], styles: Styles, paper: PaperFrame) -> tuple[MapFeature, ...]:
    """Return the ground outside the coverage of the layer that tells land from sea, on paper.

    Parameters
    ----------
    layers : iterable of Layer
        Those a sheet shows, EPSG:4490; without one that has a sea, or with one that says of no ground what it
        covers, nothing is returned.
    """
    for layer in layers:
        if layer.coverage is None or SEA not in layer.column("kind"):
            continue
        west, south, east, north = paper.area.bounds_lonlat
        near = shapely.box(west - 1, south - 1, east + 1, north + 1)
        known = shapely.intersection(shapely.make_valid(layer.coverage), near)
        placed = paper.place_geometry(shapely.segmentize(known, MAX_EDGE_DEG))
        sheet = shapely.buffer(paper.polygon, CLIP_MARGIN_MM, join_style="mitre")
        beyond = shapely.difference(sheet, shapely.make_valid(placed))
        if shapely.intersection(beyond, paper.polygon).area < LEAST_SHARE * paper.polygon.area:
            continue
        return (
            MapFeature(
                feature_id=BEYOND,
                entry=layer.entry,
                kind=BEYOND,
                name="",
                style=styles.find(BEYOND),
                geometry=beyond,
                inside=True,
                accuracy_m=None,
                rank=0.0,
            ),
        )
    return ()
