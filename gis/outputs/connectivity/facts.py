"""What a study says of itself as plain tables: classes, sources, links, network, what it was made from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gis.model import Text
from gis.version import __version__

if TYPE_CHECKING:
    from gis.connectivity.ground import Ground
    from gis.connectivity.study import Study

STATUS = {
    "no_data": Text("研究区内无数据，未计入", "no data here, left out"),
    "inaccurate": Text("精度不足，未计入", "too inaccurate, left out"),
}

CAUTION = Text(
    "阻力值是推测的相对值，没有土地利用、林地与高程实测数据，道路铁路未计入；只宜比较，不作划界依据",
    "Resistances are guessed and relative; no land cover, woodland or elevations were at hand, roads and "
    "railways are left out: good for comparing, not for drawing a boundary",
)


def text_as_dict(text: Text) -> dict[str, str]:
    """Return a wording as a table."""
    return {"zh": text.zh, "en": text.en}


def list_classes(ground: Ground) -> list[dict[str, Any]]:
    """Return the classes of the surface with their shares, in the order of painting."""
    told = {item.class_id: item for item in ground.painted}
    return [
        {
            "id": item.id,
            "title": text_as_dict(item.title),
            "resistance": item.resistance,
            "low": item.low,
            "high": item.high,
            "confidence": item.confidence,
            "source": item.source,
            "share": float(share),
            "status": told[item.id].status if item.id in told else "own",
            "features": told[item.id].painted if item.id in told else 0,
            "left_out": told[item.id].left_out if item.id in told else 0,
            "accuracy_m": told[item.id].accuracy_m if item.id in told else None,
        }
        for item, share in zip(ground.surface.table.classes, ground.surface.shares(), strict=True)
    ]


def list_sources(ground: Ground) -> list[dict[str, Any]]:
    """Return the sources with their areas and accuracies."""
    return [
        {
            "number": source.number,
            "id": source.id,
            "title": text_as_dict(source.title),
            "area_ha": round(source.area_m2 / 1e4, 4),
            "accuracy_m": source.accuracy_m,
            "cells": int(source.cells.sum()),
        }
        for source in ground.sources
    ]


def list_links(study: Study) -> list[dict[str, Any]]:
    """Return the links with their figures."""
    return [
        {
            "id": link.id,
            "title": text_as_dict(link.title),
            "first": link.first.id,
            "second": link.second.id,
            "cost_resistance_km": round(link.cost_km, 6),
            "length_m": round(link.length_m, 2),
            "resistance_ohm": finite(link.resistance_ohm),
            "dpc_share": round(link.pc_share, 9),
            "agreement_share": None if link.agreement is None else round(link.agreement, 6),
        }
        for link in study.links
    ]


def list_barriers(study: Study) -> list[dict[str, Any]]:
    """Return the windows that shorten a link most when restored, the best first."""
    if study.barriers is None:
        return []
    names = {source.number: source.id for source in study.ground.sources}
    return [
        {
            "rank": barrier.rank,
            "first": names[barrier.pair[0]],
            "second": names[barrier.pair[1]],
            "radius_m": barrier.radius_m,
            "cost_resistance_km": round(barrier.distance / 1000.0, 6),
            "restored_resistance_km": round(barrier.recomputed_distance / 1000.0, 6),
            "gain_share": round(1.0 - barrier.recomputed_distance / barrier.distance, 9),
        }
        for barrier in study.barriers.barriers
    ]


def list_patches(study: Study) -> list[dict[str, Any]]:
    """Return what each source gives to the network: dPC with its three parts, and dIIC."""
    pc, iic = study.network.pc, study.network.iic
    return [
        {
            "id": source.id,
            "title": text_as_dict(source.title),
            "area_ha": round(source.area_m2 / 1e4, 4),
            "dpc": round(float(pc.patches[index]), 9),
            "dpc_intra": round(float(pc.intra[index]), 9),
            "dpc_flux": round(float(pc.flux[index]), 9),
            "dpc_connector": round(float(pc.connector[index]), 9),
            "diic": round(float(iic.patches[index]), 9),
        }
        for index, source in enumerate(study.ground.sources)
    ]


def list_network(study: Study) -> dict[str, Any]:
    """Return the indices of the whole network; PC of the study area as landscape."""
    table = study.ground.surface.table.study
    west, south, east, north = study.ground.cells.bounds
    landscape_m2 = (east - west) * (north - south)
    return {
        "distance_resistance_km": table.distance_km,
        "probability": table.probability,
        "least_probability": table.least_probability,
        "landscape_ha": round(landscape_m2 / 1e4, 4),
        "pc_num_ha2": study.network.pc.numerator / 1e8,
        "pc": study.network.pc.numerator / landscape_m2**2,
        "ec_ha": study.network.pc.equivalent_area_m2 / 1e4,
        "iic_num_ha2": study.network.iic.numerator / 1e8,
        "iic": study.network.iic.numerator / landscape_m2**2,
        "ec_iic_ha": study.network.iic.equivalent_area_m2 / 1e4,
    }


def list_provenance(study: Study) -> dict[str, Any]:
    """Return what the figures hang on: it stands in every file of a study."""
    options, ground = study.options, study.ground
    return {
        "program": f"hangzhou-gis {__version__}",
        "study_id": study.study_id,
        "table_sha256": ground.surface.table.sha256,
        "layers_sha256": dict(ground.layer_hashes),
        "crs": ground.cells.crs,
        "bounds": list(ground.cells.bounds),
        "cell_m": options.cell_m,
        "neighbours": options.neighbours,
        "average": options.average,
        "band_share": ground.surface.table.study.band_share,
        "runs": options.runs,
        "seed": options.seed,
        "variation": ground.surface.table.study.variation,
        "variation_m": ground.surface.table.study.variation_m,
        "slope": ground.surface.slope_of is not None,
        "missing": [item.class_id for item in ground.painted if item.status in STATUS],
        "references": list(ground.surface.table.references),
        "caution": text_as_dict(CAUTION),
    }


def study_as_dict(study: Study) -> dict[str, Any]:
    """Return a whole study as one table."""
    return {
        "schema": "corridor-study/1",
        "provenance": list_provenance(study),
        "network": list_network(study),
        "sources": list_patches(study),
        "links": list_links(study),
        "barriers": list_barriers(study),
        "classes": list_classes(study.ground),
    }


def finite(value: float) -> float | None:
    """Return a number JSON can hold: None for what is no number or infinite."""
    return value if math.isfinite(value) else None


def flat_tags(study: Study) -> dict[str, str]:
    """Return the provenance as the tags of a GeoTIFF."""
    import json

    return {
        f"GIS_{key.upper()}": value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for key, value in list_provenance(study).items()
    }
