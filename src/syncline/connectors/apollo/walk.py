"""Walks through the pages of one search without losing rows while rows come, change and go.

Pages are numbered, so a row that is removed moves all rows behind it to the front, over the edge of a page
already read. Newest first, rows that come or change move others back, which shows them twice and loses none; a
loss is possible only if the total fell, by no more than it fell. Oldest first and from the last page to the
first it is the other way round. In both cases the walk then goes back that many rows and reads them again.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from syncline.connectors.apollo.client import Listing
from syncline.core.errors import ProtocolError

Ask = Callable[[int], Listing]

MOST_STEPS_BACK = 50
"""A set from which rows vanish faster than they can be read is not read again for ever."""


class Walk(msgspec.Struct):
    """Where a walk stands; it is kept in the cursor, so it can go on days later in another process.

    `backward` walks read from the last page to the first. `ids`, `page_before` and `edge` are those of the page
    read last; `edge` is the stamp of its row next to the page to come. The other fields tell whether the walk
    is proof that every row was read.
    """

    page: int = 1
    backward: bool = False
    page_before: int = 0
    ids: list[str] = []
    edge: str = ""
    total: int | None = None
    first_total: int = 0
    least_total: int = 0
    rows: int = 0
    tied: bool = False
    uncounted: bool = False
    doubtful: bool = False
    steps_back: int = 0
    ended: bool = False

    def advance(self, ask: Ask, per_page: int, last_page: int) -> Listing:
        """Read the next page and move on. `last_page` is the last the system shows of any search."""
        listing = self._asked(ask)
        moved = self._moved(listing.total)
        self._note(listing)
        step = -1 if self.backward else 1
        if moved and self.steps_back < MOST_STEPS_BACK:
            self.steps_back += 1
            self.uncounted = True
            self.page = max(1, min(listing.page - step * -(-moved // per_page), last_page))
            return listing
        self.doubtful = self.doubtful or bool(moved)
        self.page = listing.page + step
        self.ended = self._is_over(listing, -(-listing.total // per_page), last_page)
        return listing

    @property
    def proven(self) -> bool:
        """Whether every row that was there all the time was surely read.

        Rows with one stamp may change places between two calls; where such rows lie across the edge of a page,
        only their number proves that none is lost.
        """
        counted = self.rows >= self.first_total and not self.uncounted
        return not self.doubtful and self.rows >= self.least_total and (counted or not self.tied)

    def _asked(self, ask: Ask) -> Listing:
        """The page, asked for twice when it is the page before once more."""
        listing = ask(self.page)
        if not self._repeats(listing):
            return listing
        again = ask(self.page)
        if not self._repeats(again):
            return again
        if again.page == self.page and self._was_pushed_on(ask):
            return again
        raise ProtocolError(f"Apollo answers page {self.page} with the rows of another page once more.")

    def _was_pushed_on(self, ask: Ask) -> bool:
        """Whether as many new rows as fill a page moved one page onto the next, which is no repetition."""
        before = ask(self.page_before)
        return before.page == self.page_before and [row["id"] for row in before.rows] != self.ids

    def _repeats(self, listing: Listing) -> bool:
        if listing.page != self.page:
            return True
        same = [row["id"] for row in listing.rows] == self.ids
        return bool(listing.rows) and same and self.page != self.page_before

    def _moved(self, total: int) -> int:
        """How many rows may have moved onto pages already read."""
        if self.total is None:
            return 0
        return max(0, total - self.total if self.backward else self.total - total)

    def _note(self, listing: Listing) -> None:
        if self.total is None:
            self.first_total = self.least_total = listing.total
        else:
            self.uncounted = self.uncounted or listing.total < self.total
            self.least_total = min(self.least_total, listing.total)
        ids = [str(row["id"]) for row in listing.rows]
        self.rows += len(set(ids) - set(self.ids))
        if ids:
            ends = [_stamp(listing, 0), _stamp(listing, -1)]
            near, far = reversed(ends) if self.backward else ends
            self.tied = self.tied or not far or (bool(self.ids) and near == self.edge)
            self.edge = far
        self.ids, self.page_before, self.total = ids, listing.page, listing.total

    def _is_over(self, listing: Listing, pages: int, last_page: int) -> bool:
        if self.backward:
            return self.page < 1
        if not listing.rows and listing.page <= pages:
            self.doubtful = True
        return not listing.rows or self.page > min(pages, last_page)


def _stamp(listing: Listing, position: int) -> str:
    stamp = listing.rows[position].get("created_at")
    return stamp if isinstance(stamp, str) else ""
