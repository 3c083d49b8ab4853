"""Layers handed to a sheet beside those of the workspace: paths, bands, whatever a study has found.

They are styled by the ``kind`` of each feature like all others (``maps/styles.toml``), lie among the theme's
layers by the style's ``order``, carry names, stand in the legend and in the sources, and are switchable.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from gis.catalogue import THEMES
from gis.errors import SheetError
from gis.model import LayerEntry, Text
from gis.sheets.content import MAX_EDGE_DEG, SIMPLIFY_MM, MapFeature

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from gis.sheets.frame import PaperFrame
    from gis.styles import Styles


@dataclass(frozen=True, slots=True)
class ExtraFeature:
    """One thing of a layer handed to a sheet.

    Parameters
    ----------
    kind : str
        Name of its style.
    geometry : shapely geometry
        Any type, CGCS2000 degrees, (lon, lat).
    name : str
        Written on the map; empty for none.
    accuracy_m : float or None
        Positional accuracy at 95 %, metres, told in the legend.
    rank : float
        Weight among its like when names compete for room.
    """

    feature_id: str
    kind: str
    geometry: BaseGeometry
    name: str = ""
    accuracy_m: float | None = None
    rank: float = 0.0


@dataclass(frozen=True, slots=True)
class ExtraLayer:
    """A layer handed to a sheet.

    Parameters
    ----------
    title : Text
        Name of the switchable layer, and in the sources.
    source, licence, data_date : str
        Told under 资料来源; the source as ``中文 / English``.
    theme : str
        Theme of the catalogue under which it stands in the legend.
    style : str
        Style of kinds that have none of their own.
    sensitive : bool
        Left out of the public profile altogether.
    """

    layer_id: str
    title: Text
    features: tuple[ExtraFeature, ...]
    source: str = ""
    licence: str = ""
    data_date: str | None = None
    theme: str = "ecology"
    style: str = ""
    sensitive: bool = False

    def as_entry(self) -> LayerEntry:
        """Return the layer as an entry like those of the catalogue."""
        return LayerEntry(
            id=self.layer_id,
            title=self.title,
            theme=self.theme,
            path=None,
            geometry_type="Mixed",
            rows=len(self.features),
            sha256=None,
            provenance="derived",
            accuracy_m=None,
            coverage=None,
            data_date=self.data_date,
            source=self.source,
            licence=self.licence,
            attribution="",
            required=False,
            sensitive=self.sensitive,
            style=self.style,
        )


def extra_features(
    layers: Sequence[ExtraLayer], styles: Styles, paper: PaperFrame, *, public: bool
) -> tuple[MapFeature, ...]:
    """Return the features of handed layers that touch a sheet, on paper."""
    west, south, east, north = paper.area.bounds_lonlat
    margin = (east - west) * 0.02
    box = (west - margin, south - margin, east + margin, north + margin)
    made: list[MapFeature] = []
    for layer in layers:
        if public and layer.sensitive:
            continue
        entry = layer.as_entry()
        for feature in layer.features:
            cut = shapely.clip_by_rect(feature.geometry, *box)
            if cut.is_empty:
                continue
            placed = paper.place_geometry(shapely.segmentize(cut, MAX_EDGE_DEG))
            placed = shapely.simplify(placed, SIMPLIFY_MM, preserve_topology=True)
            made.append(
                MapFeature(
                    feature_id=feature.feature_id,
                    entry=entry,
                    kind=feature.kind,
                    name=feature.name,
                    style=styles.find(feature.kind, layer.style),
                    geometry=placed,
                    inside=bool(placed.intersects(paper.polygon)),
                    accuracy_m=feature.accuracy_m,
                    rank=feature.rank,
                )
            )
    return tuple(made)


def read_extra(content: bytes, *, name: str) -> ExtraLayer:
    """Return a GeoJSON FeatureCollection as a layer for a sheet.

    Of a feature's properties ``kind``, ``name_zh`` (or ``name``), ``accuracy_m``, ``rank`` are taken; of the
    collection ``title_zh``, ``title_en``, ``source``, ``licence``, ``data_date``, ``theme``, ``style`` and
    ``sensitive``, all optional. Nothing else can reach the sheet.

    Parameters
    ----------
    content : bytes
        UTF-8, coordinates in CGCS2000 or WGS 84 degrees.
    name : str
        The file's name: its stem is the layer's title where the file gives none.

    Raises
    ------
    SheetError
        If it is no such file.
    """
    try:
        table = json.loads(content.decode("utf-8-sig"))
        stem = name.rpartition(".")[0] or name
        theme = table.get("theme", "ecology")
        return ExtraLayer(
            layer_id=f"extra:{stem}",
            title=Text(str(table.get("title_zh", stem)), str(table.get("title_en", ""))),
            features=tuple(_read_feature(row, index) for index, row in enumerate(table["features"], start=1)),
            source=str(table.get("source", name)),
            licence=str(table.get("licence", "")),
            data_date=str(table["data_date"]) if table.get("data_date") else None,
            theme=THEMES[THEMES.index(theme)],
            style=str(table.get("style", "")),
            sensitive=bool(table.get("sensitive", False)),
        )
    except (KeyError, TypeError, AttributeError, ValueError, shapely.errors.GEOSException) as error:
        raise SheetError(
            f"{name} 不是可以叠加的 GeoJSON 要素集合",
            f"{name} is no GeoJSON FeatureCollection that can be laid on a sheet",
            where=name,
            hint_zh="应为 UTF-8 的 FeatureCollection，坐标为经纬度（度），要素以 kind 指明样式",
            hint_en="give a UTF-8 FeatureCollection in degrees whose features name their style as kind",
            code="sheets.extra",
        ) from error


def _read_feature(row: dict[str, object], index: int) -> ExtraFeature:
    """Return one GeoJSON feature.

    Raises
    ------
    ValueError
        If its coordinates are not degrees.
    """
    properties = row.get("properties") or {}
    if not isinstance(properties, dict):
        raise TypeError("properties")
    geometry = shapely.from_geojson(json.dumps(row["geometry"]))
    west, south, east, north = geometry.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError("not degrees")
    accuracy = properties.get("accuracy_m")
    return ExtraFeature(
        feature_id=str(properties.get("id", row.get("id", index))),
        kind=str(properties.get("kind") or ""),
        geometry=geometry,
        name=str(properties.get("name_zh") or properties.get("name") or ""),
        accuracy_m=None if accuracy is None else float(accuracy),
        rank=float(properties.get("rank") or 0.0),
    )
