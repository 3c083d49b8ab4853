"""The small map behind an overview or an index: coast and prefecture boundaries, generalised, in degrees."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.sheets.draw import line_parts, polygon_parts, rings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gis.model import Layer
    from gis.sheets.canvas import Canvas
    from gis.sheets.layout import Box

LAND, SEA, BORDER = "#fbf9f2", "#d6e6ee", "#8a6f8f"
DETAIL = 1 / 600
"""What is smaller than this share of the box's width is left out: 0.1 mm on a small overview."""


@dataclass(frozen=True, slots=True)
class Backdrop:
    """Coast and boundaries over a box.

    Parameters
    ----------
    bbox : tuple of float
        (west, south, east, north), degrees.
    sea : MultiPolygon
    borders : MultiLineString
    """

    bbox: tuple[float, float, float, float]
    sea: shapely.MultiPolygon
    borders: shapely.MultiLineString

    @property
    def ratio(self) -> float:
        """Height over width when drawn with true shape in the middle."""
        west, south, east, north = self.bbox
        return (north - south) / ((east - west) * math.cos(math.radians((south + north) / 2)))


def make_backdrop(layers: Mapping[str, Layer], bbox: tuple[float, float, float, float]) -> Backdrop:
    """Return the backdrop of a box from the context layers of a workspace."""
    sea = _context_polygons(layers, "sea", bbox)
    units = _context_polygons(layers, "boundary_prefecture", bbox)
    lines = line_parts(shapely.line_merge(shapely.union_all(shapely.boundary(units)))) if units else []
    detail = (bbox[2] - bbox[0]) * DETAIL
    kept = [line for line in lines if not line.is_ring or line.length > 8 * detail]
    return Backdrop(bbox, shapely.MultiPolygon(sea), shapely.MultiLineString(kept))


def _context_polygons(
    layers: Mapping[str, Layer], kind: str, bbox: tuple[float, float, float, float]
) -> list[shapely.Polygon]:
    """Return the polygons of a kind over a box, simplified, without specks and pinholes."""
    detail = (bbox[2] - bbox[0]) * DETAIL
    found: list[shapely.Polygon] = []
    for layer in layers.values():
        if layer.entry.theme != "context" or layer.frame is None:
            continue
        for geometry in layer.frame.geometry[layer.frame["kind"] == kind]:
            cut = shapely.clip_by_rect(geometry, *bbox)
            found += polygon_parts(shapely.simplify(cut, detail, preserve_topology=True))
    least = 6 * detail**2
    return [
        shapely.Polygon(
            part.exterior, [ring for ring in part.interiors if shapely.Polygon(ring).area > least]
        )
        for part in found
        if part.area > least
    ]


def place_in(
    box: Box, bbox: tuple[float, float, float, float], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return points in degrees inside a box on paper, millimetres."""
    west, south, east, north = bbox
    return np.column_stack(
        (
            box.x + (points[:, 0] - west) / (east - west) * box.width,
            box.y + (points[:, 1] - south) / (north - south) * box.height,
        )
    )


def draw_backdrop(canvas: Canvas, backdrop: Backdrop, box: Box) -> None:
    """Draw land, sea and boundaries into a box; the caller draws the box's edge."""

    def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return place_in(box, backdrop.bbox, points)

    if not canvas.draws:
        return
    canvas.fill([box.ring], LAND)
    with canvas.clipped([box.ring], digits=2):
        for part in polygon_parts(shapely.transform(backdrop.sea, place)):
            canvas.fill(rings_of(part), SEA)
        lines = line_parts(shapely.transform(backdrop.borders, place))
        canvas.stroke([shapely.get_coordinates(line) for line in lines], BORDER, 0.12)
