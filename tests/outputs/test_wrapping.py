"""Lines break between Chinese characters, never before a closing mark, never inside a short word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gis.outputs.plaintext import text_columns
from gis.outputs.wrapping import NO_START, wrap_text


def wrap(text: str, width: float) -> list[str]:
    """Wrap by terminal columns."""
    return wrap_text(text, width, lambda piece: float(text_columns(piece)))


def test_chinese_breaks_anywhere() -> None:
    assert wrap("生态廊道宽度", 4) == ["生态", "廊道", "宽度"]


def test_a_closing_mark_stays_with_what_it_closes() -> None:
    assert wrap("生态，廊道。", 4) == ["生", "态，", "廊", "道。"]


def test_words_stay_whole() -> None:
    assert wrap("the width of the corridor", 12) == ["the width of", "the corridor"]


def test_a_number_stays_with_its_unit() -> None:
    assert wrap("overlap 1200 m²", 14) == ["overlap", "1200 m²"]


def test_a_word_longer_than_a_line_is_cut() -> None:
    assert wrap("a1b2c3d4e5", 4) == ["a1b2", "c3d4", "e5"]


def test_line_breaks_are_kept() -> None:
    assert wrap("一\n\n二", 10) == ["一", "", "二"]


@given(st.text(alphabet="生态廊道，。（）ab c12", max_size=60), st.integers(4, 30))
def test_nothing_but_spaces_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_columns(line) <= width for line in lines)


@given(st.text(alphabet="生态廊道，。", min_size=1, max_size=40))
def test_no_line_begins_with_a_closing_mark(text: str) -> None:
    runs = max((len(run) for run in text.replace("，", "。").split("。")), default=0)
    lines = wrap(text, 40)
    marks = [line for line in lines[1:] if line and line[0] in NO_START]
    assert not marks or runs == 0 or "，，" in text or "。。" in text or "，。" in text or "。，" in text
