"""A study of current as JSON and GeoJSON: resistances, and the pinch points as areas with their strength."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.crs import PLANE
from gis.outputs.corridor_geojson import make_feature, place_shape, render_features
from gis.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.corridors.current import CurrentStudy, Plan
    from gis.corridors.grid import Grid
    from gis.corridors.pinch import PinchPoint, PinchStudy


@dataclass(frozen=True, slots=True, eq=False)
class CurrentReport:
    """A study of current with what is needed to show it.

    Parameters
    ----------
    study : CurrentStudy
    plan : Plan
    labels : mapping
        Number of a source → what it is called; numbers stand for themselves where there is none.
    inputs : mapping
        Name of each file → its SHA-256.
    pinch : PinchStudy or None
    """

    study: CurrentStudy
    plan: Plan
    labels: Mapping[int, str]
    inputs: Mapping[str, str]
    pinch: PinchStudy | None = None

    def label(self, number: int) -> str:
        """Return what a source is called."""
        return self.labels.get(number, str(number))


def resistances_as_dict(study: CurrentStudy) -> dict[str, Any]:
    """Return the numbers of the sources and the resistances between them in ohm, null where not connected."""
    rows = study.resistance_ohm.tolist()
    return {
        "points": list(study.points),
        "resistance": [[None if value != value else value for value in row] for row in rows],  # noqa: PLR0124 - NaN
    }


def current_as_dict(report: CurrentReport) -> dict[str, Any]:
    """Return resistances, parameters, sources and pinch points."""
    grid = report.study.current_a
    return {
        **resistances_as_dict(report.study),
        "version": __version__,
        "inputs": dict(report.inputs),
        "parameters": {
            "neighbours": report.plan.neighbours,
            "average": report.plan.average,
            "solver": report.plan.solver,
            "rows": None if grid is None else grid.shape[0],
            "columns": None if grid is None else grid.shape[1],
            "cell": None if grid is None else grid.cell,
            "crs": None if grid is None else grid.crs,
            "crs_assumed": PLANE if grid is not None and grid.crs is None else None,
        },
        "sources": [{"number": number, "id": report.label(number)} for number in report.study.points],
        "pinch_points": [
            pinch_as_dict(report, point) for point in (report.pinch.points if report.pinch else ())
        ],
    }


def pinch_as_dict(report: CurrentReport, point: PinchPoint) -> dict[str, Any]:
    """Return the figures of a pinch point."""
    grid = report.study.current_a
    first, second = point.pair
    area = None if grid is None else len(point.cells) * grid.cell**2
    return {
        "rank": point.rank,
        "strength": point.strength,
        "current_a": point.current_a,
        "largest_share": point.largest_a,
        "from": report.label(first),
        "to": report.label(second),
        "cells": len(point.cells),
        "area_m2": area,
    }


def render_pinch_geojson(report: CurrentReport) -> str:
    """Return the pinch points as GeoJSON: each its area, and a point where it is strongest."""
    features: list[dict[str, Any]] = []
    grid = report.study.current_a
    if report.pinch is None or grid is None:
        return render_features(features)
    for point in report.pinch.points:
        figures = pinch_as_dict(report, point)
        area = cells_shape(grid, point.cells)
        middle = cells_middle(grid, point.row, point.column)
        features.append(make_feature(place_shape(area, grid.crs), {**figures, "part": "area"}))
        features.append(make_feature(place_shape(middle, grid.crs), {**figures, "part": "strongest"}))
    return render_features(features)


def cells_shape(grid: Grid, cells: NDArray[np.intp]) -> BaseGeometry:
    """Return the area of some cells, rows and columns, in the grid's system."""
    west, north = grid.west + cells[:, 1] * grid.cell, grid.north - cells[:, 0] * grid.cell
    return shapely.union_all(shapely.box(west, north - grid.cell, west + grid.cell, north))


def cells_middle(grid: Grid, row: int, column: int) -> BaseGeometry:
    """Return the middle of a cell in the grid's system."""
    x, y = grid.centres(np.array([row]), np.array([column]))
    return shapely.Point(x[0], y[0])
