"""Checks that take longer than a moment: how far they are, and what came of them."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from gis.errors import GisError, NotFoundError
from gis.service.answers import JobFacts, answers, problems
from gis.service.errors import UNEXPECTED, error_body

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from gis.service.state import ServiceState
    from gis.service.workers import CheckWorkers
    from gis.store.records import Kept

MAX_JOBS = 500
"""Jobs kept for asking; the oldest finished ones go first. Results themselves are in the records."""


def make_key() -> str:
    """Return a fresh key that cannot be guessed."""
    return secrets.token_urlsafe(18)


@dataclass(frozen=True, slots=True)
class Job:
    """One check under way or finished."""

    key: str
    task: asyncio.Task[Kept]


class Jobs:
    """The jobs of this service, in memory; used from the event loop only.

    Parameters
    ----------
    workers : CheckWorkers
        They know how far a check is.
    """

    def __init__(self, workers: CheckWorkers) -> None:
        self._workers = workers
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def start(self, work: Coroutine[Any, Any, Kept], key: str) -> Job:
        """Start a check: it goes on and is kept also when nobody waits any more."""
        job = Job(key, asyncio.create_task(work))
        self._jobs[key] = job
        for old in [one for one in self._jobs.values() if one.task.done()]:
            if len(self._jobs) <= MAX_JOBS:
                break
            self._drop(old)
        return job

    async def is_done(self, job: Job, *, wait_s: float | None) -> bool:
        """Wait for a job, at most `wait_s` seconds, and return whether it is finished."""
        done, _ = await asyncio.wait({job.task}, timeout=wait_s)
        return bool(done)

    def take(self, job: Job) -> Kept:
        """Return what came of a finished job that nobody needs to ask for again.

        Raises
        ------
        GisError
            What ended the check.
        """
        self._drop(job)
        return job.task.result()

    def get(self, key: str) -> Job:
        """Return a job.

        Raises
        ------
        NotFoundError
            If there is none of that key, or it was forgotten.
        """
        if key not in self._jobs:
            raise NotFoundError(
                "没有这个任务",
                "there is no such job",
                where=key[:80],
                hint_zh="任务只在服务运行期间保留；已完成的检查见 /checks",
                hint_en="jobs are kept while the service runs; finished checks are listed at /checks",
                code="jobs.unknown",
            )
        return self._jobs[key]

    def describe(self, job: Job) -> dict[str, Any]:
        """Return how far a job is, and when it is finished its check or its error."""
        table: dict[str, Any] = {
            "job_id": job.key,
            "status": "running",
            "progress": self._workers.progress(job.key),
            "links": {"self": f"/api/jobs/{job.key}"},
        }
        if not job.task.done():
            return table
        error = job.task.exception()
        if error is not None:
            return table | {"status": "failed", "error": describe_error(error)}
        check_id = job.task.result().check_id
        links = table["links"] | {"check": f"/api/checks/{check_id}"}
        return table | {"status": "done", "progress": 1.0, "check_id": check_id, "links": links}

    def _drop(self, job: Job) -> None:
        """Forget a job."""
        self._jobs.pop(job.key, None)
        self._workers.forget(job.key)


def describe_error(error: BaseException) -> dict[str, Any]:
    """Return what ended a check, in the one JSON shape."""
    return error.as_dict() if isinstance(error, GisError) else error_body("internal", UNEXPECTED)


def make_router(state: ServiceState) -> APIRouter:
    """Return the routes of jobs."""
    router = APIRouter(prefix="/api/jobs", tags=["checks"])

    @router.get(
        "/{job_id}",
        summary="较久的检查进行到哪里 / how far a longer check is",
        responses=answers(JobFacts, "任务 / the job") | problems(404),
    )
    async def read_job(job_id: str) -> dict[str, Any]:
        """`status`：`running` 进行中、`done` 完成（有 `check_id`）、`failed` 失败（有 `error`）。

        `status`: `running`, `done` (with `check_id`), `failed` (with `error`); `progress` is the share of
        the sites that are done, 0–1.
        """  # noqa: D400
        return state.jobs.describe(state.jobs.get(job_id))

    return router
