"""Forecast: how long a number of calls takes at least, in the windows that a vendor counts them in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from syncline.core.frozen import frozen


@frozen()
class WindowAllowance:
    """So many calls in each window of that length."""

    length: timedelta
    calls: int


def least_time(calls: int, allowances: Iterable[WindowAllowance]) -> timedelta:
    """The time from the first to the last of these calls when nothing but the windows holds them up."""
    time, left = timedelta(0), calls
    for each in reversed(_attainable(allowances)):
        spent = max(0, left - 1) // each.calls
        time += spent * each.length
        left -= spent * each.calls
    return time


def _attainable(allowances: Iterable[WindowAllowance]) -> list[WindowAllowance]:
    """The allowances from the shortest window on, none above what the shorter ones let through in its time."""
    found: list[WindowAllowance] = []
    for each in sorted(allowances, key=lambda a: a.length):
        inner = [a.calls * max(1, each.length // a.length) for a in found]
        found.append(WindowAllowance(each.length, min([each.calls, *inner])))
    return found
