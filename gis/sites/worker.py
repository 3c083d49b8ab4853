"""The process that reads strangers' files: loaded once, forked for each request, limited, without network.

Run as ``python -m gis.sites.worker FD``: a socket on which each request arrives as one socket of its own. The
child answers on that in frames, a letter and a length before each: ``P`` its process id, ``S`` what it is
repairing, ``R`` the pickled sites, ``E`` a pickled error, ``X`` how it ended, from the parent of the fork.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import pickle
import selectors
import signal
import socket
import struct
import sys
import tempfile
import traceback
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gis.errors import GisError, SiteError, SiteTooLargeError
from gis.sites.raw import SiteSource
from gis.sites.watch import REPAIR_SECONDS, repair_limit

if TYPE_CHECKING:
    from collections.abc import Iterator

CPU_SECONDS = 60
MEMORY_BYTES = 2_000_000_000
FILE_BYTES = 600_000_000
FRAME = struct.Struct(">cQ")

_NEW_NET, _NEW_USER = 0x40000000, 0x10000000
_REFUSED = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.sendto",
    "socket.bind",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "urllib.Request",
)


_SAMPLES = (
    ("warm.geojson", b'{"type":"Point","coordinates":[120.15,30.28]}'),
    ("warm.kml", b"<kml><Placemark><Point><coordinates>120.15,30.28</coordinates></Point></Placemark></kml>"),
    ("warm.csv", b"name,lon,lat\na,120.15,30.28\n"),
    (
        "warm.dxf",
        b"0\nSECTION\n2\nENTITIES\n0\nPOINT\n10\n40515000\n20\n3351000\n0\nENDSEC\n0\nEOF\n",
    ),
)
"""Read once before the first request, so that all that is loaded when used is loaded."""


@dataclass(frozen=True, slots=True)
class Request:
    """What one child is asked to read, and the folder it may write into."""

    sources: tuple[SiteSource, ...]
    crs: str | None
    datum: str | None
    folder: str


def send_frame(connection: socket.socket, letter: bytes, content: bytes) -> None:
    """Send one frame."""
    connection.sendall(FRAME.pack(letter, len(content)))
    connection.sendall(content)


def receive_frame(connection: socket.socket) -> tuple[bytes, bytes]:
    """Return the letter and the content of the next frame; an empty letter when the other side is gone."""
    head = _receive(connection, FRAME.size)
    if len(head) < FRAME.size:
        return b"", b""
    letter, length = FRAME.unpack(head)
    content = _receive(connection, length)
    return (letter, content) if len(content) == length else (b"", b"")


def _receive(connection: socket.socket, length: int) -> bytes:
    """Return so many bytes, fewer when the other side is gone."""
    chunks = []
    while length > 0:
        chunk = connection.recv(min(length, 1 << 20))
        if not chunk:
            break
        chunks.append(chunk)
        length -= len(chunk)
    return b"".join(chunks)


def error_as_tuple(error: GisError) -> tuple[str, str, str, str | None, str, str, str]:
    """Return an error as plain text, from which the other side makes it again."""
    kind = type(error).__name__
    return kind, error.zh, error.en, error.where, error.hint_zh, error.hint_en, error.code


def main() -> None:
    """Serve requests until the other side is gone."""
    control = socket.socket(fileno=int(sys.argv[1]))
    _load()
    drop_network()
    sys.addaudithook(_refuse_outside)
    _serve(control)


def _load() -> None:
    """Import what the readers need, and open PROJ's database, once for all children."""
    for module in ("fiona", "openpyxl", "defusedxml.ElementTree", "ezdxf.path"):
        importlib.import_module(module)
    from gis import crs
    from gis.sites import read

    for _, plain, prefixed in crs.ZONES:
        for code in (plain, prefixed):
            crs.transformer(code, crs.GEOGRAPHIC)
            crs.transformer(code, crs.PLANE)
    for name, sample in _SAMPLES:
        read.read_sites([SiteSource(name, sample)])


