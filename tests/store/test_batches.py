"""Writes that wait together are committed together, and none takes another with it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from gis.errors import StoreError
from gis.store.batches import WriteQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CONNECTION: Any = None


def failing(_: object) -> int:
    raise StoreError("不行", "no", where="x")


def test_writes_that_come_during_a_commit_share_the_next_one() -> None:
    sizes: list[int] = []
    first, go_on = threading.Event(), threading.Event()

    def write_all(writes: Sequence[Callable[[Any], int]]) -> list[int]:
        sizes.append(len(writes))
        if len(sizes) == 1:
            first.set()
            assert go_on.wait(10)
        return [write(CONNECTION) for write in writes]

    queue: WriteQueue[int] = WriteQueue(write_all)
    with ThreadPoolExecutor(20) as pool:
        leader = pool.submit(queue.put, lambda _: -1)
        assert first.wait(10)
        others = [pool.submit(queue.put, lambda _, value=value: value) for value in range(12)]
        while len(queue._waiting) < 12:
            pass
        go_on.set()
        assert leader.result() == -1
        assert [other.result() for other in others] == list(range(12))
    assert sizes == [1, 12]


def test_one_that_cannot_be_written_takes_no_other_with_it() -> None:
    def write_all(writes: Sequence[Callable[[Any], int]]) -> list[int]:
        return [write(CONNECTION) for write in writes]

    queue: WriteQueue[int] = WriteQueue(write_all)
    with queue._writing, ThreadPoolExecutor(3) as pool:
        works = [pool.submit(queue.put, work) for work in (lambda _: 1, failing, lambda _: 3)]
        while len(queue._waiting) < 3:
            pass
        queue._writing.release()
        assert works[0].result() == 1
        assert works[2].result() == 3
        with pytest.raises(StoreError):
            works[1].result()
        queue._writing.acquire()


def test_an_unexpected_error_reaches_its_caller_and_the_others_go_on() -> None:
    calls: list[int] = []

    def write_all(writes: Sequence[Callable[[Any], int]]) -> list[int]:
        calls.append(len(writes))
        if len(calls) == 1:
            raise RuntimeError("a bug")
        return [write(CONNECTION) for write in writes]

    queue: WriteQueue[int] = WriteQueue(write_all)
    with pytest.raises(RuntimeError):
        queue.put(lambda _: 1)
    assert queue.put(lambda _: 2) == 2
    assert queue._waiting == []
