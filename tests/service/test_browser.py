"""What a planner does on the maps, in a real browser."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from gis import crs
from tests.service.browsing import lonlat, site_file

if TYPE_CHECKING:
    from tests.service.browsing import Watched

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize(
    "path", ["/", "/maps/framework", "/maps/hubs?lang=en", "/maps/control", "/maps/check", "/checks", "/docs"]
)
def test_every_page_opens_without_error_and_asks_nobody_else(watched: Watched, path: str) -> None:
    watched.open(path)
    watched.page.wait_for_load_state("networkidle")
    assert watched.page.locator("header.top").is_visible()


@pytest.mark.parametrize("path", ["/", "/maps/check", "/checks"])
def test_a_machine_without_chinese_fonts_is_given_one(watched: Watched, path: str) -> None:
    watched.open(path)
    js = """async () => (await document.fonts.load('14px "Noto Sans SC Variable"', '杭州')).length"""
    assert watched.page.evaluate(js) > 0
    family = watched.page.evaluate("getComputedStyle(document.body).fontFamily")
    assert '"Noto Sans SC Variable", system-ui' in family


def test_a_layer_is_switched_by_its_title(watched: Watched) -> None:
    watched.open("/maps/framework")
    box = watched.page.get_by_role("checkbox", name="保护区", exact=True)
    assert box.is_checked()
    js = "map_framework.getPane('layer-nature_reserves').querySelectorAll('path').length"
    assert watched.page.evaluate(js) > 1
    box.uncheck()
    assert watched.page.evaluate(js) == 0
    assert "nature_reserves" not in watched.page.url


def test_a_click_tells_name_kind_accuracy_source_and_rule(watched: Watched) -> None:
    watched.open("/maps/framework#map=11/30.28/119.99")
    lon, lat = lonlat(-1500, -1500)
    watched.page.evaluate(
        "([lon, lat]) => { map_framework.setView([lat, lon], 11, {animate: false}); }", [lon, lat]
    )
    watched.page.locator("#map_framework").click(position=watched.see(lon, lat))
    panel = watched.page.get_by_role("region", name="要素属性")
    panel.wait_for()
    text = panel.inner_text()
    assert "甲保护区" in text
    assert "测试来源" in text
    assert "± 1.5 km" in text
    assert "规则no_building" in text
    panel.get_by_text("规则no_building").click()
    assert "测试条例 第一条" in panel.inner_text()


def test_enter_on_the_map_tells_what_is_in_its_middle(watched: Watched) -> None:
    watched.open("/maps/framework")
    watched.page.evaluate(
        "([lon, lat]) => { map_framework.setView([lat, lon], 11, {animate: false}); }", lonlat(0, 0)
    )
    watched.page.locator("#map_framework").focus()
    watched.page.keyboard.press("Enter")
    watched.page.locator("#identify .card-name").wait_for()
    assert "甲保护区" in watched.page.locator("#identify").inner_text()
    watched.page.keyboard.press("Escape")
    assert watched.page.locator("#identify").is_hidden()


def test_the_language_switch_changes_the_page_and_the_address(watched: Watched) -> None:
    watched.open("/maps/framework")
    watched.page.get_by_role("button", name="English").click()
    assert watched.page.locator("html").get_attribute("lang") == "en"
    assert watched.page.get_by_role("checkbox", name="Reserves", exact=True).is_checked()
    assert (
        watched.page.get_by_role("searchbox", name="Search")
        .or_(watched.page.get_by_role("combobox", name="Search"))
        .is_visible()
    )
    assert "lang=en" in watched.page.url
    watched.page.get_by_role("button", name="中文").click()
    assert watched.page.locator("html").get_attribute("lang") == "zh-CN"


def test_attacks_in_names_sources_titles_and_attributions_fire_nothing(watched: Watched) -> None:
    watched.open("/maps/framework?lang=en")
    page = watched.page
    for language in ("中文", "English"):
        page.get_by_role("button", name=language).click()
        for number in range(6):
            lon, lat = lonlat(3000 + 400 * number, 0)
            page.evaluate(
                "([lon, lat]) => { map_framework.setView([lat, lon], 15, {animate: false}); }", [lon, lat]
            )
            page.locator("#map_framework").click(position=watched.see(lon, lat))
            page.locator("#identify .card-name").first.wait_for()
        page.locator("#search").fill("alert")
        page.get_by_role("option").first.wait_for()
        page.get_by_role("option").first.click()
    for button in page.locator("#tree .more").all():
        button.click()
    page.locator("#attribution").click()
    page.wait_for_timeout(300)
    assert page.locator("img").count() == 0


def test_search_finds_shows_and_tells_a_feature(watched: Watched) -> None:
    watched.open("/maps/framework")
    watched.page.get_by_role("checkbox", name="保护区", exact=True).uncheck()
    watched.page.get_by_label("搜索", exact=True).fill("甲保护")
    watched.page.get_by_role("option", name=re.compile("甲保护区")).click()
    watched.page.locator("#identify").wait_for()
    assert watched.page.get_by_role("checkbox", name="保护区", exact=True).is_checked()
    lon, lat = lonlat(0, 0)
    assert watched.page.evaluate("([lon, lat]) => map_framework.getBounds().contains([lat, lon])", [lon, lat])


def test_a_link_restores_view_layers_fade_and_language(watched: Watched) -> None:
    watched.open("/maps/framework")
    page = watched.page
    page.get_by_role("checkbox", name="保护区", exact=True).uncheck()
    page.evaluate("() => { map_framework.setView([30.25, 119.95], 12.5, {animate: false}); }")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="About this layer Reserves").click()
    page.get_by_role("slider", name="Opacity Reserves").fill("40")
    link = page.url.removeprefix(watched.address)
    page.goto("about:blank")
    watched.open(link)
    assert page.locator("html").get_attribute("lang") == "en"
    assert not page.get_by_role("checkbox", name="Reserves", exact=True).is_checked()
    assert page.evaluate("[map_framework.getZoom(), map_framework.getCenter().lat]") == [
        12.5,
        pytest.approx(30.25, abs=1e-4),
    ]
    assert page.evaluate("map_framework.getPane('layer-nature_reserves').style.opacity") == "0.6"


def test_the_soft_edge_is_as_wide_as_the_accuracy_at_every_zoom(watched: Watched) -> None:
    watched.open("/maps/framework")
    js = """([lon, lat, zoom]) => {
        map_framework.setView([lat, lon], zoom, {animate: false});
        const paths = [...map_framework.getPane('layer-nature_reserves').querySelectorAll('path')];
        return Math.max(...paths.map((path) => Number(path.getAttribute('stroke-width'))));
    }"""
    lon, lat = lonlat(0, 0)
    for zoom in (9, 10, 11):
        metres_per_px = 40_075_016.7 * 0.8644 / (256 * 2**zoom)
        width = watched.page.evaluate(js, [lon, lat, zoom])
        assert width == pytest.approx(2 * 1500 / metres_per_px, rel=0.01)
    assert watched.page.evaluate(js, [lon, lat, 16]) == 120


def test_an_exact_outline_has_no_soft_edge(watched: Watched) -> None:
    watched.open("/maps/framework")
    js = "map_framework.getPane('layer-attacks').querySelectorAll('path').length"
    assert watched.page.evaluate(js) == 0


def test_a_layer_without_data_is_named_as_such(watched: Watched) -> None:
    watched.open("/maps/framework")
    watched.page.get_by_text("尚无数据的图层").click()
    assert watched.page.get_by_text("红线").is_visible()
    assert watched.page.get_by_text("空白不等于没有").is_visible()


def test_measuring_agrees_with_the_geodesic(watched: Watched) -> None:
    watched.open("/maps/framework")
    page = watched.page
    (lon_0, lat_0), (lon_1, lat_1) = lonlat(0, 0), lonlat(3000, 0)
    page.evaluate(
        "([lon, lat]) => { map_framework.setView([lat, lon], 13, {animate: false}); }", [lon_0, lat_0]
    )
    page.get_by_role("button", name="测量").click()
    for lon, lat in ((lon_0, lat_0), (lon_1, lat_1)):
        page.locator("#map_framework").click(position=watched.see(lon, lat))
    page.keyboard.press("Enter")
    text = page.locator("#tool-card").inner_text().replace(",", "")
    measured = float(re.search(r"长度\s*([\d.]+) m", text)[1])  # type: ignore[index]
    assert measured == pytest.approx(3000, abs=25)
    assert page.locator("#identify").is_hidden()


@pytest.mark.parametrize(("lon", "lat"), [(119.0, 29.1), (120.0, 30.0), (120.75, 30.4), (122.6, 31.4)])
def test_the_plane_coordinates_of_the_read_out_are_proj_s(watched: Watched, lon: float, lat: float) -> None:
    watched.open("/maps/framework")
    js = "async ([lon, lat]) => (await import('gis/geodesy.js')).toGaussKrueger(lon, lat)"
    found = watched.page.evaluate(js, [lon, lat])
    east, north = crs.transformer(crs.GEOGRAPHIC, crs.PLANE).transform(lon, lat)
    assert (found["east"], found["north"]) == (
        pytest.approx(east, abs=0.002),
        pytest.approx(north, abs=0.002),
    )


def test_length_and_area_are_those_of_the_ellipsoid(watched: Watched) -> None:
    import shapely

    watched.open("/maps/framework")
    ring = [[119.0, 29.5], [120.5, 29.4], [121.0, 30.6], [119.2, 30.9], [119.0, 29.5]]
    js = """async (ring) => {
        const { lineLength, ringArea } = await import('gis/geodesy.js');
        return [lineLength(ring), ringArea(ring)];
    }"""
    length, area = watched.page.evaluate(js, ring)
    lons, lats = zip(*ring, strict=True)
    assert length == pytest.approx(crs.geod().line_length(lons, lats), rel=1e-9)
    assert area == pytest.approx(crs.area_lonlat_m2(shapely.Polygon(ring)), rel=1e-6)


def test_the_panel_opens_and_closes_on_a_phone(watched: Watched) -> None:
    watched.page.set_viewport_size(PHONE)
    watched.open("/maps/framework")
    box = watched.page.get_by_role("checkbox", name="保护区", exact=True)
    assert not box.is_visible()
    watched.page.get_by_role("button", name=re.compile("图例")).click()
    box.wait_for()
    assert watched.page.get_by_role("heading", name="图例").is_visible()
    width = watched.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]


def test_every_control_has_a_name(watched: Watched) -> None:
    watched.open("/maps/framework?lang=en")
    js = """() => [...document.querySelectorAll('button, input, a[href], select')]
        .filter((node) => node.checkVisibility())
        .filter((node) => !(node.getAttribute('aria-label') || node.textContent.trim()
            || (node.labels && [...node.labels].some((label) => label.textContent.trim()))))
        .map((node) => node.outerHTML)"""
    assert watched.page.evaluate(js) == []


def test_the_words_of_the_page_are_the_config_s(watched: Watched) -> None:
    watched.open("/maps/framework")
    config = json.loads(watched.page.locator("#config").text_content() or "")
    assert config["layers"]["redline"]["status"] == "no_data"
    assert config["words"]["legend"] == {"zh": "图例", "en": "Legend"}


def draw_square(watched: Watched, *, half_m: float = 300, about: tuple[float, float] = (0, 0)) -> None:
    """Draw a square polygon on the check map, closed by clicking its first corner."""
    page = watched.page
    page.evaluate("([lon, lat]) => { map_check.setView([lat, lon], 14, {animate: false}); }", lonlat(*about))
    page.get_by_role("button", name="绘制多边形").click()
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
    for east, north in corners:
        lon, lat = lonlat(about[0] + east * half_m, about[1] + north * half_m)
        js = "([lon, lat]) => ({...map_check.latLngToContainerPoint([lat, lon])})"
        page.locator("#map_check").click(position=page.evaluate(js, [lon, lat]))


def test_a_drawn_site_is_checked_and_its_result_told(watched: Watched) -> None:
    watched.open("/maps/check")
    page = watched.page
    draw_square(watched)
    page.get_by_role("button", name="检查", exact=True).click()
    page.locator(".faces").wait_for()
    text = page.locator("#check").inner_text()
    assert "禁止" in text
    assert "规则no_building" in text
    assert "测试条例 第一条" in text
    assert "不得建设" in text
    assert "红线" in page.locator(".gaps").text_content()  # type: ignore[operator]
    names = page.get_by_role("navigation", name="下载与链接").get_by_role("link").all_inner_texts()
    assert names == ["JSON", "GeoJSON", "XLSX", "HTML", "PDF", "此结果的固定链接"]
    assert page.evaluate("map_check.getPane('result').querySelectorAll('path').length") == 3


def test_a_result_has_a_page_of_its_own(watched: Watched) -> None:
    watched.open("/maps/check")
    page = watched.page
    draw_square(watched)
    page.get_by_role("button", name="检查", exact=True).click()
    page.get_by_role("link", name="固定链接").wait_for()
    address = page.get_by_role("link", name="固定链接").get_attribute("href")
    page.goto(watched.address + str(address))
    page.locator(".faces").wait_for()
    assert "规则no_building" in page.locator("#check").inner_text()


def test_undo_takes_back_corners_and_shapes_and_a_corner_can_be_moved(watched: Watched) -> None:
    watched.open("/maps/check")
    page = watched.page
    draw_square(watched)
    drawn = page.locator(".given li")
    assert drawn.count() == 1
    before = drawn.inner_text()
    page.get_by_role("button", name="角点 1.1").focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    assert drawn.inner_text() != before
    for _ in range(5):
        page.get_by_role("button", name="撤销").click()
    assert drawn.inner_text() == before
    page.get_by_role("button", name="撤销").click()
    assert drawn.count() == 0


def test_a_polygon_can_be_drawn_with_the_keyboard_alone(watched: Watched) -> None:
    watched.open("/maps/check")
    page = watched.page
    page.get_by_role("button", name="绘制多边形").press("Enter")
    page.locator("#map_check").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(" ")
        page.keyboard.press(key)
        page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    assert page.locator(".given li").count() == 1


def test_files_are_checked_together_and_the_worst_stands_in_the_summary(watched: Watched) -> None:
    watched.open("/maps/check")
    page = watched.page
    files = [
        {"name": f"{name}.geojson", "mimeType": "application/json", "buffer": site_file(*place)}
        for name, place in {"甲": (0, 0), "乙<img src=x onerror=alert(9)>": (9000, 9000)}.items()
    ]
    page.locator("input[type=file]").set_input_files(files)  # type: ignore[arg-type]
    page.get_by_role("button", name="检查", exact=True).click()
    page.locator(".summary").wait_for()
    assert page.locator(".summary li").count() == 2
    assert page.locator("details.site").count() == 2
    assert page.locator("img").count() == 0


def test_a_file_that_cannot_be_read_is_told_in_words(watched: Watched) -> None:
    watched.open("/maps/check")
    page = watched.page
    page.locator("input[type=file]").set_input_files(
        {"name": "x.geojson", "mimeType": "application/json", "buffer": b"{}"}
    )
    page.get_by_role("button", name="检查", exact=True).click()
    page.get_by_role("alert").wait_for()
    assert page.get_by_role("alert").inner_text()
    watched.errors.clear()  # the browser itself notes the status 4xx


def test_every_zone_with_data_has_a_toggle_on_the_map_of_zones(watched: Watched) -> None:
    watched.open("/maps/control")
    assert watched.page.get_by_role("checkbox", name="规则no_building", exact=True).is_checked()
    js = "map_control.getPane('layer-zone-no_building').querySelectorAll('path').length"
    assert watched.page.evaluate(js) >= 1


def test_attacks_in_sites_files_and_askers_fire_nothing_on_result_report_and_register(
    watched: Watched,
) -> None:
    watched.open("/maps/check")
    page = watched.page
    name = "<img src=x onerror=alert(6)>`${alert(5)}`.geojson"
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": site_file(0, 0)}
    )
    page.get_by_text("选项").click()
    page.get_by_label("经办人").fill("</script><script>alert(4)</script>")
    page.get_by_role("button", name="检查", exact=True).click()
    page.locator(".faces").wait_for()
    check_id = str(page.get_by_role("link", name="固定链接").get_attribute("href"))[8:72]
    for path in (f"/checks/{check_id}?lang=en", "/checks", f"/api/checks/{check_id}.html"):
        page.goto(watched.address + path)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(200)
        assert page.locator("img[src=x]").count() == 0


def test_a_view_can_be_printed_as_a_sheet_or_by_the_browser(watched: Watched) -> None:
    watched.open("/maps/control")
    page = watched.page
    page.get_by_role("button", name="打印", exact=True).click()
    link = page.get_by_role("link", name="A3").get_attribute("href")
    assert str(link).startswith("/api/sheets/view.pdf?bbox=")
    assert "theme=control" in str(link)
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    page.get_by_role("button", name="用浏览器打印").click()
    assert page.title() == "printed"


def test_a_dropped_file_is_taken(watched: Watched) -> None:
    watched.open("/maps/check")
    js = """(text) => {
        const data = new DataTransfer();
        data.items.add(new File([text], 'dropped.geojson', {type: 'application/geo+json'}));
        const frame = document.getElementById('map_check');
        for (const type of ['dragenter', 'dragover', 'drop']) {
            frame.dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: data}));
        }
    }"""
    watched.page.evaluate(js, site_file(0, 0).decode())
    assert "dropped.geojson" in watched.page.locator(".given").inner_text()
    watched.page.get_by_role("button", name="检查", exact=True).click()
    watched.page.locator(".faces").wait_for()
