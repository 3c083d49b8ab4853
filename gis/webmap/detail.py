"""How much of a big layer is drawn at each zoom: outlines as fine as a pixel shows, and nothing left out.

What is too small for a pixel is not dropped: an empty map would say "none here". It is kept as the pixels
that it touches, one shape for all of a kind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Geometries = NDArray[np.object_]
    Rows = NDArray[np.intp]

FIRST_ZOOM, LAST_ZOOM = 5, 12
"""Zooms of the tiles. A tile is drawn 512 pixels wide, so tiles of zoom 5 stand on maps of zoom 6."""

MERGE_UNTIL = 10
"""Up to this zoom parts too small to be told apart are merged."""

MERGE_PX, MERGE_MOST_PX = 2.5, 8.0
"""Parts smaller than the first are merged; up to the second where a tile would hold too many."""

MOST_PARTS = 1500
"""Parts of areas and lines a tile holds before more of them are merged."""

TOUCH_PX = 1.5
"""Parts smaller than this count for every pixel they touch, larger ones for those whose middle they cover."""

SHARE_PX = 4.0
"""Of points closer than this one stands for all."""

SIMPLIFY_PX = 0.5
CELL_PX = 1.0
SMOOTH_PX = 0.7
"""How far the outline of merged parts may be off the pixels they touch."""

MOST_CORNERS = 1500
"""Areas of more corners are cut along the tiles, and their outline is drawn as lines."""

LINE_CORNERS = 256


@dataclass(frozen=True, slots=True)
class Level:
    """What is drawn at one zoom.

    Parameters
    ----------
    zoom : int
        Of the tiles.
    geometries : array of shapely geometry
        Single points, lines and polygons, degrees.
    rows : array of int
        For each the row of the layer it is of; for merged parts one of the rows that were merged.
    merged : array of bool
        Whether it stands for many parts.
    inner : array of bool
        Whether it is a piece of an area whose outline is among the lines: it has no outline of its own.
    """

    zoom: int
    geometries: Geometries
    rows: Rows
    merged: NDArray[np.bool_]
    inner: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pixel:
    """A pixel of the screen in degrees: width along the parallel, height along the meridian."""

    width: float
    height: float


def pixel_of(zoom: int, lat_deg: float) -> Pixel:
    """Return the size of a pixel where tiles of a zoom are drawn 512 pixels wide, at a latitude."""
    width = 360.0 / (512 * 2**zoom)
    return Pixel(width, width * math.cos(math.radians(lat_deg)))


def make_levels(geometries: Geometries, groups: NDArray[np.int_]) -> Iterator[Level]:
    """Yield what is drawn at each zoom, the finest first.

    Parameters
    ----------
    geometries : array of shapely geometry
        Of a layer's features, degrees; None where one is not located.
    groups : array of int
        Which features may be merged with each other: those of the same number.
    """
    parts, rows = explode(geometries)
    if not len(parts):
        return
    lat_deg = float(np.clip(shapely.total_bounds(parts)[[1, 3]].mean(), -80, 80))
    for zoom in range(LAST_ZOOM, FIRST_ZOOM - 1, -1):
        pixel = pixel_of(zoom, lat_deg)
        if zoom < LAST_ZOOM:
            parts = simplify(parts, pixel.height * SIMPLIFY_PX)
        yield make_level(parts, rows, groups, zoom=zoom, pixel=pixel)


def explode(geometries: Geometries) -> tuple[Geometries, Rows]:
    """Return the single parts of geometries, in collections too, and the row that each is of."""
    parts, rows = np.asarray(geometries, dtype=object), np.arange(len(geometries))
    while True:
        usable = ~(shapely.is_missing(parts) | shapely.is_empty(parts))
        parts, rows = parts[usable], rows[usable]
        if not np.any(shapely.get_type_id(parts) >= 4):
            return parts, rows
        parts, index = shapely.get_parts(parts, return_index=True)
        rows = rows[index]


def simplify(parts: Geometries, tolerance_deg: float) -> Geometries:
    """Return lines and areas with fewer corners, none of them lost."""
    simpler = shapely.simplify(parts, tolerance_deg, preserve_topology=True)
    lost = shapely.is_empty(simpler)
    simpler[lost] = parts[lost]
    return np.asarray(simpler, dtype=object)


def make_level(parts: Geometries, rows: Rows, groups: NDArray[np.int_], *, zoom: int, pixel: Pixel) -> Level:
    """Return what is drawn at one zoom of single parts simplified for it."""
    dimensions = shapely.get_dimensions(parts)
    bounds = shapely.bounds(parts)
    size_px = measure_px(parts, pixel)
    merging = zoom <= MERGE_UNTIL
    least_px = merge_size(bounds, np.where(dimensions > 0, size_px, 0), zoom) if merging else CELL_PX
    small = (dimensions > 0) & (size_px < least_px)
    alone = ~small & (dimensions > 0)
    pieces: list[tuple[Geometries, Rows, bool, bool]] = []
    vast = alone & (dimensions == 2) & (shapely.get_num_coordinates(parts) > MOST_CORNERS)
    pieces.append((parts[alone & ~vast], rows[alone & ~vast], False, False))
    for part, row in zip(parts[vast], rows[vast], strict=True):
        cut, outline = cut_area(part, zoom)
        pieces.append((cut, np.full(len(cut), row), False, True))
        pieces.append((outline, np.full(len(outline), row), False, False))
    points = np.flatnonzero(dimensions == 0)
    kept = points[share_cells(bounds[points, :2], groups[rows[points]], pixel, zoom)]
    pieces.append((parts[kept], rows[kept], False, False))
    if merging:
        lines = np.flatnonzero(small & (dimensions == 1))
        kept = lines[share_cells(bounds[lines, :2], groups[rows[lines]], pixel, zoom)]
        pieces.append((parts[kept], rows[kept], False, False))
        areas = small & (dimensions == 2)
        pieces += [
            (merge_parts(parts[chosen], size_px[chosen], pixel), rows[chosen][:1], True, False)
            for chosen in (areas & (groups[rows] == group) for group in np.unique(groups[rows[areas]]))
        ]
    else:
        pieces.append((widen(parts[small], pixel), rows[small], False, False))
    return join_pieces(zoom, pieces)


def measure_px(parts: Geometries, pixel: Pixel) -> NDArray[np.float64]:
    """Return the greater of width and height of geometries, pixels."""
    west, south, east, north = shapely.bounds(parts).T
    return np.asarray(np.maximum((east - west) / pixel.width, (north - south) / pixel.height))


def join_pieces(zoom: int, pieces: list[tuple[Geometries, Rows, bool, bool]]) -> Level:
    """Return pieces as one level; a piece's single row is that of all its shapes."""
    lengths = [len(shapes) for shapes, _, _, _ in pieces]
    return Level(
        zoom=zoom,
        geometries=np.concatenate([shapes for shapes, _, _, _ in pieces]),
        rows=np.concatenate(
            [np.broadcast_to(rows, count) for (_, rows, _, _), count in zip(pieces, lengths, strict=True)]
        ),
        merged=np.repeat([merged for _, _, merged, _ in pieces], lengths),
        inner=np.repeat([inner for _, _, _, inner in pieces], lengths),
    )


