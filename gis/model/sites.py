"""Project sites as read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely.geometry.base import BaseGeometry

    from gis.model.words import Note, Text


@dataclass(frozen=True, slots=True)
class Site:
    """One project site as read: parcel, line or point.

    Parameters
    ----------
    geometry : shapely geometry
        As read and repaired, longitude/latitude degrees (EPSG:4490).
    geometry_plane : shapely geometry
        The same in EPSG:4549 metres; edges densified to 100 m in the system of the file first.
    """

    site_id: str
    file: str | None
    index: int
    name: str | None
    kind: str
    properties: Mapping[str, Any]
    geometry: BaseGeometry
    geometry_plane: BaseGeometry
    repairs: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A feature that was read and could not become a site."""

    file: str | None
    index: int
    name: str | None
    code: str
    message: Text


@dataclass(frozen=True, slots=True)
class InputFile:
    """What is known of a file that was read."""

    name: str
    sha256: str
    format: str
    crs_read: str
    encoding: str | None = None
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteSet:
    """All sites of a run: ``features_in == len(sites) + len(rejected)``."""

    sites: tuple[Site, ...]
    rejected: tuple[Rejected, ...]
    files: tuple[InputFile, ...]
    features_in: int
