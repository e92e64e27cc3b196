"""Connections that stopped: their credentials are not accepted any more, or their calls are used up."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from syncline.config import Document
from syncline.core.errors import AuthError, QuotaError, RateLimitedError, ReconnectError
from syncline.service.alerts.state import State, of_connection
from syncline.store import credentials, runs, schedules
from syncline.store.access_tables import Credential
from syncline.store.models import Run

REFUSED = (AuthError.code, ReconnectError.code)
SPENT = (QuotaError.code, RateLimitedError.code)


def reconnects(document: Document, _now: datetime) -> Iterator[State]:
    """Whether each connection waits for a person to sign in again or to correct its credentials."""
    for name in used(document):
        token = credentials.find(name)
        trouble = ""
        cure = f"Correct them, and see with `syncline connection test {name}` that they are good."
        if token and token.gave_up:
            trouble = f"{name} takes its token no more; what needs this connection waits."
            cure = f"Sign in again with `syncline connection reconnect {name}`; every setting stays as it is."
        elif _is_refused(document, name, token):
            trouble = f"{name} does not accept the credentials; what needs this connection waits."
        yield State(of_connection(name), "reconnect-needed", trouble, cure)


def spent(document: Document, _now: datetime) -> Iterator[State]:
    """Whether the calls of each connection are used up."""
    for name in used(document):
        trouble = f"The calls that {name} may make are used up; work goes on when there is room."
        cure = "Nothing, or raise the budget of the connection or the quota at its vendor."
        found = _waits(document, name, SPENT) or _stopped(document, name, SPENT)
        yield State(of_connection(name), "budget-spent", trouble if found else "", cure)


def used(document: Document) -> list[str]:
    """The connections that a sync uses."""
    return list(dict.fromkeys(each for sync in document.syncs.values() for each in (sync.left, sync.right)))


def _is_refused(document: Document, name: str, token: Credential | None) -> bool:
    if _waits(document, name, REFUSED):
        return True
    last = _stopped(document, name, REFUSED)
    return last is not None and not _renewed_since(token, last)


def _waits(document: Document, name: str, codes: Collection[str]) -> bool:
    """Whether a sync begins nothing more because of this connection: what stops it may come before a run does."""
    return schedules.anybody_waits(document.syncs_over(name), name, codes)


def _stopped(document: Document, name: str, codes: Collection[str]) -> Run | None:
    """The newest run over a connection, if it ended by such an error of that connection."""
    newest = [row for sync in document.syncs_over(name) if (row := runs.last_ended(sync))]
    last = max(newest, key=lambda row: row.ended_at or row.planned_at, default=None)
    error = (last and last.error) or {}
    return last if error.get("connection") == name and error.get("code") in codes else None


def _renewed_since(token: Credential | None, last: Run) -> bool:
    since = token and (token.renewed_at or token.granted_at)
    return bool(since and last.ended_at and since > last.ended_at)
