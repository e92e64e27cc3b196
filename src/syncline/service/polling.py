"""Polling: how often the left side may be looked at without spending the budget on it (rule U1)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta

from syncline.config import Document, SyncSettings
from syncline.config.timing import Every, Timing
from syncline.core.budget import allowed
from syncline.core.frozen import frozen
from syncline.core.model import Side
from syncline.engine.parts import Part, all_parts
from syncline.store import budgets

SHARE = 0.5
"""The part of what a connection may spend that looking for changes may take; the rest is for what is found."""


@frozen()
class PollWindow:
    """A vendor's window, and how many calls of an endpoint, or of all without one, may be spent in it on polling."""

    endpoint: str | None
    length: timedelta
    calls: float


@frozen()
class Pace:
    """How often a part is really read, and why that is less often than the settings say."""

    timing: Timing
    why: str = ""


def polls_allowed(document: Document, connection: str) -> list[PollWindow]:
    """What may be spent on polling a connection, as far as the vendor has told its windows."""
    share = document.connections[connection].budget.share
    return [
        PollWindow(endpoint, count.window.length, SHARE * allowed(count.limit, share))
        for endpoint, count in budgets.counts(connection)
        if count.limit is not None
    ]


def paces(
    settings: SyncSettings, costs: Mapping[Part, Mapping[str, float]], found: Sequence[PollWindow]
) -> dict[Part, Pace]:
    """How often each part is read. Lengths of time on the left are stretched together until they fit."""
    said = {part: settings.schedule.of(*part) for part in all_parts(settings)}
    polled = {
        part: timing for part, timing in said.items() if part[0] is Side.LEFT and isinstance(timing, Every)
    }
    stretch, why = _stretch(polled, costs, found)
    return {
        part: Pace(_stretched(polled[part], stretch), why) if why and part in polled else Pace(timing)
        for part, timing in said.items()
    }


def _stretch(
    polled: Mapping[Part, Every],
    costs: Mapping[Part, Mapping[str, float]],
    found: Sequence[PollWindow],
) -> tuple[float, str]:
    """How many times longer than said they have to be, and by which window."""
    most, why = 1.0, ""
    for window in found:
        spent = sum(
            _calls(costs.get(part, {}), window) * (window.length / said.length)
            for part, said in polled.items()
        )
        if spent > most * max(window.calls, 1.0):
            most = spent / max(window.calls, 1.0)
            why = (
                f"looking as often as the settings say would take {math.ceil(spent)} calls of "
                f"{window.endpoint or 'all endpoints'} in {Every(window.length)}, and {math.floor(window.calls)} are "
                "for that"
            )
    return most, why


def _calls(cost: Mapping[str, float], window: PollWindow) -> float:
    return sum(cost.values()) if window.endpoint is None else cost.get(window.endpoint, 0.0)


def _stretched(timing: Every, stretch: float) -> Every:
    return Every(timedelta(seconds=math.ceil(timing.length.total_seconds() * stretch)))
