"""Workers end with the process that started them, however it ends."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

PARENT = """
import os, sys
from gis.sheets.workers import work_through

for index, _ in work_through(range(40), lambda n: (n, bytes(200_000)), workers=2):
    print(index, flush=True)
    os.kill(os.getpid(), int(sys.argv[1]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_is_left_when_the_parent_is_killed(how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(int(how))], stdout=subprocess.PIPE, text=True
    ) as parent:
        told, _ = parent.communicate(timeout=60)  # the output ends when the last process that has it ends
    assert parent.returncode == -how
    assert told == "0\n"
