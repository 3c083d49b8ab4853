"""Make the README's pictures with the product itself: ``.venv/bin/python docs/pictures.py``.

Needs chromium and poppler-utils (pdftoppm), as the tests do.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

import gis
from gis.outputs.html import render_html

IMAGES = Path(__file__).resolve().parent / "images"
SHEET = "H51E011001"
SITES = {"径山工业园": (119.50, 30.335, 0.006), "西溪北侧厂房": (120.055, 30.2795, 0.002)}
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def write_sites(folder: Path) -> Path:
    """Write two made-up sites as GeoJSON."""
    features = []
    for name, (lon, lat, size) in SITES.items():
        ring = [
            (lon, lat),
            (lon + size, lat),
            (lon + size, lat + size / 2),
            (lon, lat + size / 2),
            (lon, lat),
        ]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"名称": name}, "geometry": geometry})
    path = folder / "sites.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def picture_check(browser: Browser, folder: Path) -> None:
    """Picture the head of the report that ``gis check`` writes."""
    workspace = gis.open_workspace()
    result = gis.check(write_sites(folder), workspace=workspace)
    report = folder / "report.html"
    report.write_text(render_html(result, workspace), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1000, "height": 760})
    page.goto(report.as_uri())
    page.screenshot(path=IMAGES / "check.png")


def picture_map(browser: Browser, folder: Path) -> None:
    """Picture the framework map as the service shows it."""
    port = free_port()
    command = [sys.executable, "-c", "from gis.cli.main import main; main()", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, env={**os.environ, "GIS_HOME": str(folder)}, stdout=subprocess.DEVNULL
    ) as served:
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz")
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"http://127.0.0.1:{port}/maps/framework")
            page.wait_for_selector("html[data-ready=true]")
            page.wait_for_load_state("networkidle")
            page.screenshot(path=IMAGES / "framework.png")
        finally:
            served.terminate()


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def wait_for(address: str) -> None:
    """Wait until a service answers, at most 30 s."""
    for _ in range(150):
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    sys.exit(f"no answer from {address}")


def picture_sheet(folder: Path) -> None:
    """Picture one printed sheet."""
    command = [
        sys.executable,
        "-c",
        "from gis.cli.main import main; main()",
        "sheets",
        SHEET,
        "-o",
        str(folder),
    ]
    subprocess.run(command, check=True)
    pdftoppm = shutil.which("pdftoppm") or sys.exit("pdftoppm is missing: apt-get install poppler-utils")
    target = IMAGES / "sheet"
    subprocess.run(
        [pdftoppm, "-r", "56", "-png", "-singlefile", str(folder / f"{SHEET}.pdf"), str(target)], check=True
    )


def main() -> None:
    """Make the three pictures."""
    IMAGES.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or sys.exit("chromium is missing: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        (Path(folder) / "fonts").symlink_to(Path(gis.__file__).parent / "fonts")
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=CHROMIUM_FLAGS,
            env={**os.environ, "XDG_DATA_HOME": folder},  # the report has no face of its own
        )
        picture_sheet(Path(folder))
        picture_check(browser, Path(folder))
        picture_map(browser, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
