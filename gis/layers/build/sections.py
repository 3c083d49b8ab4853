"""Boundary sections: where the main stem passes from one unit to the next, as points on its centreline.

In the lower reaches boundaries run along the middle of the river and the centreline crosses them to and fro.
So the units on the two banks are followed instead: a section belongs where a bank changes hands, and stands
at the nearest crossing of centreline and boundary.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, hypot
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.crs import GEOGRAPHIC, PLANE, to_plane, transform
from gis.layers.build.boundaries import locate_package, read_english_names, read_units
from gis.layers.build.drinking import join_axis
from gis.layers.build.inputs import located, lookup, read_built, read_parameters
from gis.layers.build.water import read_reaches, unit_normals
from gis.layers.build.writer import Feature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.layers.build.boundaries import Unit

WHERE = "monitoring_sections.toml"
BANKS = {"left": ("左岸", "the left bank"), "right": ("右岸", "the right bank")}
BOTH = ("两岸", "both banks")


@dataclass(frozen=True, slots=True)
class Change:
    """Where the unit on one bank changes: `station_m` below the head of the river, plane metres."""

    bank: str
    station_m: float
    above: Unit
    below: Unit


@dataclass(frozen=True, slots=True)
class Section:
    """A crossing of centreline and boundary with the changes it stands for."""

    station_m: float
    changes: tuple[Change, ...]

    @property
    def bank_names(self) -> tuple[str, str]:
        """The bank or banks that change hands, Chinese and English."""
        banks = {change.bank for change in self.changes}
        return BOTH if len(banks) > 1 else BANKS[banks.pop()]


@dataclass(frozen=True, slots=True)
class Ground:
    """The units of one level in the plane, and an index over them."""

    units: tuple[Unit, ...]
    shapes: tuple[BaseGeometry, ...]
    tree: shapely.STRtree

    def find(self, points: NDArray[np.object_]) -> list[Unit | None]:
        """Return the unit each point lies in; None where there is none."""
        found: list[Unit | None] = [None] * len(points)
        for point, unit in self.tree.query(points, predicate="intersects").T[::-1]:
            found[int(point)] = self.units[int(unit)]
        return found


def read_ground(level: str) -> Ground:
    """Return the units of a level (``city``, ``district``) of the installed boundaries.

    Raises
    ------
    LayerError
        If the package is missing or broken.
    """
    units = read_units(locate_package(), level)
    shapes = tuple(to_plane(unit.geometry) for unit in units)
    return Ground(units=units, shapes=shapes, tree=shapely.STRtree(shapes))


def bank_points(workspace_dir: Path, bank: str, beyond_m: float) -> tuple[NDArray[np.float64], Any]:
    """Return stations along the river and points beyond one bank at them, in the plane."""
    reaches = read_reaches(workspace_dir)
    rows = np.vstack([reaches[0].rows, *[reach.rows[1:] for reach in reaches[1:]]])
    stations = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(rows[:, :2], axis=0).T))))
    normals = unit_normals(rows[:, :2])
    half = rows[:, 2:3] if bank == "left" else -rows[:, 3:4]
    return stations, shapely.points(rows[:, :2] + normals * (half + np.sign(half) * beyond_m))


def find_runs(
    units: Sequence[Unit | None], stations: NDArray[np.float64], least_m: float
) -> list[tuple[Unit | None, float, float]]:
    """Return the stretches of one unit (unit, from, to), shorter ones than `least_m` given up."""
    runs: list[tuple[Unit | None, float, float]] = []
    for unit, station in zip(units, stations.tolist(), strict=True):
        runs = _append(runs, (unit, station, station))
    while len(runs) > 1:
        shortest = min(range(len(runs)), key=lambda index: runs[index][2] - runs[index][1])
        if runs[shortest][2] - runs[shortest][1] >= least_m:
            break
        kept, runs = [*runs[:shortest], *runs[shortest + 1 :]], []
        for run in kept:
            runs = _append(runs, run)
    return runs


def _append(
    runs: list[tuple[Unit | None, float, float]], run: tuple[Unit | None, float, float]
) -> list[tuple[Unit | None, float, float]]:
    """Return the runs with one more, joined to the last where it is of the same unit."""
    if runs and runs[-1][0] == run[0]:
        return [*runs[:-1], (run[0], runs[-1][1], run[2])]
    return [*runs, run]


def find_changes(workspace_dir: Path, ground: Ground, parameters: Mapping[str, Any]) -> list[Change]:
    """Return where the banks change hands, down the river."""
    changes: list[Change] = []
    for bank in BANKS:
        stations, points = bank_points(workspace_dir, bank, float(lookup(parameters, "beyond_bank_m", WHERE)))
        runs = find_runs(ground.find(points), stations, float(lookup(parameters, "least_run_m", WHERE)))
        changes.extend(
            Change(bank=bank, station_m=(end + start) / 2, above=above, below=below)
            for (above, _, end), (below, start, _) in pairwise(runs)
            if above is not None and below is not None
        )
    return sorted(changes, key=lambda change: (change.station_m, change.bank))


def find_crossings(axis: shapely.LineString, ground: Ground, units: set[str]) -> list[float]:
    """Return the stations where the centreline crosses the boundary of one of the units (codes)."""
    shapes = [shape for unit, shape in zip(ground.units, ground.shapes, strict=True) if unit.adcode in units]
    points = shapely.get_coordinates(
        [shapely.intersection(axis, shapely.boundary(shape)) for shape in shapes]
    )
    return sorted({round(float(axis.project(shapely.Point(xy))), 3) for xy in points})


def place_sections(
    axis: shapely.LineString, ground: Ground, changes: Sequence[Change], reach_m: float
) -> list[Section]:
    """Return the sections: each change at its nearest crossing, changes of one crossing together."""
    grouped: dict[float, list[Change]] = {}
    for change in changes:
        crossings = find_crossings(axis, ground, {change.above.adcode, change.below.adcode})
        near = [station for station in crossings if abs(station - change.station_m) <= reach_m]
        if near:
            station = min(near, key=lambda value: (abs(value - change.station_m), value))
            grouped.setdefault(station, []).append(change)
    return [Section(station_m=station, changes=tuple(grouped[station])) for station in sorted(grouped)]


def build_monitoring_sections(workspace_dir: Path) -> tuple[Feature, ...]:
    """Return the boundary sections of the main stem, points in degrees.

    Raises
    ------
    LayerError
        If river, boundaries or parameters cannot be read.
    """
    parameters = read_parameters(workspace_dir, "monitoring_sections")
    reaches = read_built(workspace_dir, "river_axis")
    axis = join_axis(reaches)
    names_en = read_english_names(workspace_dir)
    features = [draw_mouth(axis, reaches, lookup(parameters, "mouth", WHERE))]
    for level in lookup(parameters, "level", WHERE):
        ground = read_ground(level["name"])
        changes = find_changes(workspace_dir, ground, parameters)
        if level["name"] == "district":  # a county of another prefecture is at the prefecture's section
            changes = [change for change in changes if change.above.parent == change.below.parent]
        sections = place_sections(axis, ground, changes, float(lookup(parameters, "reach_m", WHERE)))
        features.extend(
            draw_section(section, axis, reaches, parameters=parameters, level=level, names_en=names_en)
            for section in sections
        )
    return tuple(features)


def nearest_reach(point: BaseGeometry, reaches: Mapping[str, Feature]) -> Feature:
    """Return the reach a point of the centreline (plane) lies on."""
    return min(reaches.values(), key=lambda item: float(shapely.distance(to_plane(located(item)), point)))


def draw_section(
    section: Section,
    axis: shapely.LineString,
    reaches: Mapping[str, Feature],
    *,
    parameters: Mapping[str, Any],
    level: Mapping[str, Any],
    names_en: Mapping[str, str],
) -> Feature:
    """Return one section as a point with the two sides it parts named."""
    point = axis.interpolate(section.station_m)
    reach = nearest_reach(point, reaches)
    moved_m = max(abs(change.station_m - section.station_m) for change in section.changes)
    pairs = list(dict.fromkeys((change.above, change.below) for change in section.changes))
    above, below = pairs[0]
    bank_zh, bank_en = section.bank_names
    river_zh = str(reach.properties["reach"])
    river_en = str(reach.properties["name_en"]).partition(" (")[0]
    of_units_zh = "、".join(f"{a.name_zh}—{b.name_zh}" for a, b in pairs)
    of_units_en = ", ".join(
        f"{names_en.get(a.adcode, a.adcode)} to {names_en.get(b.adcode, b.adcode)}" for a, b in pairs
    )
    combined = hypot(
        float(reach.properties["accuracy_m"]), float(lookup(parameters, "boundary_accuracy_m", WHERE))
    )
    properties = {
        "id": f"{above.adcode}_{below.adcode}",
        "name_zh": f"{river_zh}{of_units_zh}{level['title_zh']}",
        "name_en": f"{river_en}, {of_units_en}: {level['title_en']}",
        "kind": level["kind"],
        "status": lookup(parameters, "status", WHERE),
        "source": lookup(parameters, "source", WHERE),
        "method": str(lookup(parameters, "method", WHERE)).format(
            bank_zh=bank_zh, bank_en=bank_en, moved_m=moved_m
        ),
        "accuracy_m": float(ceil((combined + moved_m) / 100) * 100),
        "confidence": "guess",
        "text_order": lookup(parameters, "text_order", WHERE),
        "reach": reach.id,
        "station_km": round(section.station_m / 1000, 1),
        "banks": [
            {"bank": change.bank, "above": change.above.name_zh, "below": change.below.name_zh}
            for change in section.changes
        ],
    }
    return Feature(properties=properties, geometry=transform(point, PLANE, GEOGRAPHIC))


def draw_mouth(axis: shapely.LineString, reaches: Mapping[str, Feature], table: Mapping[str, Any]) -> Feature:
    """Return the section at the lower end of the centreline."""
    point = shapely.get_point(axis, -1)
    reach = nearest_reach(point, reaches)
    properties = {
        **table,
        "accuracy_m": reach.properties["accuracy_m"],
        "confidence": reach.properties["confidence"],
        "reach": reach.id,
        "station_km": round(axis.length / 1000, 1),
    }
    return Feature(properties=properties, geometry=transform(point, PLANE, GEOGRAPHIC))
