"""Dates and times as the API writes them: UTC, milliseconds, and an offset without a colon."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime, parsedate_to_datetime

_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})",
    re.IGNORECASE,
)


def stamp(moment: datetime) -> str:
    """The stored form of a moment the server sets itself: whole seconds."""
    return wire(moment.replace(microsecond=0))


def wire(moment: datetime) -> str:
    """A moment as replies show it; texts of this form sort as the moments do."""
    utc = moment.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def parse_moment(text: str) -> datetime | None:
    """The moment an ISO text with an offset means, or None when it means none."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    day, clock, fraction, offset = found.groups()
    micros = int((fraction or "0").ljust(6, "0")[:6])
    try:
        local = datetime.fromisoformat(f"{day}T{clock}").replace(microsecond=micros, tzinfo=UTC)
        return local - _offset(offset)
    except (ValueError, OverflowError):
        return None


def _offset(text: str) -> timedelta:
    if text in "Zz":
        return timedelta()
    digits = text[1:].replace(":", "")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if text[0] == "-" else size


def parse_day(text: str) -> date | None:
    """The calendar day of a `YYYY-MM-DD` text, or None."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def midnight(day: date) -> datetime:
    """The first moment of a day for a user whose time zone is GMT."""
    return datetime.combine(day, time(), tzinfo=UTC)


def http_date(moment: datetime) -> str:
    """The form used in headers such as Last-Modified."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def parse_http_date(text: str) -> datetime | None:
    """The moment of a header such as If-Unmodified-Since; an ISO moment is understood as well."""
    try:
        found = parsedate_to_datetime(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return parse_moment(text)
