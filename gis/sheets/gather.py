"""Gather what a sheet's furniture says from the features on it and the workspace."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gis.model import Text
from gis.sheets.content import SITES
from gis.sheets.draw import line_parts, point_coordinates, polygon_parts
from gis.sheets.facts import LegendRow, SheetFacts, SourceRow
from gis.sheets.frame import join_edges
from gis.sheets.magnetism import declination_deg
from gis.sheets.numbering import parse_number
from gis.sheets.zoning import LEVEL_STYLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gis.model import Layer
    from gis.sheets.backdrop import Backdrop
    from gis.sheets.collect import SheetContent
    from gis.sheets.content import MapFeature
    from gis.sheets.definition import SheetDefinition
    from gis.sheets.frame import MapArea, PaperFrame
    from gis.sheets.labels import Placement
    from gis.sheets.options import SheetOptions
    from gis.workspace import Workspace


def gather_facts(
    workspace: Workspace,
    definition: SheetDefinition,
    paper: PaperFrame,
    content: SheetContent,
    placement: Placement,
    backdrop: Backdrop,
    *,
    options: SheetOptions,
) -> SheetFacts:
    """Return what the furniture says about a sheet."""
    area = paper.area
    shown = [feature for feature in content.everything if feature.inside]
    told = [*shown, *(zone for zone in content.zones if not zone.inside)]
    return SheetFacts(
        number=area.number,
        name=content.name,
        title=Text(options.title, "") if options.title else definition.title,
        scale=area.scale,
        bar_m=definition.scale_rules(area.scale).bar_m,
        neighbours=parse_number(area.number).neighbours if area.number else {},
        zone=area.zone,
        convergence_deg=area.convergence_deg,
        declination_deg=declination_deg(*area.middle_lonlat, options.on),
        base_lines=(
            f"CGCS2000　高斯-克吕格投影 3°带 第{area.zone}带（中央经线 {area.zone * 3}°E）",
            "1985国家高程基准　公里网注记单位：km",
        ),
        legend=legend_rows(shown),
        sources=source_rows(told),
        sources_brief=source_rows(told, brief=True),
        backdrop=backdrop,
        ring_lonlat=join_edges(area.edges_lonlat),
        internal=options.profile == "internal",
        office=workspace.settings.office,
        author=options.author,
        reviewer=options.reviewer,
        review_number=options.review_number,
        on=options.on,
        missing=missing_titles(workspace.layers, definition, public=options.profile == "public"),
        unplaced=len(placement.unplaced),
        symbol_scale=1.0,
        listing=content.listing,
    )


def missing_titles(
    layers: Mapping[str, Layer], definition: SheetDefinition, *, public: bool
) -> tuple[str, ...]:
    """Return the layers of the sheet's themes without data or damaged, those a verdict needs first."""
    missing = [
        layer.entry
        for layer in layers.values()
        if definition.takes(layer.entry) and not (public and layer.entry.sensitive) and not layer.has_features
    ]
    return tuple(entry.title.zh for entry in sorted(missing, key=lambda entry: not entry.required))


def legend_rows(features: Sequence[MapFeature]) -> tuple[LegendRow, ...]:
    """Return the legend of the features inside the frame: a row a style and shape, points first."""
    rows: dict[tuple[str, str], list[MapFeature]] = {}
    for feature in features:
        rows.setdefault((feature.style.id, shape_of(feature)), []).append(feature)
    order = {"point": 0, "line": 1, "polygon": 2}
    keys = sorted(rows, key=lambda key: (theme_order(rows[key][0]), order[key[1]], rows[key][0].style.order))
    return tuple(LegendRow(rows[key][0].style, key[1], accuracy_text(rows[key])) for key in keys)


THEME_ORDER = (
    "ecology",
    "environment",
    "water",
    "transport",
    "logistics",
    "energy",
    "industry",
    "services",
    "context",
)


def theme_order(feature: MapFeature) -> int:
    """Return where a feature's theme stands in the legend; sites and control zones come first."""
    if feature.entry.id == SITES or feature.kind.startswith(LEVEL_STYLE):
        return -1
    return THEME_ORDER.index(feature.entry.theme)


def shape_of(feature: MapFeature) -> str:
    """Return ``point``, ``line`` or ``polygon``."""
    if feature.kind.startswith(LEVEL_STYLE):
        return "polygon"
    if point_coordinates([feature.geometry]):
        return "point"
    if polygon_parts(feature.geometry) and feature.style.fill:
        return "polygon"
    return "line" if line_parts(feature.geometry) or not feature.style.fill else "polygon"


def accuracy_text(features: Sequence[MapFeature]) -> str:
    """Return the accuracy of a legend row as text: ``±30 m``, ``±30–1 500 m``, or empty where unknown."""
    values = sorted({f.accuracy_m for f in features if f.accuracy_m is not None})
    if not values:
        return ""
    low, high = (f"{value:,.0f}".replace(",", " ") for value in (values[0], values[-1]))
    return f"±{low} m" if low == high else f"±{low}–{high} m"


def source_rows(features: Sequence[MapFeature], *, brief: bool = False) -> tuple[SourceRow, ...]:
    """Return where the layers inside the frame come from, layers of one source together.

    In brief: who is to be named, the licence and the date; in full also how each was made.
    """
    titles: dict[tuple[str, str], list[str]] = {}
    for feature in features:
        entry = feature.entry
        zh, en = split_languages(entry.source)
        named, licence = split_languages(entry.attribution)[0], split_languages(entry.licence)[0]
        full = [zh, entry.data_date or "", named, licence]
        short = [named or shorten(zh), licence if licence not in named else "", entry.data_date or ""]
        text = "；".join(dict.fromkeys(part for part in (short if brief else full) if part))
        found = titles.setdefault((text, "" if brief else en), [])
        if entry.title.zh not in found:
            found.append(entry.title.zh)
    return tuple(SourceRow("、".join(names), text, en) for (text, en), names in titles.items())


def split_languages(text: str) -> tuple[str, str]:
    """Return the Chinese and the English of a wording ``中文 / English``, either closing its brackets."""
    zh, _, en = re.sub(r"(?<=）)/ ", " / ", text).partition(" / ")
    if zh.count("（") > zh.count("）"):
        zh += "）"
    return zh, en.removesuffix("）") if en.count("）") > en.count("（") else en


def shorten(text: str) -> str:
    """Return the first clause of a source told at length."""
    return re.split(r"[；。，（]", text, maxsplit=1)[0]


def overview_box(definition: SheetDefinition, area: MapArea) -> tuple[float, float, float, float]:
    """Return the box of a sheet's overview: the usual one, widened where the sheet lies outside it."""
    west, south, east, north = definition.overview_bbox
    own = area.bounds_lonlat
    inside = west <= own[0] and south <= own[1] and own[2] <= east and own[3] <= north
    if inside:
        return definition.overview_bbox
    return (
        min(west, own[0] - 0.2),
        min(south, own[1] - 0.2),
        max(east, own[2] + 0.2),
        max(north, own[3] + 0.2),
    )
