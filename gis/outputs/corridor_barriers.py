"""A study of barriers as JSON and GeoJSON: ranked windows with what restoring them would bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gis.crs import PLANE
from gis.outputs.corridor_current import cells_middle
from gis.outputs.corridor_geojson import make_feature, place_shape, render_features
from gis.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.corridors.ranking import Barrier, BarrierPlan, BarrierStudy


@dataclass(frozen=True, slots=True, eq=False)
class BarrierReport:
    """A study of barriers with what is needed to show it.

    Parameters
    ----------
    study : BarrierStudy
    plan : BarrierPlan
    labels : mapping
        Number of a source → what it is called; numbers stand for themselves where there is none.
    inputs : mapping
        Name of each file → its SHA-256.
    method : {"cost", "current"}
        What distances are: least-cost ways, or effective resistances.
    """

    study: BarrierStudy
    plan: BarrierPlan
    labels: Mapping[int, str]
    inputs: Mapping[str, str]
    method: str = "cost"

    @property
    def quantity(self) -> str:
        """What distances are called: least-cost distances, or effective resistances."""
        return "cost" if self.method == "cost" else "resistance_ohm"

    def label(self, number: int) -> str:
        """Return what a source is called."""
        return self.labels.get(number, str(number))


def barriers_as_dict(report: BarrierReport) -> dict[str, Any]:
    """Return the parameters, the distances between sources, and the ranked barriers.

    Distances are resistance × metres, or ohm by current; improvements percent of them and a metre restored.
    """
    study, grid = report.study, report.study.per_m
    return {
        "version": __version__,
        "inputs": dict(report.inputs),
        "parameters": {
            "method": report.method,
            "radii_m": list(report.plan.radii_m),
            "restored": study.restored,
            "neighbours": report.plan.neighbours,
            "average": report.plan.average,
            "cell_m": grid.cell_m,
            "rows": grid.shape[0],
            "columns": grid.shape[1],
            "crs": grid.crs,
            "crs_assumed": PLANE if grid.crs is None else None,
        },
        "distances": [
            {"from": report.label(first), "to": report.label(second), report.quantity: cost}
            for (first, second), cost in study.distances.items()
        ],
        "apart": [[report.label(first), report.label(second)] for first, second in study.unconnected],
        "barriers": [barrier_as_dict(report, barrier) for barrier in study.barriers],
    }


def barrier_as_dict(report: BarrierReport, barrier: Barrier) -> dict[str, Any]:
    """Return the figures of one barrier."""
    return {
        "rank": barrier.rank,
        "from": report.label(barrier.pair[0]),
        "to": report.label(barrier.pair[1]),
        "radius_m": barrier.radius_m,
        "improvement_percent": barrier.improvement_percent,
        "improvement_per_m": barrier.improvement_per_m,
        "recomputed_percent": barrier.recomputed_percent,
        report.quantity: barrier.distance,
        f"restored_{report.quantity}": barrier.restored_distance,
        f"recomputed_{report.quantity}": barrier.recomputed_distance,
    }


def render_barriers_geojson(report: BarrierReport) -> str:
    """Return the barriers as GeoJSON: each its round window, and a point in its middle."""
    grid = report.study.per_m
    features = []
    for barrier in report.study.barriers:
        figures = barrier_as_dict(report, barrier)
        middle = cells_middle(grid, barrier.row, barrier.column)
        window = middle.buffer(max(barrier.radius_m, grid.cell / 2), quad_segs=16)
        features.append(make_feature(place_shape(window, grid.crs), {**figures, "part": "window"}))
        features.append(make_feature(place_shape(middle, grid.crs), {**figures, "part": "middle"}))
    return render_features(features)
