"""A parcel as a list of numbered points, to a feature: rings put together, stated figures compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.crs import area_lonlat_m2
from gis.model import Note, Text
from gis.sites.attributes import as_properties
from gis.sites.raw import RawFeature
from gis.sites.rings import nest_rings
from gis.sites.shapes import HOLE_DROPPED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.sites.shapes import ShapeBuilder

    Ring = NDArray[np.float64]

AREA_SHARE = 0.01
"""Stated and computed area may differ by this much before it is said."""


@dataclass(frozen=True, slots=True)
class Vertex:
    """One point of a survey file: east and north as the file's order has them, its ring and its name."""

    east: float
    north: float
    ring: str = "1"
    name: str = ""


@dataclass(slots=True)
class Parcel:
    """One parcel while it is being read.

    Parameters
    ----------
    properties : mapping
        Attributes as the file has them.
    kind : str
        ``polygon``, ``line`` or ``point``.
    stated_count : int or None
        Number of points the file states.
    stated_hectares : float or None
        Area the file states.
    """

    properties: Mapping[str, Any]
    kind: str = "polygon"
    stated_count: int | None = None
    stated_hectares: float | None = None
    vertices: list[Vertex] = field(default_factory=list)

    def coordinates(self) -> Ring:
        """Return all points, shape (n, 2), east first."""
        return np.array([(vertex.east, vertex.north) for vertex in self.vertices], dtype=np.float64).reshape(
            -1, 2
        )

    def split_rings(self) -> list[Ring]:
        """Return the rings: a new one where the number changes, or one came back to its first point."""
        rings: list[list[tuple[float, float]]] = []
        number: str | None = None
        for vertex in self.vertices:
            point = (vertex.east, vertex.north)
            if vertex.ring != number or _is_closed(rings[-1]):
                rings.append([])
                number = vertex.ring
            rings[-1].append(point)
        return [np.array(ring) for ring in rings]


def make_feature(
    index: int, parcel: Parcel, builder: ShapeBuilder, *, warnings: tuple[Note, ...] = ()
) -> RawFeature:
    """Return a parcel as a raw feature, or as one with the reason why there is no geometry.

    Raises
    ------
    SiteError, SiteTooLargeError
        As :class:`~gis.sites.shapes.ShapeBuilder` and :func:`~gis.sites.attributes.as_properties`.
    """
    properties = as_properties(parcel.properties, builder.limits, f"feature {index}")
    geometry, problem, dropped = _shape_of(parcel)
    if geometry is None:
        return RawFeature(index, None, properties, problem=problem, warnings=warnings)
    shape, problem, repairs = builder.build(geometry, index)
    if shape is not None:
        warnings = warnings + compare_count(parcel) + compare_area(parcel, shape)
    # an open ring is how these files are written: to close it is no repair
    kept = tuple(note for note in repairs if note.code != "ring_closed") + dropped
    return RawFeature(index, shape, properties, problem=problem, repairs=kept, warnings=warnings)


def _shape_of(parcel: Parcel) -> tuple[dict[str, Any] | None, Note | None, tuple[Note, ...]]:
    rings = parcel.split_rings()
    if not rings:
        return None, Note("geometry_empty", Text("地块没有坐标", "the parcel has no points")), ()
    if parcel.kind == "point":
        points = parcel.coordinates().tolist()
        return _simple_or_multi("Point", points), None, ()
    if parcel.kind == "line":
        return _simple_or_multi("LineString", [ring.tolist() for ring in rings]), None, ()
    full = [ring for ring in rings if len({tuple(point) for point in ring.tolist()}) >= 3]
    if not full:
        text = Text("界址点不足三个", "fewer than three boundary points")
        return None, Note("too_few_vertices", text), ()
    dropped = (HOLE_DROPPED,) if len(full) < len(rings) else ()
    parts = nest_rings(full)
    return _simple_or_multi("Polygon", parts), None, dropped


def _simple_or_multi(kind: str, parts: list[Any]) -> dict[str, Any]:
    if len(parts) == 1:
        return {"type": kind, "coordinates": parts[0]}
    return {"type": f"Multi{kind}", "coordinates": parts}


def _is_closed(ring: list[tuple[float, float]]) -> bool:
    return len(ring) >= 4 and ring[0] == ring[-1]


def compare_count(parcel: Parcel) -> tuple[Note, ...]:
    """Return a warning when the number of points is not the stated one, closing points counted or not."""
    stated, found = parcel.stated_count, len(parcel.vertices)
    rings = parcel.split_rings()
    closing = sum(len(ring) > 1 and bool((ring[0] == ring[-1]).all()) for ring in rings)
    if stated is None or found - closing <= stated <= found - closing + len(rings):
        return ()
    return (
        Note(
            "point_count",
            Text(
                f"文件称 {stated} 个点，实有 {found} 个", f"the file states {stated} points, it has {found}"
            ),
        ),
    )


def compare_area(parcel: Parcel, shape: BaseGeometry) -> tuple[Note, ...]:
    """Return a warning when the stated hectares differ from the computed ones by more than 1 %."""
    if parcel.stated_hectares is None or shapely.get_dimensions(shape) != 2:
        return ()
    computed = _measure_m2(shape) / 10_000
    if abs(parcel.stated_hectares - computed) <= AREA_SHARE * computed:
        return ()
    return (
        Note(
            "stated_area",
            Text(
                f"文件所写面积 {parcel.stated_hectares:g} 公顷，按坐标为 {computed:.4f} 公顷，相差超过 1 %",
                f"{parcel.stated_hectares:g} ha stated, {computed:.4f} ha by the coordinates: over 1 % apart",
            ),
        ),
    )


def _measure_m2(shape: BaseGeometry) -> float:
    """Return the area of metres as they are, of degrees on the ellipsoid, whatever the order of the axes."""
    west, south, east, north = shapely.bounds(shape)
    if max(abs(west), abs(south), abs(east), abs(north)) >= 400:
        return float(shapely.area(shape))
    if north > 70:
        shape = shapely.transform(shape, lambda xy: xy[:, ::-1])
    return area_lonlat_m2(shape)
