"""Where a limit on the time of one repair can be hooked in: GEOS cannot be interrupted from within."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

REPAIR_SECONDS = 4
"""Processor time one repair may take; with what surrounds it an answer comes within 5 s."""


def _no_limit(_: str) -> AbstractContextManager[None]:
    return nullcontext()


repair_limit: ContextVar[Callable[[str], AbstractContextManager[None]]] = ContextVar(
    "repair_limit", default=_no_limit
)
"""Makes the context a repair runs in; the guarded worker sets it, elsewhere there is none."""

repair_subject: ContextVar[str] = ContextVar("repair_subject", default="")
"""File and feature under repair, for the message."""


def limit_repair() -> AbstractContextManager[None]:
    """Return the context in which one repair runs."""
    return repair_limit.get()(repair_subject.get())
