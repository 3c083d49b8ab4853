"""The shipped maps in a planner's hands: both languages, at a desk and on a phone, by mouse and by keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.service.browsing import DESKTOP, Watched, watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = pytest.mark.browser

PHONE = {"width": 375, "height": 812}
SMALL = {"width": 320, "height": 568}
MAPS = ("framework", "hubs", "control", "check", "corridors")
XIXI = (120.063, 30.267)
ZH = {
    "search": "搜索",
    "legend": "图例",
    "measure": "测量",
    "opacity": "透明度",
    "print": "打印",
    "share": re.compile("链接|分享"),
    "other": "English",
    "draw": "绘制多边形",
    "check": "检查",
    "identify": re.compile("属性|要素"),
    "source": "来源",
    "accuracy": "精度",
    "length": "长度",
    "area": "面积",
    "undo": "撤销",
    "edit": "修改用地",
    "menu": "图层与图例",
    "lang": "zh-CN",
    "hit": "西溪",
    "file": "选择用地文件",
}
EN = {
    "search": "Search",
    "legend": "Legend",
    "measure": "Measure",
    "opacity": "Opacity",
    "print": "Print",
    "share": re.compile("Link|Share"),
    "other": "中文",
    "draw": "Draw polygon",
    "check": "Check",
    "identify": re.compile("Identify|Feature"),
    "source": "Source",
    "accuracy": "Accuracy",
    "length": "Length",
    "area": "Area",
    "undo": "Undo",
    "edit": "Edit the site",
    "menu": "Layers and legend",
    "lang": "en",
    "hit": "Xixi",
    "file": "Choose site files",
}
WORDS: dict[str, dict[str, Any]] = {"zh": ZH, "en": EN}
VERDICTS = {
    "prohibited": "禁止",
    "restricted": "限制",
    "approval_needed": "审批",
    "attention": "注意",
    "undetermined": "无法判定",
    "clear": "未发现",
}
FACES = {
    "": "application/json",
    ".geojson": "application/geo+json",
    ".xlsx": "application/vnd.openxmlformats",
    ".html": "text/html",
    ".pdf": "application/pdf",
}
CORRIDOR_COLOUR = "#6d1fa8"


@pytest.mark.parametrize("map_id", MAPS)
def test_every_control_has_the_name_people_are_told(
    browser: Browser, shipped_address: str, map_id: str
) -> None:
    with watch(browser, shipped_address, DESKTOP) as watched:
        watched.open(f"/maps/{map_id}")
        page = watched.page
        assert page.evaluate(f"map_{map_id} instanceof L.Map && window.map_{map_id} === map_{map_id}")
        config = page.evaluate("JSON.parse(document.getElementById('config').text)")
        for language, words in WORDS.items():
            assert page.locator("html").get_attribute("lang") == words["lang"]
            assert page.get_by_label(words["search"], exact=True).is_visible()
            assert page.get_by_role("region", name=words["legend"], exact=True).is_visible()
            assert page.get_by_label(words["opacity"], exact=True).is_visible()
            for name in ("measure", "print"):
                assert page.get_by_role("button", name=words[name], exact=True).is_visible()
            assert page.get_by_role("button", name=words["share"]).is_visible()
            page.evaluate(
                "document.querySelectorAll('#tree details').forEach((node) => { node.open = true; })"
            )
            shown = page.get_by_role("checkbox").evaluate_all(
                "(boxes) => boxes.map((box) => box.labels[0].innerText.trim())"
            )
            usable = {facts["title"][language] for facts in config["layers"].values() if facts["usable"]}
            assert usable <= set(shown)
            page.get_by_role("button", name=words["other"], exact=True).click()


def draw_square(watched: Watched, words: dict[str, Any], *, half_px: float) -> None:
    """Draw a square about the middle of the check map and close it by clicking its first corner."""
    page = watched.page
    watched.look(*XIXI, 13, "check")
    page.get_by_role("button", name=words["draw"], exact=True).click()
    page.locator("#map_check").scroll_into_view_if_needed()
    size = page.locator("#map_check").bounding_box() or {}
    x, y = size["width"] / 2, size["height"] / 2
    for east, south in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)):
        page.locator("#map_check").click(position={"x": x + east * half_px, "y": y + south * half_px})


def read_result(watched: Watched) -> Any:
    """Return the stored result that the page shows, each of its faces seen to open."""
    request = watched.page.request
    path = watched.page.get_by_role("link", name="JSON", exact=True).get_attribute("href")
    for face, kind in FACES.items():
        answer = request.get(f"{watched.address}{path}{face}")
        assert answer.status == 200
        assert answer.headers["content-type"].startswith(kind)
    return request.get(f"{watched.address}{path}").json()


@pytest.mark.parametrize(("language", "size"), [("zh", DESKTOP), ("en", PHONE), ("zh", SMALL)])
def test_a_drawn_site_gets_its_verdict_findings_effects_and_gaps(
    browser: Browser, shipped_address: str, language: str, size: dict[str, int]
) -> None:
    words = WORDS[language]
    with watch(browser, shipped_address, size) as watched:
        page = watched.page
        watched.open(f"/maps/check?lang={language}")
        draw_square(watched, words, half_px=60)
        assert page.locator(".given li").count() == 1
        page.get_by_role("button", name=words["check"], exact=True).click()
        page.locator(".faces").wait_for()
        assert page.evaluate("document.activeElement.closest('#check') !== null")
        result = read_result(watched)
        site = result["sites"][0]
        told = page.locator("#check").text_content() or ""
        assert site["verdict"] == "prohibited"
        if language == "zh":
            assert VERDICTS[site["verdict"]] in told
        assert len(site["findings"]) > 3
        for finding in site["findings"]:
            assert finding["title"][language] in told
            assert all(law["article"] in told and law["instrument"] in told for law in finding["provisions"])
        for gap in site["unassessed"]:
            assert gap["title"][language] in told
        assert site["corridor_effects"]
        for effect in site["corridor_effects"]:
            assert effect["title"][language] in told
        paths = "[...map_check.getPane('result').querySelectorAll('path')]"
        drawn = page.evaluate(f"{paths}.map((path) => path.getAttribute('stroke'))")
        assert len(drawn) >= 2 + sum(finding["geometry"] is not None for finding in site["findings"])
        assert CORRIDOR_COLOUR in drawn
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        page.get_by_role("button", name=words["edit"]).click()
        assert page.locator(".given li").count() == 1
        page.get_by_role("button", name=words["undo"], exact=True).click()
        assert page.locator(".given li").count() == 0


@pytest.mark.parametrize("language", WORDS)
def test_a_hit_is_shown_with_name_source_and_accuracy(
    browser: Browser, shipped_address: str, language: str
) -> None:
    words = WORDS[language]
    with watch(browser, shipped_address, PHONE) as watched:
        page = watched.page
        watched.open(f"/maps/framework?lang={language}")
        page.get_by_label(words["search"], exact=True).fill(words["hit"])
        page.get_by_role("option").first.click()
        region = page.get_by_role("region", name=words["identify"])
        region.wait_for()
        text = region.inner_text()
        assert words["hit"] in text
        assert words["source"] in text
        assert re.search(rf"{words['accuracy']}\s*± [\d.]+ k?m", text)


@pytest.mark.parametrize("language", WORDS)
def test_a_length_and_an_area_are_measured_in_units(
    browser: Browser, shipped_address: str, language: str
) -> None:
    words = WORDS[language]
    with watch(browser, shipped_address, SMALL) as watched:
        page = watched.page
        watched.open(f"/maps/hubs?lang={language}")
        watched.look(120.4, 30.2, 12, "hubs")
        page.get_by_role("button", name=words["measure"], exact=True).click()
        canvas = page.locator("#map_hubs")
        size = canvas.bounding_box() or {}
        x, y = size["width"] / 2, size["height"] / 2 + 60
        for dx, dy in ((-50, -50), (50, -50), (50, 50)):
            canvas.click(position={"x": x + dx, "y": y + dy})
        page.keyboard.press("Enter")
        text = page.locator("#tool-card").inner_text()
        assert re.search(rf"{words['length']}\s*[\d.,]+ k?m\b", text)
        assert re.search(rf"{words['area']}\s*[\d.,]+ (ha|km²)", text)


def test_a_link_opens_the_same_map_in_a_new_tab(browser: Browser, shipped_address: str) -> None:
    with watch(browser, shipped_address, DESKTOP) as watched:
        page = watched.page
        watched.open("/maps/framework?lang=en")
        title = page.evaluate("JSON.parse(document.getElementById('config').text).layers.wetlands.title")
        page.get_by_role("checkbox", name=title["en"], exact=True).uncheck()
        watched.look(120.1, 30.3, 12.25)
        page.get_by_role("button", name=EN["share"]).click()
        link = page.get_by_role("textbox", name=EN["share"]).input_value()
        other = page.context.new_page()
        other.goto(link)
        other.wait_for_selector("html[data-ready=true]")
        assert other.locator("html").get_attribute("lang") == "en"
        assert not other.get_by_role("checkbox", name=title["en"], exact=True).is_checked()
        where = other.evaluate("[map_framework.getZoom(), map_framework.getCenter().lat]")
        assert where == [12.25, pytest.approx(30.3, abs=1e-4)]


def tab_to(watched: Watched, target: Locator, *, most: int = 60) -> None:
    """Press Tab until a control has the focus."""
    for _ in range(most):
        if target.evaluate("(node) => node === document.activeElement"):
            return
        watched.page.keyboard.press("Tab")
    raise AssertionError(f"not reached by Tab: {target}")


def test_a_site_is_drawn_checked_and_edited_by_keys_alone(browser: Browser, shipped_address: str) -> None:
    with watch(browser, shipped_address, DESKTOP) as watched:
        page = watched.page
        watched.open("/maps/check")
        watched.look(*XIXI, 13, "check")
        page.keyboard.press("Tab")
        page.evaluate("document.getElementById('check').focus()")
        tab_to(watched, page.get_by_role("button", name="绘制多边形"))
        page.keyboard.press("Enter")
        page.locator("#map_check").focus()
        for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
            page.keyboard.press(" ")
            page.keyboard.press(key)
            page.wait_for_timeout(350)
        page.keyboard.press("Enter")
        tab_to(watched, page.get_by_role("button", name="检查", exact=True))
        page.keyboard.press("Enter")
        page.locator(".faces").wait_for()
        tab_to(watched, page.get_by_role("button", name="修改用地"))
        page.keyboard.press("Enter")
        assert page.locator(".given li").count() == 1


def test_the_read_out_gives_degrees_and_the_plane(browser: Browser, shipped_address: str) -> None:
    with watch(browser, shipped_address, DESKTOP) as watched:
        watched.open("/maps/hubs")
        watched.page.locator("#map_hubs").hover(position={"x": 500, "y": 300})
        watched.page.wait_for_timeout(100)
        text = watched.page.locator("#coordinates").inner_text()
        assert re.search(r"1[12]\d\.\d{5}°E [23]\d\.\d{5}°N\s+E \d{3} \d{3}\s+N \d \d{3} \d{3} m", text)
