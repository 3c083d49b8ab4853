"""Every page in both languages, desktop and phone, under axe-core; and nothing wider than a phone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

AXE = Path(__file__).with_name("vendor") / "axe.min.js"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
PAGES = ("/", "/maps/framework", "/maps/hubs", "/maps/control", "/maps/check", "/checks")
SEVERE = {"serious", "critical"}


def find_problems(page: Any) -> list[str]:
    """Return the serious and critical violations of a page, with the nodes concerned."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{item['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:160]}"
        for item in found["violations"]
        if item["impact"] in SEVERE
        for node in item["nodes"]
    ]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_serious_violation_and_fits(
    browser: Browser, address: str, path: str, language: str, size: str
) -> None:
    context = browser.new_context(viewport=SIZES[size])  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}{path}?lang={language}")
    if path.startswith("/maps/"):
        page.wait_for_selector("html[data-ready=true]")
    assert find_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_result_and_its_open_parts_have_no_serious_violation(
    browser: Browser, address: str, language: str
) -> None:
    ring = "[[120,30.26],[120.01,30.26],[120.01,30.27],[120,30.27],[120,30.26]]"
    site = f'{{"type":"Polygon","coordinates":[{ring}]}}'
    context = browser.new_context(viewport=SIZES["phone"])  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}/maps/check?lang={language}")
    page.wait_for_selector("html[data-ready=true]")
    page.locator("input[type=file]").set_input_files(
        {"name": "a.geojson", "mimeType": "application/json", "buffer": site.encode()}
    )
    page.locator(".run").click()
    page.locator(".faces").wait_for()
    for summary in page.locator("#check summary").all():
        summary.click()
    assert find_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    context.close()
