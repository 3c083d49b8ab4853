"""Runs of encoded features → raw features; one that cannot be read keeps its place with a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.errors import SiteError
from gis.model import Note, Text
from gis.sites.attributes import NAME_FIELDS, NAME_FIELDS_CUT
from gis.sites.raw import LIMITS, RawFeature
from gis.sites.shapes import ShapeBuilder

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from gis.scale.origin import Encoding

WANTED = (*NAME_FIELDS, *NAME_FIELDS_CUT, "height_m")
"""Attributes that a check reads; the others are joined again by ``site_index``."""

UNREADABLE = Note("geometry_unreadable", Text("几何无法解析", "the geometry cannot be read"))
ABSURD = Note(
    "coordinates",
    Text(
        "坐标不是有限的数，或绝对值超过 1 亿",
        "a coordinate is not a finite number, or beyond 1e8",
    ),
)


class FeatureMaker:
    """Makes the raw features of one file, numbered through.

    Parameters
    ----------
    where : str
        Name of the file, for messages.
    first : int
        Position in the file of the first of them, from 0.
    """

    def __init__(self, where: str, *, first: int = 0) -> None:
        self._where = where
        self._next = first

    def read(self, rows: pa.RecordBatch, encoding: Encoding) -> list[RawFeature]:
        """Return the features of rows as their file encodes them.

        Raises
        ------
        SiteError
            If the text of a GeoJSON feature is not JSON.
        """
        if encoding.kind == "geojson":
            return self.from_texts(rows.column(0).to_pylist())
        if encoding.kind == "points":
            return self.from_points(rows, *encoding.columns)
        if encoding.kind == "wkt":
            return self.from_wkt(rows, *encoding.columns)
        return self.from_batch(rows, *encoding.columns)

    def from_batch(self, batch: pa.RecordBatch, geometry: str) -> list[RawFeature]:
        """Return the features of an Arrow batch with WKB."""
        column = batch.column(batch.schema.get_field_index(geometry))
        column = getattr(column, "storage", column)
        wkb = np.array([*column.to_pylist(), None], dtype=object)[:-1]
        shapes = shapely.from_wkb(wkb, on_invalid="ignore")
        return self._make(shapes, shapely.is_missing(shapes) & (wkb != np.array(None)), _properties(batch))

    def from_wkt(self, batch: pa.RecordBatch, column: str) -> list[RawFeature]:
        """Return the features of a table with WKT."""
        texts = batch.column(batch.schema.get_field_index(column)).to_pylist()
        wkt = np.array([*(text or None for text in texts), None], dtype=object)[:-1]
        shapes = shapely.from_wkt(wkt, on_invalid="ignore")
        return self._make(shapes, shapely.is_missing(shapes) & (wkt != np.array(None)), _properties(batch))

    def from_points(self, batch: pa.RecordBatch, lon: str, lat: str) -> list[RawFeature]:
        """Return the features of a table with a point a row."""
        x, y = (
            np.array([_number(v) for v in batch.column(batch.schema.get_field_index(name)).to_pylist()])
            for name in (lon, lat)
        )
        shapes = np.full(len(x), None, dtype=object)
        finite = np.isfinite(x) & np.isfinite(y)
        shapes[finite] = shapely.points(x[finite], y[finite])
        return self._make(shapes, ~finite, _properties(batch))

    def from_texts(self, texts: Sequence[bytes]) -> list[RawFeature]:
        """Return the features of GeoJSON texts.

        Raises
        ------
        SiteError
            If a text is not JSON.
        """
        from pydantic_core import from_json

        tables = []
        for offset, text in enumerate(texts):
            try:
                tables.append(from_json(text, allow_inf_nan=False))
            except ValueError as error:
                raise SiteError(
                    f"要素 {self._next + offset} 不是有效的 JSON：{error}",
                    f"feature {self._next + offset} is not valid JSON: {error}",
                    where=f"{self._where}, feature {self._next + offset}",
                    code="sites.geojson",
                ) from error
        shapes = shapely.from_geojson(np.array([*texts, None], dtype=object)[:-1], on_invalid="ignore")
        properties = [
            keep_wanted(table.get("properties") if isinstance(table, dict) else None) for table in tables
        ]
        made = self._make(shapes, np.zeros(len(texts), dtype=bool), properties)
        return [
            feature if feature.geometry is not None else self._build(feature, table)
            for feature, table in zip(made, tables, strict=True)
        ]

    def _build(self, feature: RawFeature, table: Any) -> RawFeature:
        """Return a feature that the quick reader left, as the strict reader of GeoJSON files takes it."""
        geometry = table.get("geometry") if isinstance(table, dict) else None
        if geometry is None or feature.problem is not None:
            return feature
        try:
            shape, problem, repairs = ShapeBuilder(self._where, LIMITS).build(geometry, feature.index)
        except SiteError as error:
            note = Note(error.code, Text(error.zh, error.en))
            return RawFeature(feature.index, None, feature.properties, note)
        return RawFeature(feature.index, shape, feature.properties, problem, repairs)

    def _make(
        self, shapes: NDArray[np.object_], broken: NDArray[np.bool_], properties: Sequence[dict[str, Any]]
    ) -> list[RawFeature]:
        """Return features with their numbers, those with unusable coordinates as problems."""
        flat = shapely.force_2d(shapes)
        coordinates, owner = shapely.get_coordinates(flat, return_index=True)
        usable = (np.abs(coordinates) <= LIMITS.coordinate).all(axis=1)
        absurd = np.zeros(len(flat), dtype=bool)
        absurd[owner[~usable]] = True
        start = self._next
        self._next += len(flat)
        return [
            RawFeature(start + k, None, table, UNREADABLE if broken[k] else ABSURD)
            if broken[k] or absurd[k]
            else RawFeature(start + k, flat[k], table)
            for k, table in enumerate(properties)
        ]


def _properties(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """Return the attributes a check reads of each row."""
    columns = {
        name: batch.column(batch.schema.get_field_index(name)).to_pylist()
        for name in batch.schema.names
        if name in WANTED
    }
    if not columns:
        return [{} for _ in range(batch.num_rows)]
    return [
        keep_wanted(dict(zip(columns, values, strict=True))) for values in zip(*columns.values(), strict=True)
    ]


def keep_wanted(properties: Any) -> dict[str, Any]:
    """Return the attributes a check reads, plain values only."""
    if not isinstance(properties, dict):
        return {}
    return {
        name: properties[name]
        for name in WANTED
        if isinstance(properties.get(name), (str, int, float)) and properties[name] == properties[name]
    }


def _number(value: Any) -> float:
    """Return a cell as a number; NaN where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
