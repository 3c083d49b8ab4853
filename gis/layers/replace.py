"""One layer's data swapped for another, or brought back: all of it or nothing, whenever the power fails.

The new file gets a name that the catalogue does not use yet; renaming the new catalogue over the old one is
the one step at which the change happens. Before it nothing refers to the new file, after it nothing to the
old one.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from gis.catalogue import read_catalogue
from gis.errors import LayerError
from gis.layers.entry_text import check_rest_unchanged, edit_block, find_entry
from gis.layers.history import (
    AFTER_FILE,
    ASIDE_SUFFIX,
    CHANGE_FILE,
    DATA_FILE,
    UNDONE_FILE,
    Version,
    history_dir,
    keep_version,
    list_versions,
    lock_layers,
    not_writable,
    put_in_place,
    read_pieces,
    render_change,
    write_aside,
)
from gis.layers.load import CACHE_PREFIX
from gis.layers.postgis import is_database
from gis.layers.render import render_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import geopandas as gpd

    from gis.layers.difference import Difference

CATALOGUE_FILE = "catalogue.toml"


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is to take a layer's place.

    Parameters
    ----------
    frame : GeoDataFrame
        Features in degrees (EPSG:4490), rounded, sorted by ``id``.
    fields : mapping
        Fields of the catalogue to set; None takes one out. ``path``, ``rows`` and ``sha256`` are filled in.
    block : str
        The layer's table in the catalogue when the change was prepared and shown.
    files : tuple of (name, sha256)
        Where the data come from.
    """

    layer_id: str
    frame: gpd.GeoDataFrame
    fields: Mapping[str, Any]
    block: str
    files: tuple[tuple[str, str], ...]
    difference: Difference


def read_block(layers_dir: Path, layer_id: str) -> str:
    """Return the text of a layer's table in the catalogue.

    Raises
    ------
    NotFoundError
        If there is no such layer.
    LayerError
        If it is kept in a database.
    """
    path = layers_dir / CATALOGUE_FILE
    if is_database(read_catalogue(path).entry(layer_id).path):
        raise LayerError(
            f"图层 {layer_id} 的数据在数据库中，不能用文件更换",
            f"layer {layer_id} is kept in a database; a file cannot replace it",
            where=layer_id,
            hint_zh="在数据库中修改；或先在目录中去掉 path 与 sha256，再更换",
            hint_en="change it in the database; or take path and sha256 out of the catalogue first",
            code="layers.database",
        )
    return find_entry(path.read_bytes().decode("utf-8"), layer_id).block


def replace_layer(layers_dir: Path, replacement: Replacement, *, now: str) -> Version:
    """Put new data in a layer's place; the old file and catalogue table go into the history.

    Parameters
    ----------
    layers_dir : Path
        The ``layers/`` folder of a workspace.
    now : str
        Time of the change, ISO 8601.

    Returns
    -------
    Version
        What was kept, by which :func:`undo_replacement` brings the old state back.

    Raises
    ------
    LayerError
        If another process is at it (``layers.locked``), the layer was changed since it was shown
        (``layers.changed``), nothing would change, or the folder cannot be written to.
    """
    layer_id = replacement.layer_id
    catalogue_path = layers_dir / CATALOGUE_FILE
    with lock_layers(layers_dir):
        text = catalogue_path.read_bytes().decode("utf-8")
        entry = find_entry(text, layer_id)
        if entry.block != replacement.block:
            raise _changed_meanwhile(layer_id)
        old_path, number = entry.table.get("path"), next_number(layers_dir, layer_id)
        remove_leftovers(layers_dir, entry.table, entry.block)
        new_path = choose_path(layer_id, str(entry.table["theme"]), old_path, number)
        digest = hashlib.sha256()
        try:
            aside = write_aside(
                layers_dir / new_path, _hashed(render_frame(layer_id, replacement.frame), digest)
            )
            fields = {
                **replacement.fields,
                "path": new_path,
                "rows": len(replacement.frame),
                "sha256": digest.hexdigest(),
            }
            version = Version(
                layer_id,
                number,
                history_dir(layers_dir, layer_id) / str(number),
                before=entry.block,
                after=edit_block(entry.block, fields),
                change={
                    "replaced": now,
                    "files": [{"name": name, "sha256": sha} for name, sha in replacement.files],
                    "difference": asdict(replacement.difference),
                },
            )
            updated = entry.with_block(version.after)
            check_rest_unchanged(text, updated, layer_id)
            keep_version(version, locate_own(layers_dir, old_path))
            put_in_place(aside, layers_dir / new_path)
            put_in_place(write_aside(catalogue_path, [updated.encode("utf-8")]), catalogue_path)
        except OSError as error:
            raise not_writable(layers_dir, error) from error
        drop_unused(layers_dir, old_path)
    return version


