"""An ensemble by itself: how much land each share of the runs uses, and how sure each link is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.connectivity.measures import mean_between
from gis.connectivity.study import identify_study
from gis.corridors.gridfile import render_tiff
from gis.outputs.connectivity.facts import CAUTION, text_as_dict
from gis.outputs.files import write_bytes, write_text
from gis.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from gis.connectivity.study import Ensemble

LEVELS = (0.25, 0.5, 0.75, 0.9)


def ensemble_as_dict(found: Ensemble) -> dict[str, Any]:
    """Return the figures of an ensemble with what they were made from."""
    ground, options = found.ground, found.options
    area_ha = ground.cells.cell**2 / 1e4
    sources = ground.sources
    return {
        "schema": "corridor-ensemble/1",
        "runs": options.runs,
        "seed": options.seed,
        "used_ha": {
            f"{level:g}": round(float((found.agreement >= level).sum()) * area_ha, 4) for level in LEVELS
        },
        "links": [
            {
                "first": sources[route.first].id,
                "second": sources[route.second].id,
                "title": text_as_dict(sources[route.first].title)
                | {"to_zh": sources[route.second].title.zh, "to_en": sources[route.second].title.en},
                "agreement_share": round(mean_between(ground, route, found.agreement), 6),
            }
            for route in found.routes
        ],
        "provenance": {
            "program": f"hangzhou-gis {__version__}",
            "study_id": identify_study(ground, options),
            "table_sha256": ground.surface.table.sha256,
            "layers_sha256": dict(ground.layer_hashes),
            "cell_m": options.cell_m,
            "neighbours": options.neighbours,
            "band_share": ground.surface.table.study.band_share,
            "caution": text_as_dict(CAUTION),
        },
    }


def format_ensemble(found: Ensemble) -> str:
    """Return an ensemble as lines for a person."""
    facts = ensemble_as_dict(found)
    lines = [f"抽样 {facts['runs']} 次，种子 {facts['seed']} / {facts['runs']} runs, seed {facts['seed']}"]
    lines += [
        f"{float(level):>5.0%} 以上的抽样取用 / used by at least that share: {hectares:,.0f} ha"
        for level, hectares in facts["used_ha"].items()
    ]
    lines += [
        f"{link['agreement_share']:>5.0%}  {link['title']['zh']}—{link['title']['to_zh']}  "
        f"{link['title']['en']} – {link['title']['to_en']}"
        for link in facts["links"]
    ]
    return "\n".join(lines)


def write_ensemble(found: Ensemble, folder: Path) -> tuple[Path, ...]:
    """Write the share of runs as GeoTIFF and the figures as JSON; return the files."""
    facts = ensemble_as_dict(found)
    tags = {
        f"GIS_{key.upper()}": value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for key, value in {**facts["provenance"], "runs": facts["runs"], "seed": facts["seed"]}.items()
    }
    grid = found.ground.cells.with_values(np.asarray(found.agreement, dtype=np.float64))
    what = {"quantity": "share of the runs whose corridors use the cell"}
    text = json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False)
    return (
        write_text(folder / "ensemble.json", f"{text}\n"),
        write_bytes(folder / "agreement.tif", render_tiff(grid, tags=tags | what)),
    )
