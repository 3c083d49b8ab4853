"""The house keeps its rules: sizes, levels, one description of the environment, nothing private."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(path for path in (ROOT / "gis").rglob("*.py"))
MAX_LINES = 400
MAX_FUNCTION_LINES = 60
HEAVY = ("geopandas", "pandas", "shapely", "folium", "fastapi", "matplotlib", "fiona", "pikepdf", "numpy")
FORBIDDEN_NAMES = {"utils", "common", "helpers", "misc"}


def module_name(path: Path) -> str:
    """Return a path below the checkout."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_is_one_noun_of_bounded_size(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_function_is_of_bounded_size_its_docstring_aside(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0]
            docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            start = (first.end_lineno or node.lineno) if docstring else node.lineno
            assert (node.end_lineno or start) - start <= MAX_FUNCTION_LINES, node.name


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_no_broad_except_and_no_assert_on_input(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not isinstance(node, ast.Assert), f"assert in line {node.lineno}"
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "BaseException")
            tidies_up = isinstance(node.body[-1], ast.Raise)
            assert tidies_up or not broad, f"broad except in line {node.lineno}"


def requirement_name(text: str) -> str:
    """Return the name in a requirement."""
    return re.split(r"[=<>~!;\[ ]", text, maxsplit=1)[0].lower()


def requirement_bound(text: str) -> str:
    """Return the version part of a requirement, extras aside, conda's `=` written as `==`."""
    bound = re.sub(r"^\[[^]]*\]", "", text[len(requirement_name(text)) :].strip())
    return re.sub(r"^=(?!=)", "==", bound)


def test_environment_yml_says_the_same_as_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {requirement_name(text): requirement_bound(text) for text in project["dependencies"]}
    for extra in project["optional-dependencies"].values():
        wanted |= {requirement_name(text): requirement_bound(text) for text in extra}
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    plain = [entry for entry in listed["dependencies"] if isinstance(entry, str)]
    pip = next(entry["pip"] for entry in listed["dependencies"] if isinstance(entry, dict))
    found = {requirement_name(text): requirement_bound(text) for text in [*plain, *pip]}
    assert found.pop("python") == project["requires-python"]
    found.pop("pip")
    assert found == wanted
    assert listed["channels"] == ["conda-forge", "nodefaults"]


def test_the_lock_pins_every_dependency_with_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([a-z0-9._-]+)==", lock, flags=re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {requirement_name(text) for text in project["dependencies"]} <= pinned
    assert lock.count("--hash=sha256:") >= len(pinned)


def test_importing_gis_pulls_in_nothing_heavy() -> None:
    code = f"import gis, sys; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_pulls_in_nothing_heavy() -> None:
    code = (
        "import sys\nfrom gis.cli.main import make_app\nmake_app()\n"
        f"print([m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
