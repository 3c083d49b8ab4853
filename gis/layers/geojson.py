"""The GeoJSON text of a layer: parsed at once where it is small, else some lines at a time."""

from __future__ import annotations

import gc
import re
from contextlib import contextmanager, suppress
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.errors import LayerError
from gis.layers.table import FeatureTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

LINES_BYTES, RUN_BYTES = 1 << 23, 1 << 16
"""A text of at least so many bytes is read some lines at a time; so many at least each time."""

HEAD = re.compile(rb'"features"\s*:\s*\[$')
"""How the line before the features ends where they stand one a line."""

TAIL = re.compile(rb"\]\s*\}\s*\Z")
"""What follows the last feature there."""


CLOSED_RING = 4
"""Least vertices of a closed ring."""


class NotLinesError(Exception):
    """A text has not whole features on its lines."""


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
    if len(content) >= LINES_BYTES:
        with suppress(NotLinesError):
            return join_runs(read_runs(BytesIO(content), where=where))
    return parse_whole(content, where=where)


def parse_whole(content: bytes, *, where: str) -> FeatureTable:
    """Return :func:`parse_features` of a text, parsed at once."""
    with _telling(where):
        return _number(_take_features(_parse(content)["features"]), 0, where)


def read_runs(lines: Iterable[bytes], *, where: str) -> Iterator[FeatureTable]:
    """Yield the features of a GeoJSON text that has whole features on its lines, some at a time.

    A text of 500 MB would become 3 GB of lists before the first polygon is made. Lines that are a list of
    JSON values when put in brackets, and joined by commas, are that list together.

    Raises
    ------
    NotLinesError
        If the text stands otherwise, or is broken; at any time.
    LayerError
        If a feature lacks an id or a geometry.
    """
    done = 0
    for text in _split_lines(iter(lines)):
        with _without_collecting():
            try:
                features = _parse(b"[" + text + b"]")
            except ValueError as error:
                raise NotLinesError from error
            with _telling(where):
                run = _number(_take_features(features), done, where)
            done += len(features)
            del features
        yield run


def join_runs(runs: Iterable[FeatureTable]) -> FeatureTable:
    """Return the features of all runs together."""
    listed = list(runs)
    shapes = np.concatenate([run.geometries for run in listed] or [np.empty(0, dtype=object)])
    return FeatureTable(tuple(table for run in listed for table in run.properties), shapes)


def _split_lines(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the lines between the brackets of the features, some at a time, without the commas between."""
    head = b""
    while not HEAD.search(head):
        line = next(lines, b"")
        head = (head + line).rstrip()
        if not line or len(head) > RUN_BYTES:
            raise NotLinesError
    try:
        if _parse(head + b"]}")["features"] != []:
            raise NotLinesError
    except (ValueError, KeyError, TypeError) as error:
        raise NotLinesError from error
    waiting: list[bytes] = []
    size, some = 0, False
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= RUN_BYTES and line[-16:].rstrip().endswith(b","):
            text = b"".join(waiting).strip()[:-1]
            if not text:
                raise NotLinesError
            yield text
            waiting, size, some = [], 0, True
    last, ends = TAIL.subn(b"", b"".join(waiting))
    if not ends or (some and not last.strip()):
        raise NotLinesError
    yield last


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Look for no cycles among thousands of lists that have none: a fifth of the time of parsing."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@contextmanager
def _telling(where: str) -> Iterator[None]:
    """Say what is wrong with a text that is not a FeatureCollection."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        raise LayerError(
            f"图层文件不是有效的 GeoJSON FeatureCollection：{error}",
            f"the layer file is not a valid GeoJSON FeatureCollection: {error}",
            where=where,
            hint_zh="用 gis layers check 查看详情，用 gis layers build 重建",
            hint_en="see gis layers check; rebuild with gis layers build",
            code="layers.unreadable",
        ) from error


def _number(found: tuple[list[dict[str, Any]], NDArray[np.object_]], first: int, where: str) -> FeatureTable:
    """Return features whose ids are texts; `first` is the number of the first of them.

    Raises
    ------
    LayerError
        If one has no id.
    """
    properties, geometries = found
    for number, table in enumerate(properties, first):
        if table["id"] is None:
            raise LayerError(
                f"第 {number} 个要素没有 id",
                f"feature {number} has no id",
                where=where,
                code="layers.feature_id",
            )
        table["id"] = str(table["id"])
    return FeatureTable(tuple(properties), geometries)


def _parse(text: bytes) -> Any:
    """Return a JSON value; raises ValueError."""
    from pydantic_core import from_json

    return from_json(text, allow_inf_nan=False)


def _take_features(features: Any) -> tuple[list[dict[str, Any]], NDArray[np.object_]]:
    """Return the properties and geometries of features."""
    properties = [{**(feature.get("properties") or {})} for feature in features]
    for feature, table in zip(features, properties, strict=True):
        table.setdefault("id", feature.get("id"))
    return properties, _make_shapes([feature["geometry"] for feature in features])


def _make_shapes(tables: list[dict[str, Any] | None]) -> NDArray[np.object_]:
    """Return GeoJSON geometries as shapely: the polygons among them at once where they are plain."""
    areas = [
        table["coordinates"] if table["type"] == "MultiPolygon" else [table["coordinates"]]
        for table in tables
        if table is not None and table["type"] in {"Polygon", "MultiPolygon"}
    ]
    polygons = _make_polygons([rings for area in areas for rings in area])
    if polygons is None or not all(areas):
        return as_array(_geometry(table) for table in tables)
    made = iter(polygons)
    return as_array(_take_shape(table, made) for table in tables)


def _take_shape(table: dict[str, Any] | None, polygons: Iterator[shapely.Polygon]) -> BaseGeometry | None:
    """Return a GeoJSON geometry as shapely, its polygons the next of those made already."""
    if table is None or table["type"] not in {"Polygon", "MultiPolygon"}:
        return _geometry(table)
    if table["type"] == "Polygon":
        return next(polygons)
    return shapely.MultiPolygon([next(polygons) for _ in table["coordinates"]])


def _make_polygons(polygons: list[list[list[list[float]]]]) -> NDArray[np.object_] | None:
    """Return polygons from the vertices of their rings; None where a ring is open or of other than x and y.

    All at once they are made several times as fast as one by one.
    """
    rings = [ring for polygon in polygons for ring in polygon]
    vertices = list(chain.from_iterable(rings))
    counts = np.array([len(ring) for ring in rings])
    if not all(polygons) or not rings or counts.min() < CLOSED_RING:
        return None
    if set(map(type, vertices)) != {list} or set(map(len, vertices)) != {2}:
        return None
    places = np.fromiter(chain.from_iterable(vertices), np.float64, 2 * len(vertices)).reshape(-1, 2)
    ends = np.cumsum(counts)
    if not (places[ends - counts] == places[ends - 1]).all():
        return None
    offsets = (
        np.concatenate([[0], ends]),
        np.concatenate([[0], np.cumsum([len(polygon) for polygon in polygons])]),
    )
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, places, offsets), dtype=object)


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
