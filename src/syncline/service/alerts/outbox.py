"""The outbox: what is still to be told, each receiver in a thread of its own, in order and more than once if need be.

A message is stored before it is sent and counts as sent once its receiver took it. A receiver that fails is tried again
after ever longer pauses; the messages behind wait for it, and nobody else does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from syncline.config import Document
from syncline.service.alerts.message import about
from syncline.service.alerts.receivers import Receiver, Send, receivers, sender
from syncline.store import alerts
from syncline.store.alerts import ClaimedDelivery
from syncline.store.database import close_store

CLAIM = timedelta(minutes=3)
"""Longer than a thread sends: at most a minute, and then what it has begun."""
_LONGEST_SENDING = 60.0
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
LIFETIME = timedelta(days=3)
"""A message that could not be sent for so long is given up, and listed as such."""


class Outbox:
    """Sends what waits. `environ` is where the secrets of receivers are looked up."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._threads: dict[str, threading.Thread] = {}

    def send(self, document: Document, now: datetime) -> None:
        """Begin to send what is due by now to each receiver; one that is still being sent to is left alone."""
        known = {each.key: each for each in receivers(document)}
        waiting = alerts.waiting()
        if gone := waiting.keys() - known.keys():
            alerts.forget(gone)
        for key in (key for key, next_try in waiting.items() if key in known and next_try <= now):
            running = self._threads.get(key)
            if running and running.is_alive():
                continue
            work = (known[key], sender(document, known[key], self._environ), now)
            # A process that is asked to end need not wait for a receiver: what was not sent is sent by the next one.
            thread = threading.Thread(target=send_all, args=work, name=f"alerts-{key[:8]}", daemon=True)
            self._threads[key] = thread
            thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait for what is being sent, at most so long; whether all of it came to an end."""
        deadline = time.monotonic() + seconds
        for thread in self._threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads.values())


def send_all(receiver: Receiver, send: Send, now: datetime) -> None:
    """Send what waits for one receiver until it fails or nothing is left."""
    deadline = time.monotonic() + _LONGEST_SENDING
    try:
        while time.monotonic() < deadline:
            claimed = alerts.claim(receiver.key, now, now + CLAIM)
            if claimed is None or not _send_one(receiver, send, claimed, now):
                return
    except Exception:  # noqa: BLE001 - whatever it is, it is tried again after the claim
        structlog.get_logger().exception("alert not sent", receiver=receiver.label)
    finally:
        close_store()


def _send_one(receiver: Receiver, send: Send, claimed: ClaimedDelivery, now: datetime) -> bool:
    failure = send(about(claimed.alert))
    if failure is None:
        alerts.sent(claimed, now)
        return True
    log = structlog.get_logger().bind(alert=claimed.alert.token, receiver=receiver.label)
    if now - claimed.alert.at >= LIFETIME:
        alerts.give_up(claimed, failure, now)
        log.error("alert given up", why=failure, attempts=claimed.attempts)
        return True
    alerts.put_off(claimed, failure, now + pause(claimed.attempts))
    log.warning("alert not sent yet", why=failure, attempts=claimed.attempts)
    return False


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts in vain."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(attempts - 1, 10)))
