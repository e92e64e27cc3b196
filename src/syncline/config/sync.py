"""What the engine needs to know of one sync: its settings with the preset mixed in, frozen and hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from pydantic import TypeAdapter

from syncline.config.document import Document, KindDocument, Mode, SyncDocument
from syncline.config.overlay import Kinds, lay_over
from syncline.config.preset import preset, preset_kinds
from syncline.config.schedule import Schedule, ScheduleDocument, joined
from syncline.config.values import KindName
from syncline.config.wording import choices, shown
from syncline.core.criteria import DISQUALIFIED
from syncline.core.errors import UnknownNameError
from syncline.core.guard import Brakes
from syncline.core.mapping import FieldMap
from syncline.core.model import Kind, Side
from syncline.core.policy import Direction, OnClear
from syncline.core.scope import CreateRule, KindSettings


@dataclass(frozen=True)
class UserMap:
    """Who is who by hand: e-mail addresses or ids of users; the rest is matched by e-mail (rule M7)."""

    pairs: Mapping[str, str] = field(default_factory=dict)
    default_left: str | None = None
    default_right: str | None = None
    pool_left: tuple[str, ...] = ()
    pool_right: tuple[str, ...] = ()

    def default(self, side: Side) -> str | None:
        """The user of that side who takes what an unmapped user owns."""
        return self.default_left if side is Side.LEFT else self.default_right

    def pool(self, side: Side) -> tuple[str, ...]:
        """The users of that side who take, in turn, new records that nobody owns."""
        return self.pool_left if side is Side.LEFT else self.pool_right


@dataclass(frozen=True)
class SyncSettings:
    """One sync as it runs. `settings_hash` changes when anything changes that a plan rests on."""

    name: str
    left: str
    right: str
    kinds: tuple[KindSettings, ...]
    brakes: Brakes = field(default_factory=Brakes)
    region: str = "US"
    clock_skew: timedelta = timedelta(seconds=5)
    users: UserMap = field(default_factory=UserMap)
    first_run_needs_approval: bool = True
    quiet_period: timedelta | None = None
    hidden: frozenset[tuple[Kind, Side]] = frozenset()
    """Whose records lists leave out: no plan rests on it (rule P2)."""
    schedule: Schedule = field(default_factory=Schedule)
    settings_hash: str = ""

    def connection(self, side: Side) -> str:
        """The name of the connection on that side."""
        return self.left if side is Side.LEFT else self.right

    def kind(self, kind: Kind) -> KindSettings | None:
        """The settings of a kind, if it is synced."""
        return next((k for k in self.kinds if k.kind is kind), None)

    def kind_named(self, name: str) -> Kind:
        """The kind of that name, where it is synced; raises `UnknownNameError`."""
        known = [each.kind.value for each in self.kinds]
        if name not in known:
            raise UnknownNameError(
                f"There is no kind {shown(name)} in this sync. It has: {', '.join(known)}."
            )
        return Kind(name)


def mixed_kinds(document: Document, name: str) -> Kinds:
    """The raw kinds of a sync over its preset's, with the places they were written at."""
    sync = document.syncs[name]
    return lay_over(preset_kinds(sync.preset), sync.written_kinds, ("syncs", name, "kinds"))


_KINDS = TypeAdapter(dict[KindName, KindDocument])
_HASHED = TypeAdapter(tuple[str, str, tuple[KindSettings, ...], str, timedelta, UserMap])


def resolved(document: Document, name: str) -> SyncSettings:
    """The settings of one sync as the engine uses them; raises `UnknownNameError`."""
    if name not in document.syncs:
        raise UnknownNameError(f"There is no sync {shown(name)}. {choices(name, document.syncs)}")
    sync = document.syncs[name]
    documents = _KINDS.validate_python(mixed_kinds(document, name).raw)
    kinds = _settings(documents)
    who = sync.users
    users = UserMap(who.map, who.default_left, who.default_right, who.pool_left, who.pool_right)
    parts = (sync.left, sync.right, kinds, sync.locale.region, sync.latest.clock_skew, users)
    return SyncSettings(
        name=name,
        left=sync.left,
        right=sync.right,
        kinds=kinds,
        brakes=sync.brakes,
        region=sync.locale.region,
        clock_skew=sync.latest.clock_skew,
        users=users,
        first_run_needs_approval=sync.first_run_needs_approval,
        quiet_period=sync.quiet_period,
        hidden=_hidden(documents),
        schedule=Schedule(mixed_schedule(sync)),
        settings_hash=_hash(parts),
    )


