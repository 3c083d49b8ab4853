"""The words of the pages in two languages: ``gis/webmap/words.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from gis.model import Text

WORDS = Path(__file__).with_name("words.toml")
LANGUAGES = ("zh", "en")
HTML_LANG = {"zh": "zh-CN", "en": "en"}


@cache
def read_words() -> dict[str, Text]:
    """Return every wording by its key."""
    tables = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return {key: Text(table["zh"], table["en"]) for key, table in tables.items()}


def choose_language(asked: str | None) -> str:
    """Return ``zh`` or ``en``; Chinese unless English was asked for."""
    return "en" if asked and asked.lower().startswith("en") else "zh"


def word_table() -> dict[str, dict[str, str]]:
    """Return every wording as plain tables, for the page's JSON."""
    return {key: {"zh": text.zh, "en": text.en} for key, text in read_words().items()}
