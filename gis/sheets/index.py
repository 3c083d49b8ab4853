"""The index page of a series: which sheet lies where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.sheets.backdrop import INDEX_MM, draw_backdrop, make_backdrop, place_in
from gis.sheets.canvas import Canvas
from gis.sheets.draw import polygon_parts
from gis.sheets.frame import join_edges, page_size
from gis.sheets.geopdf import Page
from gis.sheets.layout import Box
from gis.sheets.measure import CAP_HEIGHT, MM_PER_PT, text_width
from gis.sheets.paragraphs import INK, MUTED, RED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

    from gis.model import Layer
    from gis.sheets.backdrop import Backdrop
    from gis.sheets.canvas import Resources
    from gis.sheets.definition import SheetDefinition
    from gis.sheets.frame import MapArea
    from gis.sheets.options import SheetOptions
    from gis.workspace import Workspace

MARGIN_MM, TITLE_MM, FOOT_MM = 14.0, 18.0, 8.0
UNIT_KIND, UNIT_PT, UNIT_COLOUR = "boundary_prefecture", 12.0, "#b9a9bd"
LARGEST_PT = 12.0
ROOM_DEG = 0.12
"""Ground shown round the series."""


@dataclass(frozen=True, slots=True)
class IndexCell:
    """One sheet of the series and its name."""

    area: MapArea
    name: str


def draw_index(
    workspace: Workspace,
    cells: Sequence[IndexCell],
    resources: Resources,
    definition: SheetDefinition,
    options: SheetOptions,
) -> Page:
    """Draw the index page of a series on A3: frames with numbers and names over coast and boundaries."""
    width, height = page_size("A3", landscape=True)
    canvas = Canvas(width, height, resources)
    backdrop = make_backdrop(workspace.layers, index_box(cells), INDEX_MM)
    room = Box(
        MARGIN_MM, MARGIN_MM + FOOT_MM, width - 2 * MARGIN_MM, height - 2 * MARGIN_MM - TITLE_MM - FOOT_MM
    )
    box = fit_box(room, backdrop.ratio)
    draw_backdrop(canvas, backdrop, box)
    frames = [place_in(box, backdrop.bbox, join_edges(cell.area.edges_lonlat)) for cell in cells]
    canvas.fill(frames, RED, opacity=0.05)
    covered = shapely.union_all([shapely.box(*cell.area.bounds_lonlat) for cell in cells])
    draw_units(canvas, workspace.layers, backdrop, box, covered)
    canvas.stroke(frames, RED, 0.3, close=True)
    for cell, frame in zip(cells, frames, strict=True):
        _write_cell(canvas, cell, frame.min(axis=0), frame.max(axis=0))
    canvas.stroke([box.ring], INK, 0.5, close=True)
    scale = f"1:{cells[0].area.scale:,}".replace(",", " ")
    title = options.title or definition.title.zh
    base = height - MARGIN_MM - 8.0
    canvas.text(width / 2, base, f"{title}　图幅索引", 16, face="bold", anchor="center", colour=INK)
    line = f"Index of sheets　{scale}　共 {len(cells)} 幅　GB/T 13989-2012　CGCS2000"
    canvas.text(width / 2, base - 5.5, line, 8, anchor="center", colour=MUTED)
    if options.profile == "internal":
        canvas.text(width - MARGIN_MM, base, "内部资料", 11, face="bold", anchor="right", colour="#9c1f1f")
    parts = (f"审图号：{options.review_number or '待审'}", options.on.isoformat(), workspace.settings.office)
    foot = "　　".join(part for part in parts if part)
    canvas.text(width - MARGIN_MM, MARGIN_MM, foot, 7, anchor="right", colour=INK)
    canvas.text(MARGIN_MM, MARGIN_MM, "示意，界线不作划界依据", 7, colour=MUTED)
    return Page(canvas, None, "图幅索引")


def draw_units(
    canvas: Canvas, layers: Mapping[str, Layer], backdrop: Backdrop, box: Box, covered: BaseGeometry
) -> None:
    """Write the names of prefectures in pale type where most of each lies outside the sheets."""
    west, south, east, north = backdrop.bbox
    for layer in layers.values():
        if layer.entry.theme != "context":
            continue
        columns = (layer.column("kind"), layer.column("name_zh"), layer.geometries)
        for kind, name, geometry in zip(*columns, strict=True):
            if kind != UNIT_KIND:
                continue
            seen = shapely.make_valid(shapely.clip_by_rect(geometry, west, south, east, north))
            cut = polygon_parts(shapely.difference(seen, covered))
            if not cut:
                continue
            largest = max(cut, key=lambda part: part.area)
            circle = shapely.maximum_inscribed_circle(largest, tolerance=(east - west) / 400)
            x, y = place_in(box, backdrop.bbox, shapely.get_coordinates(circle)[:1])[0].tolist()
            reach = circle.length / (east - west) * box.width
            if reach * 2 > text_width(name, UNIT_PT):
                canvas.text(x, y, name, UNIT_PT, anchor="center", colour=UNIT_COLOUR)


def index_box(cells: Sequence[IndexCell]) -> tuple[float, float, float, float]:
    """Return the ground of all sheets with some room, degrees."""
    bounds = np.array([cell.area.bounds_lonlat for cell in cells])
    (west, south), (east, north) = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    room = max(ROOM_DEG, 0.06 * float(east - west))
    return float(west) - room, float(south) - room, float(east) + room, float(north) + room


def fit_box(room: Box, ratio: float) -> Box:
    """Return the largest box of a height-to-width ratio in the middle of `room`."""
    width = min(room.width, room.height / ratio)
    height = width * ratio
    return Box(room.x + (room.width - width) / 2, room.y + (room.height - height) / 2, width, height)


def _write_cell(canvas: Canvas, cell: IndexCell, low: np.ndarray, high: np.ndarray) -> None:
    """Write number and name in the middle of a frame, as large as the frame lets them be."""
    width, height = high - low
    middle = (low + high) / 2
    size = min(LARGEST_PT, 7.0 * width * 0.62 / text_width(cell.area.number, 7.0), height / 3.2 / MM_PER_PT)
    line = size * MM_PER_PT
    x, y = float(middle[0]), float(middle[1])
    named = bool(cell.name) and height > 3 * line
    base = y + 0.15 * line if named else y - CAP_HEIGHT * line / 2
    canvas.text(x, base, cell.area.number, size, face="bold", anchor="center", halo_mm=0.25, colour=INK)
    if named:
        small = min(size * 0.95, size * 0.95 * width * 0.9 / text_width(cell.name, size * 0.95))
        canvas.text(x, y - 1.15 * line, cell.name, small, anchor="center", halo_mm=0.25, colour=INK)
