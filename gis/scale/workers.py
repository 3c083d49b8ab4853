"""Runs worked through on all cores of this machine: forked processes that share the opened zones."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import warnings
from contextlib import contextmanager
from multiprocessing.connection import wait
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from gis.errors import GisError, OutputError
from gis.scale.answered import AnsweredRun, answer_run
from gis.scale.batch import BatchChecker
from gis.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection

    from gis.model import CheckOptions
    from gis.scale.origin import Origin
    from gis.scale.runs import PackedRun, Run
    from gis.settings import Settings

    Work = Callable[[Iterable[Run]], Iterator[AnsweredRun]]
    """Takes runs of features and gives their answers, in order, some runs ahead of the taker."""

AHEAD = 4
"""Runs done or under way for each worker before the first of them is taken: bounds the memory."""

IN_HAND = 2
"""Runs a worker has at a time: it need not wait for the next one."""


def count_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def work_here(checker: BatchChecker, origin: Origin) -> Iterator[Work]:
    """Yield what answers runs in this process, one after the other."""
    yield lambda runs: (answer_run(checker, run, origin) for run in runs)


@contextmanager
def work_in_processes(
    checker: BatchChecker, origin: Origin, settings: Settings, options: CheckOptions, *, workers: int
) -> Iterator[Work]:
    """Yield what answers runs in processes.

    Where processes can be forked they share the memory of the opened zones; elsewhere each opens the
    workspace for itself. A worker ends when its pipe does: when this process has gone, however it went.
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
        yield lambda runs: _spread(pipes, runs)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()
        for pipe in pipes:
            pipe.close()


def _spread(pipes: list[Connection], runs: Iterable[Run]) -> Iterator[AnsweredRun]:
    """Yield the answers of runs in their order, each worker given a run ahead of the one it works on.

    Raises
    ------
    GisError
        What the first run that could not be answered raised.
    """
    room: dict[Any, int] = dict.fromkeys(pipes, IN_HAND)
    flow = enumerate(runs)
    early: dict[int, AnsweredRun | GisError] = {}
    given, taken, exhausted = 0, 0, False
    while True:
        while not exhausted and given - taken < AHEAD * len(pipes) and any(room.values()):
            number, run = next(flow, (given, None))
            if run is None:
                exhausted = True
                break
            freest = max(pipes, key=lambda pipe: room[pipe])
            _send(freest, number, run.pack())
            room[freest] -= 1
            given += 1
        while taken in early:
            answer = early.pop(taken)
            if isinstance(answer, GisError):
                raise answer
            yield answer
            taken += 1
        if exhausted and taken == given:
            return
        for pipe in wait([pipe for pipe in pipes if room[pipe] < IN_HAND]):
            number, early_answer = _receive(pipe)
            early[number] = early_answer
            room[pipe] += 1


def _send(pipe: Any, number: int, run: PackedRun) -> None:
    """Give a run to a worker."""
    try:
        pipe.send((number, run))
    except OSError as error:
        raise _lost() from error


def _receive(pipe: Any) -> tuple[int, AnsweredRun | GisError]:
    """Take what a worker has done, or the error it met.

    Raises
    ------
    OutputError
        If it has gone.
    """
    try:
        number, answer = pipe.recv()
    except (EOFError, OSError) as error:
        raise _lost() from error
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
    """Answer runs until the pipe ends; deaf to Ctrl-C, which is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in others:
        other.close()  # the parent's ends, inherited: only the parent may hold them open
    ready = checker or BatchChecker(open_workspace(settings=settings), options)
    waiting: SimpleQueue[tuple[int, PackedRun] | None] = SimpleQueue()
    Thread(target=_listen, args=(pipe, waiting), daemon=True).start()
    while (given := waiting.get()) is not None:
        number, run = given
        try:
            answer: AnsweredRun | GisError = answer_run(ready, run.unpack(), origin)
        except GisError as error:
            answer = error
        try:
            pipe.send((number, answer))
        except (BrokenPipeError, ConnectionResetError):
            return


def _listen(pipe: Connection, waiting: SimpleQueue[tuple[int, PackedRun] | None]) -> None:
    """Take runs as they come, so that the one who gives them never waits for the one at work."""
    try:
        while True:
            waiting.put(pipe.recv())
    except (EOFError, OSError):
        waiting.put(None)
