"""A layer that is opened when its data are first asked for: who needs three layers does not open sixty."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis import crs
from gis.errors import LayerError
from gis.layers.coverage import locate_layer
from gis.layers.load import open_layer
from gis.layers.postgis import is_database
from gis.layers.soundness import verify_file
from gis.layers.table import TableLayer
from gis.model import Layer, LayerStatus

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.catalogue import Catalogue
    from gis.model import LayerEntry, Text


class DeferredLayer(Layer):
    """A layer of which the catalogue entry is known and the rest is opened when first asked for.

    It is opened and verified once, whichever thread comes first, and is what
    :func:`gis.layers.load.open_layer` makes of it from then on.

    Parameters
    ----------
    entry : LayerEntry
    layers_dir, cache_dir, catalogue
        As for :func:`gis.layers.load.open_layer`.
    """

    __slots__ = ("_arguments", "_lock", "_opened", "_tree")

    _arguments: dict[str, Any]
    _lock: threading.RLock
    _opened: Layer | None
    _tree: shapely.STRtree | None

    def __init__(self, entry: LayerEntry, *, layers_dir: Path, cache_dir: Path, catalogue: Catalogue) -> None:
        for name, value in (
            ("entry", entry),
            ("_arguments", {"layers_dir": layers_dir, "cache_dir": cache_dir, "catalogue": catalogue}),
            ("_lock", threading.RLock()),
            ("_opened", None),
            ("_tree", None),
        ):
            object.__setattr__(self, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process unopened."""
        return _restore, (self.entry, self._arguments)

    def __repr__(self) -> str:
        return f"DeferredLayer({self.entry.id!r}, opened={self.is_open})"

    @property
    def is_open(self) -> bool:
        """Whether the data have been asked for."""
        return self._opened is not None

    @property
    def status(self) -> LayerStatus:
        """As :class:`~gis.model.Layer`; a layer declared without data is known to have none unopened."""
        return LayerStatus.NO_DATA if self.entry.path is None else self._open().status

    @property
    def frame(self) -> gpd.GeoDataFrame | None:
        """As :class:`~gis.model.Layer`."""
        return None if self.entry.path is None else self._open().frame

    @property
    def sha256(self) -> str | None:
        """As :class:`~gis.model.Layer`."""
        return None if self.entry.path is None else self._open().sha256

    @property
    def coverage(self) -> BaseGeometry | None:
        """As :class:`~gis.model.Layer`."""
        return None if self.entry.path is None else self._open().coverage

    @property
    def problem(self) -> Text | None:
        """As :class:`~gis.model.Layer`."""
        return None if self.entry.path is None else self._open().problem

    @property
    def has_features(self) -> bool:
        """As :class:`~gis.model.Layer`."""
        return self.entry.path is not None and self._open().has_features

    @property
    def rows(self) -> int:
        """As :class:`~gis.model.Layer`."""
        return 0 if self.entry.path is None else self._open().rows

    @property
    def geometries(self) -> NDArray[np.object_]:
        """As :class:`~gis.model.Layer`."""
        return np.empty(0, dtype=object) if self.entry.path is None else self._open().geometries

    @property
    def tree(self) -> shapely.STRtree:
        """As :class:`~gis.model.Layer`; made once."""
        with self._lock:
            tree = self._tree or shapely.STRtree(self.geometries)
            object.__setattr__(self, "_tree", tree)
        return tree

    def to_planes(self) -> NDArray[np.object_]:
        """Return the geometries in the working plane (EPSG:4549), made or read at every call."""
        opened = self._open() if self.entry.path is not None else self
        return opened.to_planes() if isinstance(opened, TableLayer) else crs.to_planes(opened.geometries)

    def column(self, name: str) -> list[Any]:
        """As :class:`~gis.model.Layer`."""
        return [] if self.entry.path is None else self._open().column(name)

    def has_column(self, name: str) -> bool:
        """As :class:`~gis.model.Layer`."""
        return self.entry.path is not None and self._open().has_column(name)

    def is_sound(self) -> bool:
        """Return whether the layer can be used: from its file's hash where it is not open yet.

        A table in a database is opened to find out.
        """
        if self.entry.path is not None and not self.is_open and not is_database(self.entry.path):
            try:
                path = locate_layer(self.entry, **self._arguments_of_file())
                if path is not None:
                    verify_file(self.entry, path)
            except (LayerError, OSError):
                return False
            return True
        return self.problem is None

    def _arguments_of_file(self) -> dict[str, Any]:
        return {name: value for name, value in self._arguments.items() if name != "catalogue"}

    def _open(self) -> Layer:
        """Return the layer opened, opening it the first time."""
        opened = self._opened
        if opened is None:
            with self._lock:
                opened = self._opened or open_layer(self.entry, **self._arguments)
                object.__setattr__(self, "_opened", opened)
        return opened


def _restore(entry: LayerEntry, arguments: dict[str, Any]) -> DeferredLayer:
    """Return a deferred layer in another process."""
    return DeferredLayer(entry, **arguments)
