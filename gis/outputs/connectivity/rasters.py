"""Grids of a study as GeoTIFF, with what they were made from in their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis.corridors.gridfile import render_tiff
from gis.outputs.connectivity.facts import flat_tags
from gis.outputs.files import write_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from gis.connectivity.ground import Ground
    from gis.connectivity.study import Study
    from gis.corridors.grid import Grid


def write_ground(ground: Ground, folder: Path) -> tuple[Path, ...]:
    """Write the resistance surface and the classes it was painted from; return the files."""
    import json

    tags = {
        "quantity": "resistance, relative to the easiest class",
        "GIS_TABLE_SHA256": ground.surface.table.sha256,
        "GIS_LAYERS_SHA256": json.dumps(dict(ground.layer_hashes)),
    }
    names = {str(number): item.id for number, item in enumerate(ground.surface.table.classes)}
    classes = ground.cells.with_values(ground.surface.class_of.astype(np.float64))
    return (
        write_bytes(folder / "resistance.tif", render_tiff(ground.surface.resistance(), tags=tags)),
        write_bytes(
            folder / "classes.tif",
            render_tiff(classes, tags=tags | {"quantity": "class of land", "classes": json.dumps(names)}),
        ),
    )


def list_grids(study: Study) -> dict[str, tuple[Grid, str]]:
    """Return the grids of a study by file name, each with what it holds."""
    cells = study.ground.cells
    found = {
        "resistance": (study.resistance, "resistance, relative to the easiest class"),
        "corridor": (
            cells.with_values(np.where(np.isfinite(study.excess), study.excess, np.nan)),
            "least share by which a route through the cell is dearer than a least-cost path",
        ),
        "current": (study.current_a, "current in ampere, summed over all pairs of sources"),
    }
    if study.barriers is not None:
        found["barriers"] = (
            study.barriers.percent,
            "percent by which a restored window about the cell shortens the link it helps most",
        )
    if study.agreement is not None:
        found["agreement"] = (
            cells.with_values(study.agreement),
            "share of the runs whose corridors use the cell",
        )
    return found


def write_grids(study: Study, folder: Path) -> tuple[Path, ...]:
    """Write every grid of a study as GeoTIFF; return the files."""
    tags = flat_tags(study)
    return tuple(
        write_bytes(folder / f"{name}.tif", render_tiff(grid, tags=tags | {"quantity": what}))
        for name, (grid, what) in list_grids(study).items()
    )
