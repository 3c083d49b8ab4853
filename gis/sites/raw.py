"""What a format's reader is given and hands back: source, limits, features in the file's coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely.geometry.base import BaseGeometry

    from gis.model import Note, Text


@dataclass(frozen=True, slots=True)
class SiteSource:
    """A file as it was given: its name, of which only the base name is kept, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a stranger's file is read; past any of these :class:`~gis.errors.SiteTooLargeError`.

    Parameters
    ----------
    file_bytes, unpacked_bytes : int
        Size of a file, and of all it unpacks to.
    unpack_ratio, archive_entries : int
        Unpacked by packed size, and number of entries, of a zip.
    features, vertices, fields : int
        Of one file; `vertices` is also the most of one run of edges.
    dense_vertices : int
        Vertices of a file after edges are densified to 100 m.
    depth : int
        Nesting of geometry collections and of attribute values.
    coordinate : float
        Largest absolute coordinate; the largest real one is a prefixed easting, 41 788 000 m.
    """

    file_bytes: int = 50_000_000
    unpacked_bytes: int = 500_000_000
    unpack_ratio: int = 100
    archive_entries: int = 100
    features: int = 100_000
    vertices: int = 1_000_000
    dense_vertices: int = 6_000_000
    fields: int = 500
    depth: int = 8
    coordinate: float = 1e8


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class RawFeature:
    """One feature as its file has it.

    Parameters
    ----------
    index : int
        Position in the file, from 0; rejected features are numbered the same way.
    geometry : shapely geometry or None
        Two-dimensional, any type, coordinates of the file, all finite; may be invalid;
        None or empty: no site.
    properties : mapping
        Attributes as JSON-safe values.
    problem : Note or None
        Why no geometry could be made.
    repairs : tuple of Note
        What the reader had to mend (an unclosed ring).
    warnings : tuple of Note
        What the file says that its coordinates contradict.
    """

    index: int
    geometry: BaseGeometry | None
    properties: Mapping[str, Any]
    problem: Note | None = None
    repairs: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class RawTable:
    """The features of one layer of a file.

    Parameters
    ----------
    crs : str or None
        EPSG code or WKT; None when the file says nothing.
    wgs84_by_rule : bool
        The format's own rule is WGS 84 when nothing is said (RFC 7946): degrees are then no guess.
    """

    crs: str | None
    features: tuple[RawFeature, ...]
    wgs84_by_rule: bool = False


@dataclass(frozen=True, slots=True)
class RawFile:
    """All that a format's reader found in one file."""

    format: str
    tables: tuple[RawTable, ...]
    encoding: str | None = None
    notes: tuple[Text, ...] = ()
