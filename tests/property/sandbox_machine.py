"""The same game over real HTTP: Apollo and Salesforce stand-ins with the preset's sync, and every fault they know."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from syncline.connectors.memory import Crash
from syncline.core.backoff import HEALING
from syncline.core.errors import PlanError, ProtocolError, RecordError, RemoteError
from syncline.core.model import Kind, Side
from syncline.engine.answer import answer
from syncline.engine.reconcile import VANISHED, reconcile
from syncline.store.error_log import SyncError
from syncline.store.models import Hold, Run
from tests.property.choices import policies
from tests.property.oracle import differences
from tests.property.people import EMAILS, PICK, SIDES
from tests.property.sandbox_world import LAG, TYPES, SandboxWorld
from tests.property.world import actions_of, ask_again, empty_store, with_kind, with_map

SETTLING = 12
A_SWEEP_LATER = 90_000
"""Seconds after which Apollo is listed whole again; only then it shows who was deleted there."""
NAMES: dict[Side, dict[str, dict[str, str]]] = {
    Side.LEFT: {
        "account": {"name": "name", "domain": "domain", "phone": "phone"},
        "contact": {
            "first": "first_name",
            "last": "last_name",
            "email": "email",
            "title": "title",
            "mobile": "mobile_phone",
        },
    },
    Side.RIGHT: {
        "Account": {"name": "Name", "domain": "Website", "phone": "Phone"},
        "Contact": {
            "first": "FirstName",
            "last": "LastName",
            "email": "Email",
            "title": "Title",
            "mobile": "MobilePhone",
        },
        "Lead": {"first": "FirstName", "last": "LastName", "email": "Email", "title": "Title"},
    },
}
"""The fields people edit, by what they mean."""

COMPANY_OF = {"contact": ("account_id", "account"), "Contact": ("AccountId", "Account")}
POOLS = {
    "name": st.sampled_from(["One", "Two Inc", "  Three "]),
    "domain": st.sampled_from(["one.example", "https://www.two.example/", "two.example", None]),
    "phone": st.sampled_from(["(415) 555-0123", "+14155550123", "+1 415 555 0199", None]),
    "mobile": st.sampled_from(["(415) 555-0143", "+1 415 555 0144", None]),
    "first": st.sampled_from(["Ada", " Bo ", None]),
    "last": st.sampled_from(["Lee", "Poe", "X" * 90]),
    "email": st.sampled_from(EMAILS),
    "title": st.sampled_from(["Boss", "VP", "T" * 140, None]),
}
NEEDED = {"account": "name", "Account": "name", "contact": "last", "Contact": "last", "Lead": "last"}
MAPS = [
    (Kind.ACCOUNT, "name=Name"),
    (Kind.ACCOUNT, "phone=Phone"),
    (Kind.PERSON, "title=Title"),
    (Kind.PERSON, "first_name=FirstName"),
    (Kind.PERSON, "mobile_phone=MobilePhone"),
]
CALLS = {
    Side.LEFT: ["search$", "bulk_create$", "bulk_update$", "/(contacts|accounts)/[0-9a-f]{24}$", "users", ""],
    Side.RIGHT: ["/query", "/composite/sobjects", "/sobjects/[A-Za-z]+/[A-Za-z0-9]{15}", "/token$", ""],
}
FAULTS = st.sampled_from(
    [
        {"kind": "latency", "seconds": 0.01},
        {"kind": "reset"},
        {"kind": "reset", "after_commit": True},
        {"kind": "hang_after_commit"},
        {"kind": "hang"},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 500, "after_commit": True},
        {"kind": "status", "status": 429, "headers": {"retry-after": "20"}},
        {"kind": "status", "status": 401},
        {"kind": "html"},
        {"kind": "html", "after_commit": True},
        {"kind": "truncate"},
        {"kind": "repeat_page"},
    ]
)


class SandboxMachine(RuleBasedStateMachine):
    """People, faults and kills over two sandboxes; once that ends, both sides have to agree."""

    world: ClassVar[SandboxWorld]

    @initialize(known=st.integers(0, 2), data=st.data())
    def start(self, known: int, data: st.DataObject) -> None:
        """A sync that is new, or one that knows some people and their companies already."""
        empty_store()
        self.world.begin()
        self.stored: Run | None = None
        for number in range(known):
            self._both(f"known{number}@example.com", f"known{number}.example", "Contact", data)
        if known:
            self.world.run()

    # What people do.

    @rule(side=SIDES, data=st.data())
    def somebody_new(self, side: Side, data: st.DataObject) -> None:
        object_type = data.draw(st.sampled_from(list(TYPES[side])))
        needed = NEEDED[object_type]
        values = {needed: data.draw(POOLS[needed]), **self._some(side, object_type, data)}
        self._make(side, object_type, values, data)

    @rule(
        email=POOLS["email"],
        domain=POOLS["domain"],
        person=st.sampled_from(["Contact", "Lead"]),
        data=st.data(),
    )
    def people_everywhere(self, email: Any, domain: Any, person: str, data: st.DataObject) -> None:
        self._both(email, domain, person, data)

    def _both(self, email: Any, domain: Any, person: str, data: st.DataObject) -> None:
        """A company on both sides, and a person who works there."""
        for side, company, kind in ((Side.LEFT, "account", "contact"), (Side.RIGHT, "Account", person)):
            self._make(side, company, {"name": "Both", "domain": domain}, data)
            values = {"last": "Both", **self._some(side, kind, data), "email": email}
            self._make(side, kind, values, data)

    @rule(side=SIDES, pick=PICK, data=st.data())
    def edit(self, side: Side, pick: int, data: st.DataObject) -> None:
        self._edit(side, pick, data)

    def _edit(self, side: Side, pick: int, data: st.DataObject) -> None:
        object_type = data.draw(st.sampled_from(list(TYPES[side])))
        if id_ := self._one_of(side, object_type, pick):
            values = _named(side, object_type, self._some(side, object_type, data))
            self.world.edit(side, object_type, id_, values)

    @rule(side=SIDES, pick=PICK, data=st.data())
    def remove(self, side: Side, pick: int, data: st.DataObject) -> None:
        object_type = data.draw(st.sampled_from(list(TYPES[side])))
        if id_ := self._one_of(side, object_type, pick):
            self.world.remove(side, object_type, id_)

    def _busy_day(self, data: st.DataObject) -> None:
        """Some people edit something, so that there is something to do."""
        for _ in range(data.draw(st.integers(1, 3))):
            self._edit(data.draw(SIDES), data.draw(PICK), data)

    def _make(self, side: Side, object_type: str, values: dict[str, Any], data: st.DataObject) -> None:
        named = _named(side, object_type, values)
        if object_type == "Lead":
            named["Company"] = "Somewhere"
        if object_type in COMPANY_OF and data.draw(st.booleans()):
            name, company = COMPANY_OF[object_type]
            named[name] = self._one_of(side, company, data.draw(PICK))
        self.world.put(side, object_type, named)

    def _some(self, side: Side, object_type: str, data: st.DataObject) -> dict[str, Any]:
        names = list(NAMES[side][object_type])
        chosen = data.draw(st.lists(st.sampled_from(names), max_size=3, unique=True))
        return {name: data.draw(POOLS[name]) for name in chosen}

    def _one_of(self, side: Side, object_type: str, pick: int) -> str | None:
        ids = self.world.ids(side, object_type)
        return ids[pick % len(ids)] if ids else None

    # What goes wrong.

    @rule(side=SIDES, fault=FAULTS, skip=st.integers(0, 2), data=st.data())
    def a_fault_and_a_run(self, side: Side, fault: dict[str, Any], skip: int, data: st.DataObject) -> None:
        self._busy_day(data)
        path = data.draw(st.sampled_from(CALLS[side]))
        self.world.control(side, "POST", "/faults", {**fault, "path": path, "skip": skip, "count": 1})
        self._try(approved_by="somebody")

    @rule(side=SIDES, count=st.integers(2, 6))
    def an_outage(self, side: Side, count: int) -> None:
        self.world.control(side, "POST", "/faults", {"kind": "status", "status": 503, "count": count})

    @rule(looks=st.integers(0, 120), data=st.data())
    def killed_anywhere(self, looks: int, data: st.DataObject) -> None:
        """The process ends between two calls, or inside a transaction; the next one begins anew."""
        self._busy_day(data)
        self.world.clock.looks_left = looks
        self._try(approved_by="somebody")
        self.world.close()

    @rule(seconds=st.sampled_from([0, LAG]))
    def searches_are_late(self, seconds: int) -> None:
        self.world.control(Side.LEFT, "POST", "/search_lag", {"seconds": seconds})

    @rule()
    def tokens_end(self) -> None:
        self.world.control(Side.RIGHT, "POST", "/tokens", {"expire": True})

    # What is done about it.

    def _try(self, **how: Any) -> None:
        """A run that may fail or be killed; both leave it to the next one."""
        with suppress(Crash, RemoteError, ProtocolError, PlanError):
            self.world.run(**how)
        self.world.clock.looks_left = None

    @rule()
    def run(self) -> None:
        self._try()

    @rule()
    def plan(self) -> None:
        with suppress(RemoteError, ProtocolError, PlanError):
            before = self.world.requests()
            self.stored = self.world.plan()
            assert not self.world.writes_since(before), "it only plans, and it wrote"

    @rule()
    def run_the_plan(self) -> None:
        if self.stored:
            self._try(run_id=self.stored.pk)

    @rule(seconds=st.sampled_from([1, 60, 3600, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.world.time.advance(seconds)

    @rule(which=st.sampled_from(MAPS), changes=policies())
    def change_a_map(self, which: tuple[Kind, str], changes: dict[str, Any]) -> None:
        self.world.settings = with_map(self.world.settings, *which, **changes)

    @rule(which=st.sampled_from([Kind.ACCOUNT, Kind.PERSON]), side=SIDES, allowed=st.booleans())
    def change_updates(self, which: Kind, side: Side, allowed: bool) -> None:
        self.world.settings = with_kind(self.world.settings, which, **{f"update_{side}": allowed})

    @rule(pick=PICK, data=st.data())
    def answer_a_hold(self, pick: int, data: st.DataObject) -> None:
        waiting = list(Hold.objects.filter(state="open").order_by("pk"))
        if waiting:
            hold = waiting[pick % len(waiting)]
            ruling = data.draw(st.sampled_from(["left", "right", "keep"] if hold.key else ["create", "skip"]))
            with suppress(RecordError):
                answer(self.world.context(), hold.pk, ruling, "somebody")

    # How it ends.

    def teardown(self) -> None:
        if not hasattr(self, "stored"):
            return
        self._heal()
        self._settle()
        self._judge()

    def _heal(self) -> None:
        """Faults end, what is late arrives, the next sweep is due, and everybody is patient."""
        for side in Side:
            self.world.control(side, "DELETE", "/faults")
        self.world.control(Side.LEFT, "POST", "/search_lag", {"seconds": 0})
        self.world.close()
        self.world.patience = 20
        self.world.time.advance(A_SWEEP_LATER)

    def _settle(self) -> None:
        ask_again(self.world.time)
        for _ in range(SETTLING):
            self.world.time.advance(60)
            row = self.world.run(approved_by="somebody")
            if not actions_of(row):
                return
        told = [(a.op, a.kind, a.side, a.left_id, a.right_id, a.status, a.reason) for a in actions_of(row)]
        raise AssertionError(f"still busy after {SETTLING} runs: {told}")

    def _judge(self) -> None:
        self.world.look()
        found = differences(self.world)
        found += [
            f"{e.code} is still open"
            for e in SyncError.objects.filter(resolved_at=None, error_class__in=HEALING)
        ]
        assert not found, found
        self.world.time.advance(A_SWEEP_LATER)
        before = self.world.requests()
        row = self.world.run()
        assert not actions_of(row), [(a.op, a.left_id, a.right_id, a.fields) for a in actions_of(row)]
        assert not self.world.writes_since(before)
        reconciled = reconcile(self.world.context())
        assert not reconciled.partial, reconciled.partial
        unexplained = [s for s in reconciled.samples if s["difference"] != VANISHED]
        assert not unexplained, unexplained


def _named(side: Side, object_type: str, values: dict[str, Any]) -> dict[str, Any]:
    """Values under the names that a system has for them."""
    names = NAMES[side][object_type]
    return {names[name]: value for name, value in values.items() if name in names}