def drop_network() -> bool:
    """Leave the network for good where the system allows it; return whether it did."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        unshare = library.unshare
    except (OSError, AttributeError):
        return False
    user, group = os.getuid(), os.getgid()
    if unshare(_NEW_NET) == 0:
        return True
    if unshare(_NEW_NET | _NEW_USER) != 0:
        return False
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with suppress(OSError), open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123
            file.write(line)
    return True


def _refuse_outside(event: str, _: tuple[Any, ...]) -> None:
    """Refuse connections and programs, whatever asks for them."""
    if event in _REFUSED:
        raise PermissionError(f"{event} is not allowed while a file is read")


def _serve(control: socket.socket) -> None:
    wake_read, wake_write = socket.socketpair()
    wake_read.settimeout(0)
    wake_write.settimeout(0)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_write.fileno(), warn_on_full_buffer=False)
    running: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        selector.register(wake_read, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is wake_read:
                    _report_ended(wake_read, running)
                    continue
                message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
                if not message:
                    _kill_all(running)
                    return
                connection = socket.socket(fileno=descriptors[0])
                child = os.fork()
                if child == 0:
                    selector.close()
                    _become_child(connection, [control, wake_read, wake_write, *running.values()])
                running[child] = connection


def _report_ended(wake: socket.socket, running: dict[int, socket.socket]) -> None:
    with suppress(BlockingIOError):
        wake.recv(4096)
    while running:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if child == 0:
            return
        connection = running.pop(child)
        code = os.waitstatus_to_exitcode(status)
        with suppress(OSError):
            connection.send(FRAME.pack(b"X", 8) + struct.pack(">q", code), socket.MSG_DONTWAIT)
        connection.close()


def _kill_all(running: dict[int, socket.socket]) -> None:
    for child in running:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def _become_child(connection: socket.socket, others: list[socket.socket]) -> None:
    """Answer one request and end; never returns."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for other in others:
            other.close()
        set_limits()
        send_frame(connection, b"P", struct.pack(">Q", os.getpid()))
        letter, content = receive_frame(connection)
        if letter:
            answer(connection, pickle.loads(content))  # noqa: S301 - from the process that started this one
        code = 0
    finally:
        os._exit(code)


def set_limits() -> None:
    """Limit processor time, memory beyond what is in use now, file size and core dumps, where possible."""
    try:
        import resource
    except ImportError:
        return
    wanted = [
        (resource.RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS + 1),
        (resource.RLIMIT_FSIZE, FILE_BYTES, FILE_BYTES),
        (resource.RLIMIT_CORE, 0, 0),
    ]
    with suppress(OSError), open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        in_use = int(file.read().split()[0]) * resource.getpagesize()
        wanted.append((resource.RLIMIT_AS, in_use + MEMORY_BYTES, in_use + MEMORY_BYTES))
    for kind, soft, hard in wanted:
        _, most = resource.getrlimit(kind)
        cap = sys.maxsize if most == resource.RLIM_INFINITY else most
        resource.setrlimit(kind, (min(soft, cap), min(hard, cap)))


def answer(connection: socket.socket, request: Request) -> None:
    """Read the files of a request and send the sites, or the error."""

    @contextmanager
    def limit(subject: str) -> Iterator[None]:
        send_frame(connection, b"S", subject.encode())
        signal.setitimer(
            signal.ITIMER_VIRTUAL, REPAIR_SECONDS
        )  # its signal ends the process, also within GEOS
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    if hasattr(signal, "ITIMER_VIRTUAL"):
        repair_limit.set(limit)
    send_frame(connection, *compute_reply(request))


def compute_reply(request: Request) -> tuple[bytes, bytes]:
    """Return the frame that answers a request: sites, or an error of ours whatever went wrong."""
    from gis.sites.read import read_sites

    tempfile.tempdir = request.folder
    where = ", ".join(source.name for source in request.sources)[:200]
    try:
        sites = read_sites(request.sources, crs=request.crs, datum=request.datum)
        return b"R", pickle.dumps(sites, protocol=5)
    except GisError as error:
        found: GisError = error
    except MemoryError:
        found = SiteTooLargeError(
            f"读取文件需要多于 {MEMORY_BYTES // 10**9} GB 内存",
            f"to read the file takes more than {MEMORY_BYTES // 10**9} GB of memory",
            where=where,
            hint_zh="请分成几个文件提交",
            hint_en="split the file",
        )
    except Exception as error:  # noqa: BLE001 - the last barrier: a stranger's file never ends as a defect
        if os.environ.get("GIS_DEBUG"):
            traceback.print_exc()
        found = SiteError(
            f"文件无法读取（{type(error).__name__}）",
            f"the file cannot be read ({type(error).__name__})",
            where=where,
            code="sites.broken",
            hint_zh="文件可能已损坏，请重新导出",
            hint_en="the file may be damaged; export it again",
        )
    return b"E", pickle.dumps(error_as_tuple(found), protocol=5)


if __name__ == "__main__":
    # under its own name: requests are pickled by it
    importlib.import_module("gis.sites.worker").main()
