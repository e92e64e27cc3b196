"""Keeps a connection inside its share of the calls a vendor allows (rule C6)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from syncline.core.budget import (
    FullWindow,
    Ticket,
    Window,
    WindowCount,
    WindowUsage,
    correct,
    new_count,
    stub,
    take,
)
from syncline.core.errors import QuotaError

Read = Callable[[Mapping[str, str], datetime], Iterable[WindowUsage]]
"""Reads a vendor's own headers: (headers with names in lower case, now) -> what they say."""


def nothing(_headers: Mapping[str, str], _now: datetime) -> Iterable[WindowUsage]:
    """The answers tell nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class Limits:
    """The windows a vendor counts calls in, and how its answers tell of them."""

    windows: Sequence[Window] = ()
    read: Read = nothing


class Ledger(Protocol):
    """Where the calls of one connection are counted; the product decides who shares it, and which part is whose."""

    def take(self, endpoint: str, windows: Sequence[Window], now: datetime) -> Ticket | FullWindow:
        """Count a call, or tell which window is used up; two that ask at once never get the same place."""
        ...

    def settle(self, ticket: Ticket, told: Sequence[WindowUsage], now: datetime) -> None:
        """The call is over; `told` is what its answer says of the windows, nothing where none came."""
        ...


class MemoryLedger:
    """Counts for one connection of one process, which may use `share` of each limit. Safe between threads."""

    def __init__(self, share: float = 0.8) -> None:
        self._share = share
        self._counts: dict[tuple[str | None, str], WindowCount] = {}
        self._lock = threading.Lock()

    def take(self, endpoint: str, windows: Sequence[Window], now: datetime) -> Ticket | FullWindow:
        with self._lock:
            keys = [scope(endpoint, window) for window in windows]
            counts = [
                self._counts.get(key) or new_count(window, now)
                for key, window in zip(keys, windows, strict=True)
            ]
            taken, spent = take(counts, self._share, now)
            self._counts.update(zip(keys, taken, strict=True))
            if spent:
                return spent.full(endpoint, self._share)
            return Ticket(endpoint, {count.window.name: stub(count) for count in taken})

    def settle(self, ticket: Ticket, told: Sequence[WindowUsage], now: datetime) -> None:
        with self._lock:
            keys = [key for key in self._counts if key[0] in {None, ticket.endpoint}]
            counts = correct([self._counts[key] for key in keys], ticket, told, now)
            self._counts.update(zip(keys, counts, strict=True))


def scope(endpoint: str, window: Window) -> tuple[str | None, str]:
    """What a window counts: the calls of an endpoint, or of all."""
    return None if window.shared else endpoint, window.name


class Budget:
    """Asks the ledger of a connection before each call. A short window is waited for, a long one ends the work."""

    def __init__(
        self, ledger: Ledger | None = None, limits: Limits | None = None, *, max_wait: float = 60.0
    ) -> None:
        self._ledger = ledger or MemoryLedger()
        self._limits = limits or Limits()
        self._max_wait = max_wait

    def before(self, endpoint: str, now: datetime) -> Ticket | float:
        """Leave to make a call, or the seconds to wait and then ask again.

        Raises `QuotaError` when the next window opens later than a run should wait.
        """
        found = self._ledger.take(endpoint, self._limits.windows, now)
        if isinstance(found, Ticket):
            return found
        wait = (found.until - now).total_seconds()
        if min(wait, found.window.length.total_seconds()) > self._max_wait:
            raise _spent(endpoint, found)
        return max(wait, 0.001)

    def after(self, ticket: Ticket, headers: Mapping[str, str], now: datetime) -> None:
        """A call is over; no headers: no answer came."""
        self._ledger.settle(ticket, list(self._limits.read(headers, now)) if headers else [], now)


def _spent(endpoint: str, full: FullWindow) -> QuotaError:
    until = full.until.isoformat(timespec="seconds")
    message = (
        f"The budget for {full.endpoint or 'all endpoints'} is used up: {full.used} of {full.allowed} calls per "
        f"{full.window.name} (the system allows {full.limit}); it goes on at {until}."
    )
    return QuotaError(message, until=full.until, endpoint=endpoint, window=full.window.name)
