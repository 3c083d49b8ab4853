"""The embedded face: static, simplified Chinese, and a subset that holds what was asked for."""

from __future__ import annotations

import io

import pytest
from fontTools.ttLib import TTFont

from gis.sheets.measure import split_tokens, text_width, wrap_text
from gis.sheets.typeface import make_subset, open_face


@pytest.mark.parametrize("name", ["regular", "bold"])
def test_widths_are_those_of_the_font(name: str) -> None:
    face = open_face(name)
    full = TTFont(io.BytesIO(face.data), lazy=True)
    cmap = full.getBestCmap()
    for char in "杭A0，°′″（℃é":
        assert face.advance(face.glyph(char)) == full["hmtx"][cmap[ord(char)]][0]


def test_a_subset_is_a_valid_font_with_the_same_outlines() -> None:
    face = open_face("regular")
    glyphs = [face.glyph(char) for char in "杭州é"]
    content, new = make_subset(face, glyphs)
    small = TTFont(io.BytesIO(content))
    assert small["maxp"].numGlyphs == len(new)
    table = small["glyf"]
    for glyph in glyphs:
        expected = face.contours(glyph)
        coordinates, ends, _ = table[small.getGlyphName(new[glyph])].getCoordinates(table)
        assert len(ends) == len(expected)
        assert list(coordinates) == [(x, y) for contour in expected for x, y, _ in contour]
    assert len(content) < 6000


def test_an_unknown_character_is_the_box() -> None:
    assert open_face("regular").glyph("\U0010ffff") == 0


def test_lines_break_between_chinese_characters_and_at_spaces() -> None:
    lines = wrap_text("资料来源：OpenStreetMap contributors，经裁剪。", 30.0, 8.0)
    assert "".join(lines).replace(" ", "") == "资料来源：OpenStreetMapcontributors，经裁剪。"
    assert all(text_width(line, 8.0) <= 30.0 + text_width("，", 8.0) for line in lines)
    assert not any(line.startswith(("，", "。")) for line in lines)
    assert any("OpenStreetMap" in line for line in lines)


def test_tokens_keep_the_text() -> None:
    text = "按 GB/T 13989-2012 分幅 a b"
    assert "".join(split_tokens(text)) == text
