"""Print map sheets with a QGIS atlas: run by ``benchmarks/sheets.py`` with the Python that QGIS brings.

Usage: ``qgis_atlas.py JOB.json OUT``. The job names the frames, the layers, their styles and the fonts. A2
sheets at 1:50 000 with the symbols, hatches and names of ours as far as QGIS has them, and a layout with what
a QGIS user would put there: two grids with labels, title and number, legend of what is on the sheet, scale
bar, north arrow, overview, mathematical base, sources, title block. Text is written as text, so that it can
be searched. OUT is one PDF of all pages, or a folder for georeferenced ones. Prints version and seconds.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsFillSymbol,
    QgsLayoutExporter,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemMapGrid,
    QgsLayoutItemMapOverview,
    QgsLayoutItemPicture,
    QgsLayoutItemScaleBar,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsLegendStyle,
    QgsLinePatternFillSymbolLayer,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsPrintLayout,
    QgsProject,
    QgsRectangle,
    QgsRenderContext,
    QgsRendererCategory,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsUnitTypes,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
    QgsWkbTypes,
)
from qgis.PyQt.QtGui import QColor, QFont, QFontDatabase

SCALE = 50_000
PAGE_MM, MAP_MM = (594.0, 420.0), (483.0, 372.0)
ANGLES = {"/": [45], "\\": [135], "|": [90], "-": [0], "+": [0, 90], "x": [45, 135], "--": [0], "||": [90]}
FAMILY = "Noto Sans SC"


def make_symbol(style: dict, geometry: int) -> object:
    """Return the QGIS symbol of one of our styles."""
    width, stroke, fill = str(style["stroke_mm"]), style["stroke"] or style["fill"], style["fill"]
    dash = ";".join(str(part) for part in style["dash_mm"])
    dashes = {"customdash": dash, "use_custom_dash": "1" if dash else "0", "customdash_unit": "MM"}
    if geometry == QgsWkbTypes.PointGeometry:
        return QgsMarkerSymbol.createSimple(
            {
                "name": style["marker"] if style["marker"] in {"square", "triangle", "diamond"} else "circle",
                "color": fill or stroke,
                "outline_color": stroke,
                "outline_width": width,
                "size": str(style["size_mm"]),
            }
        )
    line = {"color": stroke, "width": width, "outline_color": stroke, "outline_width": width}
    if geometry == QgsWkbTypes.LineGeometry:
        return QgsLineSymbol.createSimple({**line, **dashes, "line_color": stroke, "line_width": width})
    colour = QColor(fill or "#ffffff")
    colour.setAlphaF(style["fill_opacity"] if fill else 0.0)
    channels = f"{colour.red()},{colour.green()},{colour.blue()},{colour.alpha()}"
    symbol = QgsFillSymbol.createSimple(
        {**line, "color": channels, "outline_style": "dash" if dash else "solid"}
    )
    for angle in ANGLES.get(style["hatch"], []):
        pattern = QgsLinePatternFillSymbolLayer()
        pattern.setLineAngle(angle)
        pattern.setDistance(2.0)
        pattern.setLineWidth(0.1)
        pattern.setColor(QColor(stroke))
        symbol.appendSymbolLayer(pattern)
    return symbol


def find_style(styles: dict, kind: str, own: str) -> dict:
    """Return the style of a kind, else of its layer, else the fallback."""
    return styles.get(kind) or styles.get(own) or styles["fallback"]


def text_format(size_pt: float, colour: str = "#1c1c1c", *, bold: bool = False, halo: bool = False) -> object:
    """Return how a text is written."""
    made = QgsTextFormat()
    font = QFont(FAMILY)
    font.setBold(bold)
    made.setFont(font)
    made.setSize(size_pt)
    made.setColor(QColor(colour))
    if halo:
        buffer = QgsTextBufferSettings()
        buffer.setEnabled(True)
        buffer.setSize(0.32)
        made.setBuffer(buffer)
    return made


def add_layers(project: QgsProject, job: dict) -> list[QgsVectorLayer]:
    """Return the layers as drawn, styled by kind and labelled by their Chinese name."""
    made = []
    for name, title, own in job["layers"]:
        layer = QgsVectorLayer(name, title, "ogr")
        kinds = sorted(layer.uniqueValues(layer.fields().indexOf("kind")))
        styles = {kind: find_style(job["styles"], kind, own) for kind in kinds}
        layer.setRenderer(
            QgsCategorizedSymbolRenderer(
                "kind",
                [
                    QgsRendererCategory(kind, make_symbol(style, layer.geometryType()), style["label"])
                    for kind, style in styles.items()
                ],
            )
        )
        first = next(iter(styles.values()))
        if first["text_pt"]:
            settings = QgsPalLayerSettings()
            settings.fieldName = "name_zh"
            settings.setFormat(text_format(first["text_pt"], first["text_colour"], halo=True))
            if layer.geometryType() == QgsWkbTypes.LineGeometry:
                settings.placement = QgsPalLayerSettings.Curved
            layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
            layer.setLabelsEnabled(True)
        project.addMapLayer(layer)
        made.append((first["order"], layer))
    return [layer for _, layer in sorted(made, key=lambda pair: -pair[0])]


def add_grid(sheet: QgsLayoutItemMap, crs: str, interval: float, *, lines: bool) -> None:
    """Draw a grid of a system with its labels, its lines or only crosses at the frame."""
    grid = QgsLayoutItemMapGrid(crs, sheet)
    grid.setCrs(QgsCoordinateReferenceSystem(crs))
    grid.setIntervalX(interval)
    grid.setIntervalY(interval)
    grid.setStyle(QgsLayoutItemMapGrid.Solid if lines else QgsLayoutItemMapGrid.FrameAnnotationsOnly)
    grid.setLineSymbol(QgsLineSymbol.createSimple({"color": "#8d857a", "width": "0.05"}))
    grid.setAnnotationEnabled(True)
    grid.setAnnotationPrecision(0)
    grid.setAnnotationTextFormat(text_format(6.2))
    if not lines:
        grid.setFrameStyle(QgsLayoutItemMapGrid.Zebra)
        grid.setFrameWidth(1.5)
        grid.setAnnotationFormat(QgsLayoutItemMapGrid.DegreeMinuteSecondNoSuffix)
    sheet.grids().addGrid(grid)


def place(layout: QgsPrintLayout, item: object, x: float, y: float, width: float, height: float) -> None:
    """Put an item on the page, millimetres from the upper left corner."""
    layout.addLayoutItem(item)
    item.attemptMove(QgsLayoutPoint(x, y, QgsUnitTypes.LayoutMillimeters))
    item.attemptResize(QgsLayoutSize(width, height, QgsUnitTypes.LayoutMillimeters))


def write(
    layout: QgsPrintLayout,
    text: str,
    box: tuple[float, float, float, float],
    size_pt: float,
    *,
    bold: bool = False,
) -> None:
    """Put a text on the page."""
    label = QgsLayoutItemLabel(layout)
    label.setText(text)
    font = QFont(FAMILY)
    font.setPointSizeF(size_pt)
    font.setBold(bold)
    label.setFont(font)
    place(layout, label, *box)


def add_map(layout: QgsPrintLayout, layers: list[QgsVectorLayer]) -> QgsLayoutItemMap:
    """Return the map of the sheet with its grids."""
    sheet = QgsLayoutItemMap(layout)
    place(layout, sheet, 12, 25, *MAP_MM)
    sheet.setCrs(QgsCoordinateReferenceSystem("EPSG:4549"))
    sheet.setLayers(layers)
    sheet.setKeepLayerSet(True)
    sheet.setFrameEnabled(True)
    sheet.setBackgroundColor(QColor("#fbf9f2"))
    half = [side * SCALE / 2000 for side in MAP_MM]
    x, y = 500_000, 3_300_000
    sheet.setExtent(QgsRectangle(x - half[0], y - half[1], x + half[0], y + half[1]))
    sheet.setAtlasDriven(True)
    sheet.setAtlasScalingMode(QgsLayoutItemMap.Fixed)
    add_grid(sheet, "EPSG:4549", 1000, lines=True)
    add_grid(sheet, "EPSG:4490", 1 / 60, lines=False)
    return sheet


def add_overview(
    layout: QgsPrintLayout, sheet: QgsLayoutItemMap, backdrop: list[QgsVectorLayer], y: float
) -> None:
    """Put a small map with the sheet marked on the page."""
    small = QgsLayoutItemMap(layout)
    place(layout, small, 505, y, 80, 51)
    small.setCrs(QgsCoordinateReferenceSystem("EPSG:4549"))
    small.setLayers(backdrop)
    small.setKeepLayerSet(True)
    small.setFrameEnabled(True)
    small.setExtent(QgsRectangle(295_000, 3_180_000, 755_000, 3_473_000))
    overview = QgsLayoutItemMapOverview("sheet", small)
    overview.setLinkedMap(sheet)
    small.overviews().addOverview(overview)


def make_layout(
    project: QgsProject, layers: list[QgsVectorLayer], frames: QgsVectorLayer, job: dict
) -> QgsPrintLayout:
    """Return the atlas: a page a frame."""
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    layout.pageCollection().page(0).setPageSize(QgsLayoutSize(*PAGE_MM, QgsUnitTypes.LayoutMillimeters))
    sheet = add_map(layout, layers)
    write(layout, "[% number %]", (200, 6, 120, 9), 15, bold=True)
    write(layout, "杭州地区生态框架图　1:50 000", (12, 6, 150, 9), 11.5, bold=True)
    write(layout, "图例", (505, 25, 40, 6), 9, bold=True)
    legend = QgsLayoutItemLegend(layout)
    legend.setLinkedMap(sheet)
    legend.setLegendFilterByMapEnabled(True)
    for kind in (QgsLegendStyle.Subgroup, QgsLegendStyle.SymbolLabel):
        font = QFont(FAMILY)
        font.setPointSizeF(7.2)
        legend.setStyleFont(kind, font)
    place(layout, legend, 503, 31, 80, 150)
    north = QgsLayoutItemPicture(layout)
    north.setPicturePath("/usr/share/qgis/svg/arrows/NorthArrow_02.svg")
    place(layout, north, 565, 25, 16, 16)
    write(layout, "位置图", (505, 185, 40, 6), 9, bold=True)
    add_overview(layout, sheet, layers[-2:], 192)
    base = "CGCS2000　高斯-克吕格投影 3°带 第40带\n1985国家高程基准\nGB/T 13989-2012"
    write(layout, base, (505, 250, 80, 18), 6.6)
    write(layout, "资料来源\n" + job["sources"], (505, 272, 80, 80), 5.5)
    write(layout, "编制单位\n制　图\n审　核\n日　期\n审图号：待审", (505, 360, 80, 36), 7.2)
    bar = QgsLayoutItemScaleBar(layout)
    bar.setLinkedMap(sheet)
    bar.applyDefaultSize()
    place(layout, bar, 200, 402, 100, 12)
    atlas = layout.atlas()
    atlas.setCoverageLayer(frames)
    atlas.setEnabled(True)
    atlas.setFilenameExpression('"number"')
    return layout


def main(job_path: str, out: str) -> None:
    """Print the atlas and the seconds it took."""
    job = json.loads(Path(job_path).read_text(encoding="utf-8"))
    QgsApplication.setPrefixPath("/usr", useDefaultPaths=True)
    app = QgsApplication([], GUIenabled=True)
    app.initQgis()
    for path in job["fonts"]:
        QFontDatabase.addApplicationFont(path)
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:4549"))
    layers = add_layers(project, job)
    frames = QgsVectorLayer(job["frames"], "frames", "ogr")
    project.addMapLayer(frames, addToLegend=False)
    layout = make_layout(project, layers, frames, job)
    began = time.perf_counter()
    settings = QgsLayoutExporter.PdfExportSettings()
    settings.appendGeoreference = True
    settings.textRenderFormat = QgsRenderContext.TextFormatAlwaysText
    if Path(out).is_dir():
        code, message = QgsLayoutExporter.exportToPdfs(layout.atlas(), str(Path(out, "x.pdf")), settings)
    else:
        code, message = QgsLayoutExporter.exportToPdf(layout.atlas(), out, settings)
    print(f"{Qgis.QGIS_VERSION}\t{time.perf_counter() - began:.2f}\t{int(code)}\t{message}", flush=True)
    os._exit(0 if code == QgsLayoutExporter.Success else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
