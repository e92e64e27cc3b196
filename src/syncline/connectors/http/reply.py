"""One answer of a system, and how its parts are read without trusting them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

LONGEST_QUOTE = 300


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer. `data` is its JSON or None; `text` is filled only when the body is not JSON."""

    status: int
    headers: Mapping[str, str]
    data: Any = None
    text: str = ""
    is_json: bool = field(default=True, compare=False)


def read_reply(status: int, headers: Mapping[str, str], body: bytes) -> Reply:
    """An answer with its body decoded as far as it can be; header names come out in lower case."""
    lowered = {name.lower(): value for name, value in headers.items()}
    if not body.strip():
        return Reply(status, lowered)
    try:
        return Reply(status, lowered, data=msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Reply(status, lowered, text=body.decode("utf-8", "replace"), is_json=False)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds a system asks us to wait, given so or as a date; None when it says nothing usable.

    A date is by the system's clock, which need not agree with ours: its own `Date` says what it has.
    """
    given = headers.get("retry-after", "").strip()
    seconds = [part.strip() for part in given.split(",")]  # a proxy may have added a header of its own
    if all(part.isascii() and part.isdigit() for part in seconds):
        return max(float(part[:9]) for part in seconds)
    try:
        until = parsedate_to_datetime(given)
        return max(0.0, (until - (server_time(headers) or now)).total_seconds())
    except (ValueError, TypeError):
        return None


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """The time a system's `Date` says it has, in UTC; None when it says none."""
    try:
        told = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC)


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that makes vendor text fit for a message: one short line without secrets or controls."""
    hidden = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)

    def redact(text: str) -> str:
        text = text[: LONGEST_QUOTE * 40]
        for secret in hidden:
            text = text.replace(secret, "***")
        line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"

    return redact
