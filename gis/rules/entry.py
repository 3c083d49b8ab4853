"""One table of the rule file: typed access to its fields, and the error that names file, rule and field."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from gis.errors import RuleError
from gis.model import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of the rule file with the place it stands at, for messages."""

    file: str
    owner: str
    table: Mapping[str, Any]

    def refuse(self, field: str, zh: str, en: str) -> NoReturn:
        """Raise the :class:`RuleError` that names file, rule and field."""
        raise RuleError(
            f"规则 {self.owner} 的字段 {field}：{zh}",
            f"rule {self.owner}, field {field}: {en}",
            where=f"{self.file}: {self.owner} · {field}",
            hint_zh="请改正这一条后用 gis rules 查看",
            hint_en="correct this entry and look at it with: gis rules",
            code="rules.field",
        )

    def inner(self, field: str) -> Entry:
        """Return the table of that name."""
        table = self.table.get(field)
        if not isinstance(table, dict):
            self.refuse(field, "缺少，或不是表", "missing, or not a table")
        return Entry(self.file, self.owner, table)

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Refuse a table with a field that is not in `known`."""
        for field in self.table:
            if field not in known:
                self.refuse(
                    field, f"未知字段；可用：{'、'.join(known)}", f"unknown; known: {', '.join(known)}"
                )

    def text(self, field: str) -> str:
        """Return a text that must be there."""
        value = self.table.get(field)
        if not isinstance(value, str) or not value.strip():
            self.refuse(field, "缺少，或不是文字", "missing, or not a text")
        return value

    def text_or_empty(self, field: str) -> str:
        """Return a text that may be left out; empty then."""
        return self.text(field) if field in self.table else ""

    def bilingual(self, stem: str) -> Text:
        """Return the texts ``<stem>_zh`` and ``<stem>_en``, both of which must be there."""
        return Text(self.text(f"{stem}_zh"), self.text(f"{stem}_en"))

    def truth(self, field: str) -> bool:
        """Return a true or false that must be there."""
        value = self.table.get(field)
        if not isinstance(value, bool):
            self.refuse(field, "缺少，或不是 true/false", "missing, or not true or false")
        return value

    def number(self, field: str) -> float:
        """Return a finite number ≥ 0 that must be there."""
        value = self.table.get(field)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(field, "缺少，或不是数字", "missing, or not a number")
        if not math.isfinite(value) or value < 0:
            self.refuse(field, f"应为不小于 0 的数，实际为 {value}", f"must be 0 or more, is {value}")
        return float(value)

    def day(self, field: str) -> date | None:
        """Return a date, written as a TOML date or as ISO text, or None when the field is left out."""
        value = self.table.get(field)
        if value is None:
            return None
        if isinstance(value, str) and ISO_DATE.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        if isinstance(value, datetime) or not isinstance(value, date):
            self.refuse(field, "应为日期，如 2026-03-15", "must be a date such as 2026-03-15")
        return value

    def kinds(self, field: str) -> tuple[str, ...]:
        """Return a list of feature kinds, empty when the field is left out."""
        values = self.table.get(field, [])
        if not isinstance(values, list) or not all(
            isinstance(value, str) and IDENTIFIER.fullmatch(value) for value in values
        ):
            self.refuse(field, "应为要素类别（小写英文标识）的列表", "must be a list of kinds in lower case")
        if len(set(values)) != len(values):
            self.refuse(field, "类别重复", "a kind is named twice")
        return tuple(values)
