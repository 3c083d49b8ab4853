"""Draw the map itself: features by style inside the neat line, each layer switchable."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import shapely

from gis.sheets.symbols import draw_hatch, draw_marker

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.sheets.canvas import Canvas
    from gis.sheets.content import MapFeature
    from gis.sheets.frame import PaperFrame
    from gis.styles import Style

LAND = "#fbf9f2"
POLYGON = 3
"""Type number of a polygon; collections have greater ones."""

JOINED_THEMES = ("water", "context")
"""Neighbouring surfaces of one kind in these themes are drawn as one, without inner lines."""


def draw_features(
    canvas: Canvas,
    features: Sequence[MapFeature],
    paper: PaperFrame,
    *,
    scale: float,
    ground: bool = True,
) -> None:
    """Draw the features in their order; every layer's part lies in its own switchable layer.

    Parameters
    ----------
    scale : float
        Size of point symbols relative to the style file.
    ground : bool
        Fill the map with the colour of land first.
    """
    with canvas.clipped([paper.outline]):
        if ground:
            canvas.fill([paper.outline], LAND)
        for title, group in groupby(features, key=lambda feature: feature.entry.title.zh):
            with canvas.layer(title):
                _draw_group(canvas, list(group), scale)


def _draw_group(canvas: Canvas, features: list[MapFeature], scale: float) -> None:
    """Draw neighbouring features of one layer."""
    for style, group in groupby(features, key=lambda feature: feature.style):
        members = list(group)
        geometries = [member.geometry for member in members]
        joined = members[0].entry.theme in JOINED_THEMES
        polygons = [part for geometry in geometries for part in polygon_parts(geometry)]
        if joined and len(polygons) > 1:
            polygons = polygon_parts(shapely.union_all(polygons)) if style.fill else polygons
        draw_polygons(canvas, polygons, style)
        lines = [part for geometry in geometries for part in line_parts(geometry)]
        draw_lines(canvas, lines, style)
        for x, y in point_coordinates(geometries):
            draw_marker(canvas, x, y, style, scale=scale)


def draw_polygons(
    canvas: Canvas, polygons: Sequence[shapely.Polygon], style: Style, *, hatch_opacity: float = 1.0
) -> None:
    """Fill, hatch and outline polygons; without a fill only their shared boundary lines are drawn."""
    if not polygons:
        return
    if not style.fill:
        borders = shapely.line_merge(shapely.union_all(shapely.boundary(list(polygons))))
        draw_lines(canvas, line_parts(borders), style)
        return
    for polygon in polygons:
        rings = rings_of(polygon)
        canvas.fill(rings, style.fill, opacity=style.fill_opacity)
        with canvas.opacity(hatch_opacity if style.hatch else 1.0):
            draw_hatch(canvas, rings, style.hatch, style.stroke or style.fill)
        if style.stroke and style.stroke_mm > 0:
            canvas.stroke(rings, style.stroke, style.stroke_mm, dash_mm=style.dash_mm, close=True)


def draw_lines(canvas: Canvas, lines: Iterable[shapely.LineString], style: Style) -> None:
    """Draw lines with the style's stroke."""
    parts = [shapely.get_coordinates(line) for line in lines]
    if parts and style.stroke and style.stroke_mm > 0:
        canvas.stroke(parts, style.stroke, style.stroke_mm, dash_mm=style.dash_mm)


def rings_of(polygon: shapely.Polygon) -> list[NDArray[np.float64]]:
    """Return the rings of a polygon, the outer one first."""
    return [shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors)]


def flat_parts(geometry: BaseGeometry) -> list[BaseGeometry]:
    """Return the single geometries of any geometry."""
    parts = shapely.get_parts(geometry)
    while (shapely.get_type_id(parts) > POLYGON).any():
        parts = shapely.get_parts(parts)
    kept: list[BaseGeometry] = parts[~shapely.is_empty(parts)].tolist()
    return kept


def polygon_parts(geometry: BaseGeometry) -> list[shapely.Polygon]:
    """Return the polygons of any geometry."""
    return [part for part in flat_parts(geometry) if isinstance(part, shapely.Polygon)]


def line_parts(geometry: BaseGeometry) -> list[shapely.LineString]:
    """Return the lines of any geometry."""
    return [part for part in flat_parts(geometry) if isinstance(part, shapely.LineString)]


def point_coordinates(geometries: Iterable[BaseGeometry]) -> list[tuple[float, float]]:
    """Return (x, y) of all points."""
    points = [part for g in geometries for part in flat_parts(g) if isinstance(part, shapely.Point)]
    return [(point.x, point.y) for point in points]
