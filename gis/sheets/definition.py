"""``maps/sheets/*.toml`` → records: room on paper, grids by scale, and what a theme's sheet shows."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gis.catalogue import THEMES
from gis.errors import CatalogueError, NotFoundError
from gis.model import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gis.model import LayerEntry

COMMON = "common.toml"
ZONES = ("none", "all", "met")


@dataclass(frozen=True, slots=True)
class PaperRules:
    """Room for the furniture round the map, millimetres (see ``maps/sheets/common.toml``)."""

    margin_mm: float
    band_mm: float
    title_mm: float
    title_max_mm: float
    foot_mm: float
    foot_max_mm: float
    gap_mm: float
    panel_mm: float
    panel_max_mm: float
    panel_low_mm: float
    text_scale: Mapping[str, float]
    panel_low_max_mm: float = 0.0

    def need_mm(self, frame_mm: tuple[float, float], *, landscape: bool) -> tuple[float, float]:
        """Return the least page (width, height) for a frame: panel at the right, or below in portrait."""
        width = frame_mm[0] + 2 * (self.margin_mm + self.band_mm)
        height = frame_mm[1] + 2 * (self.margin_mm + self.band_mm) + self.title_mm + self.foot_mm
        if landscape:
            return width + self.gap_mm + self.panel_mm, height
        return width, height + self.gap_mm + self.panel_low_mm

    def largest_frame_mm(
        self, page_mm: tuple[float, float], *, landscape: bool, text_scale: float = 1.0
    ) -> tuple[float, float]:
        """Return the largest frame a page takes; type larger than that of A2 needs more room round it."""
        k = max(1.0, text_scale)
        roomy = replace(
            self,
            title_mm=self.title_mm * k,
            foot_mm=self.foot_mm * k,
            panel_mm=self.panel_mm * k,
            panel_low_mm=self.panel_low_mm * k,
        )
        need = roomy.need_mm((0.0, 0.0), landscape=landscape)
        return page_mm[0] - need[0], page_mm[1] - need[1]

    def origin_mm(
        self, page_mm: tuple[float, float], frame_mm: tuple[float, float], *, landscape: bool
    ) -> tuple[float, float]:
        """Return where the frame's lower left corner stands: spare room goes to panel and title first."""
        need = self.need_mm(frame_mm, landscape=landscape)
        spare = page_mm[0] - need[0], page_mm[1] - need[1]
        panel = min(spare[0], self.panel_max_mm - self.panel_mm) if landscape else 0.0
        x = self.margin_mm + self.band_mm + (spare[0] - panel) / 2
        grown = self.title_growth_mm(spare[1]) + self.foot_growth_mm(spare[1])
        low_panel = 0.0 if landscape else self.panel_low_growth_mm(spare[1])
        low = self.foot_mm + self.foot_growth_mm(spare[1]) + (spare[1] - grown - low_panel) / 2
        if not landscape:
            low += self.gap_mm + self.panel_low_mm + low_panel
        return x, self.margin_mm + self.band_mm + low

    def title_growth_mm(self, spare_mm: float) -> float:
        """Return how much of the spare height goes to the title."""
        return min(0.4 * spare_mm, self.title_max_mm - self.title_mm)

    def foot_growth_mm(self, spare_mm: float) -> float:
        """Return how much of the spare height goes to the foot."""
        return min(0.3 * spare_mm, self.foot_max_mm - self.foot_mm)

    def panel_low_growth_mm(self, spare_mm: float) -> float:
        """Return how much of the spare height goes to the panel below the map."""
        left = spare_mm - self.title_growth_mm(spare_mm) - self.foot_growth_mm(spare_mm)
        return min(max(left, 0.0), max(self.panel_low_max_mm - self.panel_low_mm, 0.0))


@dataclass(frozen=True, slots=True)
class ScaleRules:
    """Grid and graticule of one scale: metres of the plane, arc-seconds."""

    grid_m: float
    tick_s: float
    label_s: float
    bar_m: float


