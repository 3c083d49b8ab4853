"""Kernels: compiled once, kept as machine code, the same answers as the functions they are written as."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gis.kernels.notice import COMPILING, NOT_KEPT

if TYPE_CHECKING:
    from pathlib import Path

KERNELS = """
import sys
from typing import NamedTuple

import numpy as np

from gis.engine.compiled import kernel


class Rows(NamedTuple):
    x: object
    count: int


@kernel
def twice(value: float) -> float:
    return 2 * value


@kernel
def scale(rows: Rows, by: float, out: object) -> None:
    for k in range(rows.count):
        out[k] = twice(rows.x[k]) * by


@kernel
def both(table: object, wanted: int) -> tuple[int, float]:
    total = 0.0
    for k in range(table.shape[0]):
        total += table[k, wanted]
    return table.shape[0], total


@kernel
def above(values: object, least: float) -> bool:
    return values[0] > least


@kernel
def picked(values: object) -> object:
    return values[np.argsort(values)][:2].copy()
"""
USE = """
out = np.zeros(3)
scale(Rows(np.arange(3.0), 3), 10.0, out)
table = np.arange(8.0).reshape(4, 2)
frozen = np.arange(3.0) + 5
frozen.flags.writeable = False
rows, total = both(np.asfortranarray(table), 1)
print(out.tolist(), both(table, 1)[0], rows, float(total), above(frozen, 4.0), above(frozen[::2], 6.0))
"""
SAID = "[0.0, 20.0, 40.0] 4 4 16.0 True False\n"


def run_kernels(
    tmp_path: Path, text: str, kernels: str = KERNELS, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the kernels above and some lines more in a process with folders of its own."""
    (tmp_path / "made.py").write_text(kernels, encoding="utf-8")
    folders = {"NUMBA_CACHE_DIR": str(tmp_path / "numba"), "GIS_HOME": str(tmp_path / "home")}
    settings = os.environ | folders | {"XDG_CACHE_HOME": str(tmp_path / "cache")} | environ
    command = [sys.executable, "-c", f"import sys; sys.path.append('.'); from made import *\n{text}"]
    done = subprocess.run(command, cwd=tmp_path, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def test_a_kernel_answers_as_it_is_written_and_the_next_start_wakes_no_numba(tmp_path: Path) -> None:
    asked = USE + "print('numba' in sys.modules)"
    as_written = run_kernels(tmp_path, USE, NUMBA_DISABLE_JIT="1")
    assert as_written.stdout == SAID
    assert as_written.stderr == ""
    first = run_kernels(tmp_path, asked)
    assert first.stdout == f"{SAID}True\n"
    assert first.stderr == f"{COMPILING}\n"
    usual = asked.replace("np.asfortranarray(table)", "table").replace("frozen[::2], 6", "frozen, 6")
    second = run_kernels(tmp_path, usual)
    assert second.stdout == f"{SAID}False\n"
    assert second.stderr == ""


def test_a_kernel_that_makes_an_array_is_left_to_numba(tmp_path: Path) -> None:
    text = "print(picked(np.array([3.0, 1.0, 2.0])), picked(np.array([5.0, 4.0])))"
    for _ in range(2):
        assert run_kernels(tmp_path, text).stdout == "[1. 2.] [4. 5.]\n"
    assert run_kernels(tmp_path, text).stderr == ""


def test_damaged_code_is_compiled_anew(tmp_path: Path) -> None:
    text = "print(above(np.arange(3.0), -1.0))"
    assert run_kernels(tmp_path, text).stdout == "True\n"
    (code,) = (tmp_path / "numba").glob("*/above_*.code")
    code.write_bytes(code.read_bytes()[:-100])
    again = run_kernels(tmp_path, text)
    assert again.stdout == "True\n"
    assert again.stderr == f"{COMPILING}\n"


def test_a_changed_kernel_is_not_served_from_before(tmp_path: Path) -> None:
    text = "print(above(np.arange(3.0), -1.0))"
    assert run_kernels(tmp_path, text).stdout == "True\n"
    changed = KERNELS.replace("values[0] > least", "values[0] < least")
    assert run_kernels(tmp_path, text, kernels=changed).stdout == "False\n"


@pytest.mark.parametrize("closed", [("NUMBA_CACHE_DIR",), ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")])
def test_a_folder_that_cannot_be_written_to_is_passed_over(tmp_path: Path, closed: tuple[str, ...]) -> None:
    (tmp_path / "file").write_text("no folder")
    environ = {name: str(tmp_path / "file" / "below") for name in closed}
    text = "print(above(np.arange(3.0), -1.0))"
    assert run_kernels(tmp_path, text, **environ).stderr == f"{COMPILING}\n"
    assert run_kernels(tmp_path, text, **environ).stderr == ""
    assert len([*tmp_path.glob("*/**/above_*.code")]) == 1


def test_without_any_folder_kernels_work_and_every_start_says_that_it_compiles(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    closed = str(tmp_path / "file" / "below")
    environ = {"NUMBA_CACHE_DIR": closed, "XDG_CACHE_HOME": closed, "GIS_HOME": closed}
    for text in (USE, USE, "print(picked(np.array([3.0, 1.0, 2.0])))"):
        done = run_kernels(tmp_path, text, **environ)
        assert done.stdout == (SAID if text == USE else "[1. 2.]\n")
        assert done.stderr == f"{NOT_KEPT}\n"


def test_forked_processes_say_it_once_and_compile_once(tmp_path: Path) -> None:
    text = """
import os
children = [os.fork() for _ in range(1)] + [os.fork()]
said = above(np.arange(3.0), -1.0)
if 0 in children:
    os._exit(0 if said else 1)
print([os.waitpid(child, 0)[1] for child in children])
"""
    done = run_kernels(tmp_path, text)
    assert done.stdout == "[0, 0]\n"
    assert done.stderr == f"{COMPILING}\n"
