"""A figure as a small record in millimetres: what the SVG and the PDF both draw, so that they show the same.

The origin is the lower left corner, y goes up. Paths are drawn in their order, one over the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.model import Text

MM_PER_PT = 25.4 / 72
INK = "#20272c"
GREY = "#66717a"
CLOSED, OPEN = True, False


@dataclass(frozen=True, slots=True)
class Path:
    """Rings or lines drawn together, filled by the even-odd rule.

    Parameters
    ----------
    lines : tuple of array
        Points (n, 2), millimetres.
    closed : bool
        Whether the lines are rings.
    fill, stroke : str
        ``#rrggbb``; empty for none.
    opacity : float
        Of fill and stroke, 0–1.
    """

    lines: tuple[NDArray[np.float64], ...]
    closed: bool = False
    fill: str = ""
    stroke: str = ""
    width_mm: float = 0.2
    dash_mm: tuple[float, ...] = ()
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Label:
    """One line of text with its baseline at `y`; `anchor` is ``start``, ``middle`` or ``end``."""

    x: float
    y: float
    text: str
    size_pt: float
    colour: str = INK
    bold: bool = False
    anchor: str = "start"


Mark = Path | Label


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its caption.

    Parameters
    ----------
    scale : int
        Denominator: 1 mm on paper is that many millimetres on the ground.
    """

    title: Text
    caption: Text
    width_mm: float
    height_mm: float
    scale: int
    marks: tuple[Mark, ...]

    @property
    def ratio(self) -> str:
        """The scale as it is printed."""
        return f"1:{self.scale:,}".replace(",", " ")


def move(mark: Mark, dx: float, dy: float) -> Mark:
    """Return a mark moved, millimetres."""
    if isinstance(mark, Label):
        return replace(mark, x=mark.x + dx, y=mark.y + dy)
    return replace(mark, lines=tuple(line + np.array([dx, dy]) for line in mark.lines))


def point_xy(point: BaseGeometry) -> tuple[float, float]:
    """Return the coordinates of a point."""
    x, y = shapely.get_coordinates(point)[0].tolist()
    return x, y


def estimate_width(text: str, size_pt: float, *, bold: bool = False) -> float:
    """Return about how wide a line of text is, millimetres: wide characters 1 em, others by their kind."""
    ems = sum(_ems(char) for char in text)
    return ems * size_pt * MM_PER_PT * (1.04 if bold else 1.0)


def _ems(char: str) -> float:
    """Return about how wide a character of Noto Sans SC is."""
    if ord(char) >= 0x2E80:
        return 1.0
    if char.isupper() or char in "mwMW%@—":
        return 0.68
    return 0.3 if char in " .,:;'!|iljIft()[]" else 0.555


def shape_paths(
    geometry: BaseGeometry,
    *,
    fill: str = "",
    stroke: str = "",
    width_mm: float = 0.2,
    dash_mm: tuple[float, ...] = (),
    opacity: float = 1.0,
) -> tuple[Path, ...]:
    """Return a geometry on paper as paths: areas with their holes, lines; points and nothing give none."""
    areas: list[NDArray[np.float64]] = []
    lines: list[NDArray[np.float64]] = []
    for part in flatten(geometry):
        if part.geom_type == "Polygon":
            areas += [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)]
        elif part.geom_type in {"LineString", "LinearRing"}:
            lines.append(shapely.get_coordinates(part))
    found = []
    if areas:
        found.append(Path(tuple(areas), CLOSED, fill, stroke, width_mm, dash_mm, opacity))
    if lines and (stroke or fill):
        found.append(Path(tuple(lines), OPEN, "", stroke or fill, width_mm, dash_mm, opacity))
    return tuple(found)


def flatten(geometry: BaseGeometry) -> list[Any]:
    """Return the single parts of a geometry, empty ones left out."""
    pending, parts = [geometry], []
    while pending:
        part = pending.pop()
        if part.is_empty:
            continue
        if part.geom_type == "GeometryCollection" or part.geom_type.startswith("Multi"):
            pending.extend(reversed(shapely.get_parts(part).tolist()))
        else:
            parts.append(part)
    return parts


def rectangle(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    fill: str = "",
    stroke: str = "",
    width_mm: float = 0.2,
    opacity: float = 1.0,
) -> Path:
    """Return a rectangle by its lower left corner."""
    ring = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)])
    return Path((ring,), CLOSED, fill, stroke, width_mm, (), opacity)


def disc(
    x: float, y: float, radius: float, *, fill: str = "", stroke: str = "", width_mm: float = 0.2
) -> Path:
    """Return a circle as a ring of 24 sides."""
    angles = np.linspace(0, 2 * np.pi, 25)
    ring = np.column_stack((x + radius * np.cos(angles), y + radius * np.sin(angles)))
    return Path((ring,), CLOSED, fill, stroke, width_mm)


def segment(
    start: tuple[float, float], end: tuple[float, float], *, stroke: str = INK, width_mm: float = 0.2
) -> Path:
    """Return one straight line."""
    return Path((np.array([start, end]),), OPEN, "", stroke, width_mm)


HATCH_ANGLES = {"/": (45,), "\\": (135,), "|": (90,), "-": (0,), "+": (0, 90), "x": (45, 135)}


def hatch_paths(
    geometry: BaseGeometry, pattern: str, colour: str, *, spacing_mm: float = 1.6, width_mm: float = 0.12
) -> tuple[Path, ...]:
    """Return the hatch of an area on paper as lines: direction by the pattern's sign, denser when doubled.

    Parameters
    ----------
    pattern : str
        As in ``maps/styles.toml``; ``.`` and ``o`` become dotted lines.
    """
    if not pattern or geometry.is_empty:
        return ()
    spacing = spacing_mm / (1.5 if len(pattern) > 1 else 1.0)
    dash = () if pattern[0] in HATCH_ANGLES else (0.25, 1.2)
    lines: list[NDArray[np.float64]] = []
    for angle in HATCH_ANGLES.get(pattern[0], (0,)):
        cut = shapely.intersection(_rule_lines(geometry.bounds, angle, spacing), geometry)
        lines += [shapely.get_coordinates(p) for p in flatten(cut) if p.geom_type == "LineString"]
    return (Path(tuple(lines), OPEN, "", colour, width_mm, dash),) if lines else ()


def _rule_lines(bounds: Iterable[float], angle_deg: float, spacing: float) -> BaseGeometry:
    """Return parallel lines over a box, on a raster common to all figures' areas."""
    min_x, min_y, max_x, max_y = bounds
    angle = np.radians(angle_deg)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    corners = np.array([(min_x, min_y), (max_x, min_y), (max_x, max_y), (min_x, max_y)])
    offsets, reach = corners @ across, corners @ along
    first, last = int(np.floor(offsets.min() / spacing)), int(np.ceil(offsets.max() / spacing))
    starts = [across * step * spacing + along * reach.min() for step in range(first, last + 1)]
    length = reach.max() - reach.min()
    return shapely.MultiLineString([(tuple(start), tuple(start + along * length)) for start in starts])
