"""What opening a layer gave, kept on the disk so that the next program does not parse and unite it again.

A kept file is named by what it was made from, the SHA-256 of the real file's bytes among it, and the real
file is hashed every time: what is kept is never believed over it. A kept file stands in blocks, each with its
own checksum, so that it is written and read without being in memory whole. One that is damaged, of another
program or foreign is passed over and written anew; a disk that is full or read-only costs only time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

import numpy as np
import shapely

from gis import crs
from gis.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from shapely.geometry.base import BaseGeometry

FOLDER = "opened"
"""Folder of the kept files below the cache."""

FORMAT = "gis-opened/2"
"""To be counted up when what is kept, or how it is made from a file, changes."""

WORTH_BYTES = 16_000
"""A layer file below this size is parsed as fast as found here."""

MOST_FILES, MOST_BYTES = 512, 8 << 30
"""Kept files and their bytes; the oldest go first."""

LEFT_BEHIND_NS = 86_400 * 10**9
"""Age at which a file that was never finished goes."""

_SUM_BYTES, _SIZE_BYTES = 32, 8


class NotKeptError(Exception):
    """Something is not kept, or not whole."""


class KeptWriter:
    """A kept file being written block by block: put in place whole when it is left, or not at all.

    Parameters
    ----------
    path : Path
        Where it belongs.
    key : str
        As :func:`make_key` gives it.

    Attributes
    ----------
    is_sound : bool
        Whether everything so far could be written.
    """

    def __init__(self, path: Path, key: str) -> None:
        self.is_sound = True
        self._path, self._head = path, bytes.fromhex(key)
        self._aside: Path | None = None
        self._file: BinaryIO | None = None
        self._count = 0

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=self._path.parent)
            self._aside, self._file = Path(name), os.fdopen(number, "wb")
            self._file.write(self._head)
        except OSError:
            self.is_sound = False
        return self

    def add(self, body: bytes | None) -> None:
        """Write a block, not an empty one; None is what cannot be written."""
        self.is_sound = self.is_sound and body is not None
        if self._file is not None and self.is_sound and body is not None:
            try:
                self._file.write(_front(self._head, self._count, body))
                self._file.write(body)
                self._count += 1
            except OSError:
                self.is_sound = False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.add(b"")  # the end
        self.is_sound = self.is_sound and kind is None
        try:
            if self._file is not None:
                self._file.close()
            if self.is_sound and self._aside is not None:
                self._aside.replace(self._path)
                with contextlib.suppress(OSError):
                    _clear_oldest(self._path.parent)
        except OSError:
            self.is_sound = False
        finally:
            if self._aside is not None:
                with contextlib.suppress(OSError):
                    self._aside.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """The kept files of a cache folder.

    Parameters
    ----------
    cache_dir : Path
        ``$GIS_HOME/cache``.
    """

    cache_dir: Path

    def read_blocks(self, *made_from: str, start: int = 0, step: int = 1) -> Iterator[bytes]:
        """Yield what is kept of something: every block, or every `step`-th from `start` on.

        Each block is checked before it is given, and the file's end when it is reached.

        Raises
        ------
        NotKeptError
            If there is no such file, or it is not as it was written.
        """
        key = make_key(made_from)
        try:
            with self._locate(key).open("rb") as file:
                yield from _read_blocks(file, bytes.fromhex(key), start, step)
        except OSError as error:
            raise NotKeptError from error

    def write(self, *made_from: str) -> KeptWriter:
        """Return what writes a kept file block by block."""
        key = make_key(made_from)
        return KeptWriter(self._locate(key), key)

    def read_area(self, *made_from: str) -> BaseGeometry | None:
        """Return a coverage by what it was made from; None where it is not kept whole."""
        try:
            (content,) = self.read_blocks("area", *made_from)
            return shapely.from_wkb(content)
        except (NotKeptError, ValueError, TypeError, shapely.errors.ShapelyError):
            return None

    def write_area(self, area: BaseGeometry, *made_from: str) -> None:
        """Keep a coverage."""
        with self.write("area", *made_from) as file:
            file.add(shapely.to_wkb(area, byte_order=1))

    def _locate(self, key: str) -> Path:
        return self.cache_dir / FOLDER / f"{key[:40]}.bin"


def make_key(made_from: Sequence[str]) -> str:
    """Return the SHA-256 that names what was made from something by this program with its libraries."""
    text = json.dumps([FORMAT, __version__, *_libraries(), *made_from])
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _libraries() -> tuple[str, ...]:
    """Return the versions of the libraries that geometries come from."""
    from pyproj import __proj_version__, __version__

    return (shapely.__version__, shapely.geos_version_string, __version__, __proj_version__)


@cache
def describe_projection() -> str:
    """Return what a kept plane geometry depends on besides its file: systems, densifying, arithmetic.

    The arithmetic is told by places all over the region, projected here and now to the last bit: another
    PROJ, its tables or another machine's mathematics under the same name gives another answer.
    """
    west, south, east, north = crs.REGION
    share = np.arange(64) * (np.sqrt(5) - 1) / 2 % 1
    places = np.column_stack((west + (east - west) * share, np.linspace(south, north, 64)))
    line = crs.to_plane(shapely.LineString((places[0], places[0] + 0.01)))
    moved = crs.transformer(crs.GEOGRAPHIC, crs.PLANE).transform(*places.T)
    bits = hashlib.sha256(np.column_stack(moved).tobytes() + shapely.to_wkb(line)).hexdigest()
    return f"{crs.GEOGRAPHIC} {crs.PLANE} {crs.MAX_EDGE_DEG!r} {bits}"


def _front(head: bytes, number: int, body: bytes) -> bytes:
    """Return what stands before a block: its checksum and its size."""
    size = len(body).to_bytes(_SIZE_BYTES, "little")
    checksum = hashlib.sha256(head + number.to_bytes(_SIZE_BYTES, "little") + size)
    checksum.update(body)
    return checksum.digest() + size


def _read_blocks(file: BinaryIO, head: bytes, start: int, step: int) -> Iterator[bytes]:
    """Yield some of the blocks of an open kept file."""
    left = os.fstat(file.fileno()).st_size - len(head)
    if file.read(len(head)) != head:
        raise NotKeptError
    for number in count():
        front = file.read(_SUM_BYTES + _SIZE_BYTES)
        size = int.from_bytes(front[_SUM_BYTES:], "little")
        left -= len(front) + size
        if left < 0:
            raise NotKeptError
        if size and (number - start) % step:
            file.seek(size, os.SEEK_CUR)
            continue
        body = file.read(size)
        if front != _front(head, number, body):
            raise NotKeptError
        if not size:
            break
        yield body
    if left:
        raise NotKeptError


def _clear_oldest(folder: Path) -> None:
    """Delete the files that were kept longest where there are too many or they are too big together.

    What a program that was killed had begun to write goes after a day.
    """
    files = [(entry.stat(), Path(entry.path)) for entry in os.scandir(folder)]
    files.sort(key=lambda one: one[0].st_mtime_ns, reverse=True)
    newest_ns = files[0][0].st_mtime_ns
    number = total = 0
    for state, path in files:
        if path.suffix == ".bin":
            number, total = number + 1, total + state.st_size
            goes = number > 1 and (number > MOST_FILES or total > MOST_BYTES)
        else:
            goes = path.suffix == ".part" and newest_ns - state.st_mtime_ns > LEFT_BEHIND_NS
        if goes:
            path.unlink(missing_ok=True)
