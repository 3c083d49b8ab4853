"""The one door for untrusted files: :func:`~gis.sites.read.read_sites` in a limited process.

A worker process is loaded once and forks for each request; the fork has 60 s of processor time, 2 GB beyond
what it began with, no network and a folder of its own, and is killed and swept up after past any of them.
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gis import errors
from gis.errors import SiteError
from gis.sites.raw import LIMITS, SiteSource
from gis.sites.worker import CPU_SECONDS, Request, receive_frame, send_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.model import SiteSet

WALL_SECONDS = 90.0
"""Longest a request may take on a busy machine."""

_KEPT_VARIABLES = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "LD_LIBRARY_PATH",
)
_KEPT_STARTS = ("PROJ_", "GDAL_", "PYTHON", "GIS_DEBUG")


def read_sites_guarded(
    sources: Sequence[SiteSource],
    *,
    crs: str | None = None,
    datum: str | None = None,
    wall_s: float = WALL_SECONDS,
) -> SiteSet:
    """Read project sites as :func:`~gis.sites.read.read_sites` does, in a limited process.

    Parameters
    ----------
    wall_s : float
        Seconds after which the process is killed, whatever it is doing.

    Raises
    ------
    SiteError
        ``sites.timeout`` past the processor or wall time, ``repair_timeout`` when one geometry cannot be
        repaired in time, ``sites.broken`` when the reader ended abruptly; and all of ``read_sites``.
    SiteTooLargeError
        Also when more memory was needed than is allowed.
    """
    kept = tuple(sources)
    if any(len(source.content) > LIMITS.file_bytes for source in kept):
        from gis.sites.read import read_sites

        return read_sites(kept, crs=crs, datum=datum)  # refused before it is looked at
    with tempfile.TemporaryDirectory(prefix="gis-sites-") as folder:
        request = Request(kept, crs, datum, folder)
        if not hasattr(os, "fork") or not hasattr(socket, "send_fds"):
            raise SiteError(
                "本系统不能隔离读取文件",
                "this system cannot read files in a process of their own",
                code="sites.guard",
                hint_zh="请在 Linux 或 macOS 上运行服务",
                hint_en="run the service on Linux or macOS",
            )
        return _worker(os.getpid()).ask(request, wall_s)


def warm_guard() -> None:
    """Start the worker process, so that the first request is as fast as the others."""
    _worker(os.getpid()).start()


def stop_guard() -> None:
    """End the worker process; the next request starts another."""
    _worker(os.getpid()).stop()


@cache
def _worker(_: int) -> _Worker:
    """Return the worker of this process: a fork of it needs one of its own."""
    return _Worker()


class _Worker:
    """A worker process, started when first asked, and again after it was lost."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(max(4, 2 * (os.cpu_count() or 1)))
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def start(self) -> socket.socket:
        """Return the socket requests are sent on."""
        with self._lock:
            if self._process is not None and self._process.poll() is None and self._control is not None:
                return self._control
            self._close()
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - this program's own module
                    [sys.executable, "-P", "-m", "gis.sites.worker", str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    env=_make_environment(),
                )
            self._control = ours
            atexit.register(self.stop)
            return ours

    def stop(self) -> None:
        """End the process and wait for it."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
            self._process.kill()
            self._process.wait()
        self._process, self._control = None, None

    def ask(self, request: Request, wall_s: float) -> SiteSet:
        """Return the answer to one request; not more at once than the machine can serve."""
        with self._slots:
            ours, theirs = socket.socketpair()
            with ours, theirs:
                control = self.start()
                try:
                    socket.send_fds(control, [b"r"], [theirs.fileno()])
                except OSError:  # it died since the last request: once more with a new one
                    socket.send_fds(self.start(), [b"r"], [theirs.fileno()])
                theirs.close()
                return _Conversation(ours, request, time.monotonic() + wall_s).run()


def _make_environment() -> dict[str, str]:
    """Return the environment of the worker: nothing secret, one thread, this very package."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT_VARIABLES or name.startswith(_KEPT_STARTS)
    }
    package = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (package, kept.get("PYTHONPATH", "")) if part)
    return kept | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class _Conversation:
    """One request and what comes back for it."""

    def __init__(self, connection: socket.socket, request: Request, deadline: float) -> None:
        self._connection = connection
        self._request = request
        self._deadline = deadline
        self._child: int | None = None
        self._subject = ""

    def run(self) -> SiteSet:
        """Return the sites, or raise what the child raised, or what became of it."""
        try:
            self._wait()
            send_frame(self._connection, b"Q", pickle.dumps(self._request, protocol=5))
            while True:
                self._wait()
                letter, content = receive_frame(self._connection)
                if letter == b"P":
                    (self._child,) = struct.unpack(">Q", content)
                elif letter == b"S":
                    self._subject = content.decode()
                elif letter == b"R":
                    sites: SiteSet = pickle.loads(content)  # noqa: S301 - from our own child
                    return sites
                elif letter == b"E":
                    raise _restore_error(pickle.loads(content))  # noqa: S301 - from our own child
                else:
                    raise self._describe_end(struct.unpack(">q", content)[0] if letter == b"X" else None)
        except TimeoutError:
            self._kill()
            raise self._timeout() from None
        except (BrokenPipeError, ConnectionResetError):
            raise self._describe_end(None) from None

    def _wait(self) -> None:
        self._connection.settimeout(max(0.001, self._deadline - time.monotonic()))

    def _kill(self) -> None:
        if self._child is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self._child, signal.SIGKILL)

    @property
    def _where(self) -> str:
        return ", ".join(Path(source.name).name for source in self._request.sources)[:200]

    def _timeout(self) -> SiteError:
        return SiteError(
            f"读取文件超过 {CPU_SECONDS} 秒，已停止",
            f"reading took longer than {CPU_SECONDS} s and was stopped",
            where=self._where,
            code="sites.timeout",
            hint_zh="请简化几何或分成几个文件",
            hint_en="simplify the geometry or split the file",
        )

    def _describe_end(self, code: int | None) -> SiteError:
        """Return what a child that ended without an answer died of."""
        if code == -signal.SIGVTALRM:
            return SiteError(
                "几何无法在 5 秒内修复",
                "the geometry cannot be repaired within 5 s",
                where=self._subject or self._where,
                code="repair_timeout",
                hint_zh="请在 CAD 或 GIS 中修正自相交后提交",
                hint_en="mend the self-crossings in a CAD or GIS and submit again",
            )
        if code in {-signal.SIGXCPU, -signal.SIGKILL}:
            return self._timeout()
        shown = "?" if code is None else str(code)
        return SiteError(
            f"读取进程意外结束（{shown}），文件可能已损坏或过大",
            f"the reading process ended abruptly ({shown}); the file may be damaged or too large",
            where=self._where,
            code="sites.broken",
            hint_zh="请重新导出，或分成几个文件",
            hint_en="export it again, or split it",
        )


def _restore_error(parts: tuple[str, str, str, str | None, str, str, str]) -> errors.GisError:
    """Return the error a child raised."""
    kind, zh, en, where, hint_zh, hint_en, code = parts
    family: type[errors.GisError] = getattr(errors, kind)
    return family(zh, en, where=where, hint_zh=hint_zh, hint_en=hint_en, code=code)
