"""Small pictures of layers for the pages, in the styles of maps and sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke

from gis.settings import PACKAGE_DIR

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from gis.model import Layer
    from gis.styles import Style
    from gis.workspace import Workspace

LAND, SEA, SHORE, BORDER = "#f7f5ef", "#d6e6ee", "#8fb3c7", "#b9a9bd"
THUMB_PX, OVERVIEW_PX, DPI = (240, 170), (1000, 640), 100
SMALLEST_DEG = 0.12
MAX_LABELS = 24
MARKERS = {"square": "s", "triangle": "^", "diamond": "D", "star": "*", "box": "s", "tank": "o", "cross": "X"}

Bounds = tuple[float, float, float, float]


def draw_layer(workspace: Workspace, layer: Layer, path: Path) -> Path:
    """Write a thumbnail of one layer."""
    figure, axes = make_axes(fit_bounds([layer], THUMB_PX, study_area(workspace)), THUMB_PX)
    draw_ground(axes, workspace)
    draw_features(axes, workspace, layer, scale=0.8)
    return save(figure, path, colours=64)


def draw_theme(workspace: Workspace, layers: Sequence[Layer], title: str, path: Path) -> Path:
    """Write an overview of the layers of a theme, named."""
    figure, axes = make_axes(fit_bounds(layers, OVERVIEW_PX, study_area(workspace)), OVERVIEW_PX)
    draw_ground(axes, workspace)
    for layer in layers:
        draw_features(axes, workspace, layer, scale=1.4)
    taken: list[Any] = []
    for layer in layers:
        label_features(axes, layer, taken)
    axes.text(
        0.012,
        0.975,
        title,
        transform=axes.transAxes,
        va="top",
        fontproperties=font("Bold", 13),
        path_effects=[withStroke(linewidth=3, foreground="white")],
    )
    return save(figure, path, colours=128)


def font(weight: str, size: float) -> FontProperties:
    """Return the bundled font, or the default where the build has not fetched it."""
    path = PACKAGE_DIR / "fonts" / f"NotoSansSC-{weight}.ttf"
    return FontProperties(fname=str(path), size=size) if path.is_file() else FontProperties(size=size)


def study_area(workspace: Workspace) -> Bounds:
    """Return the box of the study area, degrees."""
    west, south, east, north = workspace.catalogue.areas["study"]["bbox"]
    return west, south, east, north


def fit_bounds(layers: Sequence[Layer], size_px: tuple[int, int], study: Bounds) -> Bounds:
    """Return the extent of the features in the study area, with a margin, in proportion to the picture."""
    shapes = [shape for layer in layers if layer.frame is not None for shape in layer.frame.geometry if shape]
    west, south, east, north = shapely.total_bounds(np.array(shapes, dtype=object))
    low, high = np.maximum((west, south), study[:2]), np.minimum((east, north), study[2:])
    (west, south), (east, north) = low, high
    stretch = np.cos(np.radians((south + north) / 2))
    width, height = max((east - west) * 1.12, SMALLEST_DEG), max((north - south) * 1.12, SMALLEST_DEG * 0.6)
    wanted = size_px[0] / size_px[1] / stretch
    if width / height < wanted:
        width = height * wanted
    else:
        height = width / wanted
    x, y = (west + east) / 2, (south + north) / 2
    return float(x - width / 2), float(y - height / 2), float(x + width / 2), float(y + height / 2)


def make_axes(bounds: Bounds, size_px: tuple[int, int]) -> tuple[Figure, Axes]:
    """Return a figure filled by one map."""
    figure = Figure(figsize=(size_px[0] / DPI, size_px[1] / DPI), dpi=DPI, facecolor=LAND)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), facecolor=LAND)
    axes.set_xlim(bounds[0], bounds[2])
    axes.set_ylim(bounds[1], bounds[3])
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color("#bbbbbb")
    return figure, axes


def clip(axes: Axes, shapes: Sequence[Any]) -> list[Any]:
    """Return what of the shapes lies in the map, thinned to half a pixel."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    pixel_deg = (east - west) / (axes.figure.get_size_inches()[0] * DPI)
    thin = shapely.simplify(np.array([*shapes, None], dtype=object)[:-1], pixel_deg / 2)
    cut = shapely.clip_by_rect(
        thin,
        west,
        south,
        east,
        north,
    )
    return [
        part for shape in cut if shape is not None for part in shapely.get_parts(shape) if not part.is_empty
    ]


