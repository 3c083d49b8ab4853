"""Where the furniture stands round the map: title, foot and panel boxes, and the size of type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.sheets.definition import PaperRules
    from gis.sheets.frame import PaperFrame


TWO_COLUMNS_MM = 108.0
"""A panel at least this wide, at the type of A2, may have two columns."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on paper: lower left corner and size, millimetres."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right edge."""
        return self.x + self.width

    @property
    def top(self) -> float:
        """Upper edge."""
        return self.y + self.height

    @property
    def ring(self) -> NDArray[np.float64]:
        """Corners as a ring."""
        return np.array([(self.x, self.y), (self.right, self.y), (self.right, self.top), (self.x, self.top)])

    def shrink(self, by_mm: float) -> Box:
        """Return the box with its edges moved inward."""
        return Box(self.x + by_mm, self.y + by_mm, self.width - 2 * by_mm, self.height - 2 * by_mm)


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes of one sheet's furniture.

    Parameters
    ----------
    frame : Box
        Outer neat line.
    columns : tuple of int
        Numbers of columns the panel may have, the best first.
    text_scale : float
        Size of type relative to A2.
    """

    frame: Box
    title: Box
    foot: Box
    panel: Box
    columns: tuple[int, ...]
    text_scale: float


def make_layout(paper: PaperFrame, rules: PaperRules) -> Layout:
    """Return the layout of a page on which the frame has been laid."""
    left, bottom, right, top = paper.bounds
    band = rules.band_mm
    frame = Box(left - band, bottom - band, right - left + 2 * band, top - bottom + 2 * band)
    landscape = paper.width_mm > paper.height_mm
    need = rules.need_mm(paper.area.size_mm, landscape=landscape)
    spare = paper.height_mm - need[1]
    title = Box(frame.x, frame.top, frame.width, rules.title_mm + rules.title_growth_mm(spare))
    foot_mm = rules.foot_mm + rules.foot_growth_mm(spare)
    foot = Box(frame.x, frame.y - foot_mm, frame.width, foot_mm)
    if landscape:
        width = min(rules.panel_mm + paper.width_mm - need[0], rules.panel_max_mm)
        panel = Box(frame.right + rules.gap_mm, foot.y, width, title.top - foot.y)
        columns = (1,) if width < TWO_COLUMNS_MM * rules.text_scale[paper.paper] else (1, 2)
    else:
        height = rules.panel_low_mm + rules.panel_low_growth_mm(spare)
        panel = Box(frame.x, foot.y - rules.gap_mm - height, frame.width, height)
        columns = (3, 2)
    return Layout(frame, title, foot, panel, columns, rules.text_scale[paper.paper])
