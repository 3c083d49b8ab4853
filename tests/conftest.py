"""Shared fixtures: a small workspace of squares whose areas and distances can be computed by hand."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, settings

from gis import crs
from gis.model import Site, SiteSet

from .databases import cluster

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry.base import BaseGeometry

    from gis.workspace import Workspace

__all__ = ["cluster"]

X0, Y0 = 500_000.0, 3_350_000.0
"""A place on the central meridian, where the plane's scale is 1: plane metres are metres on the ground."""

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
"""No test is timed: a busy machine must not make one fail."""

STYLES = '[style.fallback]\nfill = "#cccccc"\nstroke = "#333333"\n'


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a tool that is not there, with a clear line; CI must not skip."""
    tools = {"browser": "chromium", "gdal": "gdalinfo", "pdf": "pdftotext", "postgres": "initdb"}
    must_run = bool(os.environ.get("GIS_TESTS_MUST_NOT_SKIP"))
    for marker, tool in tools.items():
        if must_run or shutil.which(tool) or any(Path("/usr/lib/postgresql").glob(f"*/bin/{tool}")):
            continue
        skip = pytest.mark.skip(reason=f"{tool} is not installed (apt-get install it to run this test)")
        for item in items:
            if marker in item.keywords:
                item.add_marker(skip)


def shift(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry given in metres about the origin, moved to the place of the tests (EPSG:4549)."""
    return shapely.transform(geometry, lambda xy: np.add(xy, (X0, Y0)))


@pytest.fixture
def plane() -> Callable[[BaseGeometry], BaseGeometry]:
    """Return the function that moves metres about the origin into the working plane."""
    return shift


@pytest.fixture
def make_site() -> Callable[..., Site]:
    """Return a maker of sites from a geometry in metres about the origin."""

    def make(geometry: BaseGeometry, *, index: int = 0, **properties: object) -> Site:
        moved = shift(geometry)
        kind = ("point", "line", "polygon")[int(shapely.get_dimensions(geometry))]
        return Site(
            site_id=f"site-{index}",
            file="sites.geojson",
            index=index,
            name=f"地块{index}",
            kind=kind,
            properties=properties,
            geometry=crs.transform(moved, crs.PLANE, crs.GEOGRAPHIC),
            geometry_plane=crs.densify_plane(moved),
        )

    return make


@pytest.fixture
def make_site_set() -> Callable[..., SiteSet]:
    """Return a maker of site sets."""

    def make(*sites: Site) -> SiteSet:
        return SiteSet(sites=sites, rejected=(), files=(), features_in=len(sites))

    return make


def write_layer(folder: Path, layer_id: str, features: list[dict[str, Any]]) -> tuple[str, int]:
    """Write features (geometry in metres about the origin) as a layer file; return its hash and rows."""
    rows = []
    for table in features:
        geometry = crs.transform(shift(table["geometry"]), crs.PLANE, crs.GEOGRAPHIC)
        properties = {key: value for key, value in table.items() if key != "geometry"}
        rows.append(
            {
                "type": "Feature",
                "geometry": json.loads(shapely.to_geojson(geometry)),
                "properties": {"name_zh": properties["id"], "name_en": properties["id"]} | properties,
            }
        )
    content = json.dumps({"type": "FeatureCollection", "features": rows}, ensure_ascii=False).encode()
    path = folder / "ecology" / f"{layer_id}.geojson"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest(), len(rows)


def layer_table(layer_id: str, digest: str, rows: int, **fields: object) -> str:
    """Return a catalogue table as TOML."""
    values: dict[str, object] = {
        "id": layer_id,
        "title_zh": f"图层{layer_id}",
        "title_en": f"layer {layer_id}",
        "theme": "ecology",
        "path": f"ecology/{layer_id}.geojson",
        "geometry_type": "Mixed",
        "rows": rows,
        "sha256": digest,
        "provenance": "digitised",
        "accuracy_m": 10.0,
        "coverage": [117.5, 28.0, 123.0, 32.0],
        "data_date": "2026-01-01",
        "source": "made for a test",
        "licence": "CC0",
        "required": True,
    } | fields
    lines = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in values.items()
        if value is not None
    ]
    return "[[layer]]\n" + "\n".join(lines) + "\n"


@pytest.fixture
def make_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Workspace]:
    """Return a maker of workspaces: layers as {id: ([features], {catalogue fields})} and rules as TOML."""

    def make(layers: dict[str, tuple[list[dict[str, Any]], dict[str, object]]], rules: str) -> Workspace:
        from gis.workspace import open_workspace

        folder = tmp_path / "workspace"
        (folder / "maps").mkdir(parents=True, exist_ok=True)
        (folder / "maps" / "styles.toml").write_text(STYLES, encoding="utf-8")
        tables = []
        for layer_id, (features, fields) in layers.items():
            if features:
                digest, rows = write_layer(folder / "layers", layer_id, features)
                tables.append(layer_table(layer_id, digest, rows, **fields))
            else:
                empty = {
                    "path": None,
                    "sha256": None,
                    "provenance": "none",
                    "accuracy_m": None,
                    "coverage": None,
                }
                tables.append(layer_table(layer_id, "", 0, **(empty | fields)))
        (folder / "layers").mkdir(exist_ok=True)
        (folder / "layers" / "catalogue.toml").write_text("\n".join(tables), encoding="utf-8")
        (folder / "layers" / "rules.toml").write_text(rules, encoding="utf-8")
        monkeypatch.setenv("GIS_HOME", str(tmp_path / "home"))
        return open_workspace(folder)

    return make


def rule_table(rule_id: str, **fields: object) -> str:
    """Return a rule as TOML: by default a verified prohibition inside features of kind ``reserve``."""
    level = fields.get("level", "prohibited")
    recipe = fields.get("recipe", '{ type = "inside" }')
    verified = str(fields.get("verified", True)).lower()
    return f"""
[[rule]]
id = "{rule_id}"
title_zh = "规则{rule_id}"
title_en = "rule {rule_id}"
level = "{level}"
applies_to = {{ layer = "{fields.get("layer", "reserves")}", kinds = ["{fields.get("kind", "reserve")}"] }}
recipe = {recipe}
requirement_zh = "不得建设"
requirement_en = "do not build"
verified = {verified}
{fields.get("extra", "")}

[[rule.provisions]]
instrument = "测试条例"
article = "第一条"
version = "2020"
source = "made for a test"
verified = {verified}
{fields.get("provision_extra", "in_force_from = 2020-01-01")}
"""


@pytest.fixture
def rule_text() -> Callable[..., str]:
    """Return the function that writes a rule as TOML."""
    return rule_table
