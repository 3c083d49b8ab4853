"""Zones along a river: so far upstream, so far downstream by the network, and so far to the sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.ops import substring

from gis import crs
from gis.errors import GeometryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from gis.model import Recipe

QUAD_SEGS = 32
NODE_M = 1.0
"""Ends of reaches closer than this are one node."""

SNAP_M = 5000.0
"""A point farther than this from every river axis lies on no river that is known."""


@dataclass(frozen=True, slots=True)
class RiverNetwork:
    """The rivers that are known, in the working plane.

    Parameters
    ----------
    axes : tuple of LineString
        Centrelines in EPSG:4549, drawn downstream; reaches meet in shared nodes.
    water : shapely geometry
        Water surfaces, polygons in EPSG:4549; empty where none are drawn.
    """

    axes: tuple[BaseGeometry, ...]
    water: BaseGeometry

    def trace(self, place: BaseGeometry, *, up_m: float, down_m: float) -> BaseGeometry:
        """Return the stretch of river about a place, by distance along the network, metres on the ground.

        Raises
        ------
        GeometryError
            If no river axis lies within 5 km of the place.
        """
        gaps = [float(shapely.distance(axis, place)) for axis in self.axes]
        if not gaps or min(gaps) > SNAP_M:
            raise GeometryError(
                "附近 5 公里内没有河流中心线，无法沿河量取距离",
                "no river centreline lies within 5 km, so no distance can be taken along the river",
                hint_zh="请在 river_axis 图层中补充该河流",
                hint_en="add the river to the layer river_axis",
                code="zones.no_river",
            )
        index = int(np.argmin(gaps))
        axis: Any = self.axes[index]
        at = float(shapely.line_locate_point(axis, shapely.centroid(place)))
        scale = crs.scale_factor(float(shapely.centroid(place).x))
        pieces = self._walk(index, at, up_m * scale, downstream=False)
        pieces.extend(self._walk(index, at, down_m * scale, downstream=True))
        return shapely.union_all(pieces)

    def _walk(self, index: int, at: float, distance: float, *, downstream: bool) -> list[BaseGeometry]:
        """Return the pieces of axes from a position on one of them, on into those that join it."""
        axis: Any = self.axes[index]
        length = float(shapely.length(axis))
        target = at + distance if downstream else at - distance
        piece = (
            substring(axis, at, min(target, length)) if downstream else substring(axis, max(target, 0.0), at)
        )
        rest = target - length if downstream else -target
        if rest <= 0:
            return [piece]
        node = shapely.get_point(axis, -1 if downstream else 0)
        pieces: list[BaseGeometry] = [piece]
        for other, candidate in enumerate(self.axes):
            joins = shapely.get_point(candidate, 0 if downstream else -1)
            if other != index and shapely.dwithin(node, joins, NODE_M):
                start = 0.0 if downstream else float(shapely.length(candidate))
                pieces.extend(self._walk(other, start, rest, downstream=downstream))
        return pieces

    def water_about(self, stretch: BaseGeometry) -> BaseGeometry:
        """Return the water surface beside a stretch of centreline; empty where no water is drawn."""
        if self.water.is_empty or stretch.is_empty:
            return shapely.MultiPolygon()
        lines: list[Any] = shapely.get_parts(stretch).tolist()
        samples = shapely.line_interpolate_point(lines[0], np.linspace(0.05, 0.95, 10), normalized=True)
        banks = shapely.boundary(self.water)
        half_width = float(np.max(shapely.distance(samples, banks))) * 1.5
        beside = shapely.union_all([line.buffer(half_width, cap_style="flat") for line in lines])
        parts = shapely.get_parts(shapely.intersection(self.water, beside)).tolist()
        return shapely.union_all([part for part in parts if shapely.intersects(part, stretch)])


def make_along_river(geometry: BaseGeometry, recipe: Recipe, rivers: RiverNetwork) -> BaseGeometry:
    """Return the zone along the river about a feature: water, and ``lateral_m`` of land beside it.

    With ``lateral_m`` 0 it is the water itself; where none is drawn, the stretch of centreline.

    Raises
    ------
    GeometryError
        If no river lies near the feature.
    """
    values = recipe.parameters
    stretch = rivers.trace(geometry, up_m=values["up_m"], down_m=values["down_m"])
    water = rivers.water_about(stretch)
    core = stretch if water.is_empty else water
    lateral = values["lateral_m"] * crs.scale_factor(float(shapely.centroid(geometry).x))
    if lateral <= 0:
        return core
    return shapely.union_all([core, core.buffer(lateral, quad_segs=QUAD_SEGS, cap_style="flat")])


def link_rivers(axes: Sequence[BaseGeometry], water: Sequence[BaseGeometry]) -> RiverNetwork:
    """Return the network of river axes (lines, EPSG:4549) and water surfaces (polygons)."""
    lines = [
        part for axis in axes for part in shapely.get_parts(axis).tolist() if part.geom_type == "LineString"
    ]
    return RiverNetwork(axes=tuple(lines), water=shapely.union_all(list(water)))
