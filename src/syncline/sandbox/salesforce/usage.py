"""How many API calls were made in the last 24 hours, counted in buckets of an hour."""

from __future__ import annotations

from datetime import datetime

from syncline.sandbox.clock import Clock
from syncline.sandbox.salesforce import stamps
from syncline.sandbox.salesforce.settings import TYPE, Settings
from syncline.sandbox.state import State

HOURS = 24


class Usage:
    """The rolling daily allocation of one org."""

    def __init__(self, state: State, clock: Clock, settings: Settings) -> None:
        self._state = state
        self._clock = clock
        self._settings = settings

    @property
    def limit(self) -> int:
        """Calls allowed in 24 hours."""
        return int(self._settings["daily_limit"])

    @property
    def used(self) -> int:
        """Calls made in the last 24 hours."""
        return sum(self._buckets().values())

    def exhausted(self) -> bool:
        """Whether the next call would be one too many."""
        return self.used >= self.limit

    def count(self) -> None:
        """Count one call."""
        buckets = self._buckets()
        hour = str(_hour(self._clock.now()))
        self._state.put(TYPE, "usage", {**buckets, hour: buckets.get(hour, 0) + 1})

    def set(self, used: int) -> None:
        """Pretend that many calls were made, all in the present hour."""
        self._state.put(TYPE, "usage", {str(_hour(self._clock.now())): used})

    def shown(self) -> str:
        """The value of the header that every reply carries."""
        return f"api-usage={self.used}/{self.limit}{self._settings['usage_extras']}"

    def crowded(self) -> bool:
        """Whether as many long requests are running as may run at once."""
        told = self._settings["long_requests"]
        running = told["until"] is None or stamps.wire(self._clock.now()) < told["until"]
        return bool(running and told["count"] >= self._settings["concurrent_limit"])

    def _buckets(self) -> dict[str, int]:
        last = _hour(self._clock.now())
        stored = self._state.peek(TYPE, "usage") or {}
        return {hour: int(count) for hour, count in stored.items() if last - HOURS < int(hour) <= last}


def _hour(moment: datetime) -> int:
    return int(moment.timestamp()) // 3600