def undo_replacement(layers_dir: Path, layer_id: str, *, now: str) -> Version:
    """Bring back the file and the catalogue table that the last replacement of a layer took away.

    Raises
    ------
    LayerError
        If nothing was replaced, or the table was edited since (``layers.history``), or another process is at
        it (``layers.locked``).
    """
    catalogue_path = layers_dir / CATALOGUE_FILE
    with lock_layers(layers_dir):
        text = catalogue_path.read_bytes().decode("utf-8")
        entry = find_entry(text, layer_id)
        version = find_current(layers_dir, layer_id, entry.block)
        old_path, new_path = find_entry(version.before, layer_id).table.get("path"), entry.table.get("path")
        updated = entry.with_block(version.before)
        check_rest_unchanged(text, updated, layer_id)
        try:
            kept = version.folder / DATA_FILE
            if old_path and kept.is_file():
                put_in_place(write_aside(layers_dir / old_path, read_pieces(kept)), layers_dir / old_path)
            put_in_place(write_aside(catalogue_path, [updated.encode("utf-8")]), catalogue_path)
            own = locate_own(layers_dir, new_path)
            if own is not None and new_path != old_path:
                shutil.move(own, version.folder / UNDONE_FILE)
            change = {**version.change, "undone": now}
            put_in_place(
                write_aside(version.folder / CHANGE_FILE, [render_change(change)]),
                version.folder / CHANGE_FILE,
            )
        except OSError as error:
            raise not_writable(layers_dir, error) from error
    return Version(layer_id, version.number, version.folder, version.before, version.after, change)


def find_current(layers_dir: Path, layer_id: str, block: str) -> Version:
    """Return the version whose data the layer has now.

    Raises
    ------
    LayerError
        If the layer was never replaced, all is undone, or its table was edited by hand since.
    """
    versions = list_versions(layers_dir, layer_id)
    current = [version for version in versions if version.state(block) == "current"]
    if current:
        return current[-1]
    if any(version.state(block) == "superseded" for version in versions) and not any(
        version.before == block for version in versions
    ):
        raise LayerError(
            f"图层 {layer_id} 的目录条目在更换之后又被改动过，无法自动撤销",
            f"the catalogue's table of {layer_id} was edited after it was replaced; it cannot be undone",
            where=f"{CATALOGUE_FILE}: {layer_id}",
            hint_zh=f"把条目改回 {versions[-1].folder / AFTER_FILE} 的内容后再试",
            hint_en=f"put the table back to what {versions[-1].folder / AFTER_FILE} says and try again",
            code="layers.history",
        )
    raise LayerError(
        f"图层 {layer_id} 没有可以撤销的更换",
        f"there is no replacement of layer {layer_id} to undo",
        where=layer_id,
        hint_zh=f"用 gis layers history {layer_id} 查看历史",
        hint_en=f"see: gis layers history {layer_id}",
        code="layers.history",
    )


def is_replaced(layers_dir: Path, layer_id: str) -> bool:
    """Return whether a layer has data that were put in its place, not yet undone."""
    versions = list_versions(layers_dir, layer_id)
    if not versions:
        return False
    block = read_block(layers_dir, layer_id)
    return any(version.state(block) in {"current", "superseded"} for version in versions)


def next_number(layers_dir: Path, layer_id: str) -> int:
    """Return the number of the next version of a layer."""
    return max((version.number for version in list_versions(layers_dir, layer_id)), default=0) + 1


def choose_path(layer_id: str, theme: str, old_path: str | None, number: int) -> str:
    """Return a path below ``layers/`` that the catalogue does not use for the layer now."""
    plain = f"{theme}/{layer_id}.geojson"
    return plain if old_path != plain else f"{theme}/{layer_id}.{number}.geojson"


def locate_own(layers_dir: Path, path: str | None) -> Path | None:
    """Return the file of a layer below ``layers/``; None where it has none or one in the cache."""
    if not path or path.startswith(CACHE_PREFIX):
        return None
    located = (layers_dir / path).resolve()
    return located if located.is_relative_to(layers_dir.resolve()) and located.is_file() else None


def drop_unused(layers_dir: Path, path: str | None) -> None:
    """Remove a layer file that no entry of the catalogue names any more; one that will not go is left."""
    own = locate_own(layers_dir, path)
    used = {entry.path for entry in read_catalogue(layers_dir / CATALOGUE_FILE).entries}
    if own is not None and path not in used:
        own.unlink(missing_ok=True)


def remove_leftovers(layers_dir: Path, table: Mapping[str, Any], block: str) -> None:
    """Remove files that an interrupted replacement of the layer wrote and nothing refers to."""
    layer_id = str(table["id"])
    theme_dirs = {layers_dir / str(table["theme"])}
    for version in list_versions(layers_dir, layer_id):
        path = find_entry(version.after, layer_id).table["path"]
        theme_dirs.add((layers_dir / path).parent)
        if version.state(block) == "undone":
            drop_unused(layers_dir, path)
    for folder in theme_dirs:
        for aside in folder.glob(f".{layer_id}.*{ASIDE_SUFFIX}"):
            aside.unlink(missing_ok=True)
    for folder in history_dir(layers_dir, layer_id).glob(".new-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _hashed(pieces: Iterable[bytes], digest: Any) -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece


def _changed_meanwhile(layer_id: str) -> LayerError:
    return LayerError(
        f"图层 {layer_id} 在预览之后已被改动（可能另一人刚更换过），本次未作任何改动",
        f"layer {layer_id} was changed since the preview, perhaps by someone else; nothing was done",
        where=layer_id,
        hint_zh="重新运行一次，查看新的差异",
        hint_en="run it again and look at the new difference",
        code="layers.changed",
    )
