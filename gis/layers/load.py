"""Open the layers of a catalogue: read, verify by hash, place their coverage; a broken one is failed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.errors import CatalogueError, LayerError, NotFoundError
from gis.layers.coverage import CACHE_PREFIX, locate_layer, place_coverage
from gis.layers.kept import WORTH_BYTES, KeptFiles
from gis.layers.postgis import is_database, read_table
from gis.layers.table import TableLayer, parse_features
from gis.model import Layer, LayerEntry, LayerStatus, Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.catalogue import Catalogue

__all__ = ["CACHE_PREFIX", "locate_layer", "open_layer", "place_coverage", "read_features", "read_layer_file"]


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
        content = read_layer_file(entry, layers_dir=layers_dir, cache_dir=cache_dir)
        if content is None:
            return Layer(entry=entry, status=LayerStatus.NO_DATA, frame=None, sha256=None)
        return _open_file(entry, content, catalogue, layers_dir=layers_dir, cache_dir=cache_dir)
    except OSError as error:
        problem = Text(f"无法读取图层文件：{error}", f"the layer file cannot be read: {error}")
    except (LayerError, CatalogueError, NotFoundError) as error:
        problem = Text(error.zh, error.en)
    return Layer(entry=entry, status=LayerStatus.FAILED, frame=None, sha256=None, problem=problem)


def _open_file(
    entry: LayerEntry, content: bytes, catalogue: Catalogue, *, layers_dir: Path, cache_dir: Path
) -> Layer:
    """Return the layer of a file whose bytes have the catalogue's hash."""
    digest = entry.sha256 or ""
    kept = KeptFiles(cache_dir)
    worth = len(content) >= WORTH_BYTES
    known = kept.read_table(digest) if worth else None
    table = known or parse_features(content, where=entry.id)
    verify_rows(entry, table.column("id"), table.column("accuracy_m"))
    if known is None:
        verify_shapes(entry, table.column("id"), table.geometries)
        if worth:
            kept.write_table(digest, table)
    coverage = place_coverage(
        entry, table.geometries, catalogue=catalogue, layers_dir=layers_dir, cache_dir=cache_dir
    )
    return TableLayer(entry, table, sha256=digest, coverage=coverage)


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


def read_layer_file(entry: LayerEntry, *, layers_dir: Path, cache_dir: Path) -> bytes | None:
    """Return the bytes of a layer's file, of the hash the catalogue says; None where it has no data.

    Raises
    ------
    LayerError
        If the file leads out of its folder or is not the one of the catalogue.
    OSError
        If it cannot be read.
    """
    path = locate_layer(entry, layers_dir=layers_dir, cache_dir=cache_dir)
    if path is None:
        return None
    content = path.read_bytes()
    verify_digest(entry, hashlib.sha256(content).hexdigest())
    return content


def verify_digest(entry: LayerEntry, digest: str) -> None:
    """Compare the hash of a layer file with the catalogue.

    Raises
    ------
    LayerError
        If they differ.
    """
    if entry.sha256 != digest:
        raise LayerError(
            f"图层 {entry.id} 的文件与目录登记的哈希不一致：登记 {entry.sha256}，实际 {digest}",
            f"layer {entry.id}: the file's hash {digest} is not the catalogue's {entry.sha256}",
            where=entry.id,
            hint_zh="文件被改动过：用 gis layers build 重建，或用 gis layers replace 正式更换",
            hint_en="the file was changed: gis layers build makes it anew, gis layers replace takes it in",
            code="layers.hash",
        )


def verify_rows(entry: LayerEntry, ids: Sequence[str], accuracies_m: Sequence[float | None]) -> None:
    """Compare rows, ids and accuracies with the catalogue entry.

    Raises
    ------
    LayerError
        If the number of rows differs, an id stands twice, or a feature is of no stated accuracy.
    """
    if len(ids) != entry.rows and not (is_database(entry.path) and entry.rows == 0):
        raise LayerError(
            f"图层 {entry.id} 有 {len(ids)} 个要素，目录登记 {entry.rows} 个",
            f"layer {entry.id} has {len(ids)} features, the catalogue says {entry.rows}",
            where=entry.id,
            code="layers.rows",
        )
    if len(set(ids)) != len(ids):
        doubled = next(one for number, one in enumerate(ids) if one in ids[:number])
        raise LayerError(
            f"图层 {entry.id} 的要素 id {doubled} 重复",
            f"layer {entry.id} has the feature id {doubled} twice",
            where=f"{entry.id}/{doubled}",
            code="layers.feature_id",
        )
    if entry.accuracy_m is None and any(one is None or one != one for one in accuracies_m):  # noqa: PLR0124 - NaN
        raise LayerError(
            f"图层 {entry.id} 没有登记位置精度 accuracy_m，无法判断确定性",
            f"layer {entry.id} states no accuracy_m, so nothing can be said with certainty",
            where=entry.id,
            hint_zh="在目录条目或要素属性中填写 accuracy_m（95 % 置信，米）",
            hint_en="state accuracy_m (95 %, metres) in the catalogue entry or on the features",
            code="layers.accuracy",
        )


def verify_shapes(entry: LayerEntry, ids: Sequence[str], geometries: NDArray[np.object_]) -> None:
    """Look for invalid geometries (EPSG:4490).

    Raises
    ------
    LayerError
        If there is one.
    """
    broken = np.flatnonzero(~shapely.is_valid(geometries) & ~shapely.is_missing(geometries))
    if len(broken):
        one = ids[int(broken[0])]
        raise LayerError(
            f"图层 {entry.id} 的要素 {one} 几何无效",
            f"layer {entry.id}: the geometry of {one} is invalid",
            where=f"{entry.id}/{one}",
            code="layers.geometry",
        )
