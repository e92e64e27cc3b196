"""The job engine over DBOS: the only module that knows it. What it does with it: docs/explanation/jobs.md."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from dbos import (
    DBOS,
    DBOSClient,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    EnqueueOptions,
    WorkflowStatus,
    error,
)
from sqlalchemy.exc import SQLAlchemyError

from syncline.core.errors import StoreError
from syncline.service.jobs import place, rows
from syncline.service.jobs.crew import Crew
from syncline.service.jobs.port import Job, JobState, JobStatus

NAME = "syncline"
VERSION = "engine-1"
"""Changed only when the order of a job's steps changes: jobs of another version are not carried on."""
QUEUE = "syncs"
WORKFLOW = "job"
STEPS = 500
"""A job with more is continued by another one: what is resumed after a crash reads its steps again, one by one."""
ATTEMPTS = 10
"""How often a job may take its process down before its next step is done."""
_POLL_SECONDS = 0.3
_NEVER_SECONDS = 3600.0
_PAGE = 500


class JobFailedError(Exception):
    """How DBOS is told that a job failed."""


class DbosEngine:
    """Keeps the jobs of a store. A process that calls `work` carries them out too."""

    def __init__(self, database: str) -> None:
        _have_it_log_like_us()
        self._crew: Crew | None = None
        self._carried: set[str] = set()
        self._missed: set[str] = set()
        with _told():
            self._connections = place.connect(database)
            if not place.has_tables(self._connections):
                DBOS.migrate(self._connections.url.render_as_string(hide_password=False), schema=place.SCHEMA)
            self._client = DBOSClient(
                system_database_engine=self._connections,
                dbos_system_schema=place.SCHEMA,
                serializer=DBOSPortableJSONSerializer(),
                application_name=NAME,
                retry_connection_errors=False,
            )

    def work(
        self, crew: Crew, worker: str, *, workers: int, steps: int = STEPS, attempts: int = ATTEMPTS
    ) -> None:
        """Carry out jobs in this process from now on, so many at once at most, under a name no other has."""

        def carry(kept: dict[str, Any], part: int) -> dict[str, Any]:
            job = rows.read(kept)
            name = rows.part_id(job, part)
            self._carried.add(name)
            try:
                return _carry(crew, self, job, part, steps)
            finally:
                self._carried.discard(name)

        with _told():
            DBOS(config=self._config(worker))
            DBOS.workflow(name=WORKFLOW, max_recovery_attempts=attempts)(carry)
            DBOS.launch()
            self._crew = crew
            DBOS.register_queue(
                QUEUE,
                partition_concurrency=1,
                worker_concurrency=workers,
                polling_interval_sec=_POLL_SECONDS,
                on_conflict="always_update",
            )

    def _config(self, worker: str) -> DBOSConfig:
        return DBOSConfig(
            name=NAME,
            system_database_engine=self._connections,
            dbos_system_schema=place.SCHEMA,
            application_version=VERSION,
            executor_id=worker,
            serializer=DBOSPortableJSONSerializer(),
            enable_otlp=False,
            log_level="WARNING",
            scheduler_polling_interval_sec=_NEVER_SECONDS,
        )

    def enqueue(self, job: Job) -> bool:
        """Queue a job; false where one of that id is known already."""
        try:
            with _told():
                self._client.enqueue(_options(job, 1), rows.written(job), 1)
        except error.DBOSWorkflowIDInUseError:
            return False
        return True

    def status(self, *, limit: int = 50, states: Sequence[JobState] = ()) -> list[JobStatus]:
        """The newest jobs, in any of these states; one in parts is shown as its last part stands."""
        wanted = [name for name, state in rows.STATES.items() if state in states] or None
        found: dict[str, JobStatus] = {}
        offset = 0
        while len(found) < limit:
            page = self._list(status=wanted, sort_desc=True, limit=_PAGE, offset=offset)
            for row in page:
                if not rows.was_continued(row):
                    found.setdefault(rows.job_of(row).id, rows.status_of(row))
            offset += _PAGE
            if len(page) < _PAGE:
                break
        return list(found.values())[:limit]

    def cancel(self, job_id: str) -> bool:
        """Let a job that waits never begin, and one that runs stop after its step; false if it is over."""
        row = self._last_part(job_id)
        if row is None or row.status in rows.OVER:
            return False
        with _told():
            self._client.cancel_workflow(row.workflow_id)
        return True

    def retry(self, job_id: str) -> bool:
        """Queue a job again that failed or was cancelled; false if there is nothing to try again."""
        row = self._last_part(job_id)
        if row is None or rows.STATES[row.status] not in (JobState.FAILED, JobState.CANCELLED):
            return False
        sync = rows.job_of(row).sync
        with _told():
            self._client.rewind_workflow(row.workflow_id, queue_name=QUEUE, queue_partition_key=sync)
        return True

    def reap(self, worker: str) -> int:
        """Queue what a dead worker had begun; how many jobs. Only a process that works can."""
        if self._crew is None:
            return 0
        with _told():
            # Of what is public nothing queues the jobs of one worker alone, and leaves be what another took over.
            return len(DBOS._recover_pending_workflows([worker]))  # noqa: SLF001 - see above

    def find_lost(self, worker: str) -> int:
        """Queue again what this worker began and carries out no more, since its end could not be noted; how many jobs.

        It counts as lost when two calls find it so: between beginning and carrying out, and at the end, there are
        moments. Until then it would keep every other job of its sync from beginning.
        """
        pending = self._list(status="PENDING", executor_id=worker, load_input=False, load_output=False)
        idle = {row.workflow_id for row in pending} - self._carried
        lost, self._missed = idle & self._missed, idle - self._missed
        with _told():
            # What is public queues a job that goes on elsewhere too, or forgets its sync.
            queued = [self._client._sys_db.reenqueue_for_recovery(name, [worker], QUEUE) for name in lost]  # noqa: SLF001
        return sum(queued)

    def prune(self, before: datetime) -> int:
        """Forget jobs that were over by then; how many."""
        gone = 0
        while page := self._list(status=rows.OVER, completed_before=before.isoformat(), limit=_PAGE):
            with _told():
                self._client.delete_workflows([row.workflow_id for row in page])
            gone += len(page)
        return gone

    def close(self, seconds: int = 0) -> None:
        """Begin no job any more, wait so long for those that are being carried out, and let go of the database."""
        if self._crew is not None:
            self._crew = None
            DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=seconds)
        self._client.destroy()
        self._connections.dispose()

    def has_more_urgent(self, job: Job) -> bool:
        """Whether a job of the same sync waits that is more urgent."""
        with suppress(StoreError):
            waiting = self._list(status="ENQUEUED", queue_name=QUEUE, load_input=False, load_output=False)
            return any(
                row.queue_partition_key == job.sync and (row.priority or 0) < job.urgency for row in waiting
            )
        return False

    def _last_part(self, job_id: str) -> WorkflowStatus | None:
        found = self._list(workflow_id_prefix=job_id, sort_desc=True)
        return next((row for row in found if rows.job_of(row).id == job_id), None)

    def _list(self, **wanted: Any) -> list[WorkflowStatus]:
        with _told():
            return self._client.list_workflows(name=WORKFLOW, **wanted)


