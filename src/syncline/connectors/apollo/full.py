"""Reads a whole set, also one larger than Apollo shows of a search, and tells whether that is proven (rule P0)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from syncline.connectors.apollo.client import Listing
from syncline.connectors.apollo.position import FullRead
from syncline.connectors.apollo.walk import Walk

DISPLAY_LIMIT = 50_000
"""Rows that Apollo shows of one search, whatever it finds."""
MARGIN = 2
"""Pages by which the two walks of a large set overlap, so that rows of one stamp at the seam are met twice."""

AskPart = Callable[[str | None, bool, int], Listing]
"""Asks for a page of a stage (None: of all), newest rows first or, if true, oldest first."""


class FullReader:
    """Takes one step of a full read after another; the state is the caller's, who stores it."""

    def __init__(self, ask: AskPart, stages: Sequence[str], per_page: int, display_limit: int) -> None:
        self._ask = ask
        self._stages = stages
        self._per_page = per_page
        self._last_page = max(1, display_limit // per_page)
        self._limit = self._last_page * per_page

    def step(self, full: FullRead) -> tuple[Listing, bool]:
        """The next page, and whether it was the last of the read."""
        stage, backward, begun = full.stage, full.walk.backward, full.walk.page_before > 0
        listing = full.walk.advance(
            lambda page: self._ask(stage, backward, page), self._per_page, self._last_page
        )
        if backward and not begun:
            full.top = _stamp(listing, -1)
        if stage is None:
            full.whole = listing.total
            if not begun and listing.total >= 2 * self._limit and self._stages:
                self._split(full)
                return listing, False
        return listing, full.walk.ended and self._turn(full, listing)

    def _turn(self, full: FullRead, listing: Listing) -> bool:
        """What comes after a walk; true when nothing does."""
        walk, partial = full.walk, listing.total >= self._limit
        if partial and not walk.backward:
            full.proven = full.proven and not (walk.tied or walk.doubtful)
            full.bottom = walk.edge
            full.walk = Walk(page=self._seam(listing.total), backward=True)
            return False
        if walk.backward:
            met = bool(full.bottom) and full.top > full.bottom
            if not met and not self._is_split(full) and self._stages:
                self._split(full)
                return False
            full.proven = full.proven and met and not (walk.tied or walk.doubtful)
        else:
            full.proven = full.proven and walk.proven
        return self._next_stage(full, listing.total)

    def _next_stage(self, full: FullRead, total: int) -> bool:
        if not self._is_split(full):
            return True
        full.counted += total
        if full.left:
            self._begin(full, full.left.pop(0))
            return False
        # Rows without a stage are in no part, and a total at the limit may be the limit and not the number.
        full.proven = full.proven and full.counted >= full.whole > self._limit
        return True

    def _split(self, full: FullRead) -> None:
        full.left = list(self._stages)
        full.proven, full.counted = True, 0
        self._begin(full, full.left.pop(0))

    def _begin(self, full: FullRead, stage: str) -> None:
        full.stage, full.walk, full.bottom, full.top = stage, Walk(), "", ""

    def _is_split(self, full: FullRead) -> bool:
        return full.stage is not None

    def _seam(self, total: int) -> int:
        """The page, counted from the oldest row, that surely reaches what the newest-first walk has shown."""
        beyond = -(-(total - self._limit) // self._per_page) + MARGIN
        return self._last_page if total == self._limit else min(self._last_page, beyond)


def _stamp(listing: Listing, position: int) -> str:
    stamp = listing.rows[position].get("created_at") if listing.rows else None
    return stamp if isinstance(stamp, str) else ""
