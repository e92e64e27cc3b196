"""The ledger of a connection in the store: what its connector asks before each call, in every process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from syncline.config.budget import Budget
from syncline.core.budget import FullWindow, Ticket, Window, WindowUsage, Work
from syncline.store import budgets


class StoredLedger:
    """Counts the calls of one connection together with all other processes; each sort of work has its part."""

    def __init__(self, connection: str, budget: Budget) -> None:
        self._connection = connection
        self._budget = budget
        self._work = Work.RUN
        self._windows: Sequence[Window] = ()

    def take(self, endpoint: str, windows: Sequence[Window], now: datetime) -> Ticket | FullWindow:
        self._windows = windows
        return budgets.take_call(self._connection, endpoint, windows, self.share, now)

    def settle(self, ticket: Ticket, told: Sequence[WindowUsage], now: datetime) -> None:
        budgets.settle_call(self._connection, ticket, self._windows, told, now)

    @property
    def share(self) -> float:
        """The part of the vendor's limits that the present work may use."""
        return self._budget.part(self._work)

    @contextmanager
    def doing(self, work: Work) -> Iterator[None]:
        """Meanwhile, calls are made for work of that sort."""
        before, self._work = self._work, work
        try:
            yield
        finally:
            self._work = before
