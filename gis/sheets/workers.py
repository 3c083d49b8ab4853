"""Do one thing to many items on all cores, results in the order of the items.

Workers are forked: they see the opened workspace without copying it, compute bytes and write no file, so that
an interrupt leaves nothing half done. Where forking is not safe or not possible the work is done in turn.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import warnings
from contextlib import suppress
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, TypeVar

from gis.errors import GisError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess

Item = TypeVar("Item")
Result = TypeVar("Result")

FEW = 3
"""So many items are done sooner than workers start."""


def core_count() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def can_fork() -> bool:
    """Return whether forking is possible and safe here: Linux, and no thread of ours but this one."""
    return sys.platform == "linux" and threading.active_count() == 1


def work_through(
    items: Sequence[Item], work: Callable[[Item], Result], *, workers: int | None = None
) -> Iterator[Result]:
    """Yield the result of `work` on each item, in order.

    Parameters
    ----------
    workers : int, optional
        Processes to use; by default one a core, and none for a few items.

    Raises
    ------
    GisError
        What `work` raised on the first item it failed on.
    """
    count = min(core_count() if workers is None else workers, len(items))
    few = workers is None and len(items) <= FEW
    if count < 2 or few or not can_fork():
        yield from map(work, items)
        return
    yield from _work_in_processes(items, work, count)


def _work_in_processes(items: Sequence[Item], work: Callable[[Item], Result], count: int) -> Iterator[Result]:
    """Yield results from `count` forked workers, each taking every `count`-th item."""
    context = multiprocessing.get_context("fork")
    pipes = [context.Pipe(duplex=False) for _ in range(count)]
    processes = [
        context.Process(target=_serve, args=(items, work, range(start, len(items), count), pipes, start))
        for start in range(count)
    ]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads of libraries, idle here
            for process in processes:
                process.start()
        for _, sending in pipes:
            sending.close()
        yield from _in_order([receiving for receiving, _ in pipes], len(items))
    finally:
        _stop(processes)


def _serve(
    items: Sequence[Any],
    work: Callable[[Any], Any],
    mine: range,
    pipes: Sequence[tuple[Connection, Connection]],
    own: int,
) -> None:
    """Work on one's own items and send (index, result or error); an interrupt is the parent's to handle.

    A forked worker has all ends of all pipes: it closes those that are not its own, so that sending fails
    once the parent has gone, however it went, and the worker ends too.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for index, (receiving, sending) in enumerate(pipes):
        receiving.close()
        if index != own:
            sending.close()
    pipe = pipes[own][1]
    with suppress(BrokenPipeError):
        for index in mine:
            try:
                answer = work(items[index])
            except GisError as error:
                pipe.send((index, None, (type(error), error.zh, error.en, error.__dict__)))
                return
            pipe.send((index, answer, None))
    pipe.close()


def _in_order(pipes: list[Connection], count: int) -> Iterator[Any]:
    """Yield what the workers send in the order of the items."""
    early: dict[int, tuple[Any, Any]] = {}
    open_pipes = list(pipes)
    for index in range(count):
        while index not in early:
            _receive(open_pipes, early)
        answer, problem = early.pop(index)
        if problem is not None:
            raise _rebuild(*problem)
        yield answer


def _receive(pipes: list[Connection], early: dict[int, tuple[Any, Any]]) -> None:
    """Take what has come from any worker.

    Raises
    ------
    OutputError
        If the workers have ended before their work was done.
    """
    if not pipes:
        raise OutputError(
            "绘图进程意外结束，可能是内存不足",
            "a drawing process ended unexpectedly; memory may have run out",
            where="gis.sheets",
            hint_zh="请减少图幅或用较小的纸张",
            hint_en="print fewer sheets or a smaller paper",
        )
    ready = wait(pipes)
    for pipe in [pipe for pipe in pipes if pipe in ready]:
        try:
            found, answer, problem = pipe.recv()
        except EOFError:
            pipes.remove(pipe)
            continue
        early[found] = (answer, problem)


def _rebuild(family: type[GisError], zh: str, en: str, state: dict[str, Any]) -> GisError:
    """Return an error as it was raised in a worker."""
    error = family(zh, en)
    error.__dict__.update(state)
    return error


def _stop(processes: Sequence[ForkProcess]) -> None:
    """End the workers: they hold no file."""
    for process in processes:
        if process.pid is not None:
            process.terminate()
            process.join()
