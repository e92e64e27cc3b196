"""Due: when the next slot of a schedule comes, whatever became of the last ones, of the settings and of the clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from syncline.config.timing import Every, Timing
from syncline.core.frozen import frozen

GRACE = timedelta(minutes=10)
"""A slot counts as missed when it was not taken within this time, or within two intervals if that is longer."""


@frozen()
class Due:
    """The slot that comes next, or is there; `slot_at` is the one that was taken last."""

    timing: str
    slot_at: datetime | None
    due_at: datetime
    late_at: datetime
    missed: int = 0


@frozen()
class Rhythm:
    """A timing in a time zone."""

    timing: Timing
    zone: tzinfo

    def __str__(self) -> str:
        return f"{self.timing} {self.zone}" if not isinstance(self.timing, Every) else str(self.timing)

    def first(self, now: datetime) -> Due:
        """The first slot of all: at once for a length of time, since nobody has looked for as long as that."""
        return self._due(None, now if isinstance(self.timing, Every) else self._after(now, now))

    def kept(self, due: Due, now: datetime) -> Due:
        """The same as before; as it has to be where settings changed, or the clock went back."""
        if due.slot_at is not None and due.slot_at > now:
            return replace(self._due(now, self._after(now, now)), missed=due.missed)
        if due.slot_at is None and due.due_at > now:
            return replace(self.first(now), missed=due.missed)
        if due.timing == str(self):
            return due
        if due.slot_at is None:
            return replace(self.first(now), missed=due.missed)
        at = self._after(due.slot_at, due.slot_at if isinstance(self.timing, Every) else now)
        return replace(self._due(due.slot_at, at), missed=due.missed)

    def taken(self, due: Due, now: datetime) -> Due:
        """What comes after a slot that is begun now. All slots that have passed count as one."""
        passed = (now - due.due_at) // self.timing.length if isinstance(self.timing, Every) else 0
        slot = due.due_at + self.timing.length * passed if isinstance(self.timing, Every) else now
        return replace(self._due(slot, self._after(slot, now)), missed=due.missed + (now >= due.late_at))

    def _after(self, slot: datetime, now: datetime) -> datetime:
        return self.timing.next_after(slot, now, self.zone)

    def _due(self, slot_at: datetime | None, at: datetime) -> Due:
        return Due(str(self), slot_at, at, at + max(GRACE, 2 * self.timing.spacing(at, self.zone)))
