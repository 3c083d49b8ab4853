"""Layers: the catalogue entry and the opened data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import shapely
    from numpy.typing import NDArray
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

    @property
    def has_features(self) -> bool:
        """Whether there is a table of features, be it empty: ``frame is not None``, without making it."""
        return self.frame is not None

    @property
    def rows(self) -> int:
        """How many features there are; 0 without data."""
        return 0 if self.frame is None else len(self.frame)

    @property
    def geometries(self) -> NDArray[np.object_]:
        """The geometries of the features (EPSG:4490) in their order, None among them; empty without data."""
        import numpy as np

        return np.empty(0, dtype=object) if self.frame is None else self.frame.geometry.to_numpy()

    @property
    def tree(self) -> shapely.STRtree:
        """An index over the geometries, in which None and empty ones are never met."""
        import shapely

        return shapely.STRtree(self.geometries)

    def column(self, name: str) -> list[Any]:
        """Return a property of every feature; None or NaN where one does not state it."""
        if self.frame is None:
            return []
        return self.frame[name].tolist() if name in self.frame.columns else [None] * len(self.frame)

    def has_column(self, name: str) -> bool:
        """Return whether the features have a property."""
        return self.frame is not None and name in self.frame.columns
