"""Quiet period: after connecting, nothing is written until a person starts the sync, or a set time is over (C5)."""

from __future__ import annotations

from datetime import timedelta

from syncline.core.errors import QuietPeriodError
from syncline.engine.context import SyncContext
from syncline.store import beginnings


def may_run(context: SyncContext) -> None:
    """Refuse a run in the quiet period; without one the first run that is approved starts the sync."""
    if context.settings.quiet_period is not None:
        may_write(context, "run")


def may_write(context: SyncContext, what: str) -> None:
    """Refuse what would write or reach out before the sync was started; `QuietPeriodError`."""
    known = beginnings.prepare(context.name, context.now())
    until = known.quiet_until(context.settings.quiet_period)
    if known.started or (until is not None and until <= context.now()):
        return
    if until is None:
        raise QuietPeriodError(
            f"no {what} yet: the sync {context.name} is connected, and nobody has started it",
            hint="Start it with `syncline start`, or approve its first run. Until then `syncline plan` reads and shows "
            "what would be done, and the settings can be changed.",
        )
    raise QuietPeriodError(
        f"no {what} yet: the quiet period of the sync {context.name} lasts another {spelt(until - context.now())}, "
        f"until {until:%Y-%m-%d %H:%M} UTC"
    )


def spelt(time: timedelta) -> str:
    """A length of time in words, no finer than a person plans with."""
    seconds = int(time.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if number]
    return " ".join(parts[:2])
