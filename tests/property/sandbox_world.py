"""Apollo and Salesforce stand-ins in processes of their own, the preset's sync between them, and one time for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from syncline.config import parse, resolved
from syncline.config.sync import SyncSettings
from syncline.connectors.base import Connector
from syncline.core.model import Raw, Side
from syncline.core.plan import Op
from syncline.core.schema import ObjectSchema
from syncline.engine.context import SyncContext
from syncline.engine.run import plan, run
from syncline.service.connect import open_connection
from syncline.store.models import Action, Link, Run
from syncline.testing.clock import ManualClock
from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.property.watched import EndingClock, Made
from tests.property.world import NO_BRAKES, rehashed
from tests.scenario.pair import writes

Values = Mapping[str, Raw]

SYSTEMS = {Side.LEFT: "apollo", Side.RIGHT: "salesforce"}
TYPES: Mapping[Side, Mapping[str, str]] = {
    Side.LEFT: {"account": "accounts", "contact": "contacts"},
    Side.RIGHT: {"Account": "Account", "Contact": "Contact", "Lead": "Lead"},
}
"""The object types that are synced, and what the control calls them."""

LAG = 30
"""Seconds by which Apollo's searches may be behind, as the connection's settings say."""

SETTINGS = """
version: 1
database: sqlite:///unused.sqlite3
connections:
  apollo:
    system: apollo
    credentials: {{api_key: "env:API_KEY"}}
    base_url: {left}
    options: {{timeout: {timeout}, listing_lag: {lag}}}
  salesforce:
    system: salesforce
    credentials: {{client_id: "env:CLIENT_ID", client_secret: "env:CLIENT_SECRET"}}
    base_url: {right}
    options: {{timeout: {timeout}}}
syncs:
  crm:
    left: apollo
    right: salesforce
    preset: apollo-salesforce
    first_run_needs_approval: false
    users: {{default_left: {user}}}
