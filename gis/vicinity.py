"""A site as it is measured, and a zone near it: united, shrunk and grown in a window round the site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis import crs
from gis.certainty import combine_accuracy, grow, shrink
from gis.overlay import clip, unite, window_round
from gis.zones import plane_distance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from gis.model import Site
    from gis.zones import ZonePart

NOWHERE = shapely.MultiPolygon()
"""A zone of which nothing reaches a site."""

CHORDS = 0.9995
"""A buffer drawn with chords reaches at least this share of its distance: 1 - cos(π/128) is 3e-4."""

MARGIN_M = 5.0
"""Room round a site, beyond the accuracies, so that cutting a zone to a window changes nothing inside it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A site as it is measured against every zone: once measured, then only read.

    Parameters
    ----------
    site : Site
    area_m2, length_m : float
        On the ellipsoid; 0 where the kind has none. The length of a polygon is that of its boundary.
    accuracy_m : float
        Of the site, at 95 %.
    height_m : float or None
        Height of the project above the ground, from its attribute ``height_m``.
    """

    site: Site
    area_m2: float
    length_m: float
    accuracy_m: float
    height_m: float | None


@dataclass(frozen=True, slots=True)
class Local:
    """The zone near one site: as drawn, shrunk and grown, all cut to a window round the site."""

    drawn: BaseGeometry
    shrunk: BaseGeometry
    grown: BaseGeometry
    epsilon_m: float


def measure_site(site: Site, *, accuracy_m: float) -> Measured:
    """Return a site with its area and length on the ellipsoid."""
    plane = site.geometry_plane
    polygon = site.kind == "polygon"
    return Measured(
        site=site,
        area_m2=crs.area_m2(plane) if polygon else 0.0,
        length_m=crs.length_m(shapely.boundary(plane) if polygon else plane),
        accuracy_m=accuracy_m,
        height_m=read_height(site.properties.get("height_m")),
    )


def read_height(value: object) -> float | None:
    """Return a height attribute in metres; None where it is absent or not a number."""
    try:
        return float(str(value))
    except ValueError:
        return None


def cut_local(measured: Measured, parts: Sequence[ZonePart]) -> Local:
    """Return the united zone near a site as drawn, shrunk and grown.

    Parts are cut to a window wider than the accuracies: inside it the result is that of the whole zone.
    """
    window, distances, epsilon = window_of(measured, parts)
    clips = [clip(part.geometry, window) for part in parts]
    kept = [
        (cut, distance, part)
        for cut, distance, part in zip(clips, distances, parts, strict=True)
        if not cut.is_empty
    ]
    settled = [(cut, distance) for cut, distance, part in kept if part.settled]
    same_window = bool(kept) and max(distance for _, distance, _ in kept) == max(distances)
    return Local(
        drawn=unite([cut for cut, _, _ in kept]),
        shrunk=shrink([cut for cut, _ in settled], [distance for _, distance in settled]),
        grown=grow_local(
            measured,
            [(part, distance) for _, distance, part in kept],
            clips=[cut for cut, _, _ in kept] if same_window else None,
        ),
        epsilon_m=epsilon,
    )


def grow_local(
    measured: Measured,
    reaching: Sequence[tuple[ZonePart, float]],
    *,
    clips: Sequence[BaseGeometry] | None = None,
) -> BaseGeometry:
    """Return the parts of a zone grown by their ε as far as they can meet a site.

    Parameters
    ----------
    reaching : sequence of (ZonePart, float)
        Parts and ε in plane metres. One that reaches all of the site answers for all: the box round the site
        is then in the grown zone.
    clips : sequence of geometry, optional
        The parts cut to the window of the widest ε, where they are cut already.
    """
    plane = measured.site.geometry_plane
    if not reaching:
        return NOWHERE
    box = shapely.box(*plane.bounds)
    middle, radius = shapely.centroid(box), shapely.length(box) / 4
    geometries = [part.geometry for part, _ in reaching]
    inside = shapely.distance(middle, geometries) + radius <= np.array([r for _, r in reaching]) * CHORDS
    if inside.any():
        return box
    if clips is None:
        window = window_round(plane, max(reach for _, reach in reaching) * 1.01 + MARGIN_M)
        clips = [clip(part.geometry, window) for part, _ in reaching]
    kept = [(cut, reach) for cut, (_, reach) in zip(clips, reaching, strict=True) if not cut.is_empty]
    return grow([cut for cut, _ in kept], [reach for _, reach in kept])


def window_of(measured: Measured, parts: Sequence[ZonePart]) -> tuple[BaseGeometry, list[float], float]:
    """Return a box wider than the accuracies, each part's ε in plane metres, and the greatest ε in metres."""
    plane = measured.site.geometry_plane
    epsilons = [combine_accuracy(measured.accuracy_m, part.feature.accuracy_m) for part in parts]
    distances = [plane_distance(plane, epsilon) for epsilon in epsilons]
    return window_round(plane, max(distances) * 1.01 + MARGIN_M), distances, max(epsilons)
