"""Coordinates of an official file → degrees: one reading for the whole table, or a refusal that says why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.errors import CrsError, LayerError
from gis.model import Text
from gis.sites.place import (
    Reading,
    choose_readings,
    describe_outside,
    list_readings,
    suggest_zone,
    to_lonlat,
    zone_error,
)
from gis.sites.system import System, identify_system, parse_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.intake.table import SourceTable

STATED = "cgcs2000"
"""``--datum cgcs2000``: the office states that the coordinates are what they say, shifted or not."""

LONGEST_EDGE_M = 1000.0
"""Edges longer than this are divided before they leave a projection: 1.2 cm off a straight line at most."""


@dataclass(frozen=True, slots=True)
class TableReading:
    """How the coordinates of a table are read, and the rows that have a geometry."""

    reading: Reading
    rows: NDArray[np.intp]
    notes: tuple[Text, ...]


def choose_reading(table: SourceTable, *, crs: str | None = None, datum: str | None = None) -> TableReading:
    """Return how the geometries of a table are to be read: one way for all.

    Parameters
    ----------
    crs : str, optional
        ``EPSG:n`` that wins over what the file says.
    datum : str, optional
        ``gcj02`` or ``bd09`` to undo the shift of web maps; ``cgcs2000`` to state that there is none.

    Raises
    ------
    LayerError
        If no row has a geometry.
    CrsError
        If the system is unknown or of an older datum, metres have no zone, or a feature lies outside the
        region or is read otherwise than the rest.
    """
    shapes = table.geometries
    rows = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    if not len(rows):
        raise no_geometry(table.file)
    system = find_system(table, crs)
    shifted = None if datum == STATED else datum
    readings = list_readings(system, shifted, wgs84_by_rule=table.wgs84_by_rule)
    bounds = shapely.bounds(shapes[rows])
    chosen = choose_readings(bounds, readings)
    check_reading(table, bounds, chosen, rows, readings)
    reading = readings[int(chosen[0])]
    return TableReading(reading, rows, describe_reading(table, reading, crs))


def place_shapes(shapes: NDArray[np.object_], reading: Reading) -> NDArray[np.object_]:
    """Return valid geometries of a file in degrees (EPSG:4490).

    Long edges are straight in the system of the file. Dividing them needs valid geometries: GEOS drops half
    of a bow tie while it divides one.
    """
    dense = shapes if reading.system.degrees else shapely.segmentize(shapes, LONGEST_EDGE_M)
    return to_lonlat(dense, reading)


def no_geometry(where: str) -> LayerError:
    """Return the error for a table without anything to place."""
    return LayerError(
        "文件里没有任何带几何的要素",
        "the file has no feature with a geometry",
        where=where,
        code="layers.empty",
        hint_zh="请检查导出时是否选中了图层",
        hint_en="check that a layer was chosen when the file was exported",
    )


def find_system(table: SourceTable, crs: str | None) -> System | None:
    """Return the system that was given, else the one the file states; None where neither says anything.

    Raises
    ------
    CrsError
        If it is unknown or of an older datum.
    """
    if crs:
        return identify_system(parse_code(crs) or crs, where="--crs")
    return identify_system(table.crs, where=table.file) if table.crs else None


def check_reading(
    table: SourceTable,
    bounds: NDArray[np.float64],
    chosen: NDArray[np.intp],
    rows: NDArray[np.intp],
    readings: tuple[Reading, ...],
) -> None:
    """Refuse a table whose features cannot all be placed in the same way.

    Raises
    ------
    CrsError
        ``crs.zone_missing``, ``crs.outside_region`` or ``crs.contradiction``, naming the first such feature.
    """
    lost = np.flatnonzero(chosen < 0)
    if len(lost):
        first = int(lost[0])
        hint = suggest_zone(bounds[first]) if table.crs is None else None
        if hint is not None and len(lost) == len(chosen):
            raise zone_error(hint, table.file)
        problem = describe_outside(bounds[first], readings[0] if table.crs else None).message
        raise CrsError(
            f"{len(lost)} 个要素无法定位，第一个是第 {int(rows[first])} 个：{problem.zh}",
            f"{len(lost)} features cannot be placed; the first is number {int(rows[first])}: {problem.en}",
            where=table.file,
            code="crs.outside_region",
            hint_zh="请核对坐标系，用 --crs EPSG:n 指明；范围外的要素请先删去",
            hint_en="check the coordinate system and name it with --crs EPSG:n; leave out the rest",
        )
    if len(set(chosen.tolist())) > 1:
        other = int(np.flatnonzero(chosen != chosen[0])[0])
        raise CrsError(
            f"同一文件中坐标写法不一：第 {int(rows[0])} 个要素读作 {readings[chosen[0]].label}，"
            f"第 {int(rows[other])} 个读作 {readings[chosen[other]].label}",
            f"the file mixes ways of writing coordinates: feature {int(rows[0])} reads as "
            f"{readings[chosen[0]].label}, feature {int(rows[other])} as {readings[chosen[other]].label}",
            where=table.file,
            code="crs.contradiction",
            hint_zh="请分成几个文件，或统一坐标系",
            hint_en="split the file, or bring it to one coordinate system",
        )


def describe_reading(table: SourceTable, reading: Reading, crs: str | None) -> tuple[Text, ...]:
    """Return what the office should know of how the coordinates were read."""
    notes = []
    if reading.variant == "guessed":
        notes.append(
            Text(
                f"文件未写坐标系，按数值大小读作 {reading.label}",
                f"the file states no coordinate system; read as {reading.label} by magnitude",
            )
        )
    if reading.variant == "prefix":
        notes.append(
            Text(
                f"坐标的带号与所写坐标系不符，读作 {reading.label}",
                f"the zone prefix differs from the stated system; read as {reading.label}",
            )
        )
    if reading.swapped:
        notes.append(Text("坐标先北后东，已对调", "northing came first; the axes were swapped"))
    if crs and table.crs:
        notes.append(
            Text(
                f"按 --crs 取 {reading.label}，未用文件所写的坐标系",
                f"{reading.label} taken from --crs over the file's own system",
            )
        )
    return tuple(notes)