def share_cells(
    points: NDArray[np.float64], groups: NDArray[np.int_], pixel: Pixel, zoom: int
) -> NDArray[np.intp]:
    """Return which of the points stay: of those of a group that are very close one, at the last zoom all."""
    if zoom >= LAST_ZOOM or not len(points):
        return np.arange(len(points))
    cells = np.floor(points / (SHARE_PX * np.array([pixel.width, pixel.height]))).astype(np.int64)
    _, first = np.unique(np.column_stack([cells, groups]), axis=0, return_index=True)
    return np.sort(first)


def widen(parts: Geometries, pixel: Pixel) -> Geometries:
    """Return areas and lines smaller than a pixel as a pixel round their middle."""
    bounds = shapely.bounds(parts)
    x, y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    w, h = pixel.width / 2, pixel.height / 2
    boxes = np.asarray(shapely.box(x - w, y - h, x + w, y + h), dtype=object)
    lines = shapely.get_dimensions(parts) == 1
    boxes[lines] = parts[lines]
    return boxes


def merge_size(bounds: NDArray[np.float64], size_px: NDArray[np.float64], zoom: int) -> float:
    """Return the size in pixels up to which parts are merged, so that no tile holds too many.

    Parameters
    ----------
    bounds : array of float
        West, south, east, north of each part, degrees.
    size_px : array of float
        Of each part; 0 for points, which are not merged.
    """
    x, y = tile_of((bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2, zoom)
    order = np.lexsort((-size_px, y, x))
    x, y, size_px = x[order], y[order], size_px[order]
    starts = np.flatnonzero(np.r_[True, (np.diff(x) != 0) | (np.diff(y) != 0)])
    ends = np.r_[starts[1:], len(x)]
    full = ends - starts > MOST_PARTS
    if not full.any():
        return MERGE_PX
    return float(np.clip(size_px[starts[full] + MOST_PARTS].max(), MERGE_PX, MERGE_MOST_PX))


def merge_parts(parts: Geometries, size_px: NDArray[np.float64], pixel: Pixel) -> Geometries:
    """Return the pixels that areas cover as polygons: touched by tiny ones, mostly covered by larger ones."""
    from affine import Affine
    from rasterio.features import rasterize, shapes

    west, south, east, north = shapely.total_bounds(parts)
    width, height = pixel.width * CELL_PX, pixel.height * CELL_PX
    left, top = math.floor(west / width) * width, math.ceil(north / height) * height
    size = (math.floor((top - south) / height) + 1, math.floor((east - left) / width) + 1)
    place = Affine(width, 0.0, left, 0.0, -height, top)
    met = np.zeros(size, dtype="uint8")
    for chosen, touched in ((size_px < TOUCH_PX, True), (size_px >= TOUCH_PX, False)):
        if chosen.any():
            rasterize(parts[chosen], out=met, transform=place, all_touched=touched)
    found = [ring_polygon(shape) for shape, _ in shapes(met, mask=met > 0, transform=place)]
    merged = np.array(found, dtype=object)
    return simplify(merged, pixel.height * SMOOTH_PX)


def ring_polygon(shape: dict[str, Any]) -> shapely.Polygon:
    """Return a polygon of GeoJSON coordinates."""
    shell, *holes = shape["coordinates"]
    return shapely.Polygon(shell, holes)


def cut_area(area: shapely.Polygon, zoom: int) -> tuple[Geometries, Geometries]:
    """Return a vast area cut along the tiles of a zoom, and its outline in short lines.

    The pieces meet at the edges of tiles, where no seam can be seen.
    """
    rings = shapely.get_rings(area)
    lines = [line for ring in rings for line in cut_line(shapely.get_coordinates(ring))]
    done: list[Any] = []
    waiting: list[tuple[Any, int, int, int, int]] = [(area, *tile_range(area.bounds, zoom))]
    while waiting:
        piece, x0, y0, x1, y1 = waiting.pop()
        if piece.is_empty or shapely.get_dimensions(piece) < 2:
            continue
        if (x0 == x1 and y0 == y1) or shapely.get_num_coordinates(piece) <= MOST_CORNERS // 4:
            done.append(piece)
            continue
        across = x1 - x0 >= y1 - y0
        middle = (x0 + x1) // 2 if across else (y0 + y1) // 2
        ranges = (
            ((x0, y0, middle, y1), (middle + 1, y0, x1, y1))
            if across
            else ((x0, y0, x1, middle), (x0, middle + 1, x1, y1))
        )
        waiting += [(shapely.clip_by_rect(piece, *tile_box(part, zoom)), *part) for part in ranges]
    pieces, _ = explode(np.array(done, dtype=object))
    return pieces[shapely.get_dimensions(pieces) == 2], np.array(lines, dtype=object)


def cut_line(points: NDArray[np.float64]) -> list[shapely.LineString]:
    """Return a line as short ones that follow each other."""
    starts = range(0, len(points) - 1, LINE_CORNERS)
    return [shapely.LineString(points[start : start + LINE_CORNERS + 1]) for start in starts]


def tile_range(bounds: tuple[float, float, float, float], zoom: int) -> tuple[int, int, int, int]:
    """Return the first and last tile column and row that a box of degrees meets: x0, y0, x1, y1."""
    west, south, east, north = bounds
    (x0, x1), (y0, y1) = tile_of(np.array([west, east]), np.array([north, south]), zoom)
    return int(x0), int(y0), int(x1), int(y1)


def tile_of(
    lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64], zoom: int
) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Return the tile columns and rows (from the north) of points."""
    count = 2**zoom
    x = (lon_deg + 180) / 360 * count
    y = (1 - np.arcsinh(np.tan(np.radians(lat_deg))) / math.pi) / 2 * count
    return np.floor(x).astype(int), np.floor(y).astype(int)


def tile_box(tiles: tuple[int, int, int, int], zoom: int) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a range of tiles, degrees."""
    x0, y0, x1, y1 = tiles
    count = 2**zoom
    south, north = (
        math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / count)))) for row in (y1 + 1, y0)
    )
    return x0 / count * 360 - 180, south, (x1 + 1) / count * 360 - 180, north
