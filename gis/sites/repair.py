"""Invalid geometries mended, with what changed and by how many m²; hopeless ones rejected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.crs import area_lonlat_m2
from gis.model import Note, Text
from gis.sites.watch import limit_repair

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

KINDS = {0: "point", 1: "line", 2: "polygon"}
"""Kind of a site by the dimension of its geometry."""

MAX_CROSSINGS = 50_000
"""Self-crossings above which a repair would take longer than 5 s: 120 000 took 3 s, a million 34 s."""

CONFIRM_AREA_M2 = 1.0
CONFIRM_SHARE = 0.001
"""A repair that changes more than both needs a planner's confirmation."""

_SAMPLES = (16, 256, 4096)
_MAX_PAIRS = 300_000
_MAX_BOX_PAIRS = 10_000_000
_LARGE_VERTICES = 50_000
"""Above this a tangle is looked for before GEOS is asked: its validity test of a random ring is quadratic."""


@dataclass(frozen=True, slots=True)
class Mended:
    """A geometry fit for checking (single- or multi-part, one dimension), or the reason there is none."""

    geometry: BaseGeometry | None
    repairs: tuple[Note, ...] = ()
    problem: Note | None = None

    @property
    def kind(self) -> str:
        """``point``, ``line`` or ``polygon``."""
        return KINDS[int(shapely.get_dimensions(self.geometry))]


def mend_geometry(geometry: BaseGeometry, as_lonlat: Callable[[BaseGeometry], BaseGeometry]) -> Mended:
    """Return `geometry` valid and of one dimension.

    Parameters
    ----------
    geometry : shapely geometry
        Two-dimensional, coordinates of the file, finite, not empty.
    as_lonlat : callable
        Takes a geometry of the file to EPSG:4490, for measuring what a repair changed.

    Returns
    -------
    Mended
        A collection of one dimension becomes a multi-part geometry. In a mixed collection parts that lie
        within those of the highest dimension are left out and said; when they reach beyond, the feature is
        rejected: nothing that was drawn goes unchecked unsaid.
    """
    repairs: tuple[Note, ...] = ()
    if geometry.geom_type == "GeometryCollection":
        flat = _flatten_collection(geometry, as_lonlat)
        if flat.geometry is None:
            return flat
        geometry, repairs = flat.geometry, flat.repairs
    elif hold_nothing(np.array([geometry], dtype=object))[0]:
        geometry = drop_nothing(geometry)
    large = shapely.get_num_coordinates(geometry) > _LARGE_VERTICES
    if not (large and estimate_crossings(geometry) > MAX_CROSSINGS) and geometry.is_valid:
        return Mended(geometry, repairs)
    mended = _repair(geometry, as_lonlat)
    return Mended(mended.geometry, repairs + mended.repairs, mended.problem)


