"""Rough polygons of the tests, in metres, whose numbers come from a seed."""

from __future__ import annotations

import numpy as np
import shapely


def draw_blob(rng: np.random.Generator, x: float, y: float, radius: float, vertices: int) -> shapely.Polygon:
    """Return a star-shaped polygon with a rough outline."""
    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    wave = np.arange(1, 30)
    height = rng.normal(size=len(wave)) / wave**1.2 * 0.2
    reach = radius * np.exp(
        (height[:, None] * np.cos(wave[:, None] * angle + rng.uniform(0, 7, (len(wave), 1)))).sum(0)
    )
    return shapely.Polygon(np.stack((x + reach * np.cos(angle), y + reach * np.sin(angle)), axis=-1))


def draw_set(seed: int, count: int) -> np.ndarray:
    """Return zones of 5 to 3 000 vertices within 20 km, some with a hole or a second part."""
    rng = np.random.default_rng(seed)
    zones = []
    for number in range(count):
        x, y = rng.uniform(4e5, 4.2e5), rng.uniform(3.30e6, 3.32e6)
        zone = draw_blob(rng, x, y, rng.uniform(200, 4000), int(np.exp(rng.uniform(np.log(5), np.log(3000)))))
        if number % 4 == 0:
            zone = zone.difference(draw_blob(rng, x, y, 150, 20))
        if number % 5 == 0:
            zone = zone.union(draw_blob(rng, x + 9000, y, 300, 30))
        zones.append(zone)
    return np.array(zones, object)


def draw_sites(seed: int, count: int) -> np.ndarray:
    """Return parcels, points and lines within 20 km."""
    rng = np.random.default_rng(seed)
    sites: list[shapely.Geometry] = []
    for number in range(count):
        x, y = rng.uniform(4e5, 4.2e5), rng.uniform(3.30e6, 3.32e6)
        if number % 5 == 3:
            sites.append(shapely.Point(x, y))
        elif number % 5 == 4:
            sites.append(shapely.LineString(np.cumsum(rng.normal(0, 80, (8, 2)), axis=0) + np.array([x, y])))
        else:
            sites.append(draw_blob(rng, x, y, float(np.exp(rng.uniform(3, 6))), int(rng.integers(4, 41))))
    return np.array(sites, object)
