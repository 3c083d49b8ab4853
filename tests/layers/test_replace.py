"""A layer swapped and brought back: byte for byte, all or nothing, one at a time."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import shapely

from gis.errors import LayerError, NotFoundError
from gis.layers import history
from gis.layers.build.build import build_layers
from gis.layers.difference import compare_frames
from gis.layers.history import HISTORY_DIR, list_versions, lock_layers
from gis.layers.replace import Replacement, read_block, replace_layer, undo_replacement
from gis.model import LayerStatus
from gis.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = "2026-01-01T00:00:00+00:00"
OLD = {"id": "old", "kind": "reserve", "geometry": shapely.box(0, 0, 1000, 1000)}


@pytest.fixture
def layers_dir(make_workspace: Callable[..., Any], rule_text: Callable[..., str]) -> Path:
    """Return the layers of a workspace: ``reserves`` with one square, ``empty`` declared without data."""
    opened = make_workspace(
        {"reserves": ([OLD], {}), "empty": ([], {}), "last": ([OLD], {})}, rule_text("inside")
    )
    folder: Path = opened.settings.workspace / "layers"
    path = folder / "catalogue.toml"
    path.write_text(f"# 首行注释 — a comment\n{path.read_text(encoding='utf-8')}\n# 末行\n", encoding="utf-8")
    return folder


def make_replacement(layers_dir: Path, layer_id: str, *names: str) -> Replacement:
    """Return new squares of 0.01° for a layer."""
    frame = gpd.GeoDataFrame(
        {"id": list(names), "name_zh": list(names), "kind": "reserve", "accuracy_m": 5.0},
        geometry=[shapely.box(120 + n, 30, 120.01 + n, 30.01) for n in range(len(names))],
        crs="EPSG:4490",
    )
    fields = {
        "provenance": "official",
        "accuracy_m": 5.0,
        "source": "测试",
        "coverage": [119.0, 29.0, 121.0, 31.0],
    }
    return Replacement(
        layer_id, frame, fields, read_block(layers_dir, layer_id), (), compare_frames(None, frame)
    )


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file of the layers but the history."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and HISTORY_DIR not in path.parts
    }


def ids_of(layers_dir: Path, layer_id: str) -> list[str]:
    """Return the ids of a layer as a check would see them; the layer must be whole."""
    layer = open_workspace(layers_dir.parent).layers[layer_id]
    assert layer.status is not LayerStatus.FAILED, layer.problem
    return [] if layer.frame is None else layer.frame["id"].tolist()


@pytest.mark.parametrize("layer_id", ["reserves", "empty", "last"])
def test_new_data_take_the_place_and_undo_brings_the_old_back_byte_for_byte(
    layer_id: str, layers_dir: Path
) -> None:
    before = snapshot(layers_dir)
    old_ids = ids_of(layers_dir, layer_id)
    replace_layer(layers_dir, make_replacement(layers_dir, layer_id, "a", "b"), now=NOW)
    assert ids_of(layers_dir, layer_id) == ["a", "b"]
    assert snapshot(layers_dir) != before
    undo_replacement(layers_dir, layer_id, now=NOW)
    assert snapshot(layers_dir) == before
    assert ids_of(layers_dir, layer_id) == old_ids


def test_only_the_table_of_the_layer_changes(layers_dir: Path) -> None:
    before = (layers_dir / "catalogue.toml").read_text(encoding="utf-8")
    block = read_block(layers_dir, "reserves")
    replace_layer(layers_dir, make_replacement(layers_dir, "reserves", "a"), now=NOW)
    after = (layers_dir / "catalogue.toml").read_text(encoding="utf-8")
    assert after == before.replace(block, read_block(layers_dir, "reserves"))
    assert after.startswith("# 首行注释")


def test_two_replacements_are_undone_one_after_the_other(layers_dir: Path) -> None:
    states = [snapshot(layers_dir)]
    for name in ("a", "b", "c"):
        replace_layer(layers_dir, make_replacement(layers_dir, "reserves", name), now=NOW)
        states.append(snapshot(layers_dir))
    for state in reversed(states[:-1]):
        undo_replacement(layers_dir, "reserves", now=NOW)
        assert snapshot(layers_dir) == state
    with pytest.raises(LayerError) as caught:
        undo_replacement(layers_dir, "reserves", now=NOW)
    assert caught.value.code == "layers.history"


def test_undo_of_one_layer_leaves_a_later_change_of_another(layers_dir: Path) -> None:
    replace_layer(layers_dir, make_replacement(layers_dir, "reserves", "a"), now=NOW)
    replace_layer(layers_dir, make_replacement(layers_dir, "empty", "b"), now=NOW)
    undo_replacement(layers_dir, "reserves", now=NOW)
    assert (ids_of(layers_dir, "reserves"), ids_of(layers_dir, "empty")) == (["old"], ["b"])


def test_the_history_keeps_the_old_file_and_what_was_undone(layers_dir: Path) -> None:
    old = (layers_dir / "ecology" / "reserves.geojson").read_bytes()
    version = replace_layer(layers_dir, make_replacement(layers_dir, "reserves", "a"), now=NOW)
    assert (version.folder / history.DATA_FILE).read_bytes() == old
    assert [
        one.state(read_block(layers_dir, "reserves")) for one in list_versions(layers_dir, "reserves")
    ] == ["current"]
    undo_replacement(layers_dir, "reserves", now=NOW)
    assert b'"id":"a"' in (version.folder / history.UNDONE_FILE).read_bytes()
    assert [
        one.state(read_block(layers_dir, "reserves")) for one in list_versions(layers_dir, "reserves")
    ] == ["undone"]


def test_a_layer_never_replaced_cannot_be_undone(layers_dir: Path) -> None:
    with pytest.raises(LayerError) as caught:
        undo_replacement(layers_dir, "reserves", now=NOW)
    assert caught.value.code == "layers.history"


def test_an_entry_edited_since_is_not_undone_over_the_edit(layers_dir: Path) -> None:
    replace_layer(layers_dir, make_replacement(layers_dir, "reserves", "a"), now=NOW)
    path = layers_dir / "catalogue.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("测试", "改过"), encoding="utf-8")
    with pytest.raises(LayerError, match="edited"):
        undo_replacement(layers_dir, "reserves", now=NOW)


def test_the_build_leaves_data_alone_that_were_put_in(layers_dir: Path) -> None:
    source = layers_dir / "sources" / "reserves.toml"
    source.parent.mkdir()
    source.write_text("not a source: the build would fail on it", encoding="utf-8")
    replace_layer(layers_dir, make_replacement(layers_dir, "reserves", "a"), now=NOW)
    assert build_layers(layers_dir.parent, layers_dir.parent / "cache", builders={}) == ()
    assert ids_of(layers_dir, "reserves") == ["a"]
    undo_replacement(layers_dir, "reserves", now=NOW)
    with pytest.raises(LayerError, match="TOML"):
        build_layers(layers_dir.parent, layers_dir.parent / "cache", only=["reserves"], builders={})


def test_an_unknown_layer_is_named(layers_dir: Path) -> None:
    with pytest.raises(NotFoundError):
        read_block(layers_dir, "nothing")


def test_while_one_replaces_another_is_told(layers_dir: Path) -> None:
    before = snapshot(layers_dir)
    with lock_layers(layers_dir), pytest.raises(LayerError) as caught:
        replace_layer(layers_dir, make_replacement(layers_dir, "reserves", "a"), now=NOW)
    assert caught.value.code == "layers.locked"
    assert snapshot(layers_dir) == before


def test_of_two_that_saw_the_same_state_the_second_is_told(layers_dir: Path) -> None:
    first, second = (make_replacement(layers_dir, "reserves", name) for name in ("a", "b"))
    replace_layer(layers_dir, first, now=NOW)
    with pytest.raises(LayerError) as caught:
        replace_layer(layers_dir, second, now=NOW)
    assert caught.value.code == "layers.changed"
    assert ids_of(layers_dir, "reserves") == ["a"]


def test_a_folder_that_cannot_be_written_says_what_to_do(
    layers_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replacement = make_replacement(layers_dir, "reserves", "a")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(history.os, "open", refuse)
    with pytest.raises(LayerError, match="written") as caught:
        replace_layer(layers_dir, replacement, now=NOW)
    assert caught.value.code == "layers.read_only"


STEPS = ("fsync", "replace", "rename", "unlink", "mkdir")
"""What a killed process may have been about to do."""


def run_killed(action: Callable[[], object], step: int) -> bool:
    """Run `action` in a child that is killed before its n-th step; return whether it came to its end."""
    child = os.fork()
    if not child:
        left = [step]

        def guard(original: Callable[..., Any]) -> Callable[..., Any]:
            def call(*arguments: Any, **named: Any) -> Any:
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return original(*arguments, **named)

            return call

        os.fsync = guard(os.fsync)
        for name in STEPS[1:]:
            setattr(Path, name, guard(getattr(Path, name)))
        try:
            action()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to kill a process at each step")
@pytest.mark.parametrize("what", ["replace", "undo"])
def test_killed_at_any_step_the_layer_is_old_or_new_and_can_be_replaced_again(
    what: str, layers_dir: Path
) -> None:
    replacement = make_replacement(layers_dir, "reserves", "a")
    if what == "undo":
        replace_layer(layers_dir, replacement, now=NOW)
    seen: set[str] = set()
    for step in range(200):
        before = ids_of(layers_dir, "reserves")
        replacement = make_replacement(layers_dir, "reserves", "a")
        if what == "replace":
            ended = run_killed(lambda: replace_layer(layers_dir, replacement, now=NOW), step)  # noqa: B023
        else:
            ended = run_killed(lambda: undo_replacement(layers_dir, "reserves", now=NOW), step)
        after = ids_of(layers_dir, "reserves")
        assert after in (["old"], ["a"])
        seen.add(after[0])
        if what == "replace" and after == ["a"]:
            undo_replacement(layers_dir, "reserves", now=NOW)
        if what == "undo" and after == ["old"]:
            replace_layer(layers_dir, make_replacement(layers_dir, "reserves", "a"), now=NOW)
        assert ids_of(layers_dir, "reserves") == before
        if ended:
            break
    assert ended
    assert step > 8
    assert seen == {"old", "a"}
    leftovers = [path for path in layers_dir.rglob("*.aside") if HISTORY_DIR not in path.parts]
    replace_layer(layers_dir, make_replacement(layers_dir, "empty", "b"), now=NOW)
    assert len(leftovers) <= 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork for a second process")
def test_a_lock_held_by_a_process_that_died_is_free(layers_dir: Path) -> None:
    child = os.fork()
    if not child:
        with lock_layers(layers_dir):
            time.sleep(60)
        os._exit(0)
    time.sleep(0.5)
    with pytest.raises(LayerError), lock_layers(layers_dir):
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    replace_layer(layers_dir, make_replacement(layers_dir, "reserves", "a"), now=NOW)
    assert ids_of(layers_dir, "reserves") == ["a"]
