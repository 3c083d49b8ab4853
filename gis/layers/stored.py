"""Features kept on the disk: properties in memory, geometries read when they are asked for.

Who measures in the working plane needs none in degrees: those of the plane are kept too.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import shapely

from gis import crs
from gis.layers.kept import NotKeptError, describe_projection
from gis.layers.packing import join_shapes, pack_shapes, split_shapes, unpack_shapes
from gis.layers.table import COLUMNS, FeatureTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from gis.layers.columns import Columns
    from gis.layers.kept import KeptFiles

FEATURES, PLANES = "features", "planes"
"""What is kept: properties and geometries in degrees, block by block in turn; geometries in the plane."""

UNREADABLE = (NotKeptError, ValueError, KeyError, TypeError, shapely.errors.ShapelyError)
"""What reading something kept raises when it cannot be used."""


class StoredTable(FeatureTable):
    """Features whose geometries are kept on the disk and read when they are first asked for.

    Parameters
    ----------
    columns : Columns
    kept : KeptFiles
    digest : str
        SHA-256 of the layer's file.
    read_anew : callable
        Reads and verifies the layer's file again, where what is kept has been damaged or cleared away since.
    geometries : array of object, optional
        EPSG:4490, where they are in memory already.
    """

    __slots__ = ("_columns", "_digest", "_kept", "_lock", "_read_anew", "_shapes")

    _columns: Columns
    _digest: str
    _kept: KeptFiles
    _lock: threading.Lock
    _read_anew: Callable[[], FeatureTable]
    _shapes: NDArray[np.object_] | None

    def __init__(
        self,
        columns: Columns,
        *,
        kept: KeptFiles,
        digest: str,
        read_anew: Callable[[], FeatureTable],
        geometries: NDArray[np.object_] | None = None,
    ) -> None:
        for name, value in (
            ("_columns", columns),
            ("_kept", kept),
            ("_digest", digest),
            ("_read_anew", read_anew),
            ("_shapes", geometries),
            ("_lock", threading.Lock()),
        ):
            object.__setattr__(self, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process with all geometries."""
        return FeatureTable, (self.properties, self.geometries)

    @property
    def properties(self) -> tuple[dict[str, Any], ...]:
        """As :class:`FeatureTable`, made at every call."""
        return self._columns.rows()

    @property
    def count(self) -> int:
        """As :class:`FeatureTable`."""
        return len(self._columns)

    def column(self, name: str) -> list[Any]:
        """As :class:`FeatureTable`."""
        return self._columns.column(name)

    def has_column(self, name: str) -> bool:
        """As :class:`FeatureTable`."""
        return name in COLUMNS or self._columns.has(name)

    @property
    def geometries(self) -> NDArray[np.object_]:
        """As :class:`FeatureTable`.

        Raises
        ------
        LayerError
            If they are not kept any more and the layer's file has been changed since it was opened.
        """
        with self._lock:
            shapes = join_shapes(self._runs()) if self._shapes is None else self._shapes
            object.__setattr__(self, "_shapes", shapes)
        return shapes

    def to_planes(self) -> NDArray[np.object_]:
        """Return the geometries in the working plane, read from what is kept, else made and kept.

        Raises
        ------
        LayerError
            As for :attr:`geometries`.
        """
        made_from = (PLANES, self._digest, describe_projection())
        try:
            known = join_shapes(unpack_shapes(block) for block in self._kept.read_blocks(*made_from))
            if len(known) == self.count:
                return known
        except UNREADABLE:
            pass
        with self._kept.write(*made_from) as file:
            return join_shapes(self._place(file.add))

    def _place(self, keep: Callable[[bytes], None]) -> Iterator[NDArray[np.object_]]:
        """Yield the geometries in the plane, some at a time, and keep them."""
        for shapes in self._runs():
            planes = crs.to_planes(shapes)
            keep(pack_shapes(planes))
            yield planes

    def _runs(self) -> Iterator[NDArray[np.object_]]:
        """Yield the geometries in degrees, some at a time."""
        if self._shapes is not None:
            yield from split_shapes(self._shapes)
            return
        done = 0
        try:
            for block in self._kept.read_blocks(FEATURES, self._digest, start=1, step=2):
                shapes = unpack_shapes(block)
                yield shapes
                done += len(shapes)
        except UNREADABLE:
            pass
        if done < self.count:
            yield from split_shapes(self._read_anew().geometries[done:])