def hold_nothing(geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which geometries have an empty part or an empty hole."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    flags = np.zeros(len(geometries), dtype=bool)
    flags[owner[shapely.is_empty(parts)]] = True
    flags[owner[part[shapely.is_empty(rings)]]] = True
    return flags


def drop_nothing(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry that is not empty without its empty parts and holes.

    GEOS 3.14 takes the whole process down when it densifies them.
    """
    return _collect(_simple_parts(geometry), int(shapely.get_dimensions(geometry)))


def _repair(geometry: BaseGeometry, as_lonlat: Callable[[BaseGeometry], BaseGeometry]) -> Mended:
    if estimate_crossings(geometry) > MAX_CROSSINGS:
        return Mended(
            None,
            problem=Note(
                "repair_timeout",
                Text(
                    f"边界自相交超过 {MAX_CROSSINGS} 处，无法在 5 秒内修复",
                    f"the outline crosses itself over {MAX_CROSSINGS} times: no repair within 5 s",
                ),
            ),
        )
    with limit_repair():
        reason = shapely.is_valid_reason(geometry)
        dimension = int(shapely.get_dimensions(geometry))
        valid = _keep_dimension(_make_valid(geometry), dimension)
    if valid is None:
        return Mended(
            None,
            problem=Note(
                "nothing_left",
                Text(
                    f"几何无效（{reason}），修复后没有剩下任何部分",
                    f"invalid ({reason}); nothing is left after repair",
                ),
            ),
        )
    before_m2, after_m2 = _measure_change(as_lonlat(geometry), as_lonlat(valid))
    change_m2 = abs(after_m2 - before_m2)
    serious = change_m2 > CONFIRM_AREA_M2 and change_m2 > CONFIRM_SHARE * max(before_m2, after_m2)
    code = "repaired_needs_confirmation" if serious else "repaired"
    ask_zh, ask_en = ("，请确认", "; please confirm") if serious else ("", "")
    note = Note(
        code,
        Text(
            f"几何无效（{reason}），已修复，面积变化 {change_m2:.2f} m²{ask_zh}",
            f"invalid geometry ({reason}) repaired, area changed by {change_m2:.2f} m²{ask_en}",
        ),
        area_change_m2=change_m2,
    )
    return Mended(valid, (note,))


def _make_valid(geometry: BaseGeometry) -> BaseGeometry:
    """Return `geometry` made valid; empty when GEOS cannot.

    GEOS 3.14 can leave two parts that share an edge where a ring retraces itself: their union is valid.
    """
    fixed = shapely.make_valid(geometry, method="structure")
    if not fixed.is_valid:
        fixed = shapely.union_all(shapely.get_parts(fixed))
    return fixed if fixed.is_valid else shapely.Polygon()


def _measure_change(before: BaseGeometry, after: BaseGeometry) -> tuple[float, float]:
    """Return the areas in m² of a lon/lat geometry as drawn and as repaired.

    The area as drawn counts the turns of its rings: the lobes of a bow-tie cancel. It is taken in degrees and
    scaled by the m² a square degree has in the repaired one: to densify an invalid polygon mends it on the
    way (GEOS buffers it by 0) and would hide the change.
    """
    after_m2 = area_lonlat_m2(after)
    after_deg2 = float(shapely.area(after))
    return (float(shapely.area(before)) * after_m2 / after_deg2 if after_deg2 else 0.0), after_m2


def _flatten_collection(geometry: BaseGeometry, as_lonlat: Callable[[BaseGeometry], BaseGeometry]) -> Mended:
    """Return a collection as one multi-part geometry of its highest dimension."""
    dimension = int(shapely.get_dimensions(geometry))
    parts = _simple_parts(geometry)
    kept = _collect(parts, dimension)
    rest = [part for part in parts if shapely.get_dimensions(part) != dimension]
    repairs: tuple[Note, ...] = ()
    if not kept.is_valid:
        mended = _repair(kept, as_lonlat)
        if mended.geometry is None:
            return mended
        kept, repairs = mended.geometry, mended.repairs
    if not rest:
        return Mended(kept, repairs)
    if not all(kept.covers(part) for part in rest):
        return Mended(
            None,
            problem=Note(
                "mixed_dimensions",
                Text(
                    "一个要素里同时有面、线或点，且互不包含；请拆成几个要素",
                    "one feature mixes areas, lines or points that do not lie within each other; split it",
                ),
            ),
        )
    note = Note(
        "inner_parts_dropped",
        Text(
            f"集合中 {len(rest)} 个较低维的部分位于主体之内，已略去",
            f"{len(rest)} parts of lower dimension that lie within the main part were left out",
        ),
        area_change_m2=0.0,
    )
    return Mended(kept, (*repairs, note))


def _simple_parts(geometry: BaseGeometry) -> list[BaseGeometry]:
    """Return the points, lines and polygons of a nested collection, without empty ones and empty holes."""
    parts = [geometry]
    while any(hasattr(part, "geoms") for part in parts):
        parts = list(shapely.get_parts(np.array(parts, dtype=object)))
    return [_drop_holes(part) for part in parts if not part.is_empty]


def _drop_holes(part: BaseGeometry) -> BaseGeometry:
    """Return a part without its empty holes."""
    if part.geom_type != "Polygon" or not shapely.is_empty(shapely.get_rings(part)).any():
        return part
    shell, *holes = shapely.get_rings(part)
    return shapely.Polygon(shell, [hole for hole in holes if not hole.is_empty])


def _collect(parts: list[BaseGeometry], dimension: int) -> BaseGeometry:
    kept = [part for part in parts if shapely.get_dimensions(part) == dimension]
    if len(kept) == 1:
        return kept[0]
    collect: Callable[..., Any] = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[
        dimension
    ]
    whole: BaseGeometry = collect(kept)
    return whole


def settle_shapes(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return geometries, those mended that a change of system broke in the last digit of a vertex."""
    broken = np.flatnonzero(~shapely.is_valid(shapes))
    if not len(broken):
        return shapes
    settled = shapes.copy()
    for place in broken:
        shape = settled[place]
        mended = _keep_dimension(_make_valid(shape), int(shapely.get_dimensions(shape)))
        settled[place] = shape if mended is None else mended
    return settled


def _keep_dimension(geometry: BaseGeometry, dimension: int) -> BaseGeometry | None:
    if shapely.get_dimensions(geometry) != dimension or geometry.is_empty:
        return None
    if geometry.geom_type == "GeometryCollection":
        return _collect(_simple_parts(geometry), dimension)
    return geometry


def estimate_crossings(geometry: BaseGeometry) -> float:
    """Return about how often edges of `geometry` cross or touch others they share no vertex with.

    Exact up to 4 096 edges. A few edges are looked at first, more only while the answer is open, and of the
    pairs whose boxes meet no more than a fixed number, so that a million random vertices are answered as
    fast as a few thousand.
    """
    edges = _edges(geometry)
    if len(edges) < 4:
        return 0.0
    tree = shapely.STRtree(edges)
    estimate, boxes_per_edge = 0.0, 1.0
    for most in _SAMPLES:
        size = max(_SAMPLES[0], min(most, int(_MAX_BOX_PAIRS / boxes_per_edge)))
        step = max(1, len(edges) // size)
        picked = np.arange(step // 2, len(edges), step)
        left, right = tree.query(edges[picked])
        boxes_per_edge = max(1.0, len(left) / len(picked))
        thin = max(1, len(left) // _MAX_PAIRS)
        met = _count_meeting(edges[picked[left[::thin]]], edges[right[::thin]]) * thin
        # a crossing is seen from both its edges
        estimate = met / 2 * len(edges) / len(picked)
        if step == 1 or estimate > 20 * MAX_CROSSINGS:
            break
    return estimate


def _count_meeting(left: NDArray[np.object_], right: NDArray[np.object_]) -> int:
    """Return how many pairs of edges meet without sharing a vertex: itself and neighbours do not count."""
    ends_left = shapely.get_coordinates(left).reshape(-1, 2, 1, 2)
    ends_right = shapely.get_coordinates(right).reshape(-1, 1, 2, 2)
    apart = ~(ends_left == ends_right).all(axis=3).any(axis=(1, 2))
    return int(shapely.intersects(left[apart], right[apart]).sum())


def _edges(geometry: BaseGeometry) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    rings = (
        shapely.get_rings(geometry) if shapely.get_dimensions(geometry) == 2 else shapely.get_parts(geometry)
    )
    coordinates, owner = shapely.get_coordinates(rings, return_index=True)
    joined = np.flatnonzero(owner[:-1] == owner[1:])
    return np.asarray(shapely.linestrings(np.stack((coordinates[joined], coordinates[joined + 1]), axis=1)))