def _hidden(kinds: Mapping[KindName, KindDocument]) -> frozenset[tuple[Kind, Side]]:
    hides = {(name, Side.LEFT): each.hide_left for name, each in kinds.items()}
    hides |= {(name, Side.RIGHT): each.hide_right for name, each in kinds.items()}
    return frozenset((Kind(name), side) for (name, side), hide in hides.items() if hide)


def mixed_schedule(sync: SyncDocument) -> ScheduleDocument:
    """What a sync says of its schedule over what its preset says."""
    return joined(preset(sync.preset).schedule if sync.preset else None, sync.schedule)


def _settings(kinds: Mapping[KindName, KindDocument]) -> tuple[KindSettings, ...]:
    """Kinds in the order of `Kind`: accounts first, because people refer to them."""
    made = []
    for kind in Kind:
        found = next((d for name, d in kinds.items() if name == kind.value), None)
        if found and found.enabled and found.mode != "off" and found.pairs:
            made.append(_kind_settings(kind, found))
    return tuple(made)


def _kind_settings(kind: Kind, document: KindDocument) -> KindSettings:
    settings = _plain_settings(kind, document)
    mark = settings.on_disqualified
    if mark is None:
        return settings
    source, target = settings.qualifying, settings.qualifying.other
    fields = {source: DISQUALIFIED, target: mark.field}
    marking = FieldMap(
        left=fields[Side.LEFT],
        right=fields[Side.RIGHT],
        direction=Direction(f"to_{target}"),
        owner=source.value,
        clear=OnClear.PROPAGATE,
    )
    pairs = (replace(pair, fields=(*pair.fields, marking)) for pair in settings.pairs)
    return replace(settings, pairs=tuple(pairs))


def _plain_settings(kind: Kind, document: KindDocument) -> KindSettings:
    return KindSettings(
        kind=kind,
        pairs=document.pairs,
        create_left=_within(document.mode, Side.LEFT, document.create_left),
        create_right=_within(document.mode, Side.RIGHT, document.create_right),
        match=document.match,
        stage_left=document.stage_left,
        stage_right=document.stage_right,
        update_left=document.update_left and writes(document.mode, Side.LEFT),
        update_right=document.update_right and writes(document.mode, Side.RIGHT),
        update_left_where=document.update_left_where,
        update_right_where=document.update_right_where,
        lists_left=document.lists_left,
        lists_right=document.lists_right,
        email_status_left=document.email_status_left,
        email_status_right=document.email_status_right,
        push_unverified_emails=document.push_unverified_emails,
        require_left=document.require_left,
        require_right=document.require_right,
        settle=document.settle,
        settle_at_most=document.settle_at_most,
        batch=document.batch,
        on_disqualified=document.on_disqualified,
        delete_left=document.delete_left,
        delete_right=document.delete_right,
        follow_merges=document.follow_merges,
        on_ended=document.on_ended,
    )


def writes(mode: Mode, side: Side) -> bool:
    """Whether a mode lets anything be written on that side."""
    return mode in ("both", f"to_{side}")


def _within(mode: Mode, side: Side, rule: CreateRule) -> CreateRule:
    return rule if writes(mode, side) else replace(rule, enabled=False)


def _hash(parts: object) -> str:
    plain = _HASHED.dump_python(parts, mode="json")  # type: ignore[arg-type]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


def all_resolved(document: Document) -> Mapping[str, SyncSettings]:
    """Every sync of a document by its name."""
    return {name: resolved(document, name) for name in document.syncs}


__all__ = [
    "SyncDocument",
    "SyncSettings",
    "UserMap",
    "all_resolved",
    "mixed_kinds",
    "mixed_schedule",
    "resolved",
]
