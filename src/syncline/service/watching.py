"""Watching: a run writes down how far it is, and others see it, with its rate and the time that is left."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from syncline.connectors.base import Clock
from syncline.engine.context import Report
from syncline.store import leases, progress
from syncline.store.work_tables import RunProgress

EVERY_SECONDS = 1.0


class Watched:
    """A report that also writes down what it is told, at most once a second."""

    def __init__(self, sync: str, clock: Clock, onward: Report) -> None:
        self._sync = sync
        self._clock = clock
        self._onward = onward
        self._holder = leases.this_process()
        self._step = ""
        self._began_at: datetime | None = None
        self._noted = float("-inf")

    def report(self, step: str, done: int, total: int | None) -> None:
        """One step came that far; a `Report` of the engine."""
        self._onward(step, done, total)
        due = time.monotonic() - self._noted >= EVERY_SECONDS
        if not due and step == self._step:
            return
        now = self._clock.now()
        if self._began_at is None or step != self._step:
            self._step, self._began_at = step, now
        if due:
            self._noted = time.monotonic()
            progress.note(
                RunProgress(
                    sync=self._sync,
                    holder=self._holder,
                    step=step,
                    done=done,
                    total=total,
                    began_at=self._began_at,
                    updated_at=now,
                )
            )


def seen(sync: str, now: datetime) -> dict[str, Any] | None:
    """How far the work on a sync is, as JSON; nothing when nobody is at it.

    `rate` is in records a second, over the whole step; the time left goes by it.
    """
    at_work = leases.worker(f"sync {sync}", now)
    if at_work is None:
        return None
    holder, doing = at_work
    row = progress.current(sync, now)
    return {"by": holder, "doing": doing, "step": _step(row) if row else None}


def _step(row: RunProgress) -> dict[str, Any]:
    seconds = (row.updated_at - row.began_at).total_seconds()
    rate = row.done / seconds if seconds > 0 else None
    left = (row.total - row.done) / rate if row.total is not None and rate else None
    return {
        "name": row.step,
        "done": row.done,
        "total": row.total,
        "rate": round(rate, 1) if rate is not None else None,
        "seconds_left": max(0, round(left)) if left is not None else None,
        "began_at": row.began_at,
        "updated_at": row.updated_at,
    }
