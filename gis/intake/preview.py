"""A small map of what a replacement changes: the old features and the new ones, one over the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.errors import OutputError
from gis.settings import PACKAGE_DIR

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties

    from gis.intake.proposal import Proposal

WIDTH_IN, DPI = 7.0, 130
OLD, NEW, OUTLINE = "#b5413b", "#2f7d5b", "#173f2e"
MARGIN = 0.06
MANY = 5000
"""Polygons above which holes are not drawn: one path of so many rings takes a minute."""


def draw_preview(proposal: Proposal, path: Path) -> None:
    """Write a PNG with the features before (red outline) and after (green).

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    west, south, east, north = find_extent(proposal)
    stretch = 1 / np.cos(np.radians((south + north) / 2))
    height = float(np.clip(WIDTH_IN * (north - south) * stretch / (east - west), 3.5, 9.0))
    figure = Figure(figsize=(WIDTH_IN, height + 1.0), dpi=DPI, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(stretch)
    draw_shapes(axes, proposal.replacement.frame, fill=NEW, outline=OUTLINE, width=0.3)
    if proposal.before is not None:
        draw_shapes(axes, proposal.before, fill="none", outline=OLD, width=1.3)
    write_words(axes, proposal)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="png", metadata={"Software": None})
    except OSError as error:
        raise OutputError(
            f"无法写入 {path}：{error.strerror}",
            f"{path} cannot be written: {error.strerror}",
            where=str(path),
        ) from error


def find_extent(proposal: Proposal) -> tuple[float, float, float, float]:
    """Return the extent of both versions with a margin, degrees; never thinner than 0.005°."""
    difference = proposal.replacement.difference
    boxes = np.array([box for box in (difference.bounds_before, difference.bounds_after) if box is not None])
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    side = max(float(east - west), float(north - south), 0.005)
    x, y = (west + east) / 2, (south + north) / 2
    half_x = max(east - west, side / 3) / 2 + MARGIN * side
    half_y = max(north - south, side / 3) / 2 + MARGIN * side
    return float(x - half_x), float(y - half_y), float(x + half_x), float(y + half_y)


def draw_shapes(axes: Axes, frame: gpd.GeoDataFrame, *, fill: str, outline: str, width: float) -> None:
    """Draw all features: polygons with their holes (where there are few enough to see any), lines, points."""
    from matplotlib.collections import LineCollection, PolyCollection
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    left, right = axes.get_xlim()
    pixel_deg = (right - left) / (WIDTH_IN * DPI)
    located = frame.geometry.to_numpy()[frame.geometry.notna().to_numpy()]
    shapes = shapely.simplify(shapely.get_parts(located), pixel_deg / 2)
    dimensions = shapely.get_dimensions(shapes)
    alpha = 0.55 if fill != "none" else 1.0
    polygons = shapes[dimensions == 2]
    if len(polygons) > MANY:
        outlines = [shapely.get_coordinates(ring) for ring in shapely.get_exterior_ring(polygons)]
        axes.add_collection(
            PolyCollection(outlines, facecolor=fill, edgecolor=outline, linewidth=width / 2, alpha=alpha)
        )
    elif len(polygons):
        xy, owner = shapely.get_coordinates(shapely.get_rings(polygons), return_index=True)
        codes = np.full(len(xy), Outline.LINETO, dtype=np.uint8)
        codes[np.flatnonzero(np.diff(owner, prepend=-1))] = Outline.MOVETO
        axes.add_patch(
            PathPatch(Outline(xy, codes), facecolor=fill, edgecolor=outline, linewidth=width, alpha=alpha)
        )
    lines = [shapely.get_coordinates(line) for line in shapes[dimensions == 1]]
    if lines:
        axes.add_collection(LineCollection(lines, colors=outline, linewidths=width + 0.8))
    points = shapely.get_coordinates(shapes[dimensions == 0])
    if len(points):
        face = outline if fill == "none" else fill
        axes.scatter(points[:, 0], points[:, 1], s=14, color=face, linewidths=0, zorder=3)


def write_words(axes: Axes, proposal: Proposal) -> None:
    """Write title, counts and key in Chinese and English."""
    from matplotlib.lines import Line2D

    bold, plain = _font("Bold", 11.0), _font("Regular", 8.0)
    change = proposal.replacement.difference
    title = proposal.entry.title
    axes.set_title(f"{title.zh}  {title.en}", fontproperties=bold, loc="left", pad=22)
    axes.text(
        0.0,
        1.012,
        f"要素 features {change.rows_before} → {change.rows_after} · 面积 area "
        f"{change.area_before_ha:,.1f} → {change.area_after_ha:,.1f} ha",
        transform=axes.transAxes,
        fontproperties=plain,
        va="bottom",
        color="#444444",
    )
    key = [Line2D([], [], color=NEW, linewidth=6, alpha=0.55, label="更换后 after")]
    if proposal.before is not None:
        key.append(Line2D([], [], color=OLD, linewidth=1.5, label="更换前 before"))
    axes.legend(handles=key, prop=plain, loc="upper right", framealpha=0.92, edgecolor="#cccccc")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}°E")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}°N")
    axes.locator_params(nbins=5)
    axes.tick_params(labelsize=7, colors="#666666", length=3)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(_font("Regular", 7.0))
    for spine in axes.spines.values():
        spine.set_color("#999999")


def _font(weight: str, size: float) -> FontProperties:
    """Return the bundled font; the default one where the build has not fetched it."""
    from matplotlib.font_manager import FontProperties

    path = PACKAGE_DIR / "fonts" / f"NotoSansSC-{weight}.ttf"
    return FontProperties(fname=str(path), size=size) if path.is_file() else FontProperties(size=size)
