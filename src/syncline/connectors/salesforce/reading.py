"""Reads what changed: pass after pass over the rows of an object type by (SystemModstamp, Id)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncline.connectors.base import Cursor, Page
from syncline.connectors.salesforce import query, retrieve, soql, stamps
from syncline.connectors.salesforce.client import SalesforceClient
from syncline.connectors.salesforce.columns import Columns
from syncline.connectors.salesforce.cursor import Progress
from syncline.connectors.salesforce.query import Batch, QueryRefusedError, Row
from syncline.connectors.salesforce.records import read_record, row_id
from syncline.core.errors import ProtocolError
from syncline.core.model import Record

WINDOW = 2_000
"""Rows of one query. The server may hand them out in several batches."""
_BLIND = timedelta(days=1)
"""How wrong our own clock may be where the server does not tell its time."""

Ask = Callable[[bool], Columns]
"""The columns to read; true asks the server anew for its fields."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a read is done: its columns, how far it goes back for late commits, rows per query, its beginning."""

    columns: Ask
    overlap: timedelta
    window: int
    started: datetime


class Reader:
    """One read of one object type, from a cursor to the end."""

    def __init__(
        self, client: SalesforceClient, object_type: str, manner: Manner, cursor: Cursor | None
    ) -> None:
        self._client = client
        self._type = object_type
        self._manner = manner
        self._columns = manner.columns(False)
        self._progress = Progress.read(cursor)
        if self._progress.finished:
            self._progress.begin_next(manner.overlap)
        self._more: str | None = None
        self._window_total = 0
        self._followed: set[str] = set()
        self._stamp_ids = {self._progress.last_id}

    def pages(self) -> Iterator[Page]:
        """The pages of the pass; its last one is `done`, and `complete` if the pass began at the beginning."""
        progress = self._progress
        if progress.full and progress.total is None:
            progress.total = self._count()
        while not progress.finished:
            batch = self._next_batch()
            if progress.horizon is None:
                progress.fix_horizon(*self._bounds_of_start())
            records = self._take(batch)
            progress.finished = self._is_last(batch)
            progress.trim()
            done = progress.finished
            yield Page(
                records, progress.cursor(), done, complete=done and progress.full, total=progress.total
            )

    def _count(self) -> int | None:
        """How many rows there are, for telling how far a read is; it can go on without."""
        try:
            return query.run(
                self._client, f"SELECT COUNT() FROM {soql.name(self._type)}", with_deleted=True
            ).total
        except QueryRefusedError:
            return None

    def _bounds_of_start(self) -> tuple[datetime, datetime]:
        told = self._client.server_time
        if told is None:
            return self._manner.started - _BLIND, self._manner.started
        return min(told, self._manner.started), max(told, self._manner.started)

    def _is_last(self, batch: Batch) -> bool:
        return batch.more is None and (self._window_total < self._manner.window or not batch.rows)

    def _next_batch(self) -> Batch:
        """The rest of the window while there is one, else the window behind the last row shown."""
        if self._more is not None:
            try:
                return self._noted(query.follow(self._client, self._more))
            except QueryRefusedError as error:
                # The server forgets where a query was when it likes; the position is ours, so nothing is lost.
                if error.problem.code != "INVALID_QUERY_LOCATOR":
                    raise
        batch = self._window()
        self._window_total = batch.total
        return self._noted(batch)

    def _noted(self, batch: Batch) -> Batch:
        if batch.more is not None and batch.more in self._followed:
            raise self._repeats()
        if batch.more is not None:
            self._followed.add(batch.more)
        self._more = batch.more
        return batch

    def _window(self) -> Batch:
        try:
            return query.run(self._client, self._query(), with_deleted=True)
        except QueryRefusedError as error:
            if error.problem.code != "INVALID_FIELD":
                raise
        self._columns = self._manner.columns(True)
        return query.run(self._client, self._query(), with_deleted=True)

    def _query(self) -> str:
        order = "SystemModstamp ASC, Id ASC"
        return soql.select(self._columns.listed, self._type, self._behind(), order, self._manner.window)

    def _behind(self) -> str:
        stamp, last_id = self._progress.stamp, self._progress.last_id
        if stamp is None:
            return ""
        edge = stamps.literal(stamp)
        if not last_id:
            return f"SystemModstamp >= {edge}"
        same = f"(SystemModstamp = {edge} AND Id > {soql.text(last_id)})"
        return f"(SystemModstamp > {edge} OR {same})"

    def _take(self, batch: Batch) -> list[Record]:
        """The records of a batch that were not shown before; the position moves behind its last row."""
        rows = retrieve.completed(self._client, self._type, batch.rows, self._columns)
        records = []
        for listed, row in zip(batch.rows, rows, strict=True):
            stamp = self._moved_to(listed)
            if self._progress.is_new(row, stamp, self._manner.overlap):
                records.append(read_record(self._type, row))
        return records

    def _moved_to(self, row: Row) -> datetime:
        """The stamp of a row that must lie behind all rows before it, or the server repeats itself."""
        remote_id, stamp = row_id(self._type, row), stamps.parse(row.get("SystemModstamp"))
        if stamp is None:
            raise ProtocolError(f"{self._type}/{remote_id} came without a sound SystemModstamp.")
        before = self._progress.stamp
        if before is not None and (stamp < before or (stamp == before and remote_id in self._stamp_ids)):
            raise self._repeats()
        if stamp != before:
            self._stamp_ids = set()
        self._stamp_ids.add(remote_id)
        self._progress.move_to(stamp, remote_id)
        return stamp

    def _repeats(self) -> ProtocolError:
        return ProtocolError(
            f"Salesforce gives the same page of {self._type} twice, or rows out of order.",
            object_type=self._type,
        )
