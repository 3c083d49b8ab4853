"""The neat lines: graticule band with degrees, minutes, seconds, and the Gauss-Krüger kilometre grid."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.sheets.frame import SIDES
from gis.sheets.measure import CAP_HEIGHT, MM_PER_PT, text_width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gis.sheets.canvas import Canvas
    from gis.sheets.definition import ScaleRules
    from gis.sheets.frame import PaperFrame

INK = "#1c1c1c"
GRID_COLOUR = "#b4ac9f"
INNER_MM, OUTER_MM, GRID_MM = 0.18, 0.7, 0.05
BAR_MM = 0.9
"""Width of the black and white minute bars inside the outer neat line."""

LABEL_PT = 6.2


@dataclass(frozen=True, slots=True)
class GridLine:
    """One line of the plane's grid on paper: where it meets the neat line, and its value in metres."""

    axis: str
    value_m: float
    start: tuple[float, float]
    end: tuple[float, float]


def format_dms(degrees: float | Fraction, *, digits: int = 0) -> str:
    """Return degrees as ``120°07′30″``, seconds with `digits` decimals."""
    total = round(Fraction(degrees).limit_denominator(10**9) * 3600 * 10**digits)
    whole, fraction = divmod(abs(total), 10**digits)
    minutes, seconds = divmod(whole, 60)
    tail = f".{fraction:0{digits}d}" if digits else ""
    sign = "-" if total < 0 else ""
    return f"{sign}{minutes // 60}°{minutes % 60:02d}′{seconds:02d}{tail}″"


def second_digits(values: list[float]) -> int:
    """Return how many decimals of a second a set of degrees needs (0–3)."""
    for digits in range(4):
        scaled = [value * 3600 * 10**digits for value in values]
        if all(abs(value - round(value)) < 1e-3 for value in scaled):
            return digits
    return 3


def make_grid(paper: PaperFrame, interval_m: float) -> tuple[GridLine, ...]:
    """Return the grid lines of the plane inside the frame, vertical ones first."""
    low, high = paper.area.outline_plane.min(axis=0), paper.area.outline_plane.max(axis=0)
    lines: list[GridLine] = []
    for axis, name in ((0, "E"), (1, "N")):
        first, last = math.ceil(low[axis] / interval_m), math.floor(high[axis] / interval_m)
        for index in range(first, last + 1):
            value = index * interval_m
            ends = np.array([low - interval_m, high + interval_m])
            ends[:, axis] = value
            cut = shapely.intersection(shapely.LineString(paper.place(ends)), paper.polygon)
            points = shapely.get_coordinates(cut)
            if cut.length > 1.0:
                lines.append(GridLine(name, value, tuple(points[0]), tuple(points[-1])))
    return tuple(lines)


def draw_grid(canvas: Canvas, grid: tuple[GridLine, ...]) -> None:
    """Draw the grid lines."""
    canvas.stroke([np.array([line.start, line.end]) for line in grid], GRID_COLOUR, GRID_MM, butt=True)


def offset_ring(paper: PaperFrame, distance_mm: float) -> NDArray[np.float64]:
    """Return the neat line moved outward, corners kept sharp."""
    grown = shapely.buffer(paper.polygon, distance_mm, join_style="mitre", mitre_limit=3.0)
    return shapely.get_coordinates(grown.exterior)


def draw_neat_lines(canvas: Canvas, paper: PaperFrame, band_mm: float) -> None:
    """Draw inner and outer neat line; the inner one to a thousandth of a millimetre."""
    canvas.stroke([paper.outline], INK, INNER_MM, close=True, digits=4, butt=True)
    canvas.stroke([offset_ring(paper, band_mm)], INK, OUTER_MM, close=True, butt=True)
    canvas.stroke(
        [offset_ring(paper, band_mm - OUTER_MM / 2 - BAR_MM - 0.25)], INK, 0.1, close=True, butt=True
    )


def draw_graticule(canvas: Canvas, paper: PaperFrame, rules: ScaleRules, band_mm: float) -> None:
    """Draw the band of dark and light bars along the outer neat line, one a tick interval."""
    inner, outer = band_mm - OUTER_MM / 2 - BAR_MM - 0.25, band_mm - OUTER_MM / 2 - 0.05
    for side in SIDES:
        for low, high in dark_intervals(paper, side, rules.tick_s):
            a, b = (offset_points(paper, side, np.array([low, high]), reach) for reach in (inner, outer))
            canvas.fill([np.vstack((a, b[::-1]))], INK)


def dark_intervals(paper: PaperFrame, side: str, tick_s: float) -> Iterator[tuple[float, float]]:
    """Yield every second interval of longitude (or latitude) along a side, cut at the corners."""
    values = side_values(paper, side)
    low, high = float(values[0]), float(values[-1])
    step = tick_s / 3600
    for index in range(math.floor(low / step + 1e-6), math.ceil(high / step - 1e-6)):
        if index % 2 == 0:
            yield max(low, index * step), min(high, (index + 1) * step)


def side_values(paper: PaperFrame, side: str) -> NDArray[np.float64]:
    """Return the longitudes along the south or north side, the latitudes along the west or east one."""
    return paper.area.edges_lonlat[side][:, 0 if side in {"south", "north"} else 1]


