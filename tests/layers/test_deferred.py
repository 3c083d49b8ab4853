"""Layers open when asked for: once, by whoever comes first, and a damaged one is failed, never empty."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING

import shapely

from gis.layers import deferred
from gis.model import CheckOptions, LayerStatus, Verdict
from gis.study import check_sites

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from gis.model import Layer, Site, SiteSet
    from gis.workspace import Workspace

SQUARE = {"id": "a", "kind": "reserve", "geometry": shapely.box(0, 0, 1000, 1000)}
FAR = {"id": "b", "kind": "park", "geometry": shapely.box(50_000, 0, 51_000, 1000)}


def opened(workspace: Workspace) -> set[str]:
    return {layer_id for layer_id, layer in workspace.layers.items() if layer.is_open}


def test_nothing_opens_before_it_is_asked_for(make_workspace: Callable[..., Workspace]) -> None:
    workspace = make_workspace({"reserves": ([SQUARE], {}), "parks": ([FAR], {}), "nothing": ([], {})}, "")
    assert [layer.entry.id for layer in workspace.layers.values()] == ["reserves", "parks", "nothing"]
    assert workspace.layers["nothing"].status is LayerStatus.NO_DATA
    assert opened(workspace) == set()
    assert workspace.layers["parks"].frame["id"].tolist() == ["b"]
    assert opened(workspace) == {"parks"}


def test_a_check_leaves_base_maps_closed(
    make_workspace: Callable[..., Workspace],
    make_site: Callable[..., Site],
    make_site_set: Callable[..., SiteSet],
    rule_text: Callable[..., str],
) -> None:
    layers = {"reserves": ([SQUARE], {}), "roads": ([FAR], {"theme": "context"})}
    workspace = make_workspace(layers, rule_text("r1"))
    sites = make_site_set(make_site(shapely.box(100, 100, 200, 200)))
    result = check_sites(workspace, sites, CheckOptions(on=date(2026, 1, 1)))
    assert result.sites[0].verdict is Verdict.PROHIBITED
    assert opened(workspace) == {"reserves"}


def test_a_changed_file_is_failed_whether_asked_for_or_not(make_workspace: Callable[..., Workspace]) -> None:
    workspace = make_workspace({"reserves": ([SQUARE], {}), "parks": ([FAR], {})}, "")
    path = workspace.settings.workspace / "layers" / "ecology" / "parks.geojson"
    path.write_bytes(path.read_bytes() + b" ")
    assert opened(workspace) == set()
    assert [layer.entry.id for layer in workspace.failed_layers] == ["parks"]
    assert workspace.layers["parks"].status is LayerStatus.FAILED
    assert "哈希" in workspace.layers["parks"].problem.zh
    assert opened(workspace) == {"parks"}


def test_a_missing_file_is_failed(make_workspace: Callable[..., Workspace]) -> None:
    workspace = make_workspace({"reserves": ([SQUARE], {})}, "")
    (workspace.settings.workspace / "layers" / "ecology" / "reserves.geojson").unlink()
    assert [layer.status for layer in workspace.failed_layers] == [LayerStatus.FAILED]


def test_many_threads_open_a_layer_once(
    make_workspace: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = make_workspace({"reserves": ([SQUARE], {})}, "")
    calls: list[str] = []
    original = deferred.open_layer

    def count(entry: object, **arguments: object) -> Layer:
        calls.append("opened")
        return original(entry, **arguments)

    monkeypatch.setattr(deferred, "open_layer", count)
    with ThreadPoolExecutor(8) as pool:
        frames = list(pool.map(lambda _: workspace.layers["reserves"].frame, range(64)))
    assert calls == ["opened"]
    assert all(frame is frames[0] for frame in frames)


def test_a_layer_travels_to_another_process_closed(make_workspace: Callable[..., Workspace]) -> None:
    layer = make_workspace({"reserves": ([SQUARE], {})}, "").layers["reserves"]
    assert layer.frame is not None
    copy = pickle.loads(pickle.dumps(layer))  # noqa: S301 - made here
    assert not copy.is_open
    assert copy.sha256 == layer.sha256
    assert "opened=True" in repr(copy)
