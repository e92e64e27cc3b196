"""Where a read of organisations stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from syncline.connectors.base import Cursor
from syncline.connectors.customeros.objects import moment, stamp

FORMAT = 1
_EXACT = 5.0
"""Seconds by which two looks at a clock differ anyway: it tells whole ones, and an answer takes its time."""


@dataclass
class Progress:
    """One pass over what changed since `since`, everything without it, in the order of creation.

    `edge` is the time of creation the pass has come to, as the service writes it, and `at_edge` the ids it showed
    there. `hidden` is the last archived id that was shown; they come after the others, by id. `began` is the
    earlier one of our time and the service's when the pass began: less the overlap, the next one starts there.
    `ahead` is by how many seconds the service's clock was ahead of ours.
    """

    full: bool = True
    finished: bool = False
    since: str | None = None
    edge: str | None = None
    at_edge: list[str] = field(default_factory=list)
    listed: bool = False
    hidden: str = ""
    began: str | None = None
    ahead: float | None = None
    shown: int = 0
    total: int | None = None
    whole: bool = True

    @classmethod
    def read(cls, cursor: Cursor | None) -> Self:
        """The progress a cursor tells; one of another format begins anew, which loses nothing."""
        if cursor is None or cursor.get("format") != FORMAT:
            return cls()
        known = {name: cursor[name] for name in cls.__dataclass_fields__ if name in cursor}
        return cls(**known)

    def cursor(self) -> Cursor:
        """What to store to go on from here, as plain JSON."""
        told: dict[str, Any] = {"format": FORMAT, **vars(self)}
        return {**told, "at_edge": list(self.at_edge)}

    def begin_next(self, overlap: timedelta) -> Progress:
        """The pass behind a finished one."""
        began = moment(self.began)
        since = stamp(began - overlap) if began else None
        return Progress(full=False, since=since, ahead=self.ahead)

    def begin(self, ours: datetime, theirs: datetime | None) -> bool:
        """Note when the pass began, by the clock that is behind; whether it has to begin earlier than it did.

        Where the service's clock was put back, what came since bears stamps that are earlier by as much.
        """
        if self.began is not None:
            return False
        self.began = stamp(min(ours, theirs) if theirs else ours)
        before, self.ahead = self.ahead, (theirs - ours).total_seconds() if theirs else None
        since = moment(self.since)
        if since is None or before is None or self.ahead is None or self.ahead >= before - _EXACT:
            return False
        self.since = stamp(since - timedelta(seconds=before - self.ahead))
        return True
