"""Coordinates of a file to a place on the ground: which reading of the numbers lands in the region.

A reading is a coordinate system, an axis order and a datum. With a system stated only its own variants are
tried (axes swapped; zone prefix left out or added); with none stated, degrees and the prefixed 3-degree
zones are told apart by magnitude. Metres without a zone fit two or three zones and are never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis import crs
from gis.datum import DATUMS, to_wgs84
from gis.errors import CrsError
from gis.model import Note, Text
from gis.sites.system import LONLAT, PREFIXED, UNPREFIXED, WGS84, System

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Points = NDArray[np.float64]
    Shapes = NDArray[np.object_]

_NORTHINGS_M = (2_900_000.0, 3_750_000.0)
_EASTINGS_M = (100_000.0, 900_000.0)

_MOVED_M = 200_000_000.0
"""Coordinates a projection cannot take become this far off: finite, and outside every region."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the numbers: system, axis order, datum; `variant` when not as stated."""

    system: System
    swapped: bool = False
    datum: str | None = None
    variant: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the numbers are degrees of EPSG:4490, lon first, as they stand."""
        return self.keeps_degrees and not self.swapped

    @property
    def keeps_degrees(self) -> bool:
        """Whether edges straight in the file are straight in EPSG:4490."""
        return self.system.geographic and self.datum is None

    @property
    def step(self) -> float | None:
        """The longest edge kept, in units of the file; None in the working plane, where edges stay."""
        if self.system.source == crs.PLANE:
            return None
        return crs.MAX_EDGE_DEG if self.system.degrees else crs.MAX_EDGE_M

    @property
    def label(self) -> str:
        """What the user is told: ``EPSG:n``, or the shifted datum."""
        return {"gcj02": "GCJ-02", "bd09": "BD-09"}.get(self.datum or "", self.system.label)


@dataclass(frozen=True, slots=True)
class Placed:
    """Geometries in place: `lonlat` vertex by vertex, `plane` densified in the system of the file."""

    lonlat: Shapes
    plane: Shapes


def list_readings(
    system: System | None, datum: str | None, *, wgs84_by_rule: bool = False
) -> tuple[Reading, ...]:
    """Return the readings to try, best first.

    Parameters
    ----------
    system : System or None
        What is stated; None: degrees, then the prefixed 3-degree zones.
    datum : str or None
        Shifted datum declared for the file.
    wgs84_by_rule : bool
        Degrees without a stated system are WGS 84 by the rule of the format, not by a guess.

    Raises
    ------
    CrsError
        If `datum` is unknown, or is given for a system in metres.
    """
    if datum is not None:
        return _list_shifted(system, datum)
    if system is None:
        degrees = Reading(WGS84) if wgs84_by_rule else Reading(LONLAT, variant="guessed")
        tried = [degrees, *(Reading(zone, variant="guessed") for zone in PREFIXED)]
    else:
        tried = [Reading(system)]
        if system.meridian_deg is not None:
            family = PREFIXED if system in UNPREFIXED else UNPREFIXED
            tried += [
                Reading(other, variant="prefix")
                for other in family
                if other.meridian_deg == system.meridian_deg
            ]
    return tuple(
        Reading(reading.system, swapped=swapped, variant=reading.variant)
        for reading in tried
        for swapped in (False, True)
    )


def _list_shifted(system: System | None, datum: str) -> tuple[Reading, ...]:
    if datum not in DATUMS:
        to_wgs84(np.empty((0, 2)), datum)
    if system is not None and not system.geographic:
        raise CrsError(
            f"--datum {datum} 只用于经纬度，而坐标系是 {system.label}",
            f"--datum {datum} is for longitude/latitude, but the coordinate system is {system.label}",
            where="--datum",
            code="crs.datum_needs_degrees",
            hint_zh="投影坐标不要加 --datum",
            hint_en="leave --datum out for projected coordinates",
        )
    return tuple(Reading(LONLAT, swapped=swapped, datum=datum) for swapped in (False, True))


def choose_readings(bounds: NDArray[np.float64], readings: tuple[Reading, ...]) -> NDArray[np.intp]:
    """Return for each (x_min, y_min, x_max, y_max) the first reading whose centre is in the region, or -1."""
    centres = (bounds[:, :2] + bounds[:, 2:]) / 2
    chosen = np.full(len(bounds), -1, dtype=np.intp)
    for number, reading in enumerate(readings):
        open_ = np.flatnonzero(chosen < 0)
        if not len(open_):
            break
        chosen[open_[_in_region(read_points(centres[open_], reading))]] = number
    return chosen


def _in_region(lonlat: Points) -> NDArray[np.bool_]:
    west, south, east, north = crs.REGION
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def read_points(xy: Points, reading: Reading) -> Points:
    """Return points of a file in degrees (EPSG:4490), lon first; far outside when they cannot be placed."""
    points = xy[:, ::-1] if reading.swapped else xy
    if reading.system.geographic:
        lonlat = points
        if reading.datum is not None:
            near = _in_region(points)
            lonlat = np.where(near[:, None], points, _MOVED_M)
            lonlat[near] = to_wgs84(points[near], reading.datum)
    else:
        move = crs.transformer(reading.system.source, crs.GEOGRAPHIC)
        lonlat = np.column_stack(move.transform(points[:, 0], points[:, 1]))
    return np.where(np.isfinite(lonlat), lonlat, _MOVED_M)


def count_dense(shapes: Shapes, reading: Reading) -> NDArray[np.float64]:
    """Return about how many vertices each geometry has once its edges are densified."""
    step = reading.step or crs.MAX_EDGE_M
    return np.asarray(shapely.get_num_coordinates(shapes) + shapely.length(shapes) / step)


def to_lonlat(shapes: Shapes, reading: Reading) -> Shapes:
    """Return geometries of a file in EPSG:4490, vertex by vertex; the same ones where nothing moves."""
    if reading.is_plain:
        return shapes
    return np.asarray(shapely.transform(shapes, lambda xy: read_points(xy, reading)), dtype=object)


def read_plane(xy: Points, reading: Reading) -> tuple[Points | None, Points]:
    """Return points of a file in degrees (None where it is in metres) and in the working plane EPSG:4549."""
    if reading.system.geographic:
        source, degrees = crs.GEOGRAPHIC, read_points(xy, reading)
        points = degrees
    else:
        source, degrees = reading.system.source, None
        points = xy[:, ::-1] if reading.swapped else xy
    move = crs.transformer(source, crs.PLANE)
    return degrees, np.column_stack(move.transform(points[:, 0], points[:, 1]))


def place_shapes(shapes: Shapes, reading: Reading) -> Placed:
    """Return geometries of a file, all of one reading, in EPSG:4490 and in the working plane EPSG:4549.

    Edges are straight in the system of the file: the plane geometry is densified to 100 m there first.
    """
    lonlat = to_lonlat(shapes, reading)
    dense = shapely.segmentize(shapes, reading.step) if reading.step is not None else shapes
    plane = shapely.transform(dense, lambda xy: read_plane(xy, reading)[1])
    return Placed(lonlat, np.asarray(plane, dtype=object))


def describe_outside(shape_bounds: NDArray[np.float64], reading: Reading | None) -> Note:
    """Return why a feature with these bounds cannot be placed: its coordinates, and where they land."""
    west, south, east, north = crs.REGION
    x_min, y_min, x_max, y_max = (f"{value:.10g}" for value in shape_bounds)
    shown = (
        f"({x_min}, {y_min})"
        if x_min == x_max and y_min == y_max
        else f"({x_min}, {y_min})–({x_max}, {y_max})"
    )
    zh, en = f"坐标 {shown}", f"coordinates {shown}"
    if reading is not None:
        corners = read_points(shape_bounds.reshape(2, 2), reading)
        if (np.abs(corners) <= 360).all():
            landing = " – ".join(f"{lon:.5f}°E {lat:.5f}°N" for lon, lat in np.unique(corners, axis=0))
            zh += f"（{reading.label} 读作 {landing}）"
            en += f" (read as {reading.label}: {landing})"
    return Note(
        "outside_region",
        Text(
            f"{zh} 落在服务范围 {west:g}–{east:g}°E、{south:g}–{north:g}°N 之外",
            f"{en} lie outside the region served, {west:g}–{east:g}°E, {south:g}–{north:g}°N",
        ),
    )


def suggest_zone(bounds: NDArray[np.float64]) -> Note | None:
    """Return, for metres without a zone, the 117°, 120°, 123° readings that land in the region; else None."""
    centre = (bounds[:2] + bounds[2:]) / 2
    east, north = (float(centre.max()), float(centre.min()))[::-1]
    if not (_EASTINGS_M[0] <= east <= _EASTINGS_M[1] and _NORTHINGS_M[0] <= north <= _NORTHINGS_M[1]):
        return None
    point = np.array([[east, north]])
    landings = []
    for system in UNPREFIXED:
        lonlat = read_points(point, Reading(system))
        if _in_region(lonlat)[0]:
            lon, lat = lonlat[0]
            landings.append((system, f"{lon:.4f}°E {lat:.4f}°N"))
    zh = "；".join(
        f"中央经线 {system.meridian_deg}°（--crs {system.label}）→ {spot}" for system, spot in landings
    )
    en = "; ".join(
        f"central meridian {system.meridian_deg}° (--crs {system.label}) → {spot}"
        for system, spot in landings
    )
    return Note(
        "zone_missing",
        Text(
            f"坐标 ({east:.3f}, {north:.3f}) 是米，但没有带号或坐标系，可能是：{zh or '范围内没有任何读法'}",
            f"coordinates ({east:.3f}, {north:.3f}) are metres without zone or system; they may be: "
            f"{en or 'no reading lands in the region'}",
        ),
    )


def zone_error(problem: Note, where: str) -> CrsError:
    """Return the error for a file that is all in metres without a zone."""
    return CrsError(
        problem.message.zh,
        problem.message.en,
        where=where,
        code="crs.zone_missing",
        hint_zh="用 --crs 指明其中之一",
        hint_en="name one of them with --crs",
    )
