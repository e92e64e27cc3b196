"""Beginnings: when a sync was connected, and when a person let it write (rule C5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from syncline.core.frozen import frozen
from syncline.store.models import SyncState


@frozen()
class Beginning:
    """When a command first worked on a sync, and since when, by whose word, it may write."""

    prepared_at: datetime | None
    started_at: datetime | None
    started_by: str
    ran: bool

    @property
    def started(self) -> bool:
        """Whether somebody let it write; a sync that ran before this was asked has been started."""
        return self.started_at is not None or self.ran

    def quiet_until(self, period: timedelta | None) -> datetime | None:
        """When the sync starts by itself; never without a period."""
        return self.prepared_at + period if self.prepared_at and period is not None else None


def of(sync: str) -> Beginning:
    """The beginning of a sync; nothing of it is known before the first command worked on it."""
    row = SyncState.objects.filter(sync=sync).first() or SyncState(sync=sync)
    return Beginning(row.prepared_at, row.started_at, row.started_by, row.first_run_done)


def prepare(sync: str, now: datetime) -> Beginning:
    """Note that a command works on the sync, the first time."""
    known = of(sync)
    if known.prepared_at is not None:
        return known
    SyncState.objects.get_or_create(sync=sync)
    SyncState.objects.filter(sync=sync, prepared_at__isnull=True).update(prepared_at=now)
    return of(sync)


def start(sync: str, by: str, now: datetime) -> bool:
    """Let the sync write from now on; false where it might already."""
    prepare(sync, now)
    rows = SyncState.objects.filter(sync=sync, started_at__isnull=True)
    return bool(rows.update(started_at=now, started_by=by[:100]))
