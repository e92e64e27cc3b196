"""Settling: a record that was changed a moment ago waits, because more changes may follow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncline.core.model import Record

RULE = "settling"


@dataclass(frozen=True)
class Settling:
    """How long a record has to be left alone before it is carried over, and how long it waits at most."""

    wait: timedelta = timedelta(0)
    at_most: timedelta = timedelta(hours=1)


def settles_at(
    settling: Settling, record: Record, fields: Iterable[str], since: datetime | None
) -> datetime | None:
    """When a record has settled; nothing where its time of change is not known.

    Only changes of these fields count. One that never changed since it was first seen counts by the time its
    system tells, which re-evaluations move too: then by when it was first seen waiting (`since`), if it was.
    """
    times = [record.times[name].by for name in fields if name in record.times]
    changed = max(times, default=None)
    if changed is None:
        changed = min(filter(None, (record.changed_at, since)), default=None)
    if changed is None:
        return None
    ready = changed + settling.wait
    return min(ready, since + settling.at_most) if since else ready


def why(at: datetime) -> str:
    """The reason of a record that waits."""
    return f"it was changed a moment ago and waits until {at.isoformat(timespec='seconds')}"
