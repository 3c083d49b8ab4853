"""Setting text in a PDF: faces, lines broken as Chinese is, chips, figures; none of it reads markup."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import Flowable

from gis.errors import OutputError
from gis.outputs.figure import GREY, INK, Label, Path
from gis.outputs.plaintext import show_text
from gis.outputs.wrapping import wrap_text

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

    from gis.model import Text
    from gis.outputs.figure import Figure, Mark

FONTS_DIR = FilePath(__file__).resolve().parents[1] / "fonts"
REGULAR, BOLD = "NotoSansSC-Regular", "NotoSansSC-Bold"
EVEN_ODD = 0
"""Fill mode of the PDF library: even-odd."""


@cache
def load_faces() -> None:
    """Make the two faces known to the PDF library, once a process.

    Raises
    ------
    OutputError
        If a face is missing or cannot be read.
    """
    for name in (REGULAR, BOLD):
        path = FONTS_DIR / f"{name}.ttf"
        try:
            pdfmetrics.registerFont(TTFont(name, str(path)))
        except (OSError, TTFError) as error:
            raise OutputError(
                f"字体 {path.name} 无法使用：{error}",
                f"the font face {path.name} cannot be used: {error}",
                where=str(path),
                hint_zh="运行 make setup 重新取得静态 TrueType 字体 Noto Sans SC",
                hint_en="run make setup to fetch the static TrueType faces of Noto Sans SC",
                code="outputs.font",
            ) from error


@dataclass(frozen=True, slots=True)
class Style:
    """How a paragraph is set; sizes in points."""

    size: float = 8.6
    leading: float = 12.2
    bold: bool = False
    colour: str = INK
    align: str = "left"
    before: float = 0.0

    @property
    def face(self) -> str:
        """Name of the face."""
        return BOLD if self.bold else REGULAR


BODY = Style()
STRONG = Style(bold=True)
SMALL = Style(size=6.8, leading=9.2, colour=GREY)
HEAD = Style(size=7.8, leading=10.5, bold=True)
MONO = Style(size=6.4, leading=9.0, colour=GREY)


@dataclass(frozen=True, slots=True)
class Run:
    """One paragraph of a block."""

    text: str
    style: Style = BODY


def bilingual(text: Text, style: Style = BODY, small: Style = SMALL) -> tuple[Run, ...]:
    """Return a wording as two paragraphs: Chinese, then English in small."""
    if not text.en or text.en == text.zh:
        return (Run(text.zh, style),)
    return Run(text.zh, style), Run(text.en, replace(small, align=style.align))


@dataclass(frozen=True, slots=True)
class _Line:
    """One line ready to be set."""

    text: str
    style: Style
    height: float


@dataclass
class Words(Flowable):  # type: ignore[misc]
    """Paragraphs of plain text that break into lines, and into pages between lines.

    A flowable of the PDF library: it is told its width, says its height, and draws itself.
    """

    runs: tuple[Run, ...]
    lines: list[_Line] = field(default_factory=list)
    broken: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self.width = 0.0

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Break the text for a width; return the size taken."""
        self.width = width
        if not self.broken:
            self.lines = [line for run in self.runs for line in _break_run(run, width)]
        self.height = sum(line.height for line in self.lines)
        return width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        """Return what fits and the rest."""
        self.wrap(min(width, self.width or width), height)
        used, count = 0.0, 0
        for line in self.lines:
            if used + line.height > height:
                break
            used, count = used + line.height, count + 1
        if count == 0:
            return []
        if count == len(self.lines):
            return [self]
        return [Words((), lines, broken=True) for lines in (self.lines[:count], self.lines[count:])]

    def draw(self) -> None:
        """Set the lines from the top down."""
        canvas: Canvas = self.canv
        y = self.height
        for line in self.lines:
            style = line.style
            y -= line.height
            canvas.setFont(style.face, style.size)
            canvas.setFillColor(HexColor(style.colour))
            base = y + (style.leading - style.size) * 0.5 + style.size * 0.12
            if style.align == "right":
                canvas.drawRightString(self.width, base, line.text)
            elif style.align == "center":
                canvas.drawCentredString(self.width / 2, base, line.text)
            else:
                canvas.drawString(0, base, line.text)


def _break_run(run: Run, width: float) -> list[_Line]:
    """Return the lines of one paragraph."""
    style = run.style
    lines = wrap_text(show_text(run.text), width, lambda text: text_width(text, style))
    return [
        _Line(text, style, style.leading + (style.before if index == 0 else 0))
        for index, text in enumerate(lines)
    ]


