"""``layers/resistance.toml`` → records: what a class of land costs to cross, and what is a source."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gis.errors import CorridorError
from gis.model import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CONFIDENCES = ("sourced", "known", "guess")

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which features of a layer are meant.

    Parameters
    ----------
    ids, kinds : tuple of str
        Features of these ids or kinds; empty for all.
    ranks : mapping
        Rank of a place → radius in metres on the ground; empty for layers without ranks.
    """

    layer_id: str
    ids: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    ranks: Mapping[int, float] | None = None


@dataclass(frozen=True, slots=True)
class SourceRule:
    """A place that corridors join: features of a layer taken together.

    Parameters
    ----------
    parts : tuple of Text
        Names of its parts from north to south, each a source of its own; empty to take them together.
    """

    id: str
    title: Text
    selection: Selection
    parts: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class ResistanceClass:
    """A class of land and how hard it is to cross, relative to the easiest.

    Parameters
    ----------
    selection : Selection or None
        None for the class of all land that no other claims.
    resistance : float
    low, high : float
        The range the ensemble draws from.
    buffer_m : float
        Metres on the ground round each feature.
    linear : bool
        Whether every cell a feature touches is painted.
    max_accuracy_m : float or None
        Features less accurate are left out.
    confidence : str
        ``sourced``, ``known`` or ``guess``.
    """

    id: str
    title: Text
    selection: Selection | None
    resistance: float
    low: float
    high: float
    confidence: str
    source: str
    buffer_m: float = 0.0
    linear: bool = False
    max_accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class SlopeClass:
    """A factor by which slope raises the resistance of a cell, up to an angle."""

    up_to_deg: float
    factor: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class StudyParameters:
    """How the default study is made; see the comments in ``layers/resistance.toml``."""

    title: Text
    bbox: tuple[float, float, float, float]
    cell_m: float
    site_resistance: float
    distance_km: float
    probability: float
    least_probability: float
    band_share: float
    barrier_radius_m: float
    variation: float
    variation_m: float
    runs: int
    seed: int


@dataclass(frozen=True, slots=True)
class ResistanceTable:
    """The table as read, and the SHA-256 of its bytes.

    Parameters
    ----------
    classes : tuple of ResistanceClass
        The base class first, then in the order of painting.
    references : tuple of str
        What was read for it.
    """

    study: StudyParameters
    sources: tuple[SourceRule, ...]
    classes: tuple[ResistanceClass, ...]
    slopes: tuple[SlopeClass, ...]
    references: tuple[str, ...]
    sha256: str


