"""The remote state of the reference connector: a system other people work in, with bad manners on demand."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from syncline.connectors.base import Clock
from syncline.connectors.memory.endings import REFERENCES, Endings, Values
from syncline.connectors.memory.faults import SPOIL_ANSWERS, Fault, Faults, WireError
from syncline.connectors.memory.rows import Row, Rows
from syncline.connectors.memory.schema import memory_schema
from syncline.connectors.memory.storage import complaint, is_blank, stored
from syncline.core.model import ErrorClass, Failure, Outcome, OutcomeStatus, Raw, Record, Ref
from syncline.core.schema import Field, FieldType, ObjectSchema

T = TypeVar("T")

KEY = "memory-key-1"


@dataclass
class Quirks:
    """Bad manners, to be switched at any time; the defaults are good ones.

    `stale_reads`: a change is missing from listings for that many further reads (None: until `settle`), and
    at least for `stale_for`, which the system owns up to if it `admits_lag`. `late_commits`: the same for what
    people write, which then appears everywhere with the stamp it began with. `versions` is counter, none, or
    restless (another one at every look).
    `formats`: values are trimmed, lower-cased and put into shape; `cuts`: what is too long is cut, not
    refused; `explains`: `stored_as` tells of both. `duplicates`: what a create does that meets a record with
    the same match key: allow, existing or refuse. `refusal_rate`: share of writes refused at random.
    `deletes`: whether records can be deleted; `sees_deletions`: whether deleted ones are shown, and with
    `tells_fates` in which records merged and converted ones went on.
    `deletions_by_id`: a read by id shows who was deleted although `sees_deletions` is off; this and what follows
    it is what the connector declares of itself.
    """

    stale_reads: int | None = 0
    stale_for: timedelta = timedelta(0)
    admits_lag: bool = True
    late_commits: int | None = 0
    versions: str = "counter"
    times: bool = True
    formats: bool = False
    cuts: bool = False
    explains: bool = True
    duplicates: str = "allow"
    refusal_rate: float = 0.0
    deletes: bool = True
    sees_deletions: bool = True
    tells_fates: bool = True
    deletions_by_id: int = 0
    sweep_every: timedelta = timedelta(0)
    merged_ids: str | None = None
    conditional: bool = False
    finds_in_listing: bool = False


@dataclass(frozen=True)
class Automation:
    """A rule of the system's owner that rewrites fields after a write: at once, or before the next read."""

    object_type: str
    rewrite: Callable[[Values], Values]
    later: bool = False


