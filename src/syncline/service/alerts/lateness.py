"""Schedules that are missed: something should have begun by now and has not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from syncline.config import Document
from syncline.config.document import SyncDocument
from syncline.core.model import Side
from syncline.service.alerts.state import State, of_sync
from syncline.store import leases, schedules
from syncline.store.schedules import MissedPart

_CURE = (
    "`syncline schedule show` tells what is late, and `syncline jobs list` what the workers do instead. If it is "
    "always more than they can do, let more of them work, or have the sync read less often."
)


def missed(document: Document, now: datetime) -> Iterator[State]:
    """Whether parts of each sync did not begin in time; what is paused, or waits for a system, missed nothing."""
    late = schedules.missed(now)
    for name, sync in document.syncs.items():
        parts = [part for part in late if part.sync == name]
        yield State(of_sync(name), "schedule-missed", _trouble(sync, parts, now), _CURE)


def _trouble(sync: SyncDocument, parts: Sequence[MissedPart], now: datetime) -> str | None:
    """What is late. While somebody works on the sync that is no news: a first run may well take hours."""
    if not parts:
        return ""
    if leases.worker(f"sync {parts[0].sync}", now):
        return None
    since = min(part.due_at for part in parts).astimezone(UTC)
    names = {Side.LEFT: sync.left, Side.RIGHT: sync.right}
    what = sorted(f"{part.kind.value} of {names[part.side]}" for part in parts)
    return f"Due since {since:%Y-%m-%d %H:%M} UTC and not begun: reading {', '.join(what)}."
