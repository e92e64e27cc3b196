"""Whoever is erased at whatever moment, and whatever people do afterwards: nothing of them is stored any more (L4)."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncline.connectors.memory import Crash
from syncline.core.model import Kind, Side
from syncline.engine.erase import erase
from syncline.engine.reconcile import reconcile
from syncline.store.database import close_store, open_store
from tests.property.world import SYNC, World, actions_of, empty_store, with_map
from tests.unit.stored import tables_with

SYNCS = {SYNC: {Side.LEFT: "left-crm", Side.RIGHT: "right-crm"}}
QUICK = settings(
    max_examples=12, deadline=None, suppress_health_check=[*HealthCheck], derandomize=False, print_blob=True
)


@pytest.fixture
def _store(tmp_path: Path) -> Iterator[None]:
    open_store(f"sqlite:///{tmp_path}/store.sqlite3")
    yield
    close_store()


class Office:
    """People who make and edit records; every value of somebody's carries their mark, `q7q` for number 7."""

    def __init__(self, random: Random) -> None:
        empty_store()
        self.random, self.world, self.number = random, World(), 0
        self.people: dict[int, list[tuple[Side, str]]] = {}

    def hire(self, number: int | None = None) -> int:
        """A record of somebody new, or one more of somebody who is there."""
        self.number += number is None
        who = self.number if number is None else number
        side = self.random.choice(list(Side))
        values = {"last": f"q{who}q Last", "email": f"q{who}q@example.com", "title": f"q{who}q title"}
        self.people.setdefault(who, []).append((side, self.world.systems[side].put("person", values)))
        return who

    def edit(self) -> None:
        who = self.random.choice(list(self.people))
        side, id_ = self.random.choice(self.people[who])
        field = self.random.choice(["first", "last", "title"])
        self.world.systems[side].edit("person", id_, {field: f"q{who}q {self.random.random()}"})

    def work(self) -> None:
        """A few edits, and a run that may die on the way."""
        for _ in range(self.random.randrange(4)):
            self.edit()
        if self.random.random() < 0.3:
            self.hire(self.random.choice(list(self.people)))
        if self.random.random() < 0.3:
            self.world.clock.looks_left = self.random.randrange(1, 60)
        with suppress(Crash):
            self.world.run()
        self.world.clock.looks_left = None

    def rests(self) -> None:
        for _ in range(8):
            self.world.time.advance(60)
            if not actions_of(self.world.run()):
                return
        raise AssertionError("it does not come to rest")


@QUICK
@given(seed=st.integers(0, 2**32))
@pytest.mark.usefixtures("_store")
@pytest.mark.proves("L4")
def test_nothing_of_an_erased_person_returns(seed: int) -> None:
    random = Random(seed)
    office = Office(random)
    for _ in range(4):
        office.hire()
    for _ in range(random.randrange(1, 4)):
        office.work()
    gone = random.choice(list(office.people))
    side, id_ = random.choice(office.people[gone])
    with suppress(Crash):
        office.world.run()
    written = {s: len(office.world.systems[s].all("person")) for s in Side}
    erase(office.world.context(), SYNCS, f"{side}:person/{id_}", "tester")
    mark = f"q{gone}q"
    assert not tables_with(mark)
    assert written == {s: len(office.world.systems[s].all("person")) for s in Side}
    for _ in range(3):
        office.work()
        assert not tables_with(mark)
    before = len(office.people[gone])
    office.hire(gone)
    if random.random() < 0.5:
        office.world.settings = with_map(office.world.settings, Kind.PERSON, "title=title", enabled=False)
    office.rests()
    assert not tables_with(mark)
    there = [v for s in Side for v in office.world.systems[s].all("person").values() if mark in repr(v)]
    assert len(there) <= before + 2
    found = reconcile(office.world.context())
    assert not found.unexplained, found.to_json()
    assert not tables_with(mark)
