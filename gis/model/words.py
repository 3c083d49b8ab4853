"""The words used everywhere: bilingual text, levels, verdicts, relations, certainties."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Text:
    """A wording in Chinese and in English."""

    zh: str
    en: str


class Level(StrEnum):
    """What a rule does to a project inside its zone, strictest first."""

    PROHIBITED = "prohibited"
    RESTRICTED = "restricted"
    APPROVAL_NEEDED = "approval_needed"
    NOTICE = "notice"


class Verdict(StrEnum):
    """The answer for one site, in the order in which the cases are tried."""

    PROHIBITED = "prohibited"
    RESTRICTED = "restricted"
    APPROVAL_NEEDED = "approval_needed"
    ATTENTION = "attention"
    UNDETERMINED = "undetermined"
    CLEAR = "clear"


class Relation(StrEnum):
    """How a site lies to a control zone as drawn."""

    INSIDE = "inside"
    OVERLAP = "overlap"
    CROSS = "cross"
    SLIVER = "sliver"
    TOUCH = "touch"
    NEAR = "near"


class Certainty(StrEnum):
    """What the accuracies of site and layer allow to be said."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    NONE = "none"


class LayerStatus(StrEnum):
    """Whether a layer could be used."""

    OK = "ok"
    NO_DATA = "no_data"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Note:
    """A repair, warning or note with its code."""

    code: str
    message: Text
    area_change_m2: float | None = None
