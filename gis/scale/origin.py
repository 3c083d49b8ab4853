"""What the features of one file have in common, and how its rows hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["wkb", "wkt", "points", "geojson"]
"""Well-known binary or text; a longitude and a latitude a row; the text of a GeoJSON feature a row."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the rows of a run hold their geometry.

    Parameters
    ----------
    kind : str
    columns : tuple of str
        The column of the geometries; of longitudes and of latitudes for ``points``.
    """

    kind: Kind = "wkb"
    columns: tuple[str, ...] = ("geometry",)


@dataclass(frozen=True, slots=True)
class Origin:
    """What the features of a run have in common.

    Parameters
    ----------
    name, stem : str
        File name, and what site ids begin with.
    crs : str or None
        The system the file states, as a code or WKT.
    wgs84_by_rule : bool
        Whether degrees are meant where nothing is stated.
    encoding : Encoding
    """

    name: str
    stem: str
    crs: str | None
    wgs84_by_rule: bool = False
    encoding: Encoding = Encoding()
