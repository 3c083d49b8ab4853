"""On a Dask cluster: the bytes of one process, also when a worker is killed; refused where it must be."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gis.errors import SettingsError
from gis.scale import cluster
from gis.scale.bundle import (
    find_same,
    find_scratch,
    list_layers,
    open_bundle,
    pack_workspace,
    unpack_workspace,
)
from gis.scale.cluster import connect
from gis.scale.run import check_bulk
from gis.scale.summary import name_sites_file

from .conftest import OPTIONS, strew_sites

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.workspace import Workspace


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unpack layers where the test ends them."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def find_workers(parent: int) -> list[int]:
    """Return the worker processes of a run: the youngest generation below it."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                line = (folder / "cmdline").read_bytes()
                above = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if above == parent and b"spawn_main" in line:
                found.append(int(folder.name))
    return found


def test_two_workers_give_the_bytes_of_one_process_though_one_is_killed(
    dense_workspace: Workspace, write_sites: Callable[..., Path], tmp_path: Path
) -> None:
    source = write_sites(strew_sites(1200, seed=8))
    whole = tmp_path / "whole.parquet"
    check_bulk(source, whole, workspace=dense_workspace, options=OPTIONS, workers=1)
    small = "from gis.scale import run; run.FEWEST = run.MOST = 20; "
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", f"{small}from gis.cli.main import main; main()", "check", str(source)),
            *("--bulk", "-o", "there.parquet", "--dask", "local:2", "--on", "2026-06-01", "--near", "300"),
            *("--workspace", str(dense_workspace.settings.workspace)),
        ],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    parts = tmp_path / "there.parquet.parts"
    deadline = time.monotonic() + 90
    while not list(parts.glob("*.part"))[1:] and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    workers = find_workers(process.pid)
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 1, told.decode()
    there = tmp_path / "there.parquet"
    assert there.read_bytes() == whole.read_bytes()
    assert name_sites_file(there).read_bytes() == name_sites_file(whole).read_bytes()
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_the_bundle_is_the_same_for_the_same_and_opens_once(dense_workspace: Workspace) -> None:
    first, second = (pack_workspace(dense_workspace, OPTIONS) for _ in range(2))
    assert first == second
    names = zipfile.ZipFile(io.BytesIO(first.content)).namelist()
    assert {"layers/catalogue.toml", "layers/rules.toml", "maps/styles.toml"} <= set(names)
    assert open_bundle(first) is open_bundle(second)
    assert first.key == second.key
    assert first.key != pack_workspace(dense_workspace, replace(OPTIONS, near_m=5.0)).key


def test_layers_found_where_the_one_who_asks_has_them_are_not_unpacked(dense_workspace: Workspace) -> None:
    settings = dense_workspace.settings
    bundle = pack_workspace(dense_workspace, OPTIONS)
    same = find_same(bundle)
    assert same is not None
    assert same.settings.workspace == settings.workspace.resolve()
    assert not pack_workspace(dense_workspace, OPTIONS, files=False).content
    layer = settings.workspace / "layers" / "ecology" / "parks.geojson"
    whole = layer.read_bytes()
    layer.write_bytes(whole + b"\n")
    assert find_same(bundle) is None
    layer.write_bytes(whole)
    assert find_same(bundle) is not None
    catalogue = settings.workspace / "layers" / "catalogue.toml"
    catalogue.write_text(catalogue.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert find_same(bundle) is None
    assert list_layers(unpack_workspace(bundle)) == bundle.layers


def test_a_worker_of_another_version_is_refused(dense_workspace: Workspace) -> None:
    bundle = replace(pack_workspace(dense_workspace, OPTIONS), program="0.0.1")
    with pytest.raises(SettingsError, match=r"0\.0\.1"):
        open_bundle(bundle)
    for other in ({"layers": ()}, {"content": b"", "tables": ""}):
        with pytest.raises(SettingsError, match="other layers"):
            open_bundle(replace(pack_workspace(dense_workspace, OPTIONS), **other))


def test_two_files_share_the_layers_of_a_cluster_and_leave_none_behind(
    dense_workspace: Workspace,
    write_sites: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone, there = tmp_path / "alone.parquet", tmp_path / "there.parquet"
    with connect("local:1") as client:
        monkeypatch.setattr(cluster, "connect", lambda _: nullcontext(client))
        for seed in (1, 2):
            source = write_sites(strew_sites(20, seed=seed), f"s{seed}.parquet")
            check_bulk(source, alone, workspace=dense_workspace, options=OPTIONS, workers=1)
            check_bulk(source, there, workspace=dense_workspace, options=OPTIONS, dask="tcp://there:1")
            assert alone.read_bytes() == there.read_bytes()
        opened = client.submit(lambda: open_bundle.cache_info().misses, pure=False).result()
        scratch = Path(client.submit(find_scratch, pure=False).result())
        assert opened == 1
        assert scratch.exists()
    assert not scratch.exists()


def test_dask_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(cluster, "import_module", missing)
    with (
        pytest.raises(SettingsError, match="extra scale") as caught,
        connect("local:2"),
    ):
        pass
    assert "附加组件" in caught.value.zh
    assert "pip install" in caught.value.hint_en


@pytest.mark.parametrize("address", ["local:", "local:0", "local:many", "somewhere", "tcp://127.0.0.1"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SettingsError), connect(address):
        pass


def test_nobody_at_an_address_is_said_soon_and_nothing_is_left(
    dense_workspace: Workspace,
    write_sites: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "KNOCK_S", 0.1)
    source, target = write_sites(strew_sites(3, seed=1)), tmp_path / "f.parquet"
    with pytest.raises(SettingsError, match="no Dask scheduler"):
        check_bulk(source, target, workspace=dense_workspace, options=OPTIONS, dask="tcp://127.0.0.1:9")
    assert not list(tmp_path.glob("f.parquet*"))


def test_a_scheduler_without_workers_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "PATIENCE_S", 0.5)
    with (
        distributed.LocalCluster(
            n_workers=0, processes=False, protocol="tcp", dashboard_address=":0", host="127.0.0.1"
        ) as alone,
        pytest.raises(SettingsError, match="no Dask scheduler with workers"),
        connect(alone.scheduler_address),
    ):
        pass
