"""Every page in both languages, desktop and phone, under axe-core; and nothing wider than a phone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

AXE = Path(__file__).with_name("vendor") / "axe.min.js"
SIZES = {
    "desktop": {"width": 1440, "height": 900},
    "phone": {"width": 375, "height": 812},
    "small": {"width": 320, "height": 568},
}
PAGES = ("/", "/maps/framework", "/maps/hubs", "/maps/control", "/maps/check", "/checks", "/maps/none")
SEVERE = {"serious", "critical"}


LIBRARY_S = {"nested-interactive"}
"""Rules that Swagger UI's own markup breaks: a button inside the row that opens an operation."""


def find_problems(page: Any, *, but: frozenset[str] | set[str] = frozenset()) -> list[str]:
    """Return the serious and critical violations of a page, with the nodes concerned."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{item['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:160]}"
        for item in found["violations"]
        if item["impact"] in SEVERE and item["id"] not in but
        for node in item["nodes"]
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_serious_violation_and_fits(
    browser: Browser, address: str, path: str, language: str
) -> None:
    context = browser.new_context(viewport=SIZES["desktop"])  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}{path}?lang={language}")
    if path.startswith("/maps/") and path != "/maps/none":
        page.wait_for_selector("html[data-ready=true]")
    for size in ("desktop", "phone"):
        page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
        assert find_problems(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    context.close()


@pytest.mark.parametrize(("language", "size"), [("zh", "desktop"), ("en", "phone"), ("zh", "small")])
def test_no_card_or_panel_that_opens_has_a_serious_violation(
    browser: Browser, address: str, language: str, size: str
) -> None:
    context = browser.new_context(viewport=SIZES[size])  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}/maps/framework?lang={language}")
    page.wait_for_selector("html[data-ready=true]")
    for tool in ("measure", "print", "share"):
        page.locator(f".tool.{tool}").click()
        assert find_problems(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    page.locator("#attribution").click()
    page.locator("#search").fill("alert")
    page.get_by_role("option").first.wait_for()
    assert find_problems(page) == []
    page.get_by_role("option").first.click()
    page.locator("#identify .card").first.wait_for()
    assert find_problems(page) == []
    page.keyboard.press("Escape")
    if size != "desktop":
        page.locator("#identify .round").click()
        page.locator("#menu").click()
    page.locator("#tree .more").first.click()
    page.locator("#tree summary").last.click()
    page.wait_for_timeout(250)
    assert find_problems(page) == []
    context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_reference_of_the_interface_has_no_serious_violation_of_ours(
    browser: Browser, address: str, language: str
) -> None:
    context = browser.new_context(viewport=SIZES["phone"])  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}/docs?lang={language}")
    page.locator(".opblock").first.wait_for()
    assert find_problems(page, but=LIBRARY_S) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
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
    page.set_viewport_size(SIZES["desktop"])  # type: ignore[arg-type]
    assert find_problems(page) == []
    page.goto(f"{address}/checks?lang={language}")
    page.locator("tbody tr").first.wait_for()
    assert find_problems(page) == []
    context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_control_of_the_head_is_cut_off_at_any_width(
    browser: Browser, address: str, language: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/maps/framework?lang={language}")
    page.wait_for_selector("html[data-ready=true]")
    for width in (320, 375, 768, 1024, 1280, 1366):
        page.set_viewport_size({"width": width, "height": 720})
        for control in ("#search", "#language", ".brand"):
            box = page.locator(control).bounding_box() or {}
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
        assert (page.locator("#search").bounding_box() or {})["width"] >= 120
    context.close()
