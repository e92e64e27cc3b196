"""Rows with their stamps: what is committed, what listings show of it, and what is still on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from syncline.core.model import Fate, Raw


@dataclass(frozen=True, slots=True)
class Row:
    """One record; `stamp` is the number of the write that made this state of it."""

    object_type: str
    id: str
    values: Mapping[str, Raw]
    stamp: int
    created_at: datetime
    changed_at: datetime
    deleted: bool = False
    fate: Fate | None = None


@dataclass
class _Pending:
    """A row that waits: to be committed, or only to be shown in listings."""

    row: Row
    commits: bool
    reads_left: int | None
    due: datetime


class Rows:
    """All rows of a system, of every type. Listings read `listed`; reads by id read `committed`.

    Nothing waits for longer than `overlap` further stamps, so that a reader who goes back that far misses
    nothing.
    """

    def __init__(self, overlap: int) -> None:
        self.overlap = overlap
        self.stamp = 0
        self.committed: dict[tuple[str, str], Row] = {}
        self.listed: dict[tuple[str, str], Row] = {}
        self._pending: list[_Pending] = []

    def next_stamp(self) -> int:
        self.stamp += 1
        for waiting in [p for p in self._pending if p.row.stamp <= self.stamp - self.overlap]:
            self._land(waiting)
        return self.stamp

    def get(self, object_type: str, id_: str) -> Row | None:
        return self.committed.get((object_type, id_))

    def of_type(self, object_type: str) -> list[Row]:
        """The committed rows of one type, deleted ones included, oldest id first."""
        return sorted((r for r in self.committed.values() if r.object_type == object_type), key=_by_id)

    def listing(self, object_type: str) -> list[Row]:
        """The rows of one type as listings show them, deleted ones included, oldest id first."""
        return sorted((r for r in self.listed.values() if r.object_type == object_type), key=_by_id)

    def commit(self, row: Row) -> None:
        """Make a row true; `show` tells the listings."""
        self.committed[row.object_type, row.id] = row

    def show(self, row: Row) -> None:
        """Put a row into listings, unless they are ahead of it."""
        shown = self.listed.get((row.object_type, row.id))
        if shown is None or shown.stamp <= row.stamp:
            self.listed[row.object_type, row.id] = row

    def delay(self, row: Row, *, commits: bool, reads: int | None, due: datetime) -> None:
        """Commit or show a row only after some reads (None: never by reads) and not before a time."""
        self._pending.append(_Pending(row, commits, reads, due))

    def count_read(self, now: datetime) -> None:
        """A listing was asked for: what has waited long enough lands."""
        for waiting in list(self._pending):
            if waiting.reads_left == 0 and now >= waiting.due:
                self._land(waiting)
            elif waiting.reads_left:
                waiting.reads_left -= 1

    def commit_pending(self, object_type: str, id_: str) -> None:
        """A second writer waits for the first: commit what is on its way to this record."""
        for waiting in list(self._pending):
            if waiting.commits and (waiting.row.object_type, waiting.row.id) == (object_type, id_):
                self._land(waiting)

    def forget(self, object_type: str, id_: str) -> None:
        """A row is nowhere any more."""
        self.commit_pending(object_type, id_)
        self._pending = [p for p in self._pending if (p.row.object_type, p.row.id) != (object_type, id_)]
        self.committed.pop((object_type, id_), None)
        self.listed.pop((object_type, id_), None)

    def settle(self) -> None:
        """Land everything now."""
        for waiting in list(self._pending):
            self._land(waiting)

    def restamped(self, row: Row, now: datetime, values: Mapping[str, Raw], *, deleted: bool) -> Row:
        """The next state of a row."""
        return replace(
            row, values=values, stamp=self.next_stamp(), changed_at=now, deleted=deleted, fate=None
        )

    def _land(self, waiting: _Pending) -> None:
        self._pending.remove(waiting)
        if waiting.commits:
            self.commit(waiting.row)
        self.show(waiting.row)


def _by_id(row: Row) -> str:
    return row.id
