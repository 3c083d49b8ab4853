"""A small workspace behind the service, for clients in the process and for browsers."""

from __future__ import annotations

import shutil
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import shapely
import uvicorn
from fastapi.testclient import TestClient

from gis.cli.serve import format_address, open_listener
from gis.service.app import create_app
from gis.workspace import open_workspace
from tests.service.browsing import DESKTOP, watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from gis.workspace import Workspace
    from tests.service.browsing import Watched

ROOT = Path(__file__).resolve().parents[2]
PAYLOADS = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "`${alert(3)}`",
    "\\x3cimg src=x onerror=alert(4)\\x3e",
    '"><svg onload=alert(5)>',
    "{{7*7}} 'x\u2028y",
)


ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(ARGUMENTS))
        yield running
        running.close()


@pytest.fixture
def workspace(make_workspace: Callable[..., Workspace], rule_text: Callable[..., str]) -> Workspace:
    """Return a workspace whose names are attacks, with an uncertain outline and an exact one."""
    attacks = [
        {
            "id": f"x{number}",
            "kind": "reserve",
            "name_zh": text,
            "name_en": text,
            "source": text,
            "method": text,
            "accuracy_m": 5,
            "geometry": shapely.Point(3000 + 400 * number, 0),
        }
        for number, text in enumerate(PAYLOADS)
    ]
    reserve = {
        "id": "r1",
        "kind": "reserve",
        "name_zh": "甲保护区",
        "name_en": "Reserve A",
        "source": "测试来源",
        "accuracy_m": 1500,
        "geometry": shapely.box(-2000, -2000, 2000, 2000),
    }
    made = make_workspace(
        {
            "nature_reserves": ([reserve], {"title_zh": "保护区", "title_en": "Reserves"}),
            "attacks": (
                attacks,
                {"title_zh": PAYLOADS[0], "title_en": PAYLOADS[1], "attribution": PAYLOADS[4]},
            ),
            "redline": ([], {"title_zh": "红线", "title_en": "Red line"}),
        },
        rule_text("no_building", layer="nature_reserves"),
    )
    for name in ("framework", "hubs", "control", "check", "basemaps"):
        shutil.copy(ROOT / "maps" / f"{name}.toml", made.settings.workspace / "maps")
    return made


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    """Return a client of the service; an unexpected error comes back as an answer, as for a real client."""
    with TestClient(create_app(workspace), raise_server_exceptions=False) as made:
        yield made


@contextmanager
def serve(workspace: Workspace) -> Iterator[str]:
    """Run the service over a workspace on a free port and give its address."""
    listener = open_listener("127.0.0.1", 0)
    app = create_app(workspace)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield format_address("127.0.0.1", listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
        app.state.service.close()


@pytest.fixture
def address(workspace: Workspace) -> Iterator[str]:
    """Run the service on a free port and return its address."""
    with serve(workspace) as running:
        yield running


@pytest.fixture(scope="module")
def shipped_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the service over the layers and maps as they are shipped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIS_HOME", str(tmp_path_factory.mktemp("home")))
        with serve(open_workspace(ROOT)) as running:
            yield running


@pytest.fixture
def watched(browser: Browser, address: str) -> Iterator[Watched]:
    """Return a page that fails the test on a request outside, an error in the console or an alert."""
    with watch(browser, address, DESKTOP) as watching:
        yield watching
