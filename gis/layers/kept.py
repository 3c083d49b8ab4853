"""What opening a layer gave, kept on the disk so that the next program does not parse and unite it again.

A kept file is named by what it was made from, the SHA-256 of the real file's bytes among it, and the real
file is read and hashed every time: what is kept is never believed over it. A kept file that is damaged, of
another program or foreign is passed over and written anew; a disk that is full or read-only costs only time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.layers.table import FeatureTable
from gis.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

FOLDER = "opened"
"""Folder of the kept files below the cache."""

FORMAT = "gis-opened/1"
"""To be counted up when what is kept, or how it is made from a file, changes."""

WORTH_BYTES = 16_000
"""A layer file below this size is parsed as fast as found here."""

MOST_FILES = 256
"""Kept files; the oldest go first."""

_SUM_BYTES = 32
_SIZE = np.dtype("<i8")


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """The kept files of a cache folder.

    Parameters
    ----------
    cache_dir : Path
        ``$GIS_HOME/cache``.
    """

    cache_dir: Path

    def read_table(self, digest: str) -> FeatureTable | None:
        """Return the features of the layer file of a SHA-256; None where they are not kept whole."""
        content = self._read("features", digest)
        try:
            return None if content is None else _unpack_table(content)
        except (ValueError, KeyError, TypeError, shapely.errors.ShapelyError):
            return None

    def write_table(self, digest: str, table: FeatureTable) -> None:
        """Keep the verified features of the layer file of a SHA-256."""
        with contextlib.suppress(ValueError, TypeError):  # a text no UTF-8 can hold: not kept
            self._write(_pack_table(table), "features", digest)

    def read_area(self, *made_from: str) -> BaseGeometry | None:
        """Return a coverage by what it was made from; None where it is not kept whole."""
        content = self._read("area", *made_from)
        try:
            return None if content is None else shapely.from_wkb(content)
        except (ValueError, TypeError, shapely.errors.ShapelyError):
            return None

    def write_area(self, area: BaseGeometry, *made_from: str) -> None:
        """Keep a coverage."""
        self._write(shapely.to_wkb(area, byte_order=1), "area", *made_from)

    def _read(self, *made_from: str) -> bytes | None:
        """Return what is kept of something, if every byte of it is as it was written."""
        key = make_key(made_from)
        try:
            content = self._locate(key).read_bytes()
        except OSError:
            return None
        head = bytes.fromhex(key)
        body = content[2 * _SUM_BYTES :]
        whole = content[:_SUM_BYTES] == head and content[_SUM_BYTES : 2 * _SUM_BYTES] == _sum(head, body)
        return body if whole else None

    def _write(self, body: bytes, *made_from: str) -> None:
        """Keep something: written aside and put in place whole, or not at all."""
        key = make_key(made_from)
        path, head = self._locate(key), bytes.fromhex(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
            aside = Path(name)
            try:
                with os.fdopen(number, "wb") as file:
                    file.write(head + _sum(head, body) + body)
                aside.replace(path)
            finally:
                aside.unlink(missing_ok=True)
            self._clear_oldest()

    def _locate(self, key: str) -> Path:
        return self.cache_dir / FOLDER / f"{key[:40]}.bin"

    def _clear_oldest(self) -> None:
        """Delete the files that were kept longest where there are too many."""
        files = [entry for entry in os.scandir(self.cache_dir / FOLDER) if entry.name.endswith(".bin")]
        if len(files) > MOST_FILES:
            for entry in sorted(files, key=lambda entry: entry.stat().st_mtime_ns)[:-MOST_FILES]:
                Path(entry.path).unlink(missing_ok=True)


def make_key(made_from: Sequence[str]) -> str:
    """Return the SHA-256 that names what was made from something by this program with its libraries."""
    text = json.dumps([FORMAT, __version__, *_libraries(), *made_from])
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _libraries() -> tuple[str, ...]:
    """Return the versions of the libraries that geometries come from."""
    from pyproj import __proj_version__

    return (shapely.__version__, shapely.geos_version_string, __proj_version__)


def _sum(head: bytes, body: bytes) -> bytes:
    """Return the checksum of a kept file."""
    return hashlib.sha256(head + body).digest()


def _pack_table(table: FeatureTable) -> bytes:
    """Return features as bytes: sizes, the properties as JSON, the geometries as WKB."""
    properties = json.dumps(table.properties, ensure_ascii=False, allow_nan=False).encode()
    shapes = shapely.to_wkb(table.geometries, byte_order=1).tolist()
    sizes = [len(shapes), len(properties), *(-1 if shape is None else len(shape) for shape in shapes)]
    blob = b"".join(shape for shape in shapes if shape is not None)
    return np.array(sizes, dtype=_SIZE).tobytes() + properties + blob


def _unpack_table(content: bytes) -> FeatureTable:
    """Return features from bytes.

    Raises
    ------
    ValueError, ShapelyError
        If they are not what :func:`_pack_table` gives.
    """
    from pydantic_core import from_json

    count, length = np.frombuffer(content, dtype=_SIZE, count=2).tolist()
    sizes = np.frombuffer(content, dtype=_SIZE, count=count, offset=2 * _SIZE.itemsize)
    start = (2 + count) * _SIZE.itemsize
    properties = from_json(content[start : start + length])
    ends = start + length + np.cumsum(np.maximum(sizes, 0))
    shapes = np.empty(count, dtype=object)
    shapes[:] = [
        None if size < 0 else content[end - size : end]
        for size, end in zip(sizes.tolist(), ends.tolist(), strict=True)
    ]
    return FeatureTable(tuple(properties), shapely.from_wkb(shapes))
