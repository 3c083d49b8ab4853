"""What a layer's file must be by its catalogue entry: hash, rows, ids, accuracies, valid geometries."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.errors import LayerError
from gis.layers.postgis import is_database

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gis.model import LayerEntry


def verify_file(entry: LayerEntry, path: Path) -> None:
    """Compare the hash of a layer's file with the catalogue, without having it in memory whole.

    Raises
    ------
    LayerError
        If they differ.
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        verify_digest(entry, hashlib.file_digest(file, "sha256").hexdigest())


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
    broken = find_broken(geometries)
    if broken is not None:
        raise tell_broken(entry, ids[broken])


def find_broken(geometries: NDArray[np.object_]) -> int | None:
    """Return the number of the first invalid geometry; None where all are valid or missing."""
    broken = np.flatnonzero(~shapely.is_valid(geometries) & ~shapely.is_missing(geometries))
    return int(broken[0]) if len(broken) else None


def tell_broken(entry: LayerEntry, feature_id: str) -> LayerError:
    """Return the error for a feature of an invalid geometry."""
    return LayerError(
        f"图层 {entry.id} 的要素 {feature_id} 几何无效",
        f"layer {entry.id}: the geometry of {feature_id} is invalid",
        where=f"{entry.id}/{feature_id}",
        code="layers.geometry",
    )
