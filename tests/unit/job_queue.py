"""A queue of jobs on both databases, with works that do what a test tells them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from syncline.engine.context import Report
from syncline.service.jobs.crew import Crew
from syncline.service.jobs.dbos_engine import DbosEngine
from syncline.service.jobs.port import Job, JobState, JobStatus, Urgency

SECONDS = 30.0
EVERY = 0.01


def until(came: Callable[[], bool]) -> None:
    """Wait for something, for a while."""
    deadline = time.monotonic() + SECONDS
    while not came():
        assert time.monotonic() < deadline, "it did not come about"
        threading.Event().wait(EVERY)


def job(id_: str, sync: str = "crm", urgency: Urgency = Urgency.SCHEDULE, **arguments: Any) -> Job:
    """A job whose work the test does itself."""
    return Job(id_, sync, urgency, "run", arguments)


@dataclass
class Doings:
    """Works that go on as long as their job says in `slices`, and note what happened in order."""

    noted: list[tuple[str, str]] = field(default_factory=list)
    gates: dict[str, threading.Event] = field(default_factory=dict)

    def __call__(self, job: Job, stopping: Callable[[], bool], report: Report) -> Mapping[str, Any]:
        self.noted.append((job.id, "began"))
        if gate := self.gates.get(job.id):
            gate.wait(SECONDS)
        for number in range(job.arguments.get("slices", 2)):
            report("a page", number + 1, None)
            if stopping():
                self.noted.append((job.id, "stopped"))
                return {"outcome": "stopped"}
        self.noted.append((job.id, "ended"))
        return dict(job.arguments.get("told", {"outcome": "done"}))

    def of(self, id_: str) -> list[str]:
        """What happened to one job."""
        return [what for which, what in self.noted if which == id_]


@contextmanager
def working(url: str, perform: Doings, worker: str = "one", **how: Any) -> Iterator[DbosEngine]:
    """An engine that carries jobs out in this process."""
    engine, crew = DbosEngine(url), Crew(perform)
    try:
        engine.work(crew, worker, **{"workers": 4, **how})
        yield engine
    finally:
        crew.stopping.set()
        crew.hurrying.set()
        engine.close(1)


@contextmanager
def asking(url: str) -> Iterator[DbosEngine]:
    """An engine that only asks and tells, as a command does."""
    engine = DbosEngine(url)
    try:
        yield engine
    finally:
        engine.close()


def found(engine: DbosEngine, id_: str) -> JobStatus:
    """What is known of a job."""
    return next(each for each in engine.status(limit=500) if each.job.id == id_)


def is_(engine: DbosEngine, id_: str, state: JobState) -> bool:
    """Whether a job stands there."""
    return found(engine, id_).state is state


def until_over(engine: DbosEngine, *ids: str) -> list[JobStatus]:
    """Wait for the end of jobs."""
    going = (JobState.WAITING, JobState.RUNNING)
    until(lambda: all(found(engine, id_).state not in going for id_ in ids))
    return [found(engine, id_) for id_ in ids]
