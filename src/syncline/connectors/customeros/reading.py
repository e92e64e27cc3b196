"""Reads what changed: ids in the order of creation, their details, then what was archived."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from syncline.connectors.base import Clock, Cursor, Page
from syncline.connectors.customeros.cursor import Progress
from syncline.connectors.customeros.objects import Row, id_of, moment
from syncline.connectors.customeros.organizations import Found, Organizations
from syncline.core.errors import ProtocolError

ServerTime = Callable[[], datetime | None]


class Reader:
    """One read of organisations.

    The way goes by the time of creation, since an edit moves the time of change and with it an organisation's
    place. What is edited behind the reader is shown by the next pass, which starts before this one began.
    """

    def __init__(
        self,
        source: Organizations,
        clock: Clock,
        fields: Sequence[str],
        server_time: ServerTime,
        *,
        page_size: int,
        overlap: timedelta,
    ) -> None:
        self._source = source
        self._clock = clock
        self._fields = fields
        self._server_time = server_time
        self._size = page_size
        self._overlap = overlap

    def pages(self, cursor: Cursor | None) -> Iterator[Page]:
        """The pages of the pass a cursor stands in, or of the next one when it is finished."""
        progress = Progress.read(cursor)
        if progress.finished:
            progress = progress.begin_next(self._overlap)
        done = False
        while not done:
            rows = self._archived(progress) if progress.listed else self._listed(progress)
            done = progress.finished
            records = self._source.records(rows, self._fields)
            complete = done and progress.full and progress.whole
            yield Page(records, progress.cursor(), done, complete, progress.total)

    def _listed(self, progress: Progress) -> list[Row]:
        """The next organisations by the time of their creation."""
        limit = self._size + len(progress.at_edge)
        started = self._clock.now()
        found = self._search(limit, progress)
        if progress.begin(started, self._server_time()):
            found = self._search(limit, progress)
        new = _unseen(found, progress)
        if not new and len(found.ids) == limit:
            raise _repeats()
        rows = self._source.details(new, self._fields)
        self._move(progress, rows, new)
        progress.shown += len(new)
        if progress.full and progress.total is None:
            progress.total = found.available + len(self._source.hidden(None))
        if self._is_last(found, limit, progress):
            progress.listed = True
            progress.whole = progress.whole and progress.shown >= found.available
            progress.finished = not self._source.hidden(progress.since)
        return rows

    def _is_last(self, found: Found, limit: int, progress: Progress) -> bool:
        """Whether nothing comes behind: a service may show fewer than it is asked for, so it is asked once more."""
        if len(found.ids) == limit:
            return False
        return not found.ids or not _unseen(self._search(len(progress.at_edge) + 1, progress), progress)

    def _search(self, limit: int, progress: Progress) -> Found:
        return self._source.search(limit, progress.since, progress.edge)

    def _move(self, progress: Progress, rows: Sequence[Row], ids: Sequence[str]) -> None:
        """The edge goes to the last creation that was shown; of what is gone meanwhile nobody knows the time."""
        before = [_created(progress.edge)] if progress.edge else []
        times = [*before, *(_created(row.get("createdAt")) for row in rows)]
        if any(later < earlier for earlier, later in pairwise(times)):
            raise _repeats()
        gone = sorted(set(ids) - {id_of(row) for row in rows})
        if not rows:
            progress.at_edge = [*progress.at_edge, *gone]
            return
        there = [id_of(row) for row in rows if _created(row.get("createdAt")) == times[-1]]
        kept = progress.at_edge if before == [times[-1]] else []
        progress.edge, progress.at_edge = str(rows[-1].get("createdAt")), [*kept, *there, *gone]

    def _archived(self, progress: Progress) -> list[Row]:
        """The next archived organisations by id: they are alive, and no listing shows them."""
        hidden = self._source.hidden(progress.since)
        rest = hidden[bisect.bisect_right(hidden, progress.hidden) :]
        chosen = rest[: self._size]
        progress.hidden = chosen[-1] if chosen else progress.hidden
        progress.finished = len(chosen) == len(rest)
        return self._source.details(chosen, self._fields)


def _unseen(found: Found, progress: Progress) -> list[str]:
    """The ids of a search that the pass has not shown."""
    seen = set(progress.at_edge)
    return [id_ for id_ in found.ids if id_ not in seen]


def _created(text: object) -> datetime:
    read = moment(text)
    if read is None:
        raise ProtocolError("CustomerOS shows an organisation without the time of its creation.")
    return read


def _repeats() -> ProtocolError:
    return ProtocolError("CustomerOS gives the same page of organisations twice, or out of order.")
