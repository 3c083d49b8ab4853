"""What the register needs of an answer, read from the site-check/1 object itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from gis.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_WORDS = 20_000


@dataclass(frozen=True, slots=True)
class SiteSummary:
    """One site of an answer.

    Parameters
    ----------
    geometry_wkb : bytes or None
        Longitude/latitude degrees (EPSG:4490).
    """

    site_id: str
    name: str | None
    verdict: Verdict
    geometry_wkb: bytes | None


@dataclass(frozen=True, slots=True)
class Summary:
    """An answer in short.

    Parameters
    ----------
    digest : str
        SHA-256 of the body without its moment: equal for equal answers.
    """

    check_id: str
    digest: str
    by_verdict: Mapping[Verdict, int]
    sites: tuple[SiteSummary, ...]


def summarise_body(body: str) -> Summary:
    """Return an answer in short.

    Parameters
    ----------
    body : str
        A site-check/1 object as ``gis.outputs.json`` writes it.

    Raises
    ------
    ValueError, KeyError
        If it is none: a defect of the caller.
    """
    table = json.loads(body)
    timeless = body.replace(json.dumps(table["created"]), '""', 1)
    counts = table["summary"]["by_verdict"]
    return Summary(
        check_id=table["check_id"],
        digest=hashlib.sha256(timeless.encode("utf-8", "surrogatepass")).hexdigest(),
        by_verdict={verdict: int(counts[verdict.value]) for verdict in Verdict},
        sites=tuple(
            SiteSummary(
                site_id=storable(site["site_id"]),
                name=None if site["name"] is None else storable(str(site["name"])),
                verdict=Verdict(site["verdict"]),
                geometry_wkb=_wkb(site["geometry"]),
            )
            for site in table["sites"]
        ),
    )


def _wkb(geometry: Mapping[str, Any] | None) -> bytes | None:
    """Return a GeoJSON geometry as little-endian WKB."""
    if geometry is None:
        return None
    return bytes(shapely.to_wkb(shapely.from_geojson(json.dumps(geometry)), byte_order=1))


def storable(text: str) -> str:
    """Return a text every database can keep: no NUL and no half of a surrogate pair."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def gather_words(*texts: str) -> str:
    """Return what a record is searched by: the texts in lower case, each on its line, not endless."""
    lines = (" ".join(storable(text).split()) for text in texts if text)
    return "\n".join(dict.fromkeys(line.lower() for line in lines))[:MAX_WORDS]