@dataclass
class MemorySystem(Endings):
    """Object types, their records, and a counter of writes. Nothing in it happens by chance: see `seed`."""

    clock: Clock
    schemas: Iterable[ObjectSchema] = field(default_factory=memory_schema)
    seed: int = 0
    quirks: Quirks = field(default_factory=Quirks)
    page_size: int = 100
    batch_size: int = 10
    overlap: int = 20
    skew: timedelta = timedelta(0)
    """How far the system's own clock is ahead of the true one: its stamps are wrong by that."""
    automations: list[Automation] = field(default_factory=list)
    unreadable: dict[str, set[str]] = field(default_factory=dict)
    """Fields of an object type that never come along: they are missing."""

    def __post_init__(self) -> None:
        self.types = {schema.object_type: schema for schema in self.schemas}
        self.rows = Rows(self.overlap)
        self.faults = Faults()
        self.keys = {KEY}
        self._tokens: set[str] = set()
        self._issued = 0
        self._withheld: dict[tuple[str, str], set[str]] = {}
        self._random = random.Random(self.seed)  # noqa: S311 - repeatable on purpose, nothing secret
        self._looks = 0
        self._last_id = 0
        self._later: list[tuple[Automation, str]] = []

    # What people do behind the connector's back: no rights, no checks, and reformatting as for everybody.

    def put(self, object_type: str, values: Values, *, raw: bool = False) -> str:
        """A person makes a record; `raw` keeps the values as they are typed. Answers the id."""
        kept = dict(values) if raw else self._stored(object_type, values)
        return self._insert(object_type, kept, person=True).id

    def edit(self, object_type: str, id_: str, values: Values, *, raw: bool = False) -> None:
        """A person changes a record; with no values it is only touched: its stamp moves."""
        if row := self._own(object_type, id_):
            kept = dict(values) if raw else self._stored(object_type, values)
            self._replace(row, {**row.values, **kept}, person=True)

    def withhold(self, object_type: str, id_: str, *names: str) -> None:
        """Hide fields of one record behind a placeholder; without names, nothing is hidden any more."""
        self._withheld[object_type, id_] = set(names)

    def fault(self, kind: str, **where: object) -> Fault:
        """Switch a misbehaviour of the wire on; see `Fault`."""
        return self.faults.add(Fault(kind, **where))  # type: ignore[arg-type]

    def settle(self) -> None:
        """Everything late or stale arrives, and automations that wait have run."""
        self._automate_later()
        self.rows.settle()

    def values(self, object_type: str, id_: str) -> Values | None:
        """The truth about a record, whatever listings show; nothing if it is gone."""
        row = self.rows.get(object_type, id_)
        return None if row is None or row.deleted else dict(row.values)

    def all(self, object_type: str) -> dict[str, Values]:
        """The truth about every record of a type, by id."""
        return {r.id: dict(r.values) for r in self.rows.of_type(object_type) if not r.deleted}

    def change_schema(self, schema: ObjectSchema) -> None:
        """The system's owner changes an object type; connectors made later see it."""
        self.types[schema.object_type] = schema

    def expire_tokens(self) -> None:
        self._tokens.clear()

    # What the connector may do: each of these is one call.

    def login(self, key: str) -> str:
        """A token for a key that is good."""
        if key not in self.keys:
            raise WireError("status", 401)
        self._issued += 1
        token = f"memory-token-{self._issued}"
        self._tokens.add(token)
        return token

    def call(self, token: str, verb: str, object_type: str | None, act: Callable[[], T]) -> T:
        """Carry out one call, or misbehave as told."""
        if token not in self._tokens:
            raise WireError("status", 401)
        self.faults.end_storms(self.clock.now())
        fault = self.faults.next(SPOIL_ANSWERS, verb, object_type)
        if fault is None:
            return act()
        if fault.after_commit:
            act()
        raise fault.strikes(self.clock.now())

    def listing(self, object_type: str) -> list[Row]:
        """The rows as listings show them now."""
        self._automate_later()
        self.rows.count_read(self.clock.now())
        return self.rows.listing(object_type)

    def lookup(self, object_type: str, key: str, wanted: set[str]) -> list[Row]:
        """The rows with one of these values, whatever the case."""
        rows = self.listing if self.quirks.finds_in_listing else self.rows.of_type
        return [r for r in rows(object_type) if not r.deleted and _folded(r.values.get(key)) in wanted]

    def insert(self, object_type: str, values: Values) -> Outcome:
        """Create one record for the connector."""
        kept = {n: v for n, v in self._stored(object_type, values).items() if not is_blank(v)}
        failure = self._refusal(object_type, values, creating=True)
        twin = self._twin(object_type, kept)
        if failure is None and twin and self.quirks.duplicates != "allow":
            if self.quirks.duplicates == "existing":
                return Outcome(OutcomeStatus.EXISTING, self.shown(twin))
            ref = Ref(object_type, twin.id)
            failure = Failure(ErrorClass.DUPLICATE, "DUPLICATE", f"{ref} is the same", existing=ref)
        if failure:
            return Outcome(OutcomeStatus.REJECTED, failure=failure)
        return Outcome(OutcomeStatus.APPLIED, self.shown(self._insert(object_type, kept)))

    def modify(self, object_type: str, id_: str, values: Values, version: str | None) -> Outcome:
        """Change one record for the connector."""
        self.rows.commit_pending(object_type, id_)
        row = self.rows.get(object_type, id_)
        if row is None or row.deleted:
            return _gone(object_type, id_)
        conditional = self.quirks.conditional and self.quirks.versions == "counter"
        if conditional and version not in {None, self._version(row)}:
            moved = Failure(
                ErrorClass.LOCK, "CHANGED_MEANWHILE", f"{object_type}/{id_} was changed meanwhile"
            )
            return Outcome(OutcomeStatus.REJECTED, failure=moved)
        failure = self._refusal(object_type, values, creating=False)
        if failure:
            return Outcome(OutcomeStatus.REJECTED, failure=failure)
        kept = self._stored(object_type, values)
        return Outcome(OutcomeStatus.APPLIED, self.shown(self._replace(row, {**row.values, **kept})))

    def discard(self, object_type: str, id_: str) -> Outcome:
        """Delete one record for the connector."""
        self.rows.commit_pending(object_type, id_)
        row = self.rows.get(object_type, id_)
        if row is None or row.deleted:
            return _gone(object_type, id_)
        if failure := self._whim("delete", object_type, row.values):
            return Outcome(OutcomeStatus.REJECTED, failure=failure)
        return Outcome(OutcomeStatus.APPLIED, self.shown(self._delete(row)))

    def shown(self, row: Row, fields: Iterable[str] | None = None) -> Record:
        """A row as a reader of some fields (None: all of them) gets it."""
        ref = Ref(row.object_type, row.id)
        created = row.created_at if self.quirks.times else None
        changed = row.changed_at if self.quirks.times else None
        if row.deleted:
            fate = row.fate if self.quirks.tells_fates else None
            return Record(ref, {}, frozenset(), self._version(row), created, changed, deleted=True, fate=fate)
        schema = self.types[row.object_type].fields
        names = set(schema) if fields is None else set(schema) & set(fields)
        names -= self.unreadable.get(row.object_type, set())
        withheld = frozenset(names & self._withheld.get((row.object_type, row.id), set()))
        values = {n: _copied(row.values.get(n)) for n in sorted(names - withheld)}
        return Record(ref, values, withheld, self._version(row), created, changed)

    def stored_value(self, object_type: str, name: str, value: Raw) -> Raw:
        """What is kept of a value of that field."""
        found = self.types[object_type].fields.get(name)
        if found is None:
            return value
        return stored(found, value, formats=self.quirks.formats, cuts=self.quirks.cuts)

    # How it is done.

    def _now(self) -> datetime:
        return self.clock.now() + self.skew

    def _stored(self, object_type: str, values: Values) -> dict[str, Raw]:
        return {name: self.stored_value(object_type, name, value) for name, value in values.items()}

    def _insert(self, object_type: str, values: Values, *, person: bool = False) -> Row:
        self._last_id += 1
        now = self._now()
        kept = self._automated(object_type, values)
        row = Row(object_type, f"{object_type[0]}{self._last_id:06}", kept, self.rows.next_stamp(), now, now)
        return self._write(row, person=person)

    def _replace(self, row: Row, values: Values, *, person: bool = False) -> Row:
        kept = self._automated(row.object_type, values)
        return self._write(self.rows.restamped(row, self._now(), kept, deleted=False), person=person)

    def _write(self, row: Row, *, person: bool) -> Row:
        self._later += [(a, row.id) for a in self._automations(row.object_type, later=True)]
        if person and self.quirks.late_commits != 0:
            self.rows.delay(row, commits=True, reads=self.quirks.late_commits, due=self.clock.now())
            return row
        self.rows.commit(row)
        if self.quirks.stale_reads != 0 or self.quirks.stale_for:
            due = self.clock.now() + self.quirks.stale_for
            self.rows.delay(row, commits=False, reads=self.quirks.stale_reads, due=due)
        else:
            self.rows.show(row)
        return row

    def _automations(self, object_type: str, *, later: bool) -> list[Automation]:
        return [a for a in self.automations if a.object_type == object_type and a.later is later]

    def _automated(self, object_type: str, values: Values) -> Values:
        for automation in self._automations(object_type, later=False):
            values = {**values, **automation.rewrite(values)}
        return values

    def _automate_later(self) -> None:
        waiting, self._later = self._later, []
        for automation, id_ in waiting:
            self.rows.commit_pending(automation.object_type, id_)
            row = self.rows.committed[automation.object_type, id_]
            values = {**row.values, **automation.rewrite(row.values)}
            if not row.deleted and values != row.values:
                self._replace(row, values)
        self._later = []  # what an automation wrote starts no automation

    def _whim(self, verb: str, object_type: str, values: Values) -> Failure | None:
        """A refusal that has nothing to do with the values as such."""
        if rule := self.faults.next(frozenset({"refuse"}), verb, object_type, values):
            return rule.failure or Failure(ErrorClass.VALIDATION, "REFUSED", "a rule of the owner forbids it")
        if self.quirks.refusal_rate and self._random.random() < self.quirks.refusal_rate:
            return Failure(ErrorClass.TRANSIENT, "BUSY", "try again")
        return None

    def _refusal(self, object_type: str, values: Values, *, creating: bool) -> Failure | None:
        if whim := self._whim("create" if creating else "update", object_type, values):
            return whim
        schema = self.types[object_type]
        needed = {f.name: None for f in schema.fields.values() if creating and f.required}
        for name, value in {**needed, **values}.items():
            found = self._complaint(schema.fields.get(name), value, creating=creating)
            if found:
                return Failure(ErrorClass.VALIDATION, found[0], f"{name}: {found[1]}", (name,))
        return None

    def _complaint(self, found: Field | None, value: Raw, *, creating: bool) -> tuple[str, str] | None:
        if found is None:
            return "NO_SUCH_FIELD", "there is no such field"
        if not (found.creatable if creating else found.updatable):
            return "READ_ONLY", f"{found.label} cannot be written"
        if found.type in REFERENCES and not is_blank(value):
            known = [self.values(target, str(value)) for target in found.refers_to]
            if not any(known):
                return "NO_SUCH_RECORD", f"{found.label} points at nothing"
            if found.type is FieldType.OWNER and not any(v and v.get("active") is not False for v in known):
                return "INACTIVE_OWNER", f"{found.label} is a user who is not active"
        return complaint(found, value, cuts=self.quirks.cuts)

    def _twin(self, object_type: str, values: Values) -> Row | None:
        for key in match_keys(self.types[object_type]):
            wanted = _folded(values.get(key))
            for row in self.rows.of_type(object_type):
                if wanted and not row.deleted and _folded(row.values.get(key)) == wanted:
                    return row
        return None

    def _version(self, row: Row) -> str | None:
        if self.quirks.versions == "none":
            return None
        if self.quirks.versions == "restless":
            self._looks += 1
            return f"{row.stamp}.{self._looks}"
        return str(row.stamp)


def match_keys(schema: ObjectSchema) -> tuple[str, ...]:
    """The fields by which records of a type can be found and recognised."""
    kinds = {FieldType.EMAIL, FieldType.DOMAIN}
    return tuple(f.name for f in schema.fields.values() if f.type in kinds)


def _folded(value: Raw) -> str:
    return value.strip().casefold() if isinstance(value, str) else ""


def _copied(value: Raw) -> Raw:
    return list(value) if isinstance(value, list) else value


def _gone(object_type: str, id_: str) -> Outcome:
    failure = Failure(ErrorClass.GONE, "NOT_FOUND", f"{object_type}/{id_} does not exist")
    return Outcome(OutcomeStatus.REJECTED, failure=failure)
