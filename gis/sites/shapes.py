"""GeoJSON geometry objects to shapely; every coordinate is looked at before GEOS sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.errors import SiteError, SiteTooLargeError
from gis.model import Note, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.sites.raw import Limits

RING_CLOSED = Note(
    "ring_closed", Text("环未闭合，已闭合", "a ring was not closed; closed"), area_change_m2=0.0
)
HOLE_DROPPED = Note(
    "hole_dropped",
    Text("一个洞不足三个顶点，已舍去", "a hole of fewer than three vertices was dropped"),
    area_change_m2=0.0,
)


class _TooFewVerticesError(Exception):
    """A ring or line has too few vertices to be one; the feature is rejected."""


class ShapeBuilder:
    """Makes shapely geometries of one file and counts their vertices.

    Parameters
    ----------
    where : str
        Name of the file, for messages.
    """

    def __init__(self, where: str, limits: Limits) -> None:
        self.limits = limits
        self._where = where
        self._vertices = 0
        self._index = 0
        self._vertex = 0
        self._repairs: list[Note] = []

    def build(self, geometry: Any, index: int) -> tuple[BaseGeometry | None, Note | None, tuple[Note, ...]]:
        """Return the geometry of feature `index`, or the reason why there is none, and what was mended.

        Raises
        ------
        SiteError
            If the object is no GeoJSON geometry or a coordinate is no usable number.
        SiteTooLargeError
            If the file has more vertices or deeper collections than allowed.
        """
        self._index, self._vertex, self._repairs = index, 0, []
        try:
            shape = self._make(geometry, depth=0)
        except _TooFewVerticesError as error:
            zh, en = error.args
            return None, Note("too_few_vertices", Text(zh, en)), ()
        return shape, None, tuple(dict.fromkeys(self._repairs))

    def _make(self, geometry: Any, *, depth: int) -> BaseGeometry:
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        if kind == "GeometryCollection":
            return self._make_collection(geometry, depth=depth)
        coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
        if not isinstance(coordinates, (list, tuple)):
            self._refuse("几何缺少 coordinates 数组", "the geometry has no coordinates array")
        makers: dict[str, Callable[[Sequence[Any]], BaseGeometry]] = {
            "Point": self._point,
            "MultiPoint": lambda points: shapely.MultiPoint(self._positions(points)),
            "LineString": self._line,
            "MultiLineString": lambda lines: self._multi(lines, self._line, shapely.MultiLineString),
            "Polygon": self._polygon,
            "MultiPolygon": lambda parts: self._multi(parts, self._polygon, shapely.MultiPolygon),
        }
        if not isinstance(kind, str) or kind not in makers:
            self._refuse(f"未知的几何类型 {str(kind)[:40]}", f"unknown geometry type {str(kind)[:40]}")
        return makers[kind](coordinates)

    def _point(self, position: Sequence[Any]) -> BaseGeometry:
        return shapely.Point(self._positions([position])[0]) if position else shapely.Point()

    def _multi(
        self, parts: Sequence[Any], make: Callable[[Sequence[Any]], BaseGeometry], collect: Callable[..., Any]
    ) -> BaseGeometry:
        made = [make(self._listed(part)) for part in parts]
        whole: BaseGeometry = collect([part for part in made if not part.is_empty])
        return whole

    def _make_collection(self, geometry: dict[str, Any], *, depth: int) -> BaseGeometry:
        parts = geometry.get("geometries")
        if not isinstance(parts, (list, tuple)):
            self._refuse("GeometryCollection 缺少 geometries", "the GeometryCollection has no geometries")
        if depth >= self.limits.depth:
            raise SiteTooLargeError(
                f"要素 {self._index} 的 GeometryCollection 嵌套超过 {self.limits.depth} 层",
                f"feature {self._index}: GeometryCollection nested more than {self.limits.depth} deep",
                where=f"{self._where}, feature {self._index}",
            )
        return shapely.GeometryCollection([self._make(part, depth=depth + 1) for part in parts])

    def _line(self, coordinates: Sequence[Any]) -> BaseGeometry:
        if not coordinates:
            return shapely.LineString()
        positions = self._positions(coordinates)
        if len(positions) < 2:
            raise _TooFewVerticesError("线只有一个顶点", "a line has only one vertex")
        return shapely.LineString(positions)

    def _polygon(self, rings: Sequence[Any]) -> BaseGeometry:
        if not rings:
            return shapely.Polygon()
        shell = self._ring(self._listed(rings[0]))
        if shell is None:
            raise _TooFewVerticesError(
                "外环不足三个不同的顶点", "the outer ring has fewer than three vertices"
            )
        holes = [self._ring(self._listed(ring)) for ring in rings[1:]]
        if any(hole is None for hole in holes):
            self._repairs.append(HOLE_DROPPED)
        return shapely.Polygon(shell, [hole for hole in holes if hole is not None])

    def _ring(self, coordinates: Sequence[Any]) -> NDArray[np.float64] | None:
        positions = self._positions(coordinates)
        if len(positions) and not np.array_equal(positions[0], positions[-1]):
            self._repairs.append(RING_CLOSED)
            positions = np.vstack((positions, positions[:1]))
        return positions if len(positions) >= 4 else None

    def _listed(self, value: Any) -> Sequence[Any]:
        if not isinstance(value, (list, tuple)):
            self._refuse("坐标的嵌套层数不对", "coordinates are nested wrongly")
        return value

    def _positions(self, coordinates: Sequence[Any]) -> NDArray[np.float64]:
        """Return checked (n, 2) coordinates of a list of positions; heights and measures are left out."""
        self._vertices += len(coordinates)
        if self._vertices > self.limits.vertices:
            raise SiteTooLargeError(
                f"顶点多于上限 {self.limits.vertices}",
                f"more than {self.limits.vertices} vertices",
                where=f"{self._where}, feature {self._index}",
                hint_zh="请分成几个文件，或简化几何",
                hint_en="split the file or simplify the geometry",
            )
        limit = self.limits.coordinate
        for position in coordinates:
            if not isinstance(position, (list, tuple)) or not 2 <= len(position) <= 4:
                self._refuse_vertex(position)
            for value in position[:2]:
                # NaN and infinity fail the comparison, booleans and text the type
                if type(value) not in (int, float) or not -limit <= value <= limit:
                    self._refuse_vertex(position)
            self._vertex += 1
        return np.array([position[:2] for position in coordinates], dtype=np.float64).reshape(-1, 2)

    def _refuse_vertex(self, position: Any) -> NoReturn:
        raise bad_vertex(self._where, self._index, self._vertex, str(position))

    def _refuse(self, zh: str, en: str) -> NoReturn:
        raise SiteError(
            f"要素 {self._index}：{zh}",
            f"feature {self._index}: {en}",
            where=f"{self._where}, feature {self._index}",
            code="sites.geojson",
            hint_zh="文件应符合 RFC 7946",
            hint_en="the file must follow RFC 7946",
        )


def bad_vertex(where: str, index: int, vertex: int, shown: str) -> SiteError:
    """Return the error for a vertex that is no pair of usable numbers; feature and vertex count from 0."""
    return SiteError(
        f"要素 {index} 的顶点 {vertex} 不是可用的坐标：{shown[:80]}；应为有限的数，绝对值不超过 1 亿",
        f"vertex {vertex} of feature {index} is not usable: {shown[:80]}; expected numbers below 1e8",
        where=f"{where}, feature {index}, vertex {vertex}",
        code="sites.coordinates",
        hint_zh="请改正该坐标后重新提交（要素与顶点均从 0 数起）",
        hint_en="correct the coordinate and submit again (features and vertices count from 0)",
    )
