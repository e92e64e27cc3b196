"""`syncline jobs`: what is queued, what runs and what became of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from syncline.cli.output import Output
from syncline.config import load, resolve_database
from syncline.core.errors import JobError
from syncline.service.clock import choose_clock
from syncline.service.database import open_database
from syncline.service.jobs.dbos_engine import DbosEngine
from syncline.service.jobs.port import JobEngine, JobState, JobStatus
from syncline.service.wanting import withdraw
from syncline.store.database import close_store


def show(*, settings: Path, state: str | None, limit: int, json: bool) -> int:
    """List the jobs, the newest first."""
    out = Output(as_json=json)
    with _engine(settings) as engine:
        found = engine.status(limit=limit, states=[JobState(state)] if state else [])
    if out.document({"jobs": [_shown(each) for each in found]}):
        return 0
    if not found:
        out.say("There are no such jobs.")
        return 0
    columns = [
        "job",
        "sync",
        "work",
        "urgency",
        "state",
        "queued",
        "began",
        "ended",
        "worker",
        "why it failed",
    ]
    out.table(columns, [_line(each) for each in found])
    return 0


def cancel(*, job: str, settings: Path, json: bool) -> int:
    """Cancel a job."""
    with _engine(settings) as engine:
        if not engine.cancel(job):
            raise JobError(f"there is no job {job} that waits or runs")
        withdraw(job, choose_clock(os.environ).now())
        close_store()
    return _told(job, "cancelled", json=json)


def retry(*, job: str, settings: Path, json: bool) -> int:
    """Queue a job again."""
    with _engine(settings) as engine:
        if not engine.retry(job):
            raise JobError(f"there is no job {job} that failed or was cancelled")
    return _told(job, "queued again", json=json)


def _told(job: str, what: str, *, json: bool) -> int:
    out = Output(as_json=json)
    if not out.document({"job": job, "done": what}):
        out.say(f"The job {job} is {what}.")
    return 0


@contextmanager
def _engine(settings: Path) -> Iterator[JobEngine]:
    document = load(settings)
    open_database(document)
    close_store()
    engine = DbosEngine(resolve_database(document, os.environ))
    try:
        yield engine
    finally:
        engine.close()


def _shown(status: JobStatus) -> dict[str, Any]:
    return {**asdict(status.job), "urgency": status.job.urgency.name.lower(), "state": status.state.value} | {
        name: getattr(status, name)
        for name in ("enqueued_at", "started_at", "ended_at", "worker", "attempts", "failure")
    }


def _line(status: JobStatus) -> list[object]:
    job = status.job
    urgency = job.urgency.name.lower()
    times = [status.enqueued_at, status.started_at, status.ended_at]
    return [job.id, job.sync, job.work, urgency, status.state.value, *times, status.worker, status.failure]
