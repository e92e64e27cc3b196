"""Outcomes: what becomes of a job whose work ended with an error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError

from syncline.core.errors import (
    BusyError,
    QuietPeriodError,
    QuotaError,
    RateLimitedError,
    RunStopped,
    StoreError,
    SynclineError,
    UnavailableError,
    resumes_at,
)
from syncline.service.jobs.crew import STOPPED
from syncline.service.redact import REDACTOR
from syncline.store.trouble import as_store_error

DONE, LATER, FAILED = "done", "later", "failed"


def of_error(error: Exception, now: datetime) -> Mapping[str, Any]:
    """What an error means: it stopped, is tried again by a later job, or failed and a person is to look at it."""
    if isinstance(error, RunStopped):
        return {"outcome": STOPPED}
    if isinstance(error, OperationalError | InterfaceError):
        error = as_store_error(error)
    if not isinstance(error, SynclineError):
        return _told(FAILED, "internal", f"something went wrong that nobody foresaw ({type(error).__name__})")
    if isinstance(error, BusyError | QuietPeriodError | StoreError):
        return _told(LATER, error.code, error.message)
    connection = error.context.get("connection")
    named = {"connection": str(connection)} if connection else {}
    if isinstance(error, QuotaError | RateLimitedError | UnavailableError):
        at = resumes_at(error)
        when = {"resume_at": at.isoformat()} if at and at > now else {}
        return _told(LATER, error.code, error.message) | named | when
    return _told(FAILED, error.code, error.message) | named


def _told(outcome: str, code: str, message: str) -> dict[str, str]:
    """Without secrets and addresses: what a job came to is kept where no record's data belong."""
    return {"outcome": outcome, "code": code, "message": REDACTOR.text(message)}
