"""What an office says of the files it hands over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class IntakeOptions:
    """What the office says of its files.

    Parameters
    ----------
    accuracy_m : float
        Positional accuracy at 95 %, metres; a feature's own ``accuracy_m`` wins.
    data_date : str
        Day the data are of, ISO.
    coverage : str or None
        See :func:`gis.intake.coverage.choose_coverage`.
    field_map : mapping
        Field of the file → property.
    datum : str or None
        ``gcj02``, ``bd09``; ``cgcs2000`` states that there is no shift.
    table : str or None
        Table of the file, where it has several.
    """

    accuracy_m: float
    source: str
    data_date: str
    licence: str | None = None
    attribution: str | None = None
    coverage: str | None = None
    field_map: Mapping[str, str] = field(default_factory=dict)
    kind: str | None = None
    crs: str | None = None
    datum: str | None = None
    provenance: str = "official"
    table: str | None = None
