"""The limited process: the same answers, no network, stopped and swept up when it takes too much."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from gis.errors import CrsError, GisError, SiteError, SiteFormatError, SiteTooLargeError
from gis.sites import guard, worker
from gis.sites.guard import read_sites_guarded, stop_guard, warm_guard
from gis.sites.raw import SiteSource
from gis.sites.read import read_sites
from gis.sites.watch import limit_repair, repair_limit, repair_subject

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

SURVEY = (
    "[属性描述]\n坐标系=2000国家大地坐标系\n带号=40\n[地块坐标]\n4,1,1,甲,面,,,,@\n"
    "J1,1,3351000,40515000\nJ2,1,3351100,40515000\nJ3,1,3351100,40515100\nJ4,1,3351000,40515100\n"
)
SOURCES = [SiteSource("甲.txt", SURVEY.encode())]


@pytest.fixture(scope="module", autouse=True)
def stopped_in_the_end() -> Iterator[None]:
    yield
    stop_guard()


def run(code: str) -> dict[str, Any]:
    """Run code in a fresh process in which the network is dropped, and return what it printed."""
    text = f"import json\nfrom gis.sites import worker\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=True, timeout=60
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_the_answer_is_the_same_as_without_the_process() -> None:
    guarded, plain = read_sites_guarded(SOURCES), read_sites(SOURCES)
    assert guarded.files == plain.files
    assert [site.properties for site in guarded.sites] == [site.properties for site in plain.sites]
    assert guarded.sites[0].geometry.equals_exact(plain.sites[0].geometry, 0)
    assert guarded.sites[0].geometry_plane.equals_exact(plain.sites[0].geometry_plane, 0)


@pytest.mark.parametrize(
    ("source", "family", "code"),
    [
        (SiteSource("a.exe", b"MZ"), SiteFormatError, "sites.format"),
        (SiteSource("a.geojson", b"{}"), SiteError, "sites.geojson"),
        (SiteSource("a.geojson", b""), SiteError, "sites.empty"),
        (SiteSource("a.geojson", b" " * 50_000_001), SiteTooLargeError, "sites.too_large"),
        (SiteSource("a.csv", "点号,X,Y\n1,3351000,515000\n".encode()), CrsError, "crs.zone_missing"),
    ],
)
def test_errors_come_back_as_they_were_raised(source: SiteSource, family: type[GisError], code: str) -> None:
    with pytest.raises(family) as caught:
        read_sites_guarded([source])
    with pytest.raises(family) as plain:
        read_sites([source])
    assert caught.value.code == code
    assert caught.value.as_dict() == plain.value.as_dict()


def test_a_warm_small_file_answers_within_fifty_milliseconds() -> None:
    warm_guard()
    read_sites_guarded(SOURCES)
    times = []
    for _ in range(15):
        began = time.perf_counter()
        read_sites_guarded(SOURCES)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.05


def test_many_at_once_all_get_their_own_answer() -> None:
    def ask(number: int) -> str:
        text = SURVEY.replace("甲", f"地块{number}")
        return str(read_sites_guarded([SiteSource("a.txt", text.encode())]).sites[0].name)

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(ask, range(80))) == [f"地块{number}" for number in range(80)]


def test_past_the_wall_time_the_child_is_killed_and_its_folder_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    rows = "".join(f"p{i},J,{3351000 + i / 1000:.3f},40515000\n" for i in range(60_000))
    began = time.monotonic()
    with pytest.raises(SiteError) as caught:
        read_sites_guarded([SiteSource("a.csv", f"地块,点号,X,Y\n{rows}".encode())], wall_s=0.3)
    assert caught.value.code == "sites.timeout"
    assert time.monotonic() - began < 3
    assert list(tmp_path.iterdir()) == []
    assert len(read_sites_guarded(SOURCES).sites) == 1


def test_a_worker_that_was_lost_is_replaced() -> None:
    read_sites_guarded(SOURCES)
    process = guard._worker(os.getpid())._process
    assert process is not None
    process.kill()
    process.wait()
    assert len(read_sites_guarded(SOURCES).sites) == 1


def test_a_child_that_dies_is_an_error_not_a_hang() -> None:
    ours, theirs = socket.socketpair()
    conversation = guard._Conversation(
        ours, worker.Request(tuple(SOURCES), None, None, ""), time.monotonic() + 5
    )
    with ours:
        theirs.close()
        with pytest.raises(SiteError) as caught:
            conversation.run()
    assert caught.value.code == "sites.broken"


@pytest.mark.parametrize(
    ("code", "expected"), [(-26, "repair_timeout"), (-24, "sites.timeout"), (-11, "sites.broken")]
)
def test_what_a_child_died_of_is_told(code: int, expected: str) -> None:
    ours, theirs = socket.socketpair()
    conversation = guard._Conversation(
        ours, worker.Request(tuple(SOURCES), None, None, ""), time.monotonic() + 5
    )
    with ours, theirs:
        theirs.sendall(worker.FRAME.pack(b"S", 9) + b"feature 3")
        theirs.sendall(worker.FRAME.pack(b"X", 8) + code.to_bytes(8, "big", signed=True))
        with pytest.raises(SiteError) as caught:
            conversation.run()
    assert caught.value.code == expected
    assert (caught.value.where == "feature 3") == (expected == "repair_timeout")


def test_a_repair_past_its_time_ends_the_child_with_a_signal() -> None:
    def become_busy() -> None:
        ours, theirs = socket.socketpair()
        worker.REPAIR_SECONDS = 0.2
        repair_subject.set("a.geojson, feature 7")
        worker.compute_reply = lambda _: _spin()
        worker.answer(theirs, worker.Request((), None, None, ""))
        ours.close()

    def _spin() -> tuple[bytes, bytes]:
        with limit_repair():
            while True:
                pass

    child = os.fork()
    if child == 0:
        try:
            become_busy()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -26


def test_without_the_process_a_repair_has_no_limit_and_works() -> None:
    with limit_repair():
        pass
    assert repair_limit.get()("x") is not None


def test_memory_processor_and_files_are_limited() -> None:
    limits = run(
        "import resource\nworker.set_limits()\n"
        "names = ('RLIMIT_CPU', 'RLIMIT_AS', 'RLIMIT_CORE', 'RLIMIT_FSIZE')\n"
        "print(json.dumps({n: resource.getrlimit(getattr(resource, n))[0] for n in names}))"
    )
    assert limits["RLIMIT_CPU"] == 60
    assert 2e9 <= limits["RLIMIT_AS"] < 6e9
    assert limits["RLIMIT_CORE"] == 0
    assert limits["RLIMIT_FSIZE"] == 600_000_000
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != limits["RLIMIT_AS"]


def test_more_memory_than_allowed_is_an_answer() -> None:
    found = run(
        "worker.set_limits()\nimport gis.sites.read as read\n"
        "def hungry(*_, **__): bytearray(3_000_000_000)\nread.read_sites = hungry\nimport pickle\n"
        "letter, content = worker.compute_reply(worker.Request((), None, None, ''))\n"
        "print(json.dumps({'letter': letter.decode(), 'error': pickle.loads(content)}))"
    )
    assert found["letter"] == "E"
    assert found["error"][0] == "SiteTooLargeError"


def test_a_defect_of_a_reader_is_an_error_of_ours() -> None:
    found = run(
        "import gis.sites.read as read\n"
        "def broken(*_, **__): raise ZeroDivisionError\nread.read_sites = broken\nimport pickle\n"
        "letter, content = worker.compute_reply(worker.Request((), None, None, ''))\n"
        "print(json.dumps({'letter': letter.decode(), 'error': pickle.loads(content)}))"
    )
    assert found["error"][0] == "SiteError"
    assert found["error"][-1] == "sites.broken"


def test_connections_names_and_programs_are_refused_even_without_a_namespace() -> None:
    refused = run(
        "import sys, socket, subprocess\nsys.addaudithook(worker._refuse_outside)\nfound = {}\n"
        "for name, act in {\n"
        "  'connect': lambda: socket.socket().connect(('127.0.0.1', 9)),\n"
        "  'resolve': lambda: socket.getaddrinfo('localhost', 80),\n"
        "  'program': lambda: subprocess.run(['true']),\n"
        "}.items():\n"
        "  try: act(); found[name] = 'done'\n"
        "  except PermissionError as error: found[name] = 'refused'\n"
        "print(json.dumps(found))"
    )
    assert set(refused.values()) == {"refused"}


def test_where_the_system_allows_it_there_is_no_network_at_all() -> None:
    found = run(
        "import socket\ndropped = worker.drop_network()\n"
        "names = [name for _, name in socket.if_nameindex()]\n"
        "print(json.dumps({'dropped': dropped, 'names': names}))"
    )
    if not found["dropped"]:
        pytest.skip("this system does not let a process leave its network")
    assert set(found["names"]) <= {"lo"}


def test_the_worker_gets_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "x")
    monkeypatch.setenv("HTTPS_PROXY", "http://x.invalid")
    environment = guard._make_environment()
    assert "SOME_TOKEN" not in environment
    assert "HTTPS_PROXY" not in environment
    assert Path(environment["PYTHONPATH"].split(os.pathsep)[0], "gis").is_dir()


def test_a_tangle_is_answered_within_five_seconds() -> None:
    rng = np.random.default_rng(1)
    ring = (rng.random((2000, 2)) * 0.1 + [120.1, 30.2]).tolist()
    text = json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
    began = time.monotonic()
    with pytest.raises(SiteError) as caught:
        read_sites_guarded([SiteSource("a.geojson", text.encode())])
    assert caught.value.code in {"sites.all_rejected", "repair_timeout"}
    assert time.monotonic() - began < 5
    assert shapely.Polygon(ring).is_valid is False
