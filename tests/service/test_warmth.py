"""Warming up: all is ready after it, damage is told as before, a stop or a failure ends it softly."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from gis.service import warmth
from gis.service.app import create_app
from gis.service.state import ServiceState
from gis.service.warmth import WarmUp
from gis.sheets import series
from gis.study import prepare_checks
from gis.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gis.workspace import Workspace


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServiceState]:
    """Return the state of a service over the shipped layers that nobody has asked yet."""
    monkeypatch.setenv("GIS_HOME", str(tmp_path))
    state = ServiceState(open_workspace())
    yield state
    state.close()


def test_layers_map_files_and_fonts_are_ready_after_it(
    shipped: ServiceState, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[bytes] = []
    original = series.render_sheet
    monkeypatch.setattr(series, "render_sheet", lambda *a, **k: drawn.append(original(*a, **k)))
    assert not any(layer.is_open for layer in shipped.workspace.layers.values())
    WarmUp(shipped).run()
    assert all(layer.is_open for layer in shipped.workspace.layers.values() if layer.entry.path)
    assert drawn[0].startswith(b"%PDF")
    assert "layer nature_reserves" in shipped.files._files


def test_a_damaged_layer_is_told_by_health_after_it_as_before(workspace: Workspace) -> None:
    path = workspace.settings.workspace / "layers" / "ecology" / "nature_reserves.geojson"
    path.write_bytes(path.read_bytes() + b" ")
    app = create_app(open_workspace(workspace.settings.workspace))
    WarmUp(app.state.service).run()
    body = TestClient(app).get("/healthz").json()
    assert [item["layer"] for item in body["failed_layers"]] == ["nature_reserves"]
    app.state.service.close()


def test_told_to_stop_it_begins_nothing(shipped: ServiceState) -> None:
    warm_up = WarmUp(shipped)
    warm_up.stop()
    warm_up.run()
    assert not any(layer.is_open for layer in shipped.workspace.layers.values())


def test_what_cannot_be_made_ready_does_not_keep_the_rest_from_it(
    shipped: ServiceState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WarmUp, "_draw_map", lambda _: 1 / 0)
    monkeypatch.setattr(warmth, "THEME", "atlantis")
    asked: list[str] = []
    monkeypatch.setattr(type(shipped.tiles), "warm", lambda _: asked.append("tiles"))
    WarmUp(shipped).run()
    assert "layer nature_reserves" in shipped.files._files
    assert asked == ["tiles"]


def test_a_prepared_workspace_has_the_zones_of_the_day(workspace: Workspace) -> None:
    on = date(2026, 7, 1)
    prepare_checks(workspace, on)
    made = workspace.zones._zones
    assert made
    assert len(made) == len({id(rule) for rule, _ in workspace.zones.rules_on(on)})
