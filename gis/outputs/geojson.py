"""A result as GeoJSON for a GIS: the sites, the overlaps with their articles, the zones met."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import shapely

from gis import crs
from gis.outputs.json import result_as_dict
from gis.outputs.zones import list_zones

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from gis.model import CheckResult, Finding
    from gis.workspace import Workspace
    from gis.zones import ZonePart

ZONE_DIGITS = 7
"""1 cm on the ground: no zone is known better."""


def render_geojson(result: CheckResult, workspace: Workspace | None = None) -> str:
    """Return an RFC 7946 FeatureCollection: a feature a site, an overlap, and a zone met or near.

    Parameters
    ----------
    result : CheckResult
    workspace : Workspace, optional
        Where the zones come from; without it they are left out.

    Notes
    -----
    ``role`` says what a feature is: ``site``, ``overlap``, ``alternative`` or ``zone``. A zone is given
    whole, one a rule and feature; one *outside* its features is given by them (``recipe`` is ``outside``).
    """
    table = result_as_dict(result)
    features: list[dict[str, Any]] = []
    for number, site in enumerate(table["sites"], start=1):
        features.append(_site(number, site))
        features.extend(
            _overlap(site, finding) for finding in site["findings"] if finding["geometry"] is not None
        )
        features.extend(
            _alternative(site, alternative)
            for alternative in site.get("alternatives", ())
            if alternative["geometry"] is not None
        )
    if workspace is not None:
        features.extend(_zone(finding, part, workspace) for finding, part in list_zones(result, workspace))
    collection = {"type": "FeatureCollection", "check_id": table["check_id"], "features": features}
    return json.dumps(collection, ensure_ascii=False, allow_nan=False) + "\n"


def _site(number: int, site: dict[str, Any]) -> dict[str, Any]:
    """Return the feature of one site."""
    return _feature(
        site["geometry"],
        {
            "role": "site",
            "number": number,
            "site_id": site["site_id"],
            "name": site["name"],
            "file": site["file"],
            "verdict": site["verdict"],
            "area_m2": site["area_m2"],
            "length_m": site["length_m"],
            "reasons": site["reasons"],
        },
    )


def _overlap(site: dict[str, Any], finding: dict[str, Any]) -> dict[str, Any]:
    """Return the feature of one overlap."""
    return _feature(
        finding["geometry"],
        {
            "role": "overlap",
            "site_id": site["site_id"],
            "finding_id": finding["finding_id"],
            "rule_id": finding["rule_id"],
            "title_zh": finding["title"]["zh"],
            "title_en": finding["title"]["en"],
            "level": finding["level"],
            "relation": finding["relation"],
            "certainty": finding["certainty"],
            "overlap_area_m2": (finding["overlap_area_m2"] or {}).get("as_drawn"),
            "overlap_length_m": (finding["overlap_length_m"] or {}).get("as_drawn"),
            "provisions": [f"{law['instrument']} {law['article']}" for law in finding["provisions"]],
        },
    )


def _alternative(site: dict[str, Any], alternative: dict[str, Any]) -> dict[str, Any]:
    """Return the feature of what a site could be instead."""
    others = {key: value for key, value in alternative.items() if key != "geometry"}
    return _feature(alternative["geometry"], {"role": "alternative", "site_id": site["site_id"], **others})


def _zone(finding: Finding, part: ZonePart, workspace: Workspace) -> dict[str, Any]:
    """Return the feature of one zone part."""
    rule = next(rule for rule in workspace.rules.rules if rule.id == finding.rule_id)
    return _feature(
        _zone_geometry(part.geometry),
        {
            "role": "zone",
            "rule_id": finding.rule_id,
            "layer_id": finding.layer_id,
            "feature_id": part.feature.feature_id,
            "title_zh": finding.title.zh,
            "title_en": finding.title.en,
            "level": finding.level.value,
            "recipe": rule.recipe.type,
            "settled": part.settled,
            "accuracy_m": part.feature.accuracy_m,
        },
    )


def _zone_geometry(geometry: BaseGeometry) -> dict[str, Any] | None:
    """Return a zone (EPSG:4549) as GeoJSON in degrees."""
    if geometry.is_empty:
        return None
    lonlat = shapely.transform(
        crs.transform(geometry, crs.PLANE, crs.GEOGRAPHIC), lambda xy: xy.round(ZONE_DIGITS)
    )
    return dict(json.loads(shapely.to_geojson(lonlat)))


def _feature(geometry: dict[str, Any] | None, properties: dict[str, Any]) -> dict[str, Any]:
    """Return one GeoJSON feature."""
    return {"type": "Feature", "geometry": geometry, "properties": properties}
