"""The chore of alerts: now and then it looks, notes what changed, and has the outbox send what waits."""

from __future__ import annotations

import os
import time
from datetime import datetime

import structlog

from syncline.config import Document
from syncline.service.alerts.outbox import Outbox
from syncline.service.alerts.watch import look, note
from syncline.store import alerts

EVERY = 5.0
"""Seconds between two looks: ticks are closer together than anything that is watched can change."""

LAST = 30.0


class AlertChore:
    """Notices what has changed and begins to tell it. The receivers are not waited for."""

    def __init__(self, outbox: Outbox, every: float = EVERY) -> None:
        self.outbox = outbox
        self._every = every
        self._next = 0.0

    def __call__(self, document: Document, now: datetime) -> None:
        """Look, unless that was done a moment ago."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._every
        made = note(document, look(document, now), now)
        log = structlog.get_logger()
        for alert in made:
            write = log.warning if alert.raised else log.info
            event = "alert raised" if alert.raised else "alert cleared"
            write(event, kind=alert.kind, name=alert.name, condition=alert.condition, alert=alert.token)
        if made:
            alerts.prune(now - document.retention.errors)
        self.outbox.send(document, now)


CHORE = AlertChore(Outbox(os.environ))
"""The one of this process: it knows to whom it is sending."""


def finish(seconds: float = LAST) -> None:
    """Wait a while for what is being sent: for a process that ends after one tick."""
    CHORE.outbox.wait(seconds)


def tell(document: Document, now: datetime) -> None:
    """The chore of each tick."""
    CHORE(document, now)
