"""Strings reach a page only as JSON; scripts run only with the nonce."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.webmap.escape import put_nonce, script_json


@given(st.text())
def test_script_json_keeps_the_text_and_holds_no_sign_that_ends_a_script(text: str) -> None:
    written = script_json({"text": text})
    assert json.loads(written) == {"text": text}
    assert not set(written) & set("<>&\u2028\u2029")


def test_script_json_refuses_numbers_that_json_does_not_have() -> None:
    with pytest.raises(ValueError, match="JSON"):
        script_json(float("nan"))


class Tags(HTMLParser):
    """Collects the nonces of script and style tags."""

    def __init__(self) -> None:
        super().__init__()
        self.nonces: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the nonce of a tag."""
        if tag in {"script", "style"}:
            self.nonces.append(dict(attrs).get("nonce"))


def test_every_script_and_style_gets_the_nonce() -> None:
    page = (
        '<head><script src="/a.js"></script>\n<style>\n p {}</style></head><SCRIPT>\nx()</SCRIPT>'
        '<script nonce="own">y()</script>'
    )
    tags = Tags()
    tags.feed(put_nonce(page, "abc"))
    assert tags.nonces == ["abc", "abc", "abc", "own"]


def test_text_inside_a_script_is_never_touched() -> None:
    page = '<script>var a = "<script>alert(1)<\\/script>";\nvar b = "<style>";</script>'
    assert put_nonce(page, "abc") == page.replace("<script>var", '<script nonce="abc">var')


@pytest.mark.parametrize("nonce", ["", 'a"b', "a b", "a>b"])
def test_a_nonce_that_could_end_the_attribute_is_refused(nonce: str) -> None:
    with pytest.raises(ValueError, match="nonce"):
        put_nonce("<script></script>", nonce)
