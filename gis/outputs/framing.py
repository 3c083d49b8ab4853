"""Which figures a result gets, and which piece of the country each shows.

A theme's figures show where its findings lie: places near each other share one, a long line gets one for each
place where it meets a zone. Boxes are (min x, min y, max x, max y) in EPSG:4549.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from gis import crs
from gis.model import Certainty, Level
from gis.outputs.figure import flatten
from gis.outputs.zones import find_parts
from gis.verdict import MEETING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gis.model import CheckResult, Finding, SiteResult
    from gis.workspace import Workspace

Box = tuple[float, float, float, float]

MARGIN_SHARE = 0.6
LEAST_MARGIN_M = 400.0
MOST_BAND_M = 4000.0
"""How much of the accuracy band is shown round a site, at most."""

LONG_M = 8000.0
"""A line longer than this is shown where it meets a zone, not as a whole."""

MERGE_GROWTH = 1.8
"""Two places share a figure when that is no larger than this many times the smaller one's."""

COVERED_SHARE, COVERED_GROWTH = 0.5, 2.8
"""Where half of one already shows in the other, the common figure may be that much larger."""

MOST_FIGURES = 24
WIDEST_BAND_M = 2500.0
"""A zone that is not met as drawn and less accurate than this gets no figure: its band would fill it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One figure to draw.

    Parameters
    ----------
    theme : str
        Of the catalogue.
    box : tuple
        What must be seen.
    sites : tuple of int
        Positions of the sites in the result.
    level : Level
        The strictest shown; decides the order.
    deep : bool
        Whether the zones cover all that is seen: such places are shown together, so that an edge is seen.
    """

    theme: str
    box: Box
    sites: tuple[int, ...]
    level: Level
    deep: bool = False


def plan_scenes(result: CheckResult, workspace: Workspace) -> tuple[tuple[Scene, ...], int]:
    """Return the figures of a result, strictest first, and how many were left out."""
    themes = {used.entry.id: used.entry.theme for used in result.layers}
    places: list[Scene] = []
    for index, site in enumerate(result.sites):
        by_theme: dict[str, list[Finding]] = {}
        for finding in site.findings:
            if is_drawn(finding):
                by_theme.setdefault(themes[finding.layer_id], []).append(finding)
        for theme, findings in by_theme.items():
            level = min((finding.level for finding in findings), key=list(Level).index)
            boxes = frame_site(site, findings, workspace)
            places += [
                Scene(theme, box, (index,), level, deep=is_deep(box, findings, workspace)) for box in boxes
            ]
    scenes = merge_scenes([*gather_deep(places), *(scene for scene in places if not scene.deep)])
    order = list(Level)
    ranked = sorted(scenes, key=lambda scene: (order.index(scene.level), scene.theme, scene.sites))
    return tuple(ranked[:MOST_FIGURES]), max(len(ranked) - MOST_FIGURES, 0)


def is_deep(box: Box, findings: Sequence[Finding], workspace: Workspace) -> bool:
    """Return whether every zone covers a whole box: its figure would show a plain colour."""
    window = shapely.box(*box)
    return all(
        any(shapely.covers(part.geometry, window) for part in find_parts(finding, workspace))
        for finding in findings
    )


def gather_deep(scenes: Sequence[Scene]) -> list[Scene]:
    """Return one scene a theme for all places deep inside its zones."""
    order = list(Level)
    gathered = []
    for theme in dict.fromkeys(scene.theme for scene in scenes if scene.deep):
        deep = [scene for scene in scenes if scene.deep and scene.theme == theme]
        sites = tuple(sorted({index for scene in deep for index in scene.sites}))
        level = min((scene.level for scene in deep), key=order.index)
        gathered.append(Scene(theme, cover_boxes([scene.box for scene in deep]), sites, level))
    return gathered


def is_drawn(finding: Finding) -> bool:
    """Return whether a finding deserves a figure: met or possibly met, and more than a notice."""
    if finding.level is Level.NOTICE or finding.pending:
        return False
    if finding.certainty is Certainty.CERTAIN or finding.relation in MEETING:
        return True
    if finding.certainty is Certainty.POSSIBLE:
        return finding.accuracy_m <= WIDEST_BAND_M
    return finding.distance_m <= finding.attention_m


def frame_site(site: SiteResult, findings: Sequence[Finding], workspace: Workspace) -> list[Box]:
    """Return what to show of a site: the whole of it, or each place where a long line meets a zone."""
    plane = site.site.geometry_plane
    band = min(max(finding.accuracy_m for finding in findings) * 1.15, MOST_BAND_M)
    if site.site.kind != "line" or shapely.length(plane) < LONG_M:
        return [grow_box(plane.bounds, band)]
    spots: list[Box] = []
    for finding in findings:
        if finding.geometry is not None:
            spots += [part.bounds for part in flatten(crs.to_plane(finding.geometry))]
            continue
        parts = find_parts(finding, workspace)
        spots += [shapely.get_point(shapely.shortest_line(plane, part.geometry), 0).bounds for part in parts]
    boxes = merge_boxes([grow_box(spot, band) for spot in dict.fromkeys(spots)])
    return boxes or [grow_box(plane.bounds, band)]


def grow_box(box: Iterable[float], band_m: float) -> Box:
    """Return a box with room round it: a share of its size, at least enough to show the accuracy band."""
    min_x, min_y, max_x, max_y = box
    margin = max(LEAST_MARGIN_M, band_m, MARGIN_SHARE * max(max_x - min_x, max_y - min_y))
    return min_x - margin, min_y - margin, max_x + margin, max_y + margin


def merge_boxes(boxes: Sequence[Box]) -> list[Box]:
    """Return boxes with those that share a figure put together."""
    scenes = merge_scenes([Scene("", box, (), Level.NOTICE) for box in boxes])
    return [scene.box for scene in scenes]


def merge_scenes(scenes: Sequence[Scene]) -> list[Scene]:
    """Return scenes with neighbours of one theme put together, where the figure stays about as detailed."""
    order = list(Level)
    merged: list[Scene] = []
    for scene in scenes:
        current = scene
        while (other := next((s for s in merged if share_figure(s, current)), None)) is not None:
            merged.remove(other)
            current = Scene(
                current.theme,
                cover_boxes((current.box, other.box)),
                tuple(sorted({*current.sites, *other.sites})),
                min(current.level, other.level, key=order.index),
            )
        merged.append(current)
    return merged


def share_figure(first: Scene, second: Scene) -> bool:
    """Return whether two scenes lie together and one figure shows both without losing much."""
    if first.theme != second.theme or not shapely.box(*first.box).intersects(shapely.box(*second.box)):
        return False
    both, smaller = (
        box_size(cover_boxes((first.box, second.box))),
        min(box_size(first.box), box_size(second.box)),
    )
    common = shapely.box(*first.box).intersection(shapely.box(*second.box)).area
    least = min(shapely.box(*first.box).area, shapely.box(*second.box).area)
    return both <= (COVERED_GROWTH if common >= COVERED_SHARE * least else MERGE_GROWTH) * smaller


def cover_boxes(boxes: Sequence[Box]) -> Box:
    """Return the box round boxes."""
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def box_size(box: Box) -> float:
    """Return the longer side of a box."""
    return max(box[2] - box[0], box[3] - box[1])
