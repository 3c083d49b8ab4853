"""One table of a file as it was read: geometries without heights, columns as JSON values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gis.model import Text

LARGEST = 1e8
"""Largest absolute coordinate; the largest real one is a prefixed easting, 41 788 000 m."""


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One table of one file.

    Parameters
    ----------
    file, name : str
        Name of the file, and of the table or shapefile in it: the layer code of the database, often.
    geometries : array of shapely geometries
        Two-dimensional, coordinates of the file; None where a row has none.
    columns : mapping
        Values by field, one a row, as JSON values.
    crs : str or None
        EPSG code or WKT; None where the file says nothing.
    wgs84_by_rule : bool
        The format itself says WGS 84 (RFC 7946).
    """

    file: str
    name: str
    geometries: NDArray[np.object_]
    columns: Mapping[str, Sequence[Any]]
    crs: str | None
    wgs84_by_rule: bool = False
    encoding: str = "UTF-8"
    notes: tuple[Text, ...] = field(default=())


def refuse(code: str, zh: str, en: str, where: str, hint_zh: str = "", hint_en: str = "") -> LayerError:
    """Return the error for a file that is not taken in; nothing was changed."""
    return LayerError(zh, en, where=where, code=code, hint_zh=hint_zh, hint_en=hint_en)


def broken(where: str, error: Exception) -> LayerError:
    """Return the error for a file that cannot be read."""
    return refuse(
        "layers.broken_file",
        f"文件无法读取：{error}",
        f"the file cannot be read: {error}",
        where,
        "文件可能不完整，请重新导出",
        "the file may be incomplete; export it again",
    )


def to_shapes(shapes: NDArray[np.object_], where: str) -> NDArray[np.object_]:
    """Return WKB as shapely geometries without heights; None stays None.

    Raises
    ------
    LayerError
        If a geometry cannot be read or a coordinate is not a number.
    """
    try:
        return flatten(np.asarray(shapely.from_wkb(shapes), dtype=object), where)
    except shapely.errors.ShapelyError as error:
        raise broken(where, error) from error


def flatten(geometries: NDArray[np.object_], where: str) -> NDArray[np.object_]:
    """Return geometries without heights and measures, once every coordinate is known to be a number.

    Raises
    ------
    LayerError
        If one is not: GEOS calls such a geometry valid, and it meets nothing.
    """
    flat = np.asarray(shapely.force_2d(geometries), dtype=object)
    xy, owner = shapely.get_coordinates(flat, return_index=True)
    bad = ~(np.abs(xy) <= LARGEST).all(axis=1)
    if bad.any():
        index, value = int(owner[bad][0]), tuple(xy[bad][0].tolist())
        raise refuse(
            "layers.coordinates",
            f"第 {index} 个要素的坐标 {value} 不是有限的数",
            f"feature {index} has the coordinate {value}, which is no finite number",
            where,
        )
    return flat


def to_columns(names: Sequence[str], values: Sequence[Any], *, nested: bool = False) -> dict[str, list[Any]]:
    """Return columns as lists of JSON values; texts that hold a JSON list are read where `nested`."""
    return {
        str(name): [_to_value(value, nested=nested) for value in _to_list(column)]
        for name, column in zip(names, values, strict=True)
    }


def _to_list(column: Any) -> list[Any]:
    array = np.asarray(column)
    if array.dtype.kind == "M":
        return [None if text == "NaT" else text for text in np.datetime_as_string(array).tolist()]
    return list(array.tolist())


def _to_value(value: Any, *, nested: bool) -> Any:
    """Return a value as JSON can say it; numbers that are none as None."""
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return _read_nested(value) if nested and value[:1] == "[" else value
    return str(value)


def _read_nested(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
