"""Measure a web map of a 50 MB layer in Chromium, ours and a plain folium page, in turn.

``python benchmarks/web_map.py [runs]`` makes a workspace with one seeded layer in a temporary folder, lets
``gis serve`` make its tiles, then opens both pages in turn, each in a fresh browser, and prints medians:
bytes moved, seconds until the layer is painted, JavaScript heap, seconds for a zoom step. It ends with 1 when
a promise is missed: painted in 1.5 s, 1 MB moved, 50 MB of heap.

Needs Chromium. The scripts that folium's page wants from CDNs are given from our own copies: its network
costs nothing, as ours.
"""

from __future__ import annotations

import hashlib
import http.server
import json
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import CDPSession, Page, Playwright

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "gis" / "webmap" / "static" / "vendor"
POLYGONS, VERTICES = 51_984, 30
WEST, SOUTH, EAST, NORTH = 119.0, 29.5, 121.0, 31.0
PAINT_S, MOVED_BYTES, HEAP_BYTES = 1.5, 1_000_000, 50_000_000
RUN = "import sys; from gis.cli.main import main; sys.argv[0] = 'gis'; main()"
CATALOGUE = """[[layer]]
id = "nature_reserves"
title_zh = "大图层"
title_en = "Big layer"
theme = "ecology"
path = "ecology/big.geojson"
geometry_type = "Polygon"
rows = {rows}
sha256 = "{digest}"
provenance = "digitised"
accuracy_m = 10.0
coverage = [118.0, 29.0, 122.0, 31.5]
data_date = "2026-01-01"
source = "made for a benchmark"
licence = "CC0"
required = true
"""
ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--enable-precise-memory-info")
PAINTED = """
const seen = () => {
  const tiles = document.querySelectorAll('.leaflet-layer-nature_reserves-pane canvas.leaflet-tile-loaded');
  const isPainted = (tile) => tile.width
    && tile.getContext('2d').getImageData(0, 0, tile.width, tile.height).data.some(Boolean);
  return document.querySelector('path.leaflet-interactive') || [...tiles].some(isPainted);
};
const look = () => {
  if (seen()) requestAnimationFrame(() => { window.painted_ms = performance.now(); });
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
ZOOM = """async () => {
  const map = Object.entries(window).find(([name, it]) => name.startsWith('map_') && it instanceof L.Map)[1];
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const layers = [];
  map.eachLayer((it) => layers.push(it));
  const grids = layers.filter((it) => it instanceof L.GridLayer);
  const start = performance.now();
  map.setZoom(Math.round(map.getZoom()) + 1, { animate: false });
  await frame();
  while (grids.some((it) => it.isLoading())) await frame();
  await frame();
  await frame();
  return (performance.now() - start) / 1000;
}"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one opening of a page cost: bytes moved, seconds to paint and for a zoom step, bytes of heap."""

    moved: float
    paint_s: float
    heap: float
    zoom_s: float


