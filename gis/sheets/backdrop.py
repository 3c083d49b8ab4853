"""The small map behind an overview or an index: coast and prefecture boundaries, generalised, in degrees."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.sheets.canvas import Canvas, Drawing, Resources
from gis.sheets.draw import line_parts, polygon_parts, rings_of
from gis.sheets.layout import Box

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gis.model import Layer

LAND, SEA, BORDER = "#fbf9f2", "#d6e6ee", "#8a6f8f"
OVERVIEW_MM, INDEX_MM = 75.0, 390.0
"""Usual width of an overview and of an index: what they show is made for it."""

DETAIL_MM = 0.22
"""What is smaller than this on paper is left out."""

COAST_DEG = 0.04
"""So near to the sea no border is drawn: it would be a second coastline."""

UNIT_MM = 0.5
"""A drawing's coordinates are tenths of this."""


@dataclass(frozen=True)
class Backdrop:
    """Coast and boundaries over a box.

    Parameters
    ----------
    width_mm : float
        Width on paper it is made for.
    bbox : tuple of float
        (west, south, east, north), degrees.
    sea : MultiPolygon
    borders : MultiLineString
    """

    width_mm: float
    bbox: tuple[float, float, float, float]
    sea: shapely.MultiPolygon
    borders: shapely.MultiLineString

    @cached_property
    def drawing(self) -> Drawing:
        """The backdrop drawn, coordinates in units of `UNIT_MM`."""
        width = self.width_mm / UNIT_MM
        box = Box(0.0, 0.0, width, width * self.ratio)
        canvas = Canvas(box.width, box.height, Resources())

        def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
            return place_in(box, self.bbox, points)

        canvas.fill([box.ring], LAND)
        sea = polygon_parts(shapely.transform(self.sea, place))
        canvas.fill([ring for part in sea for ring in rings_of(part)], SEA, digits=1)
        lines = line_parts(shapely.transform(self.borders, place))
        canvas.stroke([shapely.get_coordinates(line) for line in lines], BORDER, 0.12 / UNIT_MM, digits=1)
        return Drawing("\n".join(canvas.operations).encode("latin-1"), box.width, box.height)

    @property
    def ratio(self) -> float:
        """Height over width when drawn with true shape in the middle."""
        west, south, east, north = self.bbox
        return (north - south) / ((east - west) * math.cos(math.radians((south + north) / 2)))


def make_backdrop(
    layers: Mapping[str, Layer], bbox: tuple[float, float, float, float], width_mm: float = OVERVIEW_MM
) -> Backdrop:
    """Return the backdrop of a box, made for a width on paper, from the context layers of a workspace."""
    detail = (bbox[2] - bbox[0]) * DETAIL_MM / width_mm
    sea = _context_polygons(layers, "sea", bbox, detail)
    units = _context_polygons(layers, "boundary_prefecture", bbox, detail)
    edges = shapely.union_all(shapely.boundary(units)) if units else shapely.MultiLineString()
    if sea:
        edges = shapely.difference(edges, shapely.buffer(shapely.union_all(sea), COAST_DEG))
    lines = line_parts(shapely.line_merge(edges))
    kept = [line for line in lines if not line.is_ring or line.length > 8 * detail]
    return Backdrop(width_mm, bbox, shapely.MultiPolygon(sea), shapely.MultiLineString(kept))


def _context_polygons(
    layers: Mapping[str, Layer], kind: str, bbox: tuple[float, float, float, float], detail: float
) -> list[shapely.Polygon]:
    """Return the polygons of a kind over a box, simplified, without specks and pinholes."""
    found: list[shapely.Polygon] = []
    for layer in layers.values():
        if layer.entry.theme != "context":
            continue
        for own, geometry in zip(layer.column("kind"), layer.geometries, strict=True):
            if own != kind:
                continue
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
    """Draw land, sea and boundaries into a box; the caller draws the box's edge.

    Pages of one file share the drawing.
    """
    if canvas.draws:
        canvas.show(backdrop.drawing, box.x, box.y, box.width)
