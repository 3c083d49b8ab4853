"""The processes that check sites: each opens the workspace once, so that every core can answer planners."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import date
from functools import partial
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, Any

from gis.errors import NotFoundError, SiteError, SiteFormatError
from gis.outputs.files import render_format
from gis.outputs.json import render_json
from gis.sites.guard import read_sites_guarded, stop_guard, warm_guard
from gis.sites.read import read_sites
from gis.study import check_sites, prepare_checks
from gis.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor, Future

    from gis.model import CheckOptions, CheckResult, SiteSet
    from gis.settings import Settings
    from gis.sites.read import SiteSource
    from gis.workspace import Workspace

BODY_NAME = "body.geojson"
"""Name of a site that came as the body of the request."""

SMALL_BYTES = 16_000
"""GeoJSON up to this size (some 400 corners) is read without a process of its own: it cannot take long."""

HEAVY_BYTES = 200_000
"""Files from this size on may take minutes: they never hold every process at once."""

THREADS = 2
"""Threads that answer where no processes were asked for: tests, and a service of one core."""

MOST_WORKERS = 4

GRACE_S = 10.0
"""How long a check under way may take to finish when the service stops."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be checked, and the key under which its progress is told."""

    sources: tuple[SiteSource, ...]
    options: CheckOptions
    key: str = ""


def count_workers() -> int:
    """Return how many processes this machine has room for: one a core, at most four."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(MOST_WORKERS, usable))


class CheckWorkers:
    """Checks sites and renders results, in processes or, with none, in threads of this one.

    Heavy work waits for its turn, so that with two processes or more one is free for small sites at any time.
    A process that is lost takes the checks it worked on with it: they are told so, and new ones start.

    Parameters
    ----------
    workspace : Workspace
        Opened here; each process opens the same folder for itself.
    processes : int
        0: threads of this process.
    """

    def __init__(self, workspace: Workspace, *, processes: int = 0) -> None:
        self._workspace = workspace
        self._processes = processes
        self._lock = threading.Lock()
        self._pool: Executor | None = None
        turns = max(1, (processes or THREADS) - 1)
        self._turns = ThreadPoolExecutor(turns, thread_name_prefix="heavy")
        self._working: set[Future[Any]] = set()
        self._context = multiprocessing.get_context("spawn")
        self._told: Any = self._context.SimpleQueue() if processes else None
        self._progress: dict[str, float] = {}
        if processes:
            threading.Thread(target=self._listen, name="progress", daemon=True).start()

    def check(self, asked: Asked) -> Future[str]:
        """Return the site-check/1 object of a check, to come."""
        return self._take_turn(asked, partial(self._submit, _check_there, _check_here, asked))

    def render(self, asked: Asked, check_id: str, name: str) -> Future[bytes]:
        """Return a result in one of the formats of ``gis.outputs.files``, to come.

        Raises
        ------
        NotFoundError
            In the future: ``checks.changed`` when today's layers and rules no longer give that result.
        """
        return self._take_turn(
            asked, partial(self._submit, _render_there, _render_here, asked, check_id, name)
        )

    def progress(self, key: str) -> float:
        """Return the share of a check's sites that is done, 0–1."""
        return self._progress.get(key, 0.0)

    def forget(self, key: str) -> None:
        """Forget the progress of a check."""
        self._progress.pop(key, None)

    def stop(self) -> None:
        """End the processes at once, but a check under way gets some seconds to finish first."""
        self._turns.shutdown(wait=False, cancel_futures=True)
        self._end_pool()

    def _end_pool(self) -> None:
        """End the processes; new ones start when work comes."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is None:
            return
        wait(tuple(self._working), timeout=GRACE_S)
        if self._processes:
            for child in multiprocessing.active_children():
                child.terminate()
        pool.shutdown(wait=True, cancel_futures=True)

    def warm(self) -> None:
        """Start the processes and let them open the workspace and make the zones of the day."""
        if self._processes:
            for _ in range(self._processes):
                self._executor().submit(_is_ready)

    def _take_turn(self, asked: Asked, submit: Callable[[], Future[Any]]) -> Future[Any]:
        """Hand small work over at once, heavy work when its turn comes."""
        if sum(len(source.content) for source in asked.sources) < HEAVY_BYTES:
            return submit()
        return self._turns.submit(lambda: submit().result())

    def _submit(self, there: Callable[..., Any], here: Callable[..., Any], *given: object) -> Future[Any]:
        """Hand work to a process, or to a thread with the workspace of this process."""
        if not self._processes:
            return self._keep(self._executor().submit(here, self._workspace, self._note, *given))
        try:
            return self._keep(self._executor().submit(there, *given))
        except BrokenProcessPool:
            self._end_pool()
            return self._keep(self._executor().submit(there, *given))

    def _keep(self, work: Future[Any]) -> Future[Any]:
        """Remember work until it is done, so that a stop can wait for it."""
        self._working.add(work)
        work.add_done_callback(self._working.discard)
        return work

    def _executor(self) -> Executor:
        """Return the pool, started when first needed."""
        with self._lock:
            if self._pool is None:
                self._pool = (
                    ProcessPoolExecutor(
                        self._processes,
                        mp_context=self._context,
                        initializer=_open,
                        initargs=(self._workspace.settings, self._told),
                    )
                    if self._processes
                    else ThreadPoolExecutor(THREADS, thread_name_prefix="check")
                )
            return self._pool

    def _note(self, key: str, share: float) -> None:
        """Keep how far a check is."""
        if key:
            self._progress[key] = share

    def _listen(self) -> None:
        """Keep what the processes tell of their progress."""
        while True:
            self._note(*self._told.get())


_opened: dict[str, Any] = {}
"""In a process of the pool only: its workspace and the way to tell of progress."""


def _open(settings: Settings, told: Any) -> None:
    """Prepare a process: open the workspace once, and make the zones of the day."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service's own process decides when to stop
    signal.signal(signal.SIGTERM, _end_now)
    _opened["workspace"] = open_workspace(settings=settings)
    _opened["tell"] = lambda key, share: told.put((key, share)) if key else None
    with contextlib.suppress(Exception):  # a check says what is wrong; the process must live to check
        prepare_checks(_opened["workspace"], date.today())  # noqa: DTZ011 - the office's calendar day
    warm_guard()
    Finalize(None, stop_guard, exitpriority=10)  # processes of a pool run no atexit handlers
    threading.Thread(target=_end_with_service, name="end-with-service", daemon=True).start()


