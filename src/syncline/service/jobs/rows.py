"""How the job engine's rows tell of jobs: a long job is carried out in parts, each a row, and shown as one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from syncline.core.errors import JobError
from syncline.service.jobs.port import Job, JobState, JobStatus, Urgency

CONTINUED = "continued"
"""In what a part came to: the part that continues it."""

STATES = {
    "ENQUEUED": JobState.WAITING,
    "DELAYED": JobState.WAITING,
    "PENDING": JobState.RUNNING,
    "SUCCESS": JobState.DONE,
    "ERROR": JobState.FAILED,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": JobState.FAILED,
    "CANCELLED": JobState.CANCELLED,
}
OVER = [name for name, state in STATES.items() if state not in (JobState.WAITING, JobState.RUNNING)]


class Row(Protocol):
    """What is read of a row."""

    workflow_id: str
    status: Any
    input: Any
    output: Any
    error: Any
    created_at: int | None
    dequeued_at: int | None
    completed_at: int | None
    executor_id: str | None
    recovery_attempts: int | None


def part_id(job: Job, part: int) -> str:
    """The id of a part of a job; the first one has that of the job."""
    return job.id if part == 1 else f"{job.id}:{part}"


def written(job: Job) -> dict[str, Any]:
    """A job as it is kept."""
    return {
        "id": job.id,
        "sync": job.sync,
        "urgency": int(job.urgency),
        "work": job.work,
        "arguments": dict(job.arguments),
    }


def read(kept: Mapping[str, Any]) -> Job:
    """A job as it was kept."""
    return Job(kept["id"], kept["sync"], Urgency(kept["urgency"]), kept["work"], kept["arguments"])


def job_of(row: Row) -> Job:
    """The job that a row is, or is a part of."""
    return read(row.input["args"][0])


def was_continued(row: Row) -> bool:
    """Whether another part tells how the job stands."""
    return isinstance(row.output, dict) and CONTINUED in row.output


def status_of(row: Row) -> JobStatus:
    """What a row tells of its job."""
    return JobStatus(
        job=job_of(row),
        state=STATES[row.status],
        enqueued_at=_time(row.created_at) or datetime.fromtimestamp(0, UTC),
        started_at=_time(row.dequeued_at),
        ended_at=_time(row.completed_at),
        worker=row.executor_id or "",
        attempts=row.recovery_attempts or 0,
        failure=_failure(row),
    )


def _failure(row: Row) -> str:
    if row.status == "MAX_RECOVERY_ATTEMPTS_EXCEEDED":
        return (
            f"{JobError.code}: its process died {(row.recovery_attempts or 1) - 1} times before its next step was "
            "done; nothing that was committed is lost"
        )
    return str(row.error) if row.error is not None else ""


def _time(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
