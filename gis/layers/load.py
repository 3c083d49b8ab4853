"""Open the layers of a catalogue: read, verify by hash, place their coverage; a broken one is failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.errors import CatalogueError, LayerError, NotFoundError
from gis.layers.coverage import CACHE_PREFIX, locate_layer, place_coverage
from gis.layers.file import open_table
from gis.layers.geojson import parse_features
from gis.layers.kept import KeptFiles
from gis.layers.postgis import is_database, read_table
from gis.layers.soundness import verify_digest, verify_rows, verify_shapes
from gis.layers.table import TableLayer
from gis.model import Layer, LayerEntry, LayerStatus, Text

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from gis.catalogue import Catalogue

__all__ = ["CACHE_PREFIX", "locate_layer", "open_layer", "place_coverage", "read_features"]


def read_features(content: bytes, *, where: str) -> gpd.GeoDataFrame:
    """Return the features of a GeoJSON text as a table.

    Parameters
    ----------
    content : bytes
        RFC 7946 FeatureCollection, UTF-8, lon/lat degrees.
    where : str
        Layer named in errors.

    Returns
    -------
    GeoDataFrame
        One row a feature in file order, EPSG:4490, any geometry type, every property a column; always the
        columns ``id name_zh name_en kind accuracy_m``.

    Raises
    ------
    LayerError
        If the text is not a FeatureCollection, or a feature lacks an id or a geometry.
    """
    return parse_features(content, where=where).to_frame()


def open_layer(entry: LayerEntry, *, layers_dir: Path, cache_dir: Path, catalogue: Catalogue) -> Layer:
    """Open one layer and verify it against its catalogue entry.

    A layer that cannot be used comes back with status ``failed`` and its problem: a check then says
    "not assessed", never "nothing here".

    Parameters
    ----------
    entry : LayerEntry
    layers_dir, cache_dir : Path
        The workspace's ``layers/`` folder and the folder of layers built at set-up.
    catalogue : Catalogue
        For named coverage areas.
    """
    try:
        if is_database(entry.path):
            return _open_database(entry, catalogue, layers_dir=layers_dir, cache_dir=cache_dir)
        path = locate_layer(entry, layers_dir=layers_dir, cache_dir=cache_dir)
        if path is None:
            return Layer(entry=entry, status=LayerStatus.NO_DATA, frame=None, sha256=None)
        return _open_file(entry, path, catalogue, layers_dir=layers_dir, cache_dir=cache_dir)
    except OSError as error:
        problem = Text(f"无法读取图层文件：{error}", f"the layer file cannot be read: {error}")
    except (LayerError, CatalogueError, NotFoundError) as error:
        problem = Text(error.zh, error.en)
    return Layer(entry=entry, status=LayerStatus.FAILED, frame=None, sha256=None, problem=problem)


def _open_file(
    entry: LayerEntry, path: Path, catalogue: Catalogue, *, layers_dir: Path, cache_dir: Path
) -> Layer:
    """Return the layer of a file, if it is the catalogue's."""
    table = open_table(entry, path, KeptFiles(cache_dir))
    coverage = place_coverage(
        entry,
        lambda: table.geometries,
        catalogue=catalogue,
        layers_dir=layers_dir,
        cache_dir=cache_dir,
        sha256=entry.sha256,
    )
    return TableLayer(entry, table, sha256=entry.sha256 or "", coverage=coverage)


def _open_database(entry: LayerEntry, catalogue: Catalogue, *, layers_dir: Path, cache_dir: Path) -> Layer:
    """Return the layer of a table in a database."""
    frame, digest = read_table(entry)
    if entry.sha256 is not None:
        verify_digest(entry, digest)
    shapes = frame.geometry.to_numpy()
    verify_rows(entry, frame["id"].tolist(), frame["accuracy_m"].tolist())
    verify_shapes(entry, frame["id"].tolist(), shapes)
    coverage = place_coverage(entry, shapes, catalogue=catalogue, layers_dir=layers_dir, cache_dir=cache_dir)
    return Layer(entry=entry, status=LayerStatus.OK, frame=frame, sha256=digest, coverage=coverage)
