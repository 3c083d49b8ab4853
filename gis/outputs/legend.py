"""The entries of a figure's legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from gis.model import Level, Text
from gis.outputs.figure import (
    Label,
    Mark,
    disc,
    hatch_paths,
    rectangle,
    segment,
    shape_paths,
)
from gis.outputs.furniture import (
    SWATCH_MM,
    LegendEntry,
    tag,
)
from gis.outputs.measures import format_accuracy
from gis.outputs.plaintext import show_text
from gis.outputs.plot import ALTERNATIVE_COLOUR
from gis.outputs.table import format_numbers
from gis.outputs.wording import LEVEL_COLOURS, LEVELS, VERDICT_COLOURS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.model import CheckResult, Finding
    from gis.outputs.plot import (
        DrawnZone,
    )

LISTED_SITES = 6
NAME_LENGTH = 22


def zone_entry(zone: DrawnZone) -> LegendEntry:
    """Return the legend entry of a zone: its strictest rule, how many more, whether its limits are public."""
    first = zone.findings[0]
    more = len(zone.findings) - 1
    label = Text(
        f"{LEVELS[first.level].zh}：{first.title.zh}"
        + (f"（等 {more + 1} 条）" if more else "")
        + ("" if zone.settled else "（内部界线未公开）"),
        f"{LEVELS[first.level].en}: {first.title.en}" + (f" (+{more})" if more else ""),
    )
    box = shapely.box(0, 0, *SWATCH_MM)
    colour = LEVEL_COLOURS[first.level]
    swatch: tuple[Mark, ...] = (
        *shape_paths(box, fill=zone.style.fill or colour, opacity=0.28),
        *hatch_paths(box, zone.style.hatch, zone.style.stroke or colour, spacing_mm=1.6, width_mm=0.1),
        *shape_paths(box, stroke=colour, width_mm=0.35),
    )
    return LegendEntry(label, swatch)


def band_entries(zones: Sequence[DrawnZone]) -> list[LegendEntry]:
    """Return the legend entry of the accuracy bands."""
    widths = sorted({zone.epsilon_m for zone in zones if zone.epsilon_m > 0})
    if not widths:
        return []
    shown = "–".join(dict.fromkeys(format_accuracy(width) for width in (widths[0], widths[-1])))
    box = shapely.box(0, 0.4, SWATCH_MM[0], SWATCH_MM[1] - 0.4)
    colour = LEVEL_COLOURS[zones[-1].findings[0].level]
    edges = shapely.MultiLineString([((0, y), (SWATCH_MM[0], y)) for y in (0.4, SWATCH_MM[1] - 0.4)])
    swatch = (
        *shape_paths(box, fill=colour, opacity=0.12),
        *shape_paths(edges, stroke=colour, width_mm=0.18, dash_mm=(1.2, 0.8)),
    )
    return [LegendEntry(Text(f"精度带 {shown}", f"accuracy band {shown}, 95 %"), swatch)]


def overlap_entries(findings: Sequence[Finding]) -> list[LegendEntry]:
    """Return the legend entry of the overlaps drawn."""
    levels = [level for level in Level if any(f.level is level and f.geometry is not None for f in findings)]
    if not levels:
        return []
    colour = LEVEL_COLOURS[levels[0]]
    swatch = (rectangle(0, 0.6, SWATCH_MM[0], SWATCH_MM[1] - 1.2, fill=colour, opacity=0.55),)
    return [LegendEntry(Text("用地与管控区重叠部分", "site within a zone, as drawn"), swatch)]


def site_entries(result: CheckResult, indexes: Sequence[int]) -> list[LegendEntry]:
    """Return the legend entries of the sites shown, each with its number."""
    entries = []
    for index in indexes[:LISTED_SITES]:
        site = result.sites[index]
        middle = SWATCH_MM[1] / 2
        line = segment((0, middle), (SWATCH_MM[0], middle), stroke="#111417", width_mm=0.5)
        number = Label(SWATCH_MM[0] / 2, middle - 0.8, str(index + 1), 6.4, bold=True, anchor="middle")
        name = show_text(site.site.name, NAME_LENGTH) or f"用地 {index + 1}"
        entries.append(LegendEntry(Text(name, ""), (line, *tag(number, VERDICT_COLOURS[site.verdict]))))
    if len(indexes) > LISTED_SITES:
        rest = format_numbers([index + 1 for index in indexes[LISTED_SITES:]])
        entries.append(LegendEntry(Text(f"其余用地：{show_text(rest, 60)}", ""), ()))
    return entries


def disc_swatch(colour: str) -> tuple[Mark, ...]:
    """Return a disc for the legend."""
    return (disc(SWATCH_MM[0] / 2, SWATCH_MM[1] / 2, 1.4, fill=colour, stroke="#ffffff"),)


def alternative_entries() -> list[LegendEntry]:
    """Return the legend entry of what-if alternatives."""
    outline = shapely.boundary(shapely.box(0.4, 0.4, SWATCH_MM[0] - 0.4, SWATCH_MM[1] - 0.4))
    swatch = shape_paths(outline, stroke=ALTERNATIVE_COLOUR, width_mm=0.45, dash_mm=(1.0, 0.5))
    return [
        LegendEntry(
            Text("替代方案：可移位置或可保留部分", "what if: nearest place, part that could stay"), swatch
        )
    ]
