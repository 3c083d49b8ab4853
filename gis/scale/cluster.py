"""Batches worked through on a Dask cluster: the layers travel to each worker once, batches come and go.

A worker unpacks the layers into a folder of its own, opens them once and keeps them. A batch whose worker is
lost is given to another; answers do not depend on who gave them.
"""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gis.errors import OutputError, SettingsError
from gis.layers.load import CACHE_PREFIX
from gis.scale.batch import BatchChecker
from gis.settings import Settings
from gis.study import library_versions
from gis.version import __version__
from gis.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gis.model import CheckOptions
    from gis.scale.batch import BatchTables
    from gis.scale.origin import Origin
    from gis.scale.workers import Work
    from gis.sites.raw import RawFeature
    from gis.workspace import Workspace

LOCAL = "local:"
ADDRESS = re.compile(r"(?:[a-z]+://)?[^\s/]+:\d+")
"""Of a scheduler: host and port, with or without a protocol."""

AHEAD = 3
"""Batches given out for each thread of the cluster."""

RETRIES = 5
"""How often a batch is given to another worker after one is lost."""

PATIENCE_S = 30.0
"""Seconds a scheduler or its first worker may take to answer."""

FIXED_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Layers, rules and maps of a workspace as one archive, and what they were opened with.

    Parameters
    ----------
    content : bytes
        ZIP of ``layers/``, ``maps/styles.toml`` and the built layers, without dates: the same for the same.
    program, libraries : str, mapping
        Versions here: a worker with others would not give the same answers.
    layers : tuple of (id, status, SHA-256)
        As opened here: a table in a database may have changed since.
    """

    content: bytes
    options: CheckOptions
    origin: Origin
    program: str
    libraries: tuple[tuple[str, str], ...]
    layers: tuple[tuple[str, str, str | None], ...]


def pack_workspace(workspace: Workspace, origin: Origin, options: CheckOptions) -> Bundle:
    """Return what workers need of a workspace: its tables and the files of its layers."""
    settings = workspace.settings
    layers_dir = settings.workspace / "layers"
    files = {
        "layers/catalogue.toml": layers_dir / "catalogue.toml",
        "layers/rules.toml": layers_dir / "rules.toml",
        "maps/styles.toml": settings.workspace / "maps" / "styles.toml",
    }
    for entry in workspace.catalogue.entries:
        if entry.path and entry.path.startswith(CACHE_PREFIX):
            name = entry.path.removeprefix(CACHE_PREFIX)
            files[f"home/cache/{name}"] = settings.cache / name
        elif entry.path and "://" not in entry.path:
            files[f"layers/{entry.path}"] = layers_dir / entry.path
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(files.items()):
            if path.is_file():
                archive.writestr(zipfile.ZipInfo(name, FIXED_DATE), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return Bundle(
        packed.getvalue(),
        options,
        origin,
        __version__,
        tuple(sorted(library_versions().items())),
        list_layers(workspace),
    )


def list_layers(workspace: Workspace) -> tuple[tuple[str, str, str | None], ...]:
    """Return the layers that take part in checks as they were opened: id, status, SHA-256."""
    return tuple((layer.entry.id, layer.status.value, layer.sha256) for layer in workspace.assessed_layers)


@contextmanager
def work_on_cluster(
    workspace: Workspace, origin: Origin, options: CheckOptions, *, address: str
) -> Iterator[Work]:
    """Yield what checks batches on a Dask cluster.

    Parameters
    ----------
    address : str
        Of a scheduler (``tcp://host:8786``), or ``local:N`` for N worker processes started here.

    Raises
    ------
    SettingsError
        If Dask is not installed, the address is none, or no scheduler or worker answers there.
    OutputError
        If a batch could not be done in spite of several workers.
    """
    with connect(address) as client:
        from concurrent.futures import CancelledError

        from distributed import KilledWorker

        bundle = client.scatter(pack_workspace(workspace, origin, options), broadcast=True, hash=True)
        threads = max(1, sum(client.nthreads().values()))

        def work(batches: Iterable[list[RawFeature]]) -> Iterator[BatchTables]:
            waiting: deque[Any] = deque()
            try:
                for batch in batches:
                    waiting.append(client.submit(check_there, bundle, batch, pure=False, retries=RETRIES))
                    if len(waiting) > threads * AHEAD:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            except (KilledWorker, CancelledError) as error:
                raise OutputError(
                    "集群上的检查进程多次意外结束，可能是内存不足",
                    "workers of the cluster were lost again and again; memory may have run out",
                    where=address,
                    hint_zh="增加每个 worker 的内存，再用 --resume 续跑",
                    hint_en="give each worker more memory and go on with --resume",
                    code="outputs.worker",
                ) from error
            finally:
                client.cancel(list(waiting))

        yield work


@contextmanager
def connect(address: str) -> Iterator[Any]:
    """Yield a client of a scheduler, one started here for ``local:N``.

    Raises
    ------
    SettingsError
        If Dask is not installed, the address is none, or nobody answers.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        raise SettingsError(
            "--dask 需要安装附加组件 scale（dask、distributed）",
            "--dask needs the extra scale (dask, distributed)",
            where="--dask",
            hint_zh="pip install 'hangzhou-gis[scale]'；或去掉 --dask 只用本机各核",
            hint_en="pip install 'hangzhou-gis[scale]'; or leave --dask out and use this machine's cores",
            code="settings.dask",
        ) from error
    if not address.startswith(LOCAL):
        if not ADDRESS.fullmatch(address):
            raise _nobody(address, "?")
        try:
            with distributed.Client(address, timeout=PATIENCE_S, set_as_default=False) as client:
                client.wait_for_workers(1, timeout=PATIENCE_S)
                yield client
        except (OSError, TimeoutError, ValueError) as error:
            raise _nobody(address, error) from error
        return
    with (
        distributed.LocalCluster(
            n_workers=_count(address),
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            host="127.0.0.1",
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


def _count(address: str) -> int:
    """Return N of ``local:N``.

    Raises
    ------
    SettingsError
        If it is no number of workers.
    """
    text = address.removeprefix(LOCAL)
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        raise SettingsError(
            f"--dask {address} 中的 worker 数应为 1 至 1024",
            f"--dask {address}: the number of workers must be 1 to 1024",
            where="--dask",
            hint_zh="例如 --dask local:2 或 --dask tcp://主机:8786",
            hint_en="for example --dask local:2 or --dask tcp://host:8786",
        )
    return int(text)


def _nobody(address: str, error: object) -> SettingsError:
    """Return the error for a scheduler that does not answer."""
    return SettingsError(
        f"Dask 调度器 {address} 没有应答：{error}",
        f"no Dask scheduler with workers answers at {address}: {error}",
        where="--dask",
        hint_zh="先启动 dask scheduler 与 dask worker，或用 --dask local:2",
        hint_en="start dask scheduler and dask worker first, or use --dask local:2",
    )


def check_there(bundle: Bundle, batch: list[RawFeature]) -> BatchTables:
    """Check a batch on a worker, which opens the layers when it first sees them.

    Raises
    ------
    SettingsError
        If the worker runs another version of the program or its libraries.
    """
    return open_bundle(bundle).check(batch, bundle.origin)


@lru_cache(maxsize=2)
def open_bundle(bundle: Bundle) -> BatchChecker:
    """Return the checker for a bundle, its layers unpacked and opened once a worker.

    Raises
    ------
    SettingsError
        If the worker runs another version of the program or its libraries, or opens other layers.
    """
    ours = (__version__, tuple(sorted(library_versions().items())))
    if ours != (bundle.program, bundle.libraries):
        raise SettingsError(
            f"worker 的版本 {ours} 与提交者 {(bundle.program, bundle.libraries)} 不同",
            f"the worker runs {ours}, not {(bundle.program, bundle.libraries)}",
            where="--dask",
            hint_zh="在所有机器上安装同一锁定环境（uv sync --locked）",
            hint_en="install the same locked environment everywhere (uv sync --locked)",
        )
    folder = Path(tempfile.mkdtemp(prefix="gis-bundle-"))
    with zipfile.ZipFile(io.BytesIO(bundle.content)) as archive:
        archive.extractall(folder)
    settings = Settings(workspace=folder, home=folder / "home")
    workspace = open_workspace(settings=settings)
    if list_layers(workspace) != bundle.layers:
        raise SettingsError(
            "worker 打开的图层与提交者的不同",
            "the worker opens other layers than the one who asked",
            where="--dask",
            hint_zh="数据库中的图层可能已改变，或 worker 连不上数据库；请重新运行",
            hint_en="a layer in a database may have changed, or the worker cannot reach it; run again",
        )
    return BatchChecker(workspace, bundle.options)
