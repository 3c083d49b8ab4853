"""The pages over HTTP: policies and nonces."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from gis.service.app import create_app

if TYPE_CHECKING:
    from gis.workspace import Workspace


@pytest.mark.parametrize(
    "path", ["/", "/maps/framework", "/maps/hubs?lang=en", "/maps/control", "/maps/check", "/docs"]
)
def test_a_page_has_a_policy_with_its_own_fresh_nonce(client: TestClient, path: str) -> None:
    nonces = set()
    for _ in range(2):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        nonce = re.search(r"script-src 'nonce-([\w-]+)' 'strict-dynamic'", policy)
        assert nonce
        assert "'unsafe-inline'" not in policy.split("style-src")[0]
        assert f'nonce="{nonce[1]}"' in answer.text or "<script" not in answer.text
        assert answer.headers["cache-control"] == "no-store"
        nonces.add(nonce[1])
    assert len(nonces) == 2


def test_the_start_page_links_every_map(client: TestClient) -> None:
    page = client.get("/").text
    for map_id in ("framework", "hubs", "control", "check"):
        assert f'href="/maps/{map_id}?' in page


@pytest.mark.parametrize(("asked", "lang"), [("en", "en"), ("zh", "zh-CN"), ("", "zh-CN"), ("xx", "zh-CN")])
def test_a_page_comes_in_the_language_asked_for(client: TestClient, asked: str, lang: str) -> None:
    assert f'<html lang="{lang}">' in client.get(f"/?lang={asked}").text


def test_no_name_from_a_layer_can_end_the_script_it_stands_in(client: TestClient) -> None:
    page = client.get("/maps/framework").text
    assert "<img src=x" not in page
    assert "alert(2)</script>" not in page
    assert "\\u003cimg src=x onerror=alert(1)\\u003e" in page


def test_an_online_base_map_that_is_switched_on_is_let_through_and_no_other(
    client: TestClient, workspace: Workspace
) -> None:
    path = workspace.settings.workspace / "maps" / "basemaps.toml"
    text = path.read_text(encoding="utf-8")
    assert "https:" not in client.get("/maps/framework").headers["content-security-policy"]
    head, osm = text.rsplit("[[online]]", 1)
    path.write_text(head + "[[online]]" + osm.replace("false", "true"), encoding="utf-8")
    policy = client.get("/maps/framework").headers["content-security-policy"]
    assert re.findall(r"https://[\w.]+", policy) == ["https://tile.openstreetmap.org"]


@pytest.mark.parametrize(("language", "shown"), [("zh", "规划检查"), ("en", "Planning &lt;checks&gt;")])
def test_the_office_names_itself_and_the_product(workspace: Workspace, language: str, shown: str) -> None:
    settings = replace(workspace.settings, office="某院<b>", title="规划检查 / Planning <checks>")
    with TestClient(create_app(replace(workspace, settings=settings))) as client:
        for path in ("/", "/maps/check", "/checks", "/docs"):
            page = client.get(path, params={"lang": language}).text
            assert shown in page
            assert "某院&lt;b&gt;" in page
            assert "<checks>" not in page
