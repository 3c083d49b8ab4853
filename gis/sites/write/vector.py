"""Sites as GeoPackage and as zipped shapefile, one layer a kind of geometry."""

from __future__ import annotations

import json
import tempfile
import warnings
import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame

    from gis.sites.system import System
    from gis.sites.write.outline import Outline

_LAYERS = {"polygon": "sites_polygon", "line": "sites_line", "point": "sites_point"}
_RESERVED = frozenset(("fid", "geom", "geometry", "ogc_fid"))


def write_geopackage(outlines: Sequence[Outline], system: System) -> bytes:
    """Return a GeoPackage."""
    with tempfile.TemporaryDirectory(prefix="gis-write-") as folder:
        path = Path(folder) / "sites.gpkg"
        for layer, frame in _make_frames(outlines, system):
            frame.to_file(path, layer=layer, driver="GPKG", engine="pyogrio")
        return path.read_bytes()


def write_shapefiles(outlines: Sequence[Outline], system: System) -> bytes:
    """Return zipped shapefiles in UTF-8 with a ``.cpg`` that says so; long field names are cut."""
    buffer = BytesIO()
    with tempfile.TemporaryDirectory(prefix="gis-write-") as folder, zipfile.ZipFile(buffer, "w") as archive:
        for layer, frame in _make_frames(outlines, system):
            with warnings.catch_warnings(action="ignore"):  # that names are cut is the format's nature
                frame.to_file(Path(folder) / f"{layer}.shp", engine="pyogrio", encoding="UTF-8")
        for path in sorted(Path(folder).iterdir()):
            archive.write(path, path.name, compress_type=zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _make_frames(outlines: Sequence[Outline], system: System) -> list[tuple[str, GeoDataFrame]]:
    import geopandas as gpd

    frames = []
    for kind, layer in _LAYERS.items():
        chosen = [outline for outline in outlines if outline.kind == kind]
        if chosen:
            rows = [{"name": outline.label} | _flatten(outline.properties) for outline in chosen]
            shapes = [outline.geometry for outline in chosen]
            frames.append((layer, gpd.GeoDataFrame(rows, geometry=shapes, crs=system.label)))
    return frames


def _flatten(properties: Any) -> dict[str, Any]:
    """Return attributes, lists and objects as JSON text, none under a name the format keeps for itself."""
    return {
        f"{name}_" if name.lower() in _RESERVED else name: (
            json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value
        )
        for name, value in properties.items()
        if name != "name"
    }
