"""When refused writes are tried again: their time has come, a person asked, or creates go on (rule E2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncline.core.backoff import MOST_TRIES
from syncline.core.model import Kind, Ref, Side
from syncline.store.bulk import batches
from syncline.store.error_log import SyncError
from syncline.store.refusals import OPEN, ref_of


def release(sync: str, ids: Sequence[int], now: datetime) -> int:
    """Have what these errors keep back tried again by the next run, and count the tries anew; how many there were."""
    changed = 0
    for batch in batches(ids):
        rows = OPEN.rows(sync).filter(pk__in=batch)
        changed += rows.update(next_try=now, tries=0)
    return changed


def due(sync: str, now: datetime) -> dict[Side, list[Ref]]:
    """The records with an error whose time to be tried again has come."""
    rows = list(OPEN.rows(sync).filter(next_try__lte=now))
    return {side: list({ref: None for row in rows if (ref := ref_of(row, side))}) for side in Side}


def parks(error: SyncError, now: datetime) -> bool:
    """Whether an open error still keeps back what it refused."""
    return error.next_try is None or error.next_try > now


def pause(sync: str, side: Side, kind: Kind) -> str:
    """Why nothing of a kind is created on a side; empty if it is. What was refused itself goes when it is time."""
    rows = OPEN.rows(sync).filter(side=side.value, kind=kind.value, pauses=True)
    row = rows.order_by("-last_seen").first()
    return f"{row.code}: {row.message}; {tried_again(row.next_try)}" if row else ""


def end_pause(sync: str, side: Side, kind: Kind, now: datetime) -> None:
    """Something was created there: creates go on, and what was refused goes with the next run."""
    rows = OPEN.rows(sync).filter(side=side.value, kind=kind.value, pauses=True)
    rows.update(pauses=False, next_try=now, tries=0)


def tried_again(at: datetime | None) -> str:
    """When a refused write is tried again, in words."""
    if at is None:
        return f"it was tried {MOST_TRIES} times and waits for `syncline errors retry`"
    return f"it is tried again by the first run after {at:%Y-%m-%d %H:%M:%S} UTC"
