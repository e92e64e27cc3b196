"""A sync by its settings alone, a queue in memory, and a clock: what schedules begin, without carrying it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from syncline.config import Document, parse, resolved
from syncline.core.model import Kind, Side
from syncline.service.alerts.watch import look, note
from syncline.service.jobs import scheduled
from syncline.service.jobs.port import Job, JobState, JobStatus
from syncline.service.tick import tick
from syncline.store import runs
from syncline.store.models import Run
from syncline.testing.clock import ManualClock

HEAD = """version: 1
connections:
  apollo: {system: memory}
  crm: {system: memory}
syncs:
  main:
    left: apollo
    right: crm
    preset: apollo-salesforce
"""
SYNC = "main"
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
DONE = {"outcome": "done"}


def failed(code: str = "remote-unavailable", **more: Any) -> dict[str, Any]:
    return {"outcome": "later", "code": code, "message": "it does not answer", **more}


@dataclass
class MemoryQueue:
    """A job engine that keeps jobs and carries none out."""

    jobs: dict[str, Job] = field(default_factory=dict)
    states: dict[str, JobState] = field(default_factory=dict)

    def enqueue(self, job: Job) -> bool:
        new = job.id not in self.jobs
        self.jobs.setdefault(job.id, job)
        self.states.setdefault(job.id, JobState.WAITING)
        return new

    def status(self, *, limit: int = 50, states: Sequence[JobState] = ()) -> list[JobStatus]:
        found = [id_ for id_, state in self.states.items() if not states or state in states][-limit:]
        return [
            JobStatus(self.jobs[id_], self.states[id_], START, None, None, "", 0, "")
            for id_ in reversed(found)
        ]

    def cancel(self, job_id: str) -> bool:
        self.states[job_id] = JobState.CANCELLED
        return True

    def retry(self, job_id: str) -> bool:
        return False

    def reap(self, worker: str) -> int:
        return 0

    def prune(self, before: datetime) -> int:
        return 0

    def close(self) -> None:
        self.jobs.clear()


@lru_cache
def _parsed(text: str) -> Document:
    return parse(text)


@dataclass
class Office:
    """Ticks, and jobs that begin and end when a test says so."""

    said: str = ""
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    queue: MemoryQueue = field(default_factory=MemoryQueue)

    @property
    def document(self) -> Document:
        return _parsed(HEAD + self.said)

    def ran(self) -> None:
        """The first run is done, and each part was taken just now."""
        runs.advance(SYNC, first_run_done=True)
        self.tick()
        self.carry_out()

    def tick(self, seconds: float = 0) -> int:
        self.clock.advance(seconds)
        return tick(self.document, self.queue, self.clock.now())

    @property
    def waiting(self) -> list[Job]:
        return [self.queue.jobs[id_] for id_, state in self.queue.states.items() if state is JobState.WAITING]

    def begin(self) -> Job:
        """The one job that waits begins."""
        (job,) = self.waiting
        self.queue.states[job.id] = JobState.RUNNING
        return scheduled.begin(self.document, job, self.clock.now())

    def end(self, job: Job, told: Mapping[str, Any] = DONE) -> None:
        self.queue.states[job.id] = JobState.DONE if told == DONE else JobState.FAILED
        scheduled.over(job, told, self.clock.now())

    def looked(self) -> list[tuple[str, str, bool]]:
        """Look once at what needs a person; what changed, as name, condition and whether it began."""
        now = self.clock.now()
        made = note(self.document, look(self.document, now), now)
        return [(alert.name, alert.condition, alert.raised) for alert in made]

    def carry_out(self, told: Mapping[str, Any] = DONE) -> Job:
        """The one job that waits, from its beginning to its end."""
        job = self.begin()
        self.end(job, told)
        return job

    def plan(self, **about: Any) -> Run:
        """A plan that waits for approval."""
        return Run.objects.create(
            **{
                "sync": SYNC,
                "status": "planned",
                "settings": resolved(self.document, SYNC).settings_hash,
                "planned_at": self.clock.now(),
                "needs_approval": [{"brake": "max_create", "reason": "many"}],
                "world": "w",
                **about,
            }
        )


def parts(job: Job) -> set[str]:
    return {f"{side} {kind}" for side, kind in job.arguments["parts"]}


EVERY = {f"{side} {kind}" for side in Side for kind in (Kind.ACCOUNT, Kind.PERSON, Kind.DEAL)}
HOUR = timedelta(hours=1).total_seconds()