def offset_points(
    paper: PaperFrame, side: str, values: NDArray[np.float64], reach_mm: float
) -> NDArray[np.float64]:
    """Return points at given longitudes or latitudes of a side, moved outward by `reach_mm`."""
    known, points = side_values(paper, side), paper.edges[side]
    at = np.column_stack([np.interp(values, known, points[:, axis]) for axis in (0, 1)])
    way = points[-1] - points[0]
    way = way / np.hypot(*way)
    outward = np.array([way[1], -way[0]]) * (1 if side in {"south", "east"} else -1)
    return at + outward * reach_mm


def draw_tick_labels(
    canvas: Canvas, paper: PaperFrame, rules: ScaleRules, band_mm: float, *, scale: float
) -> None:
    """Write degrees, minutes, seconds outside the outer neat line: corners and labelled ticks."""
    size = LABEL_PT * scale
    cap = CAP_HEIGHT * size * MM_PER_PT
    for side in SIDES:
        values = label_values(paper, side, rules.label_s)
        digits = second_digits(values)
        flat = side in {"south", "north"}
        for index, value in enumerate(values):
            text = format_dms(value, digits=min(digits, second_digits([value])))
            x, y = offset_points(paper, side, np.array([value]), band_mm + 0.9)[0]
            ends = (index == 0, index == len(values) - 1)
            anchor = "left" if ends[0] else "right" if ends[1] else "center"
            if flat:
                canvas.text(x, y - (cap if side == "south" else 0), text, size, anchor=anchor, colour=INK)
            else:
                canvas.text(
                    x + (cap if side == "east" else 0), y, text, size, anchor=anchor, colour=INK, angle_deg=90
                )


def label_values(paper: PaperFrame, side: str, label_s: float) -> list[float]:
    """Return the degrees to be written along a side: both corners and the round values well between them."""
    values = side_values(paper, side)
    low, high = float(values[0]), float(values[-1])
    step = label_s / 3600
    inner = np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step
    room = (high - low) * 0.08
    return [low, *(float(v) for v in inner if low + room < v < high - room), high]


def draw_grid_labels(
    canvas: Canvas,
    paper: PaperFrame,
    grid: tuple[GridLine, ...],
    *,
    interval_m: float,
    band_mm: float,
    scale: float,
) -> None:
    """Write kilometres where grid lines meet the neat line, the first and last in full with the zone."""
    size = LABEL_PT * scale
    middle = (band_mm - OUTER_MM / 2 - BAR_MM - 0.25) / 2
    for axis in "EN":
        lines = [line for line in grid if line.axis == axis]
        step = label_step(paper, interval_m, size)
        for end in (0, 1):
            shown = [
                line
                for line in lines
                if round(line.value_m / interval_m) % step == 0 and has_room(paper, line, end, size)
            ]
            for index, line in enumerate(shown):
                full = index in {0, len(shown) - 1}
                text = grid_text(line, zone=paper.area.zone, interval_m=interval_m, full=full)
                _write_grid_label(canvas, paper, line, end, text, size, middle)


def label_step(paper: PaperFrame, interval_m: float, size_pt: float) -> int:
    """Return at every how many lines a label has room."""
    spacing = interval_m * 1000 / paper.area.scale
    return max(1, math.ceil(text_width("00000", size_pt) / spacing))


def grid_text(line: GridLine, *, zone: int, interval_m: float, full: bool) -> str:
    """Return kilometres: in full (eastings after the zone number), else the last two digits and decimals."""
    decimals = 0 if interval_m % 1000 == 0 else 1 if interval_m % 100 == 0 else 2
    km = round(line.value_m / 1000, decimals)
    if full:
        return (
            f"{zone}{km:0{3 + decimals + bool(decimals)}.{decimals}f}"
            if line.axis == "E"
            else f"{km:.{decimals}f}"
        )
    return f"{km % 100:0{2 + decimals + bool(decimals)}.{decimals}f}"


def _write_grid_label(
    canvas: Canvas, paper: PaperFrame, line: GridLine, end: int, text: str, size: float, middle: float
) -> None:
    """Write one label in the band, on the side of the frame where the line's end lies."""
    point = line.start if end == 0 else line.end
    side = nearest_side(paper, point)
    cap = CAP_HEIGHT * size * MM_PER_PT
    dx, dy = {"south": (0, -middle), "north": (0, middle), "west": (-middle, 0), "east": (middle, 0)}[side]
    if line.axis == "E":
        canvas.text(point[0] + dx, point[1] + dy - cap / 2, text, size, anchor="center", colour=INK)
    else:
        canvas.text(point[0] + dx + cap / 2, point[1], text, size, anchor="center", colour=INK, angle_deg=90)


def has_room(paper: PaperFrame, line: GridLine, end: int, size: float) -> bool:
    """Return whether a line's end lies on a side of its own axis, clear of the corners."""
    point = line.start if end == 0 else line.end
    side = nearest_side(paper, point)
    if side not in (("south", "north") if line.axis == "E" else ("west", "east")):
        return False
    axis = 0 if line.axis == "E" else 1
    half = text_width("00000", size) / 2
    low, high = paper.edges[side][0][axis], paper.edges[side][-1][axis]
    return bool(low + half + 0.6 < point[axis] < high - half - 0.6)


def nearest_side(paper: PaperFrame, point: tuple[float, float]) -> str:
    """Return the side of the frame a point lies on."""
    at = shapely.Point(point)
    return min(SIDES, key=lambda side: shapely.distance(at, paper.edge_lines[side]))
