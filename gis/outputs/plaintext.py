"""Strangers' text as it may be shown: what would steer a terminal, a page or a reader is made visible."""

from __future__ import annotations

import unicodedata

HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
"""Unicode categories that are not letters: controls, direction marks, private, surrogate, unassigned."""

NAME_LENGTH = 60
FILE_LENGTH = 60


def show_text(value: object, limit: int | None = None) -> str:
    """Return a value as harmless text on one line.

    Parameters
    ----------
    value : object
        Anything an attribute or file name can hold; None becomes an empty text.
    limit : int, optional
        Longest text in characters; a longer one ends in ``…``.

    Notes
    -----
    Control, direction and surrogate characters are written as their code, ``[U+202E]``: they would reorder a
    line, end a string or stop a file from being written. Line breaks and tabs become spaces.
    """
    if value is None:
        return ""
    shown = "".join(_show_character(char) for char in str(value)[: None if limit is None else limit + 1])
    return shown if limit is None else shorten(shown, limit)


def _show_character(char: str) -> str:
    """Return one character, or its code when it cannot be seen."""
    if char in "\t\n\r":
        return " "
    return f"[U+{ord(char):04X}]" if unicodedata.category(char) in HIDDEN else char


def shorten(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters, ending in ``…`` where something was left out."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def text_columns(text: str) -> int:
    """Return how many columns a text takes on a terminal or in a table: wide characters count two."""
    return sum(char_columns(char) for char in text)


def char_columns(char: str) -> int:
    """Return the columns of one character: 0 for a combining mark, 2 for a wide one, else 1."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
