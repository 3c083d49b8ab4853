"""What surrounds a figure's map: frame, scale bar, north, legend, numbers and names that do not overlap."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, radians, sin
from typing import TYPE_CHECKING

import numpy as np

from gis import crs
from gis.outputs.figure import (
    CLOSED,
    GREY,
    INK,
    MM_PER_PT,
    Label,
    Mark,
    Path,
    estimate_width,
    move,
    point_xy,
    rectangle,
    segment,
)
from gis.outputs.wrapping import wrap_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.model import Text
    from gis.outputs.plot import MapFrame

LEGEND_GAP_MM = 5.0
LEGEND_WIDTH_MM = 49.0
SWATCH_MM = (7.0, 4.2)
ZH_PT, EN_PT, NOTE_PT = 7.2, 5.6, 6.2
BAR_STEPS = tuple(m * 10**e for e in range(6) for m in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of the legend: a swatch drawn from its own lower left corner, and its words."""

    label: Text
    swatch: tuple[Mark, ...]


@dataclass
class LabelField:
    """The places on a map that labels have taken; used while one figure is drawn."""

    width_mm: float
    height_mm: float
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def put(self, x: float, y: float, text: str, size_pt: float, *, bold: bool = False) -> Mark | None:
        """Return a label at a free place round (x, y), or None; a free place is taken up."""
        width = estimate_width(text, size_pt, bold=bold) + 1.4
        height = size_pt * MM_PER_PT * 1.25
        gap, rise = 1.4, height / 2 + 0.3
        candidates = (
            (x + gap, y - height / 2),
            (x - gap - width, y - height / 2),
            (x - width / 2, y + rise),
            (x - width / 2, y - rise - height),
            (x + gap, y + rise),
            (x - gap - width, y + rise),
            (x + gap, y - rise - height),
            (x - gap - width, y - rise - height),
        )
        for left, bottom in candidates:
            box = (left, bottom, left + width, bottom + height)
            if self._is_free(box):
                self.taken.append(box)
                baseline = bottom + height * 0.28
                return Label(left + width / 2, baseline, text, size_pt, bold=bold, anchor="middle")
        return None

    def _is_free(self, box: tuple[float, float, float, float]) -> bool:
        """Return whether a box lies on the map and on no other."""
        if box[0] < 0.5 or box[1] < 0.5 or box[2] > self.width_mm - 0.5 or box[3] > self.height_mm - 0.5:
            return False
        return all(
            box[2] <= other[0] or other[2] <= box[0] or box[3] <= other[1] or other[3] <= box[1]
            for other in self.taken
        )

    def take(self, box: tuple[float, float, float, float]) -> None:
        """Keep labels off a box."""
        self.taken.append(box)


def tag(label: Label, colour: str) -> list[Mark]:
    """Return a label in white on a coloured plate."""
    height = label.size_pt * MM_PER_PT * 1.25
    width = estimate_width(label.text, label.size_pt, bold=True) + 1.4
    plate = rectangle(
        label.x - width / 2,
        label.y - height * 0.28,
        width,
        height,
        fill=colour,
        stroke="#ffffff",
        width_mm=0.2,
    )
    return [plate, Label(label.x, label.y, label.text, label.size_pt, "#ffffff", True, "middle")]  # noqa: FBT003


def plate(label: Label, colour: str = INK) -> list[Mark]:
    """Return a label on a pale plate that keeps it readable over hatching."""
    height = label.size_pt * MM_PER_PT * 1.25
    width = estimate_width(label.text, label.size_pt) + 0.8
    back = rectangle(
        label.x - width / 2, label.y - height * 0.28, width, height, fill="#ffffff", opacity=0.72
    )
    return [back, Label(label.x, label.y, label.text, label.size_pt, colour, anchor="middle")]


def draw_frame(frame: MapFrame) -> list[Mark]:
    """Return the map's frame with ticks every few kilometres or hundred metres of the plane."""
    width, height = frame.width_mm, frame.height_mm
    marks: list[Mark] = [rectangle(0, 0, width, height, stroke=INK, width_mm=0.3)]
    step_m = next(s for s in BAR_STEPS if s * 1000 / frame.scale >= 24)
    factor = 1000 / frame.scale
    for value in _multiples(frame.min_x, width / factor, step_m):
        x = (value - frame.min_x) * factor
        marks += [segment((x, 0), (x, 1.2), width_mm=0.2), segment((x, height), (x, height - 1.2))]
        marks.append(Label(x, -2.4, _tick(value), 5.2, GREY, anchor="middle"))
    for value in _multiples(frame.min_y, height / factor, step_m):
        y = (value - frame.min_y) * factor
        marks += [segment((0, y), (1.2, y)), segment((width, y), (width - 1.2, y))]
        if y < height - 12 and y > 4:
            marks.append(Label(1.7, y - 0.7, _tick(value), 5.2, GREY))
    return marks