def draw_ground(axes: Axes, workspace: Workspace) -> None:
    """Draw sea, the main stem, the lakes and prefecture boundaries."""
    for name in ("river_water", "lakes"):
        water = workspace.layers.get(name)
        if water is not None and water.frame is not None:
            draw_polygons(
                axes,
                clip(axes, list(water.frame.geometry)),
                facecolor=SEA,
                edgecolor=SHORE,
                linewidth=0.3,
                zorder=1,
            )
    coast, borders = (workspace.layers.get(name) for name in ("coast", "boundaries_prefecture"))
    if coast is not None and coast.frame is not None:
        sea = coast.frame[coast.frame["kind"] == "sea"].geometry
        draw_polygons(axes, clip(axes, list(sea)), facecolor=SEA, edgecolor=SHORE, linewidth=0.4, zorder=1)
    if borders is not None and borders.frame is not None:
        draw_polygons(
            axes,
            clip(axes, list(borders.frame.geometry)),
            facecolor="none",
            edgecolor=BORDER,
            linewidth=0.5,
            zorder=2,
        )


def draw_polygons(axes: Axes, shapes: Sequence[Any], **look: Any) -> None:
    """Draw polygons with their holes as one path."""
    rings = shapely.get_rings(
        np.array([shape for shape in shapes if shape.geom_type == "Polygon"], dtype=object)
    )
    if not len(rings):
        return
    xy, owner = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(xy), Outline.LINETO, dtype=np.uint8)
    codes[np.flatnonzero(np.diff(owner, prepend=-1))] = Outline.MOVETO
    axes.add_patch(PathPatch(Outline(xy, codes), **look))


def draw_features(axes: Axes, workspace: Workspace, layer: Layer, *, scale: float) -> None:
    """Draw the features of a layer, each kind in its style."""
    frame = layer.frame
    if frame is None:
        return
    located = frame[frame.geometry.notna()]
    styles = {kind: workspace.styles.find(kind, layer.entry.style) for kind in located["kind"].unique()}
    for kind, style in sorted(styles.items(), key=lambda item: item[1].order):
        draw_kind(axes, clip(axes, list(located[located["kind"] == kind].geometry)), style, scale=scale)


def draw_kind(axes: Axes, shapes: Sequence[Any], style: Style, *, scale: float) -> None:
    """Draw parts of one style."""
    order, width = 3 + style.order / 100, max(style.stroke_mm * 3.2, 0.6) * scale
    stroke = style.stroke or style.fill or "#444444"
    draw_polygons(
        axes,
        shapes,
        facecolor=style.fill or "none",
        edgecolor="none",
        alpha=max(style.fill_opacity, 0.3) if style.fill else None,
        zorder=order,
    )
    draw_polygons(axes, shapes, facecolor="none", edgecolor=stroke, linewidth=width, zorder=order)
    lines = [shapely.get_coordinates(shape) for shape in shapes if shape.geom_type == "LineString"]
    axes.add_collection(LineCollection(lines, colors=stroke, linewidths=width * 1.4, zorder=order))
    points = [shapely.get_coordinates(shape)[0] for shape in shapes if shape.geom_type == "Point"]
    if points:
        x, y = np.array(points).T
        axes.scatter(
            x,
            y,
            s=(style.size_mm * 2.6 * scale) ** 2 * (0.35 if len(points) > MAX_LABELS else 1.0),
            marker=MARKERS.get(style.marker, "o"),
            facecolor=style.fill or "white",
            edgecolor=stroke,
            linewidth=0.7,
            zorder=order + 1,
        )


def label_features(axes: Axes, layer: Layer, taken: list[Any]) -> None:
    """Write the names of a layer's features beside them where no name of `taken` is; adds to `taken`."""
    frame = layer.frame
    if frame is None or len(frame) > MAX_LABELS:
        return
    for name, shape in zip(frame["name_zh"], frame.geometry, strict=True):
        if shape is None:
            continue
        text = str(name).partition("（")[0]
        box = find_room(axes, shape.representative_point(), text, taken)
        if box is None:
            continue
        axes.text(
            box.centroid.x,
            box.centroid.y,
            text,
            ha="center",
            va="center",
            fontproperties=font("Regular", 8.5),
            zorder=9,
            path_effects=[withStroke(linewidth=2.4, foreground="white")],
        )
        taken.append(box)


def find_room(axes: Axes, spot: Any, text: str, taken: Sequence[Any]) -> Any:
    """Return a box for a name above, below or right of a point, free of others; None where there is none."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    high = (north - south) / OVERVIEW_PX[1] * 17
    letter = (east - west) / OVERVIEW_PX[0] * 12
    half = len(text) * letter / 2
    for x, y in ((spot.x, spot.y + high), (spot.x, spot.y - high), (spot.x + half + letter, spot.y)):
        box = shapely.box(x - half, y - high / 2, x + half, y + high / 2)
        inside = west < x - half and x + half < east and south < y - high and y + high < north
        if inside and not any(box.intersects(other) for other in taken):
            return box
    return None


def save(figure: Figure, path: Path, *, colours: int) -> Path:
    """Write a figure as a PNG with few colours."""
    from PIL import Image

    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]  # the Agg canvas has it
    image = Image.fromarray(pixels).convert("RGB").quantize(colors=colours, dither=Image.Dither.NONE)
    image.save(path, optimize=True)
    return path
