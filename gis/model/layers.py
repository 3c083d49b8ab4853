"""Layers: the catalogue entry and the opened data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

    from gis.model.words import LayerStatus, Text


@dataclass(frozen=True, slots=True)
class LayerEntry:
    """One entry of ``layers/catalogue.toml``.

    Parameters
    ----------
    path : str or None
        GeoJSON file below ``layers/``; starts with ``cache:`` for a layer built at set-up into the cache;
        None for a declared layer without data.
    accuracy_m : float or None
        Positional accuracy of the layer at 95 %, metres; a feature's own ``accuracy_m`` wins.
    coverage : object
        A named area of the catalogue, or a polygon, in which absence means "none here"; None: nowhere.
    assessed : bool
        False for the outcome of a study: it is drawn where a map or sheet names it, and no check reads it.
    """

    id: str
    title: Text
    theme: str
    path: str | None
    geometry_type: str
    rows: int
    sha256: str | None
    provenance: str
    accuracy_m: float | None
    coverage: Any
    data_date: str | None
    source: str
    licence: str
    attribution: str
    required: bool
    sensitive: bool
    style: str
    note: Text | None = None
    assessed: bool = True


@dataclass(frozen=True, slots=True)
class Layer:
    """A catalogue entry with its opened data.

    Parameters
    ----------
    frame : GeoDataFrame or None
        Features in EPSG:4490, any geometry type, with the columns of ``docs/layers.md``; None unless ``ok``.
    coverage : shapely geometry or None
        Polygon in EPSG:4490 in which absence means "none here".
    problem : Text or None
        Why the layer failed.
    """

    entry: LayerEntry
    status: LayerStatus
    frame: gpd.GeoDataFrame | None
    sha256: str | None
    coverage: BaseGeometry | None = None
    problem: Text | None = None
