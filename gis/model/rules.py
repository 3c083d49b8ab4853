"""Rules: the article, the recipe, the rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from gis.model.words import Level, Text


@dataclass(frozen=True, slots=True)
class Provision:
    """The article of law a rule rests on."""

    instrument: str
    article: str
    version: str
    in_force_from: date | None
    in_force_until: date | None
    source: str
    verified: bool
    instrument_en: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a rule makes its control zone from a feature.

    Parameters
    ----------
    type : str
        ``inside outside buffer ring along_river airport_rectangle obstacle_surface``.
    parameters : mapping
        Metres by name: ``distance_m``; ``inner_m``, ``outer_m``; ``up_m``, ``down_m``, ``lateral_m``;
        ``setting`` names the office's setting where the law leaves the distance open.
    """

    type: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One control rule of ``layers/rules.toml``.

    Parameters
    ----------
    layer_id : str
        Layer the rule reads.
    kinds : tuple of str
        Feature kinds the rule applies to.
    possible_kinds : tuple of str
        Kinds inside which the regulated zone lies with limits that are not public: never a certain finding.
    attention_m : float
        A near miss within this distance calls for attention.
    near_m : float or None
        How far near misses are listed; None: the default of the run.
    """

    id: str
    title: Text
    level: Level
    layer_id: str
    kinds: tuple[str, ...]
    possible_kinds: tuple[str, ...]
    recipe: Recipe
    requirement: Text
    provisions: tuple[Provision, ...]
    verified: bool
    attention_m: float = 0.0
    near_m: float | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of a workspace and the hash of the file they came from."""

    rules: tuple[Rule, ...]
    sha256: str
    settings: Mapping[str, float] = field(default_factory=dict)
