"""A plain table: columns, rows, and the small phrases that fill its cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gis.model import Text
from gis.outputs.measures import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gis.model import Provision, Range

Value = str | float | int | None
YES_NO = (Text("否", "no"), Text("是", "yes"))


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, its number pattern (empty for text), its greatest width in characters."""

    label: Text
    pattern: str = ""
    widest: float | None = None

    @property
    def decimals(self) -> int:
        """Decimals of the number pattern."""
        return len(self.pattern.split(".")[1]) if "." in self.pattern else 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row, and the colour behind some of its cells by their position."""

    values: tuple[Value, ...]
    colours: Mapping[int, str] = field(default_factory=dict)

    def colour_of(self, index: int) -> str:
        """Return the colour behind a cell; empty for none."""
        return self.colours.get(index, "")


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; the first `frozen` columns stay in sight."""

    title: Text
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    frozen: int = 0


def both(text: Text) -> str:
    """Return a wording in both languages on one line."""
    return text.zh if not text.en or text.en == text.zh else f"{text.zh} {text.en}"


def yes_no(value: bool) -> str:  # noqa: FBT001 - the value is what is said
    """Return yes or no."""
    return YES_NO[value].zh


def cite(provision: Provision) -> str:
    """Return an article with its version, and whether its text was seen."""
    seen = "" if provision.verified else "（条文未核）"
    return f"《{provision.instrument}》{provision.article}（{provision.version}）{seen}"


def format_numbers(numbers: Sequence[int]) -> str:
    """Return numbers with runs drawn together: ``1–4、7、9–10``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    parts = (
        str(first) if first == last else f"{first}、{last}" if last == first + 1 else f"{first}–{last}"
        for first, last in runs
    )
    return "、".join(parts)


def list_areas(area_m2: float | None) -> tuple[Value, Value, Value]:
    """Return an area as m², ha and mu; three times nothing for None."""
    if area_m2 is None:
        return None, None, None
    return area_m2, area_m2 / M2_PER_HA, area_m2 / M2_PER_MU


def list_bounds(value: Range | None) -> tuple[Value, Value, Value]:
    """Return the least, drawn and greatest value of a measure; three times nothing for None."""
    return (None, None, None) if value is None else (value.min, value.as_drawn, value.max)
