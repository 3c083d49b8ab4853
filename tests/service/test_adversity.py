"""Maps when something is wrong: layers that fail, long checks, online tiles, and texts that attack."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from gis.service import checks
from gis.workspace import open_workspace
from tests.service.browsing import DESKTOP, site_file, watch
from tests.service.conftest import PAYLOADS, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

    from gis.workspace import Workspace
    from tests.service.browsing import Watched

pytestmark = pytest.mark.browser

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def give_file(watched: Watched, name: str, content: bytes) -> None:
    """Choose a site file and check it."""
    watched.page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": content}
    )
    watched.page.get_by_role("button", name="检查", exact=True).click()


def test_every_control_works_when_a_layer_is_damaged(browser: Browser, workspace: Workspace) -> None:
    path = workspace.settings.workspace / "layers" / "ecology" / "nature_reserves.geojson"
    path.write_bytes(path.read_bytes()[:-40])
    with (
        serve(open_workspace(workspace.settings.workspace)) as address,
        watch(browser, address, DESKTOP) as watched,
    ):
        page = watched.page
        watched.open("/maps/framework")
        assert page.locator("#tree .failed").count() == 1
        page.get_by_role("button", name="测量").click()
        page.get_by_role("button", name="测量").click()
        page.get_by_label("搜索", exact=True).fill("alert")
        page.get_by_role("option").first.click()
        page.locator("#identify").wait_for()
        page.get_by_role("button", name="分享链接").click()
        page.get_by_role("button", name="打印", exact=True).click()
        page.get_by_role("button", name="English").click()
        watched.open("/maps/check")
        give_file(watched, "a.geojson", site_file(0, 0))
        page.locator(".faces").wait_for()
        assert "保护区" in (page.locator(".gaps").text_content() or "")
        assert page.locator(".verdict").first.inner_text() != "未发现"
        watched.open("/")
        assert page.locator(".facts .bad").is_visible()


def test_a_layer_that_does_not_arrive_is_told_and_stops_nothing(watched: Watched) -> None:
    page = watched.page
    page.route("**/api/layers/nature_reserves.geojson*", lambda route: route.abort())
    watched.open("/maps/framework")
    row = page.locator("#tree .row[data-layer=nature_reserves]")
    assert "载入失败" in row.inner_text()
    page.get_by_role("checkbox", name="保护区", exact=True).uncheck()
    page.get_by_label("搜索", exact=True).fill("alert")
    page.get_by_role("option").first.click()
    page.locator("#identify").wait_for()
    watched.errors.clear()  # the browser itself notes the request that failed


def test_a_long_check_shows_how_far_it_is(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "QUICK_S", 0.0)
    monkeypatch.setattr(checks, "QUICK_BYTES", 0)
    page = watched.page
    asked: list[str] = []
    page.on("response", lambda answer: asked.append(f"{answer.status} {answer.url}"))
    watched.open("/maps/check")
    give_file(watched, "many.geojson", site_file(-2000, 0, name="地块", count=300))
    page.get_by_role("progressbar", name="正在检查").wait_for()
    page.locator(".faces").wait_for()
    assert any(one.startswith("202 ") and "/api/checks" in one for one in asked)
    assert any(one.startswith("200 ") and "/api/jobs/" in one for one in asked)
    assert page.locator("details.site").count() == 300


def test_what_a_long_check_could_not_read_is_told_as_text(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "QUICK_S", 0.0)
    monkeypatch.setattr(checks, "QUICK_BYTES", 0)
    watched.open("/maps/check")
    give_file(watched, "<img src=x onerror=alert(1)>.geojson", b'{"type": "<img src=x onerror=alert(2)>"}')
    alert = watched.page.get_by_role("alert")
    alert.wait_for()
    assert "onerror" in alert.inner_text()
    assert watched.page.locator("img").count() == 0


def test_online_tiles_are_asked_only_when_switched_on(browser: Browser, workspace: Workspace) -> None:
    path = workspace.settings.workspace / "maps" / "basemaps.toml"
    text = path.read_text(encoding="utf-8")
    head, osm = text.rsplit("[[online]]", 1)
    path.write_text(head + "[[online]]" + osm.replace("enabled = false", "enabled = true"), encoding="utf-8")
    tiles: list[str] = []

    def answer(route: Route) -> None:
        tiles.append(route.request.url)
        route.fulfill(body=PIXEL, content_type="image/png")

    with serve(workspace) as address, watch(browser, address, DESKTOP) as watched:
        page = watched.page
        page.route("https://tile.openstreetmap.org/**", answer)
        watched.open("/maps/framework")
        page.wait_for_function("document.querySelectorAll('.leaflet-tile-loaded').length > 0")
        assert tiles
        assert "OpenStreetMap" in page.locator("#attribution").inner_text()
        page.get_by_role("checkbox", name="开放街图").uncheck()
        assert page.locator(".leaflet-tile").count() == 0
        assert all(url.startswith("https://tile.openstreetmap.org/") for url in watched.outside)
        watched.outside.clear()


@pytest.mark.parametrize("path", ["/maps/framework", "/maps/check"])
def test_attacks_in_a_link_fire_nothing(watched: Watched, path: str) -> None:
    for text in PAYLOADS:
        code = quote(text, safe="")
        watched.page.goto("about:blank")
        watched.open(f"{path}?lang={code}#map={code}/{code}/{code}&layers={code}&fade={code}:50&lang={code}")
        assert watched.page.locator("img, svg[onload]").count() == 0
        assert watched.page.locator("html").get_attribute("lang") == "zh-CN"


def test_attacks_in_the_register_s_search_fire_nothing(watched: Watched) -> None:
    for text in PAYLOADS:
        watched.page.goto(f"{watched.address}/checks?q={quote(text, safe='')}&lang=en")
        assert watched.page.get_by_label("Words").input_value() == text
        assert watched.page.locator("img, svg[onload]").count() == 0


def test_attacks_in_a_site_s_every_attribute_fire_nothing_in_its_report(watched: Watched) -> None:
    collection = json.loads(site_file(0, 0))
    for number, text in enumerate(PAYLOADS):
        feature = json.loads(site_file(500 * number, 0, name=text))["features"][0]
        feature["properties"] |= {f"字段{text}": text}
        collection["features"].append(feature)
    page = watched.page
    for number, text in enumerate(PAYLOADS):
        answer = page.request.post(
            f"{watched.address}/api/checks",
            multipart={
                "files": {
                    "name": f"{text.replace('/', '')}.geojson",
                    "mimeType": "application/json",
                    "buffer": json.dumps(collection).encode(),
                },
                "name": text,
            },
        )
        assert answer.status == 201
        check_id = answer.json()["check_id"]
        page.goto(f"{watched.address}/api/checks/{check_id}.html")
        assert page.locator("img, svg[onload], script").count() == 0
        if number == 0:
            page.goto(f"{watched.address}/checks/{check_id}?lang=en")
            page.locator(".faces").wait_for()
            page.locator("#check details").evaluate_all(
                "(all) => all.forEach((node) => { node.open = true; })"
            )
            assert page.locator("img, svg[onload]").count() == 0
    page.goto(f"{watched.address}/checks")
    assert page.locator("img, svg[onload]").count() == 0
    assert page.locator("tbody tr").count() == len(PAYLOADS)
