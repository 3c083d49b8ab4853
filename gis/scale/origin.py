"""What the features of one file have in common."""

from __future__ import annotations

from dataclasses import dataclass


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
    """

    name: str
    stem: str
    crs: str | None
    wgs84_by_rule: bool = False
