"""Draw one sheet: map, names, neat lines and furniture on one page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gis.sheets.backdrop import make_backdrop
from gis.sheets.canvas import Canvas
from gis.sheets.collect import collect_content
from gis.sheets.definition import read_definition
from gis.sheets.draw import draw_features
from gis.sheets.frame import lay_frame
from gis.sheets.furniture import draw_foot, draw_panel, draw_title
from gis.sheets.gather import gather_facts, overview_box
from gis.sheets.geopdf import DocumentInfo, Page, Viewport
from gis.sheets.grid import (
    draw_graticule,
    draw_grid,
    draw_grid_labels,
    draw_neat_lines,
    draw_tick_labels,
    make_grid,
)
from gis.sheets.labels import draw_labels, place_labels
from gis.sheets.layout import make_layout
from gis.sheets.options import check_options
from gis.sheets.zoning import draw_grounds, number_features

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.sheets.backdrop import Backdrop
    from gis.sheets.canvas import Resources
    from gis.sheets.definition import SheetDefinition
    from gis.sheets.frame import MapArea, PaperFrame
    from gis.sheets.options import SheetOptions
    from gis.sheets.positions import Label
    from gis.sheets.subject import Subject
    from gis.workspace import Workspace

GRID_LAYER, FRAME_LAYER = "公里网", "图廓与经纬度"


@dataclass(frozen=True, slots=True)
class PrintedSheet:
    """A drawn page and what is worth telling of it."""

    page: Page
    paper: PaperFrame
    name: str
    unplaced: tuple[str, ...]


def sheet_definition(workspace: Workspace, options: SheetOptions) -> SheetDefinition:
    """Return the definition of the theme asked for."""
    return read_definition(workspace.settings.workspace / "maps" / "sheets", options.theme)


def document_info(workspace: Workspace, sheet: PrintedSheet, options: SheetOptions) -> DocumentInfo:
    """Return the metadata of a sheet's file."""
    title = " ".join(part for part in (sheet.page.label, sheet.name) if part)
    scale = f"1:{sheet.paper.area.scale:,}".replace(",", " ")
    return DocumentInfo(
        title=title,
        subject=f"{scale} CGCS2000 高斯-克吕格 3°带 第{sheet.paper.area.zone}带",
        author=workspace.settings.office,
        on=options.on,
        keywords="内部资料" if options.profile == "internal" else "",
    )


def draw_sheet(
    workspace: Workspace,
    area: MapArea,
    resources: Resources,
    *,
    options: SheetOptions,
    backdrop: Backdrop | None = None,
    subject: Subject | None = None,
) -> PrintedSheet:
    """Draw one sheet as a page that shares `resources` with the others of its file, its subject on top.

    `backdrop` is the map behind the overview, made once for a series; one of another box is made anew.
    """
    check_options(options)
    definition = sheet_definition(workspace, options)
    paper = lay_frame(area, definition.paper, paper=options.paper, landscape=options.landscape)
    layout = make_layout(paper, definition.paper)
    symbol_scale = min(max(layout.text_scale, 0.85), 1.15)
    content = collect_content(workspace, definition, paper, options=options, subject=subject)
    named = (*content.features, *content.units, *number_features(content.zones), *content.sites)
    placement = place_labels(named, paper, scale=symbol_scale)
    canvas = Canvas(paper.width_mm, paper.height_mm, resources)
    draw_features(canvas, content.features, paper, scale=symbol_scale)
    draw_grounds(canvas, content.grounds, workspace.styles, paper)
    draw_features(canvas, content.sites, paper, scale=symbol_scale, ground=False)
    draw_frame(canvas, paper, definition, placement.labels, type_scale=min(max(layout.text_scale, 0.9), 1.1))
    box = overview_box(definition, area)
    behind = (
        backdrop if backdrop is not None and backdrop.bbox == box else make_backdrop(workspace.layers, box)
    )
    facts = gather_facts(workspace, definition, paper, content, placement, behind, options=options)
    draw_title(canvas, layout, facts)
    draw_foot(canvas, layout, facts)
    draw_panel(canvas, layout, facts)
    label = area.number or facts.name
    viewport = Viewport(label, paper.corners, area.corners_lonlat, area.epsg)
    return PrintedSheet(Page(canvas, viewport, label), paper, facts.name, placement.unplaced)


def draw_frame(
    canvas: Canvas,
    paper: PaperFrame,
    definition: SheetDefinition,
    labels: Sequence[Label],
    *,
    type_scale: float,
) -> None:
    """Draw the kilometre grid, the names above it, and the neat lines with their figures."""
    rules = definition.scale_rules(paper.area.scale)
    grid = make_grid(paper, rules.grid_m)
    with canvas.layer(GRID_LAYER):
        draw_grid(canvas, grid)
    draw_labels(canvas, labels)
    band = definition.paper.band_mm
    with canvas.layer(FRAME_LAYER):
        draw_neat_lines(canvas, paper, band)
        draw_graticule(canvas, paper, rules, band)
        draw_tick_labels(canvas, paper, rules, band, scale=type_scale)
        draw_grid_labels(canvas, paper, grid, interval_m=rules.grid_m, band_mm=band, scale=type_scale)
