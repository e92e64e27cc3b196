"""What the groups of promises share: the bench, a connector, records to work on and complete reads."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from syncline.connectors.base import Capabilities, Change, Connector, Cursor, Draft, Page
from syncline.core.errors import RemoteError
from syncline.core.model import ErrorClass, Outcome, OutcomeStatus, Raw, Record
from syncline.core.schema import Field
from syncline.testing.bench import RemoteBench

_NUMBERS = itertools.count(1)
_PRESENT: dict[str, Cursor] = {}
PAGES_AT_MOST = 2000
HEALING = frozenset({ErrorClass.TRANSIENT, ErrorClass.QUOTA, ErrorClass.LOCK})
"""The classes of refusals that say nothing of the record: it goes again by itself."""


def needs(present: object, capability: str) -> None:
    """Skip a promise that does not apply, and say which capability is not there."""
    if not present:
        pytest.skip(f"not applicable: {capability}")


def stored_cursor(cursor: Cursor) -> Cursor:
    """A cursor as it comes back from the store."""
    loaded: Cursor = json.loads(json.dumps(cursor, allow_nan=False))
    return loaded


@dataclass
class Reading:
    """Everything one read yielded."""

    pages: list[Page] = field(default_factory=list)

    @property
    def cursor(self) -> Cursor:
        return stored_cursor(self.pages[-1].cursor)

    @property
    def records(self) -> list[Record]:
        return [record for page in self.pages for record in page.records]

    @property
    def last(self) -> dict[str, Record]:
        """The last state of each record that was shown, by id."""
        return {record.ref.remote_id: record for record in self.records}


def needs_writes(able: Capabilities) -> None:
    """Skip a promise about writes where nothing is ever written."""
    needs(able.create_batch and able.update_batch, "writes")


class Promises:
    """One connector on one bench. A subclass gives the fixture `bench`."""

    @pytest.fixture
    def bench(self) -> RemoteBench:
        pytest.fail("give the contract a fixture `bench` that answers a RemoteBench")

    @pytest.fixture
    def connector(self, bench: RemoteBench) -> Iterator[Connector]:
        """A fresh connector, on a system that behaves."""
        bench.clear_faults()
        made = bench.connector()
        yield made
        bench.clear_faults()
        for each in (made, *vars(self).get("others", ())):
            each.close()

    @pytest.fixture(autouse=True)
    def _applicable(self, request: pytest.FixtureRequest, bench: RemoteBench, connector: Connector) -> None:
        """Skip the groups about writes where nothing is ever written."""
        group = request.function.__qualname__.partition(".")[0]
        if group in {"WritingPromises", "UnansweredPromises", "RecoveryPromises"}:
            needs_writes(self.able(bench, connector))

    def closed_later(self, made: Connector) -> Connector:
        """A further connector, let go of at the end of the test."""
        vars(self).setdefault("others", []).append(made)
        return made

    def other(self, bench: RemoteBench) -> Connector:
        """A connector as another process would have it."""
        return self.closed_later(bench.other_instance())

    @staticmethod
    def able(bench: RemoteBench, connector: Connector) -> Capabilities:
        return connector.capabilities(bench.object_type)

    @staticmethod
    def field(bench: RemoteBench, connector: Connector, name: str) -> Field:
        return connector.describe(bench.object_type).fields[name]

    @staticmethod
    def drafts(bench: RemoteBench, count: int, values: Mapping[str, Raw] | None = None) -> list[Draft]:
        """Good drafts nobody used before."""
        numbers = list(itertools.islice(_NUMBERS, count))
        return [Draft(f"draft-{n}", {**bench.draft(n), **(values or {})}) for n in numbers]

    def make(
        self,
        bench: RemoteBench,
        connector: Connector,
        count: int = 1,
        values: Mapping[str, Raw] | None = None,
    ) -> list[Record]:
        """New records, as the create showed them; those a person made where the connector creates none."""
        drafts = self.drafts(bench, count, values)
        if self.able(bench, connector).create_batch:
            return [applied(outcome) for outcome in connector.create(bench.object_type, drafts)]
        made = [bench.put(draft.values) for draft in drafts]
        found = connector.fetch(bench.object_type, made, self.names(bench, connector))
        shown = {record.ref.remote_id: record for record in found}
        return [shown[id_] for id_ in made]

    def read(self, bench: RemoteBench, connector: Connector, cursor: Cursor | None = None) -> Reading:
        """A whole read, after what was written had time to reach the listings."""
        self.wait_for_listings(bench, connector)
        return Reading(self.pages(connector.changes(bench.object_type, cursor, self.names(bench, connector))))

    def present(self, bench: RemoteBench, connector: Connector) -> Cursor:
        """A cursor behind everything there is. It is kept from test to test, as a product keeps its cursors,
        and read on after an hour, when no overlap reaches back to what other tests did."""
        bench.advance(3600)
        cursor = self.read(bench, connector, _PRESENT.get(bench.account)).cursor
        if bench.account:
            _PRESENT[bench.account] = cursor
        return cursor

    def wait_for_listings(self, bench: RemoteBench, connector: Connector) -> None:
        lag = self.able(bench, connector).listing_lag.total_seconds()
        if lag:
            bench.advance(lag + 1)

    @staticmethod
    def pages(read: Iterator[Page]) -> list[Page]:
        """The pages of a read that ends."""
        pages = list(itertools.islice(read, PAGES_AT_MOST))
        assert pages, "a read yields at least one page"
        assert len(pages) < PAGES_AT_MOST, "the read does not end"
        return pages

    @staticmethod
    def names(bench: RemoteBench, connector: Connector) -> list[str]:
        return list(connector.describe(bench.object_type).fields)

    def show(self, bench: RemoteBench, connector: Connector, id_: str) -> Record:
        """A record as it is now; it has to exist."""
        found = connector.fetch(bench.object_type, [id_], self.names(bench, connector))
        assert len(found) == 1, f"fetch of one id answered {len(found)} records"
        assert not found[0].deleted
        return found[0]

    def change(
        self, bench: RemoteBench, connector: Connector, id_: str, values: Mapping[str, Raw]
    ) -> Outcome:
        (outcome,) = connector.update(bench.object_type, [Change(id_, values)])
        return outcome

    def times(self, bench: RemoteBench, cursor: Cursor, drafts: Sequence[Draft]) -> list[int]:
        """How often each draft is there, by its address, as another process sees it."""
        records = self.read(bench, self.other(bench), cursor).last.values()
        there = Counter(str(r.get(bench.email_field)).casefold() for r in records if not r.deleted)
        return [there[str(draft.values[bench.email_field]).casefold()] for draft in drafts]


def applied(outcome: Outcome) -> Record:
    """The record of a write that succeeded."""
    assert outcome.status is OutcomeStatus.APPLIED, outcome
    assert outcome.record is not None, "an applied write answers the record"
    return outcome.record


def ids(records: Sequence[Record]) -> set[str]:
    return {record.ref.remote_id for record in records}


def broken(bench: RemoteBench, kind: str, verb: str, **how: object) -> None:
    """Switch a fault on, or skip where the bench cannot show it."""
    needs(kind in bench.faults, f"the fault {kind}")
    bench.fault(kind, verb=verb, **how)  # type: ignore[arg-type]


def email_of(bench: RemoteBench, values: object) -> str:
    """The address in some values, in one case."""
    assert hasattr(values, "get")
    return str(values.get(bench.email_field)).casefold()


def refused(outcome: Outcome, expected: ErrorClass) -> None:
    """A rejection of that class, in words."""
    assert outcome.status is OutcomeStatus.REJECTED, outcome
    assert outcome.failure is not None
    assert outcome.failure.error_class is expected, outcome.failure
    assert outcome.failure.code
    assert outcome.failure.message


def attempted(write: Callable[[], list[Outcome]]) -> list[Outcome]:
    """The outcomes of a write; none when the whole connection stopped before anything was written."""
    try:
        return write()
    except RemoteError:
        return []


def heals(outcome: Outcome) -> bool:
    """Whether a write was surely not done, for a reason that lies not in the record."""
    failure = outcome.failure
    return outcome.status is OutcomeStatus.REJECTED and failure is not None and failure.error_class in HEALING
