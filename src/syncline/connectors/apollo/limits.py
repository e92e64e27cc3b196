"""Reads Apollo's rate headers: three windows per endpoint, each opened by its first call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncline.connectors.http import Usage


@dataclass(frozen=True, slots=True)
class _Window:
    name: str
    length: timedelta
    limit: str
    used: str


_WINDOWS = (
    _Window("minute", timedelta(minutes=1), "x-rate-limit-minute", "x-minute-usage"),
    _Window("hour", timedelta(hours=1), "x-rate-limit-hourly", "x-hourly-usage"),
    _Window("day", timedelta(days=1), "x-rate-limit-24-hour", "x-24-hour-usage"),
)


class RateWindows:
    """Remembers when each window opened, which the headers do not say.

    A count that fell, or stands at one, shows a window that has just opened. A window first met half used is
    taken to have opened with this answer: that may wait too long once, never too short.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[int, datetime]] = {}

    def __call__(self, endpoint: str, headers: Mapping[str, str], now: datetime) -> Iterator[Usage]:
        for window in _WINDOWS:
            limit, used = _number(headers.get(window.limit)), _number(headers.get(window.used))
            if limit is None or used is None:
                continue
            resets_at = self._resets_at(endpoint, window, used, now)
            if used >= limit:
                resets_at = _asked_for(headers, window, now) or resets_at
            self._seen[endpoint, window.name] = (used, resets_at)
            yield Usage(endpoint, window.name, used, limit, resets_at)

    def _resets_at(self, endpoint: str, window: _Window, used: int, now: datetime) -> datetime:
        before, resets_at = self._seen.get((endpoint, window.name), (0, now))
        if used > 1 and used >= before and resets_at > now:
            return resets_at
        return now + window.length


def _asked_for(headers: Mapping[str, str], window: _Window, now: datetime) -> datetime | None:
    """When an exhausted window opens again, where the answer says so."""
    seconds = _number(headers.get("retry-after"))
    if seconds is None or timedelta(seconds=seconds) > window.length:
        return None
    return now + timedelta(seconds=seconds)


def _number(text: str | None) -> int | None:
    plain = (text or "").strip()
    return int(plain[:12]) if plain.isascii() and plain.isdigit() else None
