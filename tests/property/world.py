"""Two systems, the settings between them, and the engine, ready to be run, crashed and asked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.apps import apps

from syncline.config.sync import SyncSettings, UserMap
from syncline.connectors.memory.schema import memory_schema
from syncline.core.backoff import HEALING
from syncline.core.guard import Brakes
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.match import MatchPolicy
from syncline.core.model import Kind, Raw, Ref, Side
from syncline.core.policy import Direction, OnClear, OnConflict
from syncline.core.schema import ObjectSchema
from syncline.core.scope import KindSettings
from syncline.engine.context import SyncContext
from syncline.engine.nudged import carry_nudged
from syncline.engine.run import plan, run
from syncline.store.error_log import SyncError
from syncline.store.models import Action, Run
from syncline.store.retries import release
from syncline.store.sealing import TokenKeys, new_key
from syncline.testing.clock import ManualClock
from tests.property.watched import EndingClock, WatchedConnector, WatchedSystem

SYNC = "main"
NO_BRAKES = Brakes(
    max_create_share=None,
    max_overwrite_share=None,
    max_clear_share=None,
    match_rate_fall=None,
    emptied_side=False,
)

COMPANY_MAPS = (
    FieldMap("name", "name", owner="left"),
    FieldMap("domain", "domain", owner="left"),
    FieldMap("phone", "phone", owner="right"),
    FieldMap("industry", "industry", owner="left", clear=OnClear.PROPAGATE),
    FieldMap("employees", "employees", on_conflict=OnConflict.LATEST),
    FieldMap("owner", "owner", direction=Direction.TO_LEFT, owner="right", on_create=True),
)
PERSON_MAPS = (
    FieldMap("first", "first", on_conflict=OnConflict.LATEST),
    FieldMap("last", "last", owner="left"),
    FieldMap("email", "email", owner="left"),
    FieldMap("phone", "phone"),
    FieldMap("title", "title", owner="left", clear=OnClear.PROPAGATE),
    FieldMap("company", "company", owner="left", clear=OnClear.PROPAGATE),
    FieldMap("stage", "stage", direction=Direction.TO_RIGHT, owner="left"),
    FieldMap("score", "score", on_conflict=OnConflict.RIGHT),
    FieldMap("optin", "optin", owner="right"),
    FieldMap("tags", "tags"),
)


def kind(which: Kind, maps: Sequence[FieldMap], keys: Sequence[str], **rest: Any) -> KindSettings:
    """The settings of companies or persons: one object type on each side, called the same."""
    object_type = {Kind.ACCOUNT: "company", Kind.PERSON: "person"}[which]
    match = MatchPolicy(keys=tuple(keys))
    return KindSettings(which, (ObjectPair(object_type, object_type, tuple(maps)),), match=match, **rest)


def settings(
    company: Sequence[FieldMap] = COMPANY_MAPS, person: Sequence[FieldMap] = PERSON_MAPS, **rest: Any
) -> SyncSettings:
    """A sync of companies (by domain) and persons (by e-mail address)."""
    kinds = (kind(Kind.ACCOUNT, company, ["domain"]), kind(Kind.PERSON, person, ["email"]))
    return rehashed(
        SyncSettings(
            **{
                "name": SYNC,
                "left": "left-crm",
                "right": "right-crm",
                "kinds": kinds,
                "brakes": NO_BRAKES,
                "users": UserMap(),
                "first_run_needs_approval": False,
                **rest,
            }
        )
    )


def rehashed(changed: SyncSettings) -> SyncSettings:
    """The settings with the hash of what they say."""
    parts = (changed.left, changed.right, changed.kinds, changed.region, changed.clock_skew, changed.users)
    return replace(changed, settings_hash=hashlib.sha256(repr(parts).encode()).hexdigest()[:16])


def with_map(old: SyncSettings, which: Kind, key: str, **changes: Any) -> SyncSettings:
    """The settings with one field map changed."""

    def changed(pair: ObjectPair) -> ObjectPair:
        maps = (replace(m, **changes) if m.key == key else m for m in pair.fields)
        return replace(pair, fields=tuple(maps))

    pairs = next(k.pairs for k in old.kinds if k.kind is which)
    return with_kind(old, which, pairs=tuple(changed(pair) for pair in pairs))


def with_kind(old: SyncSettings, which: Kind, **changes: Any) -> SyncSettings:
    """The settings with something of one kind changed."""
    kinds = tuple(replace(k, **changes) if k.kind is which else k for k in old.kinds)
    return rehashed(replace(old, kinds=kinds))


def mapped_schemas() -> list[ObjectSchema]:
    """Object types with mapped fields only: what a write answers is what the next listing shows."""
    mapped = {"company": {m.left for m in COMPANY_MAPS}, "person": {m.left for m in PERSON_MAPS}}
    return [
        replace(s, fields={n: f for n, f in s.fields.items() if n in mapped.get(s.object_type, s.fields)})
        for s in memory_schema()
    ]


def empty_store() -> None:
    """Nothing is in any table of the open store any more."""
    for model in apps.get_app_config("store").get_models():
        model._default_manager.all().delete()


@dataclass
class World:
    """Two systems and the sync between them. Every run has connectors of its own, as processes have."""

    settings: SyncSettings = field(default_factory=settings)
    time: ManualClock = field(default_factory=ManualClock)
    honest: bool = True
    """Listings are late only as long as the systems say."""
    tells: bool = True
    """Both systems have told of every deletion so far."""
    disguised: set[tuple[Side, str]] = field(default_factory=set)
    """Records of ours that persons changed beyond recognition before we heard that we made them."""
    keys: str = field(default_factory=new_key)
    """What the setting encryption_key leads to."""

    def __post_init__(self) -> None:
        self.clock = EndingClock(self.time)
        self.systems: Mapping[Side, WatchedSystem] = {
            side: WatchedSystem(self.time, mapped_schemas(), seed=seed)
            for seed, side in enumerate(Side, start=1)
        }
        self.connectors: Mapping[Side, WatchedConnector] = {}
        for system in self.systems.values():
            for name in ("one", "two"):
                user: Mapping[str, Raw] = {
                    "name": name.title(),
                    "email": f"{name}@example.com",
                    "active": True,
                }
                system.put("user", user)

    @property
    def left(self) -> WatchedSystem:
        return self.systems[Side.LEFT]

    @property
    def right(self) -> WatchedSystem:
        return self.systems[Side.RIGHT]

    def context(self) -> SyncContext:
        self.connectors = {side: WatchedConnector(system) for side, system in self.systems.items()}
        return SyncContext(
            self.settings, self.connectors, self.clock, token_keys=lambda: TokenKeys.parse(self.keys)
        )

    def run(self, **how: Any) -> Run:
        """One run, and a second passes."""
        self.time.advance(1)
        return run(self.context(), **how)

    def plan(self, **how: Any) -> Run:
        self.time.advance(1)
        return plan(self.context(), **how)

    def nudge(self, asked: Mapping[Side, Sequence[Ref]]) -> None:
        """Somebody says that these records changed."""
        self.time.advance(1)
        carry_nudged(self.context(), asked)

    def writes(self) -> int:
        """The calls of the last run that wrote."""
        return sum(connector.writes() for connector in self.connectors.values())

    def user(self, side: Side, name: str) -> str:
        """The id of a user."""
        users = self.systems[side].all("user")
        return next(id_ for id_, values in users.items() if values["email"] == f"{name}@example.com")


def ask_again(time: ManualClock) -> int:
    """A person has everything tried again that a later try may heal."""
    rows = SyncError.objects.filter(resolved_at=None, error_class__in=HEALING)
    return sum(release(row.sync, [row.pk], time.now()) for row in rows)


def actions_of(row: Run) -> list[Action]:
    """The actions of a run as they are stored now."""
    return list(Action.objects.filter(run_id=row.pk).order_by("phase", "pk"))
