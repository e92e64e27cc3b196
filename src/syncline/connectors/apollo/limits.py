"""Apollo's windows: three per endpoint, each opened by its first call, and the headers that tell of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncline.connectors.http import Limits
from syncline.core.budget import Window, WindowUsage


@dataclass(frozen=True, slots=True)
class _Headers:
    window: Window
    limit: str
    used: str


_TOLD = (
    _Headers(Window("minute", timedelta(minutes=1)), "x-rate-limit-minute", "x-minute-usage"),
    _Headers(Window("hour", timedelta(hours=1)), "x-rate-limit-hourly", "x-hourly-usage"),
    _Headers(Window("day", timedelta(days=1)), "x-rate-limit-24-hour", "x-24-hour-usage"),
)


def read_limits(headers: Mapping[str, str], now: datetime) -> Iterator[WindowUsage]:
    """What an answer says of each window; an empty limit says that there is none."""
    for told in _TOLD:
        if headers.get(told.limit) == "":
            yield WindowUsage(told.window.name, 0, None)
        limit, used = _number(headers.get(told.limit)), _number(headers.get(told.used))
        if limit is not None and used is not None:
            opens = _asked_for(headers, told.window, now) if used >= limit else None
            yield WindowUsage(told.window.name, used, limit, opens)


LIMITS = Limits(tuple(told.window for told in _TOLD), read_limits)


def _asked_for(headers: Mapping[str, str], window: Window, now: datetime) -> datetime | None:
    """When an exhausted window opens again, where the answer says so."""
    seconds = _number(headers.get("retry-after"))
    if seconds is None or timedelta(seconds=seconds) > window.length:
        return None
    return now + timedelta(seconds=seconds)


def _number(text: str | None) -> int | None:
    plain = (text or "").strip()
    return int(plain[:12]) if plain.isascii() and plain.isdigit() else None
