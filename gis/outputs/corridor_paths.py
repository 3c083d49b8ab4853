"""A study of least-cost paths as JSON and GeoJSON: links with their costs, and the bands around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from gis.corridors.paths import path_line
from gis.crs import PLANE
from gis.outputs.corridor_geojson import make_feature, place_shape, render_features
from gis.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gis.corridors.bands import Band
    from gis.corridors.links import CostLink
    from gis.corridors.paths import PathStudy


@dataclass(frozen=True, slots=True, eq=False)
class PathReport:
    """A study of paths with what is needed to show it.

    Parameters
    ----------
    study : PathStudy
    labels : mapping
        Number of a source → what it is called; numbers stand for themselves where there is none.
    pairs : str
        Which pairs were linked: ``neighbours``, ``planar``, ``all`` or ``listed``.
    neighbours : int
    average : str
    slack_shares : sequence of float
    inputs : mapping
        Name of each file → its SHA-256.
    """

    study: PathStudy
    labels: Mapping[int, str]
    pairs: str
    neighbours: int
    average: str
    slack_shares: Sequence[float]
    inputs: Mapping[str, str]

    def label(self, number: int) -> str:
        """Return what a source is called."""
        return self.labels.get(number, str(number))


def paths_as_dict(report: PathReport) -> dict[str, Any]:
    """Return the parameters, the sources, and every link with its figures and bands.

    Costs are resistance × metres, lengths metres of the grid's plane.
    """
    study = report.study
    grid = study.mcr
    return {
        "version": __version__,
        "inputs": dict(report.inputs),
        "parameters": {
            "pairs": report.pairs,
            "neighbours": report.neighbours,
            "average": report.average,
            "slack_shares": list(report.slack_shares),
            "cell_m": grid.cell_m,
            "rows": grid.shape[0],
            "columns": grid.shape[1],
            "crs": grid.crs,
            "crs_assumed": PLANE if grid.crs is None else None,
        },
        "sources": [{"number": number, "id": report.label(number)} for number in study.points],
        "links": list(list_path_links(report)),
        "isolated": [report.label(number) for number in study.isolated],
        "apart": [[report.label(first), report.label(second)] for first, second in study.apart],
    }


def list_path_links(report: PathReport) -> Iterator[dict[str, Any]]:
    """Yield the figures of each link, those of its bands, and its vertices."""
    for link in report.study.links:
        bands = [
            band_as_dict(band)
            for band in report.study.bands
            if (band.first, band.second) == (link.first, link.second)
        ]
        yield {**link_as_dict(report, link), "bands": bands, "line": list_vertices(report, link)}


def list_vertices(report: PathReport, link: CostLink) -> list[list[float]]:
    """Return x and y of a link in the grid's system, straight runs by their two ends."""
    line = shapely.simplify(path_line(link, report.study.mcr), 0.0)
    vertices: list[list[float]] = shapely.get_coordinates(line).tolist()
    return vertices


def band_as_dict(band: Band) -> dict[str, float]:
    """Return the figures of one band."""
    return {
        "slack_share": band.slack_share,
        "area_m2": band.area_m2,
        "mean_width_m": band.mean_width_m,
        "narrowest_m": band.narrowest_m,
    }


def link_as_dict(report: PathReport, link: CostLink) -> dict[str, Any]:
    """Return the figures of one link."""
    return {
        "from": report.label(link.first),
        "to": report.label(link.second),
        "cost": link.cost,
        "length_m": link.length_m,
        "straight_m": link.straight_m,
        "mean_resistance": link.mean_resistance,
        "cost_per_straight_m": link.cost_per_straight_m,
        "through": [report.label(number) for number in link.through],
    }


def render_paths_geojson(report: PathReport) -> str:
    """Return the links as LineStrings through the centres of their cells, in degrees."""
    grid = report.study.mcr
    return render_features(
        [
            make_feature(place_shape(path_line(link, grid), grid.crs), link_as_dict(report, link))
            for link in report.study.links
        ]
    )


def render_bands_geojson(report: PathReport) -> str:
    """Return the bands as polygons along the edges of cells, in degrees, the widest first."""
    grid = report.study.mcr
    ordered = sorted(report.study.bands, key=lambda band: -band.slack_share)
    return render_features(
        [
            make_feature(
                place_shape(band.geometry, grid.crs),
                {
                    "from": report.label(band.first),
                    "to": report.label(band.second),
                    **band_as_dict(band),
                },
            )
            for band in ordered
            if not band.geometry.is_empty
        ]
    )
