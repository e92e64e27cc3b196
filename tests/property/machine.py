"""People, two systems and the engine between them, in any order Hypothesis can think of."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from syncline.connectors.memory import Crash
from syncline.core.model import Raw, Side
from syncline.engine.reconcile import reconcile
from syncline.store.models import Run
from tests.property.oracle import differences
from tests.property.world import World, actions_of, empty_store

SIDES = st.sampled_from(Side)
PICK = st.integers(0, 7)
"""Which of the records that are there, counted in a circle."""

EMAILS = ("ada@example.com", "Ada@Example.com", "bob@example.org", "cy@example.net", None)
DOMAINS = ("one.example", "www.one.example", "https://two.example/", "two.example", "three.example", None)
PHONES = ("(415) 555-0123", "+14155550123", "+1 415 555 0199", None)
TEXTS = ("Ada", " Ada ", "Bob", "Cy")
COMPANY_FIELDS = ("name", "domain", "phone", "industry", "employees", "owner")
PERSON_FIELDS = ("first", "last", "email", "phone", "title", "company", "stage", "score", "optin", "tags")
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
        self.last: Run | None = None

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

    @rule(side=SIDES, pick=PICK, field=st.sampled_from(PERSON_FIELDS), data=st.data())
    def edit_person(self, side: Side, pick: int, field: str, data: st.DataObject) -> None:
        self._edit(side, "person", self._one_of(side, "person", pick), field, data)

    @rule(side=SIDES, pick=PICK, field=st.sampled_from(COMPANY_FIELDS), data=st.data())
    def edit_company(self, side: Side, pick: int, field: str, data: st.DataObject) -> None:
        self._edit(side, "company", self._one_of(side, "company", pick), field, data)

    @rule(side=SIDES, object_type=st.sampled_from(["company", "person"]), pick=PICK)
    def remove(self, side: Side, object_type: str, pick: int) -> None:
        if id_ := self._one_of(side, object_type, pick):
            self.world.systems[side].remove(object_type, id_)

    def _one_of(self, side: Side, object_type: str, pick: int) -> str | None:
        ids = sorted(self.world.systems[side].all(object_type))
        return ids[pick % len(ids)] if ids else None

    def _edit(self, side: Side, object_type: str, id_: str | None, field: str, data: st.DataObject) -> None:
        if id_ is None:
            return
        value: Raw
        if field == "company":
            value = self._one_of(side, "company", data.draw(PICK))
        elif field == "owner":
            value = self.world.user(side, data.draw(st.sampled_from(["one", "two"])))
        else:
            value = data.draw(st.sampled_from(self._pool(field)))
        self.world.systems[side].edit(object_type, id_, {field: value})

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

    def _try(self, **how: Any) -> None:
        try:
            self.last = self.world.run(**how)
        except Crash:
            self.last = None

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
