"""Where compiled kernels are kept: the first folder that can be written to, of those of the user."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from gis.settings import PACKAGE_DIR, bundled_workspace, default_home

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCES = ("engine", "kernels")
"""Packages whose sources the kernels are made of."""


def list_folders(environ: Mapping[str, str]) -> list[Path]:
    """Return the folders asked for compiled code, in turn.

    ``NUMBA_CACHE_DIR`` where it is set, the user's cache folder, ``GIS_HOME`` or what stands for it.
    """
    from platformdirs import user_cache_path

    named = environ.get("NUMBA_CACHE_DIR")
    home = Path(environ["GIS_HOME"]) if environ.get("GIS_HOME") else default_home(bundled_workspace())
    own = user_cache_path("hangzhou-gis", appauthor=False)
    return [*([Path(named)] if named else []), own / "kernels", home.expanduser() / "cache" / "kernels"]


def is_writable(folder: Path) -> bool:
    """Return whether a file can be made in a folder; the folder is made where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


@cache
def find_writable() -> Path | None:
    """Return the first folder that can be written to; None when there is none."""
    return next((folder for folder in list_folders(os.environ) if is_writable(folder)), None)


@cache
def identify_source(path: str) -> str:
    """Return the hash of a file of sources."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@cache
def identify_code() -> str:
    """Return a name that changes with what decides the machine code: sources, Python, numba, processor.

    numba looks only at the file of the function it compiles, not at those of the functions it calls; a name
    made of all of them can never serve a stale one.
    """
    import llvmlite
    import llvmlite.binding as llvm

    digest = hashlib.sha256()
    for part in (sys.version, llvmlite.__version__, llvm.get_process_triple(), llvm.get_host_cpu_name()):
        digest.update(f"{part}\n".encode())
    digest.update(llvm.get_host_cpu_features().flatten().encode())
    spec = find_spec("numba")
    for origin in spec.submodule_search_locations or () if spec else ():
        digest.update(Path(origin, "_version.py").read_bytes())
    for package in SOURCES:
        for source in sorted((PACKAGE_DIR / package).glob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
