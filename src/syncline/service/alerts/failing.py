"""Syncs that come to nothing again and again, for a reason that no other condition tells of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from syncline.config import Document
from syncline.service.alerts.connections import REFUSED, SPENT
from syncline.service.alerts.state import State, of_sync
from syncline.store import schedules

TRIES = 4
"""So many in a row take about ten minutes: a system that restarts is back by then."""


def failing(document: Document, _now: datetime) -> Iterator[State]:
    """Whether each sync was tried in vain too often. Of one that a person paused nobody expects anything."""
    for name in document.syncs:
        state = schedules.state_of(name)
        often = state.tries >= TRIES and state.code not in {*REFUSED, *SPENT}
        fails = often and None not in schedules.pauses(name)
        trouble = f"{state.tries} tries in a row came to nothing ({state.code}); the sync waits between them."
        cure = f"`syncline status --sync {name}` says what is in the way."
        yield State(of_sync(name), "sync-failing", trouble if fails else "", cure)
