"""The versions of a layer that were replaced: ``layers/.history/<layer>/<n>/``, and the lock on changes.

A folder holds ``before.toml`` and ``after.toml`` (the layer's table in the catalogue before and after),
``data.geojson`` (the file that was replaced, none for a layer without data) and ``change.json`` (when, from
which files, what changed). Which version is in effect is told by comparing the tables with the catalogue, so
that a process killed in between leaves nothing to repair.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gis.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

HISTORY_DIR = ".history"
LOCK_FILE = "lock"
ASIDE_SUFFIX = ".aside"
DATA_FILE, UNDONE_FILE = "data.geojson", "undone.geojson"
BEFORE_FILE, AFTER_FILE, CHANGE_FILE = "before.toml", "after.toml", "change.json"


@dataclass(frozen=True, slots=True)
class Version:
    """One replacement of a layer.

    Parameters
    ----------
    number : int
        From 1, in the order of the replacements.
    before, after : str
        The layer's table in the catalogue before and after, as text.
    change : mapping
        ``replaced`` (ISO time), ``files`` [{name, sha256}], ``rows_before`` … as in
        :class:`gis.layers.difference.Difference`, ``undone`` (ISO time) once it was taken back.
    """

    layer_id: str
    number: int
    folder: Path
    before: str
    after: str
    change: Mapping[str, Any] = field(default_factory=dict)

    def state(self, block: str) -> str:
        """Return ``current``, ``undone`` or ``superseded`` for the table the catalogue has now."""
        if self.change.get("undone"):
            return "undone"
        if self.after == block:
            return "current"
        return "undone" if self.before == block else "superseded"


def history_dir(layers_dir: Path, layer_id: str) -> Path:
    """Return the folder of a layer's versions."""
    return layers_dir / HISTORY_DIR / layer_id


def list_versions(layers_dir: Path, layer_id: str) -> tuple[Version, ...]:
    """Return the replacements of a layer, oldest first.

    Raises
    ------
    LayerError
        If a version cannot be read.
    """
    folder = history_dir(layers_dir, layer_id)
    numbers = sorted(int(path.name) for path in folder.glob("[0-9]*") if path.name.isdigit())
    return tuple(_read_version(layer_id, number, folder / str(number)) for number in numbers)


def _read_version(layer_id: str, number: int, folder: Path) -> Version:
    try:
        before, after = ((folder / name).read_bytes().decode("utf-8") for name in (BEFORE_FILE, AFTER_FILE))
        change = json.loads((folder / CHANGE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LayerError(
            f"历史版本 {layer_id}/{number} 无法读取：{error}",
            f"version {layer_id}/{number} of the history cannot be read: {error}",
            where=str(folder),
            code="layers.history",
        ) from error
    return Version(layer_id, number, folder, before, after, change)


@contextmanager
def lock_layers(layers_dir: Path) -> Iterator[None]:
    """Hold the one lock on changes of the layers; the system frees it when the process ends, however it ends.

    Raises
    ------
    LayerError
        If another process holds it, or the folder cannot be written to.
    """
    path = layers_dir / HISTORY_DIR / LOCK_FILE
    try:
        path.parent.mkdir(exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise not_writable(layers_dir, error) from error
    try:
        if not _try_lock(handle):
            raise LayerError(
                "另一个进程正在更换图层，本次未作任何改动",
                "another process is replacing a layer; nothing was changed",
                where=str(layers_dir),
                hint_zh="等它结束后再试一次",
                hint_en="try again when it is done",
                code="layers.locked",
            )
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    """Return whether the file could be locked at once for this process alone."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def not_writable(folder: Path, error: OSError) -> LayerError:
    """Return the error for a folder of layers that cannot be changed."""
    return LayerError(
        f"无法写入图层文件夹 {folder}：{error.strerror}",
        f"the folder of layers {folder} cannot be written to: {error.strerror}",
        where=str(folder),
        hint_zh="用 gis init 文件夹 复制一份自己的工作区，再用 --workspace 指向它",
        hint_en="copy a workspace of your own with: gis init DIR, and point --workspace at it",
        code="layers.read_only",
    )


def write_aside(path: Path, pieces: Iterable[bytes]) -> Path:
    """Write `pieces` to a file of its own beside `path`, down to the disk; return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=ASIDE_SUFFIX, dir=path.parent)
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            for piece in pieces:
                stream.write(piece)
            stream.flush()
            os.fsync(stream.fileno())
        aside.chmod(0o644)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return aside


def put_in_place(aside: Path, path: Path) -> None:
    """Give a file written aside its name at once, for good."""
    aside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def keep_version(version: Version, data: Path | None) -> None:
    """Write the folder of a version: complete under its number, or not there."""
    aside = Path(tempfile.mkdtemp(prefix=".new-", dir=_made(version.folder.parent)))
    contents = {
        BEFORE_FILE: version.before.encode("utf-8"),
        AFTER_FILE: version.after.encode("utf-8"),
        CHANGE_FILE: render_change(version.change),
    }
    for name, content in contents.items():
        put_in_place(write_aside(aside / name, [content]), aside / name)
    if data is not None:
        put_in_place(write_aside(aside / DATA_FILE, read_pieces(data)), aside / DATA_FILE)
    aside.chmod(0o755)
    aside.rename(version.folder)
    sync_folder(version.folder.parent)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def render_change(change: Mapping[str, Any]) -> bytes:
    """Return the record of a change as JSON."""
    return (json.dumps(change, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def read_pieces(path: Path) -> Iterator[bytes]:
    """Yield a file a megabyte at a time."""
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            yield piece
