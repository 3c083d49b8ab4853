"""The file of a layer: verified against its catalogue entry, parsed once and kept from then on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import shapely

from gis.errors import LayerError
from gis.layers.columns import Columns
from gis.layers.geojson import (
    LINES_BYTES,
    NotLinesError,
    join_runs,
    parse_features,
    parse_whole,
    read_runs,
)
from gis.layers.kept import WORTH_BYTES, KeptFiles, NotKeptError
from gis.layers.packing import join_shapes, pack_properties, pack_shapes, unpack_properties
from gis.layers.soundness import (
    find_broken,
    tell_broken,
    verify_digest,
    verify_file,
    verify_rows,
    verify_shapes,
)
from gis.layers.stored import FEATURES, UNREADABLE, StoredTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gis.layers.table import FeatureTable
    from gis.model import LayerEntry

BLOCK_VERTICES = 100_000
"""Vertices of a kept block, about."""


def open_table(entry: LayerEntry, path: Path, kept: KeptFiles) -> FeatureTable:
    """Return the sound features of a layer's file, from what is kept where its hash is known.

    Raises
    ------
    LayerError
        If the file is not the catalogue's, is no FeatureCollection or its features are not sound.
    OSError
        If it cannot be read.
    """
    if path.stat().st_size >= LINES_BYTES:
        verify_file(entry, path)
        return _find_kept(entry, path, kept) or read_table(entry, path, kept, hold=False)
    content = path.read_bytes()
    verify_digest(entry, hashlib.sha256(content).hexdigest())
    if len(content) >= WORTH_BYTES:
        known = _find_kept(entry, path, kept)
        return known or _keep(entry, path, kept, [parse_features(content, where=entry.id)], hold=True)
    table = parse_features(content, where=entry.id)
    verify_rows(entry, table.column("id"), table.column("accuracy_m"))
    verify_shapes(entry, table.column("id"), table.geometries)
    return table


def read_table(entry: LayerEntry, path: Path, kept: KeptFiles, *, hold: bool) -> FeatureTable:
    """Return the features of a layer's file read anew, and keep them.

    Parameters
    ----------
    hold : bool
        Whether the geometries stay in memory; they do where they cannot be kept.

    Raises
    ------
    LayerError, OSError
        As for :func:`open_table`.
    """
    digest = hashlib.sha256()

    def read_lines() -> Iterator[bytes]:
        with path.open("rb") as file:
            for line in file:
                digest.update(line)
                yield line

    def verify() -> None:
        verify_digest(entry, digest.hexdigest())

    try:
        runs = read_runs(read_lines(), where=entry.id)
        return _keep(entry, path, kept, runs, hold=hold, verify=verify)
    except NotKeptError:
        return read_table(entry, path, kept, hold=True)
    except NotLinesError:
        content = path.read_bytes()
        verify_digest(entry, hashlib.sha256(content).hexdigest())
        return _keep(entry, path, kept, [parse_whole(content, where=entry.id)], hold=True)


def _find_kept(entry: LayerEntry, path: Path, kept: KeptFiles) -> FeatureTable | None:
    """Return the features kept of a file of the catalogue's hash; None where they are not."""
    columns = Columns()
    try:
        for block in kept.read_blocks(FEATURES, entry.sha256 or "", step=2):
            columns.extend(unpack_properties(block))
    except UNREADABLE:
        return None
    return _store(entry, path, kept, columns, None)


def _keep(
    entry: LayerEntry,
    path: Path,
    kept: KeptFiles,
    runs: Iterable[FeatureTable],
    *,
    hold: bool,
    verify: Callable[[], None] = lambda: None,
) -> FeatureTable:
    """Return features, once they are found sound and kept; `verify` is asked when all are read.

    Raises
    ------
    NotKeptError
        If they cannot be kept and are not to be held in memory.
    """
    columns = Columns()
    held: list[NDArray[np.object_]] = []
    broken: str | None = None
    with kept.write(FEATURES, entry.sha256 or "") as file:
        for run in _gather(runs):
            number = find_broken(run.geometries)
            if number is not None and broken is None:
                broken = str(run.properties[number]["id"])
            file.add(pack_properties(run.properties))
            file.add(pack_shapes(run.geometries))
            if not (hold or file.is_sound):
                raise NotKeptError
            columns.extend(run.properties)
            if hold:
                held.append(run.geometries)
        verify()
        table = _store(entry, path, kept, columns, join_shapes(held) if hold else None)
        if broken is not None:
            raise tell_broken(entry, broken)
    if not (hold or file.is_sound):
        raise NotKeptError
    return table


def _store(
    entry: LayerEntry,
    path: Path,
    kept: KeptFiles,
    columns: Columns,
    geometries: NDArray[np.object_] | None,
) -> FeatureTable:
    """Return features whose rows are those of the catalogue."""
    table = StoredTable(
        columns,
        kept=kept,
        digest=entry.sha256 or "",
        read_anew=lambda: _read_again(entry, path, kept),
        geometries=geometries,
    )
    verify_rows(entry, table.column("id"), table.column("accuracy_m"))
    return table


def _read_again(entry: LayerEntry, path: Path, kept: KeptFiles) -> FeatureTable:
    """Return the features of a layer that was opened before, its geometries in memory.

    Raises
    ------
    LayerError
        If its file has gone, or is not what it was.
    """
    try:
        return read_table(entry, path, kept, hold=True)
    except OSError as error:
        raise LayerError(
            f"图层 {entry.id} 打开之后，其文件无法再读取：{error}",
            f"the file of layer {entry.id} cannot be read any more since it was opened: {error}",
            where=entry.id,
            hint_zh="恢复该文件后重新打开",
            hint_en="put the file back and open the workspace again",
            code="layers.gone",
        ) from error


def _gather(runs: Iterable[FeatureTable]) -> Iterator[FeatureTable]:
    """Yield runs of features joined to blocks of some `BLOCK_VERTICES`."""
    waiting: list[FeatureTable] = []
    vertices = 0
    for run in runs:
        waiting.append(run)
        vertices += int(shapely.get_num_coordinates(run.geometries).sum())
        if vertices >= BLOCK_VERTICES:
            yield join_runs(waiting)
            waiting, vertices = [], 0
    if waiting:
        yield join_runs(waiting)
