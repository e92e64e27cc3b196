"""The port to the job engine: all that the product asks of it, so that another one could take its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Protocol

from syncline.core.frozen import frozen


class Urgency(IntEnum):
    """Which jobs of a sync go first: the lowest number."""

    MANUAL = 1
    REALTIME = 10
    SCHEDULE = 100
    BACKFILL = 1000


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@frozen()
class Job:
    """A piece of work on one sync. Its id is worked out from what it is for: enqueued twice it is one job.

    `work` names what is done (`works.WORKS`); the arguments are small JSON values, and never a secret.
    """

    id: str
    sync: str
    urgency: Urgency
    work: str
    arguments: Mapping[str, Any]


@frozen()
class JobStatus:
    """What the engine knows of a job; `failure` says in words why it failed."""

    job: Job
    state: JobState
    enqueued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    worker: str
    attempts: int
    failure: str


class JobEngine(Protocol):
    """Keeps jobs through a crash and hands them to workers: those of one sync one at a time, the urgent first."""

    def enqueue(self, job: Job) -> bool:
        """Queue a job; false where one of that id is known already."""
        ...

    def status(self, *, limit: int = 50, states: Sequence[JobState] = ()) -> list[JobStatus]:
        """The newest jobs, in any of these states."""
        ...

    def cancel(self, job_id: str) -> bool:
        """Let a job that waits never begin, and one that runs stop after its step; false if it is over."""
        ...

    def retry(self, job_id: str) -> bool:
        """Queue a job again that failed or was cancelled; false if there is nothing to try again."""
        ...

    def reap(self, worker: str) -> int:
        """Queue what a dead worker had begun; how many jobs."""
        ...

    def prune(self, before: datetime) -> int:
        """Forget jobs that were over by then; how many."""
        ...

    def close(self) -> None:
        """Finish the steps that are being carried out, begin no other, and let go of the database."""
        ...
