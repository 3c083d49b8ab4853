"""What lies on a sheet: the features of the workspace's layers, clipped to the frame and placed on paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import shapely

from gis.model import LayerEntry, LayerStatus, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shapely.geometry.base import BaseGeometry

    from gis.model import Layer
    from gis.sheets.definition import SheetDefinition
    from gis.sheets.frame import PaperFrame
    from gis.styles import Style, Styles

CLIP_MARGIN_MM = 4.0
"""Features are cut this far outside the neat line, so that their cut edges do not show."""

MAX_EDGE_DEG = 0.02
"""Edges longer than this (2 km) are densified before they are projected: 0.02 mm at 1:50 000."""

COLUMNS = ("id", "kind", "name_zh", "accuracy_m", "rank")
"""What a sheet reads of a feature; nothing else of it can reach the file."""

SIMPLIFY_MM = 0.04
"""Vertices that move a line on paper by less than this are left out."""


@dataclass(frozen=True, slots=True)
class MapFeature:
    """One feature on one sheet.

    Parameters
    ----------
    entry : LayerEntry
        The layer it is of.
    geometry : shapely geometry
        On paper, millimetres, cut a little outside the neat line.
    inside : bool
        Whether any of it shows inside the neat line.
    rank : float
        Weight among its like, the greater the more important; 0 where unknown.
    """

    feature_id: str
    entry: LayerEntry
    kind: str
    name: str
    style: Style
    geometry: BaseGeometry
    inside: bool
    accuracy_m: float | None
    rank: float


def shown_layers(
    layers: Mapping[str, Layer], definition: SheetDefinition, *, public: bool
) -> tuple[Layer, ...]:
    """Return the layers a sheet may show: of its themes, usable, and in the public profile not sensitive."""
    return tuple(
        layer
        for layer in layers.values()
        if definition.takes(layer.entry)
        and not (public and layer.entry.sensitive)
        and layer.status is LayerStatus.OK
    )


def collect_features(layers: Iterable[Layer], styles: Styles, paper: PaperFrame) -> tuple[MapFeature, ...]:
    """Return the features on a sheet in drawing order.

    Parameters
    ----------
    layers : iterable of Layer
        Opened layers, EPSG:4490.
    styles : Styles
    paper : PaperFrame
    """
    west, south, east, north = paper.area.bounds_lonlat
    margin = CLIP_MARGIN_MM * paper.area.scale / 1000 / 90_000
    box = (west - margin, south - margin, east + margin, north + margin)
    found = [feature for layer in layers for feature in _layer_features(layer, styles, paper, box)]
    return tuple(sorted(found, key=lambda feature: feature.style.order))


def _layer_features(
    layer: Layer, styles: Styles, paper: PaperFrame, box: tuple[float, float, float, float]
) -> list[MapFeature]:
    """Return one layer's features on a sheet."""
    if not layer.rows:
        return []
    shapes = layer.geometries
    hits = sorted(layer.tree.query(shapely.box(*box)).tolist())
    if not hits:
        return []
    columns = {name: layer.column(name) for name in COLUMNS if layer.has_column(name)}
    made = []
    for hit in hits:
        row, geometry = {name: values[hit] for name, values in columns.items()}, shapes[hit]
        cut = shapely.clip_by_rect(geometry, *box)
        if cut.is_empty:
            continue
        placed = paper.place_geometry(shapely.segmentize(cut, MAX_EDGE_DEG))
        placed = shapely.simplify(placed, SIMPLIFY_MM, preserve_topology=True)
        feature = _make_feature(row, layer.entry, styles, placed, inside=placed.intersects(paper.polygon))
        made.append(feature if feature.entry.theme == "context" else limit_unfilled(feature, paper))
    return made


def limit_unfilled(feature: MapFeature, paper: PaperFrame) -> MapFeature:
    """Return a surface that is not filled as its limit, which may not be on the sheet at all."""
    if feature.style.fill or feature.geometry.geom_type not in {"Polygon", "MultiPolygon"}:
        return feature
    limit = shapely.boundary(feature.geometry)
    return replace(feature, geometry=limit, inside=bool(limit.intersects(paper.polygon)))


def _make_feature(
    row: dict[str, Any], entry: LayerEntry, styles: Styles, geometry: BaseGeometry, *, inside: bool
) -> MapFeature:
    """Return one row as a map feature."""
    kind = row.get("kind") or ""
    accuracy = number_or_none(row.get("accuracy_m"))
    rank = number_or_none(row.get("rank"))
    ranked = "" if rank is None else f"{kind}_{rank:.0f}"
    return MapFeature(
        feature_id=str(row["id"]),
        entry=entry,
        kind=kind,
        name=text_of(row.get("name_zh")),
        style=styles.find(ranked if ranked in styles.by_id else kind, entry.style),
        geometry=geometry,
        inside=inside,
        accuracy_m=entry.accuracy_m if accuracy is None else accuracy,
        rank=weight_of(rank),
    )


def text_of(value: Any) -> str:
    """Return a cell as text; a missing value is the empty text."""
    return value.strip() if isinstance(value, str) else ""


def number_or_none(value: Any) -> float | None:
    """Return a cell as a number; None where it has none."""
    if value is None or isinstance(value, str | bytes):
        return None
    number = float(value)
    return None if number != number else number  # noqa: PLR0124 — NaN is the one number unlike itself


def weight_of(rank: Any) -> float:
    """Return the weight of a rank, of which 1 is the first: the reciprocal, 0 where unknown."""
    number = number_or_none(rank)
    return 1.0 / number if number is not None and number > 0 else 0.0


SITES = "project_site"
"""Layer, kind and style of the project sites a sheet is about."""

NUMBERS = Text("管控区编号", "Numbers of control zones")
"""Layer of the numbers that tie control zones to their list."""
