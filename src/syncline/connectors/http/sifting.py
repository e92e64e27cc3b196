"""Finds the records for which a system refuses a whole call, so that their neighbours are written (rule E3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

MOST_CALLS = 40
"""Calls that may be spent on one batch."""
TOO_LARGE = frozenset({413, 414, 431})
"""The statuses by which a call is refused for its size: a half of it may be taken."""

_Item = TypeVar("_Item")


def sift(
    items: Sequence[_Item], send: Callable[[Sequence[_Item]], Sequence[_Item]], most_calls: int = MOST_CALLS
) -> list[_Item]:
    """Send items together, and in ever smaller parts where one of them makes the system refuse all of a call.

    `send` makes one call, keeps what was answered, and returns what has to go again: nothing, some of the items
    when others were blamed by name, or all when nobody tells which is guilty; these are halved. One item alone
    is answered whatever comes. For k guilty of n it takes about 2 k log2(n) calls. Answers the items for which no
    calls were left.
    """
    waiting = [list(items)] if items else []
    for _ in range(most_calls):
        if not waiting:
            return []
        part = waiting.pop()
        rest = list(send(part))
        if len(rest) < len(part):
            waiting += [rest] if rest else []
        elif len(part) > 1:
            middle = (len(part) + 1) // 2
            waiting += [part[middle:], part[:middle]]
    return [each for part in reversed(waiting) for each in part]
