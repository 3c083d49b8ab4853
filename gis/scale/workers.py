"""Batches worked through on all cores of this machine: forked processes that share the opened zones."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import warnings
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from gis.errors import GisError, OutputError
from gis.scale.batch import BatchChecker
from gis.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection

    from gis.model import CheckOptions
    from gis.scale.batch import BatchTables
    from gis.scale.origin import Origin
    from gis.settings import Settings
    from gis.sites.raw import RawFeature

    Work = Callable[[Iterable[list[RawFeature]]], Iterator[BatchTables]]
    """Takes batches of features and gives their tables, in order, some batches ahead of the taker."""

AHEAD = 4
"""Batches done or under way for each worker before the first of them is taken: bounds the memory."""


def count_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def work_here(checker: BatchChecker, origin: Origin) -> Iterator[Work]:
    """Yield what checks batches in this process, one after the other."""

    def work(batches: Iterable[list[RawFeature]]) -> Iterator[BatchTables]:
        for batch in batches:
            yield checker.check(batch, origin)

    yield work


@contextmanager
def work_in_processes(
    checker: BatchChecker, origin: Origin, settings: Settings, options: CheckOptions, *, workers: int
) -> Iterator[Work]:
    """Yield what checks batches in processes.

    Where processes can be forked they share the memory of the opened zones; elsewhere each opens the
    workspace for itself. A worker has one batch at a time and ends when its pipe does: when this process has
    gone, however it went.
    """
    forks = sys.platform == "linux"
    context: Any = multiprocessing.get_context("fork" if forks else "spawn")
    pipes: list[Connection] = []
    processes: list[Any] = []
    try:
        for _ in range(workers):
            ours, theirs = context.Pipe()
            pipes.append(ours)
            ready = (checker, pipes) if forks else (None, [])
            process = context.Process(
                target=_serve, args=(theirs, origin, settings, options, *ready), daemon=True
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # of threads of libraries, idle here
                process.start()
            processes.append(process)
            theirs.close()
        yield lambda batches: _spread(pipes, batches)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()
        for pipe in pipes:
            pipe.close()


def _spread(pipes: list[Connection], batches: Iterable[list[RawFeature]]) -> Iterator[BatchTables]:
    """Yield the tables of batches in their order, each worker given one batch at a time."""
    idle: list[Any] = list(pipes)
    flow = enumerate(batches)
    early: dict[int, BatchTables] = {}
    given, taken, exhausted = 0, 0, False
    while True:
        while idle and not exhausted and given - taken < AHEAD * len(pipes):
            number, batch = next(flow, (given, None))
            if batch is None:
                exhausted = True
                break
            _send(idle.pop(), number, batch)
            given += 1
        while taken in early:
            yield early.pop(taken)
            taken += 1
        if exhausted and taken == given:
            return
        busy = [pipe for pipe in pipes if pipe not in idle]
        for pipe in wait(busy) if busy and taken not in early else []:
            number, answer = _receive(pipe)
            early[number] = answer
            idle.append(pipe)


def _send(pipe: Any, number: int, batch: list[RawFeature]) -> None:
    """Give a batch to a worker."""
    try:
        pipe.send((number, batch))
    except OSError as error:
        raise _lost() from error


def _receive(pipe: Any) -> tuple[int, BatchTables]:
    """Take what a worker has done.

    Raises
    ------
    GisError
        What it raised.
    OutputError
        If it has gone.
    """
    try:
        number, answer = pipe.recv()
    except (EOFError, OSError) as error:
        raise _lost() from error
    if isinstance(answer, GisError):
        raise answer
    return number, answer


def _lost() -> OutputError:
    """Return the error for a worker that ended."""
    return OutputError(
        "检查进程意外结束，可能是内存不足",
        "a checking process ended unexpectedly; memory may have run out",
        where="gis check --bulk",
        hint_zh="用较少的 --workers 并加 --resume 续跑",
        hint_en="go on with --resume and fewer --workers",
        code="outputs.worker",
    )


def _serve(
    pipe: Connection,
    origin: Origin,
    settings: Settings,
    options: CheckOptions,
    checker: BatchChecker | None,
    others: list[Connection],
) -> None:
    """Check batches until the pipe ends; deaf to Ctrl-C, which is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in others:
        other.close()  # the parent's ends, inherited: only the parent may hold them open
    ready = checker or BatchChecker(open_workspace(settings=settings), options)
    try:
        while True:
            number, batch = pipe.recv()
            try:
                answer: BatchTables | GisError = ready.check(batch, origin)
            except GisError as error:
                answer = error
            pipe.send((number, answer))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
