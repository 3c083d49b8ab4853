"""The plane pieces of the obstacle limitation surfaces of a runway, in the runway's own coordinates.

Height is counted above the aerodrome. Pieces: the strip, approach and take-off climb at both ends, and the
transitional sides between these and the inner horizontal surface. Geometry after ICAO Annex 14, volume I,
chapter 4; the figures stand in the rule, not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis import crs
from gis.errors import GeometryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class Facet:
    """A plane piece of a surface in runway coordinates (u along the runway from its middle, v to its left).

    Parameters
    ----------
    surface : str
        ``strip``, ``approach``, ``take_off_climb`` or ``transitional``.
    outline : Polygon
        In metres (u, v) on the ground.
    height : callable
        (u, v) arrays → metres above the aerodrome; linear over the outline.
    """

    surface: str
    outline: shapely.Polygon
    height: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Runway:
    """A runway's centreline as a frame of reference in the working plane."""

    middle_x: float
    middle_y: float
    along_x: float
    along_y: float
    half_length_m: float
    scale: float

    def to_local(self, geometry: BaseGeometry) -> BaseGeometry:
        """Return a working-plane geometry in runway coordinates (u, v), metres on the ground."""

        def turn(xy: NDArray[np.float64]) -> NDArray[np.float64]:
            x, y = (xy[:, 0] - self.middle_x) / self.scale, (xy[:, 1] - self.middle_y) / self.scale
            return np.column_stack((x * self.along_x + y * self.along_y, y * self.along_x - x * self.along_y))

        return shapely.transform(geometry, turn)

    def to_plane(self, geometry: BaseGeometry) -> BaseGeometry:
        """Return a geometry in runway coordinates in the working plane."""

        def turn(uv: NDArray[np.float64]) -> NDArray[np.float64]:
            u, v = uv[:, 0] * self.scale, uv[:, 1] * self.scale
            return np.column_stack(
                (
                    self.middle_x + u * self.along_x - v * self.along_y,
                    self.middle_y + u * self.along_y + v * self.along_x,
                )
            )

        return shapely.transform(geometry, turn)


