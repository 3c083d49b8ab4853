"""Print sheets: one number or a whole series, from an opened workspace to files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.errors import SheetError
from gis.model import Text
from gis.sheets.blocks import LegendRow, Overview, SheetFacts, SourceRow
from gis.sheets.canvas import Canvas, Resources
from gis.sheets.content import choose_name, collect_features, shown_layers
from gis.sheets.definition import read_definition
from gis.sheets.draw import draw_features, line_parts, point_coordinates, polygon_parts
from gis.sheets.frame import area_of_sheet, lay_frame
from gis.sheets.furniture import draw_foot, draw_panel, draw_title
from gis.sheets.geopdf import DocumentInfo, Page, Viewport, write_pdf
from gis.sheets.grid import (
    draw_graticule,
    draw_grid,
    draw_grid_labels,
    draw_neat_lines,
    draw_tick_labels,
    make_grid,
)
from gis.sheets.labels import Placement, draw_labels, place_labels
from gis.sheets.layout import make_layout
from gis.sheets.numbering import parse_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from gis.model import Layer
    from gis.sheets.content import MapFeature
    from gis.sheets.definition import SheetDefinition
    from gis.sheets.frame import MapArea, PaperFrame
    from gis.workspace import Workspace

PROFILES = ("internal", "public")
GRID_LAYER, FRAME_LAYER = "公里网", "图廓与经纬度"


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """How a sheet is printed.

    Parameters
    ----------
    on : date
        Printed as the sheet's date, and the only time in the file.
    paper : str or None
        ``A0``–``A4``; None: the smallest that takes the frame.
    landscape : bool or None
        How the paper lies; None: as the frame fits.
    profile : str
        ``internal`` or ``public``: the public profile leaves sensitive layers out altogether.
    title : str
        Title in place of the theme's own.
    author, reviewer : str
        制图, 审核; empty leaves room to sign.
    review_number : str
        审图号; empty prints 待审.
    """

    on: date
    theme: str = "framework"
    paper: str | None = None
    landscape: bool | None = None
    profile: str = "internal"
    title: str = ""
    author: str = ""
    reviewer: str = ""
    review_number: str = ""


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
    if not single_pdf:
        return tuple(_print_one(workspace, area, folder, options, report) for area in areas)
    resources = Resources()
    drawn = [draw_sheet(workspace, area, resources, options=options) for area in areas]
    for sheet in drawn:
        report(sheet)
    info = document_info(workspace, drawn[0], options)
    return (write_pdf(folder / f"{single_pdf}.pdf", [sheet.page for sheet in drawn], resources, info),)


def _print_one(
    workspace: Workspace,
    area: MapArea,
    folder: Path,
    options: SheetOptions,
    report: Callable[[PrintedSheet], None],
) -> Path:
    """Draw one sheet and write its file."""
    resources = Resources()
    sheet = draw_sheet(workspace, area, resources, options=options)
    report(sheet)
    return write_pdf(
        folder / f"{area.number}.pdf", [sheet.page], resources, document_info(workspace, sheet, options)
    )


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


def check_options(options: SheetOptions) -> None:
    """Refuse options that have no meaning.

    Raises
    ------
    SheetError
        If the profile is unknown.
    """
    if options.profile not in PROFILES:
        raise SheetError(
            f"没有版本 {options.profile!r}；可选 internal（内部）、public（公开）",
            f"there is no profile {options.profile!r}; choose internal or public",
            where=f"profile {options.profile}",
            code="sheets.profile",
        )


def draw_sheet(
    workspace: Workspace, area: MapArea, resources: Resources, *, options: SheetOptions
) -> PrintedSheet:
    """Draw one sheet as a page that shares `resources` with the others of its file."""
    check_options(options)
    definition = sheet_definition(workspace, options)
    paper = lay_frame(area, definition.paper, paper=options.paper, landscape=options.landscape)
    layout = make_layout(paper, definition.paper)
    layers = shown_layers(workspace.layers, definition, public=options.profile == "public")
    features = collect_features(layers, workspace.styles, paper)
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
    facts = gather_facts(workspace, definition, paper, features, placement, options=options)
    draw_title(canvas, layout, facts)
    draw_foot(canvas, layout, facts)
    draw_panel(canvas, layout, facts)
    label = area.number or facts.name
    viewport = Viewport(label, paper.corners, area.corners_lonlat, area.epsg)
    return PrintedSheet(Page(canvas, viewport, label), paper, facts.name, placement.unplaced)


def gather_facts(
    workspace: Workspace,
    definition: SheetDefinition,
    paper: PaperFrame,
    features: Sequence[MapFeature],
    placement: Placement,
    *,
    options: SheetOptions,
) -> SheetFacts:
    """Return what the furniture says about a sheet."""
    area = paper.area
    shown = [feature for feature in features if feature.inside]
    return SheetFacts(
        number=area.number,
        name=choose_name(features, paper),
        title=Text(options.title, "") if options.title else definition.title,
        scale=area.scale,
        bar_m=definition.scale_rules(area.scale).bar_m,
        neighbours=parse_number(area.number).neighbours if area.number else {},
        zone=area.zone,
        convergence_deg=area.convergence_deg,
        base_lines=(
            f"CGCS2000　高斯-克吕格投影 3°带 第{area.zone}带（中央经线 {area.zone * 3}°E）",
            "1985国家高程基准　公里网注记单位：km",
        ),
        legend=legend_rows(shown),
        sources=source_rows(shown),
        overview=make_overview(workspace.layers, definition, area),
        internal=options.profile == "internal",
        office=workspace.settings.office,
        author=options.author,
        reviewer=options.reviewer,
        review_number=options.review_number,
        on=options.on,
        missing=missing_titles(workspace.layers, definition, public=options.profile == "public"),
        unplaced=len(placement.unplaced),
        symbol_scale=1.0,
    )


def missing_titles(
    layers: Mapping[str, Layer], definition: SheetDefinition, *, public: bool
) -> tuple[str, ...]:
    """Return the layers of the sheet's themes without data or damaged, those a verdict needs first."""
    missing = [
        layer.entry
        for layer in layers.values()
        if layer.frame is None
        and layer.entry.theme in definition.themes
        and not (public and layer.entry.sensitive)
    ]
    return tuple(entry.title.zh for entry in sorted(missing, key=lambda entry: not entry.required))


