"""Dates and times as Salesforce writes them, and the literals its query language takes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_FORM = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})", re.ASCII | re.IGNORECASE
)
_LONGEST = 40


def parse(text: object) -> datetime | None:
    """The moment a text such as 2026-11-01T10:00:00.000+0000 means, in UTC; None when it means none."""
    return _parsed(text) if isinstance(text, str) and len(text) <= _LONGEST else None


@lru_cache(maxsize=4_096)
def _parsed(text: str) -> datetime | None:
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    clock, fraction, offset = found.groups()
    try:
        moment = datetime.fromisoformat(clock).replace(tzinfo=UTC)
        return moment + timedelta(microseconds=int((fraction or "0").ljust(6, "0")[:6])) - _offset(offset)
    except (ValueError, OverflowError):
        return None


def literal(moment: datetime) -> str:
    """The unquoted literal of a moment in a query."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def shown(moment: datetime) -> str:
    """The moment as replies write it."""
    return literal(moment)[:-1] + "+0000"


def _offset(text: str) -> timedelta:
    if text in "Zz":
        return timedelta()
    digits = text[1:].replace(":", "")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if text[0] == "-" else size