"""


class SharedClock(ManualClock):
    """Every sandbox has this very time, and its time passes with it."""

    def __init__(self, sandboxes: Sequence[RunningSandbox], start: datetime) -> None:
        super().__init__(start)
        self._sandboxes = sandboxes
        self.advance(0)

    def advance(self, seconds: float) -> None:
        super().advance(seconds)
        for sandbox in self._sandboxes:
            sandbox.control("POST", "/clock", {"now": self.now().isoformat(), "frozen": True})


@dataclass
class ShownSystem:
    """What a new reader gets to see of a sandbox, and which of it was not made by persons."""

    types: Mapping[str, ObjectSchema]
    records: Mapping[str, Mapping[str, Values]]
    made: Sequence[Made]

    def all(self, object_type: str) -> Mapping[str, Values]:
        return self.records.get(object_type, {})

    def values(self, object_type: str, id_: str) -> Values | None:
        return self.all(object_type).get(id_)

    def hides(self, object_type: str, id_: str, name: str) -> bool:
        return name not in (self.values(object_type, id_) or {})


@dataclass
class SandboxWorld:
    """Two running sandboxes with a sync between them; `begin` empties both.

    `persons` are the records that somebody made through the control.
    """

    sandboxes: Mapping[Side, RunningSandbox]
    tells = False
    """Apollo never tells of a deletion."""
    disguised: ClassVar[frozenset[tuple[Side, str]]] = frozenset()
    """Nobody edits what we made before we heard of it, so that we can recognise it."""

    def __post_init__(self) -> None:
        self.connectors: dict[Side, Connector] = {}
        self.start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)

    def begin(self) -> None:
        """Both systems are as they were in the beginning, and nobody has run anything."""
        self.close()
        for sandbox in self.sandboxes.values():
            sandbox.control("POST", "/reset")
        self.time = SharedClock(list(self.sandboxes.values()), self.start)
        self.clock = EndingClock(self.time)
        self.persons: set[tuple[Side, str]] = set()
        self.settings = self._settings()
        self.patience = 0.3
        self.systems: Mapping[Side, ShownSystem] = {}

    def _settings(self) -> SyncSettings:
        made = resolved(parse(self._document(1.0)), "crm")
        return rehashed(replace(made, brakes=NO_BRAKES))

    def _document(self, timeout: float) -> str:
        left, right = (self.sandboxes[side].base_url for side in Side)
        user = self.control(Side.LEFT, "GET", "/records/users?limit=1")["records"][0]["email"]
        return SETTINGS.format(left=left, right=right, lag=LAG, user=user, timeout=timeout)

    # What people and systems do.

    def control(self, side: Side, method: str, path: str, body: object | None = None) -> Any:
        return self.sandboxes[side].control(method, path, body)

    def ids(self, side: Side, object_type: str) -> list[str]:
        """The living records, the oldest first."""
        rows = self.control(side, "GET", f"/records/{TYPES[side][object_type]}")["records"]
        return [str(row.get("id") or row["Id"]) for row in rows]

    def put(self, side: Side, object_type: str, values: Mapping[str, Any]) -> str:
        """A person makes a record; its id."""
        row = self.control(side, "POST", f"/records/{TYPES[side][object_type]}", dict(values))
        id_ = str(row.get("id") or row["Id"])
        self.persons.add((side, id_))
        return id_

    def edit(self, side: Side, object_type: str, id_: str, values: Mapping[str, Any]) -> None:
        if (side, id_) in self.persons or Link.objects.filter(**{f"{side}_id": id_}).exists():
            self.control(side, "POST", f"/records/{TYPES[side][object_type]}/{id_}", dict(values))

    def remove(self, side: Side, object_type: str, id_: str) -> None:
        self.control(side, "POST", "/delete", {"type": TYPES[side][object_type], "id": id_})

    # What we do.

    def context(self) -> SyncContext:
        """The sync as the present process has it: connectors are kept until it ends."""
        if not self.connectors:
            self.connectors = self._connect()
        return SyncContext(self.settings, self.connectors, self.clock)

    def _connect(self) -> dict[Side, Connector]:
        document = parse(self._document(self.patience))
        environ = {n.upper(): str(v) for s in self.sandboxes.values() for n, v in s.credentials.items()}
        return {
            side: open_connection(document, self.settings.connection(side), self.clock, environ)
            for side in Side
        }

    def run(self, **how: Any) -> Run:
        """One run, and a second passes."""
        self.time.advance(1)
        return run(self.context(), **how)

    def plan(self) -> Run:
        self.time.advance(1)
        return plan(self.context())

    def close(self) -> None:
        """The process ends."""
        for connector in self.connectors.values():
            connector.close()
        self.connectors = {}

    # What is to be seen of it.

    def look(self) -> None:
        """Read both systems anew, as somebody would who never read them before."""
        context = SyncContext(self.settings, self._connect(), self.clock)
        self.systems = {side: self._shown(context, side) for side in Side}
        for connector in context.connectors.values():
            connector.close()

    def _shown(self, context: SyncContext, side: Side) -> ShownSystem:
        records = {t: _everything(context, side, t, context.fields(side, t)) for t in context.schemas[side]}
        users = context.user_types(side)
        records["user"] = {
            i: v for t in users for i, v in _everything(context, side, t, ("active", "email", "name")).items()
        }
        return ShownSystem(context.schemas[side], records, list(self._made(side)))

    def _made(self, side: Side) -> Iterator[Made]:
        """Who was not made by a person, and for which action; 0 if none says so."""
        for object_type in TYPES[side]:
            for id_ in self.ids(side, object_type):
                if (side, id_) not in self.persons:
                    ours = Action.objects.filter(op=Op.CREATE, side=side.value, **{f"{side}_id": id_})
                    yield Made(
                        object_type, id_, ours.order_by("pk").values_list("pk", flat=True).first() or 0
                    )

    def requests(self) -> dict[str, dict[str, int]]:
        return {SYSTEMS[side]: self.control(side, "GET", "/requests") for side in Side}

    def writes_since(self, before: Mapping[str, Mapping[str, int]]) -> Mapping[str, int]:
        """The calls since that may have changed something."""
        return writes(before, self.requests())


def _everything(
    context: SyncContext, side: Side, object_type: str, fields: Sequence[str]
) -> dict[str, Values]:
    pages = context.connectors[side].changes(object_type, None, fields)
    return {r.ref.remote_id: r.values for page in pages for r in page.records if not r.deleted}


@contextmanager
def two_sandboxes() -> Iterator[SandboxWorld]:
    """Both sandboxes, started once and stopped at the end."""
    with start_sandbox("apollo") as left, start_sandbox("salesforce") as right:
        world = SandboxWorld({Side.LEFT: left, Side.RIGHT: right})
        try:
            yield world
        finally:
            world.close()
