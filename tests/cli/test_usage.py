"""Mistyped command lines answer in both languages, on standard error, with exit code 2."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gis.version import __version__

START = [sys.executable, "-c", "import sys; sys.argv[0] = 'gis'; from gis.cli.main import main; main()"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*START, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (["sheets", "--scale", "x"], "--scale 的值不对", "the value of --scale is wrong"),
        (["check", "--forma", "pdf"], "没有这个选项：--forma", "did you mean --format?"),
        (["chek"], "没有这个命令：chek", "there is no command chek"),
        (["check"], "缺少 FILE", "FILE... is missing"),
        (["sheets", "--number", "-73.9", "40.7"], "负数写在 -- 之后", "write negative numbers behind --"),
    ],
)
def test_what_is_mistyped_is_told_in_both_languages(arguments: list[str], zh: str, en: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert zh in done.stderr
    assert en in done.stderr


def test_nothing_typed_shows_the_help() -> None:
    done = run()
    assert done.returncode == 2
    assert "check" in done.stderr + done.stdout
    assert "错误" not in done.stderr


def test_the_version_is_printed() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"hangzhou-gis {__version__}\n")


def test_a_command_that_is_interrupted_says_so() -> None:
    code = (
        "import sys\nfrom gis.cli import main\n"
        "def app(*, standalone_mode):\n    raise KeyboardInterrupt\n"
        "main.make_app = lambda: app\nmain.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "已中断 / interrupted\n")
