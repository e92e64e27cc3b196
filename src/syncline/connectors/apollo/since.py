"""Finds what changed since the last read, in searches sorted by the last change, newest first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from syncline.connectors.apollo.client import Listing, Row
from syncline.connectors.apollo.position import Position, Running, Since
from syncline.connectors.apollo.rows import moment

MOST_KNOWN = 1_000
"""Digests kept in a cursor: rows beyond them are shown once more, which does no harm."""
MOST_DEALS = 10_000
"""The same for deals, which every round reads whole: half a megabyte in the cursor."""
KEPT_PAGES = 3

Digest = Callable[[Row], str]
Sifted = tuple[list[Row], bool]
"""The rows of a page that were not shown in this state, and whether all rows behind them are known."""


def sift_by_stamp(
    position: Position, running: Running, listing: Listing, digest: Digest, overlap: timedelta
) -> Sifted:
    """Contacts: all that is stamped since the newest stamp of the last read, less an overlap for late commits.

    The mark of the next read is the newest stamp of this read's first page, so what changes while the pages are
    turned is read next time. Rows in the overlap are known by their digest, unless a cursor has no more room.
    """
    since = position.since
    stamps = [moment(row.get("updated_at")) for row in listing.rows]
    if running.top is None:
        running.top = _shown(max((stamp for stamp in stamps if stamp), default=moment(since.mark)))
    top, bound = moment(running.top), _bound(since, overlap)
    fresh: list[Row] = []
    caught_up = False
    for row, stamp in zip(listing.rows, stamps, strict=True):
        if bound and stamp and stamp < bound:
            caught_up = True
            continue
        id_, told = str(row["id"]), digest(row)
        if told not in {since.known.get(id_), running.known.get(id_)}:
            fresh.append(row)
        if top and stamp and stamp >= top - overlap and len(running.known) < MOST_KNOWN:
            running.known[id_] = told
    return fresh, caught_up


def sift_by_run(
    position: Position, running: Running, listing: Listing, digest: Digest, per_page: int
) -> Sifted:
    """Accounts, which show no stamp: all rows before a run of known ones half a page long.

    What changed stands before what did not. A row that was known and changed is forgotten, lest it be taken for
    unchanged when it is changed back.
    """
    since = position.since
    fresh: list[Row] = []
    for row in listing.rows:
        id_, told = str(row["id"]), digest(row)
        if since.known.get(id_) == told:
            running.run += 1
        elif running.known.get(id_) != told:
            running.run = 0
            since.known.pop(id_, None)
            fresh.append(row)
        if id_ in running.known or len(running.known) < KEPT_PAGES * per_page:
            running.known[id_] = told
    return fresh, running.run >= max(2, per_page // 2)


def sift_all(position: Position, running: Running, listing: Listing, digest: Digest, most: int) -> Sifted:
    """Users and deals, which cannot be sorted: every page is read, known rows are left out."""
    fresh: list[Row] = []
    for row in listing.rows:
        id_, told = str(row["id"]), digest(row)
        if told not in {position.since.known.get(id_), running.known.get(id_)}:
            fresh.append(row)
        if id_ in running.known or len(running.known) < most:
            running.known[id_] = told
    return fresh, False


def finished(position: Position, running: Running, overlap: timedelta, *, keep: int | None) -> Position:
    """The position after a read. `keep` is how many rows stay known that this read did not come to.

    Where rows may have been missed, the mark stays where it was and the next read walks the same way again.
    """
    since, doubtful = position.since, running.walk.doubtful
    known = dict(running.known)
    if keep is not None or doubtful:
        older = {id_: told for id_, told in since.known.items() if id_ not in known}
        known |= dict(list(older.items())[: max(0, (keep or MOST_KNOWN) - len(known))])
    if doubtful or running.top in {None, since.mark}:
        floor = since.mark if not doubtful and _has_settled(since, running, overlap) else since.floor
        after = Since(since.mark, since.marked, floor, known, since.swept)
    else:
        after = Since(running.top, running.began, since.floor, known, since.swept)
    return Position(after, position.per_page)


def _bound(since: Since, overlap: timedelta) -> datetime | None:
    """The oldest stamp that has to be read again: from the overlap on, and above the floor."""
    mark, floor = moment(since.mark), moment(since.floor)
    bounds = [mark - overlap] if mark else []
    bounds += [floor + timedelta(microseconds=1)] if floor else []
    return max(bounds, default=None)


def _has_settled(since: Since, running: Running, overlap: timedelta) -> bool:
    """Whether the overlap had passed by our clock when these rows were read again; the clocks need not agree."""
    marked, began = moment(since.marked), moment(running.began)
    return marked is not None and began is not None and began - marked >= overlap


def _shown(stamp: datetime | None) -> str | None:
    return stamp.isoformat() if stamp else None
