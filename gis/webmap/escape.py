"""The only two ways a string gets into a page: as JSON inside a script, or with a nonce put on a tag."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

_UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def script_json(value: Any) -> str:
    """Return `value` as JSON that can stand inside a ``<script>``: no ``<``, ``>``, ``&``, U+2028 or U+2029.

    Raises
    ------
    ValueError
        If a number is NaN or infinite.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_UNSAFE)


class _TagFinder(HTMLParser):
    """Finds where ``<script`` and ``<style`` tags that carry no nonce start."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[int, int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the place of a tag that needs a nonce."""
        if tag in {"script", "style"} and "nonce" not in dict(attrs):
            line, column = self.getpos()
            self.found.append((line, column, tag))


def put_nonce(page: str, nonce: str) -> str:
    """Return `page` with ``nonce`` on every script and style tag that has none.

    Tags are found by a parser that knows where scripts end, so text inside a script is never touched.

    Parameters
    ----------
    page : str
        A whole HTML page.
    nonce : str
        Letters, digits, ``-``, ``_`` only.

    Raises
    ------
    ValueError
        If the nonce has other signs.
    """
    if not nonce or not all(sign.isalnum() or sign in "-_" for sign in nonce):
        raise ValueError("a nonce has letters, digits, - and _ only")
    finder = _TagFinder()
    finder.feed(page)
    finder.close()
    lines = page.split("\n")
    for line, column, tag in reversed(finder.found):
        text = lines[line - 1]
        end = column + 1 + len(tag)
        lines[line - 1] = f'{text[:end]} nonce="{nonce}"{text[end:]}'
    return "\n".join(lines)
