"""``gis sheets`` from the command line: numbers, frames, printing, refusals."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

START = [sys.executable, "-c", "from gis.cli.main import main; main()", "sheets"]


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*START, *arguments], capture_output=True, text=True, check=False, input=stdin)


def test_number_prints_the_sheet_at_a_point() -> None:
    done = run("--number", "120.15", "30.28", "--scale", "10000")
    assert (done.returncode, done.stdout) == (0, "H51G042003\n")


def test_number_reads_lines_and_prints_one_number_a_line() -> None:
    done = run("--number", "-", "--scale", "50000", stdin="120.15 30.28\n119.95 30.05\n")
    assert done.stdout.split() == ["H51E011001", "H50E012024"]


def test_a_byte_order_mark_before_the_lines_is_skipped() -> None:
    assert run("--number", "-", stdin="\ufeff120.15 30.28\r\n").stdout == "H51E011001\n"


@pytest.mark.parametrize("arguments", [["--number", "120.15", "30.28"], ["--area", "hangzhou"]])
def test_a_scale_of_nought_is_not_taken_for_none(arguments: list[str]) -> None:
    done = run(*arguments, "--scale", "0")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    "lines",
    ["120.15 30.28\n500 30\n", "120.15\n", "120.15 30.28 5\n", "north 30\n", "120.15 30.28\nnan 30\n"],
)
def test_one_bad_line_prints_nothing(lines: str) -> None:
    done = run("--number", "-", stdin=lines)
    assert (done.returncode, done.stdout) == (2, "")
    assert "错误" in done.stderr
    assert "error" in done.stderr


def test_frame_prints_one_json_object_a_number() -> None:
    done = run("--frame", "-", "--json", stdin="H51E011001\nH51K09910058\n")
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["bbox"] == [120.0, 30 + 1 / 6, 120.25, 30 + 1 / 3]
    assert (first["zone_cm"], first["epsg"], first["scale"]) == (120, 4549, 50000)
    assert first["neighbours"]["west"] == "H50E011024"
    assert second["scale"] == 500


def test_frame_in_words_gives_degrees_minutes_and_seconds() -> None:
    assert "120°07′30″" in run("--frame", "H51G042003").stdout


@pytest.mark.parametrize("number", ["H51E011025", "H51E99", "W99", "H51G0420031"])
def test_an_impossible_number_is_refused_with_nothing_on_stdout(number: str) -> None:
    done = run("--frame", "H51E011001", number, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert number in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("H51E011001", "--area", "hangzhou"),
        ("--bbox", "1,2,3"),
        ("--area", "hangzhou", "--scale", "123"),
        ("--number", "120", "30", "--frame"),
        ("--frame",),
    ],
)
def test_orders_that_make_no_sense_are_refused(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "error" in done.stderr


def test_printing_writes_the_file_and_names_it(
    make_workspace: Callable[..., Any], rule_text: Callable[..., str], tmp_path: Path, sheet_folder: Path
) -> None:
    workspace = make_workspace({}, rule_text("inside")).settings.workspace
    (workspace / "maps" / "sheets").mkdir(parents=True, exist_ok=True)
    for path in sheet_folder.glob("*.toml"):
        (workspace / "maps" / "sheets" / path.name).write_text(
            path.read_text(encoding="utf-8"), encoding="utf-8"
        )
    out = tmp_path / "out"
    done = run("H51E011001", "-o", str(out), "--workspace", str(workspace), "--on", "2026-03-15")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(out / "H51E011001.pdf")
    assert (out / "H51E011001.pdf").read_bytes().startswith(b"%PDF-")
    assert "names left out: 0" in done.stderr


def test_a_frame_that_does_not_fit_leaves_nothing_behind(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("H51E011001", "-o", str(out), "--paper", "A4")
    assert (done.returncode, done.stdout) == (2, "")
    assert "A4" in done.stderr
    assert not out.exists()


@pytest.fixture
def sheet_folder() -> Path:
    from gis.settings import bundled_workspace

    return bundled_workspace() / "maps" / "sheets"
