"""A grid of a corridor study as a picture: a colour scale, the sources, ranked places, kilometres."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.settings import PACKAGE_DIR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties
    from matplotlib.image import AxesImage
    from numpy.typing import NDArray

    from gis.corridors.grid import Grid

PICTURE_IN = 7.0
DPI = 150
FAINT = 0.01
"""What is a smaller share of the highest value is left out where a grid is drawn over another."""

MOST_SIDE = 1600
"""A grid with more rows or columns is thinned for the picture."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the picture: its row, column and what stands beside it."""

    row: int
    column: int
    label: str


@dataclass(frozen=True, slots=True)
class Caption:
    """What a picture says: its title and the name of its colour scale, in both languages."""

    title: str
    scale: str
    marks: str


def render_picture(
    grid: Grid,
    caption: Caption,
    *,
    sources: Grid,
    labels: Mapping[int, str],
    marks: Sequence[Mark],
    under: Grid | None = None,
    logarithmic: bool = False,
) -> bytes:
    """Return a PNG of a grid.

    Parameters
    ----------
    grid : Grid
        NaN is drawn grey; where it is 0 the grid beneath shows.
    caption : Caption
    sources : Grid
        Number of the source in its cells, NaN or 0 elsewhere: outlined, what it is called beside it.
    labels : mapping
        Number of a source → what it is called; its number where there is none.
    marks : sequence of Mark
        Ranked places.
    under : Grid, optional
        Drawn beneath in greys: the resistances.
    logarithmic : bool
        Whether colours go by the logarithm, over three powers of ten at most.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows, columns = grid.shape
    height_in = PICTURE_IN * min(1.6, max(0.4, rows / columns))
    wide, high = PICTURE_IN + 2.1, height_in + 1.1
    figure = Figure(figsize=(wide, high), dpi=DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.9 / wide, 0.5 / high, PICTURE_IN / wide, height_in / high))
    axes.set_aspect("auto")
    if under is not None:
        _draw_under(axes, under)
    image = _draw_values(axes, grid, sources, over=under is not None, logarithmic=logarithmic)
    place = ((PICTURE_IN + 1.05) / wide, 0.5 / high, 0.16 / wide, height_in / high)
    bar = figure.colorbar(image, cax=figure.add_axes(place))
    bar.set_label(caption.scale, fontproperties=_font("Regular", 8.5))
    for text in bar.ax.get_yticklabels():
        text.set_fontproperties(_font("Regular", 7.5))
    _draw_sources(axes, sources, labels)
    _draw_marks(axes, grid, marks, caption.marks)
    axes.set_title(caption.title, fontproperties=_font("Bold", 12), loc="left", pad=10)
    _draw_axes(axes, grid)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": "hangzhou-gis"})
    return out.getvalue()


def _extent(grid: Grid) -> tuple[float, float, float, float]:
    """Return west, east, south, north of a grid in the picture's coordinates: kilometres for metres."""
    west, south, east, north = (side / _scale(grid) for side in grid.bounds)
    return west, east, south, north


def _scale(grid: Grid) -> float:
    """Return what coordinates are divided by: cells of half a unit or more are taken to be in metres."""
    return 1000.0 if grid.cell > 0.5 else 1.0


