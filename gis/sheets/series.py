"""Print sheets: one number or a whole series, from an opened workspace to files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from gis.errors import SheetError
from gis.sheets.backdrop import make_backdrop
from gis.sheets.canvas import Canvas, Resources
from gis.sheets.content import collect_features, shown_layers, site_features
from gis.sheets.definition import read_definition
from gis.sheets.draw import draw_features
from gis.sheets.frame import area_around, area_of_sheet, lay_frame, page_size
from gis.sheets.furniture import draw_foot, draw_panel, draw_title
from gis.sheets.gather import gather_facts, overview_box
from gis.sheets.geopdf import DocumentInfo, Page, Viewport, write_pdf
from gis.sheets.grid import (
    draw_graticule,
    draw_grid,
    draw_grid_labels,
    draw_neat_lines,
    draw_tick_labels,
    make_grid,
)
from gis.sheets.index import IndexCell, draw_index
from gis.sheets.labels import draw_labels, place_labels
from gis.sheets.layout import make_layout
from gis.sheets.numbering import parse_number
from gis.sheets.options import SheetOptions, check_options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gis.model import SiteSet
    from gis.sheets.backdrop import Backdrop
    from gis.sheets.definition import SheetDefinition
    from gis.sheets.frame import MapArea, PaperFrame
    from gis.workspace import Workspace

__all__ = ["PrintedSheet", "SheetOptions", "draw_sheet", "print_centred", "print_series", "print_sheet"]

MIN_SCALE, MAX_SCALE = 100, 10_000_000
GRID_LAYER, FRAME_LAYER = "公里网", "图廓与经纬度"


@dataclass(frozen=True, slots=True)
class PrintedSheet:
    """A drawn page and what is worth telling of it."""

    page: Page
    paper: PaperFrame
    name: str
    unplaced: tuple[str, ...]


def ignore(sheet: PrintedSheet) -> None:
    """Do nothing with a sheet that was drawn."""
    del sheet


def print_sheet(workspace: Workspace, number: str, folder: Path, *, options: SheetOptions) -> Path:
    """Print one numbered sheet as ``<number>.pdf``.

    Parameters
    ----------
    workspace : Workspace
    number : str
        Sheet number of GB/T 13989-2012.
    folder : Path
        Where the file goes; made when missing.
    options : SheetOptions

    Returns
    -------
    Path
        The file.

    Raises
    ------
    SheetError
        If the number is impossible, or the frame does not fit the paper.
    NotFoundError
        If there is no such theme.
    OutputError
        If the file cannot be written.
    """
    return print_series(workspace, [number], folder, options=options)[0]


def print_series(
    workspace: Workspace,
    numbers: Sequence[str],
    folder: Path,
    *,
    options: SheetOptions,
    single_pdf: str = "",
    report: Callable[[PrintedSheet], None] = ignore,
) -> tuple[Path, ...]:
    """Print several numbered sheets: a file each, or one file with a page each behind an index page.

    Every number and the paper are checked before the first page is drawn.

    Parameters
    ----------
    single_pdf : str
        Name of the one file, without ``.pdf``; empty for a file a sheet.
    report : callable
        Called with each sheet as it is drawn.

    Raises
    ------
    SheetError, NotFoundError, OutputError
        As :func:`print_sheet`.
    """
    areas = [area_of_sheet(parse_number(number)) for number in numbers]
    check_options(options)
    definition = sheet_definition(workspace, options)
    for area in areas:
        lay_frame(area, definition.paper, paper=options.paper, landscape=options.landscape)
    backdrop = make_backdrop(workspace.layers, definition.overview_bbox)
    if not single_pdf:
        return tuple(_print_one(workspace, area, folder, options, backdrop, report) for area in areas)
    resources = Resources()
    drawn: list[PrintedSheet] = []
    for area in areas:
        drawn.append(draw_sheet(workspace, area, resources, options=options, backdrop=backdrop))
        report(drawn[-1])
    pages = [sheet.page for sheet in drawn]
    if len(drawn) > 1:
        cells = [IndexCell(sheet.paper.area, sheet.name) for sheet in drawn]
        pages.insert(0, draw_index(workspace, cells, resources, definition, options))
    info = document_info(workspace, drawn[0], options)
    return (write_pdf(folder / f"{single_pdf}.pdf", pages, resources, info),)


def _print_one(
    workspace: Workspace,
    area: MapArea,
    folder: Path,
    options: SheetOptions,
    backdrop: Backdrop,
    report: Callable[[PrintedSheet], None],
) -> Path:
    """Draw one sheet and write its file."""
    resources = Resources()
    sheet = draw_sheet(workspace, area, resources, options=options, backdrop=backdrop)
    report(sheet)
    info = document_info(workspace, sheet, options)
    return write_pdf(folder / f"{area.number}.pdf", [sheet.page], resources, info)


def print_centred(
    workspace: Workspace, sites: SiteSet, folder: Path, *, scale: int, options: SheetOptions
) -> Path:
    """Print one sheet centred on project sites, on A3 unless the options name a paper.

    Parameters
    ----------
    sites : SiteSet
        As read by ``gis.sites``; the sheet's file is named after the first file.
    scale : int
        N of 1:N, any from 100 to 10 000 000.

    Raises
    ------
    SheetError
        If there is no site, the scale is out of range, or the sites do not fit the sheet.
    """
    definition = sheet_definition(workspace, options)
    chosen = replace(
        options,
        paper=options.paper or "A3",
        landscape=True if options.landscape is None else options.landscape,
    )
    area = area_of_sites(sites, scale, chosen, definition)
    resources = Resources()
    sheet = draw_sheet(workspace, area, resources, options=chosen, sites=sites)
    stem = Path(sites.files[0].name).stem if sites.files else "site"
    info = document_info(workspace, sheet, chosen)
    return write_pdf(folder / f"{stem}-{scale}.pdf", [sheet.page], resources, info)


def area_of_sites(sites: SiteSet, scale: int, options: SheetOptions, definition: SheetDefinition) -> MapArea:
    """Return the largest frame of the paper, centred on the sites.

    Raises
    ------
    SheetError
        If there is no site, the scale is out of range, or the sites do not fit.
    """
    geometries = [site.geometry for site in sites.sites if not site.geometry.is_empty]
    if not geometries or not MIN_SCALE <= scale <= MAX_SCALE:
        raise SheetError(
            f"没有可用的项目用地，或比例尺分母 {scale} 不在 {MIN_SCALE}～{MAX_SCALE} 之间",
            f"there is no usable site, or the scale's denominator {scale} is not {MIN_SCALE} to {MAX_SCALE}",
            where=f"1:{scale}",
            code="sheets.site",
        )
    west, south, east, north = shapely.total_bounds(geometries)
    page = page_size(options.paper or "A3", landscape=options.landscape is not False)
    size = definition.paper.largest_frame_mm(page, landscape=options.landscape is not False)
    area = area_around(float(west + east) / 2, float(south + north) / 2, scale, size)
    inner = area.bounds_lonlat
    if not (inner[0] < west and inner[1] < south and east < inner[2] and north < inner[3]):
        raise SheetError(
            f"项目用地超出 1:{scale} 的 {options.paper} 图幅",
            f"the sites do not fit a 1:{scale} sheet on {options.paper}",
            where=f"1:{scale}",
            hint_zh="请选较小的比例尺（较大的分母）或较大的纸张",
            hint_en="choose a larger denominator or a larger paper",
            code="sheets.site",
        )
    return area


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
    sites: SiteSet | None = None,
) -> PrintedSheet:
    """Draw one sheet as a page that shares `resources` with the others of its file, sites on top.

    `backdrop` is the map behind the overview, made once for a series; one of another box is made anew.
    """
    check_options(options)
    definition = sheet_definition(workspace, options)
    paper = lay_frame(area, definition.paper, paper=options.paper, landscape=options.landscape)
    layout = make_layout(paper, definition.paper)
    layers = shown_layers(workspace.layers, definition, public=options.profile == "public")
    features = collect_features(layers, workspace.styles, paper)
    if sites is not None:
        features += site_features(sites, workspace.styles, paper)
    symbol_scale = min(max(layout.text_scale, 0.85), 1.15)
    placement = place_labels(features, paper, scale=symbol_scale)
    canvas = Canvas(paper.width_mm, paper.height_mm, resources)
    rules = definition.scale_rules(area.scale)
    draw_features(canvas, features, paper, scale=symbol_scale)
    grid = make_grid(paper, rules.grid_m)
    with canvas.layer(GRID_LAYER):
        draw_grid(canvas, grid)
    draw_labels(canvas, placement.labels)
    with canvas.layer(FRAME_LAYER):
        band, type_scale = definition.paper.band_mm, min(max(layout.text_scale, 0.9), 1.1)
        draw_neat_lines(canvas, paper, band)
        draw_graticule(canvas, paper, rules, band)
        draw_tick_labels(canvas, paper, rules, band, scale=type_scale)
        draw_grid_labels(canvas, paper, grid, interval_m=rules.grid_m, band_mm=band, scale=type_scale)
    box = overview_box(definition, area)
    behind = (
        backdrop if backdrop is not None and backdrop.bbox == box else make_backdrop(workspace.layers, box)
    )
    facts = gather_facts(workspace, definition, paper, features, placement, behind, options=options)
    draw_title(canvas, layout, facts)
    draw_foot(canvas, layout, facts)
    draw_panel(canvas, layout, facts)
    label = area.number or facts.name
    viewport = Viewport(label, paper.corners, area.corners_lonlat, area.epsg)
    return PrintedSheet(Page(canvas, viewport, label), paper, facts.name, placement.unplaced)
