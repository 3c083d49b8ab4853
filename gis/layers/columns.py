"""Properties of many features by column: a third of the memory of a table for each feature."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


class Columns:
    """Properties by column, in the order of the features; grows as they are read.

    Parameters
    ----------
    rows : sequence of dict, optional
        Properties of the first features.
    """

    __slots__ = ("_keys", "_keys_of", "_values")

    def __init__(self, rows: Sequence[dict[str, Any]] = ()) -> None:
        self._values: dict[str, list[Any]] = {}
        self._keys: dict[tuple[str, ...], int] = {}
        self._keys_of = array("I")
        self.extend(rows)

    def __len__(self) -> int:
        return len(self._keys_of)

    def extend(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add the properties of more features."""
        before = len(self)
        for row in rows:
            self._keys_of.append(self._keys.setdefault(tuple(row), len(self._keys)))
        for keys in self._keys:
            for name in keys:
                if name not in self._values:
                    self._values[name] = [None] * before
        for name, values in self._values.items():
            values.extend([row.get(name) for row in rows])

    def column(self, name: str) -> list[Any]:
        """Return one property of every feature; None where a feature does not state it."""
        values = self._values.get(name)
        return [None] * len(self) if values is None else values.copy()

    def has(self, name: str) -> bool:
        """Return whether some feature states a property."""
        return name in self._values

    def rows(self) -> tuple[dict[str, Any], ...]:
        """Return the properties of each feature, as they were added."""
        keys = list(self._keys)
        return tuple(
            {name: self._values[name][row] for name in keys[of]} for row, of in enumerate(self._keys_of)
        )
