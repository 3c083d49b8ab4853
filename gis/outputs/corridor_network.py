"""A network study as JSON, table and GeoJSON: the indices, and patches and links by rank.

Shares are given in per cent, as they are published: dPC = 100 · (PC - PC without it) / PC.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.corridors.connectivity import rank_shares
from gis.outputs.corridor_geojson import make_feature, render_features
from gis.outputs.plaintext import show_text
from gis.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from gis.corridors.connectivity import IndexStudy, NetworkStudy
    from gis.corridors.patches import Patches

MOST_LISTED = 20_000
"""Links listed in JSON, workbook and GeoJSON, the strongest first; ``links.csv`` has all."""


@dataclass(frozen=True, slots=True, eq=False)
class NetworkReport:
    """A network study with what is needed to show it.

    Parameters
    ----------
    study : NetworkStudy
    patches : Patches
    lines : object array, (links,), or None
        LineStrings in EPSG:4490; None where links have no place.
    unit : str
        ``m2``, or the name of the attribute that stands for the area.
    costs : str
        What the costs of links are: ``edge, ellipsoid``, ``least cost``, ``file``.
    inputs : mapping
        Name of each file → its SHA-256.
    overlaps : tuple of (int, int, float)
        Positions of patches that cover the same ground, and how much of it, m².
    """

    study: NetworkStudy
    patches: Patches
    lines: NDArray[np.object_] | None
    unit: str
    costs: str
    inputs: Mapping[str, str]
    overlaps: tuple[tuple[int, int, float], ...] = ()


def report_as_dict(report: NetworkReport) -> dict[str, Any]:
    """Return the indices, the parameters, and every patch and the strongest links with their shares."""
    study = report.study
    order = order_links(study)
    return {
        "version": __version__,
        "inputs": dict(report.inputs),
        "parameters": {
            "distance_m": study.dispersal.distance_m,
            "probability": study.dispersal.probability,
            "alpha_per_m": study.dispersal.alpha,
            "threshold_m": study.dispersal.threshold_m,
            "landscape_area": study.landscape_area_m2,
            "unit": report.unit,
            "costs": report.costs,
        },
        "patches_total": len(study.network.ids),
        "links_total": len(study.network.costs),
        "links_listed": min(len(order), MOST_LISTED),
        "components": int(study.components.max()),
        "overlaps": [
            {"patches": [report.patches.ids[one], report.patches.ids[other]], "area_m2": area}
            for one, other, area in report.overlaps
        ],
        **index_as_dict("PC", study.pc),
        **index_as_dict("IIC", study.iic),
        "patches": list(list_patches(report)),
        "links": list(list_links(report, order[:MOST_LISTED])),
    }


def index_as_dict(name: str, index: IndexStudy) -> dict[str, Any]:
    """Return the figures of one index: itself, its numerator and its equivalent area."""
    return {name: index.index, f"{name}num": index.numerator, f"EC({name})": index.equivalent_area_m2}


def list_patches(report: NetworkReport) -> Iterator[dict[str, Any]]:
    """Yield the figures of each patch, in the order of the input."""
    study = report.study
    ranks = {"dPC": rank_shares(study.pc.patches), "dIIC": rank_shares(study.iic.patches)}
    for index, name in enumerate(study.network.ids):
        row: dict[str, Any] = {
            "id": name,
            "name": report.patches.names[index],
            "area": float(study.network.areas_m2[index]),
            "component": int(study.components[index]),
        }
        for key, part in (("dPC", study.pc), ("dIIC", study.iic)):
            row[key] = 100 * float(part.patches[index])
            row[f"{key}intra"] = 100 * float(part.intra[index])
            row[f"{key}flux"] = 100 * float(part.flux[index])
            row[f"{key}connector"] = 100 * float(part.connector[index])
            row[f"rank_{key}"] = int(ranks[key][index])
        yield row


def order_links(study: NetworkStudy) -> NDArray[np.intp]:
    """Return the positions of the links, the strongest by dPC first, then by dIIC, then as they came."""
    return np.lexsort((np.arange(len(study.network.costs)), -study.iic.links, -study.pc.links))


def list_links(report: NetworkReport, order: NDArray[np.intp]) -> Iterator[dict[str, Any]]:
    """Yield the figures of some links in the order given. A link gives nothing but connector."""
    study = report.study
    network = study.network
    probability = np.exp(-study.dispersal.alpha * network.costs)
    pc, iic = rank_shares(study.pc.links), rank_shares(study.iic.links)
    for index in order.tolist():
        yield {
            "from": network.ids[network.starts[index]],
            "to": network.ids[network.ends[index]],
            "cost": float(network.costs[index]),
            "probability": float(probability[index]),
            "dPC": 100 * float(study.pc.links[index]),
            "rank_dPC": int(pc[index]),
            "dIIC": 100 * float(study.iic.links[index]),
            "rank_dIIC": int(iic[index]),
        }


PATCH_KEYS = (
    "rank_dPC", "dPC", "dPCintra", "dPCflux", "dPCconnector",
    "rank_dIIC", "dIIC", "dIICintra", "dIICflux", "dIICconnector",
    "area", "component",
)  # fmt: skip
LINK_KEYS = ("rank_dPC", "dPC", "rank_dIIC", "dIIC", "cost", "probability")
"""Figures of a patch and of a link, in the order of tables."""


def render_links_csv(report: NetworkReport) -> str:
    """Return every link as a table, the strongest first."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    keys = ("from", "to", *LINK_KEYS)
    writer.writerow(keys)
    for row in list_links(report, order_links(report.study)):
        writer.writerow([_guard(row[key]) for key in keys])
    return "\ufeff" + stream.getvalue()


def _guard(value: Any) -> Any:
    """Return a cell a spreadsheet does not take for a formula."""
    if isinstance(value, str):
        shown = show_text(value)
        return f"'{shown}" if shown[:1] in {"=", "+", "-", "@"} else shown
    return value


def render_network_geojson(report: NetworkReport) -> str | None:
    """Return patches and the strongest links as GeoJSON in degrees; None where nothing has a place."""
    features: list[dict[str, Any]] = []
    if report.patches.shapes is not None:
        for row, shape in zip(list_patches(report), report.patches.shapes, strict=True):
            features.append(make_feature(shape, {"role": "patch", **row}))
    if report.lines is not None:
        order = order_links(report.study)[:MOST_LISTED]
        for row, index in zip(list_links(report, order), order.tolist(), strict=True):
            features.append(make_feature(report.lines[index], {"role": "link", **row}))
    if not features:
        return None
    return render_features(features)
