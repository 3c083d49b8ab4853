"""The main stem of the Qiantang: ``layers/sources/river_axis.toml`` → centreline and water by reach.

One list of stations (position and width) from the dam to the bay makes both layers: a spline through the
stations is the centreline, the spline with its widths the water. The water is drawn as one piece and cut
across at the nodes, so neighbouring reaches share their cut exactly. The estuary's water is completed by the
sea landward of the Ganpu section (see :mod:`gis.layers.build.coast`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely import ops

from gis.crs import GEOGRAPHIC, PLANE, transform
from gis.errors import LayerError
from gis.layers.build.coast import LICENCE_NOTE, read_seas, split_seas
from gis.layers.build.shapes import smooth_axis
from gis.layers.build.tables import read_tables
from gis.layers.build.writer import Feature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

TOLERANCE_M = 8.0
"""Spline and banks are thinned to this after interpolation."""

SLIT_M = 0.5

MOUTH_GAP_DEG = 0.0005
"""The belt stops 50 m short of the mouth line, where the sea of the crop alone makes the estuary."""

CUT_RATIO = 1.5
"""A cut across the river at a node is this many widths long."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One reach: its table in the source and its spline, plane metres, upstream to downstream.

    Parameters
    ----------
    rows : array, shape (n, 4)
        x, y, half width left, half width right.
    """

    table: Mapping[str, Any]
    rows: NDArray[np.float64]

    @property
    def id(self) -> str:
        """The reach's id."""
        return str(self.table["id"])


