"""When something is tried again that may heal by itself: ever longer pauses (rule E2).

A refused write is left to a person in the end; a sync that could not begin is tried again for ever.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from syncline.core.model import ErrorClass

HEALING = frozenset({ErrorClass.TRANSIENT, ErrorClass.QUOTA, ErrorClass.LOCK})
"""The classes that a later try may heal without anybody's doing."""
MOST_TRIES = 5
_FIRST_PAUSE = timedelta(minutes=5)
_GROWTH = 3
_SPREAD = 0.25
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)


def next_try(tries: int, now: datetime, token: str) -> datetime | None:
    """When to try again after so many tries in vain; None when a person has to ask for the next one.

    The second try comes with the next run. The later pauses differ by up to a quarter from one `token` to the
    next, so that records which were refused together do not all come back together.
    """
    if tries >= MOST_TRIES:
        return None
    if tries <= 1:
        return now
    return now + _grown(_FIRST_PAUSE, tries - 2, f"{token}:{tries}")


def next_run(tries: int, now: datetime, token: str) -> datetime:
    """When a sync begins again after so many runs in vain: after a minute at first, after an hour at most."""
    steps = min(max(tries, 1), MOST_TRIES) - 1
    return now + min(_grown(_FIRST_WAIT, steps, f"{token}:{tries}"), _LONGEST_WAIT)


def _grown(pause: timedelta, steps: int, token: str) -> timedelta:
    return pause * (float(_GROWTH**steps) * (1 + _SPREAD * _share(token)))


def _share(token: str) -> float:
    """A number from 0 to 1 that is always the same for a token."""
    digest = hashlib.sha256(token.encode(errors="replace")).digest()
    return int.from_bytes(digest[:4], "big") / 2**32
