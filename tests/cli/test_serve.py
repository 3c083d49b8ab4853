"""``gis serve`` says where it is, answers, and stops when asked to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest

from gis.cli.serve import format_address, open_listener
from gis.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gis.workspace import Workspace


def test_a_port_that_is_taken_is_said_so_in_both_languages() -> None:
    with open_listener("127.0.0.1", 0) as taken, pytest.raises(SettingsError) as caught:
        open_listener("127.0.0.1", taken.getsockname()[1])
    assert "已被占用" in caught.value.zh
    assert "already in use" in caught.value.en


def test_an_address_that_is_not_this_machine_s_is_refused() -> None:
    with pytest.raises(SettingsError):
        open_listener("203.0.113.7", 0)


def test_the_address_is_one_a_browser_opens() -> None:
    assert format_address("127.0.0.1", 8000) == "http://127.0.0.1:8000"
    assert format_address("::1", 80) == "http://[::1]:80"


def test_serve_prints_its_address_answers_and_stops(
    make_workspace: Callable[..., Workspace], rule_text: Callable[..., str], tmp_path: Path
) -> None:
    import shapely

    features = [{"id": "r", "kind": "reserve", "geometry": shapely.box(0, 0, 100, 100)}]
    workspace = make_workspace({"reserves": (features, {})}, rule_text("no_building"))
    command = "import sys; from gis.cli.main import main; sys.argv[0] = 'gis'; main()"
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            command,
            "serve",
            "--port",
            "0",
            "--workspace",
            str(workspace.settings.workspace),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=dict(os.environ),
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{address}/healthz", timeout=30) as answer:  # noqa: S310 - our own address
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        _, messages = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in messages
    assert process.returncode in {0, -signal.SIGTERM}


def test_gis_serve_on_a_taken_port_ends_with_two(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = "import sys; from gis.cli.main import main; sys.argv[0] = 'gis'; main()"
        run = subprocess.run(
            [sys.executable, "-c", command, "serve", "--port", port],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
    assert run.returncode == 2
    assert "端口" in run.stderr
    assert "port" in run.stderr
    assert run.stdout == ""