def read_stations(table: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return the stations of a reach, shape (n, 4): x, y in the plane, half width left and right, metres.

    Raises
    ------
    LayerError
        If a stretch does not say what it was read from, or has no stations.
    """
    stations: list[Sequence[float]] = []
    for stretch in table.get("stretch", ()):
        if not stretch.get("read_from") or not stretch.get("stations"):
            raise source_error(
                table["id"],
                "每段都要有 stations 并用 read_from 说明读自何处",
                "every stretch needs stations and must say in read_from what they were read from",
            )
        stations.extend(stretch["stations"])
    if len(stations) < 2:
        raise source_error(table["id"], "河段至少要有两个断面", "a reach needs at least two stations")
    rows = np.asarray(stations, dtype=np.float64)
    xy = shapely.get_coordinates(transform(shapely.LineString(rows[:, :2]), GEOGRAPHIC, PLANE))
    return np.column_stack((xy, rows[:, 2] / 2, rows[:, 2] / 2))


def source_error(reach_id: str, zh: str, en: str) -> LayerError:
    """Return the error for a reach that cannot be drawn."""
    return LayerError(zh, en, where=f"river_axis.toml: {reach_id}", code="layers.source")


def read_reaches(workspace_dir: Path) -> tuple[Reach, ...]:
    """Return the reaches of the main stem from the source, upstream to downstream, on one common spline.

    Raises
    ------
    LayerError
        If the source is missing, or a reach does not begin where the one above it ends.
    """
    tables = read_tables(workspace_dir / "layers" / "sources" / "river_axis.toml", "reach")
    parts = [read_stations(table) for table in tables]
    for (upper, above), (lower, below) in pairwise(zip(tables, parts, strict=True)):
        if upper.get("downstream_id") != lower["id"] or not np.array_equal(above[-1], below[0]):
            raise source_error(
                lower["id"],
                f"河段 {lower['id']} 的起点必须是上游河段 {upper['id']} 的终点",
                f"reach {lower['id']} must begin at the last station of {upper['id']}, upstream of it",
            )
    spline = smooth_axis(np.vstack([parts[0], *[part[1:] for part in parts[1:]]]))
    nodes = [0, *[locate_row(spline, part[-1]) for part in parts]]
    return tuple(
        Reach(table=table, rows=spline[a : b + 1])
        for table, (a, b) in zip(tables, pairwise(nodes), strict=True)
    )


def locate_row(spline: NDArray[np.float64], station: NDArray[np.float64]) -> int:
    """Return the row of the spline at a station, which it passes through."""
    return int(np.hypot(*(spline[:, :2] - station[:2]).T).argmin())


def draw_stem(reaches: Sequence[Reach]) -> BaseGeometry:
    """Return the water of all reaches as one plane polygon: quads between sections, discs at them."""
    rows = np.vstack([reaches[0].rows, *[reach.rows[1:] for reach in reaches[1:]]])
    xy, normal = rows[:, :2], unit_normals(rows[:, :2])
    left, right = xy + normal * rows[:, 2:3], xy - normal * rows[:, 3:4]
    corners = np.stack((left[:-1], left[1:], right[1:], right[:-1]), axis=1)
    quads = shapely.convex_hull(shapely.multipoints(corners))
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))))
    inner = (along > rows[:, 2]) & (along[-1] - along > rows[:, 2])
    discs = shapely.buffer(shapely.points(xy[inner]), rows[inner, 2], quad_segs=16)
    # Cross-sections shared by two quads leave slits of rounding; no island is drawn, so no hole is meant.
    pieces = [*shapely.get_parts(quads).tolist(), *shapely.get_parts(discs).tolist()]
    stem = shapely.get_parts(shapely.union_all(pieces).buffer(SLIT_M, join_style="mitre"))
    outline = shapely.Polygon(shapely.get_exterior_ring(stem[0]))
    return shapely.simplify(outline.buffer(-SLIT_M, join_style="mitre"), TOLERANCE_M)


def unit_normals(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the unit normals to the left of a line, shape (n, 2)."""
    direction = np.gradient(xy, axis=0)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    return np.column_stack((-direction[:, 1], direction[:, 0]))


def cut_across(water: BaseGeometry, reaches: Sequence[Reach]) -> tuple[BaseGeometry, ...]:
    """Return the water of each reach: `water` cut square to the axis at the nodes, plane metres.

    Raises
    ------
    LayerError
        If a cut does not part the water in two.
    """
    pieces: list[BaseGeometry] = []
    rest = water
    for upper, lower in pairwise(reaches):
        joint = np.vstack((upper.rows, lower.rows[1:]))
        index = len(upper.rows) - 1
        normal = unit_normals(joint[:, :2])[index] * joint[index, 2] * CUT_RATIO
        node = joint[index, :2]
        parts = shapely.get_parts(ops.split(rest, shapely.LineString([node - normal, node + normal])))
        axis = shapely.LineString(upper.rows[:, :2])
        shares = shapely.length(shapely.intersection(parts, axis))
        if len(parts) < 2:
            raise source_error(lower.id, "断面线未能切开水面", "the cut at its head does not part the water")
        above = int(shares.argmax())
        pieces.append(parts[above])
        rest = shapely.union_all(np.delete(parts, above))
    return (*pieces, rest)


def build_river_axis(workspace_dir: Path) -> tuple[Feature, ...]:
    """Return the centrelines by reach, lines in degrees, drawn downstream; neighbours share their end point.

    Raises
    ------
    LayerError
        If the source cannot be read or its reaches do not join.
    """
    features = []
    for reach in read_reaches(workspace_dir):
        line = shapely.simplify(shapely.LineString(reach.rows[:, :2]), TOLERANCE_M)
        features.append(
            Feature(
                properties={
                    **describe_reach(reach),
                    "kind": "river_axis",
                    "flow": "downstream",
                    "downstream_id": reach.table.get("downstream_id"),
                    "length_km": round(shapely.length(line) / 1000, 1),
                },
                geometry=transform(line, PLANE, GEOGRAPHIC),
            )
        )
    return tuple(features)


def describe_reach(reach: Reach) -> dict[str, Any]:
    """Return the properties centreline and water of a reach have in common."""
    names = ("id", "name_zh", "name_en", "method", "accuracy_m", "confidence", "text_order")
    return {
        **{name: reach.table.get(name) for name in names},
        "source": f"{reach.table['source']}; {LICENCE_NOTE}",
        "reach": reach.table["name_zh"].partition("（")[0],
    }


def build_river_water(workspace_dir: Path) -> tuple[Feature, ...]:
    """Return the water surfaces by reach, polygons in degrees; neighbours share their cut and do not overlap.

    Raises
    ------
    LayerError
        If the source or the crop of the seas cannot be read, or the reaches do not join.
    """
    reaches = read_reaches(workspace_dir)
    landward, open_sea = split_seas(read_seas(workspace_dir))
    return tuple(
        water_feature(reach, transform(water, PLANE, GEOGRAPHIC), landward, open_sea)
        for reach, water in zip(reaches, cut_across(draw_stem(reaches), reaches), strict=True)
    )


def water_feature(
    reach: Reach, water: BaseGeometry, landward: BaseGeometry, open_sea: BaseGeometry
) -> Feature:
    """Return the water of one reach; one that joins the sea takes the sea landward of its mouth."""
    if reach.table.get("joins_sea"):
        water = shapely.union(shapely.difference(water, open_sea.buffer(MOUTH_GAP_DEG)), landward)
    properties = {**describe_reach(reach), "kind": reach.table["water_kind"]}
    return Feature(properties=properties, geometry=water)
