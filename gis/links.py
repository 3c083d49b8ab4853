"""What a site takes of the corridor network as computed: paths, corridors, pinch points, agreement.

Read from the layers of the corridor study (``gis corridors``); a workspace without them says nothing here. It
informs the report and decides no verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from gis import crs
from gis.model import LinkTouch, Text

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from gis.workspace import Workspace
    from gis.zones import ZoneFeature

PATHS, BANDS = "corridor_paths", "corridor_bands"
PINCH_POINTS, AGREEMENT = "corridor_pinch_points", "corridor_agreement"
LINK_LAYERS = (PATHS, BANDS, PINCH_POINTS, AGREEMENT)
"""All layers read here."""
AGREEMENT_LEVELS = {"agreement_75": 0.75, "agreement_50": 0.5, "agreement_25": 0.25}
"""Kind of an area of agreement → the least share of runs that use it; the surest first."""


def meet_links(workspace: Workspace, site_plane: BaseGeometry) -> tuple[LinkTouch, ...]:
    """Return what a site (EPSG:4549) takes of each computed link it meets, in the order of the paths.

    A link is met where the site stands on its path, in its corridor or on its pinch point.
    """
    paths = met_by_id(workspace, PATHS, site_plane)
    bands = met_by_id(workspace, BANDS, site_plane)
    pinched = met_by_id(workspace, PINCH_POINTS, site_plane)
    ids = sorted({*paths, *bands, *pinched})
    if not ids:
        return ()
    level, level_m2 = find_agreement(workspace, site_plane)
    titles = name_links(workspace)
    return tuple(
        LinkTouch(
            link_id=link_id,
            title=titles.get(link_id, Text(link_id, link_id)),
            on_path=link_id in paths,
            band_m2=common_m2(bands.get(link_id), site_plane),
            pinch_m2=common_m2(pinched.get(link_id), site_plane),
            agreement_share=level,
            agreement_m2=level_m2,
        )
        for link_id in ids
    )


def met_by_id(workspace: Workspace, layer_id: str, site_plane: BaseGeometry) -> dict[str, ZoneFeature]:
    """Return the features of a layer that a site meets, by id; none where the workspace has no such layer."""
    if layer_id not in workspace.layers:
        return {}
    return {
        feature.feature_id: feature
        for feature in workspace.zones.features(layer_id)
        if shapely.intersects(feature.geometry, site_plane)
    }


def find_agreement(workspace: Workspace, site_plane: BaseGeometry) -> tuple[float | None, float]:
    """Return the surest share of runs that use land of a site, and how much of it they do (m²)."""
    met = met_by_id(workspace, AGREEMENT, site_plane)
    for kind, level in AGREEMENT_LEVELS.items():
        if kind in met:
            return level, common_m2(met[kind], site_plane)
    return None, 0.0


def common_m2(feature: ZoneFeature | None, site_plane: BaseGeometry) -> float:
    """Return the area a site has in common with a feature, on the ellipsoid."""
    if feature is None:
        return 0.0
    common = shapely.intersection(feature.geometry, site_plane)
    return crs.area_m2(common) if shapely.area(common) > 0 else 0.0


def name_links(workspace: Workspace) -> dict[str, Text]:
    """Return the names of the computed links by id."""
    layer = workspace.layers.get(PATHS)
    if layer is None:
        return {}
    columns = (layer.column(name) for name in ("id", "name_zh", "name_en"))
    return {str(link_id): Text(str(zh), str(en)) for link_id, zh, en in zip(*columns, strict=True)}
