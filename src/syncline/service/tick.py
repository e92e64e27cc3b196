"""A tick: looks at what is due, and queues a job for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from syncline.config import Document
from syncline.service.jobs.port import Job, JobEngine

Source = Callable[[Document, datetime], Iterable[Job]]
"""Yields a job for everything that is due by now. It may yield the same job again until that has begun."""

SOURCES: Sequence[Source] = ()


def tick(document: Document, engine: JobEngine, now: datetime) -> int:
    """Queue what is due; how many jobs are new."""
    return sum(engine.enqueue(job) for source in SOURCES for job in source(document, now))
