"""``maps/styles.toml`` → :class:`Style` records: one look for web map, sheet and report."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gis.errors import CatalogueError
from gis.model import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HATCHES = ("", "/", "\\", "|", "-", "+", "x", ".", "o", "//", "\\\\", "..", "--", "||")
MARKERS = ("circle", "square", "triangle", "diamond", "anchor", "plane", "star", "tank", "box", "cross")


@dataclass(frozen=True, slots=True)
class Style:
    """How one kind of feature is drawn.

    Parameters
    ----------
    fill, stroke : str
        ``#rrggbb``; an empty string draws none.
    fill_opacity : float
        0–1.
    stroke_mm, stroke_px : float
        Line weight on paper and on screen.
    dash_mm : tuple of float
        Dash pattern on paper, in millimetres; empty for a solid line. The web map uses the same × 4 px.
    hatch : str
        Hatch pattern that carries the meaning in grey print; empty for none.
    marker : str
        Symbol of a point; empty for the default circle.
    size_mm : float
        Size of the symbol on paper.
    order : int
        Drawing order, small first.
    text_pt : float
        Size of labels on paper, points; 0 for no label.
    text_colour : str
        Colour of labels.
    """

    id: str
    label: Text
    fill: str
    stroke: str
    fill_opacity: float
    stroke_mm: float
    stroke_px: float
    dash_mm: tuple[float, ...]
    hatch: str
    marker: str
    size_mm: float
    order: int
    text_pt: float
    text_colour: str


@dataclass(frozen=True, slots=True)
class Styles:
    """All styles of a workspace, looked up by feature kind, then by the layer's own style name."""

    by_id: Mapping[str, Style]
    fallback: Style

    def find(self, kind: str | None, layer_style: str | None = None) -> Style:
        """Return the style of a feature kind, else of the layer, else the fallback."""
        for name in (kind, layer_style):
            if name and name in self.by_id:
                return self.by_id[name]
        return self.fallback


def read_styles(path: Path) -> Styles:
    """Read ``maps/styles.toml``: tables ``style.<kind or layer style>``; ``style.fallback`` is required.

    Raises
    ------
    CatalogueError
        If the file cannot be read, or a colour, hatch or marker is not one that can be drawn.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["style"]
        styles = {name: read_style(name, table) for name, table in tables.items()}
        return Styles(by_id=styles, fallback=styles["fallback"])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise CatalogueError(
            f"样式文件无法读取：{error}",
            f"the style file cannot be read: {error}",
            where=str(path),
            hint_zh="样式文件需有 [style.fallback] 与各类要素的 [style.*]",
            hint_en="the style file needs [style.fallback] and a [style.*] per kind",
        ) from error


def read_style(name: str, table: Mapping[str, Any]) -> Style:
    """Return one style table as a record.

    Raises
    ------
    CatalogueError
        If a colour, hatch or marker is not one that can be drawn.
    """
    checks = (
        ("fill", _is_colour(table.get("fill", ""))),
        ("stroke", _is_colour(table.get("stroke", ""))),
        ("hatch", table.get("hatch", "") in HATCHES),
        ("marker", table.get("marker", "circle") in MARKERS),
    )
    for field, good in checks:
        if not good:
            raise CatalogueError(
                f"样式 {name} 的 {field} 值 {table.get(field)!r} 无法绘制",
                f"style {name}: {field} = {table.get(field)!r} cannot be drawn",
                where=f"styles.toml: {name}",
            )
    return Style(
        id=name,
        label=Text(table.get("label_zh", name), table.get("label_en", name)),
        fill=table.get("fill", ""),
        stroke=table.get("stroke", ""),
        fill_opacity=float(table.get("fill_opacity", 0.35)),
        stroke_mm=float(table.get("stroke_mm", 0.2)),
        stroke_px=float(table.get("stroke_px", 1.5)),
        dash_mm=tuple(float(value) for value in table.get("dash_mm", ())),
        hatch=table.get("hatch", ""),
        marker=table.get("marker", "circle"),
        size_mm=float(table.get("size_mm", 2.5)),
        order=int(table.get("order", 50)),
        text_pt=float(table.get("text_pt", 0.0)),
        text_colour=table.get("text_colour", "#333333"),
    )


def _is_colour(value: str) -> bool:
    """Return whether `value` is empty or ``#rrggbb``."""
    digits = "0123456789abcdefABCDEF"
    return value == "" or (len(value) == 7 and value[0] == "#" and all(c in digits for c in value[1:]))
