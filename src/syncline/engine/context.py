"""One sync at work: its settings joined with two connectors, a clock and somebody to tell of progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from syncline.config.sync import SyncSettings
from syncline.connectors.base import Clock, Connector, Note
from syncline.core.budget import Work
from syncline.core.by_hand import ByHand
from syncline.core.convert import Terms, Users
from syncline.core.criteria import DISQUALIFIED
from syncline.core.decide import PairContext
from syncline.core.errors import RunStopped, TokenKeyError
from syncline.core.inferring import INFERRED, InferredField, described, inferred_field, inferring_map
from syncline.core.mapping import ObjectPair
from syncline.core.model import Kind, Ref, Side
from syncline.core.push import asked_fields
from syncline.core.references import Relations
from syncline.core.schema import CHOICES, Field, FieldType, ObjectSchema
from syncline.core.scope import KindSettings
from syncline.core.settling import Settling
from syncline.engine.leave_out import telling_how_to_leave_out
from syncline.store.mirror import digest
from syncline.store.sealing import TokenKeys

Report = Callable[[str, int, int | None], None]
"""Told the step in words, how much of it is done, and of how much, where that is known."""


def silent(step: str, done: int, total: int | None) -> None:
    """Reports to nobody."""


Listener = Callable[[str, Note], None]
"""Told the connection and what a read of it left out."""


def deaf(connection: str, note: Note) -> None:
    """Listens to nobody."""


def never() -> bool:
    """Nobody asks to stop."""
    return False


def unnoticed(run_id: int | None) -> None:
    """Nobody wants to know which run it is."""


def nothing() -> None:
    """There is nothing to keep."""


def no_keys() -> TokenKeys:
    """There are no keys either."""
    raise TokenKeyError("no encryption_key is at hand, so nobody can be erased, or known as erased")


@dataclass
class SyncContext:
    """What every step of a run needs. `users` is filled once both sides' users were read."""

    settings: SyncSettings
    connectors: Mapping[Side, Connector]
    clock: Clock
    report: Report = silent
    stopping: Callable[[], bool] = never
    listen: Listener = deaf
    began: Callable[[int | None], object] = unnoticed
    """Told the run that is worked on from here; None while it has no number yet."""
    users: Users = field(default_factory=Users)
    keep_claim: Callable[[], object] = nothing
    token_keys: Callable[[], TokenKeys] = no_keys
    doing: Callable[[Work], AbstractContextManager[object]] = nullcontext
    """Meanwhile the calls are for work of that sort, and may use its part of the budget (rule C6)."""
    by_hand: ByHand | None = None
    """What a person asked for of chosen records, while just those are worked on."""
    settle: timedelta = timedelta(0)
    """How long records rest at least before they are carried over, in runs that started by themselves."""
    settling_until: list[datetime] = field(default_factory=list)
    """When records that rest may be carried over."""
    read_calls: dict[tuple[Side, Kind], dict[str, int]] = field(default_factory=dict)
    """The calls that reading each side of each kind took the last time, by method and endpoint."""
    called_before: Mapping[Side, Mapping[str, int]] = field(default_factory=dict)
    """The calls that were made before the run began: one context may serve many runs."""
    heirs: dict[Side, set[Ref]] = field(default_factory=lambda: {side: set() for side in Side})
    """Unlinked records that a link is about to move to."""
    disputed: dict[Side, set[Ref]] = field(default_factory=lambda: {side: set() for side in Side})
    """Those of them for which a person has to say whether it does."""

    @property
    def name(self) -> str:
        return self.settings.name

    def now(self) -> datetime:
        return self.clock.now()

    def connection(self, side: Side) -> str:
        return self.settings.connection(side)

    def count_calls(self) -> None:
        """Count the calls of a run from here."""
        self.called_before = {side: dict(self.connectors[side].calls_made()) for side in Side}

    def calls(self) -> dict[str, dict[str, int]]:
        """The calls of the run, by connection, method and endpoint."""
        found: dict[str, dict[str, int]] = {}
        for side in Side:
            before = self.called_before.get(side, {})
            more = {name: n - before.get(name, 0) for name, n in self.connectors[side].calls_made().items()}
            found[self.connection(side)] = {name: n for name, n in more.items() if n}
        return found

    def check_stop(self) -> None:
        """Between two batches: keep the claim on the sync, and raise `RunStopped` when somebody asked for it."""
        self.keep_claim()
        if self.stopping():
            raise RunStopped("the run was asked to stop; what was done so far is kept")

    def settling(self, kind: KindSettings) -> Settling:
        """How long records of a kind rest."""
        return replace(kind.settling, wait=max(kind.settle, self.settle))

    def user_types(self, side: Side) -> list[str]:
        """The object types of a side that hold its users."""
        return [name for name, kind in self.connectors[side].object_types().items() if kind is Kind.USER]

    @cached_property
    def schemas(self) -> Mapping[Side, Mapping[str, ObjectSchema]]:
        """What each side says of the object types this sync works on."""
        wanted = {
            side: dict.fromkeys(t for kind in self.settings.kinds for t in kind.object_types(side))
            for side in Side
        }
        return {side: {t: self._described(side, t) for t in types} for side, types in wanted.items()}

    def described(self, side: Side, object_type: str) -> ObjectSchema | None:
        """What a side says of an object type, if this sync works on it."""
        return self.schemas[side].get(object_type)

    def _described(self, side: Side, object_type: str) -> ObjectSchema:
        """What a side says of an object type, and the mark of records that stopped qualifying."""
        with telling_how_to_leave_out(self.settings, side, object_type):
            found = self.connectors[side].describe(object_type)
        schema = self._limited(side, found)
        if any(object_type in self.inferring(kind, side) for kind in self.settings.kinds):
            field = described(self._account_types(side))
            schema = replace(schema, fields={**schema.fields, INFERRED: field})
        marking = (k for k in self.settings.kinds if k.on_disqualified and k.qualifying is side)
        if not any(object_type in kind.object_types(side) for kind in marking):
            return schema
        mark = Field(DISQUALIFIED, "Qualifies no more", FieldType.TEXT, creatable=False, updatable=False)
        return replace(schema, fields={**schema.fields, DISQUALIFIED: mark})

    def _account_types(self, side: Side) -> tuple[str, ...]:
        accounts = self.settings.kind(Kind.ACCOUNT)
        return accounts.object_types(side) if accounts else ()

    def inferring(self, kind: KindSettings, side: Side) -> Mapping[str, str]:
        """The object types of a side whose records get an inferred account, with the field of their address."""
        if not self._inferred:
            return {}
        found = ((p, self._inferred.get((kind.kind, p.left, p.right))) for p in kind.pairs)
        return {p.on(side): field.email_field for p, field in found if field and field.target is side.other}

    @cached_property
    def _inferred(self) -> Mapping[tuple[Kind, str, str], InferredField]:
        """What pairs infer by what both sides say of their object types."""
        accounts = {name for side in Side for name in self._account_types(side)}
        found: dict[tuple[Kind, str, str], InferredField] = {}
        for kind in self.settings.kinds:
            for pair in (p for p in kind.pairs if p.infer_account):
                left, right = (self.connectors[side].describe(pair.on(side)) for side in Side)
                if field := inferred_field(pair, left, right, accounts):
                    found[kind.kind, pair.left, pair.right] = field
        return found

    def _whole(self, kind: KindSettings, pair: ObjectPair) -> ObjectPair:
        """A pair with the map of the account it infers."""
        found = self._inferred.get((kind.kind, pair.left, pair.right))
        return replace(pair, fields=(*pair.fields, inferring_map(found))) if found else pair

    def _limited(self, side: Side, schema: ObjectSchema) -> ObjectSchema:
        """The schema with the options that record types leave; asked for only where a picklist of them is written."""
        kinds = schema.record_types
        if kinds is None:
            return schema
        pairs = (p for k in self.settings.kinds for p in k.pairs if p.on(side) == schema.object_type)
        maps = [m for p in pairs for m in p.active]
        written = {m.on(side) for m in maps if m.direction.allows(side) or m.on_create}
        written |= {r.source.field for k in self.settings.kinds if (r := k.create_rule(side)).source}
        fields = (schema.fields.get(name) for name in written)
        if not any(f and f.type in CHOICES for f in fields):
            return replace(schema, record_types=None)
        options = self.connectors[side].options_by_record_type(schema.object_type)
        mapped = {
            key: {name: offered for name, offered in by_field.items() if name in written}
            for key, by_field in options.items()
        }
        return replace(schema, record_types=replace(kinds, options=mapped))

    @cached_property
    def reference_fields(self) -> Mapping[Side, Mapping[str, tuple[Field, ...]]]:
        """The fields that refer to other records, by object type."""
        return {
            side: {
                name: tuple(
                    f
                    for f in schema.fields.values()
                    if f.type is FieldType.REFERENCE
                    and not (schema.record_types and f.name == schema.record_types.told_by)
                )
                for name, schema in schemas.items()
            }
            for side, schemas in self.schemas.items()
        }

    def fields(self, side: Side, object_type: str) -> list[str]:
        """The fields of an object type this sync reads: mapped ones, the stage and what is required."""
        names: set[str] = set()
        for kind in self.settings.kinds:
            for pair in kind.pairs:
                if pair.on(side) == object_type:
                    names.update(m.on(side) for m in self._whole(kind, pair).active)
            if object_type in kind.object_types(side):
                names.update(asked_fields(kind, side, self.schemas[side][object_type]))
                names.update(each.field for each in kind.requirements(side).values())
                names.update(filter(None, [kind.stage_field(side)]))
                names.update(mark.field for where, mark in kind.on_ended.items() if where is side)
        names.update(filter(None, [self.connectors[side].capabilities(object_type).merged_ids]))
        schema = self.schemas[side][object_type]
        names.update({schema.record_types.told_by} if schema.record_types else ())
        known = schema.fields
        return sorted(name for name in names if name in known and name not in (DISQUALIFIED, INFERRED))

    @property
    def world(self) -> str:
        """Changes when settings, schemas or users change: every decision that rests on them is made anew."""
        schemas = {f"{side}:{t}": s.fingerprint for side in Side for t, s in self.schemas[side].items()}
        users = [
            sorted(self.users.to_right.items()),
            sorted((s, sorted(a)) for s, a in self.users.active.items()),
            sorted(self.users.default.items()),
            sorted(self.users.pool.items()),
            sorted(self.users.addresses.items()),
        ]
        return digest([self.settings.settings_hash, schemas, users])

    def pair_context(self, kind: KindSettings, pair: ObjectPair, relations: Relations) -> PairContext:
        """The frame in which the records of one pair of object types are decided."""
        return PairContext(
            settings=kind,
            pair=self._whole(kind, pair),
            left=self.schemas[Side.LEFT][pair.left],
            right=self.schemas[Side.RIGHT][pair.right],
            terms=Terms(self.users, relations, self.settings.region),
            now=self.now(),
            skew=self.settings.clock_skew,
            by_hand=self.by_hand,
        )

    def with_report(self, report: Report) -> SyncContext:
        """The same sync, telling somebody else of its progress."""
        return replace(self, report=report)
