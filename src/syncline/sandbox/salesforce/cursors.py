"""Results that did not fit into one page, kept as they were when the query ran."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from syncline.sandbox.clock import Clock
from syncline.sandbox.salesforce.errors import refuse
from syncline.sandbox.salesforce.ids import PREFIXES, mint
from syncline.sandbox.salesforce.settings import Settings
from syncline.sandbox.state import State

MAX_OPEN = 10


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a result; `next` is the locator of the page after it, if there is one."""

    total: int
    rows: list[dict[str, Any]]
    next: str | None


@dataclass(frozen=True, slots=True)
class _Cursor:
    rows: list[dict[str, Any]]
    size: int
    opened: datetime


class Cursors:
    """The open query cursors, at most ten: opening one more closes the one unused for longest.

    They live in memory. After a restart every locator is unknown, as it is when one has expired.
    """

    def __init__(self, state: State, clock: Clock, settings: Settings) -> None:
        self._state = state
        self._clock = clock
        self._settings = settings
        self._open: OrderedDict[str, _Cursor] = OrderedDict()

    def first(self, rows: list[dict[str, Any]], size: int) -> Page:
        """The first page of a result; the others stay open under a locator."""
        if len(rows) <= size:
            return Page(len(rows), rows, None)
        key = mint(PREFIXES["QueryLocator"], self._state.next("QueryLocator"))
        self._open[key] = _Cursor(rows, size, self._clock.now())
        while len(self._open) > MAX_OPEN:
            self._open.popitem(last=False)
        return self._page(key, 0)

    def page(self, locator: str) -> Page:
        """The page a locator stands for; the same locator gives the same page again."""
        key, _, start = locator.partition("-")
        self._forget_expired()
        if key not in self._open or not start.isdigit():
            raise refuse("INVALID_QUERY_LOCATOR", "invalid query locator")
        self._open.move_to_end(key)
        return self._page(key, int(start))

    def expire_all(self) -> None:
        """Close every cursor."""
        self._open.clear()

    def _forget_expired(self) -> None:
        oldest = self._clock.now() - timedelta(seconds=self._settings["locator_lifetime"])
        for key in [key for key, cursor in self._open.items() if cursor.opened < oldest]:
            del self._open[key]

    def _page(self, key: str, start: int) -> Page:
        cursor = self._open[key]
        end = start + cursor.size
        more = end < len(cursor.rows)
        return Page(len(cursor.rows), cursor.rows[start:end], f"{key}-{end}" if more else None)