def runway_ends(geometry: BaseGeometry) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the two ends of a runway's centreline.

    Raises
    ------
    GeometryError
        If `geometry` is not a line with two different ends.
    """
    coordinates = shapely.get_coordinates(geometry)
    if geometry.geom_type != "LineString" or tuple(coordinates[0]) == tuple(coordinates[-1]):
        raise GeometryError(
            f"跑道应为有两个端点的线，实际为 {geometry.geom_type}",
            f"a runway must be a line with two ends, not a {geometry.geom_type}",
            code="zones.runway",
        )
    (x_0, y_0), (x_1, y_1) = coordinates[0], coordinates[-1]
    return (float(x_0), float(y_0)), (float(x_1), float(y_1))


def place_runway(geometry: BaseGeometry) -> Runway:
    """Return the frame of a runway given as a line in EPSG:4549; raises :class:`GeometryError`."""
    (x_0, y_0), (x_1, y_1) = runway_ends(geometry)
    length = hypot(x_1 - x_0, y_1 - y_0)
    scale = crs.scale_factor((x_0 + x_1) / 2)
    return Runway(
        middle_x=(x_0 + x_1) / 2,
        middle_y=(y_0 + y_1) / 2,
        along_x=(x_1 - x_0) / length,
        along_y=(y_1 - y_0) / length,
        half_length_m=length / 2 / scale,
        scale=scale,
    )


def make_facets(runway: Runway, surfaces: Mapping[str, Any]) -> tuple[Facet, ...]:
    """Return the plane pieces of the surfaces a rule describes, for both ends and both sides of a runway."""
    facets: list[Facet] = []
    approach, climb = surfaces.get("approach"), surfaces.get("take_off_climb")
    if approach:
        half_width, beyond = approach["inner_edge_m"] / 2, approach["from_threshold_m"]
        strip = shapely.box(
            -runway.half_length_m - beyond, -half_width, runway.half_length_m + beyond, half_width
        )
        facets.append(Facet("strip", strip, lambda u, _: np.zeros_like(u)))
    for end in (-1.0, 1.0):
        if approach:
            facets.extend(_approach_facets(runway, approach, end))
        if climb:
            facets.append(_climb_facet(runway, climb, end))
        if approach and "transitional" in surfaces:
            facets.extend(_transitional_facets(runway, approach, surfaces, end))
    return tuple(facets)


def _approach_facets(runway: Runway, approach: Mapping[str, float], end: float) -> list[Facet]:
    """Return the sections of an approach surface: first, second, horizontal."""
    start = runway.half_length_m + approach["from_threshold_m"]
    sections = (
        (approach["first_length_m"], approach["first_slope"]),
        (approach["second_length_m"], approach["second_slope"]),
        (approach["horizontal_length_m"], 0.0),
    )
    facets: list[Facet] = []
    near, base = 0.0, 0.0
    for length, slope in sections:
        outline = _trapeze(
            start, near, near + length, approach["inner_edge_m"] / 2, approach["divergence"], end
        )
        facets.append(Facet("approach", outline, _ramp(start + near, base, slope, end)))
        near, base = near + length, base + slope * length
    return facets


def _climb_facet(runway: Runway, climb: Mapping[str, float], end: float) -> Facet:
    """Return a take-off climb surface, widening to its final width."""
    start = runway.half_length_m + climb["from_end_m"]
    half, final = climb["inner_edge_m"] / 2, climb["final_width_m"] / 2
    widening = (final - half) / climb["divergence"]
    corners = [
        (start, -half),
        (start + widening, -final),
        (start + climb["length_m"], -final),
        (start + climb["length_m"], final),
        (start + widening, final),
        (start, half),
    ]
    outline = shapely.Polygon([(end * u, v) for u, v in corners])
    return Facet("take_off_climb", outline, _ramp(start, 0.0, climb["slope"], end))


def _transitional_facets(
    runway: Runway, approach: Mapping[str, float], surfaces: Mapping[str, Any], end: float
) -> list[Facet]:
    """Return the transitional sides of half a strip and of the approach, up to the inner horizontal."""
    slope, ceiling = surfaces["transitional"]["slope"], surfaces["height_m"]
    half, start = approach["inner_edge_m"] / 2, runway.half_length_m + approach["from_threshold_m"]
    reach = ceiling / slope
    along = min(ceiling / approach["first_slope"], approach["first_length_m"])
    edge = half + approach["divergence"] * along
    facets: list[Facet] = []
    for side in (-1.0, 1.0):
        beside = [(0.0, half), (start, half), (start, half + reach), (0.0, half + reach)]
        level = _side(half, 0.0, 0.0, start, slope, end)
        facets.append(Facet("transitional", _mirrored(beside, end, side), level))
        ahead = [(start, half), (start + along, edge), (start, half + reach)]
        rising = _side(half, approach["divergence"], approach["first_slope"], start, slope, end)
        facets.append(Facet("transitional", _mirrored(ahead, end, side), rising))
    return facets


def _mirrored(corners: list[tuple[float, float]], end: float, side: float) -> shapely.Polygon:
    """Return a polygon given for the positive end and side, mirrored to another."""
    return shapely.Polygon([(end * u, side * v) for u, v in corners])


def _trapeze(
    start: float, near: float, far: float, half: float, divergence: float, end: float
) -> shapely.Polygon:
    """Return a section of a widening surface between two distances from its inner edge."""
    inner, outer = half + divergence * near, half + divergence * far
    corners = [(start + near, -inner), (start + far, -outer), (start + far, outer), (start + near, inner)]
    return shapely.Polygon([(end * u, v) for u, v in corners])


def _ramp(
    start: float, base: float, slope: float, end: float
) -> Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]:
    """Return the height of a plane that rises outward along the runway."""
    return lambda u, _: base + slope * (end * u - start)


def _side(
    half: float, divergence: float, rise: float, start: float, slope: float, end: float
) -> Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]:
    """Return the height of a transitional side, rising from the edge it starts at."""

    def height(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        ahead = end * u - start
        return rise * ahead + slope * (np.abs(v) - half - divergence * ahead)

    return height
