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
def read_words(title: str = "") -> dict[str, Text]:
    """Return every wording by its key.

    Parameters
    ----------
    title : str
        The office's name for the product, ``中文 / English`` or one for both; empty for our own.
    """
    tables = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    words = {key: Text(table["zh"], table["en"]) for key, table in tables.items()}
    if title:
        chinese, _, english = title.partition(" / ")
        words["product"] = Text(chinese, english or chinese)
    return words


def choose_language(asked: str | None) -> str:
    """Return ``zh`` or ``en``; Chinese unless English was asked for."""
    return "en" if asked and asked.lower().startswith("en") else "zh"


def word_table(title: str = "") -> dict[str, dict[str, str]]:
    """Return every wording as plain tables, for the page's JSON."""
    return {key: {"zh": text.zh, "en": text.en} for key, text in read_words(title).items()}
