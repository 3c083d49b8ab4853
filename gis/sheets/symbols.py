"""Point symbols and hatches, drawn so that they carry the meaning in grey print too."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.sheets.canvas import Canvas
    from gis.styles import Style

HATCH_SPACING_MM = 2.0
HATCH_LINE_MM = 0.1
DOT_MM = 0.32
"""Width of a dot."""

ANGLES = {"/": (45.0,), "\\": (135.0,), "|": (90.0,), "-": (0.0,), "+": (0.0, 90.0), "x": (45.0, 135.0)}
POLYGONS = {
    "square": ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)),
    "box": ((-0.5, -0.42), (0.5, -0.42), (0.5, 0.42), (-0.5, 0.42)),
    "triangle": ((-0.55, -0.42), (0.55, -0.42), (0.0, 0.58)),
    "diamond": ((0.0, -0.62), (0.52, 0.0), (0.0, 0.62), (-0.52, 0.0)),
    "star": tuple(
        (
            (0.62 if i % 2 == 0 else 0.26) * math.sin(i * math.pi / 5),
            (0.62 if i % 2 == 0 else 0.26) * math.cos(i * math.pi / 5),
        )
        for i in range(10)
    ),
    "plane": (
        (0.0, 0.6), (0.08, 0.42), (0.08, 0.15), (0.58, -0.14), (0.58, -0.26), (0.08, -0.1), (0.06, -0.4),
        (0.22, -0.52), (0.22, -0.6), (0.0, -0.53), (-0.22, -0.6), (-0.22, -0.52), (-0.06, -0.4),
        (-0.08, -0.1), (-0.58, -0.26), (-0.58, -0.14), (-0.08, 0.15), (-0.08, 0.42),
    ),
}  # fmt: skip
"""Symbols that are one polygon, in units of their size, centred."""

STROKES = {
    "anchor": (
        ((0.0, 0.36), (0.0, -0.5)),
        ((-0.24, 0.14), (0.24, 0.14)),
        tuple(
            (0.46 * math.cos(a), -0.06 + 0.46 * math.sin(a)) for a in np.linspace(-0.15, -math.pi + 0.15, 13)
        ),
    ),
    "box": (((-0.5, 0.12), (0.5, 0.12)), ((0.0, 0.42), (0.0, 0.12))),
    "cross": (((-0.45, 0.0), (0.45, 0.0)), ((0.0, -0.45), (0.0, 0.45))),
    "tank": (((-0.48, -0.45), (0.48, -0.45)),),
}
"""Lines drawn over or instead of the polygon."""


def draw_marker(canvas: Canvas, x: float, y: float, style: Style, *, scale: float = 1.0) -> None:
    """Draw a point symbol centred at (x, y), millimetres, on a white ground so that it stands off the map."""
    size = style.size_mm * scale
    fill, stroke = style.fill or style.stroke or "#555555", style.stroke or "#333333"
    marker = style.marker or "circle"
    line = max(style.stroke_mm, 0.18) * min(scale, 1.2)
    if marker == "circle":
        canvas.circle(x, y, size / 2, fill=fill, stroke=stroke, line_mm=line)
        return
    if marker in {"anchor", "plane"}:
        canvas.circle(x, y, size * 0.72, fill="#ffffff", stroke=stroke, line_mm=line)
    if marker in POLYGONS:
        ring = np.array(POLYGONS[marker]) * size + np.array([x, y])
        canvas.stroke([ring], "#ffffff", line * 3.2, close=True)
        canvas.fill([ring], fill)
        canvas.stroke([ring], stroke, line, close=True)
    if marker == "tank":
        canvas.circle(x, y - size * 0.02, size * 0.44, fill=fill, stroke=stroke, line_mm=line)
    if marker == "anchor":
        canvas.circle(x, y + size * 0.44, size * 0.1, stroke=stroke, line_mm=line)
    for part in STROKES.get(marker, ()):
        weight = line * (1.5 if marker in {"anchor", "cross", "tank"} else 1.0)
        canvas.stroke([np.array(part) * size + np.array([x, y])], stroke, weight)


def draw_hatch(
    canvas: Canvas,
    rings: Sequence[NDArray[np.float64]],
    hatch: str,
    colour: str,
    *,
    spacing_mm: float = HATCH_SPACING_MM,
) -> None:
    r"""Hatch the inside of closed rings; the pattern is fixed to the page, so neighbours match.

    Parameters
    ----------
    hatch : str
        ``/ \\ | - + x . o``; doubled (``//``) for half the spacing.
    """
    if not hatch or not rings:
        return
    step = spacing_mm / len(hatch)
    points = np.vstack(list(rings))
    low, high = points.min(axis=0), points.max(axis=0)
    with canvas.clipped(rings, digits=2):
        if hatch[0] == ".":
            for row in dot_rows(low, high, step):
                canvas.stroke([row], colour, DOT_MM, dash_mm=(0.0, step), round_dash=True)
            return
        if hatch[0] == "o":
            for x, y in dot_lattice(low, high, step):
                canvas.circle(x, y, 0.4, stroke=colour, line_mm=HATCH_LINE_MM)
            return
        lines = [line for angle in ANGLES[hatch[0]] for line in hatch_lines(low, high, angle, step)]
        canvas.stroke(lines, colour, HATCH_LINE_MM, butt=True)


def dot_rows(low: NDArray[np.float64], high: NDArray[np.float64], step: float) -> list[NDArray[np.float64]]:
    """Return the rows of the same lattice as lines that begin at a dot: dashed without length they are it."""
    first = math.floor(low[0] / step) - 1
    return [
        np.array([((first + 0.5 * (row % 2)) * step, row * step), (high[0] + step, row * step)])
        for row in range(math.floor(low[1] / step), math.ceil(high[1] / step) + 1)
    ]


def dot_lattice(
    low: NDArray[np.float64], high: NDArray[np.float64], step: float
) -> list[tuple[float, float]]:
    """Return the points of a staggered lattice fixed to the page."""
    rows = range(math.floor(low[1] / step), math.ceil(high[1] / step) + 1)
    return [
        ((column + 0.5 * (row % 2)) * step, row * step)
        for row in rows
        for column in range(math.floor(low[0] / step) - 1, math.ceil(high[0] / step) + 1)
    ]


def hatch_lines(
    low: NDArray[np.float64], high: NDArray[np.float64], angle_deg: float, step: float
) -> list[NDArray[np.float64]]:
    """Return parallel lines at an angle over a box, on a lattice fixed to the page."""
    along = np.array([math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))])
    across = np.array([-along[1], along[0]])
    corners = np.array([(x, y) for x in (low[0], high[0]) for y in (low[1], high[1])])
    first, last = (corners @ across).min(), (corners @ across).max()
    start, end = (corners @ along).min(), (corners @ along).max()
    offsets = np.arange(math.ceil(first / step), math.floor(last / step) + 1) * step
    return [np.array([across * o + along * start, across * o + along * end]) for o in offsets]
