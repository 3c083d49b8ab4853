"""A figure as inline SVG: paths and text, no script, no style sheet, no link."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np

from gis.outputs.figure import MM_PER_PT, Label, Path
from gis.outputs.plaintext import show_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.outputs.figure import Figure, Mark

FONTS = "'Noto Sans SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"


def render_svg(figure: Figure) -> str:
    """Return a figure as an SVG element; its width is that on paper, and shrinks with the page."""
    body = "\n".join(draw_mark(mark, figure.height_mm) for mark in figure.marks)
    title = escape(show_text(f"{figure.title.zh} 1:{figure.scale}"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {number(figure.width_mm)} '
        f'{number(figure.height_mm)}" width="{number(figure.width_mm)}mm" '
        f'height="{number(figure.height_mm)}mm" font-family="{FONTS}" stroke-linejoin="round">'
        f"<title>{title}</title>\n{body}\n</svg>"
    )


def draw_mark(mark: Mark, height_mm: float) -> str:
    """Return one path or label."""
    return draw_label(mark, height_mm) if isinstance(mark, Label) else draw_path(mark, height_mm)


def draw_path(path: Path, height_mm: float) -> str:
    """Return a path element."""
    data = "".join(_path_data(line, height_mm, closed=path.closed) for line in path.lines if len(line) > 1)
    if not data:
        return ""
    look = f'fill="{path.fill or "none"}"'
    if path.fill:
        look += ' fill-rule="evenodd"'
    if path.stroke:
        look += f' stroke="{path.stroke}" stroke-width="{number(path.width_mm)}"'
    if path.dash_mm:
        look += f' stroke-dasharray="{" ".join(number(value) for value in path.dash_mm)}"'
    if path.opacity < 1:
        look += f' opacity="{number(path.opacity)}"'
    return f'<path d="{data}" {look}/>'


def _path_data(line: NDArray[np.float64], height_mm: float, *, closed: bool) -> str:
    """Return the path data of one ring or line, y turned downward, to 0.01 mm."""
    points = np.round(np.column_stack((line[:, 0], height_mm - line[:, 1])), 2).tolist()
    if closed and points[0] == points[-1]:
        points = points[:-1]
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + ("Z" if closed else "")


def draw_label(label: Label, height_mm: float) -> str:
    """Return a text element."""
    weight = ' font-weight="700"' if label.bold else ""
    anchor = "" if label.anchor == "start" else f' text-anchor="{label.anchor}"'
    return (
        f'<text x="{number(label.x)}" y="{number(height_mm - label.y)}" '
        f'font-size="{number(label.size_pt * MM_PER_PT)}" fill="{label.colour}"{weight}{anchor}>'
        f"{escape(show_text(label.text))}</text>"
    )


def number(value: float) -> str:
    """Return a number to 0.001, without trailing zeros."""
    return f"{value:.3f}".rstrip("0").rstrip(".")
