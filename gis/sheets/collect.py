"""Everything that stands on one sheet: layers, control zones, overlaps, sites, and the list beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import shapely

from gis.model import Certainty, Text
from gis.sheets.beyond import beyond_features
from gis.sheets.borders import split_units
from gis.sheets.content import MAX_EDGE_DEG, MapFeature, collect_features, shown_layers
from gis.sheets.draw import flat_parts, polygon_parts
from gis.sheets.extras import extra_features
from gis.sheets.listing import hidden_layers, list_check, list_grounds, zones_met
from gis.sheets.naming import choose_name
from gis.sheets.subject import name_of_sites, site_features
from gis.sheets.zoning import LEVEL_STYLE, LEVELS, collect_grounds, ground_features

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from gis.model import LayerEntry, Level
    from gis.sheets.definition import SheetDefinition
    from gis.sheets.facts import Listing
    from gis.sheets.frame import PaperFrame
    from gis.sheets.options import SheetOptions
    from gis.sheets.stored import StoredCheck
    from gis.sheets.subject import Subject
    from gis.sheets.zoning import Ground
    from gis.styles import Style, Styles
    from gis.workspace import Workspace

OVERLAP_TITLE = Text("重叠部分", "Overlaps")
OVERLAP_SOURCE = "用地与管控区叠加得出 / overlay of sites and control zones"


@dataclass(frozen=True, slots=True)
class SheetContent:
    """What stands on a sheet, in the order it is drawn.

    Parameters
    ----------
    features : tuple of MapFeature
        Of the theme's layers; administrative units as their borders.
    units : tuple of MapFeature
        The units themselves, for their names.
    grounds : tuple of Ground
        Control zones; `zones` are the same as features, for legend and numbers.
    sites : tuple of MapFeature
        Overlaps, then project sites.
    """

    name: str
    features: tuple[MapFeature, ...]
    units: tuple[MapFeature, ...]
    grounds: tuple[Ground, ...]
    zones: tuple[MapFeature, ...]
    sites: tuple[MapFeature, ...]
    listing: Listing | None

    @property
    def everything(self) -> tuple[MapFeature, ...]:
        """All features, for legend, accuracies and sources."""
        return (*self.features, *self.zones, *self.sites)


def collect_content(
    workspace: Workspace,
    definition: SheetDefinition,
    paper: PaperFrame,
    *,
    options: SheetOptions,
    subject: Subject | None,
) -> SheetContent:
    """Return what stands on a sheet."""
    public = options.profile == "public"
    check = None if subject is None else subject.check
    layers = shown_layers(workspace.layers, definition, public=public)
    units = split_units(collect_features(layers, workspace.styles, paper), paper, definition.names)
    beyond = beyond_features(layers, workspace.styles, paper)
    features = tuple(sorted((*units.rest, *beyond), key=lambda feature: feature.style.order))
    grounds = find_grounds(workspace, definition, paper, options=options, check=check)
    sites: tuple[MapFeature, ...] = ()
    name = choose_name((*features, *units.named), paper, layers)
    if subject is not None:
        extra = extra_features(subject.layers, workspace.styles, paper, public=public)
        features = tuple(sorted((*features, *extra), key=lambda feature: feature.style.order))
        overlaps = overlap_features(subject, workspace, paper, public=public)
        sites = (*overlaps, *site_features(subject, workspace.styles, paper))
        name = (name_of_sites(subject) or name) if not paper.area.number else name
    listing = None
    if check is not None:
        listing = list_check(check, grounds, workspace, public=public)
    elif definition.zones == "all":
        listing = list_grounds(grounds, workspace.styles)
    elif subject is not None:
        listing = subject.listing
    return SheetContent(
        name=name,
        features=features,
        units=units.named,
        grounds=grounds,
        zones=ground_features(grounds, workspace.styles),
        sites=sites,
        listing=listing,
    )


def find_grounds(
    workspace: Workspace,
    definition: SheetDefinition,
    paper: PaperFrame,
    *,
    options: SheetOptions,
    check: StoredCheck | None,
) -> tuple[Ground, ...]:
    """Return the control zones the theme wants: none, all, or those a check has met (as of its day)."""
    public = options.profile == "public"
    if definition.zones == "all":
        return collect_grounds(workspace, paper, on=options.on, public=public)
    if definition.zones == "met" and check is not None:
        return collect_grounds(workspace, paper, on=check.on, public=public, only=zones_met(check))
    return ()


def overlap_features(
    subject: Subject, workspace: Workspace, paper: PaperFrame, *, public: bool
) -> tuple[MapFeature, ...]:
    """Return where sites and control zones overlap, by the strictest level there, the weakest first."""
    if subject.check is None:
        return ()
    findings = [
        finding
        for site in subject.check.sites
        for finding in site.findings
        if finding.geometry is not None and finding.certainty is not Certainty.NONE
    ]
    hidden = hidden_layers(workspace, (finding.layer_id for finding in findings), public=public)
    sites = site_features(subject, workspace.styles, paper)
    if not sites:
        return ()
    entry = replace(sites[0].entry, title=OVERLAP_TITLE, source=OVERLAP_SOURCE)
    groups: dict[tuple[bool, Level], list[BaseGeometry]] = {}
    for finding in findings:
        if finding.layer_id not in hidden and finding.geometry is not None:
            possible = finding.certainty is not Certainty.CERTAIN
            groups.setdefault((possible, finding.level), []).append(finding.geometry)
    above: BaseGeometry = shapely.MultiPolygon()
    made = []
    for possible, level in sorted(groups, key=lambda key: (key[0], LEVELS.index(key[1]))):
        parts = [
            part for geometry in groups[possible, level] for part in flat_parts(shapely.make_valid(geometry))
        ]
        surfaces = [part for part in parts if part.geom_type == "Polygon"]
        others = [part for part in parts if part.geom_type != "Polygon"]
        left = polygon_parts(shapely.difference(shapely.union_all(surfaces), above)) if surfaces else []
        above = shapely.MultiPolygon(polygon_parts(shapely.union_all([above, *surfaces])))
        if left or others:
            style = overlap_style(workspace.styles, level, possible=possible)
            made.append(_overlap_feature(style, shapely.GeometryCollection([*left, *others]), entry, paper))
    return tuple(reversed(made))


def overlap_style(styles: Styles, level: Level, *, possible: bool) -> Style:
    """Return the style of overlaps of a level; those that are only possible are hatched, not tinted."""
    style = styles.find(f"overlap_{level.value}", f"{LEVEL_STYLE}{level.value}")
    if not possible:
        return style
    label = Text(f"{style.label.zh}（可能）", f"{style.label.en} (possible)")
    return replace(
        style, id=f"{style.id}_possible", label=label, fill_opacity=0.1, hatch="/", dash_mm=(1.2, 0.8)
    )


def _overlap_feature(
    style: Style, geometry: BaseGeometry, entry: LayerEntry, paper: PaperFrame
) -> MapFeature:
    """Return one kind of overlap as a feature without a name."""
    placed = paper.place_geometry(shapely.segmentize(geometry, MAX_EDGE_DEG))
    return MapFeature(
        feature_id=style.id,
        entry=entry,
        kind=style.id,
        name="",
        style=style,
        geometry=placed,
        inside=bool(placed.intersects(paper.polygon)),
        accuracy_m=None,
        rank=0.0,
    )
