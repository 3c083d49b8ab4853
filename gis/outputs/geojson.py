"""A result as GeoJSON for a GIS: the sites with their verdicts and the overlaps with their articles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gis.outputs.json import result_as_dict

if TYPE_CHECKING:
    from gis.model import CheckResult


def render_geojson(result: CheckResult) -> str:
    """Return an RFC 7946 FeatureCollection: a feature a site, then a feature an overlap."""
    table = result_as_dict(result)
    features: list[dict[str, Any]] = []
    for site in table["sites"]:
        features.append(
            _feature(
                site["geometry"],
                {
                    "role": "site",
                    "site_id": site["site_id"],
                    "name": site["name"],
                    "verdict": site["verdict"],
                    "area_m2": site["area_m2"],
                    "reasons": site["reasons"],
                },
            )
        )
        features.extend(
            _feature(
                finding["geometry"],
                {
                    "role": "overlap",
                    "site_id": site["site_id"],
                    "finding_id": finding["finding_id"],
                    "title_zh": finding["title"]["zh"],
                    "title_en": finding["title"]["en"],
                    "level": finding["level"],
                    "relation": finding["relation"],
                    "certainty": finding["certainty"],
                    "overlap_area_m2": (finding["overlap_area_m2"] or {}).get("as_drawn"),
                    "provisions": [f"{law['instrument']} {law['article']}" for law in finding["provisions"]],
                },
            )
            for finding in site["findings"]
            if finding["geometry"] is not None
        )
    collection = {"type": "FeatureCollection", "check_id": table["check_id"], "features": features}
    return json.dumps(collection, ensure_ascii=False, allow_nan=False) + "\n"


def _feature(geometry: dict[str, Any] | None, properties: dict[str, Any]) -> dict[str, Any]:
    """Return one GeoJSON feature."""
    return {"type": "Feature", "geometry": geometry, "properties": properties}
