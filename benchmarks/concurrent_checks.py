"""Time 200 small checks at once over HTTP, the service on 2 cores with everything it ships.

``python benchmarks/concurrent_checks.py [rounds]`` starts ``gis serve`` over the bundled workspace with
records in a temporary folder, posts 200 sites of one parcel each from 200 connections at once, and prints a
table. It ends with 1 when a promise is missed: no error, 95 % answered in 2 s. Every answer is kept in the
records before it is given.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

CLIENTS, SINGLES = 200, 20
WEST, SOUTH, EAST, NORTH = 118.6, 29.4, 120.7, 30.5
P95_S = 2.0
RUN = "import sys; from gis.cli.main import main; sys.argv[0] = 'gis'; main()"


@dataclass(frozen=True, slots=True)
class Answer:
    """One check: its status and the seconds it took."""

    status: int
    took_s: float


def make_site(seed: int) -> bytes:
    """Return a parcel of 100 m to 400 m somewhere in Hangzhou as GeoJSON, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - the same sites each time, no secret
    lon, lat = rng.uniform(WEST, EAST), rng.uniform(SOUTH, NORTH)
    wide, high = rng.uniform(0.001, 0.004), rng.uniform(0.001, 0.004)
    ring = [[lon, lat], [lon + wide, lat], [lon + wide, lat + high], [lon, lat + high], [lon, lat]]
    feature = {
        "type": "Feature",
        "properties": {"name": f"地块{seed}"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False).encode()


def post(address: str, seed: int) -> Answer:
    """Post one site on a connection of its own."""
    start = time.perf_counter()
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
    try:
        connection.request("POST", "/api/checks", make_site(seed), {"content-type": "application/geo+json"})
        answer = connection.getresponse()
        answer.read()
        return Answer(answer.status, time.perf_counter() - start)
    finally:
        connection.close()


def post_all(address: str, seeds: range) -> list[Answer]:
    """Post many sites at once: every client starts when all are ready."""
    ready = threading.Barrier(len(seeds))
    answers: list[Answer] = []

    def ask(seed: int) -> None:
        ready.wait()
        try:
            answers.append(post(address, seed))
        except OSError:
            answers.append(Answer(0, float("inf")))

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in seeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def share_of(times: list[float], share: float) -> float:
    """Return the time within which a share of the checks was answered."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def print_row(name: str, answers: list[Answer]) -> bool:
    """Print one row; return whether no check failed."""
    times = [answer.took_s for answer in answers]
    failed = sum(answer.status != 201 for answer in answers)
    figures = " | ".join(f"{share_of(times, share) * 1e3:.0f}" for share in (0.5, 0.95, 1.0))
    print(f"| {name} | {len(answers)} | {failed} | {figures} |")
    return failed == 0


def measure(address: str, rounds: int) -> bool:
    """Print what was measured; return whether every promise is kept."""
    post_all(address, range(8))
    print("| | checks | errors | median ms | 95 % ms | greatest ms |\n|---|---|---|---|---|---|")
    kept = print_row("one at a time", [post(address, 1000 + seed) for seed in range(SINGLES)])
    for turn in range(rounds):
        start = 10_000 * (turn + 1)
        answers = post_all(address, range(start, start + CLIENTS))
        kept &= print_row(f"{CLIENTS} at once, round {turn + 1}", answers)
        kept &= share_of([answer.took_s for answer in answers], 0.95) <= P95_S
    return kept


def main() -> int:
    """Run the benchmark."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as name:
        environ = os.environ | {"GIS_HOME": f"{name}/home"}
        cores = sorted(os.sched_getaffinity(0))[:2]
        with (Path(name) / "log").open("w") as log:
            server = subprocess.Popen(
                [sys.executable, "-c", RUN, "serve", "--port", "0"],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environ,
            )
            os.sched_setaffinity(server.pid, cores)
            try:
                address = server.stdout.readline().strip() if server.stdout else ""
                kept = measure(address, rounds)
            finally:
                server.terminate()
                server.wait()
    print("every promise is kept" if kept else "a promise is missed")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
