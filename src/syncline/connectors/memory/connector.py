"""The reference connector: every promise of `connectors.base`, kept in the plainest way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from syncline.connectors.base import (
    Capabilities,
    Change,
    CheckReport,
    Connector,
    Cursor,
    Draft,
    Page,
    Token,
    TokenStore,
)
from syncline.connectors.held_back import held_back
from syncline.connectors.memory.faults import WireError
from syncline.connectors.memory.rows import Row
from syncline.connectors.memory.system import KEY, MemorySystem, match_keys
from syncline.core.errors import (
    AccessError,
    AuthError,
    ProtocolError,
    RateLimitedError,
    RemoteError,
    UnavailableError,
)
from syncline.core.model import ErrorClass, Failure, Kind, Outcome, OutcomeStatus, Raw, Record
from syncline.core.schema import ObjectSchema

T = TypeVar("T")

ATTEMPTS = 3
LONGEST_WAIT = 60.0
_REPEAT_PAGE = frozenset({"repeat_page"})


class MemoryConnector(Connector):
    """One account of a `MemorySystem`. Full reads go by id; later reads by the stamps of writes."""

    system = "memory"

    def __init__(self, remote: MemorySystem, *, key: str = KEY, tokens: TokenStore | None = None) -> None:
        self.remote = remote
        self._key = key
        self._tokens = tokens
        self._token = tokens.load() if tokens else None
        self._schemas: dict[str, ObjectSchema] = {}
        self._calls: Counter[str] = Counter()

    def check(self) -> CheckReport:
        types = tuple(self._call("check", None, lambda: list(self.remote.types)))
        return CheckReport("memory", "somebody@memory.test", granted=types, readable=types, writable=types)

    def object_types(self) -> Mapping[str, Kind]:
        return {name: schema.kind for name, schema in self.remote.types.items()}

    def capabilities(self, object_type: str) -> Capabilities:
        quirks, size = self.remote.quirks, self.remote.batch_size
        return Capabilities(
            create_batch=size,
            update_batch=size,
            batch_fetch=size,
            finds=frozenset(match_keys(self.describe(object_type))),
            listing_lag=quirks.stale_for if quirks.admits_lag else timedelta(0),
            sees_deletions=quirks.sees_deletions,
            tells_fates=quirks.sees_deletions and quirks.tells_fates,
            deletions_by_id=0 if quirks.sees_deletions else quirks.deletions_by_id,
            sweep_every=quirks.sweep_every,
            merged_ids=quirks.merged_ids,
            time_of_change=quirks.times,
            conditional_update=quirks.conditional and quirks.versions == "counter",
            deletes=quirks.deletes,
        )

    def describe(self, object_type: str) -> ObjectSchema:
        if object_type not in self._schemas:
            if object_type not in self.remote.types:
                raise AccessError(f"the system has no {object_type}", object_type=object_type)
            schema = self._call("describe", object_type, lambda: self.remote.types[object_type])
            self._schemas[object_type] = schema
        return self._schemas[object_type]

    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        self.describe(object_type)
        if cursor is None:
            cursor = {"after": "", "start": self.remote.rows.stamp}
        while True:
            page = (self._full_page if "after" in cursor else self._changed_page)(object_type, cursor, fields)
            if page.cursor == cursor and not page.done:
                raise ProtocolError(f"{object_type}: the same page came twice", object_type=object_type)
            yield page
            if page.done:
                return
            cursor = page.cursor

    def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        found: list[Record] = []
        for batch in _batches(list(dict.fromkeys(_canonical(i) for i in ids)), self.remote.batch_size):
            found += self._call("fetch", object_type, partial(self._fetched, object_type, batch, fields))
        return found

    def find(self, object_type: str, key: str, values: Sequence[str], fields: Sequence[str]) -> list[Record]:
        if key not in self.capabilities(object_type).finds:
            raise ValueError(f"{object_type} records cannot be found by {key}")
        found: list[Record] = []
        for batch in _batches([v.strip().casefold() for v in values if v.strip()], self.remote.batch_size):
            rows = self._call("find", object_type, partial(self.remote.lookup, object_type, key, set(batch)))
            found += [self.remote.shown(row, fields) for row in rows]
        return found

    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        batches = _batches(list(drafts), self.remote.batch_size)

        def send(batch: Sequence[Draft]) -> list[Outcome]:
            return [self.remote.insert(object_type, draft.values) for draft in batch]

        return self._written("create", object_type, batches, send)

    def update(self, object_type: str, changes: Sequence[Change]) -> list[Outcome]:
        """One call for each batch; a change of a field that is not batched is a call of its own."""
        alone = self._not_batched(object_type)
        single = [not alone.isdisjoint(change.values) for change in changes]
        many = [i for i, apart in enumerate(single) if not apart]
        batches = _batches(many, self.remote.batch_size) + [[i] for i, apart in enumerate(single) if apart]

        def send(batch: Sequence[int]) -> list[Outcome]:
            return [self._modified(object_type, changes[i]) for i in batch]

        answers = self._written("update", object_type, batches, send)
        order = [i for batch in batches for i in batch]
        return [outcome for _, outcome in sorted(zip(order, answers, strict=True), key=lambda pair: pair[0])]

    def delete(self, object_type: str, ids: Sequence[str]) -> list[Outcome]:
        if not self.remote.quirks.deletes:
            return super().delete(object_type, ids)
        batches = _batches([_canonical(i) for i in ids], self.remote.batch_size)

        def send(batch: Sequence[str]) -> list[Outcome]:
            return [self.remote.discard(object_type, id_) for id_ in batch]

        return self._written("delete", object_type, batches, send)

    def stored_as(self, object_type: str, name: str, value: Raw) -> Raw:
        return self.remote.stored_value(object_type, name, value) if self.remote.quirks.explains else value

    def calls_for_update(self, object_type: str, changes: Sequence[frozenset[str]]) -> int:
        alone = self._not_batched(object_type)
        batched = sum(1 for names in changes if alone.isdisjoint(names))
        return len(changes) - batched - (-batched // self.remote.batch_size)

    def calls_made(self) -> Mapping[str, int]:
        return dict(self._calls)

    # Reading

    def _full_page(self, object_type: str, cursor: Cursor, fields: Sequence[str]) -> Page:
        after, start = str(cursor["after"]), int(cursor["start"])
        size = self.remote.page_size
        rows = [row for row in self._listing(object_type) if not row.deleted]
        behind = [row for row in rows if row.id > after]
        if self.remote.faults.next(_REPEAT_PAGE, "read", object_type):
            behind = rows
        records = [self.remote.shown(row, fields) for row in behind[:size]]
        if len(behind) > size:
            return Page(records, {"after": behind[size - 1].id, "start": start}, total=len(rows))
        provable = self.remote.quirks.stale_reads == 0 and not self.remote.quirks.stale_for
        return Page(records, {"since": start, "shown": {}}, done=True, complete=provable, total=len(rows))

    def _changed_page(self, object_type: str, cursor: Cursor, fields: Sequence[str]) -> Page:
        """What was stamped since, and again what lies in the overlap unless that very state was shown."""
        since, shown = int(cursor["since"]), dict(cursor["shown"])
        edge = since - self.remote.overlap
        rows = [r for r in self._listing(object_type) if r.stamp > edge and shown.get(r.id) != r.stamp]
        if self.remote.quirks.sees_deletions is False:
            rows = [row for row in rows if not row.deleted]
        behind = sorted(rows, key=lambda row: row.stamp)
        chosen = behind[: self.remote.page_size]
        if not self.remote.faults.next(_REPEAT_PAGE, "read", object_type):
            since = max([since, *(row.stamp for row in chosen)])
            shown |= {row.id: row.stamp for row in chosen}
        shown = {id_: stamp for id_, stamp in shown.items() if stamp > since - self.remote.overlap}
        records = [self.remote.shown(row, fields) for row in chosen]
        return Page(records, {"since": since, "shown": shown}, done=len(behind) <= len(chosen))

    def _listing(self, object_type: str) -> list[Row]:
        return self._call("read", object_type, lambda: self.remote.listing(object_type))

    def _fetched(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        rows = [self.remote.rows.get(object_type, id_) for id_ in ids]
        quirks = self.remote.quirks
        tells = quirks.sees_deletions or quirks.deletions_by_id > 0
        visible = [r for r in rows if r and (tells or not r.deleted)]
        return [self.remote.shown(row, fields) for row in visible]

    # Writing

    def _written(
        self,
        verb: str,
        object_type: str,
        batches: Sequence[Sequence[T]],
        send: Callable[[Sequence[T]], list[Outcome]],
    ) -> list[Outcome]:
        """The outcomes of all batches. What stops the connection is raised as long as nothing was written."""
        outcomes: list[Outcome] = []
        for number, batch in enumerate(batches):
            try:
                outcomes += self._call(verb, object_type, partial(send, batch), repeatable=False)
            except (RemoteError, ProtocolError) as error:
                if _may_be_done(error):
                    lost = Failure(ErrorClass.TRANSIENT, error.code, error.message)
                    outcomes += [Outcome(OutcomeStatus.UNKNOWN, failure=lost)] * len(batch)
                    continue
                if not outcomes:
                    raise
                rest = sum(len(later) for later in batches[number:])
                return outcomes + [Outcome(OutcomeStatus.REJECTED, failure=held_back(error))] * rest
        return outcomes

    def _modified(self, object_type: str, change: Change) -> Outcome:
        return self.remote.modify(object_type, _canonical(change.remote_id), change.values, change.version)

    def _not_batched(self, object_type: str) -> frozenset[str]:
        return frozenset(f.name for f in self.describe(object_type).fields.values() if not f.batched)

    # The wire

    def _call(
        self, verb: str, object_type: str | None, act: Callable[[], T], *, repeatable: bool = True
    ) -> T:
        """One call; reads are tried again, waits are bounded, a token is renewed once."""
        renewed, attempt = False, 0
        while True:
            attempt += 1
            self._calls[f"{verb} {object_type}" if object_type else verb] += 1
            try:
                return self.remote.call(self._access(), verb, object_type, act)
            except WireError as error:
                if error.status == 401 and not renewed:
                    renewed, self._token = True, None
                    continue
                if error.kind == "read_only":
                    raise UnavailableError(f"the system is only read, no {verb}", sent=False) from error
                last = attempt >= ATTEMPTS or not (repeatable or error.status == 429)
                self._wait_or_raise(error, verb, attempt, last=last)

    def _access(self) -> str:
        if self._token is None:
            try:
                self._token = Token(self.remote.login(self._key))
            except WireError as error:
                raise AuthError("the system does not accept the key") from error
            if self._tokens:
                self._tokens.save(self._token)
        return self._token.access_token

    def _wait_or_raise(self, error: WireError, verb: str, attempt: int, *, last: bool) -> None:
        if error.status == 401:
            raise AuthError("the system does not accept the token it gave") from error
        if error.status == 403:
            raise AccessError(f"the key may not {verb}") from error
        wait = error.retry_after if error.retry_after is not None else float(2**attempt)
        if error.status == 429 and (last or wait > LONGEST_WAIT):
            retry_at = self.remote.clock.now() + timedelta(seconds=wait)
            raise RateLimitedError(f"too many calls of {verb}", retry_at=retry_at) from error
        if last and error.kind in {"html", "truncate"}:
            raise ProtocolError(f"the answer to {verb} is not what the system publishes") from error
        if last:
            raise UnavailableError(f"no answer to {verb}: {error}", sent=True) from error
        self.remote.clock.sleep(wait)


def _may_be_done(error: RemoteError | ProtocolError) -> bool:
    """Whether a call that ended so may have been carried out."""
    return isinstance(error, ProtocolError) or (isinstance(error, UnavailableError) and error.sent)


def _canonical(id_: str) -> str:
    """Ids are in lower case, however they come in."""
    return id_.strip().lower()


def _batches(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    rest = iter(items)
    return list(iter(lambda: list(islice(rest, size)), []))