def _end_now(*_: object) -> None:
    """End this process and its reader of untrusted files."""
    stop_guard()
    os._exit(0)


def _end_with_service() -> None:
    """End this process when the service's own has ended, however it did."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        stop_guard()
        os._exit(1)


def _is_ready() -> bool:
    """Answer once the workspace is open."""
    return "workspace" in _opened


def _check_there(asked: Asked) -> str:
    """Check in a process of the pool."""
    return _check_here(_opened["workspace"], _opened["tell"], asked)


def _render_there(asked: Asked, check_id: str, name: str) -> bytes:
    """Render in a process of the pool."""
    return _render_here(_opened["workspace"], _opened["tell"], asked, check_id, name)


def _check_here(workspace: Workspace, tell: Callable[[str, float], None], asked: Asked) -> str:
    """Read the sites and check them."""
    return render_json(_study(workspace, tell, asked))


def _render_here(
    workspace: Workspace, tell: Callable[[str, float], None], asked: Asked, check_id: str, name: str
) -> bytes:
    """Check again what was kept, and render it if it is still the same check."""
    result = _study(workspace, tell, asked)
    if result.check_id != check_id:
        raise NotFoundError(
            "图层或规则在此检查之后已更新，原结果只保留 JSON",
            "layers or rules have changed since this check: of the former result the JSON is kept",
            where=check_id[:80],
            hint_zh="重新检查同一文件，或用 gis records rerun 查看结论变化",
            hint_en="check the same files again, or see what changes with gis records rerun",
            code="checks.changed",
        )
    return render_format(result, workspace, name)


def _study(workspace: Workspace, tell: Callable[[str, float], None], asked: Asked) -> CheckResult:
    """Return the result of a check, telling how far it is."""
    sites = read_sources(asked.sources, asked.options)
    return check_sites(
        workspace, sites, asked.options, progress=lambda done, total: tell(asked.key, done / total)
    )


def read_sources(sources: Sequence[SiteSource], options: CheckOptions) -> SiteSet:
    """Return the sites of a request, read in a limited process unless they are small GeoJSON.

    Raises
    ------
    SiteError
        As from ``gis.sites``; a body that was declared as JSON and is none is broken, not of another type.
    """
    read = read_sites if all(is_small_geojson(source) for source in sources) else read_sites_guarded
    try:
        return read(sources, crs=options.crs, datum=options.datum)
    except SiteFormatError as error:
        if sources[0].name != BODY_NAME:
            raise
        raise SiteError(
            error.zh,
            error.en,
            where=error.where,
            hint_zh=error.hint_zh,
            hint_en=error.hint_en,
            code=error.code,
        ) from error


def is_small_geojson(source: SiteSource) -> bool:
    """Return whether a source is a JSON object of few bytes by its first sign."""
    small = len(source.content) <= SMALL_BYTES
    return small and source.content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
