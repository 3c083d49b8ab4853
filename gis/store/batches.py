"""Writes of several threads in one transaction: one wait for the disk for all that wait together."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Generic, TypeVar

from gis.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    Waiting = tuple[Callable[[Connection], "T"], Future["T"]]

T = TypeVar("T")


class WriteQueue(Generic[T]):
    """Gathers writes while another is being committed, and commits them together.

    Each caller returns once its own write is on the disk. If a transaction of several fails, each is tried by
    itself, so that one that cannot be written takes no other with it.

    Parameters
    ----------
    write_all : callable
        Does all writes given in one transaction and returns their results in order, committed.
    """

    def __init__(self, write_all: Callable[[Sequence[Callable[[Connection], T]]], list[T]]) -> None:
        self._write_all = write_all
        self._writing = threading.Lock()
        self._guard = threading.Lock()
        self._waiting: list[Waiting[T]] = []

    def put(self, write: Callable[[Connection], T]) -> T:
        """Do a write, alone or with others, and return its result once it is committed.

        Raises
        ------
        StoreError
            If it could not be written; nothing of it is then kept.
        """
        promise: Future[T] = Future()
        with self._guard:
            self._waiting.append((write, promise))
        with self._writing:
            if not promise.done():
                self._lead(promise)
        return promise.result()

    def _lead(self, own: Future[T]) -> None:
        """Do all that waits; what is left undone by an unexpected error waits for its own caller."""
        with self._guard:
            batch, self._waiting = self._waiting, []
        try:
            self._do(batch)
        finally:
            with self._guard:
                left = [item for item in batch if not item[1].done() and item[1] is not own]
                self._waiting[:0] = left

    def _do(self, batch: Sequence[Waiting[T]]) -> None:
        """Commit a batch, or each of it by itself where that fails."""
        try:
            done = self._write_all([write for write, _ in batch])
        except StoreError as error:
            if len(batch) == 1:
                batch[0][1].set_exception(error)
                return
            for item in batch:
                self._do([item])
        else:
            for (_, promise), result in zip(batch, done, strict=True):
                promise.set_result(result)
