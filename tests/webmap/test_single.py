"""A web map as one file: nothing is fetched, and it works where no server is."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from gis.cli.map import write_page
from gis.errors import NotFoundError, OutputError
from gis.webmap.single import embed_data, render_single_file

if TYPE_CHECKING:
    from pathlib import Path

    from gis.workspace import Workspace


def test_the_file_refers_to_nothing_but_itself(workspace: Workspace) -> None:
    page = render_single_file(workspace, "framework")
    markup = re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)
    addresses = re.findall(r'(?:src|href)="([^"]*)"', markup)
    assert [item for item in addresses if not item.startswith(("data:", "#", "?lang="))] == []


def test_features_and_their_rules_are_inside(workspace: Workspace) -> None:
    inside = embed_data(workspace, ["nature_reserves", "redline"])
    assert list(inside["embedded"]) == ["nature_reserves"]
    assert [rule["id"] for rule in inside["rules"]] == ["no_building"]
    json.dumps(inside, allow_nan=False)


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
