"""Nudging: nudged records become jobs that go before anything else, and what such a job does (rule U1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import Error as DatabaseError

from syncline.config import Document
from syncline.core.errors import (
    PlanError,
    RemoteError,
    RunStopped,
    StoreError,
    SynclineError,
    resumes_at,
)
from syncline.core.model import Ref, Side
from syncline.engine.context import SyncContext
from syncline.engine.nudged import NudgeRun, carry_nudged
from syncline.service.jobs.port import Job, Urgency
from syncline.store import nudges
from syncline.store.nudge_tables import Nudge

BATCH = 200
"""Records that are read, planned and written together."""
ROUNDS = 25
"""Batches of one job: then others get their turn."""
MOST_TRIES = 5
MOST_FAILURES = 20
"""How often one batch is divided to find the records that make it fail; what is left is tried again later."""
SHORTEST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=30)


def due(document: Document, now: datetime) -> Iterator[Job]:
    """A job for every sync with nudged records that are due and that no job took up yet.

    Its id changes once they are taken up, so that later ones get a job of their own; and every ten minutes, should
    the job have been lost.
    """
    for sync, (number, since) in nudges.untaken(now).items():
        if sync in document.syncs:
            late = max(0, int((now - since) / nudges.ABANDONED))
            yield Job(f"nudge:{sync}:{number}:{late}", sync, Urgency.REALTIME, "nudge", {})


def carry(context: SyncContext, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Sync the nudged records that are due; how many there were, and what became of them.

    Trouble of a connection, and a sync that may not write yet, leave them waiting, with the `reason`.
    """
    told: Counter[str] = Counter()
    try:
        for _ in range(ROUNDS):
            rows = nudges.take(context.name, context.now(), BATCH)
            if not rows:
                break
            told.update(_carry_batch(context, rows))
            context.check_stop()
    except (RemoteError, PlanError) as error:
        told["put_off"] += _put_off(context, error)
        return {**told, "code": error.code, "reason": error.message}
    except (StoreError, DatabaseError) as error:
        _put_off(context, error)
        raise
    finally:
        nudges.release(context.name)
    return dict(told)


def _carry_batch(context: SyncContext, rows: Sequence[Nudge]) -> Counter[str]:
    """Sync some nudged records; where they fail together, smaller and smaller parts of them."""
    told: Counter[str] = Counter()
    parts, failures = [list(rows)], 0
    while parts:
        part = parts.pop()
        try:
            told.update(_told(context, part, carry_nudged(context, _by_side(part))))
        except (RemoteError, PlanError, StoreError, RunStopped, DatabaseError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever one record causes must not stop its neighbours
            failures += 1
            if len(part) == 1:
                _fail(context, part[0], error)
                told["failed"] += 1
            elif failures < MOST_FAILURES:
                parts += [part[len(part) // 2 :], part[: len(part) // 2]]
            else:
                told["put_off"] += _later(context, part, _words(error), tries=0)
        else:
            nudges.done(part)
    return told


def _by_side(rows: Sequence[Nudge]) -> dict[Side, list[Ref]]:
    found: dict[Side, list[Ref]] = {}
    for row in rows:
        found.setdefault(Side(row.side), []).append(nudges.ref_of(row))
    return found


def _told(context: SyncContext, rows: Sequence[Nudge], done: NudgeRun) -> Counter[str]:
    waited = (context.now() - min(row.asked_at for row in rows)).total_seconds()
    run = done.run
    structlog.get_logger().info(
        "nudged records synced",
        sync=context.name,
        records=len(rows),
        unknown=len(done.unknown),
        run=run.pk if run else None,
        results=run.results if run else {},
        waited=round(waited, 3),
    )
    waits = int(bool(run and run.needs_approval))
    return Counter(records=len(rows), unknown=len(done.unknown), awaiting_approval=waits)


def _fail(context: SyncContext, row: Nudge, error: Exception) -> None:
    """One record makes it fail: it is tried again a few times, and then left to the runs."""
    log = structlog.get_logger().bind(
        sync=context.name, connection=row.connection, record=str(nudges.ref_of(row))
    )
    if row.attempts + 1 < MOST_TRIES:
        log.warning("nudged record failed", message=_words(error), attempts=row.attempts + 1)
        _later(context, [row], _words(error), tries=1)
        return
    log.error("nudged record given up", code="nudge-given-up", attempts=MOST_TRIES, exc_info=error)
    nudges.done([row])


def _put_off(context: SyncContext, error: Exception) -> int:
    """What concerns the whole sync or connection lets everything wait that is due."""
    code = error.code if isinstance(error, SynclineError) else StoreError.code
    structlog.get_logger().warning("nudges wait", sync=context.name, code=code, message=_words(error))
    rows = nudges.take(context.name, context.now())
    return _later(context, rows, _words(error), tries=0, until=resumes_at(error))


def _later(
    context: SyncContext, rows: Sequence[Nudge], why: str, *, tries: int, until: datetime | None = None
) -> int:
    """Try again after a pause that grows with the time the first of them has waited."""
    now = context.now()
    waited = now - min((row.asked_at for row in rows), default=now)
    pause = min(max(waited, SHORTEST_PAUSE), LONGEST_PAUSE)
    nudges.put_off(rows, max(until or now, now + pause), why, tries=tries)
    return len(rows)


def _words(error: Exception) -> str:
    return error.message if isinstance(error, SynclineError) else f"{type(error).__name__}: {error}"
