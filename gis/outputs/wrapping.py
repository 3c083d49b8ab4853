"""Breaking mixed Chinese and Latin text into lines: between Chinese characters, else between words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NO_START = frozenset("，。；：、）】》〉」』〕”’！？％%…·)]},.;:!?/°²")
"""Marks that never begin a line."""

NO_END = frozenset("（【《〈「『〔“‘([{")
"""Marks that never end one."""


NO_BREAK = "\u00a0"
UNIT = re.compile(r"(?<=\d) (?=(?:m²|m|km|ha|kV|%|亩|条|处)(?![A-Za-z]))")
"""The space between a number and its unit: they stay on one line."""


def is_wide(char: str) -> bool:
    """Return whether a line may break on either side of a character."""
    return ord(char) >= 0x2E80


def split_tokens(text: str) -> list[str]:
    """Return the pieces of a text that stay together: wide characters with their marks, words, spaces."""
    tokens: list[str] = []
    for char in text:
        if tokens and _joins(tokens[-1], char):
            tokens[-1] += char
        else:
            tokens.append(char)
    return tokens


def _joins(before: str, char: str) -> bool:
    """Return whether a character stays on the line of the piece before it."""
    last = before[-1]
    if char == " " or last == " ":
        return char == last
    if char in NO_START or last in NO_END:
        return True
    if last == "-" and char.isdigit() and before[-2:-1].isdigit():
        return True
    return not is_wide(char) and not is_wide(last) and last not in "-–/_，。；：、"


def wrap_text(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Return the lines of a text, none wider than `width`.

    Parameters
    ----------
    text : str
        Line breaks in it are kept.
    width : float
        In the unit of `measure`.
    measure : callable
        Width of a piece of text.
    """
    lines: list[str] = []
    for paragraph in UNIT.sub(NO_BREAK, text).split("\n"):
        lines += _wrap_paragraph(paragraph, width, measure)
    return [line.replace(NO_BREAK, " ") for line in lines]


def _wrap_paragraph(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Return the lines of one paragraph."""
    lines: list[str] = []
    line, used = "", 0.0
    for token in split_tokens(text):
        size = measure(token)
        if used + size <= width:
            line, used = line + token, used + size
            continue
        if line.strip():
            lines.append(line.rstrip())
        pieces = _cut_token(token.lstrip(), width, measure)
        lines += pieces[:-1]
        line, used = pieces[-1], measure(pieces[-1])
    return [*lines, line.rstrip()]


def _cut_token(token: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Return a piece cut wherever it must be, when it is wider than a line."""
    if measure(token) <= width:
        return [token]
    pieces, piece, used = [], "", 0.0
    for char in token:
        size = measure(char)
        if piece and used + size > width:
            pieces.append(piece)
            piece, used = "", 0.0
        piece, used = piece + char, used + size
    return [*pieces, piece]
