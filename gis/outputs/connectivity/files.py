"""A whole study into a folder: figures, grids, features and pictures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gis.connectivity.features import list_features
from gis.connectivity.measures import is_placed
from gis.layers.build.writer import render_layer
from gis.outputs.connectivity.facts import list_provenance, study_as_dict
from gis.outputs.connectivity.pictures import write_pictures
from gis.outputs.connectivity.rasters import write_grids
from gis.outputs.connectivity.tables import render_study_xlsx
from gis.outputs.files import write_bytes, write_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gis.connectivity.study import Study

NAMES = {
    "corridor_paths": "paths.geojson",
    "corridor_bands": "bands.geojson",
    "corridor_agreement": "agreement.geojson",
    "corridor_pinch_points": "pinch_points.geojson",
    "corridor_barriers": "barriers.geojson",
}
"""Layer → its file in the folder."""


def write_study(study: Study, folder: Path) -> Iterator[Path]:
    """Write a study into a folder, each file whole or not at all; yield the files as they are done.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to.
    """
    yield write_text(folder / "metrics.json", render_study_json(study))
    yield write_bytes(folder / "metrics.xlsx", render_study_xlsx(study))
    if is_placed(study.ground):
        for layer_id, text in render_features(study).items():
            yield write_text(folder / NAMES[layer_id], text)
    yield from write_grids(study, folder)
    yield from write_pictures(study, folder)


def render_study_json(study: Study) -> str:
    """Return a study as JSON, two spaces in, Chinese as it is."""
    return json.dumps(study_as_dict(study), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def render_features(study: Study) -> dict[str, str]:
    """Return the features of a study as GeoJSON by layer, each collection with its provenance."""
    provenance = list_provenance(study)
    found = {}
    for layer_id, features in list_features(study).items():
        if not features:
            continue
        collection: dict[str, Any] = json.loads(render_layer(layer_id, features))
        collection["provenance"] = provenance
        found[layer_id] = json.dumps(collection, ensure_ascii=False, allow_nan=False) + "\n"
    return found
