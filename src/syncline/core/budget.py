"""Budget: how the calls of a connection are counted in the windows of its vendor (rule C6).

A window opens with the first call after the one before has ended, at the vendor and here. What an answer tells
corrects the count, and which answer may do what is decided here:

  more calls than we know of   the count goes up: others use the account too
  fewer                        nothing, for an answer may be late; unless it counts fewer than an answer that was there
                               before its call was made: then the vendor's window has begun anew since
  another limit                is taken from the newest call that was answered
  the first of a window        the vendor opened its own before that, so ours ends no earlier
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum

from syncline.core.frozen import frozen

_SKEW = timedelta(minutes=5)
"""How far the clocks of two machines may differ before a window is taken for one of a clock that went back."""


class Work(Enum):
    """What calls are made for, which decides how much of each limit they may use."""

    BY_HAND = "by hand"
    """A person waits for it."""
    RUN = "run"
    SWEEP = "sweep"
    """Looking through everything for what was deleted, for which nobody waits."""


@frozen()
class Window:
    """One of the windows in which a vendor counts calls.

    `shared`: over all endpoints, instead of each by itself. `limit` is for one that the vendor publishes and tells in
    no answer. Of a `rolling` one calls drop out one by one; when it is full, a single call asks after `length` how
    much is free again.
    """

    name: str
    length: timedelta
    shared: bool = False
    rolling: bool = False
    limit: int | None = None


@frozen()
class WindowUsage:
    """What an answer tells of a window: the calls in it, this one included, and when it ends, where it says so.

    Without a limit the vendor says that there is none.
    """

    window: str
    used: int
    limit: int | None
    resets_at: datetime | None = None


@frozen()
class WindowCount:
    """How far a window is used.

    `opening` numbers the windows, `taken` all calls that were let through. `flying` are those of this opening that
    have no answer yet; `told` is what the vendor counted by its last answer, `told_by` the call that brought the limit.
    """

    window: Window
    limit: int | None
    resets_at: datetime
    used: int = 0
    opening: int = 0
    taken: int = 0
    flying: int = 0
    told: int = 0
    told_by: int = 0

    def is_open(self, now: datetime) -> bool:
        """Whether calls of it still count."""
        return now < self.resets_at

    def left(self, share: float, now: datetime) -> int | None:
        """The calls that may still be made in it; None where nobody knows the limit."""
        if self.limit is None:
            return None
        ours = allowed(self.limit, share)
        return max(0, ours - self.used) if self.is_open(now) else ours

    def full(self, endpoint: str, share: float) -> FullWindow:
        """What to tell of it once it is used up."""
        limit = self.limit or 0
        where = None if self.window.shared else endpoint
        return FullWindow(where, self.window, self.used, allowed(limit, share), limit, self.resets_at)


@frozen()
class TicketStub:
    """What is remembered of one call in one window until its answer comes."""

    opening: int
    number: int
    told: int


@frozen()
class Ticket:
    """A call that may be made, with its stubs by window."""

    endpoint: str
    stubs: Mapping[str, TicketStub]


@frozen()
class FullWindow:
    """A window that is used up: the call may not be made before `until`. No endpoint: it counts those of all."""

    endpoint: str | None
    window: Window
    used: int
    allowed: int
    limit: int
    until: datetime


def allowed(limit: int, share: float) -> int:
    """The calls of a limit that a share of it allows: at least one, or nothing could ever be asked."""
    return min(limit, max(1, math.floor(round(limit * share, 6))))


def new_count(window: Window, now: datetime) -> WindowCount:
    """A window of which nothing is known yet but what the vendor publishes."""
    return WindowCount(window, window.limit, now)


def take(
    counts: Sequence[WindowCount], share: float, now: datetime
) -> tuple[list[WindowCount], WindowCount | None]:
    """WindowCount one call in all these windows, or in none if one of them is full: the one that opens last.

    What is returned is to be kept either way: a window may be full of calls without an answer as it opens.
    """
    found = [_opened(count, share, now) for count in counts]
    full = [each for each in found if each.left(share, now) == 0]
    if full:
        return found, max(full, key=lambda each: each.resets_at)
    return [replace(c, used=c.used + 1, taken=c.taken + 1, flying=c.flying + 1) for c in found], None


def stub(count: WindowCount) -> TicketStub:
    """What to remember of the call that was just counted."""
    return TicketStub(count.opening, count.taken, count.told)


def settle(count: WindowCount, call: TicketStub, told: WindowUsage | None, now: datetime) -> WindowCount:
    """The window once a call's answer is there; `told` is what it says, if anything."""
    same = call.opening == count.opening
    if same:
        count = replace(count, flying=max(0, count.flying - 1))
    if told is None or told.used < 0 or (told.limit is not None and told.limit <= 0):
        return count
    if count.limit is None or call.number >= count.told_by:
        count = replace(count, limit=told.limit, told_by=call.number)
    return _corrected(count, call, told, now) if same and told.used else count


def correct(
    counts: Iterable[WindowCount], ticket: Ticket, told: Iterable[WindowUsage], now: datetime
) -> list[WindowCount]:
    """The windows of a call once its answer is there."""
    said = {usage.window: usage for usage in told}
    return [
        settle(count, ticket.stubs[count.window.name], said.get(count.window.name), now)
        if count.window.name in ticket.stubs
        else count
        for count in counts
    ]


def _opened(count: WindowCount, share: float, now: datetime) -> WindowCount:
    """The window as a call at this time finds it: one that is over begins anew.

    Calls without an answer may be counted by the vendor only in the new one.
    """
    length = count.window.length
    if count.resets_at - now > length + min(length, _SKEW):
        return replace(count, resets_at=now + length)
    if count.is_open(now):
        return count
    used, told = count.flying, 0
    if count.window.rolling and count.limit is not None:
        used, told = min(count.used, allowed(count.limit, share) - 1), count.told
    return replace(count, used=used, told=told, opening=count.opening + 1, flying=0, resets_at=now + length)


def _corrected(count: WindowCount, call: TicketStub, told: WindowUsage, now: datetime) -> WindowCount:
    """The window by the word of a call that was counted in this opening of it."""
    end = now + count.window.length
    since = count.taken - call.number
    if call.told and told.used <= call.told:
        used = told.used + since + count.flying
        count = replace(count, used=used, opening=count.opening + 1, flying=0, told=0, resets_at=end)
    elif count.told == 0 or count.window.rolling:
        count = replace(count, used=max(count.used, told.used + since), resets_at=end)
    else:
        count = replace(count, used=max(count.used, told.used + since))
    if told.resets_at is not None and told.limit is not None and told.used >= told.limit:
        count = replace(count, resets_at=min(told.resets_at, end))
    return replace(count, told=max(count.told, told.used))
