"""Date literals such as LAST_N_DAYS:7, as half-open ranges of days in the time zone of the user, GMT."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

Range = tuple[date, date]

_DAY = timedelta(days=1)


def range_of(word: str, today: date) -> Range | None:
    """First day and the day after the last, or None for a word that is no date literal."""
    name, _, count = word.upper().partition(":")
    if count:
        counted = _COUNTED.get(name)
        return counted(today, int(count)) if counted else None
    plain = _PLAIN.get(name)
    return plain(today) if plain else None


def _days(today: date, first: int, length: int) -> Range:
    start = today + timedelta(days=first)
    return start, start + timedelta(days=length)


def _week(today: date, away: int) -> Range:
    # Weeks start on Sunday in the locale of the user, en_US.
    sunday = today - timedelta(days=(today.weekday() + 1) % 7)
    start = sunday + timedelta(weeks=away)
    return start, start + timedelta(weeks=1)


def _first_of_month(today: date, away: int) -> date:
    months = today.year * 12 + today.month - 1 + away
    return date(months // 12, months % 12 + 1, 1)


def _months(today: date, first: int, length: int) -> Range:
    return _first_of_month(today, first), _first_of_month(today, first + length)


def _quarter(today: date, away: int) -> Range:
    return _months(today, 3 * away - (today.month - 1) % 3, 3)


def _years(today: date, first: int, length: int) -> Range:
    return date(today.year + first, 1, 1), date(today.year + first + length, 1, 1)


_PLAIN: dict[str, Callable[[date], Range]] = {
    "TODAY": lambda today: _days(today, 0, 1),
    "YESTERDAY": lambda today: _days(today, -1, 1),
    "TOMORROW": lambda today: _days(today, 1, 1),
    "LAST_90_DAYS": lambda today: _days(today, -90, 91),
    "NEXT_90_DAYS": lambda today: _days(today, 1, 90),
    "THIS_WEEK": lambda today: _week(today, 0),
    "LAST_WEEK": lambda today: _week(today, -1),
    "NEXT_WEEK": lambda today: _week(today, 1),
    "THIS_MONTH": lambda today: _months(today, 0, 1),
    "LAST_MONTH": lambda today: _months(today, -1, 1),
    "NEXT_MONTH": lambda today: _months(today, 1, 1),
    "THIS_QUARTER": lambda today: _quarter(today, 0),
    "LAST_QUARTER": lambda today: _quarter(today, -1),
    "NEXT_QUARTER": lambda today: _quarter(today, 1),
    "THIS_YEAR": lambda today: _years(today, 0, 1),
    "LAST_YEAR": lambda today: _years(today, -1, 1),
    "NEXT_YEAR": lambda today: _years(today, 1, 1),
}

_COUNTED: dict[str, Callable[[date, int], Range]] = {
    "LAST_N_DAYS": lambda today, n: _days(today, -n, n + 1),
    "NEXT_N_DAYS": lambda today, n: _days(today, 1, n),
    "N_DAYS_AGO": lambda today, n: _days(today, -n, 1),
    "LAST_N_WEEKS": lambda today, n: (_week(today, -n)[0], _week(today, 0)[0]),
    "NEXT_N_WEEKS": lambda today, n: (_week(today, 1)[0], _week(today, n + 1)[0]),
    "LAST_N_MONTHS": lambda today, n: _months(today, -n, n),
    "NEXT_N_MONTHS": lambda today, n: _months(today, 1, n),
    "LAST_N_YEARS": lambda today, n: _years(today, -n, n),
    "NEXT_N_YEARS": lambda today, n: _years(today, 1, n),
}
