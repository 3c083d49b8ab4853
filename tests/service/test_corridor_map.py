"""The corridor map in a browser: what it draws, and how sure it is, said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.service.browsing import DESKTOP, watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

TIANMU_PATH = (119.62, 30.40)
"""Near the range east of Tianmushan; the corridor is some kilometres wide."""


def test_the_start_page_leads_to_the_corridor_map_and_it_says_how_sure_it_is(
    browser: Browser, shipped_address: str
) -> None:
    with watch(browser, shipped_address, DESKTOP) as watched:
        watched.open("/")
        page = watched.page
        page.locator("main a[href^='/maps/corridors']").first.click()
        page.wait_for_selector("html[data-ready=true]")
        legend = page.get_by_role("region", name="图例", exact=True)
        assert "有多大把握" in legend.inner_text()
        assert "75 % 以上的抽样取用" in page.locator("#tree").inner_text()
        page.get_by_role("button", name="English", exact=True).click()
        assert "How sure" in page.get_by_role("region", name="Legend", exact=True).inner_text()


def test_paths_bands_pinch_points_and_agreement_are_on_and_a_click_tells_their_source(
    browser: Browser, shipped_address: str
) -> None:
    with watch(browser, shipped_address, DESKTOP) as watched:
        watched.open("/maps/corridors")
        page = watched.page
        for title in ("最小阻力路径（推算）", "夹点（推算）", "最小阻力廊道带（推算）", "抽样一致率（推算）"):
            assert page.get_by_role("checkbox", name=title).is_checked()
        watched.look(*TIANMU_PATH, 11, "corridors")
        place = watched.see(*TIANMU_PATH, "corridors")
        page.locator("#map_corridors").click(position={"x": place["x"], "y": place["y"]})
        told = page.locator("#identify").inner_text()
        assert "抽样" in told
        assert "gis corridors" in told
