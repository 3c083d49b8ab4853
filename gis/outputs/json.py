"""A :class:`CheckResult` as the site-check/1 object; the contract is ``gis/check-result.schema.json``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import shapely

from gis import crs
from gis.outputs.link_content import say_touch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely.geometry.base import BaseGeometry

    from gis.model import (
        Alternative,
        CheckResult,
        CorridorEffect,
        Finding,
        LayerUsed,
        Note,
        Provision,
        Range,
        SiteResult,
        Text,
    )

SCHEMA = "site-check/1"
PROGRAM = "hangzhou-gis"
COORDINATE_DIGITS = 9
"""0.1 mm on the ground."""


def result_as_dict(result: CheckResult) -> dict[str, Any]:
    """Return a result as the site-check/1 object, ready for JSON."""
    options = result.options
    return {
        "schema": SCHEMA,
        "check_id": result.check_id,
        "created": result.created,
        "on": result.on.isoformat(),
        "program": {
            "name": PROGRAM,
            "version": result.program_version,
            "libraries": dict(sorted(result.libraries.items())),
        },
        "rules": {"sha256": result.rules_sha256, "count": result.rules_count},
        "layers": [_layer(used) for used in result.layers],
        "options": {
            "on": options.on.isoformat(),
            "site_accuracy_m": options.site_accuracy_m,
            "near_m": options.near_m,
            "disturbance_m": options.disturbance_m,
            "datum": options.datum,
            "crs": options.crs,
            "accept_repairs": options.accept_repairs,
            "what_if": options.what_if,
        },
        "input": {
            "features_in": result.input.features_in,
            "files": [
                {
                    "name": file.name,
                    "sha256": file.sha256,
                    "format": file.format,
                    "encoding": file.encoding,
                    "crs_read": file.crs_read,
                    "notes": [_text(note) for note in file.notes],
                }
                for file in result.input.files
            ],
        },
        "sites": [_site(site) for site in result.sites],
        "rejected": [
            {
                "file": item.file,
                "index": item.index,
                "name": item.name,
                "code": item.code,
                "message": _text(item.message),
            }
            for item in result.input.rejected
        ],
        "corridors_together": [_corridor(effect) for effect in result.corridors_together],
        "summary": {"sites": len(result.sites), "by_verdict": result.by_verdict},
    }


def render_json(result: CheckResult) -> str:
    """Return a result as JSON text on one line: UTF-8, the same bytes for the same result."""
    return json.dumps(result_as_dict(result), ensure_ascii=False, allow_nan=False) + "\n"


def _text(text: Text) -> dict[str, str]:
    """Return a wording."""
    return {"zh": text.zh, "en": text.en}


def _geometry(geometry: BaseGeometry | None) -> Mapping[str, Any] | None:
    """Return a geometry as GeoJSON, coordinates to 0.1 mm."""
    if geometry is None or geometry.is_empty:
        return None
    rounded = shapely.transform(geometry, lambda xy: xy.round(COORDINATE_DIGITS))
    return dict(json.loads(shapely.to_geojson(rounded)))


def _range(value: Range | None) -> dict[str, float] | None:
    """Return a measure with its bounds."""
    return None if value is None else {"as_drawn": value.as_drawn, "min": value.min, "max": value.max}


def _layer(used: LayerUsed) -> dict[str, Any]:
    """Return a layer as the check found it."""
    entry = used.entry
    return {
        "layer_id": entry.id,
        "title": _text(entry.title),
        "status": used.status.value,
        "sha256": used.sha256,
        "data_date": entry.data_date,
        "source": entry.source,
        "licence": entry.licence,
        "accuracy_m": entry.accuracy_m,
        "provenance": entry.provenance,
        "feature_count": used.feature_count,
    }


def _provision(provision: Provision) -> dict[str, Any]:
    """Return an article of law."""
    start, end = provision.in_force_from, provision.in_force_until
    return {
        "instrument": provision.instrument,
        "article": provision.article,
        "version": provision.version,
        "in_force_from": None if start is None else start.isoformat(),
        "in_force_until": None if end is None else end.isoformat(),
        "source": provision.source,
        "verified": provision.verified,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    """Return a finding."""
    return {
        "finding_id": finding.finding_id,
        "rule_id": finding.rule_id,
        "layer_id": finding.layer_id,
        "feature_ids": list(finding.feature_ids),
        "title": _text(finding.title),
        "level": finding.level.value,
        "relation": finding.relation.value,
        "certainty": finding.certainty.value,
        "overlap_area_m2": _range(finding.overlap_area_m2),
        "share_of_site": _range(finding.share_of_site),
        "overlap_length_m": _range(finding.overlap_length_m),
        "distance_m": finding.distance_m,
        "bearing_deg": finding.bearing_deg,
        "accuracy_m": finding.accuracy_m,
        "height_limit_m": finding.height_limit_m,
        "pending": finding.pending,
        "requirement": _text(finding.requirement),
        "provisions": [_provision(provision) for provision in finding.provisions],
        "geometry": _geometry(finding.geometry),
    }


def _note(note: Note, *, with_area: bool) -> dict[str, Any]:
    """Return a repair or a warning."""
    table: dict[str, Any] = {"code": note.code, "message": _text(note.message)}
    if with_area and note.area_change_m2 is not None:
        table["area_change_m2"] = note.area_change_m2
    return table


def _site(result: SiteResult) -> dict[str, Any]:
    """Return the answer for one site."""
    site = result.site
    table: dict[str, Any] = {
        "site_id": site.site_id,
        "file": site.file,
        "index": site.index,
        "name": site.name,
        "kind": site.kind,
        "properties": dict(site.properties),
        "geometry": _geometry(site.geometry),
        "area_m2": result.area_m2,
        "length_m": result.length_m,
        "accuracy_m": result.accuracy_m,
        "repairs": [_note(note, with_area=True) for note in site.repairs],
        "warnings": [
            *(_note(note, with_area=False) for note in site.warnings),
            *({"code": "corridor_link", "message": _text(say_touch(touch))} for touch in result.links),
        ],
        "verdict": result.verdict.value,
        "reasons": list(result.reasons),
        "findings": [_finding(finding) for finding in result.findings],
        "corridor_effects": [_corridor(effect) for effect in result.corridor_effects],
        "unassessed": [
            {
                "layer_id": gap.layer_id,
                "title": _text(gap.title),
                "reason": gap.reason,
                "share_of_site": gap.share_of_site,
            }
            for gap in result.unassessed
        ],
        "coverage": result.coverage,
    }
    if result.alternatives is not None:
        table["alternatives"] = [_alternative(alternative) for alternative in result.alternatives]
    return table


def _alternative(alternative: Alternative) -> dict[str, Any]:
    """Return what a site could be instead; geometry null where nothing was found within reach."""
    place = alternative.geometry
    table: dict[str, Any] = {"kind": alternative.kind, "geometry": None}
    if place is not None and alternative.verdict is not None:
        table["geometry"] = _geometry(crs.to_lonlat(place))
        table["area_m2"] = alternative.area_m2
        table["verdict"] = alternative.verdict.value
        if alternative.kind == "shift":
            table |= {"dx_m": alternative.dx_m, "dy_m": alternative.dy_m}
    return table


def _corridor(effect: CorridorEffect) -> dict[str, Any]:
    """Return what sites take from one corridor."""
    return {
        "corridor_id": effect.corridor_id,
        "title": _text(effect.title),
        "severed": effect.severed,
        "area_lost_m2": effect.area_lost_m2,
        "width_before_m": effect.width_before_m,
        "width_after_m": effect.width_after_m,
        "required_width_m": effect.required_width_m,
        "narrowest_at": _geometry(effect.narrowest_at),
        "accuracy_m": effect.accuracy_m,
    }