def _thin(grid: Grid) -> NDArray[np.float64]:
    """Return the cells, thinned where there are too many."""
    step = max(1, -(-max(grid.shape) // MOST_SIDE))
    return grid.values[::step, ::step]


def _draw_under(axes: Axes, under: Grid) -> None:
    """Draw resistances in light greys by their logarithm."""
    from matplotlib.colors import LinearSegmentedColormap, LogNorm

    values = _thin(under)
    known = values[np.isfinite(values) & (values > 0)]
    low, high = (float(known.min()), float(known.max())) if known.size else (1.0, 10.0)
    greys = LinearSegmentedColormap.from_list("", ["#f7f7f3", "#aeb3ab"]).with_extremes(bad="#d3d6e0")
    norm = LogNorm(low, max(high, low * 1.01))
    axes.imshow(np.ma.masked_invalid(values), cmap=greys, norm=norm, extent=_extent(under), aspect="auto")


def _draw_values(axes: Axes, grid: Grid, sources: Grid, *, over: bool, logarithmic: bool) -> AxesImage:
    """Draw the cells; the sources' own, which carry all the current, do not set the scale."""
    from matplotlib import colormaps
    from matplotlib.colors import LogNorm, Normalize

    values = _thin(grid)
    known = values[np.isfinite(values) & (values > 0) & ~(_thin(sources) > 0)]
    top = float(np.quantile(known, 0.999)) if known.size else 1.0
    low = max(float(known.min()), top / 1000) if known.size else 0.1
    norm = LogNorm(min(low, top / 1.01), top) if logarithmic else Normalize(0.0, top)
    colours = colormaps["YlOrRd"] if over else colormaps["magma"]
    bad = (0.0, 0.0, 0.0, 0.0) if over else "#d9dbd6"
    return axes.imshow(
        np.ma.masked_where(~(values > FAINT * top) if over else np.isnan(values), values),
        cmap=colours.with_extremes(bad=bad, under=None if over else "#000004"),
        norm=norm,
        extent=_extent(grid),
        aspect="auto",
        interpolation="nearest" if max(grid.shape) < 200 or over else "antialiased",
    )


def _draw_sources(axes: Axes, sources: Grid, labels: Mapping[int, str]) -> None:
    """Draw a ring about small sources or the outline of large ones, with their numbers."""
    from matplotlib import patheffects

    numbers = np.where(np.isnan(sources.values), 0, sources.values)
    scale = _scale(sources)
    for number in np.unique(numbers[numbers > 0]):
        cells = np.argwhere(numbers == number)
        middle = cells[np.square(cells - cells.mean(axis=0)).sum(axis=1).argmin()]
        x, y = (float(side[0]) / scale for side in sources.centres(middle[:1], middle[1:]))
        if len(cells) > 9:
            rows, columns = (np.arange(size) for size in sources.shape)
            across = sources.centres(np.zeros_like(columns), columns)[0] / scale
            down = sources.centres(rows, np.zeros_like(rows))[1] / scale
            inside = (numbers == number).astype(float)
            axes.contour(across, down, inside, levels=[0.5], colors="#1fa392", linewidths=1.0)
        else:
            axes.plot(x, y, "o", ms=7, mfc="none", mec="#35c4b1", mew=1.6)
        axes.annotate(
            labels.get(int(number), f"{number:g}"),
            (x, y),
            xytext=(6, 5),
            textcoords="offset points",
            color="#aef4e9",
            path_effects=[patheffects.withStroke(linewidth=2.5, foreground="#0b2b28")],
            fontproperties=_font("Bold", 9),
        )


def _draw_marks(axes: Axes, grid: Grid, marks: Sequence[Mark], name: str) -> None:
    """Draw ranked places as numbered discs."""
    places = np.array([(mark.row, mark.column) for mark in marks], dtype=np.intp).reshape(-1, 2)
    x, y = (side / _scale(grid) for side in grid.centres(places[:, 0], places[:, 1]))
    for index, mark in reversed(list(enumerate(marks))):
        axes.plot(x[index], y[index], "o", ms=11, mfc="#ffffff", mec="#c2272d", mew=1.4)
        axes.annotate(
            mark.label,
            (x[index], y[index]),
            ha="center",
            va="center_baseline",
            color="#8f1116",
            fontproperties=_font("Bold", 6.5),
        )
    from matplotlib.lines import Line2D

    key = [Line2D([], [], ls="", marker="o", ms=7, mfc="none", mec="#1fa392", mew=1.6, label="源 source")]
    if marks:
        key.append(Line2D([], [], ls="", marker="o", ms=9, mfc="w", mec="#c2272d", mew=1.4, label=name))
    axes.legend(
        handles=key,
        prop=_font("Regular", 8),
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=2,
        frameon=False,
    )


def _draw_axes(axes: Axes, grid: Grid) -> None:
    """Label the edges with coordinates: kilometres for grids in metres."""
    unit = " km" if _scale(grid) > 1 else ""
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:.7g}{unit}")
    west, east, south, north = _extent(grid)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
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
