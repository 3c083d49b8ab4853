"""A web map as one file: nothing is fetched, and it works where no server is."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import shapely
from fontTools.ttLib import TTFont
from playwright.sync_api import sync_playwright

from gis.cli.map import write_page
from gis.errors import NotFoundError, OutputError
from gis.webmap.detail import FIRST_ZOOM, LAST_ZOOM
from gis.webmap.single import embed_data, embed_rules, render_single_file, take_tiles
from gis.webmap.tiles import ensure_tiles
from gis.webmap.zones import today

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.workspace import Workspace

MAPS = Path(__file__).resolve().parents[2] / "maps"


def test_the_file_refers_to_nothing_but_itself(workspace: Workspace) -> None:
    page = render_single_file(workspace, "framework")
    markup = re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)
    addresses = re.findall(r'(?:src|href)="([^"]*)"', markup)
    assert [item for item in addresses if not item.startswith(("data:", "#", "?lang="))] == []


def test_features_and_their_rules_are_inside(workspace: Workspace) -> None:
    inside = embed_data(workspace, ["nature_reserves", "redline"])
    assert list(inside["embedded"]) == ["nature_reserves"]
    rules = embed_rules(workspace, ["nature_reserves", "redline"])
    assert [rule["id"] for rule in rules] == ["no_building"]
    json.dumps(inside, allow_nan=False)


def test_the_public_file_knows_nothing_of_a_sensitive_layer_nor_of_its_zones(
    make_workspace: Callable[..., Workspace], rule_text: Callable[..., str]
) -> None:
    layers = {
        layer_id: (
            [{"id": layer_id, "kind": "reserve", "name_zh": name, "geometry": shapely.box(0, 0, 99, 99)}],
            {"sensitive": sensitive, "theme": "ecology"},
        )
        for layer_id, name, sensitive in (("secret", "密点", True), ("open", "明点", False))
    }
    rules = rule_text("near_secret", layer="secret") + rule_text("near_open", layer="open")
    workspace = make_workspace(layers, rules)
    for map_id in ("control", "basemaps"):
        shutil.copy(MAPS / f"{map_id}.toml", workspace.settings.workspace / "maps")
    internal = render_single_file(workspace, "control")
    public = render_single_file(workspace, "control", public=True)
    assert "near_secret" in internal
    assert "near_secret" not in public
    assert "密点" not in public
    assert "near_open" in public


def test_tiles_come_with_the_zooms_that_fit_and_at_least_the_first(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis.webmap.tiles.GEOJSON_BYTES", 10)
    path = ensure_tiles(workspace, "nature_reserves", today())
    whole = take_tiles(path, 10**9)
    assert (whole["last_zoom"], whole["whole"]) == (LAST_ZOOM, True)
    first = take_tiles(path, 0)
    assert (first["last_zoom"], first["whole"]) == (FIRST_ZOOM, False)
    assert {key.partition("/")[0] for key in first["tiles"]} == {str(FIRST_ZOOM)}
    assert first["tiles"].items() <= whole["tiles"].items()


@pytest.mark.browser
def test_a_big_layer_is_drawn_found_and_told_of_without_server(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis.webmap.tiles.GEOJSON_BYTES", 10)
    monkeypatch.setattr("gis.webmap.single.TILES_BYTES", 1)
    path = tmp_path / "map.html"
    write_page(path, render_single_file(workspace, "control"))
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(path.as_uri())
        page.wait_for_selector(".leaflet-layer-zone-no_building-pane canvas.leaflet-tile-loaded")
        assert "只保留到比例约 1:" in page.locator("#tree").inner_text()
        frame = workspace.layers["nature_reserves"].frame
        assert frame is not None
        west, south, east, north = frame.total_bounds
        page.evaluate(f"map_control.setView([{(south + north) / 2}, {(west + east) / 2}], 9)")
        page.wait_for_timeout(500)
        box = page.locator("#map_control").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_selector("#identify:not([hidden])")
        told = page.locator("#identify").inner_text()
        assert "规则no_building" in told
        assert "合并显示" in told
        browser.close()
    assert errors == []


def test_an_unknown_map_is_not_found(workspace: Workspace) -> None:
    with pytest.raises(NotFoundError):
        render_single_file(workspace, "nowhere")


def test_a_page_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_page(tmp_path / "absent" / "x.html", "<html>")
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(OutputError):
        write_page(tmp_path / "folder.html", "<html>")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.html"]


@pytest.mark.browser
def test_the_file_works_without_server_and_keeps_its_link(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    write_page(path, render_single_file(workspace, "framework"))
    requests: list[str] = []
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready=true]")
        page.get_by_role("button", name="English").click()
        page.get_by_label("Search", exact=True).fill("r1")
        page.get_by_role("option").first.click()
        page.locator("#identify .card-name").wait_for()
        assert "rule no_building" in page.locator("#identify").inner_text()
        link = page.url
        page.goto("about:blank")
        page.goto(link)
        page.wait_for_selector("html[lang=en][data-ready=true]")
        browser.close()
    assert errors == []
    assert {url.partition("#")[0] for url in requests if not url.startswith("data:")} <= {
        path.as_uri(),
        "about:blank",
    }


def test_the_file_brings_the_characters_it_needs_and_no_others(workspace: Workspace) -> None:
    page = render_single_file(workspace, "framework")

    found = re.search(r"url\(\"data:font/woff;base64,([^\"]+)\"\)", page)
    assert found
    with TTFont(io.BytesIO(base64.b64decode(found[1]))) as font:
        held = set(font.getBestCmap())
    assert {ord(sign) for sign in "图例测量透明度"} <= held
    assert ord("鼎") not in held
    assert "font-src data:" in page
