"""One read of one object type, from a cursor to the end of what is to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from syncline.connectors.apollo import since
from syncline.connectors.apollo.client import ApolloClient, Listing, Row
from syncline.connectors.apollo.full import DISPLAY_LIMIT, FullReader
from syncline.connectors.apollo.objects import ACCOUNT, BATCH, OPPORTUNITY, ObjectType
from syncline.connectors.apollo.position import FullRead, Position, Running, Since
from syncline.connectors.apollo.rows import RowReader, moment
from syncline.connectors.apollo.walk import Walk
from syncline.connectors.base import Clock, Cursor, Page
from syncline.core.model import Record


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How much is read at once, how far back each read of contacts goes, how often accounts and deals are read whole.

    `details` asks for each new or changed account by itself where a mapped field is shown only so.
    """

    per_page: int = BATCH
    overlap: timedelta = timedelta(minutes=5)
    sweep_every: timedelta = timedelta(hours=24)
    deals_every: timedelta = timedelta(hours=1)
    details: bool = True
    display_limit: int = DISPLAY_LIMIT


class Reader:
    """Yields the pages of a read.

    Contacts are read by their time of change. Accounts show none: a change that does not move them to the front
    of Apollo's sort, such as new data about the company behind them, is seen by the next full read, which
    `sweep_every` brings about. Deals show none either and are always read whole, no more often than `deals_every`;
    in between, nothing is asked and nothing is shown. Deletions are seen by no read: Apollo tells of them only when
    asked for an id.
    """

    def __init__(
        self,
        client: ApolloClient,
        clock: Clock,
        object_type: ObjectType,
        rows: RowReader,
        stages: Sequence[str],
        options: ReadOptions,
        fields: Sequence[str],
    ) -> None:
        self._client = client
        self._clock = clock
        self._type = object_type
        self._rows = rows
        self._options = options
        self._fields = fields
        self._full = FullReader(self._ask_created, stages, options.per_page, options.display_limit)

    def pages(self, cursor: Cursor | None) -> Iterator[Page]:
        position = Position.read(cursor, self._options.per_page)
        if position is None:
            position = self._begin(sweep=False)
        elif self._is_resting(position):
            return iter([Page((), position.cursor(), done=True)])
        elif position.full is None and position.running is None and self._is_sweep_due(position):
            position = self._begin(sweep=True)
        return self._full_pages(position) if position.full else self._changed_pages(position)

    def _begin(self, *, sweep: bool) -> Position:
        """A new full read. What the next read of changes starts from is taken before it, not after."""
        if self._type.unsorted:
            running = Running(Walk(tied=True), self._now(), complete=True)
            return self._position(Since(), running=running)
        anchor = Since(marked=self._now(), swept=self._now())
        pages = since.KEPT_PAGES if self._type is ACCOUNT else 1
        for page in range(1, pages + 1):
            listing = self._ask_updated(page)
            if page == 1:
                stamps = [moment(row.get("updated_at")) for row in listing.rows]
                newest = max((stamp for stamp in stamps if stamp), default=None)
                anchor.mark = newest.isoformat() if newest else None
            anchor.known |= {str(row["id"]): self._rows.digest(row) for row in listing.rows}
            if listing.total <= page * self._options.per_page:
                break
        return self._position(anchor, full=FullRead(Walk(), sweep=sweep))

    def _position(
        self, known: Since, *, full: FullRead | None = None, running: Running | None = None
    ) -> Position:
        return Position(known, self._options.per_page, full, running)

    def _is_sweep_due(self, position: Position) -> bool:
        if self._type is not ACCOUNT:
            return False
        swept = moment(position.since.swept)
        return swept is None or self._clock.now() - swept >= self._options.sweep_every

    def _is_resting(self, position: Position) -> bool:
        """Whether all of an unsorted type was read so lately that it is not read again yet."""
        if self._type is not OPPORTUNITY or position.running is not None:
            return False
        swept = moment(position.since.swept)
        return swept is not None and self._clock.now() - swept < self._options.deals_every

    def _full_pages(self, position: Position) -> Iterator[Page]:
        done = False
        while not done and position.full is not None:
            full = position.full
            listing, done = self._full.step(full)
            for row in listing.rows:
                if row["id"] in position.since.known:
                    position.since.known[row["id"]] = self._rows.digest(row)
            position = self._position(position.since) if done else position
            records = self._records(listing.rows, details=not full.sweep)
            complete = done and full.proven
            yield Page(records, position.cursor(), done, complete, full.whole or listing.total)

    def _changed_pages(self, position: Position) -> Iterator[Page]:
        running = position.running or Running(Walk(), self._now())
        done = False
        while not done:
            listing = running.walk.advance(self._ask, self._options.per_page, self._last_page())
            stepped_back = running.walk.page <= listing.page
            if stepped_back:
                running.run = 0
            fresh, caught_up = self._sift(position, running, listing)
            if self._is_out_of_reach(running, listing) and not caught_up:
                known = Since(running.top, running.began, None, running.known, self._now())
                position = self._position(known, full=FullRead(Walk()))
                yield Page(self._records(fresh, details=True), position.cursor())
                yield from self._full_pages(position)
                return
            done = running.walk.ended or (caught_up and not stepped_back)
            position = self._moved_on(position, running, done=done)
            complete = done and running.complete and self._is_proven(running, listing)
            total = listing.total if running.complete else None
            yield Page(self._records(fresh, details=True), position.cursor(), done, complete, total)

    def _is_proven(self, running: Running, listing: Listing) -> bool:
        """Whether every record was surely read. Nothing orders deals: as many different ones as there are prove it."""
        counted = self._type is not OPPORTUNITY or len(running.known) >= min(listing.total, since.MOST_DEALS)
        return running.walk.proven and counted

    def _is_out_of_reach(self, running: Running, listing: Listing) -> bool:
        """Whether more has changed than a search shows, so that only a full read finds the rest."""
        shown = self._last_page() * self._options.per_page
        return not self._type.unsorted and running.walk.ended and listing.total > shown

    def _moved_on(self, position: Position, running: Running, *, done: bool) -> Position:
        if not done:
            return self._position(position.since, running=running)
        keep = since.KEPT_PAGES * self._options.per_page if self._type is ACCOUNT else None
        after = since.finished(position, running, self._options.overlap, keep=keep)
        if self._type.unsorted:
            after.since.swept = running.began
        return after

    def _sift(self, position: Position, running: Running, listing: Listing) -> since.Sifted:
        digest = self._rows.digest
        if self._type.unsorted:
            most = since.MOST_DEALS if self._type is OPPORTUNITY else since.MOST_KNOWN
            return since.sift_all(position, running, listing, digest, most)
        if self._type is ACCOUNT:
            return since.sift_by_run(position, running, listing, digest, self._options.per_page)
        return since.sift_by_stamp(position, running, listing, digest, self._options.overlap)

    def _records(self, rows: Sequence[Row], *, details: bool) -> list[Record]:
        if details and self._options.details and self._type.details & set(self._fields):
            return [self._detailed(row) for row in rows]
        return [self._rows.record(row, self._fields) for row in rows]

    def _detailed(self, row: Row) -> Record:
        """A record read by itself; as it was listed if it is gone by now."""
        shown = self._client.show(self._type.plural, self._type.name, str(row["id"]))
        if shown.row is None:
            return self._rows.record(row, self._fields)
        return self._rows.record(shown.row, self._fields, full=True)

    def _now(self) -> str:
        return self._clock.now().isoformat()

    def _last_page(self) -> int:
        return max(1, self._options.display_limit // self._options.per_page)

    def _ask(self, page: int) -> Listing:
        if self._type.unsorted:
            return self._client.listing(self._type.plural, page, self._options.per_page)
        return self._ask_updated(page)

    def _ask_updated(self, page: int) -> Listing:
        body = {"sort_by_field": f"{self._type.name}_updated_at", "sort_ascending": False}
        return self._client.search(self._type.plural, page, self._options.per_page, body)

    def _ask_created(self, stage: str | None, oldest_first: bool, page: int) -> Listing:
        name = self._type.name
        body: dict[str, object] = {
            "sort_by_field": f"{name}_created_at",
            "sort_ascending": oldest_first,
        }
        if stage is not None:
            body[f"{name}_stage_ids"] = [stage]
        return self._client.search(self._type.plural, page, self._options.per_page, body)
