"""Budgets as people see them: how far windows are used, what remains for an hour, and what a plan costs (C6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from syncline.config import Document
from syncline.config.budget import Budget
from syncline.core.budget import WindowCount, Work, allowed
from syncline.core.forecast import WindowAllowance, least_time
from syncline.store import budgets

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def shown(document: Document, connections: Collection[str], now: datetime) -> dict[str, Any]:
    """What is known of the budget of each connection, as JSON; nobody is called."""
    calls = budgets.calls_of_last_day(connections, now)
    return {
        name: {
            "calls_24h": calls[name],
            "share": document.connections[name].budget.share,
            "reserve": document.connections[name].budget.reserve,
            "windows": [
                _window(endpoint, count, document.connections[name].budget, now)
                for endpoint, count in budgets.counts(name)
                if count.limit is not None
            ],
        }
        for name in connections
    }


def _window(endpoint: str | None, count: WindowCount, budget: Budget, now: datetime) -> dict[str, Any]:
    """`ours` is the share, `left` what is left of it for work by hand, `left_for_runs` for all other work."""
    open_ = count.is_open(now)
    limit = count.limit or 0
    return {
        "endpoint": endpoint,
        "window": count.window.name,
        "used": count.used if open_ else 0,
        "limit": limit,
        "ours": allowed(limit, budget.part(Work.BY_HAND)),
        "left": count.left(budget.part(Work.BY_HAND), now),
        "left_for_runs": count.left(budget.part(Work.RUN), now),
        "opens_at": count.resets_at if open_ else None,
    }


def calls_in_the_next_hour(
    document: Document, connection: str, now: datetime, endpoint: str | None = None
) -> int | None:
    """The calls that work by itself may still make within an hour, to an endpoint or to the most used one.

    None where no answer has told a limit yet. `endpoint` is as calls are counted, such as "POST /contacts/search".
    """
    part = document.connections[connection].budget.part(Work.RUN)
    found = [
        _within_an_hour(count, part, now)
        for where, count in budgets.counts(connection)
        if count.limit is not None and (endpoint is None or where in {None, endpoint})
    ]
    return min(found, default=None)


def _within_an_hour(count: WindowCount, part: float, now: datetime) -> int:
    left, ours = count.left(part, now) or 0, allowed(count.limit or 0, part)
    length = _DAY if count.window.rolling else count.window.length
    rest = (
        max(count.resets_at - now, timedelta(0))
        if count.is_open(now) and not count.window.rolling
        else length
    )
    if rest > _HOUR:
        return int(left * (_HOUR / rest))
    return left + int(ours * ((_HOUR - rest) / length))


def forecast(
    document: Document, calls: Mapping[str, Sequence[int]], now: datetime
) -> dict[str, dict[str, Any]]:
    """How long these calls take at least under the budget of each connection, and whether they fit into its day.

    `calls` are by connection, of one sort of write each. Without a time nobody knows the limits yet.
    """
    return {
        name: _forecast(document.connections[name].budget, name, each, now) for name, each in calls.items()
    }


def _forecast(budget: Budget, connection: str, calls: Sequence[int], now: datetime) -> dict[str, Any]:
    part = budget.part(Work.RUN)
    known = [(where, count) for where, count in budgets.counts(connection) if count.limit is not None]
    shared = [count for where, count in known if where is None]
    own = _usual([count for where, count in known if where is not None])
    times = [least_time(n, _allowances(own, part)) for n in calls]
    times.append(least_time(sum(calls), _allowances(shared, part)))
    days = [count for count in (*own, *shared) if _length(count) >= _DAY]
    fits = all(
        (sum(calls) if count.window.shared else max(calls, default=0)) <= _left(count, part, now)
        for count in days
    )
    return {
        "calls": sum(calls),
        "least_seconds": max(times).total_seconds() if known else None,
        "fits_today": fits if days else None,
    }


def _left(count: WindowCount, part: float, now: datetime) -> int:
    """What a day has left; of an endpoint's own day all of it, for which endpoint a write calls is not known here."""
    return (count.left(part, now) or 0) if count.window.shared else allowed(count.limit or 0, part)


def _usual(counts: Iterable[WindowCount]) -> list[WindowCount]:
    """One window of each length: that of the endpoint with the smallest limit."""
    found: dict[str, WindowCount] = {}
    for count in sorted(counts, key=lambda each: -(each.limit or 0)):
        found[count.window.name] = count
    return list(found.values())


def _allowances(counts: Iterable[WindowCount], part: float) -> list[WindowAllowance]:
    return [WindowAllowance(_length(count), allowed(count.limit or 0, part)) for count in counts]


def _length(count: WindowCount) -> timedelta:
    return _DAY if count.window.rolling else count.window.length
