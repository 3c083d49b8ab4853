"""Checks in processes of their own, faces of results, jobs."""

from __future__ import annotations

import json
import threading
import time
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from fastapi.testclient import TestClient

from gis import crs
from gis.model import CheckOptions
from gis.service import checks
from gis.service.app import create_app
from gis.service.workers import HEAVY_BYTES, Asked, CheckWorkers, is_small_geojson
from gis.sites.read import SiteSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from gis.workspace import Workspace

TYPES = {
    "geojson": (b'{"type"', "application/geo+json"),
    "xlsx": (b"PK", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "html": (b"<!DOCTYPE html>", "text/html; charset=utf-8"),
    "pdf": (b"%PDF-", "application/pdf"),
}


def site_body(*squares: tuple[float, float]) -> bytes:
    """Return GeoJSON with a square of 100 m at each place, metres about the origin of the tests."""
    features = []
    for number, (x, y) in enumerate(squares):
        box = shapely.box(500_000 + x, 3_350_000 + y, 500_100 + x, 3_350_100 + y)
        geometry = json.loads(shapely.to_geojson(crs.transform(box, crs.PLANE, crs.GEOGRAPHIC)))
        name = f"<script>alert({number})</script>`${{alert(1)}}`"
        features.append({"type": "Feature", "properties": {"name": name}, "geometry": geometry})
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def post(client: TestClient, body: bytes, **query: str) -> Any:
    return client.post(
        "/api/checks", content=body, params=query, headers={"content-type": "application/geo+json"}
    )


@pytest.mark.parametrize("face", TYPES)
def test_a_result_has_every_face(client: TestClient, face: str) -> None:
    start, kind = TYPES[face]
    check_id = post(client, site_body((0, 0))).json()["check_id"]
    answer = client.get(f"/api/checks/{check_id}.{face}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.content.lstrip().startswith(start)


def test_the_html_face_runs_no_script_and_asks_nobody(client: TestClient) -> None:
    check_id = post(client, site_body((0, 0))).json()["check_id"]
    answer = client.get(f"/api/checks/{check_id}.html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("path", ["0" * 64 + ".pdf", "1.pdf", "../../etc/passwd.html"])
def test_a_face_of_no_result_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(f"/api/checks/{path}").status_code == 404


@pytest.mark.parametrize("face", ["exe", "json5"])
def test_a_face_that_does_not_exist_is_refused(client: TestClient, face: str) -> None:
    check_id = post(client, site_body((0, 0))).json()["check_id"]
    assert client.get(f"/api/checks/{check_id}.{face}").status_code in {404, 422}


def test_a_face_of_a_check_that_today_s_layers_no_longer_give_says_so(
    client: TestClient, workspace: Workspace
) -> None:
    check_id = post(client, site_body((0, 0))).json()["check_id"]
    records = workspace.settings.home
    changed = workspace.settings.workspace / "layers" / "rules.toml"
    changed.write_text(changed.read_text("utf-8") + "\n# changed\n", encoding="utf-8")
    from gis.workspace import open_workspace

    assert records.is_dir()
    with TestClient(create_app(open_workspace(workspace.settings.workspace))) as later:
        answer = later.get(f"/api/checks/{check_id}.xlsx")
        assert (answer.status_code, answer.json()["code"]) == (404, "checks.changed")
        assert later.get(f"/api/checks/{check_id}").status_code == 200


def test_a_long_check_becomes_a_job_that_ends_in_a_kept_result(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "QUICK_BYTES", 0)
    monkeypatch.setattr(checks, "QUICK_S", 0.0)
    answer = post(client, site_body(*[(700.0 * number, 0) for number in range(6)]))
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == f"/api/jobs/{job['job_id']}" == job["links"]["self"]
    until = time.monotonic() + 30
    while job["status"] == "running" and time.monotonic() < until:
        time.sleep(0.02)
        job = client.get(job["links"]["self"]).json()
    assert (job["status"], job["progress"]) == ("done", 1.0)
    assert len(client.get(job["links"]["check"]).json()["sites"]) == 6


def test_a_job_that_fails_tells_its_error(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "QUICK_BYTES", 0)
    monkeypatch.setattr(checks, "QUICK_S", 0.0)
    job = post(client, b'{"type": "FeatureCollection", "features": []}').json()
    until = time.monotonic() + 30
    while job["status"] == "running" and time.monotonic() < until:
        time.sleep(0.02)
        job = client.get(job["links"]["self"]).json()
    assert job["status"] == "failed"
    assert set(job["error"]) == {"code", "message", "where", "hint"}


def test_heavy_checks_never_keep_a_small_one_waiting(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def check_here(_workspace: Workspace, _tell: object, asked: Asked) -> str:
        if len(asked.sources[0].content) >= HEAVY_BYTES:
            assert gate.wait(60)
        return asked.sources[0].name

    def ask(name: str, size: int) -> Future[str]:
        options = CheckOptions(on=date(2026, 1, 1))
        return workers.check(Asked((SiteSource(name, b" " * size),), options))

    monkeypatch.setattr("gis.service.workers._check_here", check_here)
    workers = CheckWorkers(workspace)
    heavy = [ask(f"heavy {number}", HEAVY_BYTES) for number in range(3)]
    assert ask("small", 10).result(timeout=60) == "small"
    assert not any(work.done() for work in heavy)
    gate.set()
    assert [work.result(timeout=60) for work in heavy] == ["heavy 0", "heavy 1", "heavy 2"]
    workers.stop()


def test_an_unknown_job_is_not_found(client: TestClient) -> None:
    answer = client.get("/api/jobs/x")
    assert (answer.status_code, answer.json()["code"]) == (404, "jobs.unknown")


@pytest.fixture
def processes(workspace: Workspace) -> Iterator[TestClient]:
    """Return a client of a service that checks in one process of its own."""
    app = create_app(workspace, processes=1)
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made
    app.state.service.close()


def test_a_process_gives_the_result_of_this_one_and_its_errors(
    processes: TestClient, client: TestClient
) -> None:
    body = site_body((0, 0), (9000, 9000))
    there, here = post(processes, body).json(), post(client, body).json()
    assert {**there, "created": ""} == {**here, "created": ""}
    refused = post(processes, b"{}")
    assert refused.status_code == 422
    assert refused.json() == post(client, b"{}").json()


def test_the_service_goes_on_when_a_process_is_lost(processes: TestClient) -> None:
    workers = processes.app.state.service.workers  # type: ignore[attr-defined]
    assert post(processes, site_body((0, 0))).status_code == 201
    for process in workers._executor()._processes.values():
        process.kill()
    answers = [post(processes, site_body((0, 50))).status_code for _ in range(2)]
    assert answers[-1] == 201


@pytest.mark.parametrize(
    ("content", "small"),
    [
        (b' \n{"type":', True),
        (b"\xef\xbb\xbf{}", True),
        (b"<VRT>", False),
        (b"{" * 20_000, False),
        (b"", False),
    ],
)
def test_only_small_json_is_read_without_a_process(content: bytes, small: bool) -> None:  # noqa: FBT001
    assert is_small_geojson(SiteSource("x.geojson", content)) is small


def test_progress_is_the_share_of_sites_done(
    make_workspace: Callable[..., Workspace],
    rule_text: Callable[..., str],
    make_site_set: Any,
    make_site: Any,
) -> None:
    from gis.study import check_sites

    made = make_workspace({"reserves": ([], {})}, rule_text("a", layer="reserves"))
    sites = make_site_set(*(make_site(shapely.box(0, 0, 9, 9), index=number) for number in range(3)))
    told: list[tuple[int, int]] = []
    check_sites(made, sites, CheckOptions(on=date(2026, 1, 1)), progress=lambda *given: told.append(given))
    assert told == [(1, 3), (2, 3), (3, 3)]