def legend_rows(features: Sequence[MapFeature]) -> tuple[LegendRow, ...]:
    """Return the legend of the features inside the frame: a row a style and shape, points first."""
    rows: dict[tuple[str, str], list[MapFeature]] = {}
    for feature in features:
        rows.setdefault((feature.style.id, shape_of(feature)), []).append(feature)
    order = {"point": 0, "line": 1, "polygon": 2}
    keys = sorted(rows, key=lambda key: (theme_order(rows[key][0]), order[key[1]], rows[key][0].style.order))
    return tuple(LegendRow(rows[key][0].style, key[1], accuracy_text(rows[key])) for key in keys)


THEME_ORDER = (
    "ecology",
    "environment",
    "water",
    "transport",
    "logistics",
    "energy",
    "industry",
    "services",
    "context",
)


def theme_order(feature: MapFeature) -> int:
    """Return where a feature's theme stands in the legend."""
    return THEME_ORDER.index(feature.entry.theme)


def shape_of(feature: MapFeature) -> str:
    """Return ``point``, ``line`` or ``polygon``."""
    if point_coordinates([feature.geometry]):
        return "point"
    if polygon_parts(feature.geometry) and feature.style.fill:
        return "polygon"
    return "line" if line_parts(feature.geometry) or not feature.style.fill else "polygon"


def accuracy_text(features: Sequence[MapFeature]) -> str:
    """Return the accuracy of a legend row as text: ``±30 m``, ``±30–1 500 m``, or empty where unknown."""
    values = sorted({f.accuracy_m for f in features if f.accuracy_m is not None})
    if not values:
        return ""
    low, high = (f"{value:,.0f}".replace(",", " ") for value in (values[0], values[-1]))
    return f"±{low} m" if low == high else f"±{low}–{high} m"


def source_rows(features: Sequence[MapFeature]) -> tuple[SourceRow, ...]:
    """Return where the layers inside the frame come from, layers of one source together."""
    titles: dict[str, list[str]] = {}
    for feature in features:
        entry = feature.entry
        parts = [entry.source, entry.data_date or "", entry.attribution, entry.licence]
        text = "；".join(dict.fromkeys(part for part in parts if part))
        found = titles.setdefault(text, [])
        if entry.title.zh not in found:
            found.append(entry.title.zh)
    return tuple(SourceRow("、".join(names), text) for text, names in titles.items())


def make_overview(layers: Mapping[str, Layer], definition: SheetDefinition, area: MapArea) -> Overview:
    """Return the overview of a sheet, widened where the sheet lies outside the usual box."""
    west, south, east, north = definition.overview_bbox
    own = area.bounds_lonlat
    bbox = (
        min(west, own[0] - 0.2),
        min(south, own[1] - 0.2),
        max(east, own[2] + 0.2),
        max(north, own[3] + 0.2),
    )
    sea = _overview_parts(layers, "sea", bbox)
    borders = _overview_parts(layers, "boundary_prefecture", bbox)
    lines = shapely.line_merge(shapely.union_all(shapely.boundary(borders))) if borders else None
    ring = np.vstack(
        [
            area.edges_lonlat[side][:: 1 if side in {"south", "east"} else -1]
            for side in ("south", "east", "north", "west")
        ]
    )
    return Overview(
        bbox=bbox,
        sea=tuple(part for geometry in sea for part in polygon_parts(geometry)),
        borders=tuple(line_parts(lines)) if lines is not None else (),
        ring_lonlat=ring,
    )


def _overview_parts(
    layers: Mapping[str, Layer], kind: str, bbox: tuple[float, float, float, float]
) -> list[shapely.Polygon]:
    """Return the polygons of a kind over the overview, simplified to what its size can show (0.1 mm)."""
    found: list[shapely.Polygon] = []
    for layer in layers.values():
        if layer.frame is None or layer.entry.theme != "context":
            continue
        chosen = layer.frame.geometry[layer.frame["kind"] == kind]
        for geometry in chosen:
            cut = shapely.clip_by_rect(geometry, *bbox)
            found += polygon_parts(shapely.simplify(cut, 0.006, preserve_topology=True))
    return found
