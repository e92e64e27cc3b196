"""Timings: how often something is done, as a length of time or as a cron expression, and its next slot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from syncline.config.values import duration, duration_text
from syncline.config.wording import shown
from syncline.core.errors import ConfigError
from syncline.core.frozen import frozen

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(days=366)
_FIELDS = 5
_LONGEST_TEXT = 100
_PLAIN = re.compile(r"[0-9*,/-]*(?:(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
                    r"[0-9*,/-]*)*", re.IGNORECASE)  # fmt: skip
_LEAP_YEARS = 9
"""29 February comes after at most eight years; what is not due by then is never due."""


class TimingError(ConfigError):
    """A time of a schedule, or its time zone, cannot be read."""

    hint = 'Write a time such as 30m, or a cron expression of five fields, such as "0 6 * * mon-fri".'


class NeverDueError(TimingError):
    """A cron expression names a day that never comes."""

    hint = "Name a day that the month has, such as 28 in February."


@frozen()
class Every:
    """Again and again after a length of time."""

    length: timedelta

    def __str__(self) -> str:
        return duration_text(self.length)

    def next_after(self, slot: datetime, now: datetime, _zone: tzinfo) -> datetime:
        """The first slot after now; slots lie this far apart, counted from one that was."""
        passed = max(0, (now - slot) // self.length)
        return slot + self.length * (passed + 1)

    def spacing(self, _slot: datetime, _zone: tzinfo) -> timedelta:
        return self.length


@frozen()
class Cron:
    """At the times of day, days and months that five fields name, by the clock on the wall."""

    fields: str

    def __str__(self) -> str:
        return self.fields

    def next_after(self, _slot: datetime, now: datetime, zone: tzinfo) -> datetime:
        """The first slot after now.

        When clocks go forward, a slot in the hour that is left out comes that much later; when they go back, one in
        the hour that comes twice is the first of the two.
        """
        # Just after clocks went forward, slots of the hour left out lie behind the wall clock and still ahead in time.
        offsets = {_offset(now, zone), _offset(now - timedelta(days=1), zone)}
        return min(
            self._first(now, now.astimezone(UTC).replace(tzinfo=None) + offset, zone) for offset in offsets
        )

    def spacing(self, slot: datetime, zone: tzinfo) -> timedelta:
        """How long the next slot is after this one."""
        return self.next_after(slot, slot, zone) - slot

    def _first(self, now: datetime, wall: datetime, zone: tzinfo) -> datetime:
        """The first slot after now, looked for from a time of the wall clock on."""
        return next(at for at in self._slots(wall, zone) if at > now)

    def _slots(self, wall: datetime, zone: tzinfo) -> Iterator[datetime]:
        from croniter import CroniterBadDateError  # noqa: PLC0415 - only who has such a schedule needs it

        found = _croniter(self.fields, wall)
        while True:
            try:
                at: datetime = found.get_next(datetime)
            except (CroniterBadDateError, OverflowError):
                raise NeverDueError(f"{shown(self.fields)} is never due") from None
            yield at.replace(tzinfo=zone, fold=0).astimezone(UTC)


Timing = Every | Cron


def timing(text: str) -> Timing:
    """A timing from text such as 30m or "0 6 * * mon-fri"; raises `TimingError`."""
    if len(text.split()) == _FIELDS and len(text) <= _LONGEST_TEXT:
        return _cron(" ".join(text.split()))
    try:
        length = duration(text)
    except PydanticCustomError:
        raise TimingError(
            f"{shown(text)} is neither a number with s, m, h or d behind it nor a cron expression of five fields"
        ) from None
    if not SHORTEST <= length <= LONGEST:
        raise TimingError(f"{shown(text)} is not between 1s and 366d")
    return Every(length)


def _cron(text: str) -> Cron:
    from croniter import CroniterError  # noqa: PLC0415 - only who has such a schedule needs it

    if not all(_PLAIN.fullmatch(field) for field in text.split()):
        raise TimingError(
            f"{shown(text)} is no cron expression: its fields hold numbers, names of days and months, and * , - /"
        )
    try:
        _croniter(text, datetime(2000, 1, 1))  # noqa: DTZ001 - times on a wall clock
    except (CroniterError, ValueError) as wrong:
        raise TimingError(f"{shown(text)} is no cron expression: {shown(wrong)}") from None
    found = Cron(text)
    found.next_after(datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC), UTC)
    return found


def _croniter(fields: str, start: datetime) -> Any:
    """The slots of a cron expression from a time on, by a library that ships no types."""
    from croniter import croniter  # noqa: PLC0415 - only who has such a schedule needs it

    return croniter(fields, start, ret_type=datetime, max_years_between_matches=_LEAP_YEARS)


def _offset(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def time_zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name; raises `TimingError`."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise TimingError(
            f"there is no time zone {shown(name)}", hint="Use an IANA name, such as Europe/Berlin or UTC."
        ) from None
