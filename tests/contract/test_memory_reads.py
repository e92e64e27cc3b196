"""Whatever happens between reads, a reader who keeps its cursor ends with the truth."""

import json

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from syncline.connectors.base import Cursor
from syncline.connectors.memory import Crash, MemoryConnector, MemorySystem
from syncline.core.model import Record
from syncline.testing import strategies
from syncline.testing.clock import ManualClock

FIELDS = ["last", "title"]
TITLES = st.sampled_from(["", "Boss", "Chief", "Dr"])


class ReaderMachine(RuleBasedStateMachine):
    """People work in a badly mannered system while a reader, often killed, keeps a copy of it."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.remote = MemorySystem(self.clock, page_size=2, overlap=6)
        self.copy: dict[str, Record] = {}
        self.stored = "null"

    @initialize(manners=strategies.quirks())
    def choose_manners(self, manners: object) -> None:
        vars(self.remote.quirks).update(vars(manners))
        self.remote.quirks.sees_deletions = True

    def present(self) -> list[str]:
        return sorted(self.remote.all("person"))

    @rule(title=TITLES)
    def somebody_makes(self, title: str) -> None:
        self.remote.put("person", {"last": "Person", "title": title})

    @precondition(lambda self: bool(self.present()))
    @rule(data=st.data(), title=TITLES)
    def somebody_edits(self, data: st.DataObject, title: str) -> None:
        self.remote.edit("person", data.draw(st.sampled_from(self.present())), {"title": title})

    @precondition(lambda self: bool(self.present()))
    @rule(data=st.data())
    def somebody_removes(self, data: st.DataObject) -> None:
        self.remote.remove("person", data.draw(st.sampled_from(self.present())))

    @rule(killed_after=st.integers(1, 4))
    def the_reader_reads(self, killed_after: int) -> None:
        """Page and cursor are stored together; a new process goes on from there."""
        cursor: Cursor | None = json.loads(self.stored)
        pages = MemoryConnector(self.remote).changes("person", cursor, FIELDS)
        for _, page in zip(range(killed_after), pages, strict=False):
            self.copy |= {record.ref.remote_id: record for record in page.records}
            self.stored = json.dumps(page.cursor)

    @rule()
    def the_reader_dies_at_once(self) -> None:
        self.remote.fault("raise", verb="read")
        try:
            next(MemoryConnector(self.remote).changes("person", json.loads(self.stored), FIELDS))
        except Crash:
            self.remote.faults.clear()

    @rule()
    def time_passes(self) -> None:
        self.clock.advance(60)

    @invariant()
    def the_copy_is_never_invented(self) -> None:
        assert self.copy.keys() <= {row.id for row in self.remote.rows.of_type("person")}

    def teardown(self) -> None:
        self.remote.settle()
        self.the_reader_reads(killed_after=1000)
        alive = {id_: dict(r.values) for id_, r in self.copy.items() if not r.deleted}
        truth = {id_: {n: v.get(n) for n in FIELDS} for id_, v in self.remote.all("person").items()}
        # A listing may be older than the record was when it was read by id, never after everything settled.
        assert {i: {n: v.get(n) or None for n in FIELDS} for i, v in alive.items()} == {
            i: {n: v[n] or None for n in FIELDS} for i, v in truth.items()
        }


TestReader = ReaderMachine.TestCase
TestReader.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
