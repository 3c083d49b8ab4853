"""The report says all that the result says, in its order, and nothing a stranger wrote is alive in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from gis.outputs.content import compose_report
from gis.outputs.html import render_html
from gis.outputs.report import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Case

ALLOWED_ATTRIBUTES = re.compile(r"^(?!on)[a-zA-Z:-]+$")
DANGEROUS = {"script", "iframe", "object", "embed", "link", "img", "form", "a", "base", "foreignobject"}


class Reader(HTMLParser):
    """Collects the tags, attributes and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.values: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag with its attributes."""
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.values += [value or "" for _, value in attrs]

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text.append(data)


def read(page: str) -> Reader:
    """Return what a browser's parser would see."""
    reader = Reader()
    reader.feed(page)
    return reader


def test_the_sections_come_in_their_order(case: Case) -> None:
    page = render_html(case.result, case.workspace)
    places = [page.index(f"　{title.zh}<span") for title in SECTIONS]
    assert places == sorted(places)


def test_every_site_finding_gap_and_rejection_stands_in_it(case: Case) -> None:
    text = " ".join(read(render_html(case.result, case.workspace)).text)
    for site in case.result.sites:
        assert str(site.site.name) in text
        for finding in site.findings:
            assert finding.title.zh in text
            assert finding.provisions[0].article in text
    assert "图层redline" in text
    assert "空几何 sites.geojson" in text
    assert case.result.check_id in text
    assert all(used.sha256 is None or used.sha256 in text for used in case.result.layers)


def test_unverified_and_pending_rules_are_marked(case: Case) -> None:
    report = compose_report(case.result, case.workspace)
    blocks = {block.rule_id: block for group in report.rules for block in group.rules}
    assert not blocks["belt"].verified
    assert blocks["later"].pending
    page = render_html(case.result, case.workspace)
    assert "条文未核 text not seen" in page
    assert "尚未施行 pending" in page


def test_rules_stand_by_severity_pending_ones_last(case: Case) -> None:
    report = compose_report(case.result, case.workspace)
    order = [block.rule_id for group in report.rules for block in group.rules]
    assert order == ["inside", "belt", "later"]
    assert [block.number for group in report.rules for block in group.rules] == [1, 2, 3]


def test_a_measure_stands_in_three_units(case: Case) -> None:
    report = compose_report(case.result, case.workspace)
    (row,) = [row for row in report.rules[0].rows if row.number == 2]
    assert row.drawn == ("10,000.0 m²", "1.0000 ha · 15.00 亩")


def test_the_conclusion_names_the_rule_by_its_number(case: Case) -> None:
    report = compose_report(case.result, case.workspace)
    first = report.conclusions[0]
    assert first.verdict.value == "prohibited"
    assert "规则inside〔依据 1〕" in first.reasons[0].zh


def test_the_page_fetches_and_runs_nothing(hostile: Case) -> None:
    page = render_html(hostile.result, hostile.workspace)
    reader = read(page)
    assert not DANGEROUS & {tag.lower() for tag in reader.tags}
    assert all(ALLOWED_ATTRIBUTES.match(name) for name in reader.attributes)
    assert "href" not in reader.attributes
    assert "src" not in reader.attributes
    assert not [value for value in reader.values if "javascript:" in value or "url(" in value]


def test_hostile_text_stands_as_text(hostile: Case) -> None:
    text = "".join(read(render_html(hostile.result, hostile.workspace)).text)
    assert "<img src=x onerror=alert(1)>" in text
    assert "</script><script>alert(1)</script>" in text
    assert "`${alert(1)}`" in text
    assert "[U+202E]evil[U+2066][U+0000][U+001B][31m[U+0007]" in text
    assert "\u202e" not in text


def test_the_same_result_gives_the_same_page(case: Case) -> None:
    assert render_html(case.result, case.workspace) == render_html(case.result, case.workspace)


def test_a_run_without_sites_still_gives_a_report(make_case: Callable[..., Case]) -> None:
    from dataclasses import replace

    case = make_case()
    nothing = replace(case.result.input, sites=(), features_in=1)
    empty = replace(case.result, sites=(), corridors_together=(), input=nothing)
    page = render_html(empty, case.workspace)
    assert "没有可检查的用地" in page
    assert "无图" in page


@pytest.mark.browser
def test_a_browser_shows_no_dialog_and_asks_for_nothing(hostile: Case, tmp_path: Path) -> None:
    import shutil

    from playwright.sync_api import sync_playwright

    path = tmp_path / "report.html"
    path.write_text(render_html(hostile.result, hostile.workspace), encoding="utf-8")
    dialogs: list[str] = []
    requests: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 900, "height": 1200})
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_timeout(300)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        shown = page.inner_text("body")
        browser.close()
    assert dialogs == []
    assert requests == [path.as_uri()]
    assert wide == 0
    assert "<img src=x onerror=alert(1)>" in shown