def read_resistances(path: Path) -> ResistanceTable:
    """Read a resistance table.

    Raises
    ------
    CorridorError
        If the file is no TOML, lacks a field, or a resistance lies outside its range or is not positive.
    """
    try:
        content = path.read_bytes()
        tables = tomllib.loads(content.decode("utf-8"))
        classes = tuple(_read_class(table) for table in tables["class"])
        made = ResistanceTable(
            study=_read_study(tables["study"]),
            sources=tuple(_read_source(table) for table in tables["source"]),
            classes=tuple(sorted(classes, key=lambda item: item.selection is not None)),
            slopes=tuple(_read_slope(table) for table in tables.get("slope", [])),
            references=tuple(str(table["text"]) for table in tables.get("reference", {}).values()),
            sha256=hashlib.sha256(content).hexdigest(),
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _broken(path, str(error)) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _broken(path, f"{type(error).__name__}: {error}") from error
    if sum(item.selection is None for item in made.classes) != 1:
        raise _broken(path, "one class with base = true is needed")
    names = [*(item.id for item in made.classes), *(item.id for item in made.sources)]
    if len(set(names)) < len(names):
        raise _broken(path, "an id stands twice")
    return made


def _read_study(table: Mapping[str, Any]) -> StudyParameters:
    """Return the table ``[study]``."""
    west, south, east, north = (float(value) for value in table["bbox"])
    if not (west < east and south < north):
        raise ValueError(f"bbox = {table['bbox']}: [west, south, east, north] expected")
    return StudyParameters(
        title=_text(table),
        bbox=(west, south, east, north),
        cell_m=_positive(table, "cell_m"),
        site_resistance=_positive(table, "site_resistance"),
        distance_km=_positive(table, "distance_km"),
        probability=_positive(table, "probability"),
        least_probability=_positive(table, "least_probability"),
        band_share=_positive(table, "band_share"),
        barrier_radius_m=_positive(table, "barrier_radius_m"),
        variation=float(table.get("variation", 0.0)),
        variation_m=float(table.get("variation_m", 0.0)),
        runs=int(table["runs"]),
        seed=int(table["seed"]),
    )


def _read_selection(table: Mapping[str, Any]) -> Selection:
    """Return which features a class or source takes."""
    ranks = table.get("rank")
    return Selection(
        layer_id=str(table["layer"]),
        ids=tuple(table.get("ids", ())),
        kinds=tuple(table.get("kinds", ())),
        ranks=None if ranks is None else {int(rank): float(radius) for rank, radius in ranks.items()},
    )


def _read_source(table: Mapping[str, Any]) -> SourceRule:
    """Return one ``[[source]]``."""
    parts = tuple(Text(str(zh), str(en)) for zh, en in table.get("parts", ()))
    return SourceRule(str(table["id"]), _text(table), _read_selection(table), parts)


def _read_class(table: Mapping[str, Any]) -> ResistanceClass:
    """Return one ``[[class]]``."""
    low, high = _read_range(table, "resistance")
    if table["confidence"] not in CONFIDENCES:
        raise ValueError(
            f"{table['id']}: confidence = {table['confidence']!r}: one of {CONFIDENCES} expected"
        )
    return ResistanceClass(
        id=str(table["id"]),
        title=_text(table),
        selection=None if table.get("base") else _read_selection(table),
        resistance=float(table["resistance"]),
        low=low,
        high=high,
        confidence=str(table["confidence"]),
        source=str(table["source"]),
        buffer_m=float(table.get("buffer_m", 0.0)),
        linear=bool(table.get("linear", False)),
        max_accuracy_m=None if "max_accuracy_m" not in table else float(table["max_accuracy_m"]),
    )


def _read_slope(table: Mapping[str, Any]) -> SlopeClass:
    """Return one ``[[slope]]``."""
    low, high = _read_range(table, "factor")
    return SlopeClass(float(table["up_to_deg"]), float(table["factor"]), low, high)


def _read_range(table: Mapping[str, Any], name: str) -> Range:
    """Return a range that holds the value it belongs to."""
    low, high = (float(value) for value in table["range"])
    value = float(table[name])
    if not 0 < low <= value <= high < float("inf"):
        where = table.get("id", f"slope {table.get('up_to_deg')}")
        raise ValueError(f"{where}: 0 < {low:g} ≤ {name} {value:g} ≤ {high:g} does not hold")
    return low, high


def _positive(table: Mapping[str, Any], name: str) -> float:
    """Return a number larger than 0."""
    value = float(table[name])
    if not value > 0:
        raise ValueError(f"{name} = {value:g}: more than 0 expected")
    return value


def _text(table: Mapping[str, Any]) -> Text:
    """Return a title in both languages."""
    return Text(str(table["title_zh"]), str(table["title_en"]))


def _broken(path: Path, why: str) -> CorridorError:
    """Return the error for a table that cannot be used."""
    return CorridorError(
        f"阻力表 {path.name} 无法使用：{why}",
        f"the resistance table {path.name} cannot be used: {why}",
        where=str(path),
        hint_zh="以 layers/resistance.toml 为样本：[study]、[[source]]、[[class]]，类别有 resistance、range",
        hint_en="take layers/resistance.toml as a pattern: [study], [[source]], [[class]], each class with "
        "resistance and range",
        code="corridors.table",
    )
