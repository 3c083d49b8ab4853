"""A site in the coordinate system it is to be written in, its edges where they were drawn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis import crs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.model import Site
    from gis.sites.system import System

    Points = NDArray[np.float64]

_MATCH_M, _MATCH_DEG = 1e-3, 1e-8
_BEND_M, _BEND_DEG = 3e-4, 3e-9
"""An edge that would bend by more than this in the other system gets vertices in between."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One site to be written.

    Parameters
    ----------
    label : str
        Its name, or its number when it has none; unique in the file.
    kind : str
        ``polygon``, ``line`` or ``point``.
    geometry : shapely geometry
        In the system of the file, x = east.
    area_m2 : float
        On the ellipsoid.
    """

    label: str
    kind: str
    properties: Mapping[str, Any]
    geometry: BaseGeometry
    area_m2: float

    def list_parts(self) -> list[list[Points]]:
        """Return each part as its rings, closed, shell first; a line or point as one list of points."""
        parts = shapely.get_parts(self.geometry).tolist()
        if self.kind != "polygon":
            return [[shapely.get_coordinates(part)] for part in parts]
        return [
            [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)] for part in parts
        ]


def make_outlines(sites: Sequence[Site], system: System) -> tuple[Outline, ...]:
    """Return sites in `system`, in their order, with labels that are unique."""
    labels: dict[str, int] = {}
    outlines = []
    for number, site in enumerate(sites, start=1):
        name = site.name or f"地块{number}"
        labels[name] = labels.get(name, 0) + 1
        label = name if labels[name] == 1 else f"{name}({labels[name]})"
        area_m2 = crs.area_m2(site.geometry_plane) if site.kind == "polygon" else 0.0
        outlines.append(Outline(label, site.kind, site.properties, place_site(site, system), area_m2))
    return tuple(outlines)


def place_site(site: Site, system: System) -> BaseGeometry:
    """Return the geometry of a site in `system`.

    Notes
    -----
    A straight edge of the file it came in bends in another system, 1 mm at 300 m. Vertices of the densified
    outline are put in where it would bend by more than 0.3 mm; all vertices of the file stay.
    """
    target = crs.GEOGRAPHIC if system.geographic else system.source
    drawn = crs.transform(site.geometry, crs.GEOGRAPHIC, target)
    dense = crs.transform(crs.densify_plane(site.geometry_plane), crs.PLANE, target)
    match, bend = (_MATCH_DEG, _BEND_DEG) if system.degrees else (_MATCH_M, _BEND_M)
    placed: BaseGeometry = _refine(drawn, dense, match, bend)
    return placed


def find_zone_code(sites: Sequence[Site]) -> str:
    """Return the EPSG code of the prefixed 3-degree zone that holds the middle of the sites."""
    bounds = shapely.total_bounds(np.array([site.geometry for site in sites], dtype=object))
    zone = min(max(crs.zone_of(float(bounds[0] + bounds[2]) / 2), 39), 41)
    return crs.ZONES[zone - 39][2]


def _refine(drawn: Any, dense: Any, match: float, bend: float) -> Any:
    """Return `drawn` with vertices of `dense` where its edges bend; as it is where the two do not pair up."""
    if drawn.geom_type != dense.geom_type or drawn.geom_type in {"Point", "MultiPoint"}:
        return drawn
    if drawn.geom_type.startswith("Multi"):
        parts, dense_parts = shapely.get_parts(drawn).tolist(), shapely.get_parts(dense).tolist()
        if len(parts) != len(dense_parts):
            return drawn
        refined = [_refine(one, other, match, bend) for one, other in zip(parts, dense_parts, strict=True)]
        return type(drawn)(refined)
    if drawn.geom_type == "LineString":
        return shapely.LineString(_refine_line(drawn, dense, match, bend))
    rings, dense_rings = (drawn.exterior, *drawn.interiors), (dense.exterior, *dense.interiors)
    if len(rings) != len(dense_rings):
        return drawn
    shell, *holes = [
        _refine_line(one, other, match, bend) for one, other in zip(rings, dense_rings, strict=True)
    ]
    return shapely.Polygon(shell, holes)


def _refine_line(line: BaseGeometry, dense_line: BaseGeometry, match: float, bend: float) -> Points:
    points, dense = shapely.get_coordinates(line), shapely.get_coordinates(dense_line)
    if len(dense) <= len(points):
        return points
    kept = [points[:1]]
    at = 0
    for start, end in pairwise(points):
        near = np.flatnonzero(np.abs(dense[at + 1 :] - end).max(axis=1) < match)
        if not len(near):
            return points
        following = at + 1 + int(near[0])
        between = dense[at + 1 : following]
        if len(between):
            run = shapely.LineString(np.vstack((start, between, end)))
            kept.append(shapely.get_coordinates(shapely.simplify(run, bend, preserve_topology=False))[1:-1])
        kept.append(end[None, :])
        at = following
    return np.vstack(kept)