def make_layer(folder: Path) -> Path:
    """Write a workspace with one layer of about 50 MB, the same each time; return the layer's file."""
    rng = random.Random(20260601)  # noqa: S311 - the same shapes each time, no secret
    side = math.isqrt(POLYGONS)
    wide, high = (EAST - WEST) / side, (NORTH - SOUTH) / side
    lines = []
    for number in range(side * side):
        column, row = divmod(number, side)
        lon, lat = (
            WEST + wide * (column + rng.uniform(0.3, 0.7)),
            SOUTH + high * (row + rng.uniform(0.3, 0.7)),
        )
        size = rng.uniform(0.1, 0.5)
        ring = []
        for corner in range(VERTICES):
            turn, reach = math.tau * corner / VERTICES, size * rng.uniform(0.8, 1.2)
            ring.append(
                [round(lon + wide * reach * math.cos(turn), 6), round(lat + high * reach * math.sin(turn), 6)]
            )
        name = f"地块{number:05d}"
        properties = {
            "id": f"p{number:05d}",
            "kind": "nature_reserve_unzoned",
            "name_zh": name,
            "name_en": f"Parcel {number:05d}",
            "source": "made for a benchmark",
            "accuracy_m": 10,
        }
        geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        lines.append(
            json.dumps(
                {"type": "Feature", "properties": properties, "geometry": geometry}, ensure_ascii=False
            )
        )
    content = ('{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n").encode()
    (folder / "layers" / "ecology").mkdir(parents=True)
    path = folder / "layers" / "ecology" / "big.geojson"
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    (folder / "layers" / "catalogue.toml").write_text(
        CATALOGUE.format(rows=side * side, digest=digest), encoding="utf-8"
    )
    (folder / "layers" / "rules.toml").write_text("", encoding="utf-8")
    shutil.copytree(ROOT / "maps", folder / "maps")
    return path


def make_peer(layer: Path, folder: Path) -> Path:
    """Write the plain folium page of the same layer."""
    import folium

    made = folium.Map(location=[(SOUTH + NORTH) / 2, (WEST + EAST) / 2], zoom_start=9, tiles=None)
    folium.GeoJson(json.loads(layer.read_text(encoding="utf-8")), name="big").add_to(made)
    path = folder / "folium.html"
    made.save(path)
    return path


class QuietFiles(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve_folder(folder: Path) -> http.server.ThreadingHTTPServer:
    """Serve a folder on a free port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietFiles, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def wait_for_tiles(address: str) -> float:
    """Wait until the tiles are made; return the seconds that took."""
    start = time.perf_counter()
    while True:
        try:
            with urllib.request.urlopen(f"{address}/tiles/nature_reserves.pmtiles"):  # noqa: S310 - our own server
                return time.perf_counter() - start
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            time.sleep(1)


def give_own_copy(route: Any) -> None:
    """Answer what folium wants from a CDN from our copy of Leaflet; the rest it does not need."""
    name = route.request.url.rpartition("/")[2]
    own = VENDOR / "leaflet" / name
    if own.is_file():
        route.fulfill(path=own)
    else:
        route.fulfill(body="", content_type="text/css" if name.endswith(".css") else "text/javascript")


def open_page(playwright: Playwright, url: str, own: str) -> Figures:
    """Open a page in a fresh browser and measure it."""
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(ARGUMENTS))
    try:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.route(lambda asked: not asked.startswith(own), give_own_copy)
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        moved = [0.0]
        session.on("Network.loadingFinished", lambda event: moved.append(event["encodedDataLength"]))
        page.add_init_script(PAINTED)
        page.goto(url, timeout=120_000)
        page.wait_for_function("() => window.painted_ms", timeout=120_000)
        page.wait_for_load_state("networkidle")
        return measure(page, session, moved)
    finally:
        browser.close()


def measure(page: Page, session: CDPSession, moved: list[float]) -> Figures:
    """Return what an opened page cost, then take a zoom step."""
    sent = sum(moved)
    paint_s = page.evaluate("window.painted_ms") / 1000
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    return Figures(moved=sent, paint_s=paint_s, heap=heap, zoom_s=page.evaluate(ZOOM))


def run_server(workspace: Path, home: Path, log: Any) -> subprocess.Popen[str]:
    """Start ``gis serve`` on two cores."""
    command = [sys.executable, "-c", RUN, "serve", "--port", "0", "--workspace", str(workspace)]
    environ = os.environ | {"GIS_HOME": str(home)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environ)


def compare(address: str, peer: str, runs: int) -> Iterator[tuple[Figures, Figures]]:
    """Yield both pages' figures, in turn."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        for _ in range(runs):
            ours = open_page(playwright, f"{address}/maps/framework", address)
            yield ours, open_page(playwright, f"{peer}/folium.html", peer)


def print_row(name: str, figures: list[Figures]) -> Figures:
    """Print the medians of a page and return them."""
    middle = Figures(
        *(
            statistics.median(getattr(item, field) for item in figures)
            for field in ("moved", "paint_s", "heap", "zoom_s")
        )
    )
    paints = sorted(item.paint_s for item in figures)
    print(
        f"| {name} | {middle.moved / 1e6:.2f} | {middle.paint_s:.2f} ({paints[0]:.2f}–{paints[-1]:.2f}) "
        f"| {middle.heap / 1e6:.0f} | {middle.zoom_s:.2f} |"
    )
    return middle


def main() -> int:
    """Run the benchmark."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        layer = make_layer(folder / "workspace")
        make_peer(layer, folder)
        files = serve_folder(folder)
        with (folder / "log").open("w") as log:
            server = run_server(folder / "workspace", folder / "home", log)
            try:
                address = server.stdout.readline().strip() if server.stdout else ""
                took = wait_for_tiles(address)
                size = next((folder / "home" / "cache" / "tiles").glob("*.pmtiles")).stat().st_size
                large = layer.stat().st_size
                print(f"layer {large / 1e6:.0f} MB; tiles {size / 1e6:.1f} MB, made once in {took:.0f} s")
                done = list(compare(address, f"http://127.0.0.1:{files.server_port}", runs))
            finally:
                server.terminate()
                server.wait()
                files.shutdown()
    print("| | MB moved | painted after, s | heap, MB | zoom step, s |")
    print("|---|---|---|---|---|")
    ours = print_row("ours", [own for own, _ in done])
    print_row("plain folium", [peer for _, peer in done])
    kept = ours.paint_s <= PAINT_S and ours.moved <= MOVED_BYTES and ours.heap <= HEAP_BYTES
    print("every promise is kept" if kept else "a promise is missed")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
