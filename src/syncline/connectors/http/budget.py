"""Keeps a connection inside its share of the calls a vendor allows."""

import math
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from syncline.core.errors import QuotaError


@dataclass(frozen=True, slots=True)
class Usage:
    """How far one of the vendor's windows is used.

    `endpoint` is as `HttpClient` counts it ("GET /contacts/{id}"); None is a window over all endpoints.
    """

    endpoint: str | None
    window: str
    used: int
    limit: int
    resets_at: datetime


Learn = Callable[[str, Mapping[str, str], datetime], Iterable[Usage]]
"""Reads a vendor's own headers: (endpoint, headers with names in lower case, now) -> what they say."""


class Budget:
    """Counts calls per endpoint and window, corrected by what the vendor's headers say. Safe between threads.

    `share` of each limit is ours (rule C6); a window that opens again within `max_wait` seconds is waited
    for.
    """

    def __init__(self, share: float = 0.8, *, max_wait: float = 60.0, learn: Learn | None = None) -> None:
        self._share = share
        self._max_wait = max_wait
        self._learn = learn
        self._windows: dict[tuple[str | None, str], Usage] = {}
        self._lock = threading.Lock()

    def before(self, endpoint: str, now: datetime) -> float:
        """Seconds to wait and then ask again; 0 when the call may go, which counts it.

        Raises `QuotaError` when the next window opens later than a run should wait.
        """
        with self._lock:
            windows = self._open_windows(endpoint, now)
            full = [usage for usage in windows if usage.used >= self._allowed(usage)]
            if not full:
                for usage in windows:
                    self._windows[usage.endpoint, usage.window] = replace(usage, used=usage.used + 1)
                return 0.0
            last = max(full, key=lambda usage: usage.resets_at)
            wait = (last.resets_at - now).total_seconds()
            if wait > self._max_wait:
                raise self._spent(endpoint, last)
            return wait

    def after(self, endpoint: str, headers: Mapping[str, str], now: datetime) -> None:
        """Learn from an answer's headers."""
        if self._learn is None:
            return
        for usage in self._learn(endpoint, headers, now):
            self.usage(usage.endpoint, usage.window, usage.used, usage.limit, usage.resets_at)

    def usage(self, endpoint: str | None, window: str, used: int, limit: int, resets_at: datetime) -> None:
        """Take the vendor's word for how far a window is used."""
        with self._lock:
            self._windows[endpoint, window] = Usage(endpoint, window, used, limit, resets_at)

    def shown(self) -> list[Usage]:
        """What is known of every window, for display."""
        with self._lock:
            return list(self._windows.values())

    def _open_windows(self, endpoint: str, now: datetime) -> list[Usage]:
        for key in [key for key, usage in self._windows.items() if usage.resets_at <= now]:
            del self._windows[key]
        return [usage for usage in self._windows.values() if usage.endpoint in {None, endpoint}]

    def _allowed(self, usage: Usage) -> int:
        return max(1, math.floor(usage.limit * self._share))

    def _spent(self, endpoint: str, usage: Usage) -> QuotaError:
        until = usage.resets_at.isoformat(timespec="seconds")
        message = (
            f"The budget for {usage.endpoint or 'all endpoints'} is used up: {usage.used} of "
            f"{self._allowed(usage)} calls per {usage.window} (the system allows {usage.limit}); "
            f"it goes on at {until}."
        )
        return QuotaError(message, until=usage.resets_at, endpoint=endpoint, window=usage.window)
