"""Performing a job: its sync is opened, its work done, and what came of it told in small values."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars

from syncline.config import Document
from syncline.core.errors import BusyError
from syncline.engine.context import Report, SyncContext
from syncline.service.clock import choose_clock
from syncline.service.jobs import outcome, scheduled
from syncline.service.jobs.kept import Kept
from syncline.service.jobs.port import Job
from syncline.service.jobs.works import work
from syncline.service.log import about_nothing, about_sync
from syncline.service.wiring import ready
from syncline.store.database import close_store

_PATIENCE = 10.0
"""Seconds to wait for a sync that is still held: by a job that was cancelled, or by its part in another worker."""
_EVERY = 0.25


class Performer:
    """Does the work of jobs under the settings of the moment."""

    def __init__(self, document: Callable[[], Document], environ: Mapping[str, str]) -> None:
        self._document = document
        self._environ = environ
        self._kept = Kept(environ)

    def close(self) -> None:
        """Let go of the systems that were kept open."""
        self._kept.close()

    def __call__(self, job: Job, stopping: Callable[[], bool], report: Report) -> Mapping[str, Any]:
        """What came of a job. It never raises: an error is an outcome too."""
        told = self._tried(job, stopping, report)
        try:
            scheduled.over(job, told, self._now())
        except Exception as error:  # noqa: BLE001 - the tick finds out by itself after a while
            structlog.get_logger().warning("the end of a job was not noted", job=job.id, exc_info=error)
        return told

    def _now(self) -> datetime:
        return choose_clock(self._environ).now()

    def _tried(self, job: Job, stopping: Callable[[], bool], report: Report) -> Mapping[str, Any]:
        log = structlog.get_logger().bind(job=job.id, sync=job.sync)
        try:
            job = scheduled.begin(self._document(), job, self._now())
            with bound_contextvars(job=job.id), self._opened(job, stopping, report) as context:
                return {"outcome": outcome.DONE, **_done(job, context, stopping)}
        except Exception as error:
            told = outcome.of_error(error, self._now())
            if told.get("code") == "internal":
                log.exception("job failed")
            elif "code" in told:
                event = "job failed" if told["outcome"] == outcome.FAILED else "job comes again later"
                log.warning(event, code=told["code"], message=told["message"])
            return told

    @contextmanager
    def _opened(self, job: Job, stopping: Callable[[], bool], report: Report) -> Iterator[SyncContext]:
        about_sync(job.sync)
        try:
            with self._kept.opened(self._document(), job.sync) as systems:
                yield ready(systems, self._environ, report, stopping)
        finally:
            close_store()
            about_nothing()


def _done(job: Job, context: SyncContext, stopping: Callable[[], bool]) -> Mapping[str, Any]:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return work(job.work)(context, job.arguments)
        except BusyError:
            if time.monotonic() > until or stopping():
                raise
            time.sleep(_EVERY)
