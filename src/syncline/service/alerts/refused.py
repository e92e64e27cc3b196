"""The error rate of a sync: how many of its writes are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from syncline.config import Document
from syncline.service.alerts.state import State, of_sync
from syncline.store import runs

_DONE = ("created", "updated", "deleted")
_REFUSED = "rejected"
_LOOKED_AT = 100
"""A sync that asks every minute mostly finds nothing to write: those runs say nothing of refusals."""


def rates(document: Document, _now: datetime) -> Iterator[State]:
    """Whether too many writes were refused in the newest runs of each sync that had something to write."""
    limit = document.error_rate
    for name in document.syncs:
        wrote = [counts for did in runs.results(name, _LOOKED_AT) if (counts := _counts(did))[1]]
        newest = wrote[: limit.runs]
        refused, tried = (sum(each[i] for each in newest) for i in (0, 1))
        high = tried >= limit.least and refused / tried >= limit.share
        told = f"{refused} of {tried} writes of the last {len(newest)} runs that wrote were refused."
        cure = f"`syncline errors --sync {name}` tells of each what it means and who can mend it."
        yield State(of_sync(name), "error-rate", told if high else "", cure)


def _counts(results: Mapping[str, int]) -> tuple[int, int]:
    """How many writes of a run were refused, and of how many."""
    refused = results.get(_REFUSED, 0)
    return refused, refused + sum(results.get(key, 0) for key in _DONE)
