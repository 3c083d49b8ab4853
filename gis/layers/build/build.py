"""The build of the layers: sources and installed data sets → GeoJSON files, counts and hashes.

Deterministic: the same inputs give the same bytes. Needs no network.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gis.catalogue import read_catalogue
from gis.errors import LayerError
from gis.layers.build.digitised import BuiltFiles, read_digitised
from gis.layers.build.registry import BUILDERS
from gis.layers.build.shapes import ShapeContext
from gis.layers.build.writer import WrittenFile, update_catalogue, write_layer
from gis.layers.load import CACHE_PREFIX, locate_layer
from gis.layers.replace import is_replaced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gis.catalogue import Catalogue
    from gis.layers.build.registry import Builder
    from gis.model import LayerEntry


@dataclass(frozen=True, slots=True)
class BuiltLayer:
    """What the build did to one layer."""

    layer_id: str
    file: WrittenFile


def select_entries(catalogue: Catalogue, only: Sequence[str]) -> tuple[LayerEntry, ...]:
    """Return the entries to build, in catalogue order: those named, or all that have a file.

    Raises
    ------
    NotFoundError
        If a layer named is not in the catalogue.
    LayerError
        If a layer named is declared without data.
    """
    named = {catalogue.entry(layer_id).id for layer_id in only}
    for layer_id in only:
        if catalogue.entry(layer_id).path is None:
            raise LayerError(
                f"图层 {layer_id} 只有声明、没有数据，无法生成",
                f"layer {layer_id} is declared without data and cannot be built",
                where=layer_id,
                code="layers.no_data",
            )
    return tuple(entry for entry in catalogue.entries if (entry.id in named if only else entry.path))


def build_layer(
    entry: LayerEntry, workspace_dir: Path, paths: Mapping[str, Path], builders: Mapping[str, Builder]
) -> WrittenFile | None:
    """Build one layer; None when it has neither a builder nor a source file: data put in from outside.

    Raises
    ------
    LayerError
        If its source cannot be read or drawn.
    """
    source = workspace_dir / "layers" / "sources" / f"{entry.id}.toml"
    builder = builders.get(entry.id)
    if builder is None and not source.is_file():
        return None
    context = ShapeContext(read_features=BuiltFiles(paths).read_features)
    features = builder(workspace_dir) if builder else read_digitised(source, context)
    return write_layer(paths[entry.id], entry.id, features)


def build_layers(
    workspace_dir: Path,
    cache_dir: Path,
    *,
    only: Sequence[str] = (),
    builders: Mapping[str, Builder] = BUILDERS,
) -> tuple[BuiltLayer, ...]:
    """Rebuild digitised, derived and cached layers and record their counts and hashes in the catalogue.

    Layers are built in catalogue order: a layer drawn from another stands after it. A layer whose data an
    office has put in (``gis layers replace``) is left alone.

    Parameters
    ----------
    workspace_dir : Path
        Folder with ``layers/catalogue.toml`` and ``layers/sources/``.
    cache_dir : Path
        Where ``cache:`` layers go.
    only : sequence of str, optional
        Layer ids; all when empty.
    builders : mapping, optional
        Builder by layer id, for layers that are not digitised.

    Raises
    ------
    LayerError
        If a layer cannot be built; those before it are in place, the rest as they were.
    NotFoundError
        If `only` names an unknown layer.
    """
    layers_dir = workspace_dir / "layers"
    catalogue = read_catalogue(layers_dir / "catalogue.toml")
    located = {
        entry.id: locate_layer(entry, layers_dir=layers_dir, cache_dir=cache_dir)
        for entry in catalogue.entries
    }
    paths = {layer_id: path for layer_id, path in located.items() if path is not None}
    built: list[BuiltLayer] = []
    for entry in select_entries(catalogue, only):
        replaced = is_replaced(layers_dir, entry.id)
        file = None if replaced else build_layer(entry, workspace_dir, paths, builders)
        if file is not None:
            update_catalogue(catalogue.path, entry.id, rows=file.rows, sha256=file.sha256)
            built.append(BuiltLayer(layer_id=entry.id, file=file))
    return tuple(built)


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def ensure_cache(workspace_dir: Path, cache_dir: Path, *, builders: Mapping[str, Builder] = BUILDERS) -> None:
    """Build the ``cache:`` layers that are missing or not those of the catalogue, which is only read.

    Two processes may do this at once: each writes aside and renames, and both write the same bytes.

    Raises
    ------
    LayerError
        If a cached layer has no builder, or its builder fails.
    """
    layers_dir = workspace_dir / "layers"
    catalogue = read_catalogue(layers_dir / "catalogue.toml")
    for entry in catalogue.entries:
        if not entry.path or not entry.path.startswith(CACHE_PREFIX):
            continue
        path = locate_layer(entry, layers_dir=layers_dir, cache_dir=cache_dir)
        if path is None or (path.is_file() and (not entry.sha256 or digest_file(path) == entry.sha256)):
            continue
        if entry.id not in builders:
            raise LayerError(
                f"缓存图层 {entry.id} 没有生成程序",
                f"there is no builder for the cached layer {entry.id}",
                where=entry.id,
                code="layers.no_builder",
            )
        write_layer(path, entry.id, builders[entry.id](workspace_dir))
