"""What a sheet is about beyond its layers: project sites as read, or a stored check of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from gis.model import LayerEntry, Text
from gis.sheets.content import MAX_EDGE_DEG, SITES, MapFeature

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from gis.model import SiteSet, Verdict
    from gis.sheets.extras import ExtraLayer
    from gis.sheets.facts import Listing
    from gis.sheets.frame import PaperFrame
    from gis.sheets.stored import StoredCheck
    from gis.styles import Style, Styles

VERDICT_STYLE = "verdict_"
"""Styles of checked sites: ``verdict_prohibited`` …"""


@dataclass(frozen=True, slots=True)
class SubjectSite:
    """One project site: where it lies (degrees), and its verdict where it was checked."""

    site_id: str
    name: str
    geometry: BaseGeometry
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Subject:
    """Project sites, the files they came from, the check of them if there was one, and layers of a study.

    Parameters
    ----------
    layers : tuple of ExtraLayer
        Drawn among the theme's own.
    listing : Listing or None
        Listed beside the map, where the theme lists nothing of its own.
    """

    files: tuple[str, ...] = ()
    sites: tuple[SubjectSite, ...] = ()
    check: StoredCheck | None = None
    layers: tuple[ExtraLayer, ...] = ()
    listing: Listing | None = None

    @property
    def stem(self) -> str:
        """Name of the first file without its ending, for the sheet's own file."""
        from pathlib import Path

        if not self.files and self.layers:
            return self.layers[0].title.zh or "layer"
        return Path(self.files[0]).stem if self.files else "site"

    @property
    def geometries(self) -> list[BaseGeometry]:
        """Where the sites lie, those that lie anywhere; without sites, where the layers do."""
        if self.sites:
            return [site.geometry for site in self.sites]
        return [feature.geometry for layer in self.layers for feature in layer.features]


def subject_of_sites(sites: SiteSet) -> Subject:
    """Return project sites as the subject of a sheet."""
    return Subject(
        files=tuple(file.name for file in sites.files),
        sites=tuple(
            SubjectSite(site.site_id, site.name or "", site.geometry, None)
            for site in sites.sites
            if not site.geometry.is_empty
        ),
    )


def subject_of_check(check: StoredCheck) -> Subject:
    """Return a stored check as the subject of a sheet."""
    return Subject(
        files=tuple(file.name for file in check.input.files),
        sites=tuple(
            SubjectSite(site.site_id, site.name or "", site.geometry, site.verdict)
            for site in check.sites
            if site.geometry is not None and not site.geometry.is_empty
        ),
        check=check,
    )


def site_features(subject: Subject, styles: Styles, paper: PaperFrame) -> tuple[MapFeature, ...]:
    """Return project sites as features of a sheet, styled by their verdict."""
    files = "、".join(subject.files)
    entry = LayerEntry(
        id=SITES,
        title=Text("项目用地", "Project sites"),
        theme="context",
        path=None,
        geometry_type="Mixed",
        rows=len(subject.sites),
        sha256=None,
        provenance="none",
        accuracy_m=None,
        coverage=None,
        data_date=None,
        source=f"申请文件 {files} / application file {files}",
        licence="",
        attribution="",
        required=False,
        sensitive=False,
        style=SITES,
    )
    return tuple(_site_feature(site, entry, styles, paper) for site in subject.sites)


def _site_feature(site: SubjectSite, entry: LayerEntry, styles: Styles, paper: PaperFrame) -> MapFeature:
    """Return one site as a feature; a checked one says its verdict after its name."""
    kind = SITES if site.verdict is None else f"{VERDICT_STYLE}{site.verdict.value}"
    style = styles.find(kind, SITES)
    placed = paper.place_geometry(shapely.segmentize(site.geometry, MAX_EDGE_DEG))
    return MapFeature(
        feature_id=site.site_id,
        entry=entry,
        kind=kind,
        name=site.name if site.verdict is None else f"{site.name}　{style_word(style)}".strip(),
        style=style,
        geometry=placed,
        inside=bool(placed.intersects(paper.polygon)),
        accuracy_m=None,
        rank=0.0,
    )


def style_word(style: Style) -> str:
    """Return the word of a verdict or level from its style's label: what stands after the colon."""
    return style.label.zh.rpartition("：")[2]


def name_of_sites(subject: Subject) -> str:
    """Return the name of a sheet about sites: the first one's, and how many there are."""
    names = [site.name for site in subject.sites if site.name]
    if not names:
        return ""
    return names[0] if len(subject.sites) == 1 else f"{names[0]}等{len(subject.sites)}处"


def bounds_of(geometries: Sequence[BaseGeometry]) -> tuple[float, float, float, float]:
    """Return (west, south, east, north) of geometries in degrees."""
    west, south, east, north = shapely.total_bounds(list(geometries)).tolist()
    return west, south, east, north