@dataclass(frozen=True, slots=True)
class NameRules:
    """How administrative units of a kind are named in their middle."""

    text_pt: float
    colour: str


@dataclass(frozen=True, slots=True)
class SheetDefinition:
    """What a theme's sheet shows.

    Parameters
    ----------
    themes : tuple of str
        Themes of the catalogue whose layers are drawn; the style's ``order`` says in which order.
    overview_bbox : tuple of float
        (west, south, east, north) degrees of the overview.
    zones : str
        Control zones drawn: ``none``, ``all``, or ``met``, those that the sites of a check meet.
    without : tuple of str
        Layers of the themes that are not drawn, where their control zones are.
    names : mapping
        Kind of unit → how it is named.
    also : tuple of str
        Layers drawn whatever their theme: the outcome of a study is drawn only where it is named.
    """

    id: str
    title: Text
    themes: tuple[str, ...]
    paper: PaperRules
    scales: Mapping[int, ScaleRules]
    overview_bbox: tuple[float, float, float, float]
    zones: str = "none"
    without: tuple[str, ...] = ()
    names: Mapping[str, NameRules] = field(default_factory=dict)
    also: tuple[str, ...] = ()

    def takes(self, entry: LayerEntry) -> bool:
        """Return whether the sheet shows a layer: one of its themes, or one it names."""
        if entry.id in self.also:
            return True
        return entry.theme in self.themes and entry.assessed and entry.id not in self.without

    def scale_rules(self, scale: int) -> ScaleRules:
        """Return the grids of a scale; for one outside the list, those of the next larger denominator."""
        for denominator in sorted(self.scales):
            if scale <= denominator:
                return self.scales[denominator]
        return self.scales[max(self.scales)]


def read_definition(folder: Path, theme: str) -> SheetDefinition:
    """Read the sheet definition of a theme.

    Parameters
    ----------
    folder : Path
        ``maps/sheets`` of a workspace.
    theme : str
        Name of the file without ``.toml``.

    Raises
    ------
    NotFoundError
        If there is no such theme.
    CatalogueError
        If a file is broken.
    """
    themes = list_themes(folder)
    if theme not in themes:
        raise NotFoundError(
            f"没有图幅专题 {theme!r}",
            f"there is no sheet theme {theme!r}",
            where=str(folder),
            hint_zh=f"可选：{'、'.join(themes)}",
            hint_en=f"choose one of: {', '.join(themes)}",
            code="sheets.theme",
        )
    common, own = (_read_toml(folder / name) for name in (COMMON, f"{theme}.toml"))
    try:
        west, south, east, north = (float(value) for value in common["overview"]["bbox"])
        return SheetDefinition(
            id=own["id"],
            title=Text(own["title_zh"], own["title_en"]),
            themes=tuple(THEMES[THEMES.index(theme_id)] for theme_id in own["themes"]),
            paper=PaperRules(**{**common["paper"], **own.get("paper", {})}),
            scales={int(name): ScaleRules(**table) for name, table in common["scale"].items()},
            overview_bbox=(west, south, east, north),
            without=tuple(str(layer_id) for layer_id in own.get("without", ())),
            names={kind: NameRules(**table) for kind, table in common.get("names", {}).items()},
            zones=ZONES[ZONES.index(own.get("zones", "none"))],
            also=tuple(str(layer_id) for layer_id in own.get("layers", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(
            f"图幅定义有误：{error}",
            f"the sheet definition is broken: {error}",
            where=f"maps/sheets/{theme}.toml, {COMMON}",
        ) from error


def list_themes(folder: Path) -> list[str]:
    """Return the names of the sheet themes of a workspace."""
    return sorted(path.stem for path in folder.glob("*.toml") if path.name != COMMON)


def _read_toml(path: Path) -> dict[str, Any]:
    """Return a TOML file as tables."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(
            f"图幅定义无法读取：{error}", f"the sheet definition cannot be read: {error}", where=str(path)
        ) from error
