"""Print map sheets with a QGIS atlas: run by ``benchmarks/sheets.py`` with the Python that QGIS brings.

Usage: ``qgis_atlas.py FRAMES.geojson LAYER.geojson… OUT.pdf``. A2 sheets at 1:50 000 in one PDF: four layers
with labels, a kilometre and a degree grid, legend, scale bar, title. Prints the seconds of the export.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsLayoutExporter,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemMapGrid,
    QgsLayoutItemScaleBar,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsPalLayerSettings,
    QgsPrintLayout,
    QgsProject,
    QgsRectangle,
    QgsUnitTypes,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)

SCALE = 50_000
PAGE_MM, MAP_MM = (594.0, 420.0), (482.0, 371.0)


def add_layers(project: QgsProject, paths: list[str]) -> list[QgsVectorLayer]:
    """Return the layers, each labelled by its Chinese name."""
    made = []
    for path in paths:
        layer = QgsVectorLayer(path, Path(path).stem, "ogr")
        settings = QgsPalLayerSettings()
        settings.fieldName = "name_zh"
        layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
        layer.setLabelsEnabled(True)
        project.addMapLayer(layer)
        made.append(layer)
    return made


def add_grid(sheet: QgsLayoutItemMap, crs: str, interval: float) -> None:
    """Draw a grid of a system with its labels."""
    grid = QgsLayoutItemMapGrid(crs, sheet)
    grid.setCrs(QgsCoordinateReferenceSystem(crs))
    grid.setIntervalX(interval)
    grid.setIntervalY(interval)
    grid.setAnnotationEnabled(True)
    sheet.grids().addGrid(grid)


def place(layout: QgsPrintLayout, item: object, x: float, y: float, width: float, height: float) -> None:
    """Put an item on the page, millimetres from the upper left corner."""
    layout.addLayoutItem(item)
    item.attemptMove(QgsLayoutPoint(x, y, QgsUnitTypes.LayoutMillimeters))
    item.attemptResize(QgsLayoutSize(width, height, QgsUnitTypes.LayoutMillimeters))


def make_layout(project: QgsProject, layers: list[QgsVectorLayer], frames: QgsVectorLayer) -> QgsPrintLayout:
    """Return the atlas: a page a frame."""
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    layout.pageCollection().page(0).setPageSize(QgsLayoutSize(*PAGE_MM, QgsUnitTypes.LayoutMillimeters))
    sheet = QgsLayoutItemMap(layout)
    place(layout, sheet, 12, 25, *MAP_MM)
    sheet.setCrs(QgsCoordinateReferenceSystem("EPSG:4549"))
    sheet.setLayers(layers)
    sheet.setKeepLayerSet(True)
    half = [side * SCALE / 2000 for side in MAP_MM]
    x, y = 500_000, 3_300_000
    sheet.setExtent(QgsRectangle(x - half[0], y - half[1], x + half[0], y + half[1]))
    sheet.setAtlasDriven(True)
    sheet.setAtlasScalingMode(QgsLayoutItemMap.Fixed)
    add_grid(sheet, "EPSG:4549", 1000)
    add_grid(sheet, "EPSG:4490", 1 / 12)
    legend = QgsLayoutItemLegend(layout)
    legend.setLinkedMap(sheet)
    legend.setLegendFilterByMapEnabled(True)
    place(layout, legend, 505, 25, 80, 200)
    bar = QgsLayoutItemScaleBar(layout)
    bar.setLinkedMap(sheet)
    bar.applyDefaultSize()
    place(layout, bar, 200, 402, 100, 12)
    title = QgsLayoutItemLabel(layout)
    title.setText("[% number %]  1:50 000")
    place(layout, title, 200, 8, 200, 12)
    atlas = layout.atlas()
    atlas.setCoverageLayer(frames)
    atlas.setEnabled(True)
    return layout


def main(frames_path: str, *rest: str) -> None:
    """Print the atlas and the seconds it took."""
    QgsApplication.setPrefixPath("/usr", useDefaultPaths=True)
    app = QgsApplication([], GUIenabled=False)
    app.initQgis()
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:4549"))
    layers = add_layers(project, list(rest[:-1]))
    frames = QgsVectorLayer(frames_path, "frames", "ogr")
    project.addMapLayer(frames, addToLegend=False)
    layout = make_layout(project, layers, frames)
    began = time.perf_counter()
    code, message = QgsLayoutExporter.exportToPdf(
        layout.atlas(), rest[-1], QgsLayoutExporter.PdfExportSettings()
    )
    print(f"{Qgis.QGIS_VERSION}\t{time.perf_counter() - began:.2f}\t{int(code)}\t{message}", flush=True)
    os._exit(0 if code == QgsLayoutExporter.Success else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
