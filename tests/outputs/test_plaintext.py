"""What would steer a reader is made visible; the rest stays as it is."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from gis.outputs.plaintext import show_text, text_columns


def test_plain_text_of_any_language_stays() -> None:
    assert show_text("杭政储出〔2026〕12号 Łódź — naïve") == "杭政储出〔2026〕12号 Łódź — naïve"


def test_direction_marks_and_controls_show_their_code() -> None:
    assert show_text("a\u202eb\x1bc\ud800") == "a[U+202E]b[U+001B]c[U+D800]"


def test_line_breaks_become_spaces() -> None:
    assert show_text("一\r\n二\t三") == "一  二 三"


def test_nothing_is_empty() -> None:
    assert show_text(None) == ""


@given(st.text(), st.integers(1, 40))
def test_shown_text_is_short_and_holds_no_control(text: str, limit: int) -> None:
    shown = show_text(text, limit)
    assert len(shown) <= limit
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs"}
    shown.encode("utf-8")


def test_wide_characters_take_two_columns() -> None:
    assert text_columns("禁止 A") == 6
