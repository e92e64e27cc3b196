"""The contract that every connector keeps: what an author of a connector has to read.

TERMS
  object type   the system's own name of a set of records: "contact", "Account".
  record        `core.model.Record`: values flattened to one level and named as `describe` names them.
  page          some records and the cursor behind them; the engine stores both in one transaction.
  cursor        a JSON object only the connector understands: where the next read starts.
  draft, change the values to create a record with, or to change on one.

PROMISES (each is one test of `syncline.testing.contract`)
  Reading   every record that exists when a full read begins is on one of its pages, at least once; every read
            yields at least one page, and only its last is `done`; the cursor of any page may be stored and used
            later, also by another process; a read from the last cursor yields what changed since, late commits,
            equal stamps, lagging listings and a wrong clock of the system included; an unchanged set yields no
            page with records that were not shown before, nor any again, apart from the declared `overlap`;
            nothing is sorted or filtered silently; a page that repeats for ever ends in `ProtocolError`; fields
            that change and places that the system forgets between two pages hide no record.
  Values    a field that was not read is absent from `values`; a placeholder is in `withheld`; text arrives as
            the system shows it; times are aware and in UTC; ids are text in the system's canonical form; what a
            record type leaves of a picklist is among the options of its description.
  Writing   one `Outcome` per draft or change, in order; a refused record never stops its neighbours; a field
            that is not named stays untouched; an empty value clears; what a write answers is what the system
            shows after it; a create never changes a record that exists; a request whose answer did not come
            yields `unknown` for its records, with the reason as a failure, and a create is not sent again; where
            only the look after a write failed, it is `applied` or `unknown`, never `rejected`; a system that says
            it carried nothing out, as in maintenance, makes nothing `unknown`.
  Endings   each delete of a batch has an outcome of its own, and a second one is `applied` or `gone`; where deletions
            are seen, those of our own are too, and by id; where fates are told, a merged or converted record is
            `deleted` with its `fate`, in the changes and by id, and no full read shows it as alive or without its
            fate; a restored record lives, and has none.
  Errors    only what concerns the whole connection is raised, as `core.errors` names it, and by a write only
            before anything was written: later the rest of the batch comes back `rejected` with a class that heals
            by itself; a token is renewed once on 401; waits for a rate limit are bounded, and the error after
            them says when to come back; no secret is in any message.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from syncline.core.model import Kind, Outcome, Raw, Record
from syncline.core.schema import ObjectSchema

Cursor = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """What a read left out, or took otherwise than it stands there: a stable code, where it is, and why."""

    code: str
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some records and where the next read starts once they are stored.

    `done` marks the last page of a read. `complete` on the last page of a full read says that the set was
    provably read whole; without it nothing may be concluded from a record's absence. `total` is the number
    of records of the whole read, where the system tells. `notes` tell of single records that could not be
    read; they come again with every read until somebody mends them.
    """

    records: Sequence[Record]
    cursor: Cursor
    done: bool = False
    complete: bool = False
    total: int | None = None
    notes: Sequence[Note] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to create; `key` is ours and comes back in no call."""

    key: str
    values: Mapping[str, Raw]


@dataclass(frozen=True, slots=True)
class Change:
    """A record to change. `version` is the one the decision was made on, for conditional writes."""

    remote_id: str
    values: Mapping[str, Raw]
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a connector can do, so that the engine and the contract never assume it.

    `create_batch` and `update_batch` are records per call, 0 where nothing is ever written. `batch_fetch`: records
    per call of `fetch`, 0 where the system reads only one by one. `finds` lists the match keys `find` can ask the
    system for. `listing_lag`: how long a record may stay out of listings after it was written. `overlap`: how far
    back a read goes for what came late; records changed in it may be shown once more. `shared`: the fields of which
    one update call sets one value for all its records, so that records go together that get the same one; and
    `create_shared` of which one create call does.
    `sees_deletions`: whether `changes` yields deleted records; `tells_fates`: whether these name the records they went
    on as (`Record.fate`). `time_of_change`: whether records carry `changed_at`.
    Where `fetch` alone tells who was deleted, everything is listed each `sweep_every`, and known records that are on
    no page are asked for by id, at most `deletions_by_id` a run; 0 where that tells nothing. `merged_ids` names the
    field in which the survivor of a merge lists the ids that the other system knows its losers by.
    """

    create_batch: int = 1
    update_batch: int = 1
    batch_fetch: int = 0
    finds: frozenset[str] = frozenset()
    listing_lag: timedelta = timedelta(0)
    overlap: timedelta = timedelta(0)
    shared: tuple[str, ...] = ()
    create_shared: tuple[str, ...] = ()
    sees_deletions: bool = False
    tells_fates: bool = False
    deletions_by_id: int = 0
    sweep_every: timedelta = timedelta(0)
    merged_ids: str | None = None
    time_of_change: bool = True
    conditional_update: bool = False
    deletes: bool = False
    notes: Mapping[str, str] = field(default_factory=dict)
    """Rules of the product this system cannot satisfy, in plain words by rule number."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What `check` found: who we are there, and what is missing (rule C3)."""

    account: str
    user: str
    granted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, when it stops being good where that is known, and what brings the next one."""

    access_token: str = field(repr=False)
    instance_url: str | None = None
    expires_at: datetime | None = None
    refresh_token: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ()


class TokenStore(Protocol):
    """Where a connector keeps its token between calls; the product decides how it is protected."""

    def load(self) -> Token | None: ...

    def save(self, token: Token) -> None: ...

    def alone(self) -> AbstractContextManager[None]:
        """While it lasts, nobody else renews the token of this connection, in no process."""
        ...

    def give_up(self, reason: str) -> None:
        """The token can never be renewed again: from now on `load` raises `ReconnectError`."""
        ...


class Clock(Protocol):
    """The time, passed in so that tests can move it."""

    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None: ...


class Connector(ABC):
    """One account of one system. Synchronous; one instance is used by one thread at a time."""

    system: str

    @abstractmethod
    def check(self) -> CheckReport:
        """Who are we there, and may we do what the product needs? Raises `AuthError`."""

    @abstractmethod
    def object_types(self) -> Mapping[str, Kind]:
        """The object types this connector reads, with their kinds; users are among them."""

    @abstractmethod
    def capabilities(self, object_type: str) -> Capabilities:
        """What can be done with records of that type."""

    @abstractmethod
    def describe(self, object_type: str) -> ObjectSchema:
        """The fields of an object type as this connection may see and write them; asked of the system once."""

    def options_by_record_type(self, object_type: str) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """What each record type of the description leaves of each picklist, asked once, and only where it matters."""
        return {}

    @abstractmethod
    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        """Pages of records changed since the cursor; all records without one. `fields` names what is mapped."""

    @abstractmethod
    def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """The present state of records by id. A record that is gone comes back with `deleted`, or not at all
        where the system cannot tell a deleted record from one that never was."""

    @abstractmethod
    def find(self, object_type: str, key: str, values: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """Records by a match key of `Capabilities.finds`, asked of the system."""

    @abstractmethod
    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        """Create records in as few calls as the system allows."""

    @abstractmethod
    def update(self, object_type: str, changes: Sequence[Change]) -> list[Outcome]:
        """Change records in as few calls as the system allows."""

    def delete(self, object_type: str, ids: Sequence[str]) -> list[Outcome]:
        """Delete records; only where `Capabilities.deletes`."""
        raise TypeError(f"{self.system} cannot delete {object_type} records")

    def stored_as(self, object_type: str, name: str, value: Raw) -> Raw:
        """What the system makes of a value when it stores it: trimmed, cut, lower-cased, rounded."""
        return value

    def calls_for_update(self, object_type: str, changes: Sequence[frozenset[str]]) -> int:
        """How many calls an update of records with these sets of fields costs."""
        size = max(1, self.capabilities(object_type).update_batch)
        return -(-len(changes) // size)

    def calls_for_create(self, object_type: str, drafts: Sequence[frozenset[str]]) -> int:
        """About how many calls it costs to create records with these sets of fields."""
        size = max(1, self.capabilities(object_type).create_batch)
        return -(-len(drafts) // size)

    def calls_made(self) -> Mapping[str, int]:
        """Calls since this instance was made, by method and endpoint."""
        return {}

    def close(self) -> None:
        """Let go of sockets; the instance is not used after it."""
