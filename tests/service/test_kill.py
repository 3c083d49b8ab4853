"""A service killed with no warning has lost nothing it had acknowledged."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import shapely

from gis import crs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from gis.workspace import Workspace

RUN = "import sys; from gis.cli.main import main; sys.argv[0] = 'gis'; main()"
CLIENTS = 6


@contextlib.contextmanager
def serving(workspace: Path, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run ``gis serve`` and give its process and its address."""
    command = [sys.executable, "-c", RUN, "serve", "--port", "0", "--workspace", str(workspace)]
    with (folder / "serve.log").open("a") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder, env=dict(os.environ)
        )
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def read_register(address: str) -> set[str]:
    """Return the ids of every check of the register, page by page."""
    listed: set[str] = set()
    page = "/api/checks?limit=1000"
    while page:
        with urllib.request.urlopen(address + page) as answer:  # noqa: S310 - our own
            table = json.load(answer)
        listed |= {item["id"] for item in table["items"]}
        page = table["links"].get("next", "")
    return listed


def test_kill_9_during_posts_loses_no_acknowledged_record(
    make_workspace: Callable[..., Workspace],
    rule_text: Callable[..., str],
    plane: Callable[[BaseGeometry], BaseGeometry],
    tmp_path: Path,
) -> None:
    reserve = {"id": "r", "kind": "reserve", "geometry": shapely.box(0, 0, 1000, 1000)}
    folder = make_workspace({"reserves": ([reserve], {})}, rule_text("no_building")).settings.workspace
    acknowledged: dict[str, bytes] = {}
    lock = threading.Lock()

    def post(address: str, client: int, stop: threading.Event) -> None:
        host = urlsplit(address).netloc
        for number in range(10_000):
            if stop.is_set():
                return
            square = plane(shapely.box(client * 50, number, client * 50 + 20, number + 20))
            text = shapely.to_geojson(crs.transform(square, crs.PLANE, crs.GEOGRAPHIC))
            try:
                connection = http.client.HTTPConnection(host, timeout=30)
                kind = {"content-type": "application/geo+json"}
                connection.request("POST", f"/api/checks?name=c{client}", body=text, headers=kind)
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                return
            finally:
                connection.close()
            assert answer.status == 201, body
            with lock:
                acknowledged[json.loads(body)["check_id"]] = body

    for _ in range(2):
        before = len(acknowledged)
        stop = threading.Event()
        with serving(folder, tmp_path) as (process, address):
            threads = [
                threading.Thread(target=post, args=(address, client, stop)) for client in range(CLIENTS)
            ]
            for thread in threads:
                thread.start()
            deadline = time.monotonic() + 60
            while len(acknowledged) < before + 25 and time.monotonic() < deadline:
                time.sleep(0.01)
            process.kill()
            stop.set()
            for thread in threads:
                thread.join()
        assert len(acknowledged) >= before + 25

    with serving(folder, tmp_path) as (_, address):
        for check_id, body in acknowledged.items():
            with urllib.request.urlopen(f"{address}/api/checks/{check_id}") as answer:  # noqa: S310 - our own
                assert answer.read() == body
        listed = read_register(address)
    assert listed >= set(acknowledged)
