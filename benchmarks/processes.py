"""Run a command in processes of its own and tell what they all took: clock, processor, memory.

What the kernel says of an ended process (``ru_maxrss``) begins with the memory of the one that forked it, so
a launcher of a few MB stands between. Memory of all processes together is the sum of their proportional sets
(``/proc/PID/smaps_rollup``: shared pages divided among those who share them), asked some times a second:
peaks between two looks are missed, so it is at least told as much as the largest process had.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

LOOK_S, LOOK_SHARE = 0.05, 0.05
"""Least seconds between two looks at the memory, and the greatest share of the time that they may take."""

LAUNCH = """
import json, os, sys, time
report, *command = sys.argv[1:]
began = time.perf_counter()
pid = os.posix_spawnp(command[0], command, os.environ)
status, used = os.wait4(pid, 0)[1:]
wall, cpu = time.perf_counter() - began, used.ru_utime + used.ru_stime
with open(report, "w") as file:
    json.dump([os.waitstatus_to_exitcode(status), wall, cpu, used.ru_maxrss], file)
"""
MAXRSS_MB = 1 / 1024 if sys.platform == "linux" else 1 / 1024**2
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Run:
    """What a command took and said.

    Parameters
    ----------
    wall_s, cpu_s : float
        Seconds on the clock, and of all its processes together.
    peak_mb, all_mb : float
        Greatest memory of its largest process, and of all of them together.
    code : int
        Exit code.
    stdout, stderr : str
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    all_mb: float
    code: int
    stdout: str
    stderr: str


def list_processes(root: int) -> list[int]:
    """Return a process and all that descend from it, as far as ``/proc`` tells."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        fields = read_stat(int(entry.name))
        if fields:
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for one in found:
        found += children.get(one, [])
    return found


def read_stat(pid: int) -> list[str]:
    """Return the fields of ``/proc/PID/stat`` from the third on; none when it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def read_kb(pid: int, file: str, name: str) -> int:
    """Return a figure of ``/proc/PID/file``, kB; 0 where it is not told."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


def read_cpu_s(root: int) -> float:
    """Return processor seconds of a process, its living descendants and all that they have waited for."""
    return sum(sum(map(int, read_stat(pid)[11:15])) for pid in list_processes(root)) / TICKS


@dataclass(slots=True)
class Memory:
    """Greatest memory seen so far, MB: of one process, and of all at one look."""

    one_mb: float = 0.0
    all_mb: float = 0.0

    def look(self, processes: list[int]) -> None:
        """Look at processes that run now."""
        self.one_mb = max([self.one_mb, *(read_kb(pid, "status", "VmHWM") / 1024 for pid in processes)])
        self.all_mb = max(self.all_mb, sum(read_kb(pid, "smaps_rollup", "Pss") for pid in processes) / 1024)


def run(command: list[str], limit_s: float = float("inf"), server: int | None = None) -> Run | None:
    """Run a command to its end; None, and all its processes gone, when it takes longer than the limit.

    `server` is a process that works for it: its seconds and memory count too, with those of its children.
    """
    with tempfile.TemporaryDirectory() as name:
        report, out, err = (Path(name, part) for part in ("report", "out", "err"))
        served = read_cpu_s(server) if server else 0.0
        memory = Memory()
        with out.open("wb") as stdout, err.open("wb") as stderr:
            launcher = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", LAUNCH, str(report), *command],
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
            if not watch(launcher, memory, limit_s, server):
                return None
        said = out.read_text(errors="replace"), err.read_text(errors="replace")
        if not report.exists():
            return Run(0.0, 0.0, 0.0, 0.0, launcher.returncode or 1, *said)
        code, wall, cpu, peak = json.loads(report.read_text())
        cpu += read_cpu_s(server) - served if server else 0.0
        one_mb = max(peak * MAXRSS_MB, memory.one_mb)
        return Run(wall, cpu, one_mb, max(one_mb, memory.all_mb), code, *said)


def watch(launcher: subprocess.Popen[bytes], memory: Memory, limit_s: float, server: int | None) -> bool:
    """Look at the memory until the launcher has ended; end it and return False when the time is up."""
    began, pause = time.perf_counter(), LOOK_S
    try:
        while time.perf_counter() - began < limit_s:
            try:
                launcher.wait(pause)
            except subprocess.TimeoutExpired:
                looked = time.perf_counter()
                memory.look(list_processes(launcher.pid)[1:] + (list_processes(server) if server else []))
                pause = max(LOOK_S, (time.perf_counter() - looked) / LOOK_SHARE)
            else:
                return True
        return False
    finally:
        if launcher.poll() is None:
            os.killpg(launcher.pid, signal.SIGKILL)
            launcher.wait()
