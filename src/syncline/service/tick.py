"""A tick: looks at what is due, and queues a job for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache

import structlog

from syncline.config import Document
from syncline.service import nudging, wanting
from syncline.service.alerts.chore import tell
from syncline.service.jobs import scheduled
from syncline.service.jobs.port import Job, JobEngine, JobState, Urgency

Source = Callable[[Document, datetime], Iterable[Job]]
"""Yields a job for everything that is due by now. It may yield the same job again until that has begun."""

SOURCES: Sequence[Source] = (wanting.due, nudging.due, scheduled.due)

_MANY = 1000

Chore = Callable[[Document, datetime], None]
"""Does what is to be done now and then besides jobs; it is called at every tick and has to be quick."""

CHORES: Sequence[Chore] = (tell,)


def jobs_due(document: Document, now: datetime, *, sources: Sequence[Source] = SOURCES) -> list[Job]:
    """What is due, the most urgent first."""
    return sorted((job for source in sources for job in source(document, now)), key=lambda job: job.urgency)


def tick(
    document: Document,
    engine: JobEngine,
    now: datetime,
    *,
    sources: Sequence[Source] = SOURCES,
    chores: Sequence[Chore] = CHORES,
) -> int:
    """Queue what is due, and do the chores; how many jobs are new. What fails is logged and stops nothing else."""
    new = 0
    busy = cache(lambda: _busy(engine))
    for source in sources:
        with _going_on(source):
            new += sum([engine.enqueue(job) for job in source(document, now) if _is_alone(job, busy)])
    for chore in chores:
        with _going_on(chore):
            chore(document, now)
    return new


def _is_alone(job: Job, busy: Callable[[], Collection[str]]) -> bool:
    """Whether a job may be queued: of those that begin by a schedule one of a sync is enough."""
    return job.urgency < Urgency.SCHEDULE or job.sync not in busy()


def _busy(engine: JobEngine) -> Collection[str]:
    """The syncs of which such a job waits or is carried out."""
    queued = engine.status(limit=_MANY, states=(JobState.WAITING, JobState.RUNNING))
    return {each.job.sync for each in queued if each.job.urgency >= Urgency.SCHEDULE}


@contextmanager
def _going_on(part: Callable[..., object]) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - one broken part must not keep the others from their work
        name = getattr(part, "__name__", repr(part))
        structlog.get_logger().error("a part of the tick failed", part=name, exc_info=error)
