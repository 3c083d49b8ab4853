"""Administrative units on a sheet: their borders as lines, and the units themselves for their names.

A border that two units share is drawn once, one of a lower level not under one of a higher. What bounds a
unit against the sea is left to the coastline, of which the units have a rougher copy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import shapely

from gis.sheets.draw import line_parts, polygon_parts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

    from gis.sheets.content import MapFeature
    from gis.sheets.definition import NameRules
    from gis.sheets.frame import PaperFrame

SEA = "sea"
"""Kind of the sea's surface."""

COAST_M = 2500.0
"""So far from the sea the outer limit of a unit is taken for its coast."""

SAME_MM = 0.12
"""Lines nearer than this on paper are one."""

SHORT_MM = 1.0
"""Pieces of border shorter than this, left between two copies of one line, are dropped."""


@dataclass(frozen=True, slots=True)
class Units:
    """Administrative units of a sheet.

    Parameters
    ----------
    rest : tuple of MapFeature
        Everything else, and a feature a kind of border: its lines.
    named : tuple of MapFeature
        The units, styled for their names; they are not drawn.
    """

    rest: tuple[MapFeature, ...]
    named: tuple[MapFeature, ...]


def split_units(features: Sequence[MapFeature], paper: PaperFrame, names: Mapping[str, NameRules]) -> Units:
    """Part the units of a sheet from its other features and make border lines of them.

    Units are the surfaces of the context whose style fills nothing.
    """
    units = [feature for feature in features if is_unit(feature)]
    rest = [feature for feature in features if not is_unit(feature)]
    sea = [feature.geometry for feature in rest if feature.kind == SEA]
    coast = shapely.buffer(shapely.union_all(sea), COAST_M * 1000 / paper.area.scale) if sea else None
    drawn: list[BaseGeometry] = []
    made: list[MapFeature] = []
    for kind in sorted({unit.kind for unit in units}, key=lambda kind: -order_of(units, kind)):
        members = [unit for unit in units if unit.kind == kind]
        lines = border_lines([unit.geometry for unit in members], coast)
        if drawn:
            lines = shapely.difference(lines, shapely.buffer(shapely.union_all(drawn), SAME_MM))
        kept = [line for line in line_parts(shapely.line_merge(lines)) if line.length > SHORT_MM]
        geometry = shapely.MultiLineString(kept)
        drawn.append(geometry)
        if not kept:
            continue
        accuracies = [unit.accuracy_m for unit in members if unit.accuracy_m is not None]
        made.append(
            replace(
                members[0],
                feature_id=f"borders:{kind}",
                name="",
                geometry=geometry,
                inside=bool(geometry.intersects(paper.polygon)),
                accuracy_m=max(accuracies, default=None),
            )
        )
    together = sorted((*rest, *made), key=lambda feature: feature.style.order)
    return Units(tuple(together), tuple(name_unit(unit, names) for unit in units))


def is_unit(feature: MapFeature) -> bool:
    """Return whether a feature is a unit: a surface of the context that is not filled."""
    return (
        feature.entry.theme == "context"
        and not feature.style.fill
        and feature.geometry.geom_type in {"Polygon", "MultiPolygon"}
    )


def order_of(units: Sequence[MapFeature], kind: str) -> int:
    """Return the drawing order of a kind of unit: the greater is the higher level."""
    return next(unit.style.order for unit in units if unit.kind == kind)


def name_unit(unit: MapFeature, names: Mapping[str, NameRules]) -> MapFeature:
    """Return a unit styled for its name; a kind without rules carries none."""
    rules = names.get(unit.kind)
    if rules is None:
        return replace(unit, style=replace(unit.style, text_pt=0.0))
    return replace(unit, style=replace(unit.style, text_pt=rules.text_pt, text_colour=rules.colour))


def border_lines(units: Sequence[BaseGeometry], coast: BaseGeometry | None) -> BaseGeometry:
    """Return the borders of units: shared ones once, outer ones that do not lie in the `coast`."""
    polygons = [part for unit in units for part in polygon_parts(shapely.make_valid(unit))]
    lines = shapely.union_all(shapely.boundary(polygons))
    if coast is None:
        return lines
    outer = shapely.boundary(shapely.union_all(polygons))
    inner = shapely.difference(lines, shapely.buffer(outer, SAME_MM))
    return shapely.union_all([inner, shapely.difference(outer, coast)])
