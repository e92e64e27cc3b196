"""What people do on both sides: they make, edit, touch, hide and delete records, with values from small pools."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from syncline.core.model import Kind, Raw, Ref, Side
from syncline.store.models import Link, Run
from tests.property.ledger import Ledger
from tests.property.world import World, empty_store, settings, with_kind

SIDES = st.sampled_from(Side)
PICK = st.integers(0, 7)
"""Which of the records that are there, counted in a circle."""

EMAILS = ("ada@example.com", "Ada@Example.com", "bob@example.org", "cy@example.net", None)
DOMAINS = ("one.example", "www.one.example", "https://two.example/", "two.example", "three.example", None)
TEXTS = ("Ada", " Ada ", "Bob", "Cy")
TYPES = st.sampled_from(["company", "person"])
FIELDS = {
    "company": ("name", "domain", "phone", "industry", "employees", "owner"),
    "person": ("first", "last", "email", "phone", "title", "company", "stage", "score", "optin", "tags"),
}
POOLS: dict[str, tuple[Raw, ...]] = {
    "name": ("One", "Two", "One Inc"),
    "domain": DOMAINS,
    "phone": ("(415) 555-0123", "+14155550123", "+1 415 555 0199", None),
    "industry": ("software", "retail", None),
    "employees": (1, 2, 30, None),
    "first": (*TEXTS, None),
    "last": TEXTS,
    "email": EMAILS,
    "title": ("Boss", "VP", None),
    "stage": ("new", "lost", "customer", None),
    "score": (1, 2.5, None),
    "optin": (True, False, None),
    "tags": (["a"], ["a", "b"], None),
}
UNIQUE = frozenset({"first", "last", "title", "name"})
"""The fields that also get values nobody wrote before."""


class People(RuleBasedStateMachine):
    """Two systems with a sync between them, and the people who work in them."""

    @initialize(approves=st.booleans(), known=st.integers(0, 3), deletes=st.booleans(), data=st.data())
    def start(self, approves: bool, known: int, deletes: bool, data: st.DataObject) -> None:
        """A sync that is new, or one that knows some people and their companies already."""
        empty_store()
        self.world = World(settings(first_run_needs_approval=approves))
        for which in (Kind.ACCOUNT, Kind.PERSON) if deletes else ():
            changes = {"delete_left": True, "delete_right": True}
            self.world.settings = with_kind(self.world.settings, which, **changes)
        self.ledger = Ledger(self.world)
        self.number = 0
        self.stored: Run | None = None
        self.shown: dict[int, Any] = {}
        for number in range(known):
            side = data.draw(SIDES)
            domain, email = f"known{number}.example", f"known{number}@example.com"
            values = {**self._some(side, "company", data), "name": "Known", "domain": domain}
            company = self._put(side, "company", values)
            values = {**self._some(side, "person", data), "last": "Known", "email": email}
            self._put(side, "person", {**values, "company": company})
        if known:
            self.world.run(approved_by="somebody")
            self.ledger.check({})

    @rule(side=SIDES, domain=st.sampled_from(DOMAINS), name=st.sampled_from(POOLS["name"]))
    def new_company(self, side: Side, domain: Raw, name: Raw) -> None:
        self._put(side, "company", {"name": name, "domain": domain})

    @rule(side=SIDES, last=st.sampled_from(TEXTS), email=st.sampled_from(EMAILS), company=st.none() | PICK)
    def new_person(self, side: Side, last: Raw, email: Raw, company: int | None) -> None:
        values: dict[str, Raw] = {"last": last, "email": email}
        if company is not None:
            values["company"] = self._one_of(side, "company", company)
        self._put(side, "person", values)

    @rule(both=st.booleans(), email=st.sampled_from(EMAILS), data=st.data())
    def people_everywhere(self, both: bool, email: Raw, data: st.DataObject) -> None:
        """A person with a company, on one side or on both, each as that side knows them."""
        for side in Side if both else (data.draw(SIDES),):
            company = self._put(side, "company", {**self._some(side, "company", data), "name": "Both"})
            person = {"last": "Both", "company": company, **self._some(side, "person", data), "email": email}
            self._put(side, "person", person)

    @rule(side=SIDES, object_type=TYPES, pick=PICK, data=st.data())
    def edit(self, side: Side, object_type: str, pick: int, data: st.DataObject) -> None:
        """Somebody changes some fields, or only touches the record."""
        if id_ := self._one_of(side, object_type, pick):
            self._edit(side, object_type, id_, self._some(side, object_type, data))

    @rule(pick=PICK, data=st.data(), object_type=TYPES)
    def edit_both(self, pick: int, object_type: str, data: st.DataObject) -> None:
        """Somebody changes one field here while somebody else changes it there."""
        links = list(Link.objects.filter(left_type=object_type, ended_at__isnull=True).order_by("pk"))
        field = data.draw(st.sampled_from(FIELDS[object_type]))
        for side in Side if links else ():
            id_ = getattr(links[pick % len(links)], f"{side}_id")
            if self.world.systems[side].values(object_type, id_) is not None:
                self._edit(side, object_type, id_, {field: self._value(side, field, data)})

    @rule(side=SIDES, object_type=TYPES, pick=PICK, data=st.data())
    def edit_while_we_write(self, side: Side, object_type: str, pick: int, data: st.DataObject) -> None:
        """Somebody changes a record of this side while we write to the other."""
        id_ = self._one_of(side, object_type, pick)
        values = self._some(side, object_type, data)

        def edit() -> None:
            if id_ and self.world.systems[side].values(object_type, id_) is not None:
                self._edit(side, object_type, id_, values)

        self.world.systems[side.other].racing.append(edit)

    @rule(side=SIDES, object_type=TYPES, pick=PICK, data=st.data())
    def hide_or_show(self, side: Side, object_type: str, pick: int, data: st.DataObject) -> None:
        """Fields of a record hide behind a placeholder, or no longer do: the record's stamp moves."""
        if id_ := self._one_of(side, object_type, pick):
            names = data.draw(st.lists(st.sampled_from(FIELDS[object_type]), max_size=2, unique=True))
            self.world.systems[side].withhold(object_type, id_, *names)
            self.world.systems[side].edit(object_type, id_, {})

    @rule(side=SIDES, object_type=TYPES, pick=PICK)
    def remove(self, side: Side, object_type: str, pick: int) -> None:
        if id_ := self._one_of(side, object_type, pick):
            self.world.systems[side].remove(object_type, id_)

    @rule(side=SIDES, object_type=TYPES, pick=PICK)
    def restore(self, side: Side, object_type: str, pick: int) -> None:
        """Somebody takes a record out of the bin, or takes a merge back."""
        system = self.world.systems[side]
        gone = sorted(r.id for r in system.rows.of_type(object_type) if r.deleted)
        if gone:
            system.restore(object_type, gone[pick % len(gone)])

    @rule(side=SIDES, object_type=TYPES, pick=PICK, other=PICK, convert=st.booleans())
    def merge(self, side: Side, object_type: str, pick: int, other: int, convert: bool) -> None:
        """Somebody merges a record into another one, or has it converted into that."""
        one, into = self._one_of(side, object_type, pick), self._one_of(side, object_type, other)
        if one and into and one != into:
            system = self.world.systems[side]
            if convert:
                system.convert(object_type, one, [Ref("nothing", "1"), Ref(object_type, into)])
            else:
                system.merge(object_type, into, [one])

    @rule(side=SIDES, object_type=TYPES, pick=PICK, other=PICK)
    def merge_while_we_write(self, side: Side, object_type: str, pick: int, other: int) -> None:
        """Somebody merges two records of this side while we write to either."""

        def act() -> None:
            known = self.world.systems[side].all(object_type)
            one, into = self._one_of(side, object_type, pick), self._one_of(side, object_type, other)
            if one in known and into in known and one != into:
                self.world.systems[side].merge(object_type, into, [one])

        for system in self.world.systems.values():
            system.racing.append(act)

    @rule(side=SIDES, name=st.sampled_from(["one", "two"]), active=st.booleans())
    def user_leaves_or_comes_back(self, side: Side, name: str, active: bool) -> None:
        self.world.systems[side].edit("user", self.world.user(side, name), {"active": active})

    # How they do it.

    def _put(self, side: Side, object_type: str, values: dict[str, Raw]) -> str:
        id_ = self.world.systems[side].put(object_type, values)
        self.ledger.note(side, object_type, id_, values)
        return id_

    def _edit(self, side: Side, object_type: str, id_: str, values: dict[str, Raw]) -> None:
        self.world.systems[side].edit(object_type, id_, values)
        self.ledger.note(side, object_type, id_, values)

    def _busy_day(self, data: st.DataObject) -> None:
        """Some people edit something, so that there is something to do."""
        for _ in range(data.draw(st.integers(1, 3))):
            side, object_type = data.draw(SIDES), data.draw(TYPES)
            if id_ := self._one_of(side, object_type, data.draw(PICK)):
                self._edit(side, object_type, id_, self._some(side, object_type, data))

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
        self.number += 1
        fresh = [f"{field} {self.number}"] if field in UNIQUE else []
        return data.draw(st.sampled_from([*fresh, *POOLS[field]]))
