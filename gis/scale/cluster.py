"""Runs answered on a Dask cluster: the layers travel to each worker once, runs come and go as Arrow bytes.

A run whose worker is lost is given to another; answers do not depend on who gave them.
"""

from __future__ import annotations

import re
import socket
import time
from collections import deque
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gis.engine.warming import warm_kernels
from gis.errors import GisError, OutputError, SettingsError
from gis.scale.answered import AnsweredRun, answer_run
from gis.scale.bundle import Bundle, open_bundle, pack_workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from gis.model import CheckOptions
    from gis.scale.origin import Origin
    from gis.scale.runs import PackedRun, Run
    from gis.scale.workers import Work
    from gis.workspace import Workspace

LOCAL = "local:"
ADDRESS = re.compile(r"(?:[a-z]+://)?([^\s/]+):(\d+)")
"""Of a scheduler: host and port, with or without a protocol."""

AHEAD = 3
"""Runs given out for each thread of the cluster."""

RETRIES = 5
"""How often a run is given to another worker after one is lost."""

PATIENCE_S = 30.0
"""Seconds a scheduler that is reached, or its first worker, may take to answer."""

KNOCK_S = 3.0
"""Seconds somebody may take to listen at an address."""

LEAN = {
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.monitor-interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.scheduler.allowed-failures": RETRIES,
    "distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": 1},
}
"""Of workers started here: they do not watch every step of theirs, nor give memory back after each array."""


@contextmanager
def work_on_cluster(
    workspace: Workspace, origin: Origin, options: CheckOptions, *, address: str
) -> Iterator[Work]:
    """Yield what answers runs on a Dask cluster.

    Parameters
    ----------
    address : str
        Of a scheduler (``tcp://host:8786``), or ``local:N`` for N worker processes started here.

    Raises
    ------
    SettingsError
        If Dask is not installed, the address is none, or no scheduler or worker answers there.
    OutputError
        If a run could not be answered in spite of several workers.
    """
    with ThreadPoolExecutor(1) as packer:
        local = address.startswith(LOCAL)
        packing = packer.submit(pack_workspace, workspace, options, files=not local)
        with connect(address) as client:
            yield make_work(client, packing, origin, address)


def make_work(client: Any, packing: Future[Bundle], origin: Origin, address: str) -> Work:
    """Return what answers runs on the cluster of a client, warmed up while the layers are packed."""
    from distributed import KilledWorker

    warming = [client.submit(warm_there, workers=[worker], pure=False) for worker in client.nthreads()]

    def work(runs: Iterable[Run]) -> Iterator[AnsweredRun]:
        bundle = send_bundle(client, packing.result())
        threads = max(1, sum(client.nthreads().values()))
        waiting: deque[Any] = deque()
        try:
            for run in runs:
                task = (answer_there, bundle, origin, run.pack())
                waiting.append(client.submit(*task, pure=False, retries=RETRIES))
                if len(waiting) > threads * AHEAD:
                    yield take_answer(waiting.popleft())
            while waiting:
                yield take_answer(waiting.popleft())
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
            client.cancel([*waiting, *warming])

    return work


def send_bundle(client: Any, bundle: Bundle) -> Any:
    """Return the bundle as the workers of a cluster hold it, each of them."""
    return client.scatter({bundle.key: bundle}, broadcast=True)[bundle.key]


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
    dask_config: Any = import_module("dask.config").set
    if not address.startswith(LOCAL):
        try:
            knock(address)
            with distributed.Client(address, timeout=PATIENCE_S, set_as_default=False) as client:
                client.wait_for_workers(1, timeout=PATIENCE_S)
                yield client
        except (OSError, TimeoutError, ValueError) as error:
            raise _nobody(address, error) from error
        return
    with (
        dask_config(LEAN),
        distributed.LocalCluster(
            n_workers=_count(address),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # any free port; the usual one may be another cluster's
            scheduler_kwargs={"dashboard": False},
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


def knock(address: str) -> None:
    """See whether anybody listens at an address: one that refuses for some seconds is nobody's.

    Raises
    ------
    SettingsError
        If it is no address.
    OSError
        If nobody listens.
    """
    found = ADDRESS.fullmatch(address)
    if found is None:
        raise _nobody(address, "?")
    host, port = found.group(1).strip("[]"), int(found.group(2))
    began = time.monotonic()
    while True:
        try:
            with socket.create_connection((host, port), timeout=PATIENCE_S):
                return
        except ConnectionRefusedError:
            if time.monotonic() - began > KNOCK_S:
                raise
            time.sleep(0.2)


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


def warm_there() -> None:
    """Load on a worker what every check needs, while the layers are still on their way."""
    warm_kernels()


def answer_there(bundle: Bundle, origin: Origin, run: PackedRun) -> AnsweredRun | GisError:
    """Answer a run on a worker, which opens the layers when it first sees them.

    An error that would be met again everywhere is the answer: raised, it would be tried on other workers.
    """
    try:
        return answer_run(open_bundle(bundle), run.unpack(), origin)
    except GisError as error:
        return error


def take_answer(future: Any) -> AnsweredRun:
    """Return what a run was answered.

    Raises
    ------
    GisError
        What a worker met: an input that cannot be placed, another version of the program.
    """
    answer: AnsweredRun | GisError = future.result()
    if isinstance(answer, GisError):
        raise answer
    return answer
