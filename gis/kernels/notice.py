"""What is said while kernels are compiled: once, however many processes a run has, in two languages."""

from __future__ import annotations

import logging
import mmap
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LOGGER = logging.getLogger("gis.kernels")
COMPILING = (
    "正在编译计算内核，需数秒至二十秒，只在首次；也可事先运行 gis warm / "
    "compiling the kernels: seconds, at most some 20, the first time only; `gis warm` does it beforehand"
)
NOT_KEPT = (
    "正在编译计算内核，需数秒至二十秒。结果无处保存，每次启动都要重新编译；"
    "请设 GIS_HOME 或 NUMBA_CACHE_DIR 为可写的文件夹，再运行 gis warm / "
    "compiling the kernels: seconds, at most some 20. They cannot be kept, so every start compiles them; "
    "set GIS_HOME or NUMBA_CACHE_DIR to a folder that can be written to, then run `gis warm`"
)

_FIRST = os.getpid()
_TOLD = mmap.mmap(-1, 1)
"""Shared with forked processes: 1 when somebody has said it."""


def tell_compiling(kept_in: Path | None) -> None:
    """Say that kernels are being compiled, unless it was said before; `kept_in`: the folder they go to."""
    if _TOLD[0]:
        return
    silence()
    text = NOT_KEPT if kept_in is None else COMPILING
    if os.getpid() == _FIRST:
        LOGGER.warning(text)
    else:  # a lock of the parent's streams may have been held when this process was forked
        os.write(2, f"{text}\n".encode())


def silence() -> None:
    """Say nothing from now on: somebody else tells how far the work is."""
    _TOLD[0] = 1