def text_width(text: str, style: Style) -> float:
    """Return the width of a line, points."""
    return float(pdfmetrics.stringWidth(text, style.face, style.size))


def words(*parts: str | Run | Text, style: Style = BODY) -> Words:
    """Return a block of plain, styled and bilingual paragraphs."""
    runs: list[Run] = []
    for part in parts:
        if isinstance(part, Run):
            runs.append(part)
        elif isinstance(part, str):
            runs.append(Run(part, style))
        else:
            runs += bilingual(part, style)
    return Words(tuple(runs))


@dataclass(frozen=True, slots=True)
class Chip:
    """A word on a coloured plate; without fill, framed."""

    text: str
    fill: str = ""
    colour: str = "#ffffff"


@dataclass
class Chips(Flowable):  # type: ignore[misc]
    """Chips side by side, after an optional grey word."""

    chips: tuple[Chip, ...]
    lead: str = ""
    size: float = 7.6

    def __post_init__(self) -> None:
        super().__init__()

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Return the size taken."""
        self.width, self.height = width, self.size * 1.75
        return width, self.height

    def draw(self) -> None:
        """Draw the chips from the left."""
        canvas: Canvas = self.canv
        x, base = 0.0, self.size * 0.5
        if self.lead:
            canvas.setFont(REGULAR, self.size + 1)
            canvas.setFillColor(HexColor(GREY))
            canvas.drawString(0, base, self.lead)
            x = pdfmetrics.stringWidth(self.lead, REGULAR, self.size + 1) + 5
        for chip in self.chips:
            width = pdfmetrics.stringWidth(chip.text, BOLD, self.size) + 8
            canvas.setStrokeColor(HexColor(chip.colour))
            canvas.setFillColor(HexColor(chip.fill or "#ffffff"))
            canvas.setLineWidth(0.6)
            canvas.roundRect(
                x, base - self.size * 0.36, width, self.size * 1.5, 1.8, fill=1, stroke=0 if chip.fill else 1
            )
            canvas.setFont(BOLD, self.size)
            canvas.setFillColor(HexColor(chip.colour))
            canvas.drawString(x + 4, base, chip.text)
            x += width + 4


class Drawing(Flowable):  # type: ignore[misc]
    """A figure at its true size, the same marks as in the SVG."""

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self.figure = figure

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Return the size taken."""
        self.width, self.height = self.figure.width_mm * mm, self.figure.height_mm * mm
        return self.width, self.height

    def draw(self) -> None:
        """Draw the marks in their order."""
        canvas: Canvas = self.canv
        canvas.saveState()
        canvas.setLineJoin(1)
        for mark in self.figure.marks:
            draw_mark(canvas, mark)
        canvas.restoreState()


def draw_mark(canvas: Canvas, mark: Mark) -> None:
    """Draw one path or label, millimetres."""
    if isinstance(mark, Label):
        _draw_label(canvas, mark)
    else:
        _draw_path(canvas, mark)


def _draw_label(canvas: Canvas, label: Label) -> None:
    """Draw one line of text."""
    canvas.setFont(BOLD if label.bold else REGULAR, label.size_pt)
    canvas.setFillColor(HexColor(label.colour))
    text = show_text(label.text)
    place: dict[str, Any] = {
        "start": canvas.drawString,
        "middle": canvas.drawCentredString,
        "end": canvas.drawRightString,
    }
    place[label.anchor](label.x * mm, label.y * mm, text)


def _draw_path(canvas: Canvas, path: Path) -> None:
    """Draw rings or lines."""
    shape = canvas.beginPath()
    drawn = False
    for line in path.lines:
        points = (line.round(2) * mm).tolist()
        if len(points) < 2:
            continue
        drawn = True
        shape.moveTo(*points[0])
        for point in points[1:]:
            shape.lineTo(*point)
        if path.closed:
            shape.close()
    if not drawn or not (path.fill or path.stroke):
        return
    canvas.saveState()
    if path.fill:
        canvas.setFillColor(HexColor(path.fill))
        canvas.setFillAlpha(path.opacity)
    if path.stroke:
        canvas.setStrokeColor(HexColor(path.stroke))
        canvas.setStrokeAlpha(path.opacity)
        canvas.setLineWidth(path.width_mm * mm)
        canvas.setDash([value * mm for value in path.dash_mm])
    canvas.drawPath(shape, stroke=bool(path.stroke), fill=bool(path.fill), fillMode=EVEN_ODD)
    canvas.restoreState()
