"""People, two systems and the engine between them, in any order Hypothesis can think of."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from syncline.connectors.memory import Crash
from syncline.core.errors import SynclineError
from syncline.core.model import ErrorClass, Failure, Raw, Side
from syncline.engine.reconcile import reconcile
from syncline.store.models import Link, Run
from tests.property.oracle import differences
from tests.property.world import World, actions_of, empty_store

SIDES = st.sampled_from(Side)
PICK = st.integers(0, 7)
"""Which of the records that are there, counted in a circle."""
SKIPS = st.integers(0, 2)

EMAILS = ("ada@example.com", "Ada@Example.com", "bob@example.org", "cy@example.net", None)
DOMAINS = ("one.example", "www.one.example", "https://two.example/", "two.example", "three.example", None)
PHONES = ("(415) 555-0123", "+14155550123", "+1 415 555 0199", None)
TEXTS = ("Ada", " Ada ", "Bob", "Cy")
TYPES = st.sampled_from(["company", "person"])
FIELDS = {
    "company": ("name", "domain", "phone", "industry", "employees", "owner"),
    "person": ("first", "last", "email", "phone", "title", "company", "stage", "score", "optin", "tags"),
}
SETTLING = 8
POOLS: dict[str, tuple[Raw, ...]] = {
    "name": ("One", "Two", "One Inc"),
    "domain": DOMAINS,
    "phone": PHONES,
    "industry": ("software", "retail", None),
    "employees": (1, 2, 30, None),
    "first": TEXTS,
    "last": TEXTS,
    "email": EMAILS,
    "title": ("Boss", "VP", None),
    "stage": ("new", "lost", None),
    "score": (1, 2.5, None),
    "optin": (True, False, None),
    "tags": (["a"], ["a", "b"], None),
}


class SyncMachine(RuleBasedStateMachine):
    """Everybody edits and everything fails; once that ends, both sides have to agree."""

    @initialize()
    def start(self) -> None:
        empty_store()
        self.world = World()
        self.number = 0
        self.stored: Run | None = None

    # What people do.

    @rule(side=SIDES, domain=st.sampled_from(DOMAINS), name=st.sampled_from(POOLS["name"]))
    def new_company(self, side: Side, domain: Raw, name: Raw) -> None:
        self.world.systems[side].put("company", {"name": name, "domain": domain})

    @rule(side=SIDES, last=st.sampled_from(TEXTS), email=st.sampled_from(EMAILS), company=st.none() | PICK)
    def new_person(self, side: Side, last: Raw, email: Raw, company: int | None) -> None:
        values: dict[str, Raw] = {"last": last, "email": email}
        if company is not None:
            values["company"] = self._one_of(side, "company", company)
        self.world.systems[side].put("person", values)

    @rule(both=st.booleans(), email=st.sampled_from(EMAILS), data=st.data())
    def people_everywhere(self, both: bool, email: Raw, data: st.DataObject) -> None:
        """A person with a company, on one side or on both, each as that side knows them."""
        for side in Side if both else (data.draw(SIDES),):
            system = self.world.systems[side]
            company = system.put("company", self._some(side, "company", data) | {"name": "Both"})
            person = {"last": "Both", "company": company, **self._some(side, "person", data), "email": email}
            system.put("person", person)

    @rule(side=SIDES, object_type=TYPES, pick=PICK, data=st.data())
    def edit(self, side: Side, object_type: str, pick: int, data: st.DataObject) -> None:
        """Somebody changes some fields, or only touches the record."""
        if id_ := self._one_of(side, object_type, pick):
            self.world.systems[side].edit(object_type, id_, self._some(side, object_type, data))

    @rule(pick=PICK, data=st.data(), object_type=TYPES)
    def edit_both(self, pick: int, object_type: str, data: st.DataObject) -> None:
        """Somebody changes one field here while somebody else changes it there."""
        links = list(Link.objects.filter(left_type=object_type, ended_at__isnull=True).order_by("pk"))
        field = data.draw(st.sampled_from(FIELDS[object_type]))
        for side in Side if links else ():
            id_ = getattr(links[pick % len(links)], f"{side}_id")
            if self.world.systems[side].values(object_type, id_) is not None:
                self.world.systems[side].edit(object_type, id_, {field: self._value(side, field, data)})

    @rule(side=SIDES, object_type=TYPES, pick=PICK)
    def remove(self, side: Side, object_type: str, pick: int) -> None:
        if id_ := self._one_of(side, object_type, pick):
            self.world.systems[side].remove(object_type, id_)

    def _one_of(self, side: Side, object_type: str, pick: int) -> str | None:
        ids = sorted(self.world.systems[side].all(object_type))
        return ids[pick % len(ids)] if ids else None

    def _some(self, side: Side, object_type: str, data: st.DataObject) -> dict[str, Raw]:
        """New values of a few fields."""
        names = data.draw(st.lists(st.sampled_from(FIELDS[object_type]), max_size=4, unique=True))
        return {name: self._value(side, name, data) for name in names}

    def _value(self, side: Side, field: str, data: st.DataObject) -> Raw:
        if field == "company":
            return self._one_of(side, "company", data.draw(PICK))
        if field == "owner":
            return self.world.user(side, data.draw(st.sampled_from(["one", "two"])))
        return data.draw(st.sampled_from(self._pool(field)))

    def _pool(self, field: str) -> list[Raw]:
        """The values of a field, one of them written by nobody before."""
        self.number += 1
        fresh = [f"{field} {self.number}"] if field in {"first", "last", "title", "name"} else []
        return [*fresh, *POOLS[field]]

    # What we do.

    @rule()
    def run(self) -> None:
        self._try()

    @rule(seconds=st.sampled_from([1, 60, 3600, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.world.time.advance(seconds)

    @rule(limit=st.integers(0, 3))
    def run_a_little(self, limit: int) -> None:
        self._try(limit=limit)

    @rule()
    def plan(self) -> None:
        """A plan is stored; whatever is edited then, it is carried out by a later step, or replaced."""
        with suppress(Crash, SynclineError):
            self.stored = self.world.plan()

    @rule()
    def run_the_plan(self) -> None:
        if self.stored:
            self._try(run_id=self.stored.pk)

    def _try(self, **how: Any) -> None:
        """A run that may fail or be killed; both leave it to the next one."""
        with suppress(Crash, SynclineError):
            self.world.run(**how)
        self.world.clock.looks_left = None

    # What fails.

    @rule(
        side=SIDES,
        verb=st.sampled_from(["create", "update", "fetch", "read"]),
        after=st.booleans(),
        skip=SKIPS,
    )
    def killed_at_a_call(self, side: Side, verb: str, after: bool, skip: int) -> None:
        """The process ends at a call, before it arrives or before its answer does."""
        self.world.systems[side].fault("raise", verb=verb, after_commit=after, skip=skip)
        self._try()

    @rule(looks=st.integers(0, 60))
    def killed_anywhere(self, looks: int) -> None:
        """The process ends somewhere between two calls, perhaps inside a transaction."""
        self.world.clock.looks_left = looks
        self._try()

    @rule(side=SIDES, verb=st.sampled_from(["create", "update"]), after=st.booleans(), skip=SKIPS)
    def lost_answer(self, side: Side, verb: str, after: bool, skip: int) -> None:
        self.world.systems[side].fault("hang", verb=verb, after_commit=after, skip=skip)
        self._try()

    @rule(
        side=SIDES,
        verb=st.sampled_from(["create", "update", "fetch", "read"]),
        status=st.sampled_from([429, 500]),
    )
    def outage(self, side: Side, verb: str, status: int) -> None:
        self.world.systems[side].fault("status", verb=verb, status=status, retry_after=300.0, count=3)

    @rule(
        side=SIDES,
        verb=st.sampled_from(["create", "update"]),
        kind=st.sampled_from(ErrorClass),
        data=st.data(),
    )
    def refusal(self, side: Side, verb: str, kind: ErrorClass, data: st.DataObject) -> None:
        """A system refuses a record, and names the field or does not."""
        names = data.draw(st.sampled_from([(), ("last",), ("title",), ("phone",), ("name",)]))
        failure = Failure(kind, "NO", "no", names)
        self.world.systems[side].fault("refuse", verb=verb, failure=failure, skip=data.draw(SKIPS))

    @rule(side=SIDES)
    def over(self, side: Side) -> None:
        """The trouble of one side is over."""
        self.world.systems[side].faults.clear()

    # What has to hold.

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self._settle()
        self._judge()

    def _settle(self) -> None:
        """Faults end, everything late arrives, and runs go on until nothing is left to do."""
        for system in self.world.systems.values():
            system.faults.clear()
            system.settle()
        for _ in range(SETTLING):
            self.world.time.advance(60)
            row = self.world.run()
            if not actions_of(row):
                return
        told = [
            (a.op, a.kind, a.side, a.left_id, a.right_id, a.status, a.reason, a.fields)
            for a in actions_of(row)
        ]
        raise AssertionError(f"still busy after {SETTLING} runs: {told}")

    def _judge(self) -> None:
        found = differences(self.world)
        assert not found, found
        self.world.time.advance(90_000)
        row = self.world.run()
        assert not actions_of(row), [(a.op, a.left_id, a.right_id, a.fields) for a in actions_of(row)]
        assert not self.world.writes()
        reconciled = reconcile(self.world.context())
        assert not reconciled.unexplained, reconciled.to_json()
