"""What the furniture of a sheet says: records gathered once, drawn by the blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from gis.model import Text
    from gis.sheets.backdrop import Backdrop
    from gis.styles import Style


@dataclass(frozen=True, slots=True)
class LegendRow:
    """One line of the legend: a style and the shapes it takes on this sheet."""

    style: Style
    shape: str
    accuracy_text: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Where layers on this sheet come from, in Chinese with date and licence, and in English."""

    title: str
    text: str
    english: str


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of a list: a heading, or a key word in colour with its text.

    A row with a `short` text stays, with that text, when the list is shortened.
    """

    key: str
    text: str
    colour: str
    head: bool = False
    short: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a control or check sheet lists beside the map."""

    title: Text
    rows: tuple[ListRow, ...]
    note: str


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What the furniture says about a sheet.

    Parameters
    ----------
    neighbours : dict
        Direction → number; empty for a frame that is not of the series.
    convergence_deg, declination_deg : float
        Grid and magnetic north east of true north in the middle of the sheet; the latter None on a day no
        model holds for.
    base_lines : tuple of str
        Mathematical base: system and projection, zone and heights.
    backdrop : Backdrop
        The map behind the overview.
    ring_lonlat : array
        This sheet's frame in degrees.
    missing : tuple of str
        Layers of the theme that could not be drawn: without data, or damaged.
    unplaced : int
        Names that found no room on the map.
    listing : Listing or None
        Zones or findings listed beside the map.
    """

    number: str
    name: str
    title: Text
    scale: int
    bar_m: float
    neighbours: dict[str, str | None]
    zone: int
    convergence_deg: float
    declination_deg: float | None
    base_lines: tuple[str, ...]
    legend: tuple[LegendRow, ...]
    sources: tuple[SourceRow, ...]
    sources_brief: tuple[SourceRow, ...]
    backdrop: Backdrop
    ring_lonlat: NDArray[np.float64]
    internal: bool
    office: str
    author: str
    reviewer: str
    review_number: str
    on: date
    missing: tuple[str, ...]
    unplaced: int
    symbol_scale: float
    listing: Listing | None = None

    @property
    def scale_text(self) -> str:
        """The scale as a number: ``1:50 000``."""
        return f"1:{self.scale:,}".replace(",", " ")

    @property
    def issued_text(self) -> str:
        """Date of the sheet in words."""
        return f"{self.on.year}年{self.on.month}月{self.on.day}日制图"
