"""What persons wrote and what we wrote: nothing of theirs may be lost, and nothing of ours be forbidden."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncline.core.inherit import MARK
from syncline.core.mapping import FieldMap
from syncline.core.model import Raw, Side
from syncline.core.policy import OnClear, WriteRule
from syncline.core.schema import FieldType
from syncline.core.scope import KindSettings
from syncline.store.models import Action, Hold, Link
from tests.property.meaning import meaning
from tests.property.watched import Sent
from tests.property.world import World

Place = tuple[Side, str, str, str]
"""Side, object type, id and field."""

NAMING = frozenset(
    {FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.DOMAIN, FieldType.URL, FieldType.NUMBER}
)
"""The types whose values tell one record from another."""

EMPTY: tuple[Raw, ...] = (None, "", [])


@dataclass
class Ledger:
    """`wrote` is the last value a person gave a field. `risky` sides rewrite values, or show them late."""

    world: World
    wrote: dict[Place, Raw] = field(default_factory=dict)
    risky: set[Side] = field(default_factory=set)
    read: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))
    links: dict[int, bool] = field(default_factory=dict)
    removed: list[tuple[Side, Sent, frozenset[str]]] = field(default_factory=list)
    """What we deleted, with the fields that were synced then and not hidden: only these are looked at before."""

    def note(self, side: Side, object_type: str, id_: str, values: Mapping[str, Raw]) -> None:
        self.wrote.update({(side, object_type, id_, name): value for name, value in values.items()})
        if side in self.risky:
            for name in values:
                self.wrote.pop((side, object_type, id_, name))
        if self._beyond_recognition(side, object_type, id_, values):
            self.world.disguised.add((side, id_))

    def distrust(self, side: Side) -> None:
        """From now on that side rewrites what it holds: what persons wrote there may go at any write."""
        self.risky.add(side)
        self.wrote = {place: value for place, value in self.wrote.items() if place[0] is not side}

    def _beyond_recognition(self, side: Side, object_type: str, id_: str, written: Mapping[str, Raw]) -> bool:
        """Whether we made it, never heard of it, and nothing that names it is as we sent it.

        DESIGN 6 has us look for such a record by its match keys and values; without any, nobody could find it.
        """
        system = self.world.systems[side]
        action = next((m.action for m in system.made if m.id == id_), None)
        if action is None or Link.objects.filter(**{f"{side}_type": object_type, f"{side}_id": id_}).exists():
            return False
        now = {**(system.values(object_type, id_) or {}), **written}  # what was written may be committed late
        sent = next(s.values for s in system.sent if s.action == action)
        fields = system.types[object_type].fields
        naming = {n: v for n, v in sent.items() if fields[n].type in NAMING and v not in EMPTY}
        return not any(
            meaning(fields[n].type, v) == meaning(fields[n].type, now.get(n)) for n, v in naming.items()
        )

    def check(self, shown: Mapping[int, Any]) -> None:
        """Judge what was written since the last look, under the settings that are in force."""
        found = [*self._links_kept()]
        for side, system in self.world.systems.items():
            fresh, self.read[side] = system.sent[self.read[side] :], len(system.sent)
            for sent in fresh:
                found += self._judge(side, sent, shown)
        assert not found, found

    def _links_kept(self) -> Iterator[str]:
        """Links are ended, never removed, and an ended one stays ended."""
        now = {pk: at is not None for pk, at in Link.objects.values_list("pk", "ended_at")}
        for pk, ended in self.links.items():
            if pk not in now or (ended and not now[pk]):
                yield f"link {pk} is gone or alive again"
        self.links = now

    def _judge(self, side: Side, sent: Sent, shown: Mapping[int, Any]) -> Iterator[str]:
        row = _action(side, sent)
        what = f"{sent.verb} {side} {sent.object_type}/{sent.id} {dict(sent.values)}"
        if row is None:
            yield f"{what}: no action says so"
            return
        kind = next(k for k in self.world.settings.kinds if sent.object_type in k.object_types(side))
        maps = {m.on(side): m for m in kind.pairs[0].active}
        changes = {f["field"]: f for f in row.fields}
        yield from (f"{what}: {why}" for why in _not_as_shown(row, sent, shown))
        yield from (f"{what}: {why}" for why in _gate(kind, side, sent, row))
        if sent.verb == "delete":
            self.removed.append((side, sent, self._shown(side, sent, maps)))
            yield from (f"{what}: {why}" for why in self._unproved(side, row))
        for name, value in sent.values.items():
            why = _forbidden(side, sent, name, value, maps.get(name), changes[name])
            if why:
                yield f"{what}: {name} {why}"

    def _shown(self, side: Side, sent: Sent, synced: Iterable[str]) -> frozenset[str]:
        hides = self.world.systems[side].hides
        return frozenset(name for name in synced if not hides(sent.object_type, str(sent.id), name))

    def _unproved(self, side: Side, row: Action) -> Iterator[str]:
        """Nothing is deleted unless its counterpart was, and for good: not merged, and not there again."""
        twin = (row.left_type, row.left_id) if side is Side.RIGHT else (row.right_type, row.right_id)
        found = self.world.systems[side.other].rows.get(*twin)
        if found is None or not found.deleted or found.fate:
            yield f"its counterpart {twin[1]} was not deleted"

    def lost(self) -> Iterator[str]:
        """Values of persons that are on no side, in no journal and in no hold, although nobody replaced them."""
        known = _remembered()
        yield from self._deleted_with(known)
        for (side, object_type, id_, name), value in self.wrote.items():
            system = self.world.systems[side]
            kind = system.types[object_type].fields[name].type
            meant, now = meaning(kind, value), system.values(object_type, id_)
            if meant is None or now is None or kind in (FieldType.REFERENCE, FieldType.OWNER):
                continue
            if meaning(kind, now.get(name)) != meant and (kind, meant) not in known(kind):
                yield f"{side} {id_} {name} was {value!r} and is {now.get(name)!r}"

    def _deleted_with(self, known: Any) -> Iterator[str]:
        """Values of persons that went with a record we deleted, although its counterpart never had them."""
        for side, sent, synced in self.removed:
            links = Link.objects.filter(**{f"{side}_id": sent.id})
            seen = [a[part] for link in links for a in link.agreements.values() for part in ("l", "r")]
            for name, now in ((n, v) for n, v in sent.before.items() if n in synced):
                kind = self.world.systems[side].types[sent.object_type].fields[name].type
                meant = _meant(kind, self.wrote.get((side, sent.object_type, str(sent.id), name)))
                if (
                    kind in (FieldType.REFERENCE, FieldType.OWNER)
                    or meant is None
                    or _meant(kind, now) != meant
                ):
                    continue
                if (kind, meant) not in known(kind) and meant not in [_meant(kind, v) for v in seen]:
                    yield f"{side} {sent.id} {name} was {now!r} and went with it"


def _remembered() -> Any:
    raw: list[Raw] = []
    for fields in Action.objects.values_list("fields", flat=True):
        raw += [f.get(part) for f in fields for part in ("before", "after", "source", "losing")]
    for evidence in Action.objects.filter(op="delete").values_list("evidence", flat=True):
        raw += evidence["values"].values()
    for hold in Hold.objects.all():
        raw += [hold.left_value, hold.right_value]
    found: dict[FieldType, set[Any]] = {}

    def known(kind: FieldType) -> set[Any]:
        if kind not in found:
            found[kind] = {(kind, m) for value in raw if (m := _meant(kind, value)) is not None}
        return found[kind]

    return known


def _meant(kind: FieldType, value: Raw) -> Any:
    try:
        return meaning(kind, value)
    except ValueError:  # a value of a field of another type
        return None


def _action(side: Side, sent: Sent) -> Action | None:
    """The action that said so before it was sent."""
    if sent.action:
        return Action.objects.get(pk=sent.action)
    rows = Action.objects.filter(**{f"{side}_id": sent.id}, side=side.value, op=sent.verb)
    return next((r for r in rows.order_by("-pk") if r.sent == dict(sent.values)), None)


def _not_as_shown(row: Action, sent: Sent, shown: Mapping[int, Any]) -> Iterator[str]:
    """A stored plan is carried out as it was shown, references that were awaited apart."""
    if row.pk not in shown:
        return
    planned = {f["field"]: f for f in shown[row.pk][1]}
    for name, value in sent.values.items():
        if name not in planned or (planned[name]["after"] != value and "awaits" not in planned[name]):
            yield f"the plan showed {planned.get(name)}"


def _gate(kind: KindSettings, side: Side, sent: Sent, row: Action) -> Iterator[str]:
    if sent.verb == "update" and not kind.updates(side):
        yield "updates are off"
    if sent.verb == "delete" and not kind.deletes(side):
        yield "deletions are not carried over"
    if sent.verb == "create":
        source = row.left_id if side is Side.RIGHT else row.right_id
        earlier = Link.objects.filter(run_id__lt=row.run_id, left_type=sent.object_type)
        last = earlier.filter(**{f"{side.other}_id": source}).order_by("pk").last()
        if not kind.create_rule(side).enabled:
            yield "creates are off"
        counts = row.rule != "by hand" and last is not None and last.ended_as != "removed"
        if counts and last and last.ended_at and row.sent_at and last.ended_at <= row.sent_at:
            yield f"{source} was linked before, and that link was ended"


def _forbidden(
    side: Side, sent: Sent, name: str, value: Raw, field_map: FieldMap | None, change: Mapping[str, Any]
) -> str | None:
    if change["rule"] == MARK:
        return None
    if field_map is None:
        return "is not mapped"
    by_hand = change["rule"] == "decided by a person"
    empty, filled = value in EMPTY, sent.before.get(name) not in EMPTY
    if not field_map.direction.allows(side) and not (sent.verb == "create" and field_map.on_create):
        return "is not written to that side"
    if field_map.rule is WriteRule.FILL and filled and not by_hand:
        return f"only fills blanks, and there was {sent.before.get(name)!r}"
    if empty and filled and field_map.clear is OnClear.KEEP and not by_hand:
        return "is not to be cleared"
    return None