def _multiples(start: float, length: float, step: float) -> list[float]:
    """Return the multiples of a step inside a stretch, its ends left out."""
    first = ceil((start + step * 0.08) / step)
    return [n * step for n in range(first, first + 40) if n * step < start + length - step * 0.08]


def _tick(value_m: float) -> str:
    """Return a plane coordinate in kilometres, as many decimals as it needs."""
    return f"{value_m / 1000:,.3f}".rstrip("0").rstrip(".") + " km"


def draw_scale_bar(x: float, y: float, frame: MapFrame) -> list[Mark]:
    """Return the scale bar with its numbers, and the scale as a number above it."""
    length_m = max(s for s in BAR_STEPS if s * 1000 / frame.scale <= 34)
    length = length_m * 1000 / frame.scale
    quarter = length / 4
    marks: list[Mark] = [Label(x, y + 4.2, f"1:{frame.scale:,}".replace(",", " "), 9.0, bold=True)]
    for step in range(4):
        fill = INK if step % 2 == 0 else "#ffffff"
        marks.append(rectangle(x + step * quarter, y, quarter, 1.3, fill=fill, stroke=INK, width_mm=0.15))
    unit, divisor = ("km", 1000) if length_m >= 1000 else ("m", 1)
    for share in (0, 0.5, 1):
        text = f"{length_m * share / divisor:g}" + (f" {unit}" if share == 1 else "")
        marks.append(Label(x + length * share, y - 2.5, text, 5.8, anchor="middle"))
    return marks


def draw_north(x: float, y: float, frame: MapFrame) -> list[Mark]:
    """Return an arrow to grid north and the meridian convergence at the middle of the map."""
    lon, lat = point_xy(crs.transform(frame.window.centroid, crs.PLANE, crs.GEOGRAPHIC))
    convergence = (lon - 120.0) * sin(radians(lat))
    west = np.array([(x, y + 8), (x - 1.7, y), (x, y + 1.8), (x, y + 8)])
    east = np.array([(x, y + 8), (x + 1.7, y), (x, y + 1.8), (x, y + 8)])
    marks: list[Mark] = [
        Path((west,), CLOSED, INK),
        Path((east,), CLOSED, "#ffffff", INK, 0.18),
        Label(x, y + 8.8, "N", 8.0, bold=True, anchor="middle"),
        Label(x, y - 2.5, f"坐标北 {convergence:+.2f}°", 5.6, GREY, anchor="middle"),
    ]
    return marks


def draw_legend(entries: Sequence[LegendEntry], x: float, top: float, floor: float) -> list[Mark]:
    """Return the legend from `top` downward.

    Where there is no room for both languages it is in Chinese; what then finds no room above `floor` is
    counted in its last line.
    """
    marks: list[Mark] = [Label(x, top - 3.0, "图例", 8.2, bold=True)]
    marks.append(Label(x + 9.2, top - 3.0, "Legend", 6.2, GREY))
    y = top - 6.0
    english = sum(_entry_height(_entry_lines(entry)) for entry in entries) <= y - floor
    for number, entry in enumerate(entries):
        lines = _entry_lines(entry, english=english)
        height = _entry_height(lines)
        if y - height < floor:
            marks.append(Label(x, y - 2.4, f"另有 {len(entries) - number} 项未列出", NOTE_PT, GREY))
            break
        marks += [move(mark, x, y - SWATCH_MM[1]) for mark in entry.swatch]
        at = y
        for text, size, colour in lines:
            at -= size * MM_PER_PT * 1.28
            marks.append(Label(x + SWATCH_MM[0] + 2.0, at + 0.7, text, size, colour))
        y -= height
    return marks


def _entry_height(lines: Sequence[tuple[str, float, str]]) -> float:
    """Return the height of an entry, millimetres."""
    return max(sum(size * MM_PER_PT * 1.28 for _, size, _ in lines), SWATCH_MM[1]) + 1.6


def _entry_lines(entry: LegendEntry, *, english: bool = True) -> list[tuple[str, float, str]]:
    """Return the lines of an entry: Chinese, then English in small."""
    width = LEGEND_WIDTH_MM - SWATCH_MM[0] - 2.0
    lines = [(t, ZH_PT, INK) for t in wrap_text(entry.label.zh, width, lambda s: estimate_width(s, ZH_PT))]
    if english and entry.label.en and entry.label.en != entry.label.zh:
        smaller = wrap_text(entry.label.en, width, lambda s: estimate_width(s, EN_PT))
        lines += [(text, EN_PT, GREY) for text in smaller]
    return lines
