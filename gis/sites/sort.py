"""Raw features of one table sorted into sites and rejected ones; each comes out exactly once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis import crs
from gis.errors import CrsError, SiteTooLargeError
from gis.model import Note, Rejected, Site, Text
from gis.sites.attributes import find_name
from gis.sites.place import (
    choose_readings,
    count_dense,
    describe_outside,
    list_readings,
    place_shapes,
    suggest_zone,
    to_lonlat,
    zone_error,
)
from gis.sites.raw import LIMITS
from gis.sites.repair import Mended, mend_geometry, settle_shapes
from gis.sites.watch import repair_subject

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from gis.sites.place import Reading
    from gis.sites.raw import RawFeature, RawTable
    from gis.sites.system import System

SWAPPED = Note(
    "axes_swapped",
    Text("X、Y（或经、纬度）互换，已按数值大小对调", "x and y were swapped; put right by magnitude"),
)
PREFIX = Note(
    "zone_prefix",
    Text(
        "坐标的带号前缀与所写坐标系不一致，按同一中央经线读取",
        "zone prefix differs from the stated system; same meridian",
    ),
)


@dataclass(frozen=True, slots=True)
class Sorted:
    """The outcome of each feature, the systems read, and what is to be said of the file."""

    outcomes: list[Site | Rejected]
    labels: tuple[str, ...]
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class _Owner:
    """Where a feature comes from."""

    stem: str
    file: str | None


def sort_features(
    table: RawTable,
    system: System | None,
    datum: str | None,
    *,
    stem: str,
    file: str | None,
    where: str,
    alone: bool = True,
) -> Sorted:
    """Return every feature as a site or as rejected, in the order of the file.

    Parameters
    ----------
    system : System or None
        What the coordinates are said to be in; None: decided by magnitude.
    stem, file : str
        For site ids and records.
    alone : bool
        Whether these are all features there are: others have been placed when not, and zoneless metres among
        them are rejected singly.

    Raises
    ------
    CrsError
        If the whole table is in metres without a zone, or contradicts the system stated.
    SiteTooLargeError
        If its edges are too long to be densified.
    """
    owner = _Owner(stem, file)
    readings = list_readings(system, datum, wgs84_by_rule=table.wgs84_by_rule)
    outcomes: dict[int, Site | Rejected] = {}
    usable = []
    for feature in table.features:
        problem = find_problem(feature)
        if problem is None:
            usable.append(feature)
        else:
            outcomes[feature.index] = _reject(feature, problem, owner)
    bounds = shapely.bounds(np.array([feature.geometry for feature in usable], dtype=object)).reshape(-1, 4)
    chosen = choose_readings(bounds, readings)
    unplaced = [(usable[i], bounds[i]) for i in np.flatnonzero(chosen < 0)]
    outcomes |= _reject_unplaced(
        unplaced, readings[0], system, owner, where=where, alone=alone and len(unplaced) == len(usable)
    )
    used = [readings[number] for number in np.unique(chosen[chosen >= 0])]
    for reading in used:
        group = [usable[i] for i in np.flatnonzero(chosen == readings.index(reading))]
        outcomes |= _make_sites(group, reading, owner, where)
    return Sorted(
        [outcomes[feature.index] for feature in table.features],
        tuple(dict.fromkeys(reading.label for reading in used)),
        tuple(dict.fromkeys(note for reading in used for note in _describe_reading(reading))),
    )


def find_problem(feature: RawFeature) -> Note | None:
    """Return why a feature cannot be placed anywhere; None when nothing is known against it."""
    if feature.problem is not None:
        return feature.problem
    if feature.geometry is None:
        return Note("geometry_null", Text("没有几何（null）", "no geometry (null)"))
    if feature.geometry.is_empty:
        return Note("geometry_empty", Text("几何是空的", "the geometry is empty"))
    return None


def _reject(feature: RawFeature, problem: Note, owner: _Owner) -> Rejected:
    return Rejected(owner.file, feature.index, find_name(feature.properties), problem.code, problem.message)


def _reject_unplaced(
    unplaced: list[tuple[RawFeature, np.ndarray[tuple[int], np.dtype[np.float64]]]],
    first: Reading,
    system: System | None,
    owner: _Owner,
    *,
    where: str,
    alone: bool,
) -> dict[int, Site | Rejected]:
    """Return features no reading places as rejected; a file that is all zoneless metres raises."""
    rejected: dict[int, Site | Rejected] = {}
    as_read = None if system is None and first.datum is None else first
    zoneless = []
    for feature, bounds in unplaced:
        zone = suggest_zone(bounds) if as_read is None or as_read.system.degrees else None
        zoneless.append(zone)
        rejected[feature.index] = _reject(feature, zone or describe_outside(bounds, as_read), owner)
    if alone and zoneless and zoneless[0] is not None and all(zoneless):
        if as_read is None:
            raise zone_error(zoneless[0], where)
        raise _contradiction(zoneless[0], as_read, where)
    return rejected


def _contradiction(zone: Note, stated: Reading, where: str) -> CrsError:
    return CrsError(
        f"文件称坐标系为 {stated.label}（度），但数值是米：{zone.message.zh}",
        f"the file says {stated.label} (degrees) but the numbers are metres: {zone.message.en}",
        where=where,
        code="crs.contradiction",
        hint_zh="用 --crs 指明正确的坐标系",
        hint_en="name the right system with --crs",
    )


def _make_sites(
    group: list[RawFeature], reading: Reading, owner: _Owner, where: str
) -> dict[int, Site | Rejected]:
    """Return features of one reading as sites, or as rejected when beyond repair or partly outside."""
    outcomes: dict[int, Site | Rejected] = {}

    def as_lonlat(geometry: BaseGeometry) -> BaseGeometry:
        moved: BaseGeometry = to_lonlat(np.array([geometry], dtype=object), reading)[0]
        return moved

    fit: list[tuple[RawFeature, Mended]] = []
    drawn = np.array([feature.geometry for feature in group], dtype=object)
    landed = shapely.bounds(to_lonlat(drawn, reading))
    for feature, shape, bounds in zip(group, drawn, landed, strict=True):
        repair_subject.set(f"{where}, feature {feature.index}")
        if crs.in_region(tuple(bounds)):
            mended = mend_geometry(shape, as_lonlat)
        else:
            mended = Mended(None, problem=describe_outside(shapely.bounds(shape), reading))
        if mended.geometry is None:
            outcomes[feature.index] = _reject(feature, mended.problem or _EMPTY, owner)
        else:
            fit.append((feature, mended))
    if not fit:
        return outcomes
    shapes = np.array([mended.geometry for _, mended in fit], dtype=object)
    _check_density(shapes, reading, where)
    placed = place_shapes(shapes, reading)
    warnings = warn_of_reading(reading)
    lonlats = placed.lonlat if reading.is_plain else settle_shapes(placed.lonlat)
    for (feature, mended), lonlat, plane in zip(fit, lonlats, settle_shapes(placed.plane), strict=True):
        outcomes[feature.index] = Site(
            site_id=f"{owner.stem}-{feature.index}",
            file=owner.file,
            index=feature.index,
            name=find_name(feature.properties),
            kind=mended.kind,
            properties=feature.properties,
            geometry=lonlat,
            geometry_plane=plane,
            repairs=feature.repairs + mended.repairs,
            warnings=feature.warnings + warnings,
        )
    return outcomes


_EMPTY = Note("geometry_empty", Text("几何是空的", "the geometry is empty"))


def _check_density(
    shapes: np.ndarray[tuple[int], np.dtype[np.object_]], reading: Reading, where: str
) -> None:
    if float(count_dense(shapes, reading).sum()) > LIMITS.dense_vertices:
        raise SiteTooLargeError(
            f"边线过长：按 100 m 加密后多于 {LIMITS.dense_vertices} 个顶点",
            f"the edges are too long: more than {LIMITS.dense_vertices} vertices once densified to 100 m",
            where=where,
            hint_zh="请分成几个文件，或检查几何是否错误",
            hint_en="split the file, or check whether the geometry is wrong",
        )


def warn_of_reading(reading: Reading) -> tuple[Note, ...]:
    """Return what is said of every site of a reading that is not as stated."""
    return ((SWAPPED,) if reading.swapped else ()) + ((PREFIX,) if reading.variant == "prefix" else ())


def _describe_reading(reading: Reading) -> tuple[Text, ...]:
    notes = [note.message for note in warn_of_reading(reading)]
    if reading.variant == "guessed":
        notes.append(
            Text(
                f"文件没有写坐标系，按数值大小取 {reading.label}",
                f"no coordinate system in the file: {reading.label} taken by magnitude",
            )
        )
    if reading.datum is not None:
        notes.append(
            Text(
                f"按声明由 {reading.label} 还原为 CGCS2000",
                f"taken from {reading.label}, as declared, to CGCS2000",
            )
        )
    elif not reading.system.geographic and reading.system.meridian_deg is None:
        notes.append(
            Text(f"由 {reading.label} 转换为 CGCS2000", f"transformed from {reading.label} to CGCS2000")
        )
    return tuple(notes)
