"""A browser's page under watch: what it asks of others, what goes wrong on it, what fires."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import shapely

from gis import crs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

DESKTOP = {"width": 1440, "height": 900}


@dataclass
class Watched:
    """A page with everything that went wrong on it."""

    page: Page
    address: str
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Open a path; of a map page wait until it has drawn its layers."""
        self.page.goto(self.address + path)
        if path.startswith("/maps/"):
            self.page.wait_for_selector("html[data-ready=true]")

    def see(self, lon: float, lat: float, map_id: str = "framework") -> dict[str, float]:
        """Return where a place stands on the map of the page."""
        js = f"([lon, lat]) => ({{...map_{map_id}.latLngToContainerPoint([lat, lon])}})"
        place: dict[str, float] = self.page.evaluate(js, [lon, lat])
        return place

    def look(self, lon: float, lat: float, zoom: float, map_id: str = "framework") -> None:
        """Move the map of the page."""
        js = f"([lon, lat, zoom]) => {{ map_{map_id}.setView([lat, lon], zoom, {{animate: false}}); }}"
        self.page.evaluate(js, [lon, lat, zoom])

    def note_outside(self, url: str) -> None:
        """Note a request that leaves for another server."""
        if not url.startswith((self.address + "/", "data:", "blob:")):
            self.outside.append(url)


@contextmanager
def watch(browser: Browser, address: str, size: dict[str, int]) -> Iterator[Watched]:
    """Give a page; fail on a request outside, an error in the console or an alert."""
    context = browser.new_context(viewport=size)  # type: ignore[arg-type]
    watching = Watched(context.new_page(), address)
    page = watching.page

    def refuse(dialog: Any) -> None:
        watching.alerts.append(dialog.message)
        dialog.dismiss()

    page.on("request", lambda request: watching.note_outside(request.url))
    page.on("console", lambda message: message.type == "error" and watching.errors.append(message.text))
    page.on("pageerror", lambda error: watching.errors.append(str(error)))
    page.on("dialog", refuse)
    yield watching
    context.close()
    assert (watching.outside, watching.errors, watching.alerts) == ([], [], [])


def lonlat(x_m: float, y_m: float) -> tuple[float, float]:
    """Return the degrees of a place given in metres about the origin of the tests."""
    moved = crs.transform(shapely.Point(500_000 + x_m, 3_350_000 + y_m), crs.PLANE, crs.GEOGRAPHIC)
    return moved.x, moved.y


def site_file(
    x_m: float, y_m: float, *, name: str = "<img src=x onerror=alert(7)>`${alert(8)}`", count: int = 1
) -> bytes:
    """Return a GeoJSON file with squares, whose name is an attack unless another is given."""
    features = []
    for number in range(count):
        corners = ((0, 0), (99, 0), (99, 99), (0, 99), (0, 0))
        ring = [lonlat(x_m + 200 * number + dx, y_m + dy) for dx, dy in corners]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"name": name}, "geometry": geometry})
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()
