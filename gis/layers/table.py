"""The features of a layer as plain columns: a check or a sheet reads them without pandas being loaded."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis import crs
from gis.errors import LayerError
from gis.model import Layer, LayerStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.model import LayerEntry

COLUMNS = ("id", "name_zh", "name_en", "kind", "accuracy_m")
"""Columns a layer always has."""

LINES_BYTES, RUN_BYTES = 1 << 23, 1 << 20
"""A text of at least so many bytes is read some lines at a time; so many at least each time."""

HEAD = re.compile(rb'"features"\s*:\s*\[$')
"""How the first line ends where features stand one a line."""


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

    def column(self, name: str) -> list[Any]:
        """Return one property of every feature; None where a feature does not state it."""
        return [table.get(name) for table in self.properties]

    def has_column(self, name: str) -> bool:
        """Return whether some feature states a property."""
        return name in COLUMNS or any(name in table for table in self.properties)

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
        return len(self._table.properties)

    @property
    def geometries(self) -> NDArray[np.object_]:
        """As :class:`~gis.model.Layer`."""
        return self._table.geometries

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


def parse_features(content: bytes, *, where: str) -> FeatureTable:
    """Return the features of a GeoJSON text.

    Parameters
    ----------
    content : bytes
        RFC 7946 FeatureCollection, UTF-8, lon/lat degrees.
    where : str
        Layer named in errors.

    Raises
    ------
    LayerError
        If the text is not a FeatureCollection, or a feature lacks an id or a geometry.
    """
    try:
        properties, geometries = _read_lines(content) or _read_whole(content)
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        raise LayerError(
            f"图层文件不是有效的 GeoJSON FeatureCollection：{error}",
            f"the layer file is not a valid GeoJSON FeatureCollection: {error}",
            where=where,
            hint_zh="用 gis layers check 查看详情，用 gis layers build 重建",
            hint_en="see gis layers check; rebuild with gis layers build",
            code="layers.unreadable",
        ) from error
    for number, table in enumerate(properties):
        if table["id"] is None:
            raise LayerError(
                f"第 {number} 个要素没有 id",
                f"feature {number} has no id",
                where=where,
                code="layers.feature_id",
            )
        table["id"] = str(table["id"])
    return FeatureTable(tuple(properties), geometries)


def _read_whole(content: bytes) -> tuple[list[dict[str, Any]], NDArray[np.object_]]:
    """Return the properties and geometries of a text, parsed at once."""
    from pydantic_core import from_json

    return _take_features(from_json(content, allow_inf_nan=False)["features"])


def _take_features(features: Any) -> tuple[list[dict[str, Any]], NDArray[np.object_]]:
    """Return the properties and geometries of features."""
    properties = [{**(feature.get("properties") or {})} for feature in features]
    for feature, table in zip(features, properties, strict=True):
        table.setdefault("id", feature.get("id"))
    return properties, as_array(_geometry(feature["geometry"]) for feature in features)


def _read_lines(content: bytes) -> tuple[list[dict[str, Any]], NDArray[np.object_]] | None:
    """Return the same of a big text that has whole features on its lines; None of any other.

    A text of 500 MB would become 3 GB of lists before the first polygon is made. Lines that are a list of
    JSON values when put in brackets, and joined by commas, are that list together.
    """
    from pydantic_core import from_json

    start, end = content.find(b"\n") + 1, content.rfind(b"]}")
    head, tail = content[:start].strip(), content[end:].strip()
    if len(content) < LINES_BYTES or start >= end or tail != b"]}" or not HEAD.search(head):
        return None
    properties: list[dict[str, Any]] = []
    geometries: list[NDArray[np.object_]] = []
    try:
        if from_json(head + b"]}", allow_inf_nan=False)["features"] != []:
            return None
        while start < end:
            stop = content.find(b",\n", start + RUN_BYTES, end)
            stop = end if stop < 0 else stop
            features = from_json(b"[" + content[start:stop] + b"]", allow_inf_nan=False)
            tables, shapes = _take_features(features)
            properties += tables
            geometries.append(shapes)
            start = stop + 2
    except ValueError:
        return None
    return properties, np.concatenate(geometries)


def as_array(geometries: Iterable[BaseGeometry | None]) -> NDArray[np.object_]:
    """Return geometries as an array of objects."""
    listed = list(geometries)
    made = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made


def _geometry(table: dict[str, Any] | None) -> BaseGeometry | None:
    """Return a GeoJSON geometry as shapely; None stays None (a named thing nobody can locate)."""
    if table is None:
        return None
    if table["type"] == "Polygon":
        return _polygon_of(table["coordinates"])
    if table["type"] == "MultiPolygon":
        return shapely.MultiPolygon([_polygon_of(rings) for rings in table["coordinates"]])
    return shapely.geometry.shape(table)


def _polygon_of(rings: list[Any]) -> shapely.Polygon:
    """Return a polygon from its rings through arrays: ten times as fast as point by point."""
    if not rings:
        return shapely.Polygon()
    shell, *holes = (np.asarray(ring, dtype=np.float64) for ring in rings)
    return shapely.Polygon(shell, holes)