def _carry(crew: Crew, engine: DbosEngine, job: Job, part: int, steps: int) -> dict[str, Any]:
    """A job: step after step, each a slice of its work, until it is over or another part continues it.

    A work that begins anew in mid-way was cut off by a crash. Another part continues it then, because DBOS counts
    how often a part was cut off: what dies again and again before its next step is poison, and nothing else.
    """

    def advance() -> dict[str, Any]:
        return crew.advance(job, lambda: engine.has_more_urgent(job))

    told: dict[str, Any] = {}
    try:
        for number in range(steps):
            told = DBOS.run_step({"name": "slice"}, advance)
            if told["over"] or told["yields"] or (told["fresh"] and number):
                break
    except BaseException:
        crew.drop(job)
        raise
    if not told["over"]:
        DBOS.enqueue_workflow_with_options(_options(job, part + 1), rows.written(job), part + 1)
        return {rows.CONTINUED: part + 1}
    if told["outcome"] == "failed":
        raise JobFailedError(f"{told['code']}: {told['message']}")
    return told


def _options(job: Job, part: int) -> EnqueueOptions:
    return {
        "workflow_name": WORKFLOW,
        "queue_name": QUEUE,
        "workflow_id": rows.part_id(job, part),
        "workflow_id_reuse_policy": "reject" if part == 1 else "return-existing",
        "app_version": VERSION,
        "priority": int(job.urgency),
        "queue_partition_key": job.sync,
    }


@contextmanager
def _told() -> Iterator[None]:
    """Call it what it is when the database cannot be used."""
    try:
        yield
    except SQLAlchemyError as failed:
        reason = str(getattr(failed, "orig", None) or failed).strip().splitlines()
        raise StoreError(f"the jobs cannot be read or written: {reason[0] if reason else failed}") from failed


def _have_it_log_like_us() -> None:
    """Without a handler of its own it would write to the terminal, past our log and what that hides."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    if _is_news not in logger.filters:
        logger.addFilter(_is_news)
    logger.setLevel(logging.WARNING)


def _is_news(record: logging.LogRecord) -> bool:
    """That a job failed was logged by who carried it out."""
    return not (record.exc_info and isinstance(record.exc_info[1], JobFailedError))
