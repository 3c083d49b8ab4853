"""The features of a layer as plain columns: a check or a sheet reads them without pandas being loaded."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gis import crs
from gis.model import Layer, LayerStatus

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.model import LayerEntry

COLUMNS = ("id", "name_zh", "name_en", "kind", "accuracy_m")
"""Columns a layer always has."""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """Features in the order of their file.

    Parameters
    ----------
    properties : tuple of dict
        One a feature, as its file has them, and always its ``id`` as text.
    geometries : array of object
        One a feature, EPSG:4490, any geometry type; None for a named thing nobody can locate.
    """

    properties: tuple[dict[str, Any], ...]
    geometries: NDArray[np.object_]

    @property
    def count(self) -> int:
        """How many features there are."""
        return len(self.geometries)

    def column(self, name: str) -> list[Any]:
        """Return one property of every feature; None where a feature does not state it."""
        return [table.get(name) for table in self.properties]

    def has_column(self, name: str) -> bool:
        """Return whether some feature states a property."""
        return name in COLUMNS or any(name in table for table in self.properties)

    def to_planes(self) -> NDArray[np.object_]:
        """Return the geometries in the working plane, EPSG:4549, edges kept straight in lon/lat to 100 m."""
        return crs.to_planes(self.geometries)

    def to_frame(self) -> gpd.GeoDataFrame:
        """Return the features as a GeoDataFrame, EPSG:4490, every property a column."""
        import geopandas as gpd

        rows = [{**table} for table in self.properties]
        frame = gpd.GeoDataFrame(rows, geometry=self.geometries.copy(), crs=crs.GEOGRAPHIC)
        for column in COLUMNS:
            if column not in frame.columns:
                frame[column] = None
        frame["id"] = frame["id"].astype(str)
        return frame


class TableLayer(Layer):
    """A sound layer whose GeoDataFrame is made when it is first asked for.

    Parameters
    ----------
    entry : LayerEntry
    table : FeatureTable
    sha256 : str
        Of its file.
    coverage : shapely geometry or None
        As :class:`~gis.model.Layer`.
    """

    __slots__ = ("_frame", "_lock", "_table")

    _frame: gpd.GeoDataFrame | None
    _lock: threading.Lock
    _table: FeatureTable

    def __init__(
        self, entry: LayerEntry, table: FeatureTable, *, sha256: str, coverage: BaseGeometry | None
    ) -> None:
        for name, value in (
            ("entry", entry),
            ("status", LayerStatus.OK),
            ("sha256", sha256),
            ("coverage", coverage),
            ("problem", None),
            ("_frame", None),
            ("_lock", threading.Lock()),
            ("_table", table),
        ):
            object.__setattr__(self, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as the plain columns."""
        return _restore, (self.entry, self._table, self.sha256, self.coverage)

    @property
    def frame(self) -> gpd.GeoDataFrame:
        """As :class:`~gis.model.Layer`."""
        with self._lock:
            if self._frame is None:
                object.__setattr__(self, "_frame", self._table.to_frame())
            frame: gpd.GeoDataFrame = self._frame
        return frame

    @property
    def has_features(self) -> bool:
        """As :class:`~gis.model.Layer`."""
        return True

    @property
    def rows(self) -> int:
        """As :class:`~gis.model.Layer`."""
        return self._table.count

    @property
    def geometries(self) -> NDArray[np.object_]:
        """As :class:`~gis.model.Layer`."""
        return self._table.geometries

    def to_planes(self) -> NDArray[np.object_]:
        """Return the geometries in the working plane (EPSG:4549), made or read at every call."""
        return self._table.to_planes()

    def column(self, name: str) -> list[Any]:
        """As :class:`~gis.model.Layer`."""
        return self._table.column(name)

    def has_column(self, name: str) -> bool:
        """As :class:`~gis.model.Layer`."""
        return self._table.has_column(name)


def _restore(
    entry: LayerEntry, table: FeatureTable, sha256: str, coverage: BaseGeometry | None
) -> TableLayer:
    """Return an opened layer in another process."""
    return TableLayer(entry, table, sha256=sha256, coverage=coverage)
