"""Workers that died: somebody should know why, though others took their work over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from syncline.config import Document
from syncline.connectors.clock import SystemClock
from syncline.service.alerts.state import State
from syncline.store import workers
from syncline.store.alerts import Subject

_TOLD = timedelta(minutes=10)
"""How long after its work was taken over the death of a worker stands."""


def deaths(_document: Document, _now: datetime) -> Iterator[State]:
    """The workers that died a short while ago; their leases go by the real time."""
    for worker in workers.died(SystemClock().now() - _TOLD):
        trouble = "The worker died, or was cut off from the database; another one took its work over."
        cure = "Look at the log of that process and at the memory of its machine."
        yield State(Subject("worker", worker), "worker-died", trouble, cure)
