"""Progress: how far the step is that a process is at, for others to see."""

from __future__ import annotations

from datetime import datetime

from syncline.store import leases
from syncline.store.bulk import upsert
from syncline.store.work_tables import RunProgress


def note(row: RunProgress) -> None:
    """Keep how far a step is."""
    upsert([row], ("sync",))


def current(sync: str, now: datetime) -> RunProgress | None:
    """How far the step is that is being done; nothing when nobody is at the sync."""
    at_work = leases.worker(f"sync {sync}", now)
    if at_work is None:
        return None
    return RunProgress.objects.filter(sync=sync, holder=at_work[0]).first()


def clear(sync: str) -> None:
    """Forget the steps of whoever was at the sync before."""
    RunProgress.objects.filter(sync=sync).delete()
