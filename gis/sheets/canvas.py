"""A page drawn in millimetres from its lower left corner, as PDF content: paths, text, layers.

Text is real text (searchable); its halo is the outline of the glyphs stroked underneath, never text, so that
a search finds every word as often as it stands on the sheet. Text along a curve is drawn as outlines over one
invisible horizontal text, so that it is found as one word.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from gis.sheets.measure import MM_PER_PT, char_width, text_width
from gis.sheets.operators import colour_ops, number, path_ops
from gis.sheets.typeface import open_face

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray


PT_PER_MM = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn once and shown on several pages: content in a box from (0, 0), without text."""

    content: bytes
    width: float
    height: float


@dataclass
class Resources:
    """What pages of one document share: characters, glyph outlines, opacities and layers used.

    Every name follows from what it stands for alone, so pages drawn apart, in any order, fit one file.

    Parameters
    ----------
    characters : dict
        Face name → characters used.
    outlines : dict
        (face, character, "f" or "S") → name of the form that fills or strokes that glyph.
    opacities : dict
        Opacity → name of its graphics state.
    layers : dict
        Layer title → name of its optional content group.
    drawings : dict
        Name → what is drawn on several pages, and the size of its box.
    """

    characters: dict[str, set[str]] = field(default_factory=dict)
    outlines: dict[tuple[str, str, str], str] = field(default_factory=dict)
    opacities: dict[float, str] = field(default_factory=dict)
    layers: dict[str, str] = field(default_factory=dict)
    drawings: dict[str, Drawing] = field(default_factory=dict)

    def code(self, face: str, char: str) -> int:
        """Return the code of a character in a face, noting that it is used."""
        self.characters.setdefault(face, set()).add(char)
        return open_face(face).code(char)

    def outline(self, face: str, char: str, paint: str) -> str:
        """Return the name of the form that fills (``f``) or strokes (``S``) a glyph."""
        return self.outlines.setdefault((face, char, paint), f"G{face[0]}{ord(char):X}{paint}")

    def opacity(self, value: float) -> str:
        """Return the name of the graphics state of an opacity."""
        thousandths = round(value * 1000)
        return self.opacities.setdefault(thousandths / 1000, f"GS{thousandths}")

    def layer(self, title: str) -> str:
        """Return the name of a layer's optional content group."""
        return self.layers.setdefault(title, f"OC{sha256(title.encode()).hexdigest()[:12]}")

    def drawing(self, drawing: Drawing) -> str:
        """Return the name of a drawing, the same for the same content."""
        name = f"D{sha256(drawing.content).hexdigest()[:12]}"
        self.drawings.setdefault(name, drawing)
        return name

    def merge(self, other: Resources) -> None:
        """Take up what a page drawn apart has used."""
        for face, used in other.characters.items():
            self.characters.setdefault(face, set()).update(used)
        self.outlines |= other.outlines
        self.opacities |= other.opacities
        self.layers |= other.layers
        self.drawings |= other.drawings


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a glyph or line of text begins, how large and which way: millimetres, degrees.

    Parameters
    ----------
    angle_deg : float
        Direction of the line, counterclockwise from east.
    lean_deg : float
        How far uprights lean to the left of upright.
    """

    x: float
    y: float
    size_mm: float
    angle_deg: float = 0.0
    lean_deg: float = 0.0

    @property
    def matrix(self) -> tuple[float, float, float, float]:
        """Directions of the line and of the uprights as a PDF matrix, without the size."""
        angle, lean = math.radians(self.angle_deg), math.tan(math.radians(self.lean_deg))
        cos, sin = math.cos(angle), math.sin(angle)
        return cos, sin, -sin - lean * cos, cos - lean * sin


class Canvas:
    """One page being drawn.

    Parameters
    ----------
    width_mm, height_mm : float
        Size of the page.
    resources : Resources
        Shared by the pages of a document.
    """

    def __init__(self, width_mm: float, height_mm: float, resources: Resources) -> None:
        self.width_mm, self.height_mm = width_mm, height_mm
        self.resources = resources
        self.operations: list[str] = []

    @property
    def draws(self) -> bool:
        """Whether what is drawn here is seen: not on a scratch canvas."""
        return True

    def scratch(self) -> Canvas:
        """Return a canvas to try things on: nothing is drawn there, only measured."""
        return Scratch(self.width_mm, self.height_mm, Resources())

    def content(self) -> bytes:
        """Return the page's content stream, user space scaled to millimetres."""
        scale = f"{PT_PER_MM:.10f}"
        return "\n".join((f"{scale} 0 0 {scale} 0 0 cm 1 j 1 J", *self.operations)).encode("latin-1")

    @contextmanager
    def layer(self, title: str) -> Iterator[None]:
        """Put what is drawn inside into the switchable layer `title`."""
        name = self.resources.layer(title)
        self.operations.append(f"/OC /{name} BDC")
        yield
        self.operations.append("EMC")

    @contextmanager
    def clipped(self, rings: Sequence[NDArray[np.float64]], *, digits: int = 4) -> Iterator[None]:
        """Clip what is drawn inside to closed rings."""
        self.operations.append("q\n" + path_ops(rings, close=True, digits=digits) + "\nW* n")
        yield
        self.operations.append("Q")

    @contextmanager
    def opacity(self, value: float) -> Iterator[None]:
        """Draw inside with an opacity of 0–1."""
        if value >= 1:
            yield
            return
        name = self.resources.opacity(value)
        self.operations.append(f"q /{name} gs")
        yield
        self.operations.append("Q")

    def show(self, drawing: Drawing, x: float, y: float, width: float) -> None:
        """Show a drawing with its lower left corner at (x, y), `width` millimetres wide."""
        name = self.resources.drawing(drawing)
        scale = number(width / drawing.width, 6)
        self.operations.append(f"q {scale} 0 0 {scale} {number(x)} {number(y)} cm /{name} Do Q")

    def fill(
        self, rings: Sequence[NDArray[np.float64]], colour: str, *, opacity: float = 1.0, digits: int = 2
    ) -> None:
        """Fill closed rings, holes left open (even-odd)."""
        path = path_ops(rings, close=True, digits=digits)
        if path:
            with self.opacity(opacity):
                self.operations.append(f"{colour_ops(colour, 'rg')}\n{path}\nf*")

    def stroke(
        self,
        lines: Sequence[NDArray[np.float64]],
        colour: str,
        width_mm: float,
        *,
        dash_mm: Sequence[float] = (),
        close: bool = False,
        digits: int = 2,
        butt: bool = False,
        round_dash: bool = False,
    ) -> None:
        """Stroke lines, or rings when `close`; dashes end flat unless `round_dash`."""
        path = path_ops(lines, close=close, digits=digits)
        if not path:
            return
        dash = " ".join(number(value) for value in dash_mm)
        cap = 0 if butt or (dash_mm and not round_dash) else 1
        self.operations.append(
            f"{colour_ops(colour, 'RG')} {number(width_mm)} w [{dash}] 0 d {cap} J\n{path}\nS"
        )

    def rectangle(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "",
        stroke: str = "",
        line_mm: float = 0.15,
    ) -> None:
        """Draw a rectangle by its lower left corner, millimetres."""
        ring = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
        if fill:
            self.fill([ring], fill)
        if stroke:
            self.stroke([ring], stroke, line_mm, close=True)

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        colour: str = "#333333",
        width_mm: float = 0.15,
    ) -> None:
        """Draw one straight line."""
        self.stroke([np.array([start, end])], colour, width_mm, butt=True)

    def circle(
        self, x: float, y: float, radius: float, *, fill: str = "", stroke: str = "", line_mm: float = 0.15
    ) -> None:
        """Draw a circle as four Bézier arcs."""
        k = radius * 0.5522847498
        n = number
        arcs = (
            f"{n(x + radius)} {n(y)} m "
            f"{n(x + radius)} {n(y + k)} {n(x + k)} {n(y + radius)} {n(x)} {n(y + radius)} c "
            f"{n(x - k)} {n(y + radius)} {n(x - radius)} {n(y + k)} {n(x - radius)} {n(y)} c "
            f"{n(x - radius)} {n(y - k)} {n(x - k)} {n(y - radius)} {n(x)} {n(y - radius)} c "
            f"{n(x + k)} {n(y - radius)} {n(x + radius)} {n(y - k)} {n(x + radius)} {n(y)} c h"
        )
        paint = "B" if fill and stroke else "f" if fill else "S"
        colours = (colour_ops(fill, "rg") + " " if fill else "") + (
            f"{colour_ops(stroke, 'RG')} {n(line_mm)} w [] 0 d " if stroke else ""
        )
        self.operations.append(f"{colours}{arcs} {paint}")

    def text(  # noqa: PLR0913 - what a line of text needs
        self,
        x: float,
        y: float,
        text: str,
        size_pt: float,
        *,
        face: str = "regular",
        colour: str = "#222222",
        anchor: str = "left",
        angle_deg: float = 0.0,
        lean_deg: float = 0.0,
        halo_mm: float = 0.0,
    ) -> float:
        """Write one line of text with its baseline at `y`; return its width in millimetres.

        Parameters
        ----------
        anchor : str
            ``left``, ``center`` or ``right``: which point of the line stands at (x, y).
        angle_deg : float
            Direction of the line, counterclockwise from east.
        lean_deg : float
            How far the letters lean to the left.
        halo_mm : float
            Reach of the white halo; 0 for none.
        """
        width = text_width(text, size_pt, face)
        shift = {"left": 0.0, "center": 0.5, "right": 1.0}[anchor] * width
        cos, sin = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
        pose = Pose(x - shift * cos, y - shift * sin, size_pt * MM_PER_PT, angle_deg, lean_deg)
        if halo_mm > 0:
            self._halo(pose, text, face, halo_mm)
        self._show(pose, text, face, colour)
        return width

    def hidden_text(self, x: float, y: float, text: str, size_pt: float, *, face: str = "regular") -> None:
        """Write an invisible horizontal line centred at (x, y), to be found by a search."""
        pose = Pose(x - text_width(text, size_pt, face) / 2, y, size_pt * MM_PER_PT)
        self._show(pose, text, face, "#000000", mode=3)

    def _show(self, pose: Pose, text: str, face: str, colour: str, *, mode: int = 0) -> None:
        """Write the text operators; mode 0 fills, mode 3 is invisible."""
        codes = "".join(f"{self.resources.code(face, char):04X}" for char in text)
        matrix = " ".join(number(value, 5) for value in pose.matrix)
        render, reset = (f"{mode} Tr ", " 0 Tr") if mode else ("", "")
        self.operations.append(
            f"BT {colour_ops(colour, 'rg')} {render}/{face} {number(pose.size_mm, 4)} Tf "
            f"{matrix} {number(pose.x)} {number(pose.y)} Tm <{codes}> Tj{reset} ET"
        )

    def _halo(self, pose: Pose, text: str, face: str, halo_mm: float) -> None:
        """Stroke the glyphs of a line in white."""
        angle = math.radians(pose.angle_deg)
        at = 0.0
        for char in text:
            x, y = pose.x + at * math.cos(angle), pose.y + at * math.sin(angle)
            self._outline(replace(pose, x=x, y=y), char, face, "#ffffff", halo_mm)
            at += char_width(face, char) * pose.size_mm

    def glyph(
        self, pose: Pose, char: str, *, face: str = "regular", colour: str = "#222222", halo_mm: float = 0.0
    ) -> None:
        """Draw one character as an outline (not searchable), or only its halo when `halo_mm` is given."""
        self._outline(pose, char, face, "#ffffff" if halo_mm > 0 else colour, halo_mm)

    def _outline(self, pose: Pose, char: str, face: str, colour: str, reach_mm: float) -> None:
        """Place a glyph as an outline: stroked to reach `reach_mm` outward, filled when that is 0."""
        if char.isspace():
            return
        paint = "S" if reach_mm > 0 else "f"
        name = self.resources.outline(face, char, paint)
        scale = pose.size_mm / open_face(face).units_per_em
        state = colour_ops(colour, "RG" if reach_mm > 0 else "rg")
        if reach_mm > 0:
            state += f" {number(2 * reach_mm / scale, 0)} w [] 0 d 1 J"
        matrix = " ".join(number(value * scale, 7) for value in pose.matrix)
        self.operations.append(f"q {matrix} {number(pose.x)} {number(pose.y)} cm {state} /{name} Do Q")


class Scratch(Canvas):
    """A canvas that draws nothing and measures text like the others."""

    @property
    def draws(self) -> bool:
        """Nothing drawn here is seen."""
        return False

    @contextmanager
    def clipped(self, rings: Sequence[NDArray[np.float64]], *, digits: int = 4) -> Iterator[None]:
        """Clip nothing."""
        del rings, digits
        yield

    def fill(
        self, rings: Sequence[NDArray[np.float64]], colour: str, *, opacity: float = 1.0, digits: int = 2
    ) -> None:
        """Fill nothing."""

    def stroke(
        self,
        lines: Sequence[NDArray[np.float64]],
        colour: str,
        width_mm: float,
        *,
        dash_mm: Sequence[float] = (),
        close: bool = False,
        digits: int = 2,
        butt: bool = False,
        round_dash: bool = False,
    ) -> None:
        """Stroke nothing."""

    def _show(self, pose: Pose, text: str, face: str, colour: str, *, mode: int = 0) -> None:
        """Write nothing."""

    def _outline(self, pose: Pose, char: str, face: str, colour: str, reach_mm: float) -> None:
        """Place nothing."""
