"""The pages of layers and rules say what the TOML says now, and their pictures are there and small."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
REMEDY = "run: .venv/bin/python docs/reference.py"


def test_the_pages_are_current() -> None:
    done = subprocess.run(
        [sys.executable, str(DOCS / "reference.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stderr}{REMEDY}"


def test_every_picture_of_the_page_is_there_and_small() -> None:
    named = re.findall(r"\(images/layers/([^)]+)\)", (DOCS / "layers.md").read_text(encoding="utf-8"))
    assert len(named) > 15
    for name in named:
        size = (DOCS / "images" / "layers" / name).stat().st_size
        assert 500 < size <= (110_000 if name.startswith("theme_") else 30_000), f"{name}: {REMEDY}"


def test_there_is_no_picture_the_page_does_not_show() -> None:
    text = (DOCS / "layers.md").read_text(encoding="utf-8")
    pictures = {path.name for path in (DOCS / "images" / "layers").glob("*.png")}
    assert {name for name in pictures if f"images/layers/{name}" not in text} == set()


def test_every_rule_stands_on_the_page_once() -> None:
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    rules = tomllib.loads((ROOT / "layers" / "rules.toml").read_text(encoding="utf-8"))["rule"]
    ids = [rule["id"] for rule in rules]
    assert len(ids) > 125
    assert [one for one in ids if text.count(f"<br>`{one}` |") != 1] == []
