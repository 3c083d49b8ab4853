"""The one decorator of the kernels: numba, without the GIL, compiled once and kept on disk."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., object]")


def name_kernel_folder() -> Path:
    """Return the folder for compiled kernels: its name changes with the sources and with numba.

    numba looks only at the file of the function it compiles, not at those of the functions it calls;
    a folder named after all of them can never serve a stale one.
    """
    import numba
    from platformdirs import user_cache_path

    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return user_cache_path("hangzhou-gis", appauthor=False) / "kernels" / digest.hexdigest()[:16]


@cache
def keep_on_disk() -> bool:
    """Choose the folder of the compiled kernels; return whether one can be written to."""
    config: Any = import_module("numba.core.config")
    if config.CACHE_DIR:
        return True
    folder = name_kernel_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    if not os.access(folder, os.W_OK):
        return False
    config.CACHE_DIR = str(folder)
    return True


def kernel(function: Function) -> Function:
    """Compile `function` with numba at its first call: no GIL held, the machine code kept on disk."""
    import numba

    return cast("Function", numba.njit(cache=keep_on_disk(), nogil=True, error_model="numpy")(function))
