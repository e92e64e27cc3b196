"""Judges of a quiet system that share no comparing, matching or merging with the engine they judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from syncline.config.sync import SyncSettings
from syncline.core.mapping import FieldMap
from syncline.core.model import Raw, Side
from syncline.core.schema import FieldType, ObjectSchema
from syncline.core.scope import KindSettings
from syncline.store.error_log import SyncError
from syncline.store.models import Action, Hold, Link, Standing
from tests.property.meaning import meaning
from tests.property.watched import Made


class JudgedSystem(Protocol):
    """What a judge sees of a system: the truth about its records, and which of them we made."""

    @property
    def types(self) -> Mapping[str, ObjectSchema]: ...
    @property
    def made(self) -> Sequence[Made]: ...
    def all(self, object_type: str) -> Mapping[str, Mapping[str, Raw]]: ...
    def values(self, object_type: str, id_: str) -> Mapping[str, Raw] | None: ...
    def hides(self, object_type: str, id_: str, name: str) -> bool: ...


class Judged(Protocol):
    """Two systems with a sync between them; see `World` for what the rest means."""

    @property
    def settings(self) -> SyncSettings: ...
    @property
    def systems(self) -> Mapping[Side, JudgedSystem]: ...
    @property
    def tells(self) -> bool: ...
    @property
    def disguised(self) -> Collection[tuple[Side, str]]: ...


def differences(world: Judged) -> list[str]:
    """What is wrong in a system that ought to be quiet; nothing if every difference has its reason."""
    found = [*_unlinked(world), *_open(), *_doubled(world)]
    for kind in world.settings.kinds:
        for link in Link.objects.filter(kind=kind.kind.value, ended_at__isnull=True):
            found += _pair(world, kind, link)
    return found


def _open() -> Iterator[str]:
    for row in Action.objects.filter(status="open"):
        yield f"action {row.pk} is still open: {row.op} {row.kind} sent {row.sent}"


def _doubled(world: Judged) -> Iterator[str]:
    """No record has two counterparts made for it, and none is made for what we made ourselves.

    A record that somebody deleted before we ever heard of it is no counterpart.
    """
    sources: Counter[tuple[str, str]] = Counter()
    made = [
        (side, m) for side, s in world.systems.items() for m in s.made if (side, m.id) not in world.disguised
    ]
    ours = {(side.value, m.id) for side, m in made}
    for side, one in made:
        row = Action.objects.filter(pk=one.action).first()
        if row is None:
            yield f"{side} {one.id} was made by no person, and no action of ours says so"
        if row is None or row.rule == "by hand":
            continue
        source = row.left_id if side is Side.RIGHT else row.right_id
        there = world.systems[side].values(one.object_type, one.id) is not None
        first = Link.objects.filter(**{f"{side}_id": one.id}).order_by("pk").first()
        if first and _same_sent(row, first):
            source = first.left_id if side is Side.RIGHT else first.right_id
        sources[side.other.value, source] += there if first is None else not _deleted(first, side, source)
        if (side.other.value, source) in ours and not _lifted(side.other, source):
            yield f"{side} {one.id} was made for {source}, which we made ourselves"
    for (side_name, source), number in sources.items():
        if number > 1:
            yield f"{number} counterparts were made for {side_name} {source}"


def _same_sent(row: Action, first: Link) -> bool:
    """Whether it was linked as what another create of the same values made, whose answer was lost as well."""
    taken = Action.objects.filter(op="create", left_id=first.left_id, right_id=first.right_id).first()
    return taken is not None and taken.sent == row.sent


def _deleted(first: Link, side: Side, source: str) -> bool:
    """Whether we deleted it, or what it was merged into, although somebody may have taken it out of the bin since."""
    later = Link.objects.filter(pk__gte=first.pk, ended_as="removed")
    return later.filter(**{f"{side.other}_id": source}).exists()


def _lifted(side: Side, remote_id: str) -> bool:
    """Its counterpart was deleted by us, so that it may get another one if it lives again."""
    return Link.objects.filter(**{f"{side}_id": remote_id}, ended_as="removed").exists()


def _unlinked(world: Judged) -> Iterator[str]:
    for kind in world.settings.kinds:
        for side, system in world.systems.items():
            for object_type in kind.object_types(side):
                for id_ in system.all(object_type):
                    yield from _standing(side, kind, object_type, id_)


def _standing(side: Side, kind: KindSettings, object_type: str, id_: str) -> Iterator[str]:
    """Every living record is linked, or stands somewhere with a reason."""
    row = Standing.objects.filter(side=side.value, object_type=object_type, remote_id=id_).first()
    mine = {f"{side}_type": object_type, f"{side}_id": id_}
    linked = Link.objects.filter(kind=kind.kind.value, ended_at__isnull=True, **mine).exists()
    if row is None:
        yield f"{side} {id_} was never decided"
    elif row.state == "pending":
        yield f"{side} {id_} is still pending: {row.rule} {row.reason}"
    elif not linked and (row.state == "in sync" or not row.reason):
        yield f"{side} {id_} is not linked and stands {row.state} for no reason"


def _pair(world: Judged, kind: KindSettings, link: Link) -> Iterator[str]:
    left = world.systems[Side.LEFT].values(link.left_type, link.left_id)
    right = world.systems[Side.RIGHT].values(link.right_type, link.right_id)
    if left is None or right is None:
        if world.tells and not _waits_to_end(link):
            yield f"{link.left_id}={link.right_id} is linked, and one of them is deleted"
        return
    pair = kind.pair(link.left_type, link.right_type)
    for field_map in pair.active if pair else ():
        here, there = left.get(field_map.left), right.get(field_map.right)
        if not _same(world, link, field_map, here, there) and not _explained(
            world, link, field_map, here, there
        ):
            yield (
                f"{link.left_id}={link.right_id} {field_map.key}: {here!r} and {there!r}, "
                f"agreement {link.agreements.get(field_map.key)}"
            )


def _waits_to_end(link: Link) -> bool:
    """One of its records is gone, and a person has to say what becomes of it; or its delete was refused."""
    pair = {"left_id": link.left_id, "right_id": link.right_id}
    held = Hold.objects.filter(**pair, key="", state="open").exists()
    return held or SyncError.objects.filter(**pair, key="", resolved_at__isnull=True).exists()


def _types(world: Judged, link: Link, field_map: FieldMap) -> tuple[FieldType, FieldType]:
    return (
        world.systems[Side.LEFT].types[link.left_type].fields[field_map.left].type,
        world.systems[Side.RIGHT].types[link.right_type].fields[field_map.right].type,
    )


def _same(world: Judged, link: Link, field_map: FieldMap, here: Raw, there: Raw) -> bool:
    kind = _types(world, link, field_map)[0]
    one, other = meaning(kind, _translated(world, link, field_map, here)), meaning(kind, there)
    if one is None or other is None:
        return one is other
    if kind is FieldType.REFERENCE:
        twins = Link.objects.filter(left_id=str(here), right_id=str(there), ended_at__isnull=True)
        return twins.exists()
    if kind is FieldType.OWNER:
        left, right = (
            world.systems[s].values("user", str(i)) for s, i in zip(Side, (here, there), strict=True)
        )
        return bool(
            left
            and right
            and meaning(FieldType.EMAIL, left["email"]) == meaning(FieldType.EMAIL, right["email"])
        )
    return one == other


def _translated(world: Judged, link: Link, field_map: FieldMap, here: Raw) -> Raw:
    """A left option as the right calls it, where options are mapped one to one."""
    described = world.systems[Side.LEFT].types[link.left_type].fields[field_map.left]
    label = next((o.label for o in described.options if o.value == here), str(here))
    return field_map.options.get(label, label) if field_map.options and here is not None else here


def _explained(world: Judged, link: Link, field_map: FieldMap, here: Raw, there: Raw) -> bool:
    pair = {
        "left_type": link.left_type,
        "left_id": link.left_id,
        "right_type": link.right_type,
        "right_id": link.right_id,
    }
    hides = world.systems[Side.LEFT].hides, world.systems[Side.RIGHT].hides
    hidden = hides[0](link.left_type, link.left_id, field_map.left) or hides[1](
        link.right_type, link.right_id, field_map.right
    )
    held = Hold.objects.filter(**pair, key=field_map.key, state="open").exists()
    refused = SyncError.objects.filter(**pair, key__in=(field_map.key, ""), resolved_at__isnull=True).exists()
    gates = any(
        not k.update_left or not k.update_right for k in world.settings.kinds if k.kind.value == link.kind
    )
    return (
        hidden
        or gates
        or held
        or refused
        or _settled(world, link, field_map, here, there)
        or _waits(world, link, field_map, here, there)
    )


def _settled(world: Judged, link: Link, field_map: FieldMap, here: Raw, there: Raw) -> bool:
    """They differ on purpose, and the reason was given for the values that are there now."""
    agreement = link.agreements.get(field_map.key)
    if not agreement or not agreement.get("s"):
        return False
    left, right = _types(world, link, field_map)
    return meaning(left, agreement["l"]) == meaning(left, here) and meaning(right, agreement["r"]) == meaning(
        right, there
    )


def _waits(world: Judged, link: Link, field_map: FieldMap, here: Raw, there: Raw) -> bool:
    """A reference to somebody who has no counterpart."""
    if _types(world, link, field_map)[0] is not FieldType.REFERENCE:
        return False
    links = Link.objects.filter(ended_at__isnull=True)
    lone_left = here and not links.filter(left_id=str(here)).exists()
    lone_right = there and not links.filter(right_id=str(there)).exists()
    return bool(lone_left or lone_right)
