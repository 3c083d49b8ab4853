"""How much room text takes on paper, and where a line of it may be broken."""

from __future__ import annotations

from functools import cache, lru_cache

from gis.sheets.typeface import open_face

MM_PER_PT = 25.4 / 72
NEVER_FIRST = "，。；：、）】》”%"
"""Marks that end what stands before them."""

CAP_HEIGHT = 0.733
"""Height of capitals and figures of Noto Sans SC, ems."""


def text_width(text: str, size_pt: float, face: str = "regular") -> float:
    """Return the width of a line of text, millimetres."""
    return width_em(text, face) * size_pt * MM_PER_PT


@lru_cache(maxsize=20_000)
def width_em(text: str, face: str) -> float:
    """Return the width of a line of text, ems."""
    return sum(char_width(face, char) for char in text)


@cache
def char_width(face: str, char: str) -> float:
    """Return the advance of a character, ems."""
    return open_face(face).width(char)


def wrap_text(text: str, width_mm: float, size_pt: float, face: str = "regular") -> list[str]:
    """Break a text into lines no wider than `width_mm`: between Chinese characters, else at spaces.

    A closing mark never begins a line.
    """
    lines, line, used = [], "", 0.0
    room = width_mm / (size_pt * MM_PER_PT)
    for token in split_tokens(text):
        if line and used + width_em(token.rstrip(), face) > room and token[0] not in NEVER_FIRST:
            lines.append(line.rstrip())
            line, used = "", 0.0
            token = token.lstrip()  # noqa: PLW2901 - a line does not begin with a space
        line += token
        used += width_em(token, face)
    return [*lines, line.rstrip()] if line.strip() else lines


def split_tokens(text: str) -> list[str]:
    """Return the unbreakable pieces of a text: single wide characters, words with their trailing space."""
    tokens: list[str] = []
    for char in text:
        wide = ord(char) >= 0x2E80
        joins = tokens and not wide and not tokens[-1].endswith((" ", "/")) and ord(tokens[-1][-1]) < 0x2E80
        if joins and len(tokens[-1]) < 40:
            tokens[-1] += char
        else:
            tokens.append(char)
    return tokens
